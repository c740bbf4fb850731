package api_test

import (
	"slices"

	"rapport/internal/flow"
	"rapport/internal/register"
)

// readOnly sends a record back as it was read, which changes nothing, and then
// with each member changed that no client writes.
func (s *fieldSuite) readOnly() {
	path := s.open()
	read := s.l7.Get(path).Want(200)
	if len(s.n.Open) > 0 {
		back := s.l7.Patch(path, string(read.Body)).Want(200)
		if string(back.Body) != string(read.Body) {
			s.t.Errorf("%s: sent back unchanged, it changed\n%s\n%s", s.n.Name, read.Body, back.Body)
		}
	}
	for _, name := range s.n.Members() {
		if f := s.n.Field(name); f != nil && f.Writable() {
			continue
		}
		r := s.l7.Patch(path, map[string]any{name: "something else"})
		if r.Status == 422 {
			r.Fault("#/"+name, "read_only")
			continue
		}
		s.t.Errorf("%s.%s is read-only, and changing it was answered %d %s", s.n.Name, name, r.Status, r.Body)
	}
}

// lasting are the members that may be written however closed a record is; its owner may
// be another as long as it goes on.
var lasting = []string{"tags", "external_ids", "lesson_ids", "sensitivity", "access_user_ids"}

// closed tries every field in every state in which PATCH is not allowed.
func (s *fieldSuite) closed() {
	for _, state := range s.n.Flow.States() {
		if s.n.PatchIn(state) {
			continue
		}
		id := s.Make(s.n, nil).ID()
		s.Force(s.n, id, state)
		for _, f := range s.n.Fields {
			if f.Writable() && !f.Secret && len(f.Set) == 0 {
				s.tryClosed(f, s.path(id), state)
			}
		}
	}
}

func (s *fieldSuite) tryClosed(f *register.Field, path string, state flow.State) {
	was := s.l7.Get(path).Want(200).Value(f.Name)
	for _, v := range s.Values(s.n, f) {
		if same(was, v) {
			continue
		}
		r := s.l7.Patch(path, map[string]any{f.Name: v})
		if !slices.Contains(lasting, f.Name) && (f.Name != "owner_id" || s.n.Flow.Ended(state)) {
			s.refused(f, r, "not_allowed_in_state")
		} else if r.Status != 200 {
			s.errorf(f, "stays writable in %s, got %d %s", state, r.Status, r.Body)
		}
		return
	}
}
