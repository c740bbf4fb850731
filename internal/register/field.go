package register

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// Shape is how a field's value is written, in JSON and in the database.
type Shape int

// The shapes of fields.
const (
	Text   Shape = iota // a string; "" is null unless the field is required
	Choice              // one word of an enumeration
	Whole               // an integer
	Truth               // a boolean
	Moment              // an Instant
	Day                 // a Date
	Ref                 // the id of a record of another noun
	Rank                // a Sensitivity, kept as a number
	JSON                // a structured value, kept as JSON text
)

// Circle says who fills a field.
type Circle int

// The circles, from the inside out.
const (
	OfHead    Circle = iota // the register, for every record
	Written                 // a client
	Kept                    // the register, in the course of the workflow
	Derived                 // computed from other records, without a new version
	OfShared                // a client, for every record
	Invisible               // a column that is not on the wire
)

// Field is a property of a noun: everything that is said on its line.
type Field struct {
	Name     string // in JSON and the column's too
	Go       string // the Go field's name
	Shape    Shape
	Circle   Circle
	Type     reflect.Type
	Column   int // position in a Row
	Nullable bool
	Required bool // validate:"required": a client must fill it
	Enum     string
	Default  string
	Target   string   // the noun that a Ref names
	Many     bool     // a list of references
	Holds    string   // the noun that a structured list names records of, in its terms
	Terms    bool     // a list that is filtered by any, all and none
	Set      []string // when it may be written; empty = create, PATCH and transitions that name it
	Personal bool     // its values go to an entry's personal half
	Inherits bool     // a Ref: the record is at least as sensitive as the one meant
	Named    bool     // a person here sees the record whatever the level
	Filter   bool
	Sort     bool
	Search   bool
	Title    bool            // searched before the others, and the record's name
	Class    string          // of a derived field: "yes" or the two actions of a truth, "gap_opened,gap_closed": its change is an entry
	Seen     authority.Level // the least level that sees it, besides those who govern
	Secret   bool            // neither shown nor written by clients
	Max      string
	Example  string
	Custom   *CustomField // the declaration, if the organisation made it

	Past *Field // it has no value of its own, and is true once this moment is over

	maker bool // it says who made the record, or changed it last
	index []int
	inner []*Field // of a structured value: the references inside
}

// Folded reports whether a shadow column holds the field's text folded.
func (f *Field) Folded() bool { return f.Shape == Text && f.Circle != OfHead && (f.Filter || f.Sort) }

// SQLColumn is the column that comparisons use.
func (f *Field) SQLColumn() string {
	switch {
	case f.maker:
		return f.Name + "_id"
	case f.Folded():
		return f.Name + "_folded"
	}
	return f.Name
}

// SortColumn is the column that lists are sorted by. The order of created_at is
// the order of ids, which have an index already; records that were adopted have ids
// of the time at which they were created, see BackdatedID.
func (f *Field) SortColumn() string {
	if f.Circle == OfHead && f.Name == "created_at" {
		return "id"
	}
	return f.SQLColumn()
}

// Relation is the name under which the record meant is shown: owner for owner_id.
func (f *Field) Relation() string { return strings.TrimSuffix(f.Name, "_id") }

// Values lists what a Choice may be.
func (f *Field) Values() []string {
	if f.Custom != nil && f.Custom.chooses() {
		return f.Custom.Options
	}
	return Enums[f.Enum]
}

// Stamped reports whether the field's default depends on who writes, and when:
// "me", "today" or "now". Create fills such a field where it may be written then,
// and so does each transition that its set tag names; unless it is given, be it as null.
func (f *Field) Stamped() bool { return stamped(f.Default) }

func stamped(word string) bool { return word == "me" || word == "today" || word == "now" }

// Writable reports whether clients ever write the field.
func (f *Field) Writable() bool { return f.Circle == Written || f.Circle == OfShared }

// WrittenBy reports whether the transition row may write the field.
func (f *Field) WrittenBy(row *flow.Transition[Record]) bool {
	return f.Writable() && (slices.Contains(f.Set, row.Name) || slices.Contains(row.Needs, f.Name) || slices.Contains(row.Takes, f.Name))
}

var (
	instantType     = reflect.TypeFor[Instant]()
	dateType        = reflect.TypeFor[Date]()
	sensitivityType = reflect.TypeFor[authority.Sensitivity]()
	stateType       = reflect.TypeFor[flow.State]()
	headType        = reflect.TypeFor[Head]()
	sharedType      = reflect.TypeFor[Shared]()
	filterType      = reflect.TypeFor[Filter]()
	byType          = reflect.TypeFor[By]()
	reckonedType    = reflect.TypeFor[Reckoned]()
)

// fieldsOf reads the fields off a record's struct, in the order of the wire.
func fieldsOf(t reflect.Type) (fields []*Field, err error) {
	var head, shared, domain []*Field
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || f.Type == byType || f.Type == reckonedType || f.Tag.Get("said") != "" {
			continue
		}
		circle := circleOf(t, f)
		field, ferr := newField(f, circle)
		if ferr != nil {
			return nil, ferr
		}
		switch circle {
		case OfHead:
			head = append(head, field)
		case OfShared:
			shared = append(shared, field)
		default:
			domain = append(domain, field)
		}
	}
	fields = slices.Concat(head, domain, shared)
	for i, f := range fields {
		f.Column = i
	}
	return fields, nil
}

// saidOf reads the members that are said and not kept: they have no column, and
// only what follows from the change that they are said with sees them.
func saidOf(t reflect.Type) (said []*Field, err error) {
	for _, s := range reflect.VisibleFields(t) {
		when := s.Tag.Get("said")
		if when == "" {
			continue
		}
		f, err := newField(s, Written)
		if err != nil {
			return nil, err
		}
		f.Set, f.Filter, f.Sort = strings.Split(when, ","), false, false
		said = append(said, f)
	}
	return said, nil
}

// circleOf tells a field's circle from the embedded struct that it stands in.
func circleOf(t reflect.Type, f reflect.StructField) Circle {
	at := t
	for _, i := range f.Index[:len(f.Index)-1] {
		at = at.Field(i).Type
	}
	switch {
	case at == headType:
		return OfHead
	case at == sharedType:
		return OfShared
	case strings.HasSuffix(at.Name(), "Fields"):
		return Written
	case strings.HasSuffix(at.Name(), "Derived"):
		return Derived
	}
	return Kept
}

func newField(s reflect.StructField, circle Circle) (*Field, error) {
	name, _, _ := strings.Cut(s.Tag.Get("json"), ",")
	list := strings.Split(s.Tag.Get("list"), ",")
	f := &Field{
		Name: name, Go: s.Name, Type: s.Type, Circle: circle, index: s.Index,
		Enum: s.Tag.Get("enum"), Default: s.Tag.Get("default"), Target: s.Tag.Get("ref"),
		Terms: s.Tag.Get("terms") != "", Named: s.Tag.Get("named") != "", Inherits: s.Tag.Get("inherits") != "", Personal: s.Tag.Get("pii") != "",
		Sort: slices.Contains(list, "sort"), Search: slices.Contains(list, "search"), Title: slices.Contains(list, "title"),
		Holds: s.Tag.Get("holds"), Class: s.Tag.Get("class"), Example: s.Tag.Get("example"), Secret: s.Tag.Get("secret") != "",
	}
	if seen := s.Tag.Get("seen"); seen != "" {
		f.Seen = authority.Level(seen[0] - '0')
	}
	if set := s.Tag.Get("set"); set != "" {
		f.Set = strings.Split(set, ",")
	}
	if name == "-" || name == "" { // a column that is not on the wire is named by its tag
		f.Name, f.Circle, f.Secret = s.Tag.Get("column"), Invisible, true
		if s.Name == "Num" {
			f.Name = "num"
		}
		if f.Name == "" {
			return nil, fmt.Errorf("field %s needs a json name, or a column", s.Name)
		}
	}
	f.readRules(s.Tag.Get("validate"))
	if err := f.readType(s.Type); err != nil {
		return nil, fmt.Errorf("field %s: %w", f.Name, err)
	}
	if s.Tag.Get("list") == "" || slices.Contains(list, "filter") || f.Sort {
		f.Filter = !f.Secret && (f.Shape != Text || slices.Contains(list, "filter") || f.Sort) && (f.Shape != JSON || f.Many || f.Terms)
	}
	if f.Title {
		f.Search = true
	}
	return f, nil
}

// readRules reads what the field's validation says about being there and length.
func (f *Field) readRules(rules string) {
	own, _, _ := strings.Cut(rules, ",dive")
	for rule := range strings.SplitSeq(own, ",") {
		if rule == "required" {
			f.Required = true
		}
		if most, found := strings.CutPrefix(rule, "max="); found {
			f.Max = most
		}
	}
}

func (f *Field) readType(t reflect.Type) error {
	pointer := t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	switch {
	case t == instantType:
		f.Shape = Moment
	case t == dateType:
		f.Shape = Day
	case t == sensitivityType:
		f.Shape, f.Enum = Rank, "sensitivity"
	case t == stateType:
		f.Shape = Choice
	case f.Target != "" && t.Kind() == reflect.String:
		f.Shape = Ref
	case f.Enum != "" && t.Kind() == reflect.String:
		f.Shape = Choice
	case t.Kind() == reflect.String:
		f.Shape = Text
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		f.Shape = Whole
	case t.Kind() == reflect.Bool:
		f.Shape = Truth
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map, t.Kind() == reflect.Struct:
		f.Shape, f.Many = JSON, f.Target != ""
	default:
		return fmt.Errorf("a %s has no shape", t)
	}
	if f.Enum != "" && Enums[f.Enum] == nil {
		return fmt.Errorf("there is no enumeration %q", f.Enum)
	}
	f.inner = innerRefsOf(t)
	texty := f.Shape == Text || f.Shape == Choice || f.Shape == Moment || f.Shape == Day || f.Shape == Ref
	always := f.Required || f.Default != "" && !f.Stamped() || f.Circle == OfHead && f.Name != "deleted_at"
	f.Nullable = (pointer || texty) && !always
	return nil
}

// innerRefsOf are the references inside a structured value, or a list of such.
func innerRefsOf(t reflect.Type) (inner []*Field) {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if target := f.Tag.Get("ref"); target != "" && f.Type.Kind() == reflect.String {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			inner = append(inner, &Field{Name: name, Go: f.Name, Shape: Ref, Target: target, index: f.Index})
		}
	}
	return inner
}
