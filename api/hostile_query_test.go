package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"rapport/internal/testkit"
)

// operation is one of the document's, below the API's base.
type operation struct {
	method, path string // a path that names nothing that is there
	*openapi3.Operation
}

// operations are all operations below the API's base, in order.
func operations(t *testing.T) (all []operation) {
	t.Helper()
	names := strings.NewReplacer("{noun}", "stakeholder", "{collection}", "stakeholders", "{id}", "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b")
	for path, item := range document(t).Paths.Map() {
		if len(item.Servers) > 0 {
			continue
		}
		for method, op := range item.Operations() {
			all = append(all, operation{method, names.Replace(path), op})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

// ask makes a request of the operation with one parameter more.
func (op operation) ask(c *testkit.Client, name, value string) *testkit.Reply {
	var body any
	if op.RequestBody != nil {
		body = "{}"
	}
	return c.Do(op.method, op.path+"?"+url.QueryEscape(name)+"="+url.QueryEscape(value), body)
}

// A parameter that nobody knows is refused on every route, with the name that was
// probably meant: before it is looked whether there is what the path names.
func TestUnknownParametersAreRefusedEverywhere(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7 := h.As("l7")
	for _, op := range operations(t) {
		r := op.ask(l7, "prety", "true")
		if r.Status != 400 || r.Text("code") != "unknown-parameter" || r.Text("errors.0.suggestion") != "pretty" {
			t.Errorf("%s %s: %d %s", op.method, op.path, r.Status, r.Body)
		}
		if r := op.ask(l7, "api_key", testkit.Key("l7")); r.Status != 400 || strings.Contains(string(r.Body), testkit.Key("l7")) {
			t.Errorf("%s %s takes a key in the query: %d %s", op.method, op.path, r.Status, r.Body)
		}
	}
}

// unreadable is a value that the parameter's type does not have, "" if any text is one.
func unreadable(p *openapi3.Parameter) string {
	s := p.Schema.Value
	if s.Type.Is("array") && s.Items != nil {
		s = s.Items.Value
	}
	switch {
	case p.Name == "tz":
		return "Mars/Olympus"
	case p.Name == "cursor":
		return "eyJ2IjoxfQ.AAAA"
	case s.Type.Is("integer"), s.Type.Is("boolean"), s.Type.Is("number"), s.Format == "date", s.Format == "date-time", s.Format == "uuid", len(s.Enum) > 0:
		return "no such value"
	}
	return ""
}

// A value that a parameter cannot have is refused as such, by every operation that
// knows the parameter.
func TestUnreadableParametersAreRefusedEverywhere(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7, tried := h.As("l7"), 0
	for _, op := range operations(t) {
		for _, p := range op.Parameters {
			if p.Value.In != "query" {
				continue
			}
			value := unreadable(p.Value)
			if value == "" {
				continue
			}
			tried++
			r := op.ask(l7, p.Value.Name, value)
			want := "invalid-parameter"
			if p.Value.Name == "cursor" {
				want = "invalid-cursor"
			}
			if r.Status != 400 || r.Text("code") != want || want != "invalid-cursor" && !strings.Contains(string(r.Body), `"parameter":"`+p.Value.Name+`"`) {
				t.Errorf("%s %s?%s=%s: %d %.300s", op.method, op.path, p.Value.Name, value, r.Status, r.Body)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d parameters were tried", tried)
	}
}

// Dates of filters are read in the zone that is asked for.
func TestZonesOfFilters(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Get("/stakeholders?created_at.gte=today&tz=Europe/Berlin").Want(200)
	for _, zone := range []string{"Local", "Europe/Atlantis", "../../etc/passwd", "+02:00", "'"} {
		l4.Get("/stakeholders?tz="+url.QueryEscape(zone)).Code(400, "invalid-parameter").Fault("tz", "invalid_format")
	}
}

// Very many unknown parameters cost no more than the first of them: a hundred are
// told of, and for twenty the name is looked for that was meant.
func TestManyUnknownParametersStayCheap(t *testing.T) {
	h := testkit.Open(t)
	var names []string
	for range 5000 {
		names = append(names, "limi"+strings.Repeat("t", 1+len(names)%7)+string(rune('a'+len(names)%26))+"=1")
	}
	for _, path := range []string{"/stakeholders", "/me"} {
		query := []string{}
		for i, name := range names {
			query = append(query, strings.Replace(name, "=", strings.Repeat("x", i%90)+"=", 1))
		}
		r := h.As("l4").Get(path+"?"+strings.Join(query, "&")).Code(400, "unknown-parameter")
		if n := r.Len("errors"); n != 100 {
			t.Errorf("%s: %d faults are told of", path, n)
		}
	}
}
