package register

import (
	"encoding/json"
	"reflect"
)

// Words reports whether the field is a list of words, tags among them.
func (f *Field) Words() bool {
	return f.Shape == JSON && !f.Many && f.Type == reflect.TypeFor[List[string]]()
}

// Names are the ids of the records that a row names in the field.
func (f *Field) Names(row Row) []string {
	cell := row[f.Column]
	switch {
	case cell == nil:
		return nil
	case f.Shape == Ref:
		return []string{string(cell)}
	case f.Many:
		var ids []string
		_ = json.Unmarshal(cell, &ids) // our own JSON
		return ids
	}
	return nil
}
