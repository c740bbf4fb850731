package register

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"rapport/internal/flow"
)

// atCreate reports whether a new record gets the field's default: one that says
// who and when waits for the transition that writes the field.
func (f *Field) atCreate() bool {
	return !f.Stamped() || len(f.Set) == 0 || slices.Contains(f.Set, "create")
}

// restamp puts the default of the stamped fields that a transition writes and the
// body leaves out: verifying again without a date means today, not the last time.
func (n *Noun) restamp(rec Record, body Body, w Writing) {
	if w.Transition == nil {
		return
	}
	v := reflect.ValueOf(rec).Elem()
	for _, f := range n.Fields {
		if f.Stamped() && slices.Contains(f.Set, w.Transition.Name) && body.Get(f.Name) == nil {
			setWord(v.FieldByIndex(f.index), f.Default)
		}
	}
}

// Forget empties what a transition has to be told anew: the second question to a
// complainant is not the first one, asked again by saying nothing.
func (n *Noun) Forget(rec Record, row *flow.Transition[Record]) {
	if row == nil || len(row.AnewFrom) > 0 && !slices.Contains(row.AnewFrom, rec.Meta().State) {
		return
	}
	v := reflect.ValueOf(rec).Elem()
	for _, name := range row.Anew {
		f := n.Input(name)
		at := v.FieldByIndex(f.index)
		at.SetZero()
		if f.Default != "" {
			setWord(at, f.Default)
		}
	}
}

// checkAnew refuses to ask anew for what a transition does not write, or stamps by itself.
func (n *Noun) checkAnew() error {
	for i := range n.Flow.Rows {
		row := &n.Flow.Rows[i]
		for _, name := range row.Anew {
			if f := n.Input(name); f == nil || f.Stamped() || !f.WrittenBy(row) {
				return fmt.Errorf("transition %s asks anew for %q, which it does not write, or stamps", row.Name, name)
			}
		}
	}
	return nil
}

// Stamp turns the defaults me, today and now into the person, the day and the
// moment. A machine is nobody's "me", which leaves the field empty.
func (n *Noun) Stamp(rec Record, person string, now time.Time) {
	v := reflect.ValueOf(rec).Elem()
	for _, f := range n.Fields {
		at := v.FieldByIndex(f.index)
		if !f.Stamped() || at.String() != f.Default {
			continue
		}
		switch f.Default {
		case "me":
			at.SetString(person)
		case "today":
			at.SetString(string(On(now)))
		case "now":
			at.SetString(string(At(now)))
		}
	}
}
