package register

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/fold"
)

// decoder reads JSON values into the fields of a record, by the types that stand
// there, and keeps every fault with the pointer to its place.
type decoder struct {
	faults fault.Fields
	now    time.Time // for "today+3d"
}

// value decodes raw into v. The field's tags say what a string may hold.
func (d *decoder) value(v reflect.Value, raw jsontext.Value, tag reflect.StructTag, pointer string) {
	if raw.Kind() == 'n' {
		v.SetZero()
		if word := tag.Get("default"); word != "" && !stamped(word) {
			setWord(v, word)
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case v.Type() == instantType:
		d.text(raw, pointer, "a time such as 2026-11-22T09:15:04Z", func(s string) { d.instant(v, s, tag, pointer) })
	case v.Type() == dateType:
		d.text(raw, pointer, "a date such as 2026-11-22", func(s string) { d.date(v, s, pointer) })
	case v.Type() == sensitivityType:
		d.text(raw, pointer, "text", func(s string) { d.rank(v, s, pointer) })
	case v.Kind() == reflect.String:
		d.text(raw, pointer, "text", func(s string) { d.word(v, s, tag, pointer) })
	case v.CanInt():
		d.whole(v, raw, pointer)
	case v.Kind() == reflect.Bool:
		d.truth(v, raw, pointer)
	case v.Kind() == reflect.Slice:
		d.list(v, raw, tag, pointer)
	case v.Kind() == reflect.Struct:
		d.object(v, raw, pointer)
	case v.Type() == filterType:
		d.filter(v, raw, pointer)
	}
}

func setWord(v reflect.Value, word string) {
	if v.Type() == sensitivityType {
		s, _ := authority.ParseSensitivity(word)
		v.SetInt(int64(s))
		return
	}
	if v.Kind() == reflect.String {
		v.SetString(word)
		return
	}
	if n, err := strconv.Atoi(word); err == nil && v.CanInt() {
		v.SetInt(int64(n))
	}
	if v.Kind() == reflect.Bool {
		v.SetBool(word == "true")
	}
}

func (d *decoder) mistyped(pointer, want string) {
	d.faults.At(pointer, "invalid_type", "%s takes %s.", Spoken(pointer), want)
}

// text unquotes raw, trims and normalises it, and hands it to set.
func (d *decoder) text(raw jsontext.Value, pointer, want string, set func(string)) {
	if raw.Kind() != '"' {
		d.mistyped(pointer, want)
		return
	}
	s := string(raw[1 : len(raw)-1])
	if strings.Contains(s, `\`) {
		if err := json.Unmarshal(raw, &s); err != nil {
			d.mistyped(pointer, want)
			return
		}
	}
	if i := strings.IndexFunc(s, forbidden); i >= 0 {
		d.faults.At(pointer, "invalid_format", "%s holds a control character at position %d.", Spoken(pointer), i)
		return
	}
	set(tidied(s))
}

// tidied is a text trimmed and normalised; one in which there is nothing to be seen
// is none.
func tidied(s string) string {
	if fold.Blank(s) {
		return ""
	}
	return norm.NFC.String(strings.TrimSpace(s))
}

// Cleaned is a text as it is kept, trimmed and normalised; ok is false where it
// holds what no text may.
func Cleaned(s string) (kept string, ok bool) {
	return tidied(s), strings.IndexFunc(s, forbidden) < 0
}

func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r'
}

func (d *decoder) word(v reflect.Value, s string, tag reflect.StructTag, pointer string) {
	if enum := tag.Get("enum"); enum != "" && s != "" && !slices.Contains(Enums[enum], s) {
		d.notInEnum(pointer, s, Enums[enum])
		return
	}
	if s == "" && tag.Get("default") != "" {
		s = tag.Get("default")
	}
	v.SetString(s)
}

func (d *decoder) notInEnum(pointer, given string, allowed []string) {
	d.faults.Guess(fault.Field{
		Pointer: pointer, Code: "not_in_enum", Detail: Spoken(pointer) + " must be one of " + strings.Join(allowed, ", ") + ".",
		Params: map[string]any{"allowed": allowed},
	}, given, func() []string { return allowed })
}

func (d *decoder) rank(v reflect.Value, s, pointer string) {
	rank, ok := authority.ParseSensitivity(s)
	if !ok {
		d.notInEnum(pointer, s, authority.Sensitivities)
		return
	}
	v.SetInt(int64(rank))
}

func (d *decoder) whole(v reflect.Value, raw jsontext.Value, pointer string) {
	n, err := strconv.ParseInt(string(raw), 10, 32)
	if raw.Kind() != '0' || err != nil {
		d.mistyped(pointer, "a whole number")
		return
	}
	v.SetInt(n)
}

func (d *decoder) truth(v reflect.Value, raw jsontext.Value, pointer string) {
	if k := raw.Kind(); k != 't' && k != 'f' {
		d.mistyped(pointer, "true or false")
		return
	}
	v.SetBool(raw.Kind() == 't')
}

func (d *decoder) list(v reflect.Value, raw jsontext.Value, tag reflect.StructTag, pointer string) {
	if raw.Kind() != '[' {
		d.mistyped(pointer, "a list")
		return
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		d.mistyped(pointer, "a list")
		return
	}
	if len(items) > 1000 {
		d.faults.At(pointer, "too_many_items", "%s takes at most 1000 items.", Spoken(pointer))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		at := pointer + "/" + strconv.Itoa(i)
		if string(item) == "null" {
			d.mistyped(at, "a value")
			continue
		}
		d.value(out.Index(i), jsontext.Value(item), tag, at)
	}
	v.Set(out)
}

// object decodes a structured value; what it does not name is emptied.
func (d *decoder) object(v reflect.Value, raw jsontext.Value, pointer string) {
	body, err := members(raw) // the whole body was looked through already
	if err != nil {
		d.mistyped(pointer, "an object")
		return
	}
	v.SetZero()
	names := make([]string, 0, v.NumField())
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
		if word := f.Tag.Get("default"); word != "" {
			setWord(v.Field(i), word)
		}
	}
	d.parts(v, names, body, pointer)
}

// parts decodes the members of a structured value that were sent.
func (d *decoder) parts(v reflect.Value, names []string, body Body, pointer string) {
	for _, m := range body {
		at := pointer + "/" + escape(m.Name)
		i := slices.Index(names, m.Name)
		if i < 0 {
			Unknown(&d.faults, pointer, m.Name, func() []string { return names })
			continue
		}
		f := v.Type().Field(i)
		d.value(v.Field(i), m.Raw, f.Tag, at)
	}
}

// Decode reads a body into a struct that is no record, as strictly as into one: a
// member that is not sent stays as it is, and the tags' rules are held.
func Decode(body Body, into any) fault.Fields {
	d, v := &decoder{}, reflect.ValueOf(into).Elem()
	names := make([]string, 0, v.NumField())
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	d.parts(v, names, body, "#")
	for _, f := range broken(into, "#") {
		if !slices.ContainsFunc(d.faults, func(have fault.Field) bool { return have.Pointer == f.Pointer }) {
			d.faults.Add(f)
		}
	}
	return d.faults
}

// filter keeps a filter as it is; the noun that asks by it looks into it.
func (d *decoder) filter(v reflect.Value, raw jsontext.Value, pointer string) {
	m := Filter{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if raw.Kind() != '{' || dec.Decode(&m) != nil {
		d.mistyped(pointer, "an object")
		return
	}
	v.Set(reflect.ValueOf(m))
}

// instant reads a time. A day stands for its beginning, but not where the tag precise
// says that people might mean its end.
func (d *decoder) instant(v reflect.Value, s string, tag reflect.StructTag, pointer string) {
	if s == "" {
		v.SetZero()
		return
	}
	read, days := ParseMoment, " Or a day such as 2026-11-22, today or today-1d, for its beginning."
	if tag.Get("precise") != "" {
		read, days = ParseInstant, ""
	}
	i, ok := read(s, d.now)
	if !ok {
		d.faults.At(pointer, "invalid_format", "%s must be a time such as 2026-11-22T09:15:04Z, now or now-1h, between the years 1900 and 2200."+days, Spoken(pointer))
		return
	}
	v.SetString(string(i))
}

func (d *decoder) date(v reflect.Value, s, pointer string) {
	if s == "" {
		v.SetZero()
		return
	}
	day, ok := ParseDate(s, d.now)
	if !ok {
		d.faults.At(pointer, "invalid_format", "%s must be a date such as 2026-11-22, between the years 1900 and 2200.", Spoken(pointer))
		return
	}
	v.SetString(string(day))
}
