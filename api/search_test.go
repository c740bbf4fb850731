package api_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// hits are the names that a search finds, in their order.
func hits(r *testkit.Reply) (names []string) {
	for i := range r.Len("data") {
		names = append(names, r.Text(fmt.Sprintf("data.%d.name", i)))
	}
	return names
}

// What was written is found by the next request, in all nouns at once: words in
// the title before those in the text, whole words before beginnings, the later
// before the earlier.
func TestSearchRanksEverything(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for _, body := range []string{
		`{"name":"Port Authority","kind":"organisation","description":"Owns the quay at the harbour"}`,
		`{"name":"Yacht Club","kind":"group","description":"Moored at the harbourfront"}`,
		`{"name":"Harbour Board","kind":"organisation"}`,
		`{"name":"Harbourmaster","kind":"organisation"}`,
	} {
		l4.Post("/stakeholders", body).Want(201)
	}
	l4.Post("/groups", `{"name":"Around the HÄRBOUR"}`).Want(201)
	got := l4.Get("/search?q=harbour").Want(200)
	want := []string{"Around the HÄRBOUR", "Harbour Board", "Harbourmaster", "Port Authority", "Yacht Club"}
	if !slices.Equal(hits(got), want) {
		t.Errorf("want %q, got %q", want, hits(got))
	}
	if got.Text("ranked_of") != "5" || got.Value("truncated") != false || got.Text("data.0.type") != "group" || got.Text("data.0.matched_in") != "title" ||
		got.Value("data.2.whole_word") != false || got.Text("data.3.matched_in") != "text" || got.Value("data.3.whole_word") != true {
		t.Errorf("the ranks are %s", got.Body)
	}
	few := l4.Get("/search?q=harbour&kinds=stakeholder&limit=2").Want(200)
	if !slices.Equal(hits(few), want[1:3]) || few.Text("ranked_of") != "4" || few.Value("page.has_more") != true {
		t.Errorf("want two of the stakeholders: %s", few.Body)
	}
	if got := l4.Get("/search?q=harbour+board&collections=groups,stakeholders").Want(200); !slices.Equal(hits(got), []string{"Harbour Board"}) {
		t.Errorf("all words are wanted: %s", got.Body)
	}
	id := few.Text("data.0.id")
	l4.Patch("/stakeholders/"+id, `{"name":"River Board"}`).Want(200)
	if got := l4.Get("/search?q=harbour+board").Want(200); got.Len("data") != 0 {
		t.Errorf("the old name is found: %s", got.Body)
	}
	h.As("l5").Delete("/stakeholders/" + id).Want(204)
	if got := l4.Get("/search?q=river").Want(200); got.Len("data") != 0 {
		t.Errorf("a removed record is found: %s", got.Body)
	}
}

// Nobody finds what they may not see, nor by a key that does not open it.
func TestSearchShowsWhatIsSeen(t *testing.T) {
	h := testkit.Open(t)
	h.As("l6").Post("/stakeholders", `{"name":"Quiet Partners","kind":"organisation","sensitivity":"confidential"}`).Want(201)
	h.As("l6").Post("/stakeholders", map[string]any{"name": "Quiet Neighbours", "kind": "group", "sensitivity": "restricted", "access_user_ids": []string{h.People["l4"]}}).Want(201)
	for handle, want := range map[string][]string{"l4": {"Quiet Neighbours"}, "l4b": nil, "l5": {"Quiet Partners"}, "l6": {"Quiet Neighbours", "Quiet Partners"}, "none": nil} {
		got := h.As(handle).Get("/search?q=quiet").Want(200)
		if !slices.Equal(hits(got), want) || got.Text("ranked_of") != fmt.Sprint(len(want)) {
			t.Errorf("%s finds %s", handle, got.Body)
		}
	}
	h.Enlist("groups", "l7", "restricted", "groups:read")
	if got := h.As("groups").Get("/search?q=quiet").Want(200); got.Len("data") != 0 {
		t.Errorf("a key for groups finds %s", got.Body)
	}
	h.As("groups").Get("/search?q=quiet&kinds=stakeholder").Code(403, "insufficient-scope")
	h.As("l4").Get("/search").Code(400, "invalid-parameter").Fault("q", "invalid_format")
	h.As("l4").Get("/search?q=...").Code(400, "invalid-parameter")
	h.As("l4").Get("/search?q="+strings.Repeat("a+", 21)).Code(400, "invalid-parameter")
	h.As("l4").Get("/search?q=quiet&kinds=stakeholders").Code(400, "invalid-parameter").Fault("kinds", "not_in_enum")
	h.As("l4").Get("/search?q=quiet&sort=name").Code(400, "unknown-parameter")
	for _, odd := range []string{"%22*+OR+NOT", "a%00b", "near%2F2+river", "title%3Ariver", "%28%26%7C%21", "'+%3A*", "%F0%9F%9A%A2+quay"} {
		if got := h.As("l4").Get("/search?q=" + odd); got.Status != 200 && got.Status != 400 {
			t.Errorf("%s answers %d", odd, got.Status)
		}
	}
}

// Of a common word the newest thousand are ranked, and the answer says so.
func TestSearchRanksTheNewest(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l4 := h.As("l4")
	l4.Post("/stakeholders", `{"name":"Riverside, the first","kind":"group"}`).Want(201)
	for i := range 1000 {
		l4.Post("/stakeholders", fmt.Sprintf(`{"name":"Group %d","kind":"group","description":"Along the riverside"}`, i)).Want(201)
	}
	got := l4.Get("/search?q=riverside&limit=1").Want(200)
	if got.Text("ranked_of") != "1000" || got.Value("truncated") != true || got.Text("data.0.name") != "Group 999" {
		t.Errorf("want the newest thousand: %s", got.Body)
	}
	if h.DB.Dialect() == "sqlite" {
		beginningsAmongMany(t, h)
	}
}

// beginningsAmongMany has the records stand behind many others, where those that have a
// short beginning are not looked up but looked for: the answers are the same.
func beginningsAmongMany(t *testing.T, h *testkit.House) {
	t.Helper()
	l4, found := h.As("l4"), map[string]string{}
	questions := []string{"r", "g", "gr", "al", "al th", "along t", "group a", "riverside r", "z", "first r", "the f", "1", "99"}
	for _, q := range questions {
		found[q] = string(l4.Get("/search?limit=200&q=" + url.QueryEscape(q)).Want(200).Body)
	}
	h.Raw("UPDATE stakeholders_fts SET docid = docid + 60000", nil)
	h.Raw("UPDATE stakeholders SET num = num + 60000", nil)
	for _, q := range questions {
		after := regexp.MustCompile(`STK-6(\d+)`).ReplaceAllStringFunc(string(l4.Get("/search?limit=200&q="+url.QueryEscape(q)).Want(200).Body), func(ref string) string {
			n, _ := strconv.Atoi(ref[len("STK-"):])
			return fmt.Sprintf("STK-%d", n-60000)
		})
		if after != found[q] {
			t.Errorf("%s: %.600s\nis not %.600s", q, after, found[q])
		}
	}
}
