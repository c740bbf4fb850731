package register

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/fault"
	"rapport/internal/fold"
)

// longestCustom is how many characters a text may have.
const longestCustom = 2000

// fillCustoms writes members of custom_fields over those of a record, one level
// deep: what is absent stays, what is null is taken off. What is sent as it stands
// is not looked at, whatever became of its field; what the writer does not know of
// is neither seen nor touched.
func (n *Noun) fillCustoms(rec Record, raw jsontext.Value, d *decoder, w Writing) {
	pointer := w.Pointer + "/" + customFields
	have := maps.Clone(rec.Common().CustomFields)
	if have == nil {
		have = Map{}
	}
	rec.Common().CustomFields = have
	var body Body
	switch raw.Kind() {
	case '{':
		body, _ = members(raw) // the whole body was looked through already
	case 'n':
		for _, key := range slices.Sorted(maps.Keys(have)) {
			body = append(body, Member{key, raw})
		}
		body = slices.DeleteFunc(body, func(m Member) bool { return w.Customs.at(n).hidden[m.Name] })
	default:
		d.mistyped(pointer, "an object")
	}
	for _, m := range body {
		n.fillCustom(have, m, d, w, pointer)
	}
}

func (n *Noun) fillCustom(have Map, m Member, d *decoder, w Writing, pointer string) {
	of, at := w.Customs.at(n), pointer+"/"+escape(m.Name)
	stored, there := have[m.Name]
	if there = there && !of.hidden[m.Name]; there {
		if was, err := json.Marshal(stored); err == nil && sameJSON(was, m.Raw) {
			return
		}
	}
	f := of.byKey[m.Name]
	switch {
	case m.Raw.Kind() == 'n' && (there || f != nil):
		if f != nil && f.Required && f.Active() {
			d.faults.At(at, "required", "%s is required.", Spoken(at))
			return
		}
		delete(have, m.Name)
	case f == nil:
		Unknown(&d.faults, pointer, m.Name, of.written)
	case !f.Active():
		d.faults.At(at, "read_only", "%s is archived: values that are there stay, none is written.", Spoken(at))
	default:
		before := len(d.faults)
		value := f.read(d, m.Raw, at)
		switch {
		case len(d.faults) > before:
		case value != nil:
			have[m.Name] = value
		case f.Required:
			d.faults.At(at, "required", "%s is required.", Spoken(at))
		default:
			delete(have, m.Name)
		}
	}
}

// written are the keys under which values are written.
func (of *customsOf) written() (keys []string) {
	for _, f := range of.known {
		if f.Active() {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// missCustoms asks a new record for the fields that it must have.
func (n *Noun) missCustoms(rec Record, d *decoder, w Writing) {
	if !w.Create || rec.Common() == nil {
		return
	}
	for _, f := range w.Customs.Known(n) {
		at := w.Pointer + "/" + customFields + "/" + f.Key
		told := slices.ContainsFunc(d.faults, func(have fault.Field) bool { return have.Pointer == at })
		if _, there := rec.Common().CustomFields[f.Key]; f.Required && f.Active() && !there && !told {
			d.faults.At(at, "required", "%s is required.", Spoken(at))
		}
	}
}

// read reads a value as the field takes it and as it is kept; nil is none.
func (f *CustomField) read(d *decoder, raw jsontext.Value, at string) any {
	switch f.Type {
	case "number":
		return readNumber(d, raw, at)
	case "boolean":
		var yes bool
		d.value(reflect.ValueOf(&yes).Elem(), raw, "", at)
		return yes
	case "date":
		var day Date
		d.value(reflect.ValueOf(&day).Elem(), raw, "", at)
		return orNothing(string(day))
	case "datetime":
		var moment Instant
		d.value(reflect.ValueOf(&moment).Elem(), raw, `precise:"yes"`, at) // nobody knows whether a day would mean its end
		return orNothing(string(moment))
	case "multi_enum":
		return f.readSeveral(d, raw, at)
	}
	var s string
	d.text(raw, at, "text", func(given string) { s = given })
	if s == "" {
		return nil
	}
	if length := utf8.RuneCountInString(s); length > longestCustom {
		d.faults.Add(fault.Field{
			Pointer: at, Code: "too_long", Detail: fmt.Sprintf("%s has at most %d characters.", Spoken(at), longestCustom),
			Params: map[string]any{"max": longestCustom, "length": length},
		})
	}
	switch {
	case f.Type == "enum" && !slices.Contains(f.Options, s):
		d.notInEnum(at, s, f.Options)
	case f.Type == "url" && !isWebAddress(s):
		d.faults.At(at, "invalid_format", "%s must be an address such as https://example.org/quay.", Spoken(at))
	}
	return s
}

func orNothing(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(s, " \t\r\n")
}

// readSeveral reads options, each once; they are kept in their declared order.
func (f *CustomField) readSeveral(d *decoder, raw jsontext.Value, at string) any {
	var given List[string]
	d.value(reflect.ValueOf(&given).Elem(), raw, "", at)
	for i, word := range given {
		item := at + "/" + strconv.Itoa(i)
		switch {
		case word != "" && !slices.Contains(f.Options, word):
			d.notInEnum(item, word, f.Options)
		case slices.Contains(given[:i], word):
			d.faults.At(item, "duplicate", "%s names something twice.", Spoken(item))
		}
	}
	kept := slices.DeleteFunc(slices.Clone([]string(f.Options)), func(word string) bool { return !slices.Contains(given, word) })
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// Bounds of numbers: within them a number is kept as it was written.
const (
	mostDigits  = 15
	mostDecimal = 24 // characters of the longest
)

func readNumber(d *decoder, raw jsontext.Value, at string) any {
	if raw.Kind() != '0' {
		d.mistyped(at, "a number")
		return nil
	}
	number, ok := Decimal(string(raw))
	if !ok {
		d.faults.At(at, "out_of_range", "%s has at most %d digits.", Spoken(at), mostDigits)
		return nil
	}
	return json.Number(number)
}

// Decimal is a number as it is kept: in plain digits, none of them for nothing. It
// is not ok beyond 15 digits, which no number keeps exactly.
func Decimal(s string) (kept string, ok bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789.+-eE", r) }) { // Go reads more than JSON has
		return "", false
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits := strings.Trim(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, mantissa), "0")
	if f == 0 {
		return "0", digits == ""
	}
	kept = strconv.FormatFloat(f, 'f', -1, 64)
	return kept, len(digits) <= mostDigits && len(kept) <= mostDecimal && math.Abs(f) < 1e15
}

// Term is a value of a custom field as filters compare it. Of a text that is longer than
// an index takes, Whole is all of it, for those who look for a part.
type Term struct{ Value, Whole string }

// CustomTerms are the values of a record's custom fields as filters compare them,
// by their keys. cell is the record's own JSON.
func CustomTerms(cell []byte) (map[string][]Term, error) {
	if len(cell) <= len("{}") {
		return nil, nil
	}
	var values Map
	if err := json.Unmarshal(cell, &values); err != nil {
		return nil, err
	}
	terms := make(map[string][]Term, len(values))
	for key, value := range values {
		list, several := value.([]any)
		if !several {
			list = []any{value}
		}
		for _, v := range list {
			if term, ok := customTerm(v); ok && !slices.Contains(terms[key], term) {
				terms[key] = append(terms[key], term)
			}
		}
	}
	return terms, nil
}

// CustomTerm is a filter's value as the values of records are compared with it.
func CustomTerm(value any) string {
	term, _ := customTerm(value)
	return term.Value
}

// customTerm writes a value as text whose order is that of the values; ok is false
// for what nothing is compared with.
func customTerm(value any) (term Term, ok bool) {
	switch v := value.(type) {
	case string:
		return shortTerm(fold.Fold(v)), true
	case bool:
		return Term{Value: strconv.FormatBool(v)}, true
	case json.Number:
		f, err := v.Float64()
		return Term{Value: numberTerm(f)}, err == nil
	}
	return Term{}, false
}

// longestTerm keeps terms within what an index takes.
const longestTerm = 240

// shortTerm writes a long text as its beginning and its digest, which are equal
// where the texts are.
func shortTerm(s string) Term {
	if len(s) <= longestTerm {
		return Term{Value: s}
	}
	digest := sha256.Sum256([]byte(s))
	return Term{strings.ToValidUTF8(s[:longestTerm/2], "") + " " + hex.EncodeToString(digest[:]), s}
}

// TermRange are the values between which the terms stand of texts that begin with s, as
// far as all terms tell how their texts begin.
func TermRange(s string) (from, to string) {
	from = strings.ToValidUTF8(s[:min(len(s), longestTerm/2-utf8.UTFMax)], "")
	return from, from + string(utf8.MaxRune)
}

// numberTerm writes a number as 16 characters in whose order numbers are.
func numberTerm(f float64) string {
	bits := math.Float64bits(f)
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return fmt.Sprintf("%016x", bits)
}
