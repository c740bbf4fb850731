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
	member               // a custom field
)

// Column is a column of a file.
type Column struct {
	Name  string
	Field *register.Field
	kind  kind
	key   string // of a custom field
}

// always come first, whatever is asked for: by them an import knows its own file.
var always = []string{"id", "ref", "version"}

// ColumnsOf are all columns that a file of n has unless it is asked for less, in
// their order: relations by the ref of the record named, under the name that imports
// know them by.
func ColumnsOf(n *register.Noun, customs *register.Customs) []Column {
	list := []Column{
		{Name: "id", Field: n.Field("id")}, {Name: "ref", Field: n.Field("num"), kind: ref}, {Name: "version", Field: n.Field("version")}, {Name: "state", Field: n.Field("state")},
	}
	for _, f := range n.Fields {
		switch {
		case f.Circle == register.OfHead || f.Secret:
		case f.Name == "custom_fields" && len(customs.Known(n)) > 0:
			list = append(list, customColumns(n, f, customs)...)
		default:
			list = append(list, columnOf(f))
		}
	}
	return append(list, Column{Name: "created_at", Field: n.Field("created_at")}, Column{Name: "updated_at", Field: n.Field("updated_at")})
}

// customColumns are a column for each custom field, in place of all in one.
func customColumns(n *register.Noun, f *register.Field, customs *register.Customs) (list []Column) {
	for _, c := range customs.Known(n) {
		list = append(list, Column{Name: c.Path(), Field: f, kind: member, key: c.Key})
	}
	return list
}

func columnOf(f *register.Field) Column {
	switch {
	case f.Shape == register.Ref:
		return Column{Name: f.Relation(), Field: f, kind: relation}
	case f.Many:
		return Column{Name: f.Name, Field: f, kind: several}
	case f.Words():
		return Column{Name: f.Name, Field: f, kind: words}
	}
	return Column{Name: f.Name, Field: f}
}

// Choose are the columns with the given names, behind those that always come; all
// for no names. Names that there are not are told at once.
func Choose(n *register.Noun, customs *register.Customs, names []string) ([]Column, error) {
	all := ColumnsOf(n, customs)
	if len(names) == 0 {
		return all, nil
	}
	for _, f := range n.Fields { // relations by their ids, custom fields in one, and what has an end
		if f.Shape == register.Ref && !f.Secret || f.Name == "deleted_at" || f.Name == "custom_fields" && len(customs.Known(n)) > 0 {
			all = append(all, Column{Name: f.Name, Field: f})
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
