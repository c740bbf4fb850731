package main

import (
	"reflect"
	"strings"

	"rapport/internal/register"
)

// structured is the Go type of a field that is kept as JSON. Structs inside it
// are written beside the noun's own: as they are shown, and as they are sent.
func (w *writer) structured(f *register.Field, body bool) string {
	return w.typeOf(f.Type, body)
}

func (w *writer) typeOf(t reflect.Type, body bool) string {
	if t == reflect.TypeFor[register.Filter]() {
		return "FilterNode"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.typeOf(t.Elem(), body)
	case reflect.Slice:
		return "[]" + w.typeOf(t.Elem(), body)
	case reflect.Map:
		return "map[string]any"
	case reflect.Struct:
		return w.item(t, body)
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int64, reflect.Int32:
		return "int"
	case reflect.Float64, reflect.Float32:
		return "float64"
	case reflect.Interface:
		return "any"
	default:
		return "string"
	}
}

// item writes the struct of a list's items and returns its name.
func (w *writer) item(t reflect.Type, body bool) string {
	name := t.Name()
	if body {
		name += "Input"
	}
	if w.items[name] {
		return name
	}
	w.items[name] = true
	var list []property
	for _, s := range reflect.VisibleFields(t) {
		wire, options, _ := strings.Cut(s.Tag.Get("json"), ",")
		if s.Anonymous || wire == "" || wire == "-" {
			continue
		}
		list = append(list, w.itemMember(t, s, wire, strings.Contains(options, "omit"), body))
	}
	w.strukt(name, w.docs.typeDoc(t.Name()), list)
	return name
}

func (w *writer) itemMember(t reflect.Type, s reflect.StructField, wire string, omitted, body bool) property {
	rules := s.Tag.Get("validate")
	required := strings.Contains(","+strings.SplitN(rules, ",dive", 2)[0]+",", ",required,")
	p := property{name: wire, typ: w.typeOf(s.Type, body), doc: w.docs.docOf("register."+t.Name(), s.Name), optional: omitted}
	p.nullable = s.Type.Kind() == reflect.Pointer
	if enum := s.Tag.Get("enum"); enum != "" {
		p.enum(pascal(enum))
	}
	switch s.Type {
	case reflect.TypeFor[register.Instant]():
		p.nullable, p.rules = true, append(p.rules, `format:"date-time"`)
	case reflect.TypeFor[register.Date]():
		p.nullable, p.rules = true, append(p.rules, `format:"date"`)
	}
	if !body {
		p.nullable = s.Type.Kind() == reflect.Pointer || register.Emptied(s)
		return p
	}
	p.optional = !required
	p.nullable = !required && !isList(p.typ)
	p.constrain(rules)
	if required {
		p.valid = append(p.valid, "required")
	}
	return p
}
