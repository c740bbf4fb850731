// Package exports writes records as files: tables for spreadsheets and lines of
// JSON for programs, in the form that imports read back. It knows neither HTTP nor
// the database.
package exports

import (
	"slices"
	"strings"

	"rapport/internal/fault"
	"rapport/internal/register"
)

// kind is what a column shows of its field.
type kind int

const (
	plain    kind = iota // the value as it is kept
	ref                  // the record's own short name
	relation             // the short name of the record that is named
	several              // those of several records
	words                // a list of words
)

// Column is a column of a file.
type Column struct {
	Name  string
	Field *register.Field
	kind  kind
}

// always come first, whatever is asked for: by them an import knows its own file.
var always = []string{"id", "ref", "version"}

// ColumnsOf are all columns that a file of n has unless it is asked for less, in
// their order: relations by the ref of the record named, under the name that imports
// know them by.
func ColumnsOf(n *register.Noun) []Column {
	list := []Column{
		{"id", n.Field("id"), plain}, {"ref", n.Field("num"), ref}, {"version", n.Field("version"), plain}, {"state", n.Field("state"), plain},
	}
	for _, f := range n.Fields {
		if f.Circle != register.OfHead && !f.Secret {
			list = append(list, columnOf(f))
		}
	}
	return append(list, Column{"created_at", n.Field("created_at"), plain}, Column{"updated_at", n.Field("updated_at"), plain})
}

func columnOf(f *register.Field) Column {
	switch {
	case f.Shape == register.Ref:
		return Column{f.Relation(), f, relation}
	case f.Many:
		return Column{f.Name, f, several}
	case f.Words():
		return Column{f.Name, f, words}
	}
	return Column{f.Name, f, plain}
}

// Choose are the columns with the given names, behind those that always come; all
// for no names. Names that there are not are told at once.
func Choose(n *register.Noun, names []string) ([]Column, error) {
	all := ColumnsOf(n)
	if len(names) == 0 {
		return all, nil
	}
	for _, f := range n.Fields { // relations by their ids, and what has an end
		if f.Shape == register.Ref && !f.Secret || f.Name == "deleted_at" {
			all = append(all, Column{f.Name, f, plain})
		}
	}
	known := make([]string, len(all))
	for i, c := range all {
		known[i] = c.Name
	}
	wrong := fault.New(fault.InvalidParameter, "fields takes names of columns.")
	var list []Column
	for _, name := range append(slices.Clone(always), names...) {
		i := slices.Index(known, name)
		switch {
		case i < 0:
			wrong.Fields = append(wrong.Fields, fault.Field{
				Parameter: "fields", Code: "not_in_enum", Detail: "There is no column " + name + "; there are " + strings.Join(known, ", ") + ".",
				Suggestion: fault.Nearest(name, known), Params: map[string]any{"allowed": known},
			})
		case !slices.ContainsFunc(list, func(c Column) bool { return c.Name == name }):
			list = append(list, all[i])
		}
	}
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	return list, nil
}
