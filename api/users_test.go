package api_test

import (
	"strings"
	"sync"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// person is the path of a member of the cast.
func person(h *testkit.House, handle string) string { return "/users/" + h.People[handle] }

// seat puts people on the top rung of the default ladder.
func seat(h *testkit.House, holder, deputy string) *testkit.Reply {
	h.T.Helper()
	return h.As("l7").Patch("/escalation-ladders/default", map[string]any{"rungs": []any{
		map[string]any{"level": 5, "name": "Relationship lead", "holder_id": h.People["l5b"], "respond_within": "P1D"},
		map[string]any{"level": 7, "name": "Ultimate escalation point", "holder_id": orNone(h.People[holder]), "deputy_id": orNone(h.People[deputy]), "respond_within": "P2D"},
	}})
}

func orNone(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Somebody leaves who owns a record, is a contact, a deputy and on a rung: the
// register says what has to be handed over first, and lets go when it is.
func TestUserLeavesAfterTheHandover(t *testing.T) {
	h := testkit.Open(t)
	l7, admin := h.As("l7"), h.As("admin")
	stk, senior := spocSubject(h, ""), spocSubject(h, "senior")
	contact(h, stk, "l5")
	l7.Patch("/stakeholders/"+stk, map[string]any{"owner_id": h.People["l5"], "access_user_ids": []string{h.People["l5"]}}).Want(200)
	other := contact(h, senior, "l6")
	l7.Patch(other, map[string]any{"deputy_id": h.People["l5"]}).Want(200)
	l7.Patch("/escalation-ladders/default", map[string]any{"rungs": []any{
		map[string]any{"level": 5, "name": "Relationship lead", "holder_id": h.People["l5"], "deputy_id": h.People["l5b"]},
		map[string]any{"level": 7, "name": "Ultimate escalation point", "holder_id": h.People["l7b"], "deputy_id": h.People["l7"]},
	}}).Want(200)

	refused := admin.Move(person(h, "l5"), "disable", nil).Code(409, "still-responsible")
	for _, want := range []string{
		`"escalation-ladders","field":"rungs","count":1`, `"spoc-assignments","field":"deputy_id","count":1`,
		`"spoc-assignments","field":"user_id","count":1`, `"stakeholders","field":"owner_id","count":1`,
	} {
		if !strings.Contains(string(refused.Body), want) {
			t.Errorf("%s is not told: %s", want, refused.Body)
		}
	}
	if strings.Contains(string(refused.Body), "access_user_ids") {
		t.Error("being allowed to look is no responsibility")
	}
	for i := range refused.Len("references") {
		url := refused.Text("references." + string(rune('0'+i)) + ".url")
		if n := l7.Get(strings.TrimPrefix(url, "/api/v1")).Want(200).Len("data"); n != 1 {
			t.Errorf("%s leads to %d records", url, n)
		}
	}
	offered := admin.Get(person(h, "l5") + "/transitions").Want(200)
	if offered.Text("data.0.permitted") != "false" || offered.Text("data.0.blockers.0.code") != "still_responsible" {
		t.Errorf("GET transitions does not say so: %s", offered.Body)
	}

	handOver(t, h, "l5", map[string]any{"to_id": h.People["l5b"], "reason": "Moves to another house."})
	if got := l7.Get("/stakeholders/" + stk).Want(200); got.Text("owner.id") != h.People["l5b"] {
		t.Errorf("not handed over: %s", got.Body)
	}
	if got := l7.Get("/spoc-assignments?state=active&stakeholder_id=" + stk).Want(200); got.Text("data.0.user_id") != h.People["l5b"] || got.Len("data") != 1 {
		t.Errorf("the contact was not handed over: %s", got.Body)
	}
	if got := l7.Get("/escalation-ladders/default").Want(200); got.Text("rungs.0.holder_id") != h.People["l5b"] || got.Value("rungs.0.deputy_id") != nil {
		t.Errorf("the rung was not handed over: %s", got.Body)
	}
	told := l7.Get("/stakeholders/" + stk + "/changes?limit=1").Want(200)
	if told.Text("data.0.reason") != "Moves to another house." || told.Text("data.0.cause_id") == "" {
		t.Errorf("the entry does not say why: %s", told.Body)
	}
	admin.Move(person(h, "l5"), "disable", nil).Want(200)
	h.As("l5").Get("/me").Code(401, "unauthenticated")
	admin.Move(person(h, "l5"), "enable", nil).Want(200)
	h.As("l5").Get("/me").Want(200)
}

// handOver asks for a handover, has the job done, and answers what came of it.
func handOver(t *testing.T, h *testkit.House, from string, order map[string]any) *testkit.Reply {
	t.Helper()
	h.As("l4").Post(person(h, from)+"/handovers", order).Code(403, "insufficient-scope")
	job := h.As("l7").Post(person(h, from)+"/handovers", order).Want(202)
	if h.RunJobs() != 1 {
		t.Fatal("there is no job")
	}
	if got := h.As("l7").Get("/jobs/" + job.ID()).Want(200); got.Text("state") != "succeeded" {
		t.Fatalf("the handover failed: %s", got.Body)
	}
	return h.As("l7").Get(strings.TrimPrefix(job.Text("result_url"), "/api/v1")).Want(200)
}

// What somebody keeps for themselves is no duty: it neither holds them back nor goes
// to another. What they share does.
func TestPrivateViewsStayWithTheirPerson(t *testing.T) {
	h := testkit.Open(t)
	l5, admin := h.As("l5"), h.As("admin")
	own := keep(t, l5, `{"slug":"mine","name":"Mine","collection":"groups","shared_with":"me"}`)
	admin.Move(person(h, "l5"), "disable", nil).Want(200)
	admin.Move(person(h, "l5"), "enable", nil).Want(200)

	ours := keep(t, l5, `{"slug":"ours","name":"Ours","collection":"groups","shared_with":"all"}`)
	refused := admin.Move(person(h, "l5"), "disable", nil).Code(409, "still-responsible")
	if refused.Len("references") != 1 || refused.Text("references.0.count") != "1" {
		t.Errorf("what is shared is to be handed over: %s", refused.Body)
	}
	if n := admin.Get(strings.TrimPrefix(refused.Text("references.0.url"), "/api/v1")).Want(200).Len("data"); n != 1 {
		t.Errorf("%s leads to %d views", refused.Text("references.0.url"), n)
	}
	handOver(t, h, "l5", map[string]any{"to_id": h.People["l5b"], "reason": "Moves to another house."})
	if got := h.As("l5b").Get(ours).Want(200); got.Text("owner.id") != h.People["l5b"] {
		t.Errorf("the shared view stayed: %s", got.Body)
	}
	h.As("l5b").Get(own).Code(404, "not-found")
	if got := l5.Get(own).Want(200); got.Text("owner.id") != h.People["l5"] || got.Text("version") != "1" {
		t.Errorf("the private view went: %s", got.Body)
	}
	admin.Move(person(h, "l5"), "disable", nil).Want(200)
}

// A handover keeps to the rules: a senior stakeholder gets no contact of level 5,
// and the rest moves all the same. With a contact of level 6 named, all of it does.
func TestHandoverKeepsToTheRules(t *testing.T) {
	h := testkit.Open(t)
	plain, senior := spocSubject(h, ""), spocSubject(h, "senior")
	contact(h, plain, "l6")
	kept := contact(h, senior, "l6")

	got := handOver(t, h, "l6", map[string]any{"to_id": h.People["l5"], "reason": "Retires."})
	if got.Text("data.0.moved") != "1" || got.Len("data.0.skipped") != 1 || got.Text("data.0.skipped.0.ref") != h.As("l7").Get(kept).Text("ref") {
		t.Errorf("want one moved and the senior one kept: %s", got.Body)
	}
	if told := h.As("admin").Get(person(h, "l6") + "/handovers").Want(200); told.Value("data.0.moved") != nil || told.Len("data.0.skipped") != 1 {
		t.Errorf("who is not cleared for every record is told how many there are: %s", told.Body)
	}
	for handle, steps := range map[string]string{"l7": "1", "admin": "0"} {
		job := h.As(handle).Get("/jobs?kind=handover").Want(200)
		if job.Text("data.0.progress.done") != steps || job.Text("data.0.progress.total") != steps || job.Text("data.0.progress.percent") != "100" {
			t.Errorf("%s reads as progress: %s", handle, job.Body)
		}
	}
	if h.As("l7").Get(kept).Text("state") != "active" {
		t.Error("the senior stakeholder lost its contact")
	}
	h.As("admin").Move(person(h, "l6"), "disable", nil).Code(409, "still-responsible")
	got = handOver(t, h, "l6", map[string]any{"to_id": h.People["l5"], "spoc_to_id": h.People["l6b"], "reason": "Retires."})
	if got.Text("data.0.moved") != "1" || got.Len("data.0.skipped") != 0 {
		t.Errorf("want the rest moved: %s", got.Body)
	}
	h.As("admin").Move(person(h, "l6"), "disable", nil).Want(200)
}

// A handover is tried first: nothing moves, what the asker sees of it is told, and
// what a rule would keep.
func TestHandoverIsTriedFirst(t *testing.T) {
	h := testkit.Open(t)
	plain, senior := spocSubject(h, ""), spocSubject(h, "senior")
	contact(h, plain, "l6")
	kept := h.As("l7").Get(contact(h, senior, "l6")).Text("ref")
	h.As("l7").Post("/issues", fields{"title": "Noise", "owner_id": h.People["l6"], "sensitivity": "restricted"}).Want(201)
	path, order := person(h, "l6")+"/handovers?validate_only=true", fields{"to_id": h.People["l5"], "reason": "Retires."}
	before := h.Picture()
	seen := h.As("l7").Post(path, order).Want(200)
	if seen.Text("to_id") != h.People["l5"] || seen.Len("references") != 2 || seen.Text("more") != "false" || seen.Len("skipped") != 1 || seen.Text("skipped.0.ref") != kept {
		t.Errorf("two contacts and an issue, and the senior one stays: %s", seen.Body)
	}
	less := h.As("admin").Post(path, order).Want(200)
	if less.Len("references") != 1 || less.Text("references.0.collection") != "spoc-assignments" || less.Text("references.0.count") != "2" || less.Text("more") != "true" || strings.Contains(string(less.Body), "issues") {
		t.Errorf("an admin sees the contacts, and that there is more: %s", less.Body)
	}
	h.As("l7").Post(path, fields{"to_id": h.People["l6"], "reason": "None."}).Code(422, "validation-failed").Fault("#/to_id", "conflicts_with")
	h.As("l4").Post(path, order).Code(403, "insufficient-scope")
	if h.RunJobs() != 0 || !h.SamePicture(before) {
		t.Error("a trial changed something")
	}
}

// A proposal that waits for its day goes over too; who asks wrongly is told.
func TestHandoverOfWhatIsProposed(t *testing.T) {
	h := testkit.Open(t)
	l7, stk := h.As("l7"), spocSubject(h, "")
	l7.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l5"]}).Want(201)
	path := person(h, "l5") + "/handovers"
	l7.Post(path, map[string]any{"to": "USR-1"}).Code(422, "validation-failed").Fault("#/to", "unknown_field").Fault("#/reason", "required")
	l7.Post(path, map[string]any{"to_id": h.People["l5"], "reason": "none"}).Code(422, "validation-failed").Fault("#/to_id", "conflicts_with")
	l7.Post(path, map[string]any{"to_id": "USR-99999", "reason": "none"}).Code(422, "validation-failed").Fault("#/to_id", "reference_not_found")
	once := l7.With("Idempotency-Key", "leaving")
	first, entries := once.Post(path, map[string]any{"to_id": h.People["l5b"], "reason": "Leaves."}).Want(202), h.Entries()
	if again := once.Post(path, map[string]any{"to_id": h.People["l5b"], "reason": "Leaves."}).Want(202); again.ID() != first.ID() || h.Entries() != entries {
		t.Error("the same request asked for two handovers")
	}
	once.Post(path, map[string]any{"to_id": h.People["l4"], "reason": "Leaves."}).Code(422, "idempotency-key-reused")
	h.RunJobs()
	if got := l7.Get("/spoc-assignments?state=proposed&stakeholder_id=" + stk).Want(200); got.Text("data.0.user_id") != h.People["l5b"] {
		t.Errorf("the proposal was not handed over: %s", got.Body)
	}
	h.As("admin").Move(person(h, "l5"), "disable", nil).Want(200)
}

// Nobody disables themself, and nobody goes who is the last place to go to.
func TestLastEscalationPointStays(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	l7.Move(person(h, "l7"), "disable", nil).Code(403, "same-person")

	seat(h, "l7b", "").Want(200)
	l7.Move(person(h, "l7b"), "disable", nil).Code(409, "last-escalation-point")
	l7.Patch(person(h, "l7b"), map[string]any{"rlmt_level": 6}).Code(409, "last-escalation-point")
	seat(h, "l7", "").Want(200)
	l7.Move(person(h, "l7b"), "disable", nil).Want(200)
	l7.Patch(person(h, "l7"), map[string]any{"rlmt_level": 6}).Code(403, "same-person")
	h.As("admin").Move(person(h, "l7"), "disable", nil).Code(409, "last-escalation-point")
}

// The last two of level 7 disable each other, and lower each other, in the same
// moment: one of them stays.
func TestTwoLastOnesAtOnce(t *testing.T) {
	for _, how := range []string{"disable", "lower"} {
		t.Run(how, func(t *testing.T) {
			h := testkit.Open(t)
			h.Quick = true
			ask := func(by, at string) {
				if how == "disable" {
					h.As(by).Move(person(h, at), "disable", nil)
					return
				}
				h.As(by).Patch(person(h, at), map[string]any{"rlmt_level": 6})
			}
			for range 10 {
				var both sync.WaitGroup
				both.Go(func() { ask("l7", "l7b") })
				both.Go(func() { ask("l7b", "l7") })
				both.Wait()
				left := h.As("l4").Get("/users?state=active&rlmt_level=7").Want(200).Len("data")
				if left != 1 {
					t.Fatalf("%d persons of level 7 are left", left)
				}
				survivor, gone := "l7", "l7b"
				if h.As("l4").Get(person(h, "l7")+"?").Text("state") == "disabled" || h.As("l4").Get(person(h, "l7")).Text("rlmt_level") == "6" {
					survivor, gone = "l7b", "l7"
				}
				if how == "disable" {
					h.As(survivor).Move(person(h, gone), "enable", nil).Want(200)
				} else {
					h.As(survivor).Patch(person(h, gone), map[string]any{"rlmt_level": 7}).Want(200)
				}
			}
		})
	}
}

// One level 7 is lowered while they raise somebody: after the answer to the
// lowering nobody is raised by them.
func TestNobodyIsRaisedByWhoWasLowered(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	for range 10 {
		var both sync.WaitGroup
		var lowered, raised, late *testkit.Reply
		both.Go(func() {
			lowered = h.As("l7").Patch(person(h, "l7b"), map[string]any{"rlmt_level": 6})
			late = h.As("l7b").Patch(person(h, "l5"), map[string]any{"rlmt_level": 6})
		})
		both.Go(func() { raised = h.As("l7b").Patch(person(h, "l4"), map[string]any{"rlmt_level": 5}) })
		both.Wait()
		if lowered.Status != 200 || raised.Status != 200 && raised.Status != 403 || late.Status != 403 {
			t.Fatalf("lowered %d, raised %d, raised afterwards %d", lowered.Status, raised.Status, late.Status)
		}
		h.As("l7").Patch(person(h, "l7b"), map[string]any{"rlmt_level": 7}).Want(200)
		h.As("l7").Patch(person(h, "l4"), map[string]any{"rlmt_level": 4}).Want(200)
	}
}

// Levels are facts that level 7 records, never for oneself, and nothing on the
// network makes the first one.
func TestLevelsAreRecordedByLevelSeven(t *testing.T) {
	h := testkit.Open(t)
	h.As("admin").Patch(person(h, "l4"), map[string]any{"rlmt_level": 5}).Code(403, "insufficient-level")
	h.As("admin").Patch(person(h, "admin"), map[string]any{"rlmt_level": 7}).Code(403, "insufficient-level")
	h.As("admin").Post("/users", map[string]any{"name": "Ana Pop", "handle": "ana", "rlmt_level": 4}).Code(403, "insufficient-level")
	h.As("l6").Patch(person(h, "l4"), map[string]any{"rlmt_level": 5}).Code(403, "insufficient-scope")
	for _, level := range []any{6, nil} { // nor does anybody lower their own
		h.As("l7").Patch(person(h, "l7"), map[string]any{"rlmt_level": level}).Code(403, "same-person")
	}
	for name, value := range map[string]any{"rlmt_framework": "sfia_9", "rlmt_evidence": "Led the quay talks.", "rlmt_assessed_on": "2026-11-01", "rlmt_review_on": "2029-11-01"} {
		h.As("l7").Patch(person(h, "l7"), map[string]any{name: value}).Code(403, "same-person")
		h.As("admin").Patch(person(h, "l4"), map[string]any{name: value}).Code(403, "insufficient-level")
	}
	h.As("l7").Patch(person(h, "l7"), map[string]any{"job_title": "Head of Relations", "rlmt_level": 7}).Want(200)
	h.As("l7b").Patch(person(h, "l4"), map[string]any{"rlmt_level": 5, "rlmt_framework": "sfia_9", "rlmt_evidence": "Led the quay talks."}).Want(200)
	for _, path := range []string{"/setup", "/bootstrap", "/install"} {
		h.As("").Post("/api/v1"+path, `{"level":7}`).Want(401)
		h.As("l7").Post(path, `{"level":7}`).Code(404, "not-found")
	}
	h.As("l7").Post("/users/first", `{"level":7}`).Code(405, "method-not-allowed")
}

// The refusal to let somebody go counts and lists what the caller sees; that more
// is left it says, and not how much nor where.
func TestUserStillAnswersForWhatTheCallerDoesNotSee(t *testing.T) {
	h := testkit.Open(t)
	own := fields{"title": "Noise at night", "owner_id": h.People["l6"]}
	h.As("l6").Post("/issues", own).Want(201)
	hidden := h.As("l6").Post("/issues", with(own, "sensitivity", "restricted")).Want(201)
	refused := h.As("admin").Move(person(h, "l6"), "disable", nil).Code(409, "still-responsible")
	if refused.Len("references") != 1 || refused.Text("references.0.count") != "1" || !strings.Contains(refused.Text("detail"), "more than you may see") {
		t.Errorf("one is seen, and that there is more: %s", refused.Body)
	}
	if all := h.As("l7").Move(person(h, "l6"), "disable", nil).Code(409, "still-responsible"); all.Text("references.0.count") != "2" || strings.Contains(all.Text("detail"), "more") {
		t.Errorf("level 7 sees both: %s", all.Body)
	}
	h.As("l7").Delete("/issues/" + h.As("l7").Get("/issues?sensitivity=internal").Text("data.0.ref")).Want(204)
	refused = h.As("admin").Move(person(h, "l6"), "disable", nil).Code(409, "still-responsible")
	if refused.Len("references") != 0 || !strings.Contains(refused.Text("detail"), "more than you may see") || strings.Contains(string(refused.Body), hidden.ID()) {
		t.Errorf("nothing of the hidden one is told: %s", refused.Body)
	}
	if got := h.As("admin").Get(person(h, "l6") + "/transitions").Want(200); !strings.Contains(got.Text("data.0.blockers.0.detail"), "more than you may see") {
		t.Errorf("GET transitions does not say so: %s", got.Body)
	}
}

// Whoever reads picks people by name; their addresses are for level 4 and above,
// also by way of filters, sorting and history.
func TestPeoplePicker(t *testing.T) {
	h := testkit.Open(t)
	h.As("l7").Patch(person(h, "l5"), map[string]any{"name": "Zoë Ångström", "email": "zoe@example.org"}).Want(200)
	viewer := h.Enlist("viewer", "none", "none", "viewer")
	for _, query := range []string{"?q=zoe", "?q=angs", "?name.starts=zo%C3%AB", "?q=l5"} {
		got := viewer.Get("/users" + query).Want(200)
		if got.Len("data") < 1 || got.Text("data.0.rlmt_level") != "5" || got.Value("data.0.email") != nil {
			t.Errorf("%s: %s", query, got.Body)
		}
	}
	if got := h.As("l4").Get("/users?email=zoe@example.org").Want(200); got.Text("data.0.email") != "zoe@example.org" {
		t.Errorf("level 4 does not see the address: %s", got.Body)
	}
	for _, who := range []*testkit.Client{viewer, h.As("service")} {
		for _, query := range []string{"?email=zoe@example.org", "?email.starts=zo", "?email.null=false", "?rlmt_evidence.null=true"} {
			who.Get("/users"+query).Code(400, "unknown-parameter")
		}
		who.Get("/users?sort=email").Code(400, "invalid-parameter")
		who.Get("/stakeholders?owner.email=zoe@example.org").Code(400, "unknown-parameter")
		if n := who.Get("/users?q=zoe@example.org").Want(200).Len("data"); n != 0 {
			t.Error("the search finds people by their address")
		}
		if got := who.Get(person(h, "l5") + "/changes").Want(200); strings.Contains(string(got.Body), "zoe@example.org") {
			t.Error("the history tells the address")
		}
	}
	narrow := h.Enlist("narrow", "none", "none", "stakeholders:read")
	narrow.Get("/users?q=zoe").Code(403, "insufficient-scope")
}

// A person whom records name is not removed, and neither is the last of level 7.
func TestUserIsNotRemovedFromUnderRecords(t *testing.T) {
	h := testkit.Open(t)
	made := h.Make(register.Users, nil)
	h.As("admin").Delete("/users/" + made.ID()).Want(204)
	h.As("admin").Delete(person(h, "l7")).Code(409, "still-referenced")
}
