package api_test

import (
	"testing"

	"rapport/internal/testkit"
)

// A follow-up is entered, done with an outcome, and taken up again.
func TestFollowUpFromOpenToCompletedAndBack(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party := residents(h, "Riverside Residents")
	h.As("none").Post("/follow-ups", fields{"title": "Write", "due_on": "today"}).Code(403, "insufficient-level")
	l4.Post("/follow-ups", fields{"title": "Write"}).Want(422).Fault("#/due_on", "required")
	made := l4.Post("/follow-ups", fields{"title": "Write to them", "due_on": "today+3d", "stakeholder_id": party}).Want(201)
	path := "/follow-ups/" + made.Text("ref")
	if made.Text("owner.name") != "Person l4" || made.Text("due_on") != "2026-11-25" {
		t.Errorf("whoever writes it down does it: %s", made.Body)
	}
	l4.Patch(path, `{"outcome":"done"}`).Want(422).Fault("#/outcome", "not_allowed_in_state")
	l4.Patch(path, `{"due_on":"2026-11-27"}`).Want(200)
	l4.Move(path, "complete", nil).Want(422).Fault("#/fields/outcome", "required")
	if done := l4.Move(path, "complete", fields{"outcome": "They have the report."}).Want(200); done.Text("ended_at") == "" {
		t.Errorf("not ended: %s", done.Body)
	}
	l4.Patch(path, `{"title":"late"}`).Want(422).Fault("#/title", "not_allowed_in_state")
	back := l4.Move(path, "reopen", fields{"reason": "A page was missing."}).Want(200)
	if back.Text("state") != "open" || back.Text("ended_at") != "" || back.Text("outcome") != "" {
		t.Errorf("not open again: %s", back.Body)
	}
	if n := l4.Get("/follow-ups?owner_id=me&state=open&sort=due_on").Want(200).Len("data"); n != 1 {
		t.Errorf("want one step of mine, got %d", n)
	}
}

// Dropping a follow-up takes level 5 and a reason.
func TestFollowUpCancelled(t *testing.T) {
	h := testkit.Open(t)
	path := "/follow-ups/" + h.As("l4").Post("/follow-ups", fields{"title": "Write to them", "due_on": "today"}).Want(201).Text("ref")
	h.As("l4").Move(path, "cancel", fields{"reason": "They moved away."}).Code(403, "insufficient-level")
	h.As("l5").Move(path, "cancel", nil).Want(422).Fault("#/fields/reason", "required")
	h.As("l5").Move(path, "cancel", fields{"reason": "They moved away."}).Want(200)
	h.As("l4").Move(path, "reopen", fields{"reason": "They came back."}).Want(200)
}
