package main

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/register"
)

// property is a member of a schema as the generated struct declares it.
type property struct {
	name     string // on the wire
	typ      string // Go, without the pointer
	doc      string
	nullable bool
	optional bool // of a body: may be left out
	rules    []string
	valid    []string // of the validate tag, by which swag bounds arrays
}

// enum says of which enumeration the values are.
func (p *property) enum(name string) {
	p.rules = append(p.rules, `extensions:"x-enum=`+name+`"`)
}

// schemas writes the noun's structs: as it is shown, created, changed and moved.
func (w *writer) schemas(n *register.Noun) {
	w.strukt(n.Type, n.Doc, w.shown(n))
	w.strukt(n.Type+"Page", "A page of "+spoken(n.Plural)+".", pageOf(n))
	w.strukt(n.Type+"Board", "A board of "+spoken(n.Plural)+".", boardOf(n))
	w.strukt(n.Type+"BoardColumn", "A column of a board of "+spoken(n.Plural)+".", columnOf(n))
	if !n.Given {
		w.strukt(n.Type+"Create", "What is sent to enter "+article(n.Name)+".", w.created(n))
	}
	for _, by := range n.Under {
		parent := register.ByName(by.Target)
		w.strukt(parent.Type+n.Type+"Create", "What is sent to enter "+article(n.Name)+" of "+article(parent.Name)+".",
			slices.DeleteFunc(w.created(n), func(p property) bool { return p.name == by.Name }))
	}
	if n.Field("external_ids") != nil {
		w.strukt(n.Type+"Upsert", "What is sent to enter or change "+article(n.Name)+" by the id that another system gave it.", w.upserted(n))
	}
	w.strukt(n.Type+"Patch", "What is sent to change "+article(n.Name)+": what is left out stays.", w.patched(n))
	if !n.Moves() {
		return
	}
	w.strukt(n.Type+"Transition", "What is sent to take "+article(n.Name)+" along its workflow.", moved(n))
	w.strukt(n.Type+"TransitionFields", "The fields that transitions of "+article(n.Name)+" fill; which of them, the list of transitions says.", w.taken(n))
}

func (w *writer) strukt(name, doc string, properties []property) {
	w.line("\n// %s: %s\ntype %s struct {", name, lower(oneLine(doc)), name)
	for _, p := range properties {
		if p.doc != "" {
			w.line("\t// %s", p.doc)
		}
		typ, json := p.typ, p.name
		if p.nullable {
			typ = "*" + typ
		}
		if p.optional {
			json += ",omitempty"
		}
		if len(p.valid) > 0 {
			p.rules = append(p.rules, `validate:"`+strings.Join(p.valid, ",")+`"`)
		}
		w.line("\t%s %s `json:\"%s\"%s`", pascal(p.name), typ, json, strings.Join(append([]string{""}, p.rules...), " "))
	}
	w.line("}")
}

// shown are the members of the wire form, in their order.
func (w *writer) shown(n *register.Noun) (list []property) {
	for _, name := range n.Members() {
		switch name {
		case "ref":
			list = append(list, property{name: name, typ: "string", doc: "The record's short name; paths and references take it as they take the id."})
		case "url":
			list = append(list, property{
				name: name, typ: "string", doc: "Where the record is read; absolute where the installation knows its public address.",
				rules: []string{`format:"uri-reference"`},
			})
		case "created_by":
			list = append(list, property{name: name, typ: "Maker", doc: "Who entered the record."})
		case "updated_by":
			list = append(list, property{name: name, typ: "Maker", doc: "Who changed the record last."})
		default:
			list = append(list, w.member(n, name))
		}
	}
	return list
}

func (w *writer) member(n *register.Noun, name string) property {
	if f := n.Field(name); f != nil {
		p := w.property(n, f, false)
		p.nullable = (f.Nullable || f.Seen > 0) && !isList(p.typ)
		return p
	}
	return property{name: name, typ: "Ref", nullable: true, doc: "The " + spoken(n.Field(name+"_id").Target) + " that " + name + "_id names."}
}

// property is a field's value: its type, its doc and what shapes it in every use.
func (w *writer) property(n *register.Noun, f *register.Field, body bool) property {
	p := property{name: f.Name, doc: w.docFor(n, f), typ: "string"}
	switch {
	case f.Name == "state":
		p.enum(n.Type + "State")
	case f.Shape == register.Choice || f.Shape == register.Rank:
		p.enum(pascal(f.Enum))
	case f.Shape == register.Whole:
		p.typ = "int"
	case f.Shape == register.Truth:
		p.typ = "bool"
	case f.Shape == register.JSON:
		p.typ = w.structured(f, body)
		if f.Enum != "" {
			p.enum(pascal(f.Enum))
		}
	}
	if f.Name == "id" {
		p.rules = append(p.rules, `format:"uuid"`)
	}
	if format := f.Format(); format != "" && (!body || f.Shape != register.Ref) {
		p.rules = append(p.rules, `format:"`+format+`"`)
	}
	if f.Many && !body {
		p.rules = append(p.rules, `format:"uuid"`)
	}
	return p
}

func isList(typ string) bool { return strings.HasPrefix(typ, "[]") || strings.HasPrefix(typ, "map[") }

// docFor is the comment above the field, in the struct where it stands.
func (w *writer) docFor(n *register.Noun, f *register.Field) string {
	t := reflect.TypeOf(n.New()).Elem()
	s, found := t.FieldByName(f.Go)
	if !found {
		return ""
	}
	for _, i := range s.Index[:len(s.Index)-1] {
		t = t.Field(i).Type
	}
	return w.docs.docOf("register."+t.Name(), f.Go)
}

// created are the fields that a client may send with a new record.
func (w *writer) created(n *register.Noun) (list []property) {
	for _, f := range n.Inputs() {
		if f.Writable() && !f.Secret && (len(f.Set) == 0 || slices.Contains(f.Set, "create")) {
			list = append(list, w.input(n, f, f.Required))
		}
	}
	if n.Alike != nil {
		list = append(list, property{
			name: "duplicate_reason", typ: "string", optional: true, nullable: true, rules: []string{`maxLength:"2000"`},
			doc: "Why this is no duplicate, with allow_duplicate=true.",
		})
	}
	return list
}

// upserted are the fields that either takes. What a new record needs is not known
// to be needed.
func (w *writer) upserted(n *register.Noun) (list []property) {
	for _, p := range append(w.created(n), w.patched(n)...) {
		if slices.ContainsFunc(list, func(have property) bool { return have.name == p.name }) {
			continue
		}
		p.optional = true
		p.valid = slices.DeleteFunc(p.valid, func(rule string) bool { return rule == "required" })
		list = append(list, p)
	}
	return list
}

// patched are the fields that PATCH takes.
func (w *writer) patched(n *register.Noun) (list []property) {
	for _, f := range n.Fields {
		if f.Writable() && !f.Secret && len(f.Set) == 0 {
			list = append(list, w.input(n, f, false))
		}
	}
	if n.New().Common() != nil {
		for _, verb := range []string{"add", "remove"} {
			list = append(list, property{name: "tags_" + verb, typ: "[]string", optional: true, doc: "Tags to " + verb + ", the others left as they are.", valid: []string{"max=50"}})
		}
	}
	return list
}

// taken are the fields that any transition writes.
func (w *writer) taken(n *register.Noun) (list []property) {
	reason := false
	for _, f := range n.Inputs() {
		for _, row := range n.Flow.Rows {
			if f.WrittenBy(&row) {
				list = append(list, w.input(n, f, false))
				break
			}
		}
	}
	for _, row := range n.Flow.Rows {
		reason = reason || row.Reason
	}
	if reason && !slices.ContainsFunc(list, func(p property) bool { return p.name == "reason" }) {
		list = append(list, property{name: "reason", typ: "string", optional: true, doc: "Why, for the history; some transitions require it.", rules: []string{`maxLength:"4000"`}})
	}
	return list
}

// input is a field as a body holds it, with what its rules demand.
func (w *writer) input(n *register.Noun, f *register.Field, required bool) property {
	p := w.property(n, f, true)
	p.optional, p.nullable = !required, f.Nullable && !f.Required && !isList(p.typ)
	s, _ := reflect.TypeOf(n.New()).Elem().FieldByName(f.Go)
	p.constrain(s.Tag.Get("validate"))
	if f.Shape == register.Ref {
		p.rules = append(p.rules, `maxLength:"64"`)
	}
	switch {
	case f.Default == "" || f.Shape == register.Rank || f.Shape == register.JSON:
	case f.Shape == register.Day || f.Shape == register.Moment:
		p.doc += " Left out, it is " + f.Default + "."
	default:
		p.rules = append(p.rules, `default:"`+f.Default+`"`)
	}
	if required {
		p.valid = append(p.valid, "required")
	}
	return p
}

func moved(n *register.Noun) []property {
	name := property{name: "transition", typ: "string", doc: "The transition's name.", valid: []string{"required"}}
	if len(n.Flow.Rows) > 0 {
		name.enum(n.Type + "TransitionName")
	}
	return []property{
		name,
		{name: "fields", typ: n.Type + "TransitionFields", optional: true, nullable: true, doc: "The fields that the transition fills."},
		{name: "comment", typ: "string", optional: true, nullable: true, doc: "A remark for the history.", rules: []string{`maxLength:"4000"`}},
	}
}

func pageOf(n *register.Noun) []property {
	return []property{
		{name: "data", typ: "[]" + n.Type, doc: "The records, in the order asked for."},
		{name: "page", typ: "pageInfo", doc: "Where the list goes on."},
		{name: "included", typ: "map[string]any", optional: true, doc: "What include asked for, by collection.", rules: []string{`extensions:"x-included=` + n.Name + `"`}},
		{name: "included_truncated", typ: "bool", optional: true, doc: "True where a record has more children than are included."},
	}
}

// constrain turns validation rules into what the schema says.
func (p *property) constrain(rules string) {
	own, items, _ := strings.Cut(rules, ",dive")
	for rule := range strings.SplitSeq(own, ",") {
		name, value, _ := strings.Cut(rule, "=")
		if _, err := strconv.Atoi(value); strings.HasPrefix(p.typ, "[]") && (name == "min" || name == "max") && err == nil {
			p.valid = append(p.valid, rule)
		} else if c := constraint(p.typ, name, value); c != "" {
			p.rules = append(p.rules, c)
		}
	}
	if p.typ != "[]string" {
		return
	}
	for rule := range strings.SplitSeq(items, ",") {
		if most, found := strings.CutPrefix(rule, "max="); found {
			p.rules = append(p.rules, `maxLength:"`+most+`"`)
		}
	}
}

// bounds names what min and max mean, by the type that they bound.
var bounds = map[string][2]string{"string": {"minLength", "maxLength"}, "int": {"minimum", "maximum"}}

func constraint(typ, rule, value string) string {
	if formats := map[string]string{"email": "email", "url": "uri", "uri": "uri"}; typ == "string" && formats[rule] != "" {
		return `format:"` + formats[rule] + `"`
	}
	names, bounded := bounds[typ]
	if _, err := strconv.Atoi(value); err != nil || !bounded {
		return ""
	}
	switch rule {
	case "min", "gte":
		return names[0] + `:"` + value + `"`
	case "max", "lte":
		return names[1] + `:"` + value + `"`
	}
	return ""
}

func boardOf(n *register.Noun) []property {
	return []property{
		{name: "group_by", typ: "string", doc: "The field whose values are the columns."},
		{name: "columns", typ: "[]" + n.Type + "BoardColumn", doc: "A column per value, in the order of the workflow or of the enumeration."},
	}
}

func columnOf(n *register.Noun) []property {
	return []property{
		{name: "value", typ: "string", doc: "The value that the column stands for."},
		{name: "label", typ: "string", doc: "The value in words."},
		{name: "color", typ: "string", doc: "A colour for it, as #rrggbb."},
		{name: "terminal", typ: "bool", doc: "True for a state in which a record is closed."},
		{name: "total", typ: "int64", doc: "How many records the caller may see there."},
		{name: "items", typ: "[]" + n.Type, doc: "The first of them, in the order asked for."},
		{name: "next_cursor", typ: "string", nullable: true, doc: "Leads on in the list that is filtered by this value and otherwise asked alike."},
	}
}
