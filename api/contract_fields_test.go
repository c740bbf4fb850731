package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rapport/internal/flow"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// Every field of every noun is written, read, found, sorted by, cleared and
// mistreated, by what its type and its tags say of it.
func TestContractFields(t *testing.T) {
	for _, n := range register.All() {
		t.Run(n.Name, func(t *testing.T) {
			t.Parallel()
			h := testkit.Open(t).Contract()
			h.Quick = true
			s := &fieldSuite{t: t, House: h, n: n, l7: h.As("l7")}
			for _, f := range n.Fields {
				if f.Writable() && !f.Secret {
					s.tryField(f)
				}
			}
			s.derived()
			s.readOnly()
			s.closed()
		})
	}
}

// derived computes all derived values anew, after the fields were tried: those that
// bear on them (Kind.DerivedFrom) are named, so nothing is put right now.
func (s *fieldSuite) derived() {
	if s.n.DerivedFrom == nil {
		return
	}
	before := s.Picture()
	if err := s.Ledger.Rederive(context.Background()); err != nil {
		s.t.Error(err)
	}
	if !s.SamePicture(before) {
		s.t.Errorf("%s: derived values were not right until they were computed anew", s.n.Plural)
	}
}

// fieldSuite tries the fields of one noun.
type fieldSuite struct {
	*testkit.House
	t  *testing.T
	n  *register.Noun
	l7 *testkit.Client
}

// errorf tells of a flaw of a field.
func (s *fieldSuite) errorf(f *register.Field, format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("%s.%s: %s", s.n.Name, f.Name, fmt.Sprintf(format, args...))
}

// entered reports whether clients enter records of the noun.
func (s *fieldSuite) entered() bool {
	sample, _, _ := seeds.SampleOf(s.n.Name)
	return sample.Create != nil
}

// instead is the member that a field excludes, "" for none.
func instead(n *register.Noun, f *register.Field) string {
	sample, _, _ := seeds.SampleOf(n.Name)
	return sample.Instead[f.Name]
}

func onCreate(f *register.Field) bool { return len(f.Set) == 0 || slices.Contains(f.Set, "create") }

// open is the path of a fresh record in a state in which PATCH is allowed.
func (s *fieldSuite) open() string {
	made := s.Make(s.n, nil)
	if !s.n.PatchIn(flow.State(made.Text("state"))) && len(s.n.Open) > 0 {
		s.Force(s.n, made.ID(), s.n.Open[0])
	}
	return s.path(made.ID())
}

func (s *fieldSuite) path(id string) string { return "/" + s.n.Path + "/" + id }

func (s *fieldSuite) tryField(f *register.Field) {
	values := s.Values(s.n, f)
	if s.entered() && onCreate(f) {
		s.tryCreate(f, values)
	}
	if s.entered() && !onCreate(f) {
		body := s.Body(s.n)
		body[f.Name] = values[0]
		s.refused(f, s.l7.Post("/"+s.n.Path+"?allow_duplicate=true", body), "not_allowed_in_state")
	}
	path := s.open()
	switch {
	case len(f.Set) == 0 && len(s.n.Open) > 0:
		s.tryPatch(f, path, s.Values(s.n, f))
		s.mistreat(f, path)
		s.clear(f)
	case slices.Equal(f.Set, []string{"create"}):
		s.fixed(f, path, values, "immutable")
	case len(f.Set) > 0:
		s.fixed(f, path, values, "not_allowed_in_state")
	}
}

// tryCreate enters a record with each of two values: both come back, and the
// filter tells them apart.
func (s *fieldSuite) tryCreate(f *register.Field, values []any) {
	var ids []string
	var taken []any
	var last *testkit.Reply
	for _, v := range values {
		if len(ids) == 2 {
			break
		}
		body := s.Body(s.n)
		body[f.Name] = v
		delete(body, instead(s.n, f))
		last = s.l7.Post("/"+s.n.Path+"?allow_duplicate=true", body)
		if last.Status != 201 {
			continue
		}
		back := s.l7.Get(s.path(last.ID())).Want(200)
		if !same(last.Value(f.Name), v) || !same(back.Value(f.Name), v) {
			s.errorf(f, "entered %v, answered %v, read %v", v, last.Value(f.Name), back.Value(f.Name))
		}
		ids, taken = append(ids, last.ID()), append(taken, v)
	}
	switch {
	case len(ids) == 0:
		s.errorf(f, "none of %v is taken on create; name two under values in the noun's sample\n%s", values, last.Body)
	case len(ids) == 2:
		s.find(f, ids, taken)
	}
}

// find asks lists by the field: its filter finds one of two records and not the
// other, in any spelling, and sorting puts them in order.
func (s *fieldSuite) find(f *register.Field, ids []string, values []any) {
	among := "id.in=" + strings.Join(ids, ",")
	ask := func(query string) []string {
		return s.ids(s.l7.Get("/" + s.n.Path + "?" + among + query).Want(200))
	}
	if f.Filter {
		eq, not := "", ".ne"
		if f.Many || f.Terms {
			eq, not = ".any", ".none"
		}
		term := s.term(f, ids[0])
		if got := ask("&" + f.Name + eq + "=" + url.QueryEscape(term)); !slices.Equal(got, ids[:1]) {
			s.errorf(f, "the filter %s=%s finds %v, want %v", eq, term, got, ids[:1])
		}
		if got := ask("&" + f.Name + not + "=" + url.QueryEscape(term)); !slices.Equal(got, ids[1:]) {
			s.errorf(f, "the filter %s=%s finds %v, want %v", not, term, got, ids[1:])
		}
		if f.Nullable {
			if got := ask("&" + f.Name + ".null=true"); len(got) != 0 {
				s.errorf(f, "null=true finds %v", got)
			}
		}
	}
	if f.Sort {
		want := slices.Clone(ids)
		if after(values[0], values[1]) {
			slices.Reverse(want)
		}
		up, down := ask("&sort="+f.Name), ask("&sort=-"+f.Name)
		slices.Reverse(down)
		if !slices.Equal(up, want) || !slices.Equal(down, want) {
			s.errorf(f, "sorted up %v and down (reversed) %v, want %v", up, down, want)
		}
	}
}

// term is what finds a record by its field, texts in another spelling.
func (s *fieldSuite) term(f *register.Field, id string) string {
	rec := s.Record(s.n, id)
	if f.Many || f.Terms {
		if terms := s.n.Terms(rec, f); len(terms) > 0 {
			return terms[0]
		}
	}
	v := s.l7.Get(s.path(id)).Text(f.Name)
	if f.Shape == register.Text {
		return strings.ReplaceAll(strings.ToUpper(v), "O", "Ó")
	}
	return v
}

func after(a, b any) bool {
	x, okx := number(a)
	y, oky := number(b)
	if okx && oky {
		return x > y
	}
	return fold.Fold(fmt.Sprint(a)) > fold.Fold(fmt.Sprint(b))
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case float64:
		return n, true
	case string:
		i := slices.Index(register.Enums["sensitivity"], n)
		return float64(i), i >= 0
	}
	return 0, false
}

func (s *fieldSuite) ids(r *testkit.Reply) (ids []string) {
	var list struct{ Data []struct{ ID string } }
	_ = json.Unmarshal(r.Body, &list)
	for _, d := range list.Data {
		ids = append(ids, d.ID)
	}
	return ids
}

// same compares two values as JSON.
func same(a, b any) bool {
	var x, y any
	ra, _ := json.Marshal(a)
	rb, _ := json.Marshal(b)
	_ = json.Unmarshal(ra, &x)
	_ = json.Unmarshal(rb, &y)
	return reflect.DeepEqual(x, y)
}

// tryPatch writes a value over a record that has another.
func (s *fieldSuite) tryPatch(f *register.Field, path string, values []any) {
	var last *testkit.Reply
	for _, v := range values {
		was := s.l7.Get(path).Want(200)
		if same(was.Value(f.Name), v) {
			continue
		}
		last = s.l7.Patch(path, map[string]any{f.Name: v})
		if last.Status == 200 {
			if !same(last.Value(f.Name), v) || last.Value("version").(float64) != was.Value("version").(float64)+1 {
				s.errorf(f, "patched %v, answered %v with version %v", v, last.Value(f.Name), last.Value("version"))
			}
			return
		}
	}
	if last != nil {
		s.errorf(f, "none of %v is taken by PATCH; name two under values in the noun's sample\n%s", values, last.Body)
	}
}

// clear empties the field: null or its default comes back, or it is required.
func (s *fieldSuite) clear(f *register.Field) {
	path := s.open()
	r := s.l7.Patch(path, map[string]any{f.Name: nil})
	if r.Status == 422 && (f.Required || s.n.Check != nil) {
		if f.Required {
			r.Fault("#/"+f.Name, "required")
		}
		return
	}
	if f.Required {
		s.errorf(f, "it is required, and null was taken: %d", r.Status)
		return
	}
	if want := s.empty(f); r.Status != 200 || !same(r.Value(f.Name), want) {
		s.errorf(f, "cleared: want %v, got %d %v", want, r.Status, r.Value(f.Name))
	}
}

// empty is what a field shows that has no value.
func (s *fieldSuite) empty(f *register.Field) any {
	switch {
	case f.Stamped():
		return nil // null means nobody, or no day
	case f.Default != "" && f.Shape == register.Whole:
		var n any
		_ = json.Unmarshal([]byte(f.Default), &n)
		return n
	case f.Default != "" && f.Shape == register.Truth:
		return f.Default == "true"
	case f.Default == "me":
		return s.People["l7"]
	case f.Default == "today":
		return string(register.On(s.Clock.Now()))
	case f.Default == "now":
		return string(register.At(s.Clock.Now()))
	case f.Default != "":
		return f.Default
	case f.Nullable:
		return nil
	case f.WireType() == "array":
		return []any{}
	case f.Shape == register.JSON:
		return map[string]any{}
	case f.Shape == register.Whole:
		return 0
	case f.Shape == register.Truth:
		return false
	}
	return ""
}

// mistreat writes what the field does not take.
func (s *fieldSuite) mistreat(f *register.Field, path string) {
	patch := func(v any) *testkit.Reply { return s.l7.Patch(path, map[string]any{f.Name: v}) }
	wrong := []any{7, true, []any{1}, map[string]any{"a": 1}}
	switch {
	case f.Shape == register.Whole:
		wrong = []any{"seven", 1.5, 1e15, true, []any{}}
	case f.Shape == register.Truth:
		wrong = []any{"true", 1, []any{}}
	case f.WireType() == "array":
		wrong = []any{"a", 7, map[string]any{}, []any{nil}}
	case f.Shape == register.JSON:
		wrong = []any{"a", 7, []any{}}
	}
	for _, v := range wrong {
		s.refused(f, patch(v), "invalid_type")
	}
	if f.Enum != "" && f.Shape != register.JSON {
		r := patch("no_such_word")
		s.refused(f, r, "not_in_enum")
		if r.Len("errors.0.params.allowed") != len(f.Values()) {
			s.errorf(f, "the refusal does not name what is allowed: %s", r.Body)
		}
		for _, word := range f.Values() {
			if r := patch(word); r.Status != 200 && strings.Contains(string(r.Body), "not_in_enum") {
				s.errorf(f, "%s is in its enumeration and refused: %s", word, r.Body)
			}
		}
	}
	if f.Shape == register.Text {
		s.refused(f, patch("a\x00b"), "invalid_format")
		s.refused(f, patch("a\u0085b"), "invalid_format")
		s.tooLong(f, patch)
	}
	typo := f.Name + f.Name[len(f.Name)-1:]
	r := s.l7.Patch(path, map[string]any{typo: "a"}).Want(422).Fault("#/"+typo, "unknown_field")
	if r.Text("errors.0.suggestion") == "" {
		s.errorf(f, "no suggestion for %s: %s", typo, r.Body)
	}
}

func (s *fieldSuite) tooLong(f *register.Field, patch func(any) *testkit.Reply) {
	if f.Max == "" {
		if text, _ := s.Values(s.n, f)[0].(string); strings.HasPrefix(text, "Quay") {
			s.errorf(f, "neither a max nor a format bounds it")
		}
		return
	}
	var most int
	_, _ = fmt.Sscan(f.Max, &most)
	r := patch(strings.Repeat("é", most+1))
	if r.Status != 422 || !strings.Contains(string(r.Body), "too_long") && !strings.Contains(string(r.Body), "invalid_format") {
		s.errorf(f, "%d characters: %d %s", most+1, r.Status, r.Body)
	}
}

// refused wants a fault of that code at the field, or at an item of it.
func (s *fieldSuite) refused(f *register.Field, r *testkit.Reply, code string) {
	s.t.Helper()
	var p struct {
		Errors []struct{ Pointer, Code string }
	}
	_ = json.Unmarshal(r.Body, &p)
	for _, e := range p.Errors {
		if r.Status == 422 && e.Code == code && (e.Pointer == "#/"+f.Name || strings.HasPrefix(e.Pointer, "#/"+f.Name+"/")) {
			return
		}
	}
	s.errorf(f, "want 422 with %s, got %d %s", code, r.Status, r.Body)
}

// fixed tries to change by PATCH what PATCH does not change.
func (s *fieldSuite) fixed(f *register.Field, path string, values []any, code string) {
	was := s.l7.Get(path).Want(200).Value(f.Name)
	for _, v := range values {
		if !same(was, v) {
			s.refused(f, s.l7.Patch(path, map[string]any{f.Name: v}), code)
			return
		}
	}
}
