package register

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/fold"
)

// Writing says in what course a body is written over a record.
type Writing struct {
	Create     bool
	Transition *flow.Transition[Record] // nil for create and PATCH
	Adopt      bool                     // an import of records as they were elsewhere
	State      flow.State
	Now        time.Time // in the organisation's zone
	Pointer    string    // what pointers begin with, "#" for a plain body
	// Current gives the record as the wire shows it, so that what is sent back
	// unchanged can be told from an attempt to change it. Asked for only if needed.
	Current func() map[string]json.RawMessage
	// Customs are the custom fields as the writer knows them; nil where nothing is
	// written of them and nothing is demanded.
	Customs *Customs
}

// Fill writes a body over rec's fields by the rules of RFC 7396: what is absent
// stays, what is null is emptied. Each field is written only when its tag allows;
// all faults are returned together, in the order of the body.
func (n *Noun) Fill(rec Record, body Body, w Writing) fault.Fields {
	d := &decoder{now: w.Now}
	v := reflect.ValueOf(rec).Elem()
	n.Forget(rec, w.Transition)
	for _, m := range body {
		pointer := w.Pointer + "/" + escape(m.Name)
		f := n.Input(m.Name)
		switch {
		case n.fillTags(rec, body, m, d, pointer):
		case f == nil || f.Secret:
			if !w.unchanged(m) {
				n.unknown(d, m.Name, w)
			}
		case n.refuses(f, w) != "":
			if !w.unchanged(m) {
				d.faults.Add(refusal(f, pointer, n.refuses(f, w), w))
			}
		case f.Name == customFields:
			n.fillCustoms(rec, m.Raw, d, w)
		default:
			d.value(v.FieldByIndex(f.index), m.Raw, v.Type().FieldByIndex(f.index).Tag, pointer)
		}
	}
	n.missCustoms(rec, d, w)
	n.restamp(rec, body, w)
	return d.faults
}

// Defaults fills a new record's fields that have a default.
func (n *Noun) Defaults(rec Record) {
	v := reflect.ValueOf(rec).Elem()
	for _, f := range n.Fields {
		if f.Default != "" && f.atCreate() {
			setWord(v.FieldByIndex(f.index), f.Default)
		}
	}
}

// unchanged reports whether m is what the caller was shown, sent back.
func (w Writing) unchanged(m Member) bool {
	if w.Current == nil {
		return false
	}
	shown, known := w.Current()[m.Name]
	return known && sameJSON(shown, m.Raw)
}

func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, y := jsontext.Value(bytes.Clone(a)), jsontext.Value(bytes.Clone(b))
	return x.Canonicalize() == nil && y.Canonicalize() == nil && bytes.Equal(x, y)
}

// always may be written however closed the record is.
var always = []string{"tags", "external_ids", "lesson_ids", "sensitivity", "access_user_ids"}

// Passing reports whether a field says nothing of what its record says: it is written
// however closed the record is, or names who answers for it.
func Passing(name string) bool { return name == "owner_id" || slices.Contains(always, name) }

// refuses is the code under which f may not be written now, "" if it may.
func (n *Noun) refuses(f *Field, w Writing) string {
	switch {
	case w.Adopt && (f.Writable() || f.Name == "state" || f.Name == "created_at" || f.Circle == Kept && f.Shape != JSON):
		return ""
	case !f.Writable():
		return "read_only"
	case w.Create:
		if len(f.Set) > 0 && !slices.Contains(f.Set, "create") {
			return "not_allowed_in_state"
		}
	case w.Transition != nil:
		if !f.WrittenBy(w.Transition) {
			return "not_allowed_in_state"
		}
	case slices.Equal(f.Set, []string{"create"}):
		return "immutable"
	case slices.Contains(always, f.Name) || f.Name == "owner_id" && !n.Flow.Ended(w.State):
	case len(f.Set) > 0 || !n.PatchIn(w.State):
		return "not_allowed_in_state"
	}
	return ""
}

func refusal(f *Field, pointer, code string, w Writing) fault.Field {
	out := fault.Field{Pointer: pointer, Code: code}
	switch {
	case code == "read_only":
		out.Detail = f.Name + " is kept by the register."
	case code == "immutable":
		out.Detail = f.Name + " is fixed once the record is entered."
	case len(f.Set) > 0:
		out.Detail = f.Name + " is written by " + strings.Join(f.Set, " or ") + " only."
	case w.Transition != nil:
		out.Detail = f.Name + " is not written by " + w.Transition.Name + "; change it by PATCH."
	default:
		out.Detail = f.Name + " may not be changed while the record is " + string(w.State) + "."
	}
	return out
}

func (n *Noun) unknown(d *decoder, name string, w Writing) {
	if slices.Contains(shown, name) || n.Field(name+"_id") != nil {
		d.faults.Add(fault.Field{Pointer: w.Pointer + "/" + name, Code: "read_only", Detail: name + " is kept by the register."})
		return
	}
	Unknown(&d.faults, w.Pointer, name, func() (names []string) {
		for _, f := range n.Inputs() {
			if !f.Secret && n.refuses(f, w) == "" {
				names = append(names, f.Name)
			}
		}
		return names
	})
}

// shown are members of every record that are no columns.
var shown = []string{"ref", "url", "created_by", "updated_by"}

// fillTags carries tags_add and tags_remove out.
func (n *Noun) fillTags(rec Record, body Body, m Member, d *decoder, pointer string) bool {
	if m.Name != "tags_add" && m.Name != "tags_remove" || rec.Common() == nil {
		return false
	}
	if body.Get("tags") != nil {
		d.faults.At(pointer, "conflicts_with", "%s: send tags as a whole, or what is added and removed.", m.Name)
		return true
	}
	var given List[string]
	d.value(reflect.ValueOf(&given).Elem(), m.Raw, "", pointer)
	tags := &rec.Common().Tags
	for _, tag := range given {
		*tags = slices.DeleteFunc(slices.Clone(*tags), func(t string) bool { return fold.Fold(t) == fold.Fold(tag) })
		if m.Name == "tags_add" {
			*tags = append(*tags, strings.ToLower(tag))
		}
	}
	return true
}

// Missing lists those of the named fields that rec leaves empty.
func (n *Noun) Missing(rec Record, names []string, prefix string) (faults fault.Fields) {
	v := reflect.ValueOf(rec).Elem()
	for _, name := range names {
		if f := v.FieldByIndex(n.Input(name).index); f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			faults.At(prefix+"/"+name, "required", "%s is required here.", name)
		}
	}
	return faults
}

// DefaultsWhereEmpty fills the fields that have a default and no value yet.
func (n *Noun) DefaultsWhereEmpty(rec Record) {
	v := reflect.ValueOf(rec).Elem()
	for _, f := range n.Fields {
		if f.Default != "" && f.atCreate() && v.FieldByIndex(f.index).IsZero() {
			setWord(v.FieldByIndex(f.index), f.Default)
		}
	}
}
