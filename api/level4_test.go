package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// A limit of an issue that is missed goes up by itself, once, and from rung to rung to
// level 7, beyond which nobody is asked: it is decided there, or goes outside.
func TestMissedIssueGoesUpByItself(t *testing.T) {
	h := testkit.Open(t)
	h.As("l5").Move(ladder(h), "refer_external", fields{"referred_to": "Ports Ombudsman", "reason": "It decides on noise."}).Want(200)
	path := raised(h, nil)
	h.Clock.Forward(day + 9*time.Hour) // Monday, six o'clock
	h.Tick()
	if n := h.Tick(); n != 0 {
		t.Errorf("acted on %d clocks again", n)
	}
	before(h, path, 5)
	due(h.As("l4").Get(path).Want(200), "2026-11-23", "triage", true)
	first := chain(h, path)
	if first.Len("data") != 1 || first.Text("data.0.cause") != "breach" || first.Text("data.0.created_by.type") != "system" || first.Text("data.0.reason") != "Not done in time: Assess the issue." {
		t.Errorf("not taken up: %s", first.Body)
	}
	if got := told(h, "l5"); len(got) == 0 || got[len(got)-1] != "escalated" {
		t.Errorf("the holder is not told: %v", got)
	}
	h.As("l4").Move(path, "triage", assessment(h, "low", residents(h, "Harbour Board"))).Want(200)
	if all := chain(h, path); all.Len("data") != 1 {
		t.Errorf("what was done late still waits above, once: %s", all.Body)
	}
	for range 4 {
		h.Clock.Forward(7 * day)
		h.Tick()
	}
	before(h, path, 7)
	all := chain(h, path)
	if all.Len("data") != 3 || all.Text("data.2.to_level") != "7" {
		t.Errorf("not one chain: %s", all.Body)
	}
	top := "/escalations/" + all.Text("data.2.ref")
	h.As("l4").Post(path+"/escalations", fields{"reason": "And now?"}).Want(422).Fault("#/to_level", "out_of_range")
	blocked(h.As("l7").Move(top, "withdraw", fields{"reason": "Nobody asks any more."}), "unanswered")
	h.As("l7").Move(top, "acknowledge", nil).Want(200)
	h.As("l7").Move(top, "decide", fields{"decision": "We pay.", "decision_reason": "It was us."}).Want(200)
	h.As("l4").Move(top, "close", nil).Want(200)
	before(h, path, 4)
}

// At first contact nobody was told of a decision: the complainant says yes, silence
// says nothing.
func TestSilenceSettlesNothingAtFirstContact(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := assessedAs(h, 2, nil)
	l4.Move(path, "resolve_frontline", nil).Want(200)
	settled := merged(agreed(), groundsFound(), fields{"remedies": []fields{{"remedy": "apologise"}}})
	h.Clock.Forward(30 * day)
	for _, said := range []string{"silent", "none"} {
		no := blocked(l4.Move(path, "accept_frontline", merged(settled, fields{"complainant_answer": said})), "no_answer")
		if word := no.Text("blockers.0.detail"); strings.Contains(word, "days") || !strings.Contains(word, "propose_response") {
			t.Errorf("%s: %s", said, word)
		}
	}
	blocked(l4.Move(path, "accept_frontline", merged(settled, fields{"answered_on": nil})), "no_answer")
	l4.Move(path, "accept_frontline", settled).Want(200)
	report := h.As("l5").Get("/reports/complaints?period=2026").Want(200)
	for i := range report.Len("figures") {
		at := fmt.Sprintf("figures.%d.", i)
		switch report.Text(at + "name") {
		case "frontline_resolution":
			shows(report, at+"n", 1)
		case "upheld":
			shows(report, at+"n", 0)
			if said := report.Text(at + "formula"); !strings.Contains(said, "first contact") {
				t.Errorf("the formula is silent on what has no decision: %s", said)
			}
		}
	}
}

// An issue that belongs to a problem goes to another by a step of its own, which its
// history tells; what is hidden is not named.
func TestIssueLeavesAProblemByAStepOfItsOwn(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	ref := func(path string) string { return path[strings.LastIndex(path, "/")+1:] }
	one, two, three := raised(h, nil), raised(h, nil), raised(h, nil)
	path := shared(h, one, two)
	apart := fields{"title": "The gate", "issue_ids": []string{ref(three), ref(two)}}
	no := l4.Post("/problems", apart).Want(422).Fault("#/issue_ids/1", "conflicts_with")
	if said := no.Text("errors.0.detail"); !strings.Contains(said, ref(path)) {
		t.Errorf("it does not name the other problem: %s", said)
	}
	h.As("l6").Patch(path, fields{"sensitivity": "restricted"}).Want(200)
	no = l4.Post("/problems", apart).Want(422).Fault("#/issue_ids/1", "conflicts_with")
	if said := no.Text("errors.0.detail"); strings.Contains(said, ref(path)) {
		t.Errorf("it names a problem that is hidden: %s", said)
	}
	off := fields{"reason": "The gate brought it about."}
	shows(l4.Move(two, "unlink_problem", off).Code(403, "insufficient-level"), "because.0", "the problem that it leaves is fixed, or hidden from you")
	l4.Move(two, "link_problem", fields{"problem_id": ref(path)}).Code(403, "insufficient-level")
	h.As("l6").Patch(path, fields{"sensitivity": "internal"}).Want(200)
	l4.Move(two, "unlink_problem", off).Want(200)
	shows(l4.Get(path).Want(200), "issue_count", 1)
	other := "/problems/" + l4.Post("/problems", apart).Want(201).Text("ref")
	shows(l4.Get(other).Want(200), "issue_count", 2)
	story := l4.Get(two + "/timeline").Want(200)
	if !strings.Contains(string(story.Body), "unlink_problem") || !strings.Contains(string(story.Body), "The gate brought it about.") {
		t.Errorf("its history is silent: %s", story.Body)
	}
}

// A problem came back if an issue of its cause was raised, or entered, since it was
// fixed: a date that is written later hides nothing, and what came back is not taken
// away by whoever answers for the fix alone.
func TestRecurrenceIsNotDatedAway(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	one, old := raised(h, nil), raised(h, nil)
	l4.Move(one, "triage", assessment(h, "medium", residents(h, "Riverside Residents"))).Want(200)
	path := shared(h, one, raised(h, nil))
	into := fields{"problem_id": strings.TrimPrefix(path, "/problems/")}
	h.Clock.Forward(day)
	l4.Move(path, "diagnose", whys()).Want(200)
	action := "/corrective-actions/" + l4.Get(path+"/corrective-actions").Want(200).Text("data.0.ref")
	remedyApproved(h, action)
	l5.Move(path, "plan", nil).Want(200)
	remedyMeasured(h, action, "3")
	l5.Move(path, "fix", nil).Want(200)
	h.Clock.Forward(60 * day)
	l4.Move(old, "link_problem", into).Want(200) // it was there before the fix
	dated := raised(h, fields{"raised_at": "2026-11-01T10:00:00Z"})
	l4.Move(dated, "link_problem", into).Want(200)
	no := blocked(h.As("l5b").Move(path, "close", nil), "came_back")
	if no.Len("blockers") != 1 || "/issues/"+no.Text("blockers.0.resource.ref") != dated {
		t.Errorf("not the one that came since: %s", no.Body)
	}
	off := fields{"reason": "It was fireworks."}
	l4.Move(dated, "unlink_problem", off).Code(403, "insufficient-level")
	l4.Move(dated, "link_problem", into).Code(403, "insufficient-level")
	l5.Move(dated, "unlink_problem", off).Want(200)
	h.As("l5b").Move(path, "close", nil).Want(200)
}

// A complaint counts as repeated by complaints that are as open as itself: what becomes
// more sensitive later is not counted any more, and counted again when it is opened.
func TestRepeatsDoNotTellOfWhatBecameConfidential(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	party := residents(h, "Riverside Residents")
	first := complained(h, fields{"subject": "Unloading", "stakeholder_id": party})
	second := complained(h, fields{"subject": "Unloading", "received_at": "2026-11-21T10:00:00Z"})
	shows(l4.Get(second).Want(200), "repeat_count", 1)
	l6.Patch(first, fields{"sensitivity": "restricted", "subject": "Something else"}).Want(200)
	got := l4.Get(second).Want(200)
	shows(got, "repeat_count", 0)
	shows(got, "repeat_of_id", nil)
	if n := l4.Get("/complaints?repeat_count.gte=1").Want(200).Len("data"); n != 0 {
		t.Errorf("a filter tells of it: %d", n)
	}
	l6.Patch(first, fields{"sensitivity": "internal", "subject": "Unloading"}).Want(200)
	shows(l4.Get(second).Want(200), "repeat_count", 1)
	l6.Patch("/stakeholders/"+party, fields{"sensitivity": "restricted"}).Want(200) // and with it the complaint
	l4.Get(first).Want(404)
	shows(l4.Get(second).Want(200), "repeat_count", 0)
}

// Whom a complaint is about does not come to see a restricted one as the contact of its
// complainant, nor by standing on it; level, and being let in by name, open it all the same.
func TestWhomAComplaintIsAboutIsNotLetIn(t *testing.T) {
	h := testkit.Open(t)
	l6 := h.As("l6")
	party := h.Some("stakeholder")
	contact := func(who string) {
		made := h.As("l7").Post("/stakeholders/"+party+"/spoc-assignments", fields{"user_id": h.People[who]}).Want(201)
		h.As(who).Move("/spoc-assignments/"+made.ID(), "accept", fields{"open_items_acknowledged": true}).Want(200)
	}
	contact("l4")
	about := l6.Post("/complaints", fields{
		"title": "He shouted at her", "description": "On the quay.", "channel": "call", "stakeholder_id": party, "sensitivity": "restricted",
		"subject_user_ids": []string{h.People["l4"], h.People["l7b"]}, "assignee_id": h.People["l4b"], "owner_id": h.People["l5"],
	}).Want(201)
	path := "/complaints/" + about.ID()
	h.As("l4").Get(path).Code(404, "not-found")
	if n := h.As("l4").Get("/complaints").Want(200).Len("data"); n != 0 {
		t.Errorf("it is in the list of whom it is about: %d", n)
	}
	h.As("l4").Move(path, "acknowledge", received()).Code(404, "not-found")
	for _, who := range []string{"l4b", "l5", "l6b", "l7", "l7b"} {
		h.As(who).Get(path).Want(200)
	}
	l6.Move(path, "acknowledge", received()).Want(200)
	l6.Move(path, "assess", scored(3, fields{"severity": "medium", "category": "other", "assignee_id": h.People["l5b"], "subject_user_ids": []string{h.People["l4b"]}})).Want(200)
	h.As("l4b").Get(path).Code(404, "not-found")
	h.As("l4").Get(path).Want(200) // it is not about him any more, and he is the contact
	l6.Patch(path, fields{"access_user_ids": []string{h.People["l4b"]}}).Want(200)
	h.As("l4b").Get(path).Want(200)
}

// Whoever enters a complaint is shown the complainant's token, once, by whatever request
// it came; an answer that is repeated says where to get a fresh one.
func TestEveryEntranceShowsTheTokenOnce(t *testing.T) {
	h := testkit.Open(t)
	l4, nobody := h.As("l4"), h.As("")
	body := fields{"title": "Noise", "description": "At night.", "channel": "email", "anonymous": true}
	at := "/complaints/by-external-id/desk/7"
	if tried := l4.Patch(at+"?validate_only=true", body).Want(200); tried.Value("tracking_token") != nil || tried.Value("tracking_renew_url") != nil {
		t.Errorf("nothing was entered: %s", tried.Body)
	}
	once := l4.With("Idempotency-Key", "desk-7")
	made := once.Patch(at, body).Want(201)
	nobody.Get("/public/complaints/" + made.Text("tracking_token")).Want(200)
	if made.Header.Get("Cache-Control") != "no-store" {
		t.Error("the token may be stored on the way")
	}
	again := once.Patch(at, body).Want(201)
	if again.Value("tracking_token") != nil || !strings.HasSuffix(again.Text("tracking_renew_url"), "/complaints/"+made.ID()+"/tracking-token") {
		t.Errorf("the token is shown once, then where to get another: %s", again.Body)
	}
	fresh := l4.Post(strings.TrimPrefix(again.Text("tracking_renew_url"), "/api/v1"), nil).Want(200)
	nobody.Get("/public/complaints/" + fresh.Text("tracking_token")).Want(200)
	if changed := l4.Patch(at, fields{"unit": "Berth 4"}).Want(200); changed.Value("tracking_token") != nil || changed.Value("tracking_renew_url") != nil {
		t.Errorf("it was there before: %s", changed.Body)
	}

	operations := fields{"atomic": false, "operations": []fields{
		{"op": "create", "body": body},
		{"op": "upsert", "system": "desk", "key": "8", "body": body},
		{"op": "upsert", "system": "desk", "key": "7", "body": fields{"unit": "Berth 5"}},
		{"op": "create", "body": fields{"title": "Noise"}},
	}}
	if tried := l4.Post("/complaints/batch?validate_only=true", operations).Want(207); tried.Value("data.0.tracking_token") != nil {
		t.Errorf("nothing was entered: %s", tried.Body)
	}
	many := l4.With("Idempotency-Key", "desk").Post("/complaints/batch", operations).Want(207)
	for i, shown := range []bool{true, true, false, false} {
		token := many.Value(fmt.Sprintf("data.%d.tracking_token", i))
		if (token != nil) != shown {
			t.Errorf("operation %d: %s", i, many.Body)
		}
		if shown {
			nobody.Get("/public/complaints/" + fmt.Sprint(token)).Want(200)
		}
	}
	if many.Header.Get("Cache-Control") != "no-store" {
		t.Error("the tokens may be stored on the way")
	}
	if twice := l4.With("Idempotency-Key", "desk").Post("/complaints/batch", operations).Want(207); strings.Contains(string(twice.Body), "tracking_token") {
		t.Errorf("the tokens are shown once: %s", twice.Body)
	}
	if issue := h.As("l4").Post("/issues/batch", fields{"operations": []fields{{"op": "create", "body": fields{"title": "Noise"}}}}).Want(200); issue.Value("data.0.tracking_token") != nil {
		t.Errorf("an issue has no complainant: %s", issue.Body)
	}
}

// What a guard asks for is told as required before it refuses: of a record what it asks of
// that record, of a workflow what it asks of any.
func TestMovesTellWhatTheirGuardsAskFor(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	required := func(r *testkit.Reply, list, move string) (names []string) {
		t.Helper()
		for i := range r.Len(list) {
			at := fmt.Sprintf("%s.%d.", list, i)
			if r.Text(at+"name") != move {
				continue
			}
			for k := range r.Len(at + "fields") {
				if f := fmt.Sprintf("%sfields.%d.", at, k); r.Value(f+"required") == true {
					names = append(names, r.Text(f+"name"))
				}
			}
		}
		return names
	}
	flow := l4.Get("/meta/workflows/complaint").Want(200)
	alike(t, required(flow, "transitions", "acknowledge"), "acknowledgement")
	alike(t, required(flow, "transitions", "propose_response"), "findings", "remedies", "upheld", "cause_category")
	alike(t, required(l4.Get("/meta/workflows/problem").Want(200), "transitions", "diagnose"), "root_cause", "cause_category", "cause_method")
	moves := func(path string) *testkit.Reply { return l4.Get(path + "/transitions").Want(200) }
	known, unnamed := complained(h, nil), complained(h, fields{"anonymous": true})
	alike(t, required(moves(known), "data", "acknowledge"), "acknowledgement")
	alike(t, required(moves(unnamed), "data", "acknowledge"))
	l4.Move(known, "acknowledge", received()).Want(200)
	alike(t, required(moves(known), "data", "assess"), "category", "severity", "criteria", "conflict_of_interest")
	alike(t, required(moves(known), "data", "withdraw"), "withdrawn_on", "withdrawal_evidence")
}
