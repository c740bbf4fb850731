package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// The members of a group by rule are those who meet it now, as far as one sees.
func TestGroupByRule(t *testing.T) {
	h := testkit.Open(t)
	harbour(t, h)
	l4, l6 := h.As("l4"), h.As("l6")
	l6.Post("/stakeholders", `{"name":"Quiet Quay","kind":"group","tags":["noise"],"sensitivity":"restricted"}`).Want(201)
	noisy := l4.Post("/groups", `{"name":"Noisy","kind":"rule","rule":{"and":[{"field":"tags","op":"any","value":["noise"]},{"field":"kind","op":"ne","value":"individual"}]}}`).Want(201)
	members := "/groups/" + noisy.Text("ref") + "/members?sort=name"
	if got := names(l4.Get(members).Want(200)); got != "Harbour Board, Riverside Residents" {
		t.Errorf("level 4 sees %s", got)
	}
	if got := names(l6.Get(members + "&include_total=true").Want(200)); got != "Harbour Board, Quiet Quay, Riverside Residents" {
		t.Errorf("level 6 sees %s", got)
	}
	if got := names(l4.Get(members + "&kind=organisation&fields=name").Want(200)); got != "Harbour Board" {
		t.Errorf("narrowed: %s", got)
	}
	l4.Get(members+"&as_of=today-1d").Code(422, "validation-failed").Fault("as_of", "not_historical")

	ana := l4.Get("/stakeholders?name=ana+pop").Want(200).Text("data.0.id")
	l4.Post("/memberships", map[string]any{"group_id": noisy.ID(), "stakeholder_id": ana}).Code(422, "validation-failed").Fault("#/group_id", "conflicts_with")
	harbourside := l4.Post("/groups", `{"name":"Harbourside"}`).Want(201).ID()
	l4.Post("/memberships", map[string]any{"group_id": harbourside, "stakeholder_id": ana}).Want(201)
	l4.Patch("/groups/"+noisy.ID(), map[string]any{"parent_id": harbourside}).Want(200)
	if got := names(l4.Get("/groups/" + harbourside + "/members?sort=name").Want(200)); got != "Ana Pop, Harbour Board, Riverside Residents" {
		t.Errorf("with the subgroup's: %s", got)
	}
	if got := names(l4.Get("/groups/" + harbourside + "/members?nested=false").Want(200)); got != "Ana Pop" {
		t.Errorf("without: %s", got)
	}
	l4.Get("/groups/"+harbourside+"/members?as_of=today").Code(422, "validation-failed").Fault("as_of", "not_historical")
	l4.Get("/groups/" + harbourside + "/members?as_of=today&nested=false").Want(200)

	l4.Patch("/groups/"+noisy.ID(), `{"rule":{"field":"kind","op":"eq","value":"individual"}}`).Want(200)
	if got := names(l4.Get(members).Want(200)); got != "Ana Pop" {
		t.Errorf("by another rule: %s", got)
	}
}

// A rule is held against what stakeholders can be asked by.
func TestRuleThatDoesNotFit(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	refused := func(body, at, code string) {
		t.Helper()
		l4.Post("/groups", body).Code(422, "validation-failed").Fault(at, code)
	}
	refused(`{"name":"A","kind":"rule"}`, "#/rule", "required")
	refused(`{"name":"A","kind":"rule","rule":{}}`, "#/rule", "required")
	refused(`{"name":"A","rule":{"field":"kind","op":"eq","value":"group"}}`, "#/rule", "conflicts_with")
	refused(`{"name":"A","kind":"rule","rule":[]}`, "#/rule", "invalid_type")
	refused(`{"name":"A","kind":"rule","rule":{"or":[{"field":"knd","op":"eq","value":"group"}]}}`, "#/rule/or/0/field", "unknown_field")
	refused(`{"name":"A","kind":"rule","rule":`+strings.Repeat(`{"not":`, 6)+`{}`+strings.Repeat(`}`, 6)+`}`, "#/rule/not/not/not/not/not", "out_of_range")
	made := l4.Post("/groups", `{"name":"A","kind":"rule","rule":{"field":"kind","op":"eq","value":"group"}}`).Want(201)
	h.Raw("UPDATE groups SET rule = ? WHERE id = ?", []any{`{"not":{"field":"gone","op":"eq","value":1}}`, made.ID()})
	l4.Get("/groups/"+made.ID()+"/members").Code(422, "validation-failed").Fault("#/rule/not/field", "unknown_field")
}
