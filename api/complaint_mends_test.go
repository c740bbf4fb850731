package api_test

import (
	"testing"
	"time"

	"rapport/internal/testkit"
)

// What is settled at first contact stays within the authority of whoever settles it,
// also where the complaint turned out to be more, and the senior are not settled with below.
func TestFirstContactStaysWithinItsAuthority(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	head := h.As("l7").Post("/stakeholders", fields{"name": "Head of Quay Logistics", "kind": "group", "seniority": "senior"}).Want(201).Text("ref")
	chair := h.As("l7").Post("/stakeholders", fields{"name": "Chair of the Harbour Board", "kind": "group", "seniority": "most_senior"}).Want(201).Text("ref")
	settled := merged(agreed(), groundsFound(), fields{"remedies": []fields{{"remedy": "apologise"}}})
	for who, takes := range map[string]string{head: "6", chair: "7"} {
		path := assessedAs(h, 2, fields{"stakeholder_id": who})
		l4.Move(path, "resolve_frontline", nil).Want(200)
		if low := h.As("l5").Move(path, "accept_frontline", settled).Code(403, "insufficient-level"); low.Text("required_level") != takes {
			t.Errorf("want level %s: %s", takes, low.Body)
		}
	}
	path := assessedAs(h, 2, nil)
	l4.Move(path, "resolve_frontline", nil).Want(200)
	l4.Move(path, "reassess", scored(2, fields{"systemic": true, "reason": "Every shift does so."})).Want(200)
	blocked(l4.Move(path, "accept_frontline", settled), "not_simple")
	h.As("l5").Move(path, "reassess", scored(2, fields{"systemic": false, "reason": "?"})).Code(403, "insufficient-level")
	h.As("l6").Move(path, "reassess", scored(2, fields{"systemic": false, "reason": "It was one shift."})).Want(200)
	l4.Move(path, "accept_frontline", settled).Want(200)

	paid := assessedAs(h, 3, nil)
	l4.Move(paid, "investigate", nil).Want(200)
	blocked(l4.Move(paid, "propose_response", with(answer(), "remedies", []fields{{"remedy": "replace"}})), "remedy_unvalued")
}

// A review is decided one level up by somebody else whichever way it ends, and of its
// decision the complainant is told anew.
func TestReviewIsDecidedAboveWhicheverWayItEnds(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	l4 := h.As("l4")
	no := recourse(fields{"reason": "An apology lets nobody sleep."})
	path := decided(h, nil)
	if back := l4.Move(path, "reject", no).Want(200); back.Value("told_at") != nil || back.Text("told_channel") != "unknown" {
		t.Errorf("told of a decision that is not made: %s", back.Body)
	}
	gone := with(tell(), "reason", "There is no ground.")
	if low := h.As("l5").Move(path, "close_unfounded", gone).Code(403, "insufficient-level"); low.Text("because.0") != "a decision of level 5 is reviewed" {
		t.Errorf("decided at the same level: %s", low.Body)
	}
	l4.Move(path, "propose_response", answer()).Want(200)
	blocked(h.As("l6b").Move(path, "approve", nil), "complainant_not_told")
	if told := h.As("l6b").Move(path, "approve", tell()).Want(200); told.Text("complainant_answer") != "none" {
		t.Errorf("answered before it was told: %s", told.Body)
	}
	l4.Move(path, "reject", no).Want(200)
	if low := h.As("l6").Move(path, "close_unfounded", gone).Code(403, "insufficient-level"); low.Text("because.0") != "a decision of level 6 or 7 is reviewed" || low.Text("because.1") == "null" {
		t.Errorf("decided at the same level: %s", low.Body)
	}
	l4.Move(path, "propose_response", answer()).Want(200)
	h.As("l7").Move(path, "approve", tell()).Want(200)
	l4.Move(path, "reject", no).Want(200)
	blocked(h.As("l7").Move(path, "close_unfounded", gone), "same_decider", "escalation_open")

	late := decided(h, nil)
	l4.Move(late, "reject", no).Want(200)
	h.Clock.Forward(2 * day)
	h.Tick()
	if low := h.As("l6").Move(late, "close_unfounded", gone).Code(403, "insufficient-level"); low.Text("because.1") != "the review stands before level 7" {
		t.Errorf("it stands before level 7: %s", low.Body)
	}
}

// Whoever complains was told who handles it: until then nobody needs to be named, and
// from then on it is handed over, not let go.
func TestComplaintKeepsItsOwner(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := complained(h, nil)
	l4.Patch(path, fields{"owner_id": nil}).Want(200)
	l4.Move(path, "acknowledge", with(received(), "owner_id", h.People["l4"])).Want(200)
	l4.Patch(path, fields{"owner_id": nil, "unit": "Port"}).Want(422).Fault("#/owner_id", "conflicts_with")
	l4.Patch(path, fields{"owner_id": h.People["l5"]}).Want(200)
}

// The stages of a complaint follow on each other, and no extension is without end.
func TestComplaintDatesFollowOnEachOther(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	path := complained(h, nil)
	l4.Move(path, "acknowledge", with(received(), "acknowledged_at", "2026-11-19T10:00:00Z")).Want(422).Fault("#/fields/acknowledged_at", "conflicts_with")
	path = assessedAs(h, 3, nil)
	l4.Move(path, "investigate", nil).Want(200)
	blocked(l5.Move(path, "extend", fields{"extended_until": "2029-01-08", "reason": "?", "extension_channel": "email"}), "not_later")
	l4.Move(path, "propose_response", answer()).Want(200)
	l5.Move(path, "approve", with(tell(), "told_at", "2026-11-21T10:00:00Z")).Want(422).Fault("#/fields/told_at", "conflicts_with")
	l5.Move(path, "approve", tell()).Want(200)
	l4.Move(path, "accept", merged(agreed(), fields{"answered_on": "2026-11-21", "remedy_done_on": "2026-11-20"})).Want(422).
		Fault("#/fields/answered_on", "conflicts_with").Fault("#/fields/remedy_done_on", "conflicts_with")

	action := remedy(h, raised(h, nil), nil)
	remedyApproved(h, action)
	l4.Move(action, "start", fields{"starts_on": "2026-11-01"}).Want(422).Fault("#/fields/starts_on", "conflicts_with")
	l4.Move(action, "start", nil).Want(200)
	l4.Move(action, "implement", fields{"implemented_on": "2026-11-01", "implementation_evidence": "?"}).Want(422).Fault("#/fields/implemented_on", "conflicts_with")
}

// An action on which the end of an issue rests stays, and removing one takes what
// cancelling takes.
func TestCorrectiveActionStaysWhereSomethingRestsOnIt(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	issue := proposed(h, "medium")
	h.As("l5").Move(issue, "accept_resolution", accepted()).Want(200)
	one, other := remedy(h, issue, nil), remedy(h, issue, nil)
	l4.Move(issue, "close", nil).Want(200)
	h.As("l5").Delete(one).Code(403, "insufficient-level")
	l6.Delete(one).Want(204)
	blocked(l6.Delete(other), "rests_on_it")

	path := assessedAs(h, 3, nil)
	l4.Move(path, "investigate", nil).Want(200)
	proof := "/corrective-actions/" + l4.Post(path+"/corrective-actions", fields{"title": "Tell the shift", "owner_id": h.People["l5"], "verifier_id": h.People["l6"]}).Want(201).Text("ref")
	remedyApproved(h, proof)
	remedyMeasured(h, proof, "3")
	l4.Move(path, "propose_response", answer()).Want(200)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	day := h.Clock.Now().UTC().Format("2006-01-02")
	l4.Move(path, "accept", merged(agreed(), fields{"answered_on": day, "remedy_done_on": day})).Want(200)
	blocked(l6.Delete(proof), "rests_on_it")
}

// Instructions from above bind until they are carried out, and no second escalation
// comes beside an open one; what is at an end climbs no further.
func TestEscalationsEndWithTheirMatter(t *testing.T) {
	h := testkit.Open(t)
	issue := ladder(h)
	l4, l5, l7 := h.As("l4"), h.As("l5"), h.As("l7")
	first := asked(h, issue, "l4", fields{"reason": "Who pays?"})
	l5.Move(first, "acknowledge", nil).Want(200)
	l5.Move(first, "decide", fields{"decision": "We.", "decision_reason": "It was us.", "instructions": "Pay.", "instructions_due_on": "2026-12-01"}).Want(200)
	l4.Post(issue+"/escalations", fields{"reason": "I would not pay."}).Want(422).Fault("#/issue_id", "conflicts_with")
	l4.Move(first, "close", fields{"carried_out": "Paid."}).Want(200)

	second := asked(h, issue, "l4", fields{"reason": "And the wall?"})
	l7.Delete(second).Want(204)
	third := asked(h, issue, "l4", fields{"reason": "And the wall?"})
	l7.Post(second+"/restore", nil).Code(422, "validation-failed")
	l5.Move(issue, "refer_external", fields{"referred_to": "Ports Ombudsman", "reason": "It decides on noise."}).Want(200)
	if got := l7.Get(third).Want(200); got.Text("state") != "withdrawn" {
		t.Errorf("it still waits: %s", got.Body)
	}

	path := complained(h, nil)
	climbs := asked(h, path, "l4", fields{"reason": "Who pays?"})
	l4.Move(path, "withdraw", fields{"withdrawal_evidence": "Her call."}).Want(200)
	if got := l7.Get(climbs).Want(200); got.Text("state") != "withdrawn" {
		t.Errorf("it still waits: %s", got.Body)
	}
	h.Clock.Forward(14 * day)
	h.Tick()
	if n := h.Tick(); n != 0 {
		t.Errorf("acted on %d clocks again", n)
	}
}

// A pause within a day of work moves nothing, however often; days of work do.
func TestPausesCountByTheirWorkingTime(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := assessedAs(h, 3, nil)
	l4.Move(path, "investigate", nil).Want(200)
	h.Clock.Forward(day)
	for range 2 {
		l4.Move(path, "await", fields{"question": "Which nights?", "question_channel": "email"}).Want(200)
		h.Clock.Forward(time.Hour)
		due(l4.Move(path, "resume", nil).Want(200), "2026-12-18", "respond", false)
	}
	l4.Move(path, "await", fields{"question": "Which lorries?", "question_channel": "email"}).Want(200)
	h.Clock.Forward(day)
	due(l4.Move(path, "resume", nil).Want(200), "2026-12-21", "respond", false)
}

// A corrective action whose cause is not found in time is in its owner's list and
// calendar, though nobody named a day for it yet.
func TestOverdueCorrectiveActionIsInTheWorklist(t *testing.T) {
	h := testkit.Open(t)
	path := remedy(h, raised(h, nil), nil)
	h.Clock.Forward(21 * day)
	if got := h.As("l5").Get(path).Want(200); got.Value("is_overdue") != true || got.Value("due_on") != nil {
		t.Fatalf("not overdue: %s", got.Body)
	}
	alike(t, work(h.As("l5").Get("/worklist?owner=me").Want(200), "overdue"), "CAP-1 Find the cause. It was due on 2026-12-11.")
}

// Those who decide hear of a proposed answer and of a review, and find it in their work.
func TestDecidersAreAsked(t *testing.T) {
	h := testkit.Open(t)
	answeredBy(h, "l4", answer(), nil)
	if got := told(h, "l5b"); len(got) == 0 || got[len(got)-1] != "decision_asked" {
		t.Errorf("nobody of level 5 is told: %v", got)
	}
	ladder(h)
	path := answeredBy(h, "l4", answer(), fields{"title": "Dust"})
	waits := func(who string) []string { return work(h.As(who).Get("/worklist?owner=me").Want(200), "waiting_on_me") }
	alike(t, waits("l5"), "CMP-1 You are asked to decide. Tell the complainant of the decision. It is due on 2026-12-18.", "CMP-2 You are asked to decide. Tell the complainant of the decision. It is due on 2026-12-18.")
	alike(t, waits("l6"))
	h.As("l5").Move(path, "approve", tell()).Want(200)
	h.As("l4").Move(path, "reject", recourse(fields{"reason": "An apology lets nobody sleep."})).Want(200)
	if got := told(h, "l6"); len(got) == 0 {
		t.Error("nobody one level up hears of the review")
	}
	h.As("l4").Move(path, "propose_response", answer()).Want(200)
	if got := waits("l6"); len(got) != 2 {
		t.Errorf("the review and the escalation wait for level 6: %v", got)
	}
}

// A decision that was worded for a proposal which came back does not go out with the next.
func TestReturnedProposalIsDecidedInNewWords(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	path := answeredBy(h, "l4", with(answer(), "decision", "We pay for new windows."), nil)
	if back := l5.Move(path, "return", fields{"reason": "We do not pay for windows."}).Want(200); back.Value("decision") != nil {
		t.Errorf("the decision stays: %s", back.Body)
	}
	l4.Move(path, "propose_response", answer()).Want(200)
	if out := l5.Move(path, "approve", tell()).Want(200); out.Text("decision") != "The shift was not told of the quiet nights." {
		t.Errorf("another decision than was proposed: %s", out.Body)
	}
}

// Who answers for a complaint can be another until it is closed, by the same rules as
// before it was decided; its words cannot.
func TestOwnerOfDecidedComplaintIsChanged(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := answeredBy(h, "l4", answer(), fields{"subject_user_ids": []string{h.People["l4b"]}})
	owned := func(who string) fields { return fields{"owner_id": h.People[who]} }
	l4.Patch(path, owned("l5b")).Want(200)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	h.As("none").Patch(path, owned("l6")).Code(403, "insufficient-level")
	l4.Patch(path, owned("l4b")).Want(422).Fault("#/owner_id", "conflicts_with")
	l4.Patch(path, with(owned("l6"), "title", "Another")).Want(422).Fault("#/title", "not_allowed_in_state")
	if got := l4.Patch(path, owned("l6")).Want(200); got.Text("owner_id") != h.People["l6"] {
		t.Errorf("the owner stays: %s", got.Body)
	}
	l4.Move(path, "accept", agreed()).Want(200)
	l4.Patch(path, owned("l5")).Want(422).Fault("#/owner_id", "not_allowed_in_state")
}
