package register

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/fold"
)

// Cond is a condition on records: a field, an operator of the wire and its values,
// which are of the field's type; or and, or, not over other conditions. Via and
// Noun name the relation when the field is another noun's. Since and until, which
// the wire does not know, are lte and gte that hold without a value too; is is eq
// where another index is the better one; nobody holds where no field of Of has a value.
//
// A comparison with an absent value does not hold, but ne and nin do: what has no
// value is none of these. not is the complement, so that every record meets either
// a condition or its not.
type Cond struct {
	Via    *Field
	Noun   *Noun
	Field  *Field
	Op     string
	Values []any
	Of     []Cond
}

// Named is a value that names a record by its ref or its key. The ledger finds its
// id before it asks.
type Named struct {
	Noun *Noun
	Name Name
}

// Name is how a path, a body or a filter names a record: by its id, by its ref's
// number or, for a noun that has one, by its key.
type Name struct {
	ID  string
	Num int64
	Key string
}

// ParseName reads an id or a ref of n. Anything else names nothing.
func ParseName(n *Noun, s string) (Name, bool) {
	if len(s) > 64 || strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
		return Name{}, false // PostgreSQL takes no such text even to compare it
	}
	if prefix, number, found := strings.Cut(s, "-"); found && strings.EqualFold(prefix, n.Prefix) {
		if num, err := strconv.ParseInt(number, 10, 64); err == nil && num > 0 {
			return Name{Num: num}, true
		}
	}
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return Name{Key: fold.Fold(s)}, n.Key != nil && s != ""
	}
	return Name{ID: id.String()}, true
}

// Place is where in a request a condition stands: at a parameter of the query, or
// at a member of the body.
type Place struct{ Parameter, Pointer string }

// In is the place of a member within.
func (p Place) In(member string) Place {
	if p.Pointer != "" {
		p.Pointer += "/" + pointerEscaper.Replace(member)
	}
	return p
}

// item is the place of an item within.
func (p Place) item(i int) string { return p.In(strconv.Itoa(i)).Pointer }

// name is how a fault at the place calls what is wrong there.
func (p Place) name(f *Field) string {
	if p.Parameter != "" {
		return p.Parameter
	}
	return f.Name
}

// Asking reads what a caller asks of the records of a noun. Only what the noun's
// tags allow gets through; all faults are told at once.
type Asking struct {
	Noun    *Noun
	Now     time.Time       // in the zone in which dates are read
	Me      string          // the id that "me" stands for
	Seen    authority.Level // of fields that take more the caller knows nothing
	Customs *Customs        // the custom fields that the caller knows of
	Beside  []string        // names that are no field's, to suggest
	Faults  fault.Fields
	Unknown bool // some name was not known

	nodes, texts int
}

// AskingOf is how the caller's filters on records of n are read: now is in the zone
// in which dates are meant, customs are the custom fields that the caller knows of.
func AskingOf(ctx context.Context, n *Noun, now time.Time, customs *Customs) *Asking {
	a := authority.From(ctx)
	asking := &Asking{Noun: n, Now: now, Me: a.ID, Seen: a.Level, Customs: customs}
	if a.Governs() {
		asking.Seen = authority.L7
	}
	return asking
}

// Limits of conditions.
const (
	maxValues = 200
	maxTexts  = 3
)

func (a *Asking) refuse(at Place, code, detail string) {
	a.Faults.Add(fault.Field{Pointer: at.Pointer, Parameter: at.Parameter, Code: code, Detail: detail})
}

// On reads what a condition is on: field or relation.field, and the operator.
func (a *Asking) On(field, operator Place, path, op string) (c Cond, ok bool) {
	c.Op = op
	n, name := a.Noun, path
	if relation, inner, deep := strings.Cut(path, "."); deep && relation != customFields {
		if c.Via = n.Field(relation + "_id"); c.Via == nil || c.Via.Shape != Ref || !a.knows(c.Via) {
			a.notKnown(field, path)
			return c, false
		}
		n, name = ByName(c.Via.Target), inner
		c.Noun = n
	}
	if c.Field = a.field(n, name); c.Field == nil || !a.knows(c.Field) {
		a.notKnown(field, path)
		return c, false
	}
	if ops := c.Field.Ops(); op != "eq" && !slices.Contains(ops, op) {
		a.Faults.Add(fault.Field{
			Pointer: operator.Pointer, Parameter: operator.Parameter, Code: "not_in_enum",
			Detail:     c.Field.Name + " is filtered by " + strings.Join(ops, ", ") + " or for being equal.",
			Suggestion: fault.Nearest(op, ops), Params: map[string]any{"allowed": append([]string{"eq"}, ops...)},
		})
		return c, false
	}
	if op == "contains" || op == "starts" {
		if a.texts++; a.texts > maxTexts {
			a.refuse(operator, "too_many_items", "A list takes at most 3 filters by parts of texts.")
			return c, false
		}
	}
	return c, true
}

// field is what filters on records of n know under a name.
func (a *Asking) field(n *Noun, name string) *Field {
	if strings.HasPrefix(name, customPrefix) {
		return a.Customs.Filter(n, name)
	}
	return n.Field(name)
}

// knows reports whether the caller may filter by a field.
func (a *Asking) knows(f *Field) bool { return f.Filter && !f.Secret && f.Seen <= a.Seen }

// notKnown refuses a field that there is not, or not for the caller.
func (a *Asking) notKnown(at Place, path string) {
	a.Unknown = true
	what := "There is no field " + path + " to filter by."
	if at.Parameter != "" {
		what = "There is no parameter " + path + "."
	}
	f := fault.Field{Pointer: at.Pointer, Parameter: at.Parameter, Code: "unknown_field", Detail: what}
	if a.Faults.Guessing() {
		f.Suggestion = a.nearest(path)
	}
	if f.Suggestion != "" {
		f.Detail += " Did you mean " + f.Suggestion + "?"
	}
	a.Faults.Add(f)
}

// nearest is the name of a filter most like the one given.
func (a *Asking) nearest(path string) string {
	relation, inner, deep := strings.Cut(path, ".")
	names, relations := slices.Clone(a.Beside), map[string]*Noun{}
	for _, f := range slices.Concat(a.Noun.Fields, a.Noun.Reckoned, a.Noun.Made) {
		if !a.knows(f) {
			continue
		}
		names = append(names, f.Name)
		if f.Shape == Ref {
			relations[f.Relation()] = ByName(f.Target)
		}
	}
	if !deep {
		return fault.Nearest(path, names)
	}
	if relation == customFields {
		return fault.Nearest(path, a.Customs.Filters(a.Noun))
	}
	known := make([]string, 0, len(relations))
	for name := range relations {
		known = append(known, name)
	}
	slices.Sort(known)
	if relations[relation] == nil {
		relation = fault.Nearest(relation, known)
	}
	if relations[relation] == nil {
		return ""
	}
	of := Asking{Noun: relations[relation], Seen: a.Seen}
	names = nil
	for _, f := range of.Noun.Fields {
		if of.knows(f) {
			names = append(names, f.Name)
		}
	}
	if inner = fault.Nearest(inner, names); inner == "" {
		return ""
	}
	return relation + "." + inner
}

// Values reads a condition's values as the field's type.
func (a *Asking) Values(at func(i int) Place, c Cond, texts []string) (values []any, ok bool) {
	ok = true
	for i, text := range texts {
		v, problem := a.parse(c, text)
		if problem == "" {
			values = append(values, v)
			continue
		}
		ok = false
		f := fault.Field{Pointer: at(i).Pointer, Parameter: at(i).Parameter, Code: "invalid_format", Detail: at(i).name(c.Field) + " " + problem}
		if allowed := a.nounOf(c).Choices(c.Field); allowed != nil {
			f.Code, f.Suggestion, f.Params = "not_in_enum", fault.Nearest(text, allowed), map[string]any{"allowed": allowed}
		}
		a.Faults.Add(f)
		if at(i).Parameter != "" {
			break // the parameter is told once
		}
	}
	return values, ok
}

func (a *Asking) nounOf(c Cond) *Noun {
	if c.Noun != nil {
		return c.Noun
	}
	return a.Noun
}

// Choices are the words that a field takes, nil for any.
func (n *Noun) Choices(f *Field) []string {
	if f.Name != "state" {
		return f.Values()
	}
	var states []string
	for _, s := range n.Flow.States() {
		states = append(states, string(s))
	}
	return states
}

// parse reads a value as the type of its field; problem says why not.
func (a *Asking) parse(c Cond, s string) (v any, problem string) {
	f := c.Field
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return nil, "is no text."
	}
	if allowed := a.nounOf(c).Choices(f); allowed != nil && !f.Many {
		if !slices.Contains(allowed, s) {
			return nil, "must be one of " + strings.Join(allowed, ", ") + "."
		}
		if f.Shape == Rank {
			rank, _ := authority.ParseSensitivity(s)
			return int(rank), ""
		}
		return s, ""
	}
	switch {
	case f.Target != "":
		return a.id(ByName(f.Target), s)
	case f.Name == "id":
		return a.id(a.nounOf(c), s)
	case f.maker:
		return a.maker(s)
	case f.Terms:
		return f.Term(s), ""
	}
	return a.plain(f, c.Op, s)
}

// plain reads a value that is neither a word of a list nor a name.
func (a *Asking) plain(f *Field, op, s string) (v any, problem string) {
	switch f.Shape {
	case Text:
		folded := fold.Fold(s)
		if op == "contains" && utf8.RuneCountInString(folded) < 2 {
			return nil, "needs at least two characters."
		}
		return folded, ""
	case Whole:
		if f.Custom != nil {
			return decimal(s)
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, "takes a whole number."
		}
		return n, ""
	case Truth:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return nil, "is true or false."
		}
		return b, ""
	case Moment:
		return a.moment(s)
	case Day:
		day, ok := ParseDate(s, a.Now)
		if !ok {
			return nil, "takes a date such as 2026-11-22, today or today+7d."
		}
		return string(day), ""
	}
	return s, ""
}

// decimal reads a number that need not be whole.
func decimal(s string) (any, string) {
	number, ok := Decimal(s)
	if !ok {
		return nil, "takes a number of at most 15 digits."
	}
	return json.Number(number), ""
}

// moment reads a time as ParseMoment does.
func (a *Asking) moment(s string) (any, string) {
	at, ok := ParseMoment(s, a.Now)
	if !ok {
		return nil, "takes a time such as 2026-11-22T09:15:04Z, a date, now-24h or today."
	}
	return string(at), ""
}

// id reads an id, a ref or "me".
func (a *Asking) id(n *Noun, s string) (any, string) {
	if n.Name == "user" && s == "me" {
		return a.Me, ""
	}
	name, ok := ParseName(n, s)
	switch {
	case !ok:
		return nil, "takes an id such as 0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b, or a ref."
	case name.ID != "":
		return name.ID, ""
	}
	return Named{n, name}, ""
}
