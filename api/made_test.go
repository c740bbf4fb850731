package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// Lists are filtered by who entered a record and by who changed it last: people, named
// as everywhere, service keys by their id, and the register itself, which is nobody.
// What the caller does not see is in none of them, whoever made it.
func TestListsByWhoMadeThem(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	riverside := l4.Post("/stakeholders", fields{"name": "Riverside Residents", "kind": "group"}).Want(201)
	harbour := h.As("l5").Post("/stakeholders", fields{"name": "Harbour Board", "kind": "organisation"}).Want(201)
	l4.Patch(harbour.Header.Get("Location"), fields{"description": "It runs the quay."}).Want(200)
	l6.Post("/stakeholders", fields{"name": "Night Ferries", "kind": "organisation", "sensitivity": "restricted"}).Want(201)

	l5 := l4.Get("/users/" + h.People["l5"]).Want(200)
	for filter, want := range map[string]string{
		"created_by=me":                   "Riverside Residents",
		"created_by=" + l5.Text("ref"):    "Harbour Board",
		"created_by=me," + l5.ID():        "Harbour Board, Riverside Residents",
		"created_by.ne=me":                "Harbour Board",
		"created_by=" + h.People["l6"]:    "",
		"created_by=USR-999":              "",
		"updated_by=me":                   "Harbour Board, Riverside Residents",
		"updated_by=me&created_by.nin=me": "Harbour Board",
		"created_by.null=true":            "",
		"created_by=me&sort=-created_at":  "Riverside Residents",
		"created_by=me&state.ne=prospect": "",
	} {
		page := l4.Get("/stakeholders?include_total=true&" + filter).Want(200)
		if got := namesIn(page); got != want || page.Text("page.total") != fmt.Sprint(page.Len("data")) {
			t.Errorf("%s: want %q, got %q of %s", filter, want, got, page.Text("page.total"))
		}
	}
	if got := namesIn(l6.Get("/stakeholders?created_by=me").Want(200)); got != "Night Ferries" {
		t.Errorf("who sees it finds what they entered, got %q", got)
	}
	found := l4.Post("/stakeholders/search", fields{"filter": fields{"not": fields{"field": "created_by", "op": "eq", "value": "me"}}}).Want(200)
	if got := namesIn(found); got != "Harbour Board" {
		t.Errorf("by a body: %q", got)
	}
	l4.Post("/issues", fields{"title": "Noise at night", "description": "Engines run after ten.", "stakeholder_id": riverside.ID(), "category": "other", "severity": "low"}).Want(201)
	machine := h.As("service").Post("/issues", fields{"title": "Noise Watch counts", "description": "Eighty decibels.", "stakeholder_id": riverside.ID(), "category": "other", "severity": "low"}).Want(201)
	if mine := l4.Get("/issues?created_by=" + machine.Text("created_by.id")).Want(200); mine.Len("data") != 1 || mine.Text("data.0.id") != machine.ID() {
		t.Error("what a service key entered is found by the key's id")
	}
	if l4.Get("/issues?stakeholder.created_by=me").Want(200).Len("data") != 2 || l4.Get("/issues?stakeholder.created_by="+h.People["l5"]).Want(200).Len("data") != 0 {
		t.Error("who entered the stakeholder of an issue is asked too")
	}
}

// A maker is filtered by and is no field: nobody writes it, sorts by it or hides behind it.
func TestMakersAreNoFields(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Get("/stakeholders?created_by=" + strings.Repeat("x", 65)).Want(400)
	l4.Get("/stakeholders?created_by=%00").Want(400)
	l4.Get("/stakeholders?created_by=nobody").Want(400)
	l4.Get("/stakeholders?created_by.contains=me").Want(400)
	l4.Get("/stakeholders?sort=created_by").Want(400)
	l4.Get("/stakeholders/aggregate?group_by=created_by").Want(400)
	if p := l4.Get("/stakeholders?creatd_by=me").Want(400); p.Text("errors.0.suggestion") != "created_by" {
		t.Errorf("a slip is told: %s", p.Body)
	}
	p := l4.Post("/stakeholders", fields{"name": "Riverside Residents", "kind": "group", "created_by": fields{"type": "user"}}).Want(422)
	if p.Text("errors.0.code") != "read_only" {
		t.Errorf("want read_only, got %s", p.Body)
	}
	paths, _ := l4.Get("/meta/fields/stakeholders").Want(200).Value("access_paths").([]any)
	if !slices.Contains(paths, any("created_by -> -created_at")) {
		t.Error("the access path is declared")
	}
}

// Of what many entered, the first page in another order is found among the first records.
func TestListsByABusyMaker(t *testing.T) {
	h := testkit.Open(t).Contract()
	if h.DB.Dialect() == "postgres" {
		t.Skip("it knows who is busy")
	}
	l4 := h.As("l4")
	for _, name := range []string{"Riverside Residents", "Harbour Board"} {
		l4.Post("/stakeholders", fields{"name": name, "kind": "group"}).Want(201)
	}
	_, statements := l4.Statements("GET", "/stakeholders?created_by=me&limit=1", nil)
	if !slices.ContainsFunc(statements, func(s string) bool { return strings.Contains(s, "CROSS JOIN") }) {
		t.Errorf("nothing looked at the first records: %s", statements)
	}
}

func namesIn(page *testkit.Reply) string {
	var names []string
	for i := range page.Len("data") {
		names = append(names, page.Text(fmt.Sprintf("data.%d.name", i)))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
