package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// enterTwice enters a stakeholder, another of its name or address being there or not.
func enterTwice(c *testkit.Client, body map[string]any) string {
	body["duplicate_reason"] = "A test of duplicates."
	if body["kind"] == nil {
		body["kind"] = "organisation"
	}
	return c.Post("/stakeholders?allow_duplicate=true", body).Want(201).ID()
}

func mail(address string) []any {
	return []any{map[string]any{"channel": "email", "address": address}}
}

// pairs are the pairs of a page as "older younger score reasons", by names.
func pairs(r *testkit.Reply) (out []string) {
	list, _ := r.Value("data").([]any)
	for i := range list {
		at := fmt.Sprintf("data.%d.", i)
		reasons := []string{}
		for _, reason := range r.Value(at + "matched_on").([]any) {
			reasons = append(reasons, reason.(string))
		}
		out = append(out, fmt.Sprintf("%s | %s | %v | %s", r.Text(at+"records.0.name"), r.Text(at+"records.1.name"), r.Value(at+"score"), strings.Join(reasons, " ")))
	}
	return out
}

// What is entered twice is found, with how surely and why: the same address, the
// same number, the same name in another order or with another legal form, a name
// spelt otherwise at the same domain. What only looks alike is not.
func TestDuplicatesAreTold(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	phone := []any{map[string]any{"channel": "phone", "address": "+31 10 252 1010"}}
	enterTwice(l4, map[string]any{"name": "Harbour Board"})
	enterTwice(l4, map[string]any{"name": "The Harbour Board B.V."})
	enterTwice(l4, map[string]any{"name": "Lovelace, Ada", "kind": "individual", "lawful_basis": "legitimate_interests"})
	enterTwice(l4, map[string]any{"name": "Ada Lovelace", "kind": "individual", "lawful_basis": "legitimate_interests"})
	enterTwice(l4, map[string]any{"name": "Riverside Residents", "channels": mail("office@riverside.example")})
	enterTwice(l4, map[string]any{"name": "Riverside Residents Association", "channels": mail("ana.pop@riverside.example")})
	enterTwice(l4, map[string]any{"name": "Quay Pilots", "channels": phone})
	enterTwice(l4, map[string]any{"name": "North Sea Rescue", "channels": phone})
	enterTwice(l4, map[string]any{"name": "Jon Smith", "channels": mail("smith@gmail.com")})
	enterTwice(l4, map[string]any{"name": "John Smith", "channels": mail("jsmith@gmail.com")})
	enterTwice(l4, map[string]any{"name": "Jane Smith", "channels": mail("JSmith@gmail.com")})
	enterTwice(l4, map[string]any{"name": "School 12"})
	enterTwice(l4, map[string]any{"name": "School 13"})
	enterTwice(l4, map[string]any{"name": "Siemens"})
	enterTwice(l4, map[string]any{"name": "Siemems"})

	all := l4.Get("/stakeholders/duplicates").Want(200)
	want := []string{
		"Siemens | Siemems | 0.85 | similar_name",
		"John Smith | Jane Smith | 0.95 | email",
		"Jon Smith | John Smith | 0.88 | similar_name",
		"Quay Pilots | North Sea Rescue | 0.85 | phone",
		"Riverside Residents | Riverside Residents Association | 0.86 | similar_name domain",
		"Lovelace, Ada | Ada Lovelace | 0.9 | similar_name",
		"Harbour Board | The Harbour Board B.V. | 0.9 | similar_name",
	}
	if got := pairs(all); !slices.Equal(got, want) {
		t.Errorf("told are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if all.Value("examined") != float64(15) || all.Value("page.has_more") != false {
		t.Errorf("not all examined: %s", all.Body)
	}
	if got := pairs(l4.Get("/stakeholders/duplicates?min_score=0.95").Want(200)); !slices.Equal(got, want[1:2]) {
		t.Errorf("of what is equal there is %v", got)
	}
	if got := pairs(l4.Get("/stakeholders/duplicates?min_score=1").Want(200)); len(got) != 0 {
		t.Errorf("nothing is certain, but %v", got)
	}
}

// The walk goes on where a page ended, in the midst of one record's pairs too, and
// tells each pair once.
func TestDuplicatesPageByPage(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for range 4 {
		enterTwice(l4, map[string]any{"name": "Harbour Board"})
	}
	whole := pairs(l4.Get("/stakeholders/duplicates").Want(200))
	if len(whole) != 6 {
		t.Fatalf("four alike are %d pairs, want 6", len(whole))
	}
	for _, limit := range []int{1, 2, 4, 5} {
		var told []string
		path := fmt.Sprintf("/stakeholders/duplicates?limit=%d&min_score=0.5", limit)
		for at := path; at != ""; {
			page := l4.Get(at).Want(200)
			if n := page.Len("data"); n > limit {
				t.Fatalf("a page of %d holds %d", limit, n)
			}
			for i := range page.Len("data") {
				told = append(told, page.Text(fmt.Sprintf("data.%d.records.0.id", i))+page.Text(fmt.Sprintf("data.%d.records.1.id", i)))
			}
			at = ""
			if next := page.Text("page.next_cursor"); next != "" {
				at = path + "&cursor=" + url.QueryEscape(next)
			}
		}
		once := slices.Compact(slices.Sorted(slices.Values(told)))
		if len(told) != 6 || len(once) != 6 {
			t.Errorf("by pages of %d there are %d pairs, %d of them different", limit, len(told), len(once))
		}
	}
	cursor := l4.Get("/stakeholders/duplicates?limit=1").Want(200).Text("page.next_cursor")
	l4.Get("/stakeholders/duplicates?limit=1&min_score=0.5&cursor="+url.QueryEscape(cursor)).Code(400, "invalid-cursor")
}

// Whoever may not see a record learns nothing of it here.
func TestDuplicatesOfHiddenRecords(t *testing.T) {
	h := testkit.Open(t)
	l4, l7 := h.As("l4"), h.As("l7")
	hidden := enterTwice(l7, map[string]any{"name": "Harbour Board", "sensitivity": "restricted", "channels": mail("board@harbour.example")})
	seen := enterTwice(l4, map[string]any{"name": "Board of the Harbour", "channels": mail("board@harbour.example")})
	enterTwice(l7, map[string]any{"name": "Harbour Board", "sensitivity": "restricted"})
	if got := pairs(l7.Get("/stakeholders/duplicates").Want(200)); len(got) != 3 {
		t.Errorf("who sees all is told %v", got)
	}
	for _, path := range []string{"/stakeholders/duplicates?min_score=0", "/stakeholders/" + seen + "/duplicates?min_score=0"} {
		if r := l4.Get(path).Want(200); r.Len("data") != 0 || strings.Contains(string(r.Body), hidden) {
			t.Errorf("%s tells of what is hidden: %s", path, r.Body)
		}
	}
	if r := l4.Get("/stakeholders/duplicates").Want(200); r.Value("examined") != float64(1) {
		t.Errorf("what is hidden counts as examined: %s", r.Body)
	}
	l4.Get("/stakeholders/"+hidden+"/duplicates").Code(404, "not-found")
	body := `{"name":"Harbour Board","kind":"organisation"}`
	if r := l4.Post("/stakeholders?validate_only=true", body).Want(200); r.Len("candidates") != 1 || r.Text("candidates.0.id") != seen {
		t.Errorf("trying tells of what is hidden: %s", r.Body)
	}
	if r := h.Enlist("writer", "l4", "internal", "stakeholders:write").Post("/stakeholders?validate_only=true", body).Want(200); r.Len("candidates") != 0 {
		t.Errorf("a key that may not read is told candidates: %s", r.Body)
	}
}

// A name that is only near keeps nobody from entering a record; who asks first, or
// looks afterwards, is told of it. What is removed does not count.
func TestLikenessIsToldAndRefusesNothing(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	first := enterTwice(l4, map[string]any{"name": "Riverside Residents", "kind": "group"})
	body := `{"name":"Riverside Residants","kind":"group"}`
	tried := l4.Post("/stakeholders?validate_only=true", body).Want(200)
	if tried.Text("candidates.0.id") != first || tried.Text("candidates.0.matched_on.0") != "similar_name" {
		t.Errorf("trying told of nobody: %s", tried.Body)
	}
	made := l4.Post("/stakeholders", body).Want(201)
	if made.Value("candidates") != nil {
		t.Errorf("what was entered has candidates: %s", made.Body)
	}
	of := "/stakeholders/" + made.Text("ref") + "/duplicates"
	if got := l4.Get(of).Want(200); got.Len("data") != 1 || got.Text("data.0.id") != first || got.Text("data.0.url") != "/api/v1/stakeholders/"+first {
		t.Errorf("not found afterwards: %s", got.Body)
	}
	// The first one is not told its own likeness, and the refusal of the same name says why.
	if got := l4.Post("/stakeholders", body).Code(409, "duplicate"); got.Text("candidates.0.matched_on.0") != "name" || got.Value("candidates.0.score") != 0.95 {
		t.Errorf("not refused for its name: %s", got.Body)
	}
	h.As("l5").Delete("/stakeholders/" + first).Want(204)
	if got := l4.Get(of).Want(200); got.Len("data") != 0 {
		t.Errorf("a removed one is told: %s", got.Body)
	}
	if got := l4.Get("/stakeholders/duplicates").Want(200); got.Len("data") != 0 {
		t.Errorf("a removed one is told: %s", got.Body)
	}
}

// What cannot be read is said, and names of any sort are looked for.
func TestDuplicatesAskedBadly(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for _, bad := range []string{"x", "", "-0.1", "1.1", "NaN", "Inf", "0.8,0.9", "%00"} {
		l4.Get("/stakeholders/duplicates?min_score="+bad).Code(400, "invalid-parameter")
	}
	l4.Get("/stakeholders/duplicates?limit=0").Code(400, "invalid-parameter")
	l4.Get("/stakeholders/duplicates?cursor=x").Code(400, "invalid-cursor")
	l4.Get("/stakeholders/duplicates?state=active").Code(400, "unknown-parameter")
	l4.Get("/stakeholders/no-such/duplicates").Code(404, "not-found")
	l4.Get("/issues/duplicates").Code(404, "not-found")
	h.Enlist("stranger", "l4", "internal", "issues:read").Get("/stakeholders/duplicates").Code(403, "insufficient-scope")
	for _, name := range []string{`"`, `" OR "`, "AND NOT *", "a*", "title:x", "***", "& | !", "' --", "日本", "日", "Ж Ж Ж Ж Ж Ж", "GmbH", "S.A.", strings.Repeat("w ", 90), strings.Repeat("x", 190), "Ł(", ":A & b", "1 2 3"} {
		enterTwice(l4, map[string]any{"name": name})
		enterTwice(l4, map[string]any{"name": name + " " + string([]rune(name)[:1])})
		l4.Post("/stakeholders?validate_only=true", map[string]any{"name": "the " + name, "kind": "group"})
	}
	l4.Get("/stakeholders/duplicates?min_score=0").Want(200)
}

// White space and what nobody sees make no other name; a name of them alone is none.
func TestNamesThatLookAlikeAreEqual(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	enter := func(name string) *testkit.Reply {
		return l4.Post("/stakeholders", fields{"kind": "organisation", "name": name})
	}
	first := enter("Dup  Space Co").Want(201)
	if first.Text("name") != "Dup  Space Co" {
		t.Errorf("not kept as it was written: %s", first.Body)
	}
	for _, same := range []string{"Dup Space Co", "dup\u00a0space\u2003co", "D\u200bup Space\u00ad Co", "Dup \u2060 Space Co\u200e"} {
		if got := enter(same).Code(409, "duplicate"); !strings.Contains(string(got.Body), first.ID()) {
			t.Errorf("%q is told to be another: %s", same, got.Body)
		}
	}
	for _, nameless := range []string{"\u200b", " \u200d\ufeff ", "\u3164", "\u2800"} {
		enter(nameless).Code(422, "validation-failed").Fault("#/name", "required")
	}
	if n := l4.Get("/stakeholders?name=DUP%20%20%20SPACE%20CO").Want(200).Len("data"); n != 1 {
		t.Errorf("found %d by the name", n)
	}
	persian := enter("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645").Want(201)
	if !strings.Contains(persian.Text("name"), "\u200c") {
		t.Error("a joiner that the script needs was taken out")
	}
	l4.Patch("/stakeholders/"+persian.ID(), fields{"tags": []string{"\u200b"}}).Want(422)
}
