package register

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fold"
)

// Row is a record as the texts of its columns, in the order of the noun's
// fields, with the two makers behind them; nil stands for null. It is what the
// database holds and what answers are written from, without a struct between.
type Row [][]byte

// makers are the columns behind a row's fields: who created and who changed it.
var makers = []string{"created_by_type", "created_by_id", "updated_by_type", "updated_by_id"}

// Columns names the columns of a Row.
func (n *Noun) Columns() []string {
	names := make([]string, 0, len(n.Fields)+len(makers))
	for _, f := range n.Fields {
		names = append(names, f.Name)
	}
	return append(names, makers...)
}

// Width is how many columns a row has.
func (n *Noun) Width() int { return len(n.Fields) + len(makers) }

// Maker is the id of who created the record of a row.
func (n *Noun) Maker(row Row) string { return string(row[len(n.Fields)+1]) }

// Row writes rec as a row.
func (n *Noun) Row(rec Record) (Row, error) {
	v := reflect.ValueOf(rec).Elem()
	row := make(Row, n.Width())
	for i, f := range n.Fields {
		cell, err := f.cell(v.FieldByIndex(f.index))
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", n.Name, f.Name, err)
		}
		row[i] = cell
	}
	m, at := rec.Meta(), len(n.Fields)
	row[at], row[at+1] = text(string(m.CreatedBy.Type)), text(m.CreatedBy.ID)
	row[at+2], row[at+3] = text(string(m.UpdatedBy.Type)), text(m.UpdatedBy.ID)
	return row, nil
}

// empty is how lists and maps without anything in them are written.
var empty = map[reflect.Kind][]byte{reflect.Slice: []byte("[]"), reflect.Map: []byte("{}")}

// Rederive is row with the derived values as rec has them.
func (n *Noun) Rederive(rec Record, row Row) (Row, error) {
	v, out := reflect.ValueOf(rec).Elem(), slices.Clone(row)
	for i, f := range n.Fields {
		if f.Circle != Derived {
			continue
		}
		cell, err := f.cell(v.FieldByIndex(f.index))
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", n.Name, f.Name, err)
		}
		out[i] = cell
	}
	return out, nil
}

func text(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

func (f *Field) cell(v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	switch f.Shape {
	case Whole, Rank:
		return strconv.AppendInt(nil, v.Int(), 10), nil
	case Truth:
		return strconv.AppendBool(nil, v.Bool()), nil
	case JSON:
		if k := v.Kind(); (k == reflect.Slice || k == reflect.Map) && v.Len() == 0 {
			return empty[k], nil
		}
		return structured(v)
	default:
		if v.Len() == 0 && !f.Nullable {
			return []byte{}, nil
		}
		return text(v.String()), nil
	}
}

// Load reads a row into a new record.
func (n *Noun) Load(row Row) (Record, error) {
	rec := n.New()
	v := reflect.ValueOf(rec).Elem()
	for i, f := range n.Fields {
		if row[i] == nil {
			continue
		}
		if err := f.load(v.FieldByIndex(f.index), row[i]); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", n.Name, f.Name, err)
		}
	}
	m, at := rec.Meta(), len(n.Fields)
	m.CreatedBy = By{authority.ActorType(row[at]), string(row[at+1])}
	m.UpdatedBy = By{authority.ActorType(row[at+2]), string(row[at+3])}
	return rec, nil
}

func (f *Field) load(v reflect.Value, cell []byte) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch f.Shape {
	case Whole, Rank:
		i, err := strconv.ParseInt(string(cell), 10, 64)
		v.SetInt(i)
		return err
	case Truth:
		b, err := strconv.ParseBool(string(cell))
		v.SetBool(b)
		return err
	case JSON:
		return json.Unmarshal(cell, v.Addr().Interface())
	default:
		v.SetString(string(cell))
		return nil
	}
}

// Arg is a cell as SQL takes it.
func (f *Field) Arg(cell []byte) any {
	if cell == nil {
		return nil
	}
	switch f.Shape {
	case Whole, Rank:
		i, _ := strconv.ParseInt(string(cell), 10, 64)
		return i
	case Truth:
		return string(cell) == "true"
	default:
		return string(cell)
	}
}

// JSON is a cell as the wire shows it.
func (f *Field) JSON(cell []byte) json.RawMessage { return appendCell(nil, f, cell) }

// Text is the value of a field of a record, by the field's name, as the database
// holds it: for rules about nouns that they know by name only. "" stands for null
// and for a field that is not there.
func (n *Noun) Text(rec any, name string) string {
	f := n.Field(name)
	if f == nil {
		return ""
	}
	cell, err := f.cell(reflect.ValueOf(rec).Elem().FieldByIndex(f.index))
	if err != nil {
		return ""
	}
	return string(cell)
}

// Terms are the values of a list field that lists are filtered by, folded where
// they are words.
func (n *Noun) Terms(rec Record, f *Field) (terms []string) {
	switch v := reflect.ValueOf(rec).Elem().FieldByIndex(f.index).Interface().(type) {
	case List[string]:
		for _, s := range v {
			terms = append(terms, f.Term(s))
		}
	case Termed:
		for _, s := range v.Terms() {
			terms = append(terms, f.Term(s))
		}
	}
	return terms
}

// Term is a word as f's terms are kept: ids as they are, words folded.
func (f *Field) Term(s string) string {
	if f.Many {
		return s
	}
	return fold.Fold(s)
}

// Words are the words by which the record of a row is found: those of its title,
// and those of its other searched fields.
func (n *Noun) Words(row Row) (title, body string) {
	var titles, bodies []string
	for _, f := range n.Fields {
		if !f.Search || row[f.Column] == nil {
			continue
		}
		words := fold.Words(f.searchable(row[f.Column]))
		if f.Title {
			titles = append(titles, words...)
		} else {
			bodies = append(bodies, words...)
		}
	}
	return strings.Join(titles, " "), strings.Join(bodies, " ")
}

func (f *Field) searchable(cell []byte) string {
	if f.Shape != JSON {
		return string(cell)
	}
	v := reflect.New(f.Type)
	if json.Unmarshal(cell, v.Interface()) != nil {
		return ""
	}
	switch v := v.Elem().Interface().(type) {
	case List[string]:
		return strings.Join(v, "\n")
	case Texted:
		return strings.Join(v.Texts(), "\n")
	}
	return ""
}

// People are the people named on a record: those whom a field with the tag
// named, or the list of access, refers to.
func (n *Noun) People(rec Record) (people []string) {
	v := reflect.ValueOf(rec).Elem()
	for _, f := range n.Fields {
		if !f.Named {
			continue
		}
		if f.Many {
			people = append(people, v.FieldByIndex(f.index).Interface().(List[string])...)
		} else {
			people = append(people, v.FieldByIndex(f.index).String())
		}
	}
	return people
}

// Stakeholders are the stakeholders that a record is about: itself if it is one.
func (n *Noun) Stakeholders(rec Record) (ids []string) {
	if n.Name == "stakeholder" {
		return []string{rec.Meta().ID}
	}
	v := reflect.ValueOf(rec).Elem()
	for _, f := range n.Fields {
		if f.Target != "stakeholder" {
			continue
		}
		if f.Many {
			ids = append(ids, v.FieldByIndex(f.index).Interface().(List[string])...)
		} else if id := v.FieldByIndex(f.index).String(); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// Refs are the references that a record holds, field by field, as pointers that
// can be written through.
func (n *Noun) Refs(rec Record, visit func(f *Field, at int, id *string)) {
	v := reflect.ValueOf(rec).Elem()
	for _, f := range n.Inputs() {
		value := v.FieldByIndex(f.index)
		switch {
		case f.inner != nil:
			f.innerRefs(value, visit)
		case f.Target == "":
		case f.Many:
			list := value.Interface().(List[string])
			for i := range list {
				visit(f, i, &list[i])
			}
		default:
			visit(f, -1, value.Addr().Interface().(*string))
		}
	}
}

// innerRefs visits the references inside a structured value, or a list of such,
// each under the path that leads to it: effects/0/stakeholder_id.
func (f *Field) innerRefs(v reflect.Value, visit func(f *Field, at int, id *string)) {
	visitAll := func(v reflect.Value, path string) {
		for _, inner := range f.inner {
			named := *inner
			named.Name = path + "/" + inner.Name
			visit(&named, -1, v.FieldByIndex(inner.index).Addr().Interface().(*string))
		}
	}
	switch {
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			visitAll(v.Index(i), f.Name+"/"+strconv.Itoa(i))
		}
	case v.Kind() != reflect.Pointer:
		visitAll(v, f.Name)
	case !v.IsNil():
		visitAll(v.Elem(), f.Name)
	}
}

// Cell is JSON's way back: the cell of a value as the wire shows it.
func (f *Field) Cell(value json.RawMessage) ([]byte, error) {
	if len(value) == 0 || string(value) == "null" {
		return nil, nil
	}
	switch f.Shape {
	case Whole, Truth, JSON:
		return value, nil
	}
	var word string
	if err := json.Unmarshal(value, &word); err != nil {
		return nil, err
	}
	if f.Shape == Rank {
		rank, known := authority.ParseSensitivity(word)
		if !known {
			return nil, fmt.Errorf("%s is no sensitivity", word)
		}
		return strconv.AppendInt(nil, int64(rank), 10), nil
	}
	return []byte(word), nil
}

// Nothing is the cell of a field that tells nothing.
func (f *Field) Nothing() []byte {
	switch {
	case f.Nullable:
		return nil
	case f.Shape == JSON:
		return empty[f.Type.Kind()]
	case f.Shape == Truth:
		return []byte("false")
	case f.Shape == Whole, f.Shape == Rank:
		return []byte("0")
	}
	return []byte{}
}
