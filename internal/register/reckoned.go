package register

import (
	"fmt"
	"reflect"
	"slices"
)

// reckon reads the members that are reckoned when a record is shown. They are
// found by their names as fields are, and have no column.
func (n *Noun) reckon(t reflect.Type) error {
	for _, s := range reflect.VisibleFields(t) {
		if s.Type != reckonedType {
			continue
		}
		past := n.byName[s.Tag.Get("past")]
		if past == nil || past.Shape != Moment {
			return fmt.Errorf("field %s is reckoned from %q, which is no moment", s.Name, s.Tag.Get("past"))
		}
		f := &Field{Name: s.Tag.Get("json"), Go: s.Name, Type: reflect.TypeFor[bool](), Shape: Truth, Circle: Derived, Filter: true, Column: past.Column, Past: past, index: s.Index}
		if n.byName[f.Name] != nil {
			return fmt.Errorf("two fields named %q", f.Name)
		}
		n.byName[f.Name], n.Reckoned = f, append(n.Reckoned, f)
	}
	return nil
}

// Settled is a condition on a reckoned member as one on what it is reckoned from;
// any other as it is.
func (a *Asking) Settled(c Cond) Cond {
	if c.Field == nil || c.Field.Past == nil || len(c.Values) == 0 {
		return c
	}
	over := Cond{Via: c.Via, Noun: c.Noun, Field: c.Field.Past, Op: "lte", Values: []any{string(At(a.Now))}}
	ahead, none := over, over
	ahead.Op, none.Op, none.Values = "gt", "null", []any{true}
	var of []Cond
	if slices.Contains(c.Values, any(true)) != (c.Op == "ne") {
		of = append(of, over)
	}
	if slices.Contains(c.Values, any(false)) != (c.Op == "ne") {
		of = append(of, none, ahead)
	}
	switch len(of) {
	case 0: // neither the one nor the other
		return Cond{Op: "and", Of: []Cond{over, none}}
	case 1:
		return over
	}
	return Cond{Op: "or", Of: of}
}
