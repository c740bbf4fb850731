package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// keep enters a view and answers its path.
func keep(t *testing.T, c *testkit.Client, body string) string {
	t.Helper()
	return "/views/" + c.Post("/views", body).Want(201).ID()
}

// A list loads a view by its slug, and what the request says itself wins.
func TestListLoadsView(t *testing.T) {
	h := testkit.Open(t)
	harbour(t, h)
	l4 := h.As("l4")
	path := keep(t, l4, `{"slug":"noisy","name":"Noisy neighbours","collection":"stakeholders","shared_with":"team",
		"filter":{"and":[{"field":"tags","op":"any","value":["noise"]},{"field":"kind","op":"in","value":["group","organisation"]}]},"sort":"-name","fields":["name"]}`)
	page := l4.Get("/stakeholders?view=noisy").Want(200)
	if got := names(page); got != "Riverside Residents, Harbour Board" || membersOf(page.Value("data.0")) != "id name version" {
		t.Errorf("%s", page.Body)
	}
	for query, want := range map[string]string{
		"&sort=name":                            "Harbour Board, Riverside Residents",
		"&kind=organisation":                    "Harbour Board",
		"&kind=individual":                      "",
		"&tags.any=regulator":                   "Harbour Board",
		"&tags.none=noise&kind.in=individual":   "Ana Pop",
		"&q=riverside":                          "Riverside Residents",
		"&name.starts=harbour&fields=name,kind": "Harbour Board",
	} {
		if got := names(l4.Get("/stakeholders?view=noisy" + query).Want(200)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	next := l4.Get("/stakeholders?view=noisy&limit=1").Want(200).Text("page.next_cursor")
	if got := names(l4.Get("/stakeholders?view=noisy&limit=1&cursor=" + next).Want(200)); got != "Harbour Board" {
		t.Errorf("the second page: %s", got)
	}
	l4.Patch(path, `{"filter":{"field":"kind","op":"eq","value":"group"}}`).Want(200)
	l4.Get("/stakeholders?view=noisy&limit=1&cursor="+next).Code(400, "invalid-cursor")
	l4.Get("/stakeholders?view=quiet").Code(400, "invalid-parameter").Fault("view", "invalid_format")
	l4.Get("/groups?view=noisy").Code(400, "invalid-parameter")
	l4.Get("/stakeholders?view=noisy&view=quiet").Code(400, "invalid-parameter")

	h.Raw("UPDATE views SET filter = ? WHERE slug = ?", []any{`{"or":[{"field":"gone","op":"eq","value":1}]}`, "noisy"})
	l4.Get("/stakeholders?view=noisy").Code(422, "validation-failed").Fault("#/filter/or/0/field", "unknown_field")
}

// A view of one's own is nobody else's; a shared one is changed by its owner, and
// by level 5.
func TestWhoLoadsAndChangesViews(t *testing.T) {
	h := testkit.Open(t)
	l4, l4b, l5 := h.As("l4"), h.As("l4b"), h.As("l5")
	own := keep(t, l4, `{"slug":"mine","name":"Mine","collection":"groups","shared_with":"me"}`)
	ours := keep(t, l4, `{"slug":"ours","name":"Ours","collection":"groups","shared_with":"all"}`)
	l4.Get("/groups?view=mine").Want(200)
	l4b.Get(own).Code(404, "not-found")
	l4b.Get("/groups?view=mine").Code(400, "invalid-parameter")
	l4b.Get("/groups?view=ours").Want(200)
	l4b.Patch(ours, `{"name":"Theirs"}`).Code(403, "insufficient-level")
	l5.Patch(ours, `{"name":"Everybody's"}`).Want(200)
	l4.Patch(ours, `{"name":"Ours again"}`).Want(200)
	l7, entries := h.As("l7"), l4.Get(own+"/changes").Want(200).Len("data")
	for _, path := range []string{own, own + "/changes", own + "/timeline", own + "/transitions"} {
		l7.Get(path).Code(404, "not-found")
	}
	l7.Patch(own, `{"name":"Taken"}`).Code(404, "not-found")
	l7.Get("/groups?view=mine").Code(400, "invalid-parameter")
	if got := l7.Get("/views?include_total=true").Want(200); got.Len("data") != 1 || got.Value("page.total") != float64(1) {
		t.Errorf("level 7 lists a view of one's own: %s", got.Body)
	}
	if got := l7.Get("/views/aggregate?group_by=shared_with").Want(200); got.Len("data") != 1 {
		t.Errorf("level 7 counts a view of one's own: %s", got.Body)
	}
	for _, c := range []*testkit.Client{l7, h.As("l5"), h.As("l6")} {
		if got := c.Get("/events?types=view.*").Want(200); strings.Contains(string(got.Body), strings.TrimPrefix(own, "/views/")) {
			t.Errorf("the feed tells of a view of one's own: %s", got.Body)
		}
	}
	if got := l4.Get("/events?types=view.*").Want(200); entries != 1 || !strings.Contains(string(got.Body), strings.TrimPrefix(own, "/views/")) {
		t.Errorf("the feed does not tell the owner: %s", got.Body)
	}
	private := keep(t, l7, `{"slug":"high","name":"High","collection":"groups","shared_with":"me"}`)
	l7.Get(private).Want(200)
	l7.Get("/groups?view=high").Want(200)
	if got := l7.Get("/views/aggregate?group_by=shared_with").Want(200); got.Len("data") != 2 {
		t.Errorf("level 7 does not count its own: %s", got.Body)
	}
	h.As("l6").Get(private).Code(404, "not-found")
	keep(t, l4b, `{"slug":"mine","name":"Mine too","collection":"groups","shared_with":"me"}`)
	l4.Patch(own, `{"shared_with":"team","sensitivity":"internal"}`).Want(200)
	l4b.Get(own).Want(200)
	l4.Delete(own).Want(204)
	l4.Get("/groups?view=mine").Code(400, "invalid-parameter")
}

// A view that does not fit its collection is not kept.
func TestViewThatDoesNotFit(t *testing.T) {
	l4 := testkit.Open(t).As("l4")
	refused := func(body, at, code string) {
		t.Helper()
		l4.Post("/views", body).Code(422, "validation-failed").Fault(at, code)
	}
	refused(`{"slug":"a","name":"A","collection":"stakeholder","shared_with":"me"}`, "#/collection", "not_in_enum")
	refused(`{"slug":"a b","name":"A","collection":"groups","shared_with":"me"}`, "#/slug", "invalid_format")
	refused(`{"slug":"a","name":"A","collection":"groups"}`, "#/shared_with", "required")
	const both = `{"slug":"a","name":"A","collection":"groups","shared_with":"me","sort":"purpose","fields":["nome"],"filter":{"not":{"field":"kimd","op":"eq","value":"static"}}}`
	refused(both, "#/sort", "not_in_enum")
	refused(both, "#/fields/0", "not_in_enum")
	refused(both, "#/filter/not/field", "unknown_field")
}

// A shared view is removed, and brought back, by its owner and by level 5, like it is
// changed.
func TestSharedViewIsNotRemovedByOthers(t *testing.T) {
	h := testkit.Open(t)
	l4, l4b := h.As("l4"), h.As("l4b")
	ours := keep(t, l4, `{"slug":"ours","name":"Ours","collection":"groups","shared_with":"all"}`)
	l4b.Patch(ours, `{"name":"Theirs"}`).Code(403, "insufficient-level")
	l4b.Delete(ours).Code(403, "insufficient-level")
	l4.Delete(ours).Want(204)
	l4b.Post(ours+"/restore", nil).Code(403, "insufficient-level")
	l4.Post(ours+"/restore", nil).Want(200)
	h.As("l5").Delete(ours).Want(204)
}
