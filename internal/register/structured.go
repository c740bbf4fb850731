package register

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// inside is a member of a structured value.
type inside struct {
	index    int
	key      []byte // "name": with its quotes
	nullable bool   // "" is null on the wire
}

// plans are the members of the structs that stand inside fields, by their types.
var plans sync.Map // reflect.Type → []inside

// insideOf are the members of a structured value, read off its type once.
func insideOf(t reflect.Type) []inside {
	if have, known := plans.Load(t); known {
		return have.([]inside)
	}
	var list []inside
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		list = append(list, inside{i, []byte(`"` + name + `":`), Emptied(f)})
	}
	plans.Store(t, list)
	return list
}

// Emptied reports whether a member of a structured value is null where it is empty:
// text that nobody must give and that has no word to stand for nothing.
func Emptied(f reflect.StructField) bool {
	own, _, _ := strings.Cut(f.Tag.Get("validate"), ",dive")
	required := strings.Contains(","+own+",", ",required,")
	return f.Type.Kind() == reflect.String && !required && f.Tag.Get("default") == ""
}

// structured writes a value that is kept as JSON text: a struct, or a list of
// structs, with null for its empty texts, as everywhere on the wire.
func structured(v reflect.Value) ([]byte, error) {
	switch {
	case v.Kind() == reflect.Struct:
		return structure(nil, v)
	case v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Struct:
		return json.Marshal(v.Interface())
	}
	dst := []byte{'['}
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = structure(dst, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func structure(dst []byte, v reflect.Value) ([]byte, error) {
	dst = append(dst, '{')
	for i, m := range insideOf(v.Type()) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, m.key...)
		field := v.Field(m.index)
		if m.nullable && field.Len() == 0 {
			dst = append(dst, "null"...)
			continue
		}
		raw, err := structured(field)
		if err != nil {
			return nil, err
		}
		dst = append(dst, raw...)
	}
	return append(dst, '}'), nil
}
