package api_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Somebody of level 4 asks what level 7 might do with a stakeholder: what stands in
// the way is told, and what is hidden from the asker stays hidden.
func TestSimulationShowsNoMoreThanTheAskerSees(t *testing.T) {
	h := testkit.Open(t)
	stk := spocSubject(h, "")
	h.Force(register.Stakeholders, stk, "active")
	issue := h.As("l6").Post("/issues", fields{"title": "Told in confidence", "stakeholder_id": stk, "sensitivity": "restricted"}).Want(201)
	for _, who := range []fields{{"level": 7}, {"level": 6}, {"user_id": h.People["l7"]}} {
		asked := fields{"action": "stakeholder.archive", "record": stk}
		for name, value := range who {
			asked[name] = value
		}
		got := h.As("l4").Post("/authority/simulate", asked).Want(200)
		if strings.Contains(string(got.Body), issue.ID()) || strings.Contains(string(got.Body), issue.Text("ref")) {
			t.Errorf("%v: the hidden issue is named: %s", who, got.Body)
		}
		if got.Text("blockers.0.code") != "still_open" || !strings.Contains(got.Text("blockers.0.detail"), "level 6") {
			t.Errorf("%v: it is not told that something hidden stands in the way: %s", who, got.Body)
		}
		if seen := h.As("l6").Post("/authority/simulate", asked).Want(200); seen.Text("blockers.0.resource.ref") != issue.Text("ref") {
			t.Errorf("%v: who sees it is not told: %s", who, seen.Body)
		}
	}
}

// People ask about themselves as they do elsewhere: me.
func TestSimulationKnowsMe(t *testing.T) {
	h := testkit.Open(t)
	got := h.As("l5").Post("/authority/simulate", fields{"user_id": "me", "action": "stakeholder.qualify"}).Want(200)
	if got.Text("level") != "5" || got.Text("permitted") != "true" {
		t.Errorf("me is level 5: %s", got.Body)
	}
	h.As("service").Post("/authority/simulate", fields{"user_id": "me", "action": "stakeholder.qualify"}).
		Code(422, "validation-failed").Fault("#/user_id", "reference_not_found")
}

// The residents dissolve: with the relation end the contact and the proposals that
// nobody accepted yet, so that nobody becomes the contact of what is archived.
func TestArchivingWithdrawsContactsToCome(t *testing.T) {
	h := testkit.Open(t)
	l5, stk := h.As("l5"), spocSubject(h, "")
	group := l5.Post("/groups", fields{"name": "Residents of the quay"}).Want(201).ID()
	h.Force(register.Stakeholders, stk, "active")
	for about, archive := range map[string]string{"stakeholder_id": "/stakeholders/" + stk, "group_id": "/groups/" + group} {
		whose := map[string]string{"stakeholder_id": stk, "group_id": group}[about]
		propose := func(handle string, more fields) string {
			body := fields{about: whose, "user_id": h.People[handle]}
			for name, value := range more {
				body[name] = value
			}
			return "/spoc-assignments/" + l5.Post("/spoc-assignments", body).Want(201).ID()
		}
		running, later, open := propose("l5", nil), propose("l6", fields{"from_on": "today+9d"}), propose("l5b", nil)
		h.As("l5").Move(running, "accept", acknowledged).Want(200)
		h.As("l6").Move(later, "accept", acknowledged).Want(200)
		l5.Move(archive, "archive", reasonFor(about)).Want(200)
		for path, state := range map[string]string{running: "ended", later: "withdrawn", open: "withdrawn"} {
			if got := h.As("l7").Get(path).Want(200); got.Text("state") != state {
				t.Errorf("%s of what was archived is %s, not %s", about, got.Text("state"), state)
			}
		}
	}
}

// reasonFor is the reason that archiving takes, where it takes one.
func reasonFor(about string) fields {
	if about == "group_id" {
		return fields{"reason": "It dissolved."}
	}
	return nil
}

// What was proposed, or accepted, before it was archived elsewhere does not come to hold.
func TestNobodyBecomesContactOfWhatIsArchived(t *testing.T) {
	h := testkit.Open(t)
	stk := spocSubject(h, "")
	made := h.As("l5").Post("/spoc-assignments", fields{"stakeholder_id": stk, "user_id": h.People["l5"]}).Want(201)
	path := "/spoc-assignments/" + made.ID()
	h.Force(register.Stakeholders, stk, "archived")
	if got := h.As("l5").Move(path, "accept", acknowledged).Code(409, "transition-blocked"); got.Text("blockers.0.code") != "subject_archived" {
		t.Errorf("blocked by something else: %s", got.Body)
	}
	h.Force(register.SpocAssignments, made.ID(), "accepted")
	if got := h.As("l5").Move(path, "activate", nil).Code(409, "transition-blocked"); got.Text("blockers.0.code") != "subject_archived" {
		t.Errorf("blocked by something else: %s", got.Body)
	}
	h.As("l5").Move(path, "withdraw", fields{"reason": "They dissolved."}).Want(200)
}

// The holder of the ultimate escalation point hands over to somebody of level 5:
// that is refused at once, and nothing moves, until a successor stands on the top rung.
func TestHandoverAsksForASuccessorOnTheTopRung(t *testing.T) {
	h := testkit.Open(t)
	seat(h, "l7b", "").Want(200)
	order := fields{"to_id": h.People["l5"], "reason": "Retires."}
	path := person(h, "l7b") + "/handovers"
	h.As("l7").Post(path, order).Code(409, "last-escalation-point")
	h.As("admin").Post(path+"?validate_only=true", order).Code(409, "last-escalation-point")
	seat(h, "l7", "").Want(200)
	h.As("l7").Post(path, order).Want(202)
}

// pointers are the places at fault, as they are told.
func pointers(r *testkit.Reply) (all []string) {
	for i := range r.Len("errors") {
		all = append(all, r.Text("errors."+strconv.Itoa(i)+".pointer"))
	}
	return all
}

// A newcomer leaves out and mistakes several things: all is told at once, the rules
// across fields too, in the order of what was sent.
func TestAllFaultsAreToldAtOnceInTheirOrder(t *testing.T) {
	h := testkit.Open(t)
	stk := spocSubject(h, "")
	for _, c := range []struct {
		path, body string
		want       []string
	}{
		{"/stakeholders", `{"kind":"individual"}`, []string{"#/name", "#/lawful_basis"}},
		{
			"/stakeholders", `{"owner_id":"STK-1","verify_every_days":-3,"seniority":"x","name":"Riverside","kind":"group","colour":1}`,
			[]string{"#/owner_id", "#/verify_every_days", "#/seniority", "#/colour"},
		},
		{
			"/interactions", `{"summary":"","occurred_at":"now+3d","duration_minutes":-5,"direction":"in","stakeholder_ids":["` + stk + `"]}`,
			[]string{"#/summary", "#/occurred_at", "#/duration_minutes", "#/direction", "#/channel"},
		},
		{"/stakeholders/" + stk + "/assessments", `{"interest":9,"stakeholder_id":"STK-77","power":6}`, []string{"#/interest", "#/stakeholder_id", "#/power"}},
		{"/stakeholders/" + stk + "/assessments", `{"power":"high"}`, []string{"#/power"}}, // and not that nothing was given
		{"/stakeholders", `{"name":"Quay","duplicate_reason":5,"kind":"group"}`, []string{"#/duplicate_reason"}},
	} {
		got := h.As("l4").Post(c.path, c.body).Code(422, "validation-failed")
		if have := pointers(got); !slices.Equal(have, c.want) {
			t.Errorf("POST %s %s: faults at %v, want %v", c.path, c.body, have, c.want)
		}
	}
	path := "/stakeholders/" + stk
	got := h.As("l4").Patch(path, `{"verified_on":"today+2d","kind":"crowd"}`).Code(422, "validation-failed")
	if have := pointers(got); !slices.Equal(have, []string{"#/verified_on", "#/kind"}) {
		t.Errorf("PATCH: faults at %v", have)
	}
	got = h.As("l4").Post(path+"/transitions", `{"transition":"verify","fields":{"verified_on":"today+2d","colour":1}}`).Code(422, "validation-failed")
	if have := pointers(got); !slices.Equal(have, []string{"#/fields/verified_on", "#/fields/colour"}) {
		t.Errorf("verify: faults at %v", have)
	}
}

// What a rule across fields knows of a record that the caller may not see is not told
// with the fault of naming it.
func TestRulesAreNotAskedAboutHiddenRecords(t *testing.T) {
	h := testkit.Open(t)
	stk := spocSubject(h, "most_senior")
	h.As("l7").Patch("/stakeholders/"+stk, fields{"sensitivity": "restricted"}).Want(200)
	got := h.As("l5").Post("/spoc-assignments", fields{"stakeholder_id": stk, "user_id": h.People["l5"], "deputy_id": h.People["l5"], "note": 5}).Code(422, "validation-failed")
	if have := pointers(got); !slices.Contains(have, "#/stakeholder_id") || strings.Contains(string(got.Body), "senior") {
		t.Errorf("it tells of the hidden one: %s", got.Body)
	}
}

// Who reads a part of a record has a weak tag, which no change is matched by: the
// refusal says so, and what tag would do, instead of that somebody changed the record.
func TestWeakTagsAreExplained(t *testing.T) {
	h := testkit.Open(t)
	path := "/stakeholders/" + spocSubject(h, "")
	part := h.As("l4").Get(path + "?fields=name").Want(200)
	got := h.As("l4").With("If-Match", part.Header.Get("ETag")).Patch(path, fields{"description": "By the quay"}).Code(412, "precondition-failed")
	if !strings.Contains(got.Text("detail"), "weak") || got.Text("current_etag") != `"1"` || got.Len("changed_fields") != 0 {
		t.Errorf("not explained: %s", got.Body)
	}
	h.As("l4").With("If-Match", got.Text("current_etag")).Patch(path, fields{"description": "By the quay"}).Want(200)
}

// A second group of a name, and a second membership, are refused with the one there
// is, for those who see it.
func TestDuplicatesAreNamed(t *testing.T) {
	h := testkit.Open(t)
	l4, stk := h.As("l4"), spocSubject(h, "")
	group := l4.Post("/groups", fields{"name": "Neighbours"}).Want(201)
	got := l4.Post("/groups", fields{"name": "NEIGHBOURS"}).Code(409, "duplicate")
	if got.Text("candidates.0.ref") != group.Text("ref") || got.Text("candidates.0.matched_on.0") != "name" {
		t.Errorf("the other group is not named: %s", got.Body)
	}
	members := "/groups/" + group.ID() + "/memberships"
	first := l4.Post(members, fields{"stakeholder_id": stk}).Want(201)
	if got := l4.Post(members, fields{"stakeholder_id": stk}).Code(409, "duplicate"); got.Text("candidates.0.ref") != first.Text("ref") {
		t.Errorf("the membership is not named: %s", got.Body)
	}
	h.As("l6").Patch("/memberships/"+first.ID(), fields{"sensitivity": "restricted"}).Want(200)
	if got := l4.Post(members, fields{"stakeholder_id": stk}).Code(409, "duplicate"); got.Len("candidates") != 0 {
		t.Errorf("a hidden membership is named: %s", got.Body)
	}
}

// What is no country is told in words, and a transition that is no text once.
func TestFaultsAreWorded(t *testing.T) {
	h := testkit.Open(t)
	got := h.As("l4").Post("/stakeholders", `{"name":"Quay","kind":"group","country":"Britain"}`).Code(422, "validation-failed")
	if !strings.Contains(got.Text("errors.0.detail"), "two letters") {
		t.Errorf("not worded: %s", got.Body)
	}
	got = h.As("l4").Post("/stakeholders/"+spocSubject(h, "")+"/transitions", `{"transition":5}`).Code(422, "validation-failed").Fault("#/transition", "invalid_type")
	if got.Len("errors") != 1 {
		t.Errorf("one fault is told twice: %s", got.Body)
	}
}
