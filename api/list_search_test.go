package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// harbour enters the stakeholders that the stories of searches are about.
func harbour(t *testing.T, h *testkit.House) {
	t.Helper()
	l4 := h.As("l4")
	for _, s := range []string{
		`{"name":"Riverside Residents","kind":"group","side":"external","tags":["noise"],"description":"Live by the river."}`,
		`{"name":"Harbour Board","kind":"organisation","side":"external","tags":["noise","regulator"]}`,
		`{"name":"Ana Pop","kind":"individual","lawful_basis":"legitimate_interests"}`,
	} {
		l4.Post("/stakeholders", s).Want(201)
	}
}

// found are the names that a search by a filter answers with.
func found(c *testkit.Client, filter string) string {
	c.T.Helper()
	return names(c.Post("/stakeholders/search", `{"sort":["name"],"filter":`+filter+`}`).Want(200))
}

// A search says in a body what a list says in a URL, and more: or, and not.
func TestSearchByFilter(t *testing.T) {
	h := testkit.Open(t)
	harbour(t, h)
	l4 := h.As("l4")
	for _, c := range []struct{ filter, want string }{
		{`null`, "Ana Pop, Harbour Board, Riverside Residents"},
		{`{"field":"kind","op":"eq","value":"group"}`, "Riverside Residents"},
		{`{"or":[{"field":"kind","op":"eq","value":"group"},{"field":"name","op":"starts","value":"ANA"}]}`, "Ana Pop, Riverside Residents"},
		{`{"and":[{"field":"tags","op":"any","value":["noise"]},{"not":{"field":"tags","op":"any","value":["regulator"]}}]}`, "Riverside Residents"},
		{`{"not":{"or":[{"field":"kind","op":"in","value":["group","organisation"]}]}}`, "Ana Pop"},
		{`{"field":"identified_by_id","op":"eq","value":"me"}`, "Ana Pop, Harbour Board, Riverside Residents"},
		{`{"field":"identified_by.name","op":"ne","value":"nobody"}`, "Ana Pop, Harbour Board, Riverside Residents"},
		{`{"field":"created_at","op":"gte","value":"today"}`, "Ana Pop, Harbour Board, Riverside Residents"},
		{`{"field":"id","op":"in","value":["STK-999999"]}`, ""},
		{`{"not":{"field":"id","op":"in","value":["STK-999999"]}}`, "Ana Pop, Harbour Board, Riverside Residents"},
	} {
		if got := found(l4, c.filter); got != c.want {
			t.Errorf("%s: %s, want %s", c.filter, got, c.want)
		}
	}
	r := l4.Post("/stakeholders/search", `{"q":"residents","include_total":true,"include":["identified_by"]}`).Want(200)
	if r.Text("page.total") != "1" || r.Len("included.users") != 1 || r.Value("page.next") != nil {
		t.Errorf("words and what comes along: %s", r.Body)
	}
	r = l4.Post("/stakeholders/search", `{"deleted":"only"}`).Want(200)
	if r.Len("data") != 0 {
		t.Errorf("none was removed: %s", r.Body)
	}
}

// What has no value is equal to nothing and above nothing; it is none of what is
// named; and not turns round whatever holds.
func TestAbsentValuesInFilters(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	ana, board := stakeholder(t, l4, "Ana Pop", "individual"), stakeholder(t, l4, "Harbour Board", "organisation")
	plain := l4.Get(relate(t, l4, ana, "influences", board, nil)).Want(200).Text("ref")
	since := l4.Get(relate(t, l4, ana, "regulates", board, map[string]any{"from_on": "2026-02-04"})).Want(200).Text("ref")
	for _, c := range []struct{ filter, want string }{
		{`{"field":"from_on","op":"lt","value":"2027-01-01"}`, since},
		{`{"not":{"field":"from_on","op":"lt","value":"2027-01-01"}}`, plain},
		{`{"field":"from_on","op":"ne","value":"2026-02-04"}`, plain},
		{`{"not":{"field":"from_on","op":"ne","value":"2026-02-04"}}`, since},
		{`{"field":"from_on","op":"nin","value":["2026-02-05"]}`, plain + " " + since},
		{`{"field":"from_on","op":"null","value":true}`, plain},
		{`{"not":{"field":"from_on","op":"null","value":true}}`, since},
		{`{"not":{"and":[{"field":"from_on","op":"gte","value":"2026-01-01"},{"field":"from_on","op":"lte","value":"2026-12-31"}]}}`, plain},
	} {
		r := l4.Post("/relationships/search", `{"sort":["created_at"],"filter":`+c.filter+`}`).Want(200)
		var got []string
		for i := range r.Len("data") {
			got = append(got, r.Text(fmt.Sprintf("data.%d.ref", i)))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.filter, got, c.want)
		}
	}
}

// A filter that does not hold together is refused at its nodes, all at once.
func TestFilterIsRefusedAtItsNodes(t *testing.T) {
	l4 := testkit.Open(t).As("l4")
	for _, c := range []struct{ filter, at, code string }{
		{`{"and":[{"field":"knid","op":"eq","value":"group"}]}`, "#/filter/and/0/field", "unknown_field"},
		{`{"field":"hash","op":"eq","value":"x"}`, "#/filter/field", "unknown_field"},
		{`{"field":"num","op":"eq","value":1}`, "#/filter/field", "unknown_field"},
		{`{"field":"owner.roles.x","op":"eq","value":1}`, "#/filter/field", "unknown_field"},
		{`{"field":"description","op":"eq","value":"x"}`, "#/filter/field", "unknown_field"},
		{`{"not":{"field":"kind","op":"gt","value":"group"}}`, "#/filter/not/op", "not_in_enum"},
		{`{"field":"kind","op":"since","value":"group"}`, "#/filter/op", "not_in_enum"},
		{`{"field":"kind","op":"and","value":"group"}`, "#/filter/op", "not_in_enum"},
		{`{"or":[{"field":"kind","op":"eq","value":"gruop"}]}`, "#/filter/or/0/value", "not_in_enum"},
		{`{"field":"kind","op":"in","value":["group","x"]}`, "#/filter/value/1", "not_in_enum"},
		{`{"field":"kind","op":"in","value":"group"}`, "#/filter/value", "invalid_type"},
		{`{"field":"kind","op":"in","value":[]}`, "#/filter/value", "invalid_type"},
		{`{"field":"kind","op":"eq","value":["group"]}`, "#/filter/value", "invalid_type"},
		{`{"field":"kind","op":"eq","value":null}`, "#/filter/value", "invalid_type"},
		{`{"field":"kind","op":"eq","value":{"a":1}}`, "#/filter/value", "invalid_type"},
		{`{"field":"gap","op":"eq","value":"1"}`, "#/filter/value", "invalid_type"},
		{`{"field":"gap","op":"eq","value":1.5}`, "#/filter/value", "invalid_format"},
		{`{"field":"gap","op":"null","value":"true"}`, "#/filter/value", "invalid_type"},
		{`{"field":"created_at","op":"gt","value":"soon"}`, "#/filter/value", "invalid_format"},
		{`{"field":"owner_id","op":"eq","value":"nobody"}`, "#/filter/value", "invalid_format"},
		{`{"field":"name","op":"contains","value":"a"}`, "#/filter/value", "invalid_format"},
		{`{"field":"name","op":"eq","value":"a\u0000"}`, "#/filter/value", "invalid_format"},
		{`{"field":1,"op":"eq","value":"x"}`, "#/filter/field", "invalid_type"},
		{`{"field":"name","value":"x"}`, "#/filter/op", "required"},
		{`{}`, "#/filter/field", "required"},
		{`[]`, "#/filter", "invalid_type"},
		{`"name"`, "#/filter", "invalid_type"},
		{`{"and":[]}`, "#/filter/and", "invalid_type"},
		{`{"and":{"field":"name"}}`, "#/filter/and", "invalid_type"},
		{`{"or":[1]}`, "#/filter/or/0", "invalid_type"},
		{`{"not":[]}`, "#/filter/not", "invalid_type"},
		{`{"and":[{"field":"name","op":"eq","value":"x"}],"or":[]}`, "#/filter", "conflicts_with"},
		{`{"nand":[]}`, "#/filter/nand", "unknown_field"},
		{`{"a/b~c":1}`, "#/filter/a~1b~0c", "unknown_field"},
		{strings.Repeat(`{"not":`, 5) + `{"field":"name","op":"eq","value":"x"}` + strings.Repeat(`}`, 5), "#/filter" + strings.Repeat("/not", 5), "out_of_range"},
		{`{"or":[` + strings.Repeat(`{"field":"name","op":"eq","value":"x"},`, 49) + `{"field":"name","op":"eq","value":"x"}]}`, "#/filter", "too_many_items"},
		{`{"and":[` + strings.Repeat(`{"field":"name","op":"contains","value":"xx"},`, 3) + `{"field":"name","op":"starts","value":"x"}]}`, "#/filter/and/3/op", "too_many_items"},
		{`{"field":"name","op":"in","value":["x"` + strings.Repeat(`,"x"`, 200) + `]}`, "#/filter/value", "too_many_items"},
	} {
		l4.Post("/stakeholders/search", `{"filter":`+c.filter+`}`).Code(422, "validation-failed").Fault(c.at, c.code)
	}
	r := l4.Post("/stakeholders/search", `{"filter":{"and":[{"field":"stat","op":"eq","value":"x"},{"field":"owner.nome","op":"eq","value":"x"},{"field":"kind","op":"eq","value":"gruop"}]},"sort":["nome"],"limit":0,"cursro":"x"}`)
	r.Code(422, "validation-failed").Fault("#/cursro", "unknown_field").Fault("#/limit", "out_of_range").Fault("#/sort", "not_in_enum")
	var p struct {
		Errors []struct{ Pointer, Suggestion string }
	}
	if err := json.Unmarshal(r.Body, &p); err != nil || len(p.Errors) != 6 {
		t.Fatalf("%v: not all at once: %s", err, r.Body)
	}
	for i, want := range []string{"cursor", "", "name", "state", "owner.name", "group"} {
		if p.Errors[i].Suggestion != want {
			t.Errorf("%s suggests %q, want %q", p.Errors[i].Pointer, p.Errors[i].Suggestion, want)
		}
	}
	nested := strings.Repeat(`{"not":`, 4) + `{"field":"name","op":"eq","value":"x"}` + strings.Repeat(`}`, 4)
	l4.Post("/stakeholders/search", `{"filter":`+nested+`}`).Want(200)
	l4.Post("/stakeholders/search", `{"filter":`+strings.Repeat(`{"not":`, 40)+`1`+strings.Repeat(`}`, 40)+`}`).Code(400, "malformed-json")
	l4.Post("/stakeholders/search", `{"filter":{"field":"name","field":"x"}}`).Code(400, "malformed-json")
	l4.Post("/stakeholders/search?limit=3", `{}`).Code(400, "unknown-parameter")
	for member, value := range map[string]string{"limit": `"3"`, "sort": `"name"`, "q": `1`, "include_total": `1`, "cursor": `{}`, "include": `[1]`} {
		l4.Post("/stakeholders/search", `{"`+member+`":`+value+`}`).Code(422, "validation-failed").Fault("#/"+member, "invalid_type")
	}
}

// A search goes on where it stopped, as long as it is the same search.
func TestSearchCursor(t *testing.T) {
	h := testkit.Open(t)
	harbour(t, h)
	l4 := h.As("l4")
	const noisy = `{"field":"tags","op":"any","value":["noise"]}`
	ask := func(filter, rest string) *testkit.Reply {
		return l4.Post("/stakeholders/search", `{"filter":`+filter+`,"limit":1,"sort":["name"]`+rest+`}`)
	}
	first := ask(noisy, "").Want(200)
	cursor := `,"cursor":"` + first.Text("page.next_cursor") + `"`
	second := ask(` { "value" : [ "noise" ] , "op":"any", "field":"tags"} `, cursor).Want(200)
	if first.Text("data.0.name") != "Harbour Board" || second.Text("data.0.name") != "Riverside Residents" || second.Value("page.has_more") != false {
		t.Errorf("%s\n%s", first.Body, second.Body)
	}
	ask(`{"field":"tags","op":"any","value":["other"]}`, cursor).Code(400, "invalid-cursor")
	ask(noisy, `,"q":"board"`+cursor).Code(400, "invalid-cursor")
	ask(noisy, `,"deleted":"include"`+cursor).Code(400, "invalid-cursor")
	ask(noisy, `,"cursor":"eyJ2IjoxfQ.AAAAAAAAAAAAAAAAAAAAAA"`).Code(400, "invalid-cursor")
	l4.Post("/stakeholders/search", `{"filter":`+noisy+`,"sort":["-name"]`+cursor+`}`).Code(400, "invalid-cursor")
	l4.Post("/groups/search", `{"filter":{"field":"tags","op":"any","value":["noise"]},"limit":1`+cursor+`}`)
	l4.Get("/stakeholders?sort=name&tags.any=noise&cursor="+first.Text("page.next_cursor")).Code(400, "invalid-cursor")
}

// What a record refers to is asked of as far as the caller sees it, and as far as
// the key opens its collection.
func TestFilterByWhatRecordsReferTo(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	board := l6.Post("/groups", `{"name":"Audience of the board","sensitivity":"restricted"}`).Want(201).ID()
	quay := l4.Post("/groups", `{"name":"The quay"}`).Want(201).ID()
	l6.Post("/groups", map[string]any{"name": "Night watch", "parent_id": board}).Want(201)
	l4.Post("/groups", map[string]any{"name": "Pilots", "parent_id": quay}).Want(201)
	list := func(c *testkit.Client, query string) string {
		return names(c.Get("/groups?sort=name&" + query).Want(200))
	}
	search := func(c *testkit.Client, filter string) string {
		return names(c.Post("/groups/search", `{"sort":["name"],"filter":`+filter+`}`).Want(200))
	}
	const leaf = `{"field":"parent.name","op":"eq","value":"Audience of the board"}`
	for _, c := range []struct{ got, want string }{
		{list(l4, "parent.name=The+quay"), "Pilots"},
		{list(l4, "parent.name.starts=audience"), ""},
		{list(l6, "parent.name.starts=audience"), "Night watch"},
		{list(l4, "parent.name.ne=The+quay"), ""},
		{search(l6, leaf), "Night watch"},
		{search(l4, leaf), ""},
		{search(l4, `{"and":[{"field":"parent_id","op":"null","value":false},{"not":`+leaf+`}]}`), "Night watch, Pilots"},
		{search(l4, strings.ReplaceAll(`{"and":[{"field":"parent_id","op":"null","value":false},{"not":`+leaf+`}]}`, "Audience of the board", "x")), "Night watch, Pilots"},
		{search(l6, `{"and":[{"field":"parent_id","op":"null","value":false},{"not":`+leaf+`}]}`), "Pilots"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	narrow := h.Enlist("narrow", "l4", "none", "assessments:read")
	narrow.Get("/assessments?stakeholder.kind=group").Code(403, "insufficient-scope")
	narrow.Post("/assessments/search", `{"filter":{"not":{"field":"stakeholder.kind","op":"eq","value":"group"}}}`).Code(403, "insufficient-scope")
	narrow.Post("/stakeholders/search", `{}`).Code(403, "insufficient-scope")
	narrow.Post("/assessments/search", `{}`).Want(200)
	h.As("none").Post("/users/search", `{"filter":{"field":"email","op":"null","value":false}}`).Code(422, "validation-failed").Fault("#/filter/field", "unknown_field")
	h.As("none").Post("/stakeholders/search", `{"filter":{"field":"owner.email","op":"null","value":false}}`).Code(422, "validation-failed").Fault("#/filter/field", "unknown_field")
}

// A list that takes too long ends, and says which ones stay fast.
func TestTooBroadNamesTheAccessPaths(t *testing.T) {
	h := testkit.Open(t)
	ctx := authority.With(context.Background(), authority.Actor{Type: authority.User, Level: authority.L7, Scopes: authority.Everything()})
	ctx, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
	defer cancel()
	n := register.Stakeholders
	_, err := h.Ledger.List(ctx, store.Query{Noun: n, Sort: n.Field("name"), Limit: 10}, nil, true)
	if paths, _ := fault.Of(err).Facts["access_paths"].([]string); !fault.Is(err, fault.QueryTooBroad) || len(paths) != len(n.Paths) {
		t.Errorf("%v", err)
	}
	named := register.Named{Noun: n, Name: register.Name{Num: 1}}
	if _, err = h.Ledger.Settle(ctx, []store.Cond{{Field: n.Field("id"), Op: "eq", Values: []any{named}}}); !fault.Is(err, fault.QueryTooBroad) {
		t.Errorf("%v", err)
	}
}

// posting sends a search and returns the status, past what other stories check.
func posting(h *testkit.House, path, body string) (int, string) {
	req := httptest.NewRequest(http.MethodPost, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+testkit.Key("l7"))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	h.Handler.ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}

// FuzzSearch sends whatever bytes as a filter: go test -fuzz FuzzSearch ./api
func FuzzSearch(f *testing.F) {
	h := testkit.Open(f)
	for _, seed := range []string{
		`{"and":[{"field":"state","op":"in","value":["identified"]},{"or":[{"field":"gap","op":"gte","value":1}]}]}`,
		`{"not":{"field":"owner.name","op":"contains","value":"an"}}`, `{"field":"tags","op":"all","value":["a","b"]}`,
		`{"field":"last_contact_at","op":"lt","value":"now-90d"}`, `{"field":"id","op":"ne","value":"STK-1"}`, `{"field":"name","op":"null","value":true}`,
	} {
		f.Add(seed)
	}
	for _, v := range hostile {
		text, _ := json.Marshal(v)
		f.Add(`{"field":` + string(text) + `,"op":"eq","value":1}`)
		f.Add(`{"field":"name","op":"contains","value":` + string(text) + `}`)
	}
	nouns := register.All()
	f.Fuzz(func(t *testing.T, filter string) {
		body := `{"filter":` + filter + `}`
		status, answer := posting(h, "/"+nouns[len(filter)%len(nouns)].Path+"/search", body)
		innocent(t, url.QueryEscape(filter), status, answer)
		status, answer = posting(h, "/stakeholders/search", body)
		innocent(t, url.QueryEscape(filter), status, answer)
	})
}
