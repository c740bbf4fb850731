package register

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/authority"
)

// Label is how a record is named where another refers to it. The zero Label
// stands for a record that the caller may not see.
type Label struct{ Ref, Name string }

// Labels are the labels of referenced records, by noun and id.
type Labels map[string]map[string]Label

// Showing says how rows are shown.
type Showing struct {
	Base   string // what URLs begin with: "" or https://host, then /api/v1
	Labels Labels
	Only   Only
	Level  authority.Level // the caller's; fields that take more are shown as null
	Now    Instant         // by which it is reckoned what is over

	Customs *Customs // the custom fields that the caller knows of
}

// Only are the members that are asked for; nil means all. A part of a member,
// owner.name, is held with owner.* beside it.
type Only map[string]bool

// Add asks for a member, or for a part of one.
func (o Only) Add(name string) {
	o[name] = true
	if member, _, part := strings.Cut(name, "."); part {
		o[member+".*"] = true
	}
}

// labels reports whether more than the id of what a relation or a maker names is
// asked for.
func (o Only) labels(member string) bool {
	return o == nil || o[member] || o[member+".ref"] || o[member+".name"]
}

// URL leads to the record with id.
func (n *Noun) URL(base, id string) string { return base + "/" + n.Path + "/" + id }

// Encode appends row as the JSON that the wire shows: every member present, in
// the one order of all nouns.
func (n *Noun) Encode(dst []byte, row Row, v Showing) []byte {
	e := encoder{buf: dst, view: v, row: row, noun: n}
	e.buf = append(e.buf, '{')
	for _, m := range n.wire() {
		if v.Only == nil || v.Only[m.name] || m.name == "id" || m.name == "version" {
			e.member(m)
		} else if v.Only[m.name+".*"] {
			e.parts(m)
		}
	}
	if e.buf[len(e.buf)-1] == ',' {
		e.buf = e.buf[:len(e.buf)-1]
	}
	return append(e.buf, '}')
}

// member is one member of the wire form: a column, or what is made of columns.
type member struct {
	name  string
	key   []byte // "name": with its quotes
	field *Field // the column's field
	kind  memberKind
}

type memberKind int

const (
	column memberKind = iota
	shortRef
	address
	relation
	maker
	reckoned
)

// Members names all members of the noun's wire form, in their order.
func (n *Noun) Members() (names []string) {
	for _, m := range n.wire() {
		names = append(names, m.name)
	}
	return names
}

// Parts are the members with their parts, as fields may ask for them.
func (n *Noun) Parts() (names []string) {
	for _, m := range n.wire() {
		names = append(names, m.name)
		for _, part := range m.kind.parts() {
			names = append(names, m.name+"."+part)
		}
	}
	return names
}

// parts are those of a member that names a record, or who made a change.
func (k memberKind) parts() []string {
	switch k {
	case relation:
		return []string{"id", "ref", "name"}
	case maker:
		return []string{"type", "id", "name"}
	default:
		return nil
	}
}

// wire is the noun's wire form, made once.
func (n *Noun) wire() []member {
	n.wireOnce.Do(func() {
		add := func(name string, kind memberKind, f *Field) {
			key, _ := jsontext.AppendQuote(nil, name)
			n.members = append(n.members, member{name: name, key: append(key, ':'), field: f, kind: kind})
		}
		add("id", column, n.Field("id"))
		add("ref", shortRef, n.Field("num"))
		add("version", column, n.Field("version"))
		add("url", address, n.Field("id"))
		add("state", column, n.Field("state"))
		for _, f := range n.Fields {
			if f.Circle == OfHead || f.Secret {
				continue
			}
			add(f.Name, column, f)
			if f.Shape == Ref {
				add(f.Relation(), relation, f)
			}
		}
		for _, f := range n.Reckoned {
			add(f.Name, reckoned, f.Past)
		}
		add("created_at", column, n.Field("created_at"))
		add("created_by", maker, &Field{Column: len(n.Fields)})
		add("updated_at", column, n.Field("updated_at"))
		add("updated_by", maker, &Field{Column: len(n.Fields) + 2})
		add("deleted_at", column, n.Field("deleted_at"))
	})
	return n.members
}

type encoder struct {
	buf  []byte
	view Showing
	row  Row
	noun *Noun
}

func (e *encoder) member(m member) {
	e.buf = append(e.buf, m.key...)
	cell := e.row[m.field.Column]
	switch m.kind {
	case column:
		if m.field.Seen > e.view.Level {
			cell = nil
		}
		if m.name == customFields {
			cell = e.view.Customs.Shown(e.noun, cell)
		}
		e.buf = appendCell(e.buf, m.field, cell)
	case shortRef:
		e.buf = append(e.buf, '"')
		e.buf = append(e.buf, e.noun.Prefix...)
		e.buf = append(append(e.buf, '-'), cell...)
		e.buf = append(e.buf, '"')
	case address:
		e.buf = append(append(append(append(append(append(e.buf, '"'), e.view.Base...), '/'), e.noun.Path...), '/'), cell...)
		e.buf = append(e.buf, '"')
	case relation:
		e.relation(m.field, cell)
	case maker:
		e.maker(cell, e.row[m.field.Column+1])
	case reckoned:
		e.buf = strconv.AppendBool(e.buf, cell != nil && string(cell) <= string(e.view.Now))
	}
	e.buf = append(e.buf, ',')
}

// parts writes those parts of a member that are asked for.
func (e *encoder) parts(m member) {
	whole := encoder{view: e.view, row: e.row, noun: e.noun}
	whole.member(m)
	said := whole.buf[len(m.key) : len(whole.buf)-1] // without the comma behind it
	if said[0] != '{' {
		e.buf = append(append(append(e.buf, m.key...), said...), ',') // null
		return
	}
	body, _ := members(said) // written just now
	e.buf = append(append(e.buf, m.key...), '{')
	for _, part := range body {
		if e.view.Only[m.name+"."+part.Name] {
			e.quote([]byte(part.Name))
			e.buf = append(append(append(e.buf, ':'), part.Raw...), ',')
		}
	}
	if last := len(e.buf) - 1; e.buf[last] == ',' {
		e.buf = e.buf[:last]
	}
	e.buf = append(e.buf, "},"...)
}

func (e *encoder) quote(s []byte) { e.buf, _ = jsontext.AppendQuote(e.buf, s) }

// appendCell appends one column's value.
func appendCell(dst []byte, f *Field, cell []byte) []byte {
	if cell == nil {
		if f.Shape == Text && !f.Nullable {
			return append(dst, `""`...)
		}
		return append(dst, "null"...)
	}
	switch f.Shape {
	case Whole, Truth, JSON:
		return append(dst, cell...)
	case Rank:
		i, _ := strconv.Atoi(string(cell))
		return append(append(append(dst, '"'), authority.Sensitivity(i).String()...), '"')
	case Choice, Moment, Day, Ref: // words, times and ids of ours hold nothing to escape
		return append(append(append(dst, '"'), cell...), '"')
	default:
		dst, _ = jsontext.AppendQuote(dst, cell)
		return dst
	}
}

func (e *encoder) relation(f *Field, id []byte) {
	if id == nil {
		e.buf = append(e.buf, "null"...)
		return
	}
	label, seen := e.view.Labels[f.Target][string(id)]
	e.buf = append(append(append(e.buf, `{"id":"`...), id...), `","ref":`...)
	e.orNull(label.Ref, seen)
	e.buf = append(e.buf, `,"name":`...)
	e.orNull(label.Name, seen && label.Name != "")
	e.buf = append(e.buf, '}')
}

func (e *encoder) orNull(s string, there bool) {
	if !there {
		e.buf = append(e.buf, "null"...)
		return
	}
	e.quote([]byte(s))
}

// makerNouns are where the names of makers stand.
var makerNouns = map[authority.ActorType]string{authority.User: "user", authority.Service: "api_key"}

func (e *encoder) maker(kind, id []byte) {
	e.buf = append(e.buf, `{"type":`...)
	e.quote(kind)
	e.buf = append(e.buf, `,"id":`...)
	e.orNull(string(id), len(id) > 0)
	e.buf = append(e.buf, `,"name":`...)
	label, seen := e.view.Labels[makerNouns[authority.ActorType(kind)]][string(id)]
	if authority.ActorType(kind) == authority.System {
		label.Name, seen = "Rapport", true
	}
	e.orNull(label.Name, seen)
	e.buf = append(e.buf, '}')
}

// Mentions lists the records that a row refers to and a view of only some members
// needs labels of, into wanted: noun → ids.
func (n *Noun) Mentions(row Row, wanted map[string]map[string]bool, only Only) {
	want := func(noun string, id []byte) {
		if len(id) == 0 || noun == "" {
			return
		}
		if wanted[noun] == nil {
			wanted[noun] = map[string]bool{}
		}
		wanted[noun][string(id)] = true
	}
	for _, f := range n.references() {
		if only.labels(f.Relation()) {
			want(f.Target, row[f.Column])
		}
	}
	at := len(n.Fields)
	if only.labels("created_by") {
		want(makerNouns[authority.ActorType(row[at])], row[at+1])
	}
	if only.labels("updated_by") {
		want(makerNouns[authority.ActorType(row[at+2])], row[at+3])
	}
}

// references are the fields that name one record of another noun.
func (n *Noun) references() []*Field {
	n.refsOnce.Do(func() {
		for _, f := range n.Fields {
			if f.Shape == Ref && !f.Secret {
				n.refs = append(n.refs, f)
			}
		}
	})
	return n.refs
}
