package flow

import (
	"errors"
	"fmt"
	"slices"
)

// Check reports every flaw of the table. A misspelt state shows as one that
// nothing leads to, or as one that nothing leads out of and that is no end.
func (t Table[R]) Check() error {
	var flaws []error
	in, out, taken := map[State]bool{t.Start: true}, map[State]bool{}, map[string]bool{}
	for _, row := range t.Rows {
		flaws = append(flaws, row.check()...)
		for _, from := range row.From {
			key := row.Name + " from " + string(from)
			if taken[key] {
				flaws = append(flaws, fmt.Errorf("two rows for %s", key))
			}
			taken[key] = true
			for _, to := range row.Targets(from) {
				in[to] = true
				out[from] = out[from] || to != from
			}
		}
	}
	for _, s := range t.States() {
		if !in[s] {
			flaws = append(flaws, fmt.Errorf("nothing leads to %q", s))
		}
		if !out[s] && !slices.Contains(t.Ends, s) {
			flaws = append(flaws, fmt.Errorf("nothing leads out of %q, which is no end", s))
		}
	}
	return errors.Join(flaws...)
}

func (t Transition[R]) check() (flaws []error) {
	flaw := func(format string, args ...any) {
		flaws = append(flaws, fmt.Errorf(t.Name+": "+format, args...))
	}
	if t.Name == "" || len(t.From) == 0 {
		flaw("a row needs a name and the states it leads from")
	}
	if len(t.Or) > 0 && t.Pick == nil {
		flaw("several targets and nothing to pick one")
	}
	if !t.Level.Valid() {
		flaw("%d is no level", t.Level)
	}
	if (t.FourEyesIf == nil) != (t.FourEyesWhen == "") {
		flaw("the condition of its four eyes stands in code or in words alone")
	}
	codes := map[string]bool{}
	for _, g := range t.Guards {
		if g.Code == "" || g.Check == nil || codes[g.Code] {
			flaw("guard %q has no code of its own, or no check", g.Code)
		}
		codes[g.Code] = true
	}
	names := map[string]bool{}
	for _, r := range t.Raise {
		if r.Name == "" || r.When == nil || !r.Level.Valid() || r.Why == "" || names[r.Name] {
			flaw("raise %q lacks a name of its own, a condition, a level or its why", r.Name)
		}
		names[r.Name] = true
	}
	return flaws
}
