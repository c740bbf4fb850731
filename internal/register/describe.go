package register

import (
	"slices"
	"strings"

	"rapport/internal/flow"
)

// Wording is how a name reads to a person: "Propose resolution".
func Wording(name string) string {
	words := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// Article is a noun's name in a sentence: "an issue".
func Article(noun string) string {
	words := strings.ReplaceAll(noun, "_", " ")
	if strings.ContainsRune("aeio", rune(words[0])) {
		return "an " + words
	}
	return "a " + words
}

// Taken is a field that a transition writes.
type Taken struct {
	Field    *Field
	Required bool
}

// FieldsOf lists what a transition writes: what it needs, then what else it takes, with
// what its guards ask for.
func (n *Noun) FieldsOf(row *flow.Transition[Record]) (taken []Taken) {
	for _, name := range row.Needs {
		taken = append(taken, Taken{n.Input(name), true})
	}
	for _, f := range n.Inputs() {
		if f.WrittenBy(row) && !slices.Contains(row.Needs, f.Name) {
			taken = append(taken, Taken{f, row.Asks(f.Name, nil)})
		}
	}
	return taken
}

// WireType names the JSON type of the field's values.
func (f *Field) WireType() string {
	if f.maker {
		return "object"
	}
	switch f.Shape {
	case Whole:
		return "integer"
	case Truth:
		return "boolean"
	case JSON:
		if strings.HasPrefix(f.Type.Name(), "List[") {
			return "array"
		}
		return "object"
	default:
		return "string"
	}
}

// Format names the format of the field's values, "" for none.
func (f *Field) Format() string {
	return map[Shape]string{Moment: "date-time", Day: "date", Ref: "uuid"}[f.Shape]
}

// Ops are the operators that filters by the field take, besides equality.
func (f *Field) Ops() []string {
	null := []string{}
	if f.Nullable {
		null = []string{"null"}
	}
	switch {
	case !f.Filter:
		return nil
	case f.Past != nil:
		return []string{"ne"}
	case f.Many || f.Terms:
		return []string{"any", "all", "none", "null"}
	case f.Shape == Text && f.Circle != OfHead: // an id is named whole
		return append([]string{"ne", "in", "nin", "contains", "starts"}, null...)
	case f.Shape == Whole || f.Shape == Moment || f.Shape == Day || f.Shape == Rank:
		return append([]string{"ne", "in", "nin", "gt", "gte", "lt", "lte"}, null...)
	default:
		return append([]string{"ne", "in", "nin"}, null...)
	}
}

// Sorts are the fields by which lists are sorted.
func (n *Noun) Sorts() (names []string) {
	for _, f := range n.Fields {
		if f.Sort && !f.Secret {
			names = append(names, f.Name)
		}
	}
	return names
}

// Includes are the names that include takes for n: its relations, the relations
// of those, its children, and transitions.
func (n *Noun) Includes() (names []string) {
	names = append(names, "transitions")
	for _, f := range n.Fields {
		if f.Target == "" || f.Secret {
			continue
		}
		names = append(names, f.Included())
		if f.Shape == Ref {
			for _, inner := range ByName(f.Target).references() {
				names = append(names, f.Included()+"."+inner.Relation())
			}
		}
	}
	for _, child := range All() {
		if child.UnderA(n) != nil {
			names = append(names, child.Plural)
		}
	}
	if n.Name == "stakeholder" {
		names = append(names, "contacts")
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Included is the name of what a reference leads to: owner for owner_id, lessons
// for lesson_ids.
func (f *Field) Included() string {
	if f.Many {
		return strings.TrimSuffix(f.Name, "_ids") + "s"
	}
	return f.Relation()
}
