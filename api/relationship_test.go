package api_test

import (
	"testing"

	"rapport/internal/testkit"
)

// relate enters a relationship and answers its path.
func relate(t *testing.T, c *testkit.Client, from, kind, to string, more map[string]any) string {
	t.Helper()
	body := map[string]any{"from_id": from, "to_id": to, "type": kind}
	for name, value := range more {
		body[name] = value
	}
	return enter(t, c, "/relationships", body)
}

// A relationship is suspected, confirmed, ended and taken up again.
func TestRelationshipFromSuspicionToEnd(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	residents, board := stakeholder(t, l4, "Riverside Residents", "group"), stakeholder(t, l4, "Harbour Board", "organisation")
	path := relate(t, l4, residents, "opposes", board, map[string]any{"strength": -1, "from_on": "2026-06-01", "facilitated_by_id": "me"})
	if got := l4.Get(path).Want(200); got.Text("state") != "suspected" || got.Text("direction") != "directed" || got.Text("from.name") != "Riverside Residents" || got.Text("facilitated_by.name") != "Person l4" {
		t.Errorf("not as entered: %s", got.Body)
	}
	end := map[string]any{"to_on": "2026-11-20", "reason": "They made peace."}
	l4.Move(path, "end", end).Code(409, "invalid-transition")
	h.As("none").Move(path, "confirm", nil).Code(403, "insufficient-level")
	l4.Move(path, "confirm", nil).Want(200)
	l4.Move(path, "dismiss", map[string]any{"reason": "late"}).Code(409, "invalid-transition")
	l4.Move(path, "end", map[string]any{"to_on": "2026-11-20"}).Code(422, "validation-failed").Fault("#/fields/reason", "required")
	l4.Move(path, "end", map[string]any{"to_on": "2026-05-31", "reason": "?"}).Code(422, "validation-failed").Fault("#/fields/to_on", "invalid_order")
	l4.Move(path, "end", end).Want(200)
	l4.Move(path, "reopen", map[string]any{"reason": "Noise again."}).Code(403, "insufficient-level")
	if got := l5.Move(path, "reopen", map[string]any{"reason": "Noise again."}).Want(200); got.Text("state") != "confirmed" || got.Value("to_on") != nil {
		t.Errorf("want it confirmed and without an end: %s", got.Body)
	}
}

// A suspicion that turned out wrong is set aside.
func TestRelationshipIsDismissed(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := relate(t, l4, stakeholder(t, l4, "Riverside Residents", "group"), "allied_with", stakeholder(t, l4, "Harbour Board", "organisation"), nil)
	l4.Move(path, "dismiss", nil).Code(422, "validation-failed").Fault("#/fields/reason", "required")
	if got := l4.Move(path, "dismiss", map[string]any{"reason": "A rumour."}).Want(200); got.Text("state") != "ended" {
		t.Errorf("want it ended: %s", got.Body)
	}
}

// A relationship is one between two, and a contact is a person for others.
func TestRelationshipRulesAcrossFields(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	ana, board := stakeholder(t, l4, "Ana Pop", "individual"), stakeholder(t, l4, "Harbour Board", "organisation")
	refused := func(from, kind, to string, more map[string]any, at, code string) {
		t.Helper()
		body := map[string]any{"from_id": from, "to_id": to, "type": kind}
		for name, value := range more {
			body[name] = value
		}
		l4.Post("/relationships", body).Code(422, "validation-failed").Fault(at, code)
	}
	refused(ana, "influences", ana, nil, "#/to_id", "conflicts_with")
	refused(board, "contact_for", board, nil, "#/to_id", "conflicts_with")
	refused(board, "contact_for", ana, nil, "#/from_id", "conflicts_with")
	refused(board, "contact_for", ana, nil, "#/to_id", "conflicts_with")
	refused(ana, "works_for", board, map[string]any{"strength": 3}, "#/strength", "out_of_range")
	refused(ana, "knows", board, nil, "#/type", "not_in_enum")
	back := relate(t, l4, board, "influences", ana, nil)
	l4.Patch(back, `{"type":"contact_for"}`).Code(422, "validation-failed").Fault("#/from_id", "conflicts_with")
	path := relate(t, l4, ana, "contact_for", board, map[string]any{"is_primary": true})
	l4.Patch(path, map[string]any{"from_id": board}).Code(422, "validation-failed").Fault("#/from_id", "immutable")
}

// What holds between a restricted stakeholder and another is as restricted.
func TestRelationshipIsAsSensitiveAsBothEnds(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	board := stakeholder(t, l4, "Harbour Board", "organisation")
	guarded := func(name, sensitivity string) string {
		return idOf(enter(t, l6, "/stakeholders", map[string]any{"name": name, "kind": "group", "sensitivity": sensitivity}))
	}
	talks, plans := guarded("Secret talks", "restricted"), guarded("Early plans", "confidential")
	for _, c := range []struct{ from, to, want string }{
		{board, talks, "restricted"}, {talks, plans, "restricted"}, {plans, board, "confidential"},
	} {
		path := relate(t, l6, c.from, "influences", c.to, nil)
		if got := l6.Get(path).Want(200).Text("sensitivity"); got != c.want {
			t.Errorf("want %s, got %s", c.want, got)
		}
		l4.Get(path).Code(404, "not-found")
	}

	town := stakeholder(t, l4, "Town", "organisation")
	if got := l4.Get(relate(t, l4, board, "influences", town, nil)).Want(200).Text("sensitivity"); got != "internal" {
		t.Errorf("lifted without need to %s", got)
	}
}
