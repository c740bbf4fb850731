package imports

import (
	"slices"
	"strings"

	"rapport/internal/register"
	"rapport/internal/tabular"
)

// peeked is how many rows are looked at to find out what a column holds.
const peeked = 200

// keptColumns finds the column that is headed state and holds states of the noun.
// Only adopted records take their state from a file: here its cells are faults, so
// that nobody believes that it was written. Where it holds something else, a part
// of a country mostly, it is left out as any column that is meant for nothing.
func keptColumns(n *register.Noun, o Options, columns []Column, rows *tabular.Reader) []Column {
	at := slices.IndexFunc(columns, func(c Column) bool { return plainWord(c.Heading) == "state" && c.Target == "" })
	if o.Adopt || at < 0 || n.Field("state") == nil || slices.ContainsFunc(columns, func(c Column) bool { return c.Target == "state" }) {
		return columns
	}
	for range peeked {
		row, err := rows.Next()
		if err != nil {
			break // what is wrong with the file is told when its rows are tried
		}
		if cell, _ := row.Get(columns[at].Heading); slices.Contains(statesOf(n), plainWord(trimmed(cell))) {
			columns[at].Target, columns[at].Confidence = "state", 0.9
			break
		}
	}
	return columns
}

func statesOf(n *register.Noun) (states []string) {
	for _, s := range n.Flow.States() {
		states = append(states, string(s))
	}
	return states
}

// howKept says who keeps a field that files do not write, and how it can be brought
// in after all; "" for any other field.
func howKept(n *register.Noun, f *register.Field) string {
	switch {
	case f == nil || f.Secret || f.Writable():
		return ""
	case f.Name == "state":
		return "state is kept by the register, and transitions change it; adopt=true (level 6 or admin) enters records as they were, in one of the states " + strings.Join(statesOf(n), ", ") + "."
	case f.Name == "created_at" || f.Circle == register.Kept && f.Shape != register.JSON:
		return f.Name + " is kept by the register; adopt=true (level 6 or admin) enters records as they were, with it."
	}
	return f.Name + " is kept by the register."
}
