package api_test

import (
	"testing"

	"rapport/internal/testkit"
)

// decided is a complaint whose decision was told.
func decided(h *testkit.House, more fields) string {
	h.T.Helper()
	path := answeredBy(h, "l4", answer(), more)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	return path
}

// A serious complaint, and one whose cause comes back, is closed once a corrective
// action for it was verified, whether its complainant is content or not.
func TestComplaintIsClosedOnceItsCauseIsRemoved(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	over := recourse(fields{"options_exhausted": "Two reviews."})
	serious := decided(h, fields{"severity": "high"})
	blocked(l4.Move(serious, "accept", agreed()), "no_corrective_action")
	blocked(l6.Move(serious, "close_rejected", over), "no_corrective_action")
	action := l4.Post(serious+"/corrective-actions", fields{"title": "Tell the shift of quiet nights", "owner_id": "me"}).Want(201)
	still := blocked(l4.Move(serious, "accept", agreed()), "open_corrective_action")
	if still.Text("blockers.0.resource.ref") != action.Text("ref") {
		t.Errorf("the blocker names the action: %s", still.Body)
	}
	blocked(l6.Move(serious, "close_rejected", over), "open_corrective_action")
	l6.Move("/corrective-actions/"+action.Text("id"), "cancel", fields{"reason": "Another one does."}).Want(200)
	blocked(l4.Move(serious, "accept", agreed()), "no_corrective_action")

	decided(h, nil)
	again := decided(h, nil)
	blocked(l4.Move(again, "accept", agreed()), "no_corrective_action")
	h.As("l7").Patch("/settings/complaint_cause_repeats", fields{"value": "4"}).Want(200)
	l4.Move(again, "accept", agreed()).Want(200)
	l4.Post("/corrective-actions", fields{"title": "?", "complaint_id": again[len("/complaints/"):], "issue_id": raised(h, nil)[len("/issues/"):]}).Want(422).Fault("#/complaint_id", "conflicts_with")
}

// A complaint that stands before a higher level is not closed until that was decided.
func TestComplaintIsEscalated(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	accept, frontline := decided(h, nil), assessedAs(h, 2, nil)
	l4.Move(frontline, "resolve_frontline", nil).Want(200)
	unfounded := assessedAs(h, 3, nil)
	for _, path := range []string{accept, frontline, unfounded} {
		if got := l4.Get(asked(h, path, "l4", fields{"to_level": 5, "reason": "No reply in 5 days"})).Want(200); got.Text("subject_type") != "complaint" {
			t.Errorf("what is escalated: %s", got.Body)
		}
		before(h, path, 5)
	}
	l4.Post(accept+"/escalations", fields{"to_level": 7, "reason": "Regulator called"}).Code(422, "validation-failed").Fault("#/override", "required")
	blocked(l4.Move(accept, "accept", agreed()), "escalation_open")
	blocked(l6.Move(accept, "close_rejected", recourse(fields{"options_exhausted": "All."})), "escalation_open")
	blocked(l4.Move(frontline, "accept_frontline", merged(agreed(), fields{"remedies": []fields{{"remedy": "refund"}}})), "escalation_open")
	blocked(l5.Move(unfounded, "close_unfounded", merged(tell(), fields{"reason": "?"})), "escalation_open")
	if found := l4.Get("/complaints?escalation_level.gte=5&state.nin=closed_accepted&sort=-escalation_level").Want(200); found.Len("data") != 3 {
		t.Errorf("want 3: %s", found.Body)
	}
}

// A corrective action that fails twice takes its complaint to the next level.
func TestComplaintClimbsWhenItsActionFailsAgain(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	path := decided(h, fields{"severity": "high"})
	action := remedy(h, path, nil)
	for range 2 {
		remedyApproved(h, action)
		remedyMeasured(h, action, "9")
	}
	before(h, path, 5)
}
