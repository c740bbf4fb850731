package api_test

import (
	"testing"

	"rapport/internal/testkit"
)

// Level 7 raises what it takes to reject a prospect; the next request meets the
// new level, the simulation says the same, and the entry tells who did it.
func TestAuthorityTableActsAtOnce(t *testing.T) {
	h := testkit.Open(t)
	l7, l5 := h.As("l7"), h.As("l5")
	stk := spocSubject(h, "")
	path := "/stakeholders/" + stk
	ask := func(level int) *testkit.Reply {
		return h.As("none").Post("/authority/simulate", map[string]any{"level": level, "action": "stakeholder.reject", "record": nil}).Want(200)
	}
	if got := ask(5); got.Text("permitted") != "true" || got.Text("required_level") != "4" {
		t.Errorf("before: %s", got.Body)
	}
	rule := "/authority-rules/stakeholder.reject"
	for _, who := range []string{"l4", "l6"} {
		h.As(who).Patch(rule, map[string]any{"level": 6}).Code(403, "insufficient-scope")
	}
	h.Enlist("six", "l6", "none", "manager", "admin").Patch(rule, map[string]any{"level": 6}).Code(403, "insufficient-level")
	h.As("admin").Patch(rule, map[string]any{"level": 6}).Code(403, "insufficient-level")
	l7.Patch(rule, map[string]any{"level": 3}).Code(422, "validation-failed").Fault("#/level", "not_in_enum")
	l7.Patch(rule, map[string]any{"level": 6, "note": "Rejecting is deciding."}).Want(200)

	got := l5.Move(path, "reject", map[string]any{"reason": "no stakeholder"}).Code(403, "insufficient-level")
	if got.Text("required_level") != "6" || got.Text("escalate_to.level") != "6" {
		t.Errorf("the refusal does not tell the new level: %s", got.Body)
	}
	offered := l5.Get(path + "/transitions").Want(200)
	for i := range offered.Len("data") {
		at := "data." + string(rune('0'+i))
		if offered.Text(at+".name") == "reject" && (offered.Text(at+".required_level") != "6" || offered.Text(at+".permitted") != "false") {
			t.Errorf("GET transitions does not tell the new level: %s", offered.Body)
		}
	}
	if got := ask(5); got.Text("permitted") != "false" || got.Text("required_level") != "6" {
		t.Errorf("after: %s", got.Body)
	}
	person := h.As("none").Post("/authority/simulate", map[string]any{"user_id": h.People["l6"], "action": "stakeholder.reject", "record": stk}).Want(200)
	if person.Text("permitted") != "true" || person.Text("level") != "6" {
		t.Errorf("of a person and a record: %s", person.Body)
	}
	governs := h.As("none").Post("/authority/simulate", map[string]any{"level": 4, "action": "user.update"}).Want(200)
	if governs.Text("required_level") != "7" || governs.Text("escalate_to.level") != "7" {
		t.Errorf("of what belongs to the platform: %s", governs.Body)
	}
	told := l7.Get(rule + "/changes?limit=1").Want(200)
	if told.Text("data.0.actor.id") != h.People["l7"] {
		t.Errorf("nobody changed it: %s", told.Body)
	}
	l7.Patch(rule, map[string]any{"level": nil}).Want(200)
	l5.Move(path, "reject", map[string]any{"reason": "no stakeholder"}).Want(200)
	l7.Post("/authority-rules", map[string]any{"level": 4}).Code(405, "method-not-allowed")
}

// A raise has a row of its own: what it takes to propose a senior stakeholder's
// contact is changed apart from what it takes for others.
func TestAuthorityTableHoldsRaises(t *testing.T) {
	h := testkit.Open(t)
	senior := spocSubject(h, "senior")
	propose := func(who string) *testkit.Reply {
		return h.As(who).Post("/spoc-assignments", map[string]any{"stakeholder_id": senior, "user_id": h.People["l6"]})
	}
	got := propose("l5").Code(403, "insufficient-level")
	if got.Text("required_level") != "6" || got.Text("because.0") != "the stakeholder is senior" {
		t.Errorf("the refusal does not say why: %s", got.Body)
	}
	h.As("l7").Patch("/authority-rules/spoc_assignment.create@senior", map[string]any{"level": 7}).Want(200)
	if got := propose("l6").Code(403, "insufficient-level"); got.Text("required_level") != "7" {
		t.Errorf("not raised: %s", got.Body)
	}
	propose("l7").Want(201)
}
