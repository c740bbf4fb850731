package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// A timeline of some kinds has full pages of them, however much lies between, and
// every line is of one kind.
func TestTimelinePagesKinds(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7 := h.As("l7")
	path := "/stakeholders/" + l7.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	for i := range 10 {
		l7.Patch(path, fmt.Sprintf(`{"description":"As of day %d"}`, i)).Want(200)
	}
	l7.Move(path, "reject", map[string]any{"reason": "No stakeholder"}).Want(200)
	first := l7.Get(path + "/timeline?kinds=transition&limit=1").Want(200)
	if first.Len("data") != 1 || first.Text("data.0.kind") != "transition" || first.Value("page.has_more") != false {
		t.Errorf("want the one transition and no more: %s", first.Body)
	}
	seen, at := []string{}, path+"/timeline?kinds=change&limit=4"
	for at != "" {
		page := l7.Get(at).Want(200)
		for i := range page.Len("data") {
			seen = append(seen, page.Text(fmt.Sprintf("data.%d.kind", i)))
		}
		next := page.Text("page.next_cursor")
		if at = ""; next != "" {
			if page.Len("data") != 4 {
				t.Errorf("a page in the middle has %d lines", page.Len("data"))
			}
			at = path + "/timeline?kinds=change&limit=4&cursor=" + url.QueryEscape(next)
		}
	}
	if len(seen) != 11 || slices.ContainsFunc(seen, func(kind string) bool { return kind != "change" }) {
		t.Errorf("want the eleven changes, got %s", strings.Join(seen, ", "))
	}
	all := l7.Get(path + "/timeline?limit=200").Want(200).Len("data")
	each := 0
	for _, kind := range []string{"change", "transition", "comment", "attachment", "event"} {
		each += l7.Get(path + "/timeline?limit=200&kinds=" + kind).Want(200).Len("data")
	}
	if all != each {
		t.Errorf("there are %d lines, by kinds %d", all, each)
	}
}
