package api_test

import (
	"testing"

	"rapport/internal/testkit"
)

// remedy enters a corrective action for an issue and answers its path.
func remedy(h *testkit.House, issue string, more fields) string {
	h.T.Helper()
	body := fields{"title": "Move deliveries to 07:00", "owner_id": h.People["l5"], "verifier_id": h.People["l6"]}
	for name, value := range more {
		body[name] = value
	}
	return "/corrective-actions/" + h.As("l4").Post(issue+"/corrective-actions", body).Want(201).Text("ref")
}

// whys is a cause that was found by asking why.
func whys() fields {
	return fields{
		"cause_method": "five_whys", "root_cause": "The berth plan knows no quiet hours.", "cause_category": "planning",
		"cause_chains": []fields{{"effect": "Lorries come at night", "whys": []fields{
			{"because": "Two berths are worked on all nights.", "evidence": "Berth plan of spring"},
			{"because": "The plan knows no quiet hours.", "evidence": "Planning tool"},
		}}},
	}
}

// remedyPlan is a plan whose effect shows after ten days.
func remedyPlan(h *testkit.House) fields {
	return fields{
		"action": "Close two berths on four nights a week.", "owner_id": h.People["l5"], "due_on": "today+5d", "criterion_measure": "Lorries at night, a week",
		"criterion_operator": "at_most", "criterion_value": "4", "criterion_unit": "lorries", "data_source": "Gate counter", "window_days": 10,
	}
}

// remedyApproved takes a corrective action as far as its plan by level 4, approved by l5b.
func remedyApproved(h *testkit.House, path string) {
	h.T.Helper()
	l4 := h.As("l4")
	l4.Move(path, "analyse", whys()).Want(200)
	l4.Move(path, "plan", remedyPlan(h)).Want(200)
	h.As("l5b").Move(path, "approve", fields{"side_effects": "Ships wait at anchor."}).Want(200)
}

// remedyMeasured takes an approved one to its verdict, by l6, and answers that.
func remedyMeasured(h *testkit.House, path, value string) *testkit.Reply {
	h.T.Helper()
	l4 := h.As("l4")
	l4.Move(path, "start", nil).Want(200)
	l4.Move(path, "implement", fields{"implementation_evidence": "The plan of the quarter"}).Want(200)
	h.Clock.Forward(10 * day)
	l4.Move(path, "begin_verification", nil).Want(200)
	return h.As("l6").Move(path, "verify", fields{"measured_value": value, "measurement_evidence": "Gate counter"}).Want(200)
}

// A corrective action goes from the cause to the proof: the criterion is fixed before
// the work begins, by two people, and the number decides in the end, not a word.
func TestCorrectiveActionFromCauseToProof(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l5b, l6 := h.As("l4"), h.As("l5"), h.As("l5b"), h.As("l6")
	path := remedy(h, raised(h, nil), nil)

	blocked(l4.Move(path, "analyse", fields{"root_cause": "Bad luck", "cause_category": "unknown"}), "no_cause")
	blocked(l4.Move(path, "analyse", fields{"cause_method": "five_whys", "root_cause": "Bad luck", "cause_category": "other"}), "no_cause")
	half := with(whys(), "cause_chains", []fields{{"effect": "Lorries", "whys": []fields{{"because": "So it is."}}}})
	l4.Move(path, "analyse", half).Want(422).Fault("#/fields/cause_chains/0/whys/0/evidence", "required")
	l4.Move(path, "analyse", whys()).Want(200)
	l4.Move(path, "analyse", fields{"cause_method": "fishbone", "root_cause": "No quiet hours.", "cause_category": "planning"}).Want(200)

	l4.Move(path, "plan", fields{"action": "Something"}).Want(422).Fault("#/fields/criterion_value", "required").Fault("#/fields/data_source", "required").Fault("#/fields/window_days", "required").Fault("#/fields/criterion_measure", "required")
	l4.Move(path, "plan", with(remedyPlan(h), "criterion_value", "few")).Want(422).Fault("#/fields/criterion_value", "invalid_format")
	blocked(l4.Move(path, "plan", with(with(remedyPlan(h), "criterion_operator", "unknown"), "due_on", "2026-11-01")), "no_criterion", "due_in_past")
	l5.Move(path, "plan", remedyPlan(h)).Want(200)
	l5b.Move(path, "approve", nil).Want(422).Fault("#/fields/side_effects", "required")
	risk := fields{"side_effects": "Ships wait at anchor."}
	l4.Move(path, "approve", risk).Code(403, "insufficient-level")
	l5.Move(path, "approve", risk).Code(403, "same-person")
	l5b.Move(path, "approve", risk).Want(200)
	l5b.Patch(path, `{"criterion_value":"40"}`).Want(422).Fault("#/criterion_value", "not_allowed_in_state")
	l5b.Patch(path, `{"due_on":"2027-11-01"}`).Want(422).Fault("#/due_on", "not_allowed_in_state")

	blocked(l5.Move(path, "extend", fields{"due_on": "2026-11-01", "reason": "?"}), "due_in_past")
	l5.Move(path, "extend", fields{"due_on": "today+9d", "reason": "The tool is changed later."}).Want(200)
	l5.Move(path, "start", nil).Want(200)
	l5.Move(path, "implement", fields{"implementation_evidence": "Plan", "implemented_on": "2026-11-01"}).Want(422).Fault("#/fields/implemented_on", "conflicts_with")
	l5.Move(path, "implement", fields{"implementation_evidence": "Plan", "implemented_on": "2026-12-01"}).Want(422).Fault("#/fields/implemented_on", "not_historical")
	if got := l5.Move(path, "implement", fields{"implementation_evidence": "The plan of the quarter"}).Want(200); got.Text("window_ends_on") != "2026-12-02" {
		t.Errorf("the window is not that of the plan: %s", got.Body)
	}
	h.Clock.Forward(9 * day)
	blocked(l4.Move(path, "begin_verification", nil), "window_open")
	h.Clock.Forward(day)
	l4.Move(path, "begin_verification", nil).Want(200)
	proof := fields{"measured_value": "4.0", "measurement_evidence": "Gate counter"}
	l5.Move(path, "verify", proof).Code(403, "same-person")
	l4.Move(path, "verify", proof).Code(403, "insufficient-level")
	l6.Move(path, "verify", fields{"measured_value": "4.0", "measurement_evidence": "Gate counter", "measured_on": "2026-11-30"}).Want(422).Fault("#/fields/measured_on", "conflicts_with")
	if got := l6.Move(path, "verify", proof).Want(200); got.Text("state") != "effective" || got.Text("failures") != "0" || got.Text("verified_at") == "" {
		t.Errorf("4.0 is at most 4: %s", got.Body)
	}
}

// What misses its number counts as a failure and leads back to the cause; the old
// measurement does not stand for the new plan.
func TestIneffectiveActionLeadsBackToTheCause(t *testing.T) {
	h := testkit.Open(t)
	path := remedy(h, raised(h, nil), nil)
	remedyApproved(h, path)
	if got := remedyMeasured(h, path, "4.5"); got.Text("state") != "ineffective" || got.Text("failures") != "1" {
		t.Errorf("4.5 is more than 4: %s", got.Body)
	}
	h.As("l4").Move(path, "plan", remedyPlan(h)).Code(409, "invalid-transition")
	remedyApproved(h, path)
	if got := h.As("l4").Get(path).Want(200); got.Text("measured_value") != "" || got.Text("window_ends_on") != "" || got.Text("failures") != "1" {
		t.Errorf("the old measurement stands: %s", got.Body)
	}
	if got := remedyMeasured(h, path, "3"); got.Text("state") != "effective" || got.Text("failures") != "1" {
		t.Errorf("it held the second time: %s", got.Body)
	}
}

// The second failure takes the matter up: an issue that was closed on the strength of
// the action is open again, and stands before the next level.
func TestSecondFailureGoesToTheNextLevel(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	issue := proposed(h, "medium")
	l5.Move(issue, "accept_resolution", accepted()).Want(200)
	path := remedy(h, issue, nil)
	l4.Move(issue, "close", nil).Want(200)
	remedyApproved(h, path)
	remedyMeasured(h, path, "9")
	if got := l4.Get(issue).Want(200); got.Text("state") != "closed" || l4.Get(issue+"/escalations").Want(200).Len("data") != 0 {
		t.Errorf("one failure leads back to the cause, no further: %s", got.Body)
	}
	remedyApproved(h, path)
	remedyMeasured(h, path, "9")
	got, raised := l4.Get(issue).Want(200), l4.Get(issue+"/escalations").Want(200)
	if got.Text("state") != "in_progress" || got.Text("escalation_level") == "4" || raised.Len("data") != 1 || raised.Text("data.0.reason") != "CAP-1 missed its criterion again." {
		t.Errorf("not taken up: %s %s", got.Body, raised.Body)
	}

	late := proposed(h, "low")
	l5.Move(late, "accept_resolution", accepted()).Want(200)
	old := remedy(h, late, nil)
	l4.Move(late, "close", nil).Want(200)
	h.Clock.Forward(91 * day)
	for range 2 {
		remedyApproved(h, old)
		remedyMeasured(h, old, "9")
	}
	if got := l4.Get(late).Want(200).Text("state"); got != "closed" {
		t.Errorf("closed too long ago, and it is %s", got)
	}
	if all := told(h, "l5"); len(all) == 0 || all[len(all)-1] != "failed_again" {
		t.Errorf("who answers for it is not told: %v", all)
	}
}

// Each operator is kept to the letter.
func TestCriterionIsKeptToTheLetter(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	issue := raised(h, nil)
	for _, c := range []struct{ operator, value, measured, want string }{
		{"below", "4", "4", "ineffective"},
		{"below", "4", "3.999", "effective"},
		{"equal", "4", "4.000", "effective"},
		{"above", "-1.5", "-1.5", "ineffective"},
		{"above", "-1.5", "-1.49", "effective"},
		{"at_least", "0.1", "0.1", "effective"},
		{"at_least", "0.1", "0.09", "ineffective"},
	} {
		path := remedy(h, issue, nil)
		h.As("l4").Move(path, "analyse", whys()).Want(200)
		h.As("l4").Move(path, "plan", with(with(remedyPlan(h), "criterion_operator", c.operator), "criterion_value", c.value)).Want(200)
		h.As("l5b").Move(path, "approve", fields{"side_effects": "None."}).Want(200)
		if got := remedyMeasured(h, path, c.measured).Text("state"); got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.measured, c.operator, c.value, got, c.want)
		}
	}
}

// Where other units have to change something too, level 6 approves.
func TestCrossUnitActionTakesLevel6(t *testing.T) {
	h := testkit.Open(t)
	path := remedy(h, raised(h, nil), fields{"cross_unit": true})
	h.As("l4").Move(path, "analyse", whys()).Want(200)
	h.As("l4").Move(path, "plan", remedyPlan(h)).Want(200)
	risk := fields{"side_effects": "Ships wait at anchor."}
	if got := h.As("l5").Move(path, "approve", risk).Code(403, "insufficient-level"); got.Text("required_level") != "6" || got.Text("because.0") != "other units have to change something too" {
		t.Errorf("the refusal does not say why: %s", got.Body)
	}
	h.As("l6").Move(path, "approve", risk).Want(200)
}

// The register begins the verification by itself once the window is over, and tells
// who measures; each step before has a time limit of its own.
func TestCorrectiveActionRunsAgainstTime(t *testing.T) {
	h := testkit.Open(t) // a Sunday
	path := remedy(h, raised(h, nil), nil)
	l4 := h.As("l4")
	due := func(clock, at string) {
		t.Helper()
		if got := l4.Get(path).Want(200); got.Text("due_for") != clock || got.Text("due_at") != at {
			t.Errorf("want %s due at %s: %s %s", clock, at, got.Text("due_for"), got.Text("due_at"))
		}
	}
	due("analyse", "2026-12-11T17:00:00.000Z")
	l4.Move(path, "analyse", whys()).Want(200)
	due("plan", "2026-12-04T17:00:00.000Z")
	l4.Move(path, "plan", remedyPlan(h)).Want(200)
	due("approve", "2026-11-27T17:00:00.000Z")
	h.As("l5b").Move(path, "approve", fields{"side_effects": "Ships wait at anchor."}).Want(200)
	due("implement", "2026-11-27T17:00:00.000Z")
	l4.Move(path, "start", nil).Want(200)
	l4.Move(path, "implement", fields{"implementation_evidence": "The plan of the quarter"}).Want(200)
	due("", "")
	h.Clock.Forward(9 * day)
	h.Tick()
	if got := l4.Get(path).Want(200).Text("state"); got != "implemented" {
		t.Errorf("it is %s before the window is over", got)
	}
	h.Clock.Forward(day)
	h.Tick()
	got := l4.Get(path).Want(200)
	if got.Text("state") != "verifying" || got.Text("updated_by.type") != "system" || got.Text("breached_at") != "" {
		t.Errorf("the verification did not begin by itself: %s", got.Body)
	}
	due("verify", "2026-12-09T17:00:00.000Z")
	alike(t, told(h, "l6"), "reminded")
	if n := h.Tick(); n != 0 {
		t.Errorf("acted on %d clocks once more", n)
	}
}

// An issue is closed by a corrective action in place of a reason; if that is given
// up, the issue is open again, unless its future rests on something else too.
func TestIssueRestsOnItsCorrectiveAction(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	issue := proposed(h, "medium")
	l5.Move(issue, "accept_resolution", accepted()).Want(200)
	blocked(l4.Move(issue, "close", nil), "no_action")
	one, other := remedy(h, issue, nil), remedy(h, issue, nil)
	l4.Move(issue, "close", nil).Want(200)

	why := fields{"reason": "The berth is sold."}
	l5.Move(one, "cancel", why).Code(403, "insufficient-level")
	l6.Move(one, "cancel", nil).Want(422).Fault("#/fields/reason", "required")
	l6.Move(one, "cancel", why).Want(200)
	if got := l4.Get(issue).Want(200).Text("state"); got != "closed" {
		t.Errorf("the other action stands, and the issue is %s", got)
	}
	l6.Move(other, "cancel", why).Want(200)
	if got := l4.Get(issue).Want(200); got.Text("state") != "in_progress" || got.Text("reopened_count") != "1" {
		t.Errorf("nothing stands for the future any more: %s", got.Body)
	}
	if n := l4.Get(issue + "/corrective-actions?state=cancelled").Want(200).Len("data"); n != 2 {
		t.Errorf("want both under the issue, got %d", n)
	}

	late := proposed(h, "low")
	l5.Move(late, "accept_resolution", accepted()).Want(200)
	rest := remedy(h, late, nil)
	l5.Move(late, "close", nil).Want(200)
	h.Clock.Forward(91 * day)
	l6.Move(rest, "cancel", why).Want(200)
	if got := l4.Get(late).Want(200).Text("state"); got != "closed" {
		t.Errorf("closed too long ago, and it is %s", got)
	}
}

// A corrective action follows from something, and is as sensitive as that.
func TestCorrectiveActionFollowsFromSomething(t *testing.T) {
	h := testkit.Open(t)
	h.As("l4").Post("/corrective-actions", fields{"title": "Something"}).Want(422).Fault("#/issue_id", "required")
	h.As("l4").Post("/corrective-actions", fields{"title": "Something", "issue_id": "ISS-99"}).Want(422).Fault("#/issue_id", "reference_not_found")
	issue := h.As("l6").Post("/issues", fields{"title": "A bribe", "sensitivity": "restricted"}).Want(201)
	made := h.As("l6").Post("/corrective-actions", fields{"title": "Four eyes on orders", "issue_id": issue.ID(), "verifier_id": h.People["l4"]}).Want(201)
	if made.Text("sensitivity") != "restricted" {
		t.Errorf("less sensitive than its issue: %s", made.Body)
	}
	h.As("l5").Get("/corrective-actions/"+made.ID()).Code(404, "not-found")
	if got := h.As("l4").Get("/corrective-actions/" + made.ID()).Want(200); got.Value("issue.ref") != nil {
		t.Errorf("who verifies sees the action, not the issue: %s", got.Body)
	}
}
