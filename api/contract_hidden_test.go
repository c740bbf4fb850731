package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

var occurrence = regexp.MustCompile(`"(request_id|instance)":"[^"]*"`)

// subRoutes asks every route below a hidden record, by every method, and wants
// the very answer that a record which never was gives.
func (s *sensitivitySuite) subRoutes() {
	const nowhere = "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b"
	c := s.As("reader4")
	answer := func(method, path, id string, n *register.Noun) (int, string) {
		var body any
		if method == http.MethodPost || method == http.MethodPatch {
			body = map[string]any{}
		}
		if strings.HasSuffix(path, "/transitions") && body != nil {
			body = map[string]any{"transition": n.Flow.Rows[0].Name}
		}
		r := c.Do(method, s.fill(path, id), body)
		return r.Status, strings.ReplaceAll(string(occurrence.ReplaceAll(r.Body, nil)), id, "…")
	}
	for _, x := range s.restricted {
		for _, route := range routes(s.Handler) {
			path := strings.TrimPrefix(route.Path, "/api/v1")
			if !strings.HasPrefix(path, "/"+x.n.Path+"/:id") || !slices.Contains([]string{"GET", "POST", "PATCH", "DELETE"}, route.Method) {
				continue
			}
			if len(x.n.Flow.Rows) == 0 && strings.HasSuffix(path, "/transitions") {
				continue
			}
			status, body := answer(route.Method, path, x.id, x.n)
			never, nothing := answer(route.Method, path, nowhere, x.n)
			if status != never || body != nothing || status < 400 {
				s.t.Errorf("%s %s of a hidden record: %d %s; of none: %d %s", route.Method, path, status, body, never, nothing)
			}
			if status != 404 && route.Method != http.MethodPost {
				s.t.Errorf("%s %s of a hidden record: want 404, got %d", route.Method, path, status)
			}
		}
	}
}

// mute asks for a record in plain sight by what it refers to, in every way that a
// filter has: whatever is asked of a hidden record, the answer is the same for its
// own words and for others.
func (s *sensitivitySuite) mute(who string, c *testkit.Client, ref referrer) {
	if ref.field.Many || c.Get("/"+ref.n.Path+"/"+ref.id).Status != 200 {
		return
	}
	total := func(op string, f *register.Field, value any) string {
		leaf := map[string]any{"field": ref.field.Relation() + "." + f.Name, "op": op, "value": value}
		one := map[string]any{"field": "id", "op": "eq", "value": ref.id}
		out := ""
		for _, probe := range []any{leaf, map[string]any{"not": leaf}, map[string]any{"not": map[string]any{"or": []any{leaf, leaf}}}} {
			filter := map[string]any{"and": []any{one, probe}}
			out += c.Post("/"+ref.n.Path+"/search", map[string]any{"filter": filter, "include_total": true}).Want(200).Text("page.total")
		}
		return out
	}
	for _, f := range ref.to.n.Fields {
		if !f.Filter || f.Shape != register.Text || f.Circle == register.OfHead || f.Seen > 0 || f.Secret {
			continue
		}
		for op, values := range map[string][]any{"eq": {ref.to.word, "other"}, "ne": {ref.to.word, "other"}, "contains": {ref.to.word, "other"}, "null": {true, false}} {
			if op == "null" && !f.Nullable {
				continue
			}
			if x, y := total(op, f, values[0]), total(op, f, values[1]); x != y || x != "011" {
				s.t.Errorf("%s learns of a hidden %s by %s.%s %s: %s and %s", who, ref.to.n.Name, ref.field.Relation(), f.Name, op, x, y)
			}
		}
	}
}

// lookUps tries to learn of hidden records by writing: as a duplicate, by an
// external id, as a reference.
func (s *sensitivitySuite) lookUps() {
	c := s.As("reader4")
	for _, x := range s.restricted {
		var shown map[string]any
		_ = json.Unmarshal(s.l7.Get(x.path()).Want(200).Body, &shown)
		body := s.Body(x.n)
		delete(body, "duplicate_reason")
		for _, f := range x.n.Fields {
			if v := shown[f.Name]; f.Writable() && onCreate(f) && v != nil && f.Target == "" && f.Name != "sensitivity" {
				body[f.Name] = v
			}
		}
		r := c.Post("/"+x.n.Path, body)
		for _, tell := range []string{x.id, `"` + fmt.Sprint(shown["ref"]) + `"`} {
			if bytes.Contains(r.Body, []byte(tell)) {
				s.t.Errorf("entering the same tells of the hidden %s: %d %s", x.n.Name, r.Status, r.Body)
			}
		}
	}
	for _, ref := range s.referrers {
		body := s.Body(ref.n)
		give := func(id string) (int, string) {
			body[ref.field.Name] = id
			if ref.field.Many {
				body[ref.field.Name] = []string{id}
			}
			r := c.Post("/"+ref.n.Path+"?validate_only=true&allow_duplicate=true", body)
			return r.Status, strings.ReplaceAll(string(occurrence.ReplaceAll(r.Body, nil)), id, "…")
		}
		status, hiddenOne := give(ref.to.id)
		_, none := give("0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b")
		if status < 400 || hiddenOne != none {
			s.t.Errorf("%s.%s to a hidden %s: %d %s; to none: %s", ref.n.Name, ref.field.Name, ref.to.n.Name, status, hiddenOne, none)
		}
	}
}
