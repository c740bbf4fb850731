package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"rapport/internal/register"
)

// putCustomValues keeps the values of a record's custom fields as filters compare
// them, where they changed. The row holds what is read.
func (tx *Tx) putCustomValues(ctx context.Context, n *register.Noun, id string, before, row register.Row) error {
	at := n.Field("custom_fields").Column
	if before == nil && len(row[at]) <= len("{}") || before != nil && equalCells(before[at], row[at]) {
		return nil
	}
	var old map[string][]register.Term
	now, err := register.CustomTerms(row[at])
	if err == nil && before != nil {
		old, err = register.CustomTerms(before[at])
	}
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(old)) {
		if slices.Equal(old[key], now[key]) {
			delete(now, key)
			continue
		}
		if _, err := tx.exec(ctx, "DELETE FROM custom_values WHERE record_id = ? AND field = ?", id, key); err != nil {
			return err
		}
	}
	return tx.enterCustomValues(ctx, n, id, now)
}

func (tx *Tx) enterCustomValues(ctx context.Context, n *register.Noun, id string, values map[string][]register.Term) error {
	var args []any
	for _, key := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[key] {
			args = append(args, n.Name, key, value.Value, null(value.Whole), id)
		}
	}
	for some := range slices.Chunk(args, 5*chunk/10) { // a record has few, but for those of long lists
		if _, err := tx.exec(ctx, "INSERT INTO custom_values (kind, field, value, whole, record_id) VALUES (?, ?, ?, ?, ?)"+strings.Repeat(", (?, ?, ?, ?, ?)", len(some)/5-1), some...); err != nil {
			return err
		}
	}
	return nil
}

// custom reports whether a condition is on a custom field.
func custom(c Cond) bool { return c.Field != nil && c.Field.Custom != nil }

// positive reports whether a condition on a custom field asks for a value: those
// that have one lead to the records.
func positive(c Cond) bool {
	switch c.Op {
	case "ne", "nin", "none":
		return false
	case "null":
		return c.Values[0] == false
	}
	return true
}

// customCond is a condition on a custom field of a record that is looked at, asked
// of the values that it has. The values of the condition are customArgs.
func customCond(alias string, c Cond) string {
	has := func(values string) string {
		return "EXISTS (SELECT 1 FROM custom_values v WHERE v.record_id = " + alias + ".id AND v.field = ?" + values + ")"
	}
	switch {
	case c.Op == "all":
		one := has(" AND v.value = ?")
		return "(" + one + strings.Repeat(" AND "+one, len(c.Values)-1) + ")"
	case positive(c):
		return has(valueCond(c))
	case c.Op == "null":
		return "NOT " + has("")
	}
	return "NOT " + has(" AND v.value IN ("+marks(len(c.Values))+")")
}

func customArgs(c Cond) []any {
	key := c.Field.Custom.Key
	switch c.Op {
	case "null":
		return []any{key}
	case "all":
		var args []any
		for _, v := range c.Values {
			args = append(args, key, register.CustomTerm(v))
		}
		return args
	}
	return append([]any{key}, valueArgs(c)...)
}

// valueArgs are the values of valueCond.
func valueArgs(c Cond) []any {
	switch c.Op {
	case "contains":
		return condPattern(c)
	case "starts":
		from, to := register.TermRange(c.Values[0].(string))
		return append([]any{from, to}, condPattern(c)...)
	}
	return terms(c.Values)
}

func terms(values []any) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = register.CustomTerm(v)
	}
	return out
}

// valueCond is what a positive condition asks of one value.
func valueCond(c Cond) string {
	switch {
	case c.Op == "null":
		return ""
	case c.Op == "contains":
		return " AND coalesce(v.whole, v.value)" + like
	case c.Op == "starts": // the beginning leads to them, the rest is compared
		return " AND v.value >= ? AND v.value < ? AND coalesce(v.whole, v.value)" + like
	case comparisons[c.Op] != "":
		return " AND v.value" + comparisons[c.Op]
	case len(c.Values) == 1 || c.Op == "all":
		return " AND v.value = ?"
	}
	return " AND v.value IN (" + marks(len(c.Values)) + ")"
}

// customSet is a positive condition the other way round: from the values to the
// records that have them. Of all it is that of the first value.
func customSet(alias string, c Cond) string {
	return alias + ".id IN (" + recordsOf(c) + ")"
}

func recordsOf(c Cond) string { return "SELECT v.record_id FROM " + valuesOf(c) }

func valuesOf(c Cond) string {
	return "custom_values v WHERE v.kind = ? AND v.field = ?" + valueCond(c)
}

func customSetArgs(n *register.Noun, c Cond) []any {
	args := []any{n.Name, c.Field.Custom.Key}
	switch c.Op {
	case "null":
		return args
	case "all":
		return append(args, terms(c.Values[:1])...)
	}
	return append(args, valueArgs(c)...)
}

// CustomReference is a custom field by which records of a noun name others.
type CustomReference struct {
	Noun  *register.Noun
	Field *register.Field
}

// customReferences counts the standing records that name a record through custom
// fields, as far as sight shows them.
func (tx *Tx) customReferences(ctx context.Context, id string, customs []CustomReference, sight *Sight) (counts []ReferenceCount, err error) {
	for _, r := range customs {
		b := whereOf(r.Noun, nil)
		c := Cond{Field: r.Field, Op: "eq", Values: []any{id}}
		b.and(customSet("t", c), customSetArgs(r.Noun, c)...)
		cond, args := sight.records(r.Noun, "t")
		b.and(cond, args...)
		found := ReferenceCount{Noun: r.Noun, Field: r.Field}
		if _, err := tx.one(ctx, []any{&found.Count}, "SELECT count(*) FROM "+r.Noun.Table+" t"+b.sql(), b.args...); err != nil {
			return nil, err
		}
		if found.Count > 0 {
			counts = append(counts, found)
		}
	}
	return counts, nil
}

// oneValue is the value that a record has of a custom field, none where it has none.
// The key is a word of lower-case letters, digits and underscores.
func oneValue(alias string, f *register.Field) string {
	return "(SELECT min(v.value) FROM custom_values v WHERE v.record_id = " + alias + ".id AND v.field = '" + f.Custom.Key + "')"
}

// few is how many records are found by their values and then put in order. A value
// that more records have is met soon enough by who walks the list in its order.
const few = 2000

// leading is the condition on a custom field that leads to few records; nil if none
// does. The values are asked, no further than it takes to know.
func (tx *Tx) leading(ctx context.Context, q Query) (*Cond, error) {
	for _, c := range leads(q) {
		var n int
		if _, err := tx.one(ctx, []any{&n}, "SELECT count(*) FROM (SELECT 1 FROM "+valuesOf(c)+upTo(few+1)+") found", customSetArgs(q.Noun, c)...); err != nil {
			return nil, err
		}
		if n <= few {
			return &c, nil
		}
	}
	return nil, nil
}

// led is a condition that leads to the records where all of them are counted.
func led(q Query) *Cond {
	for _, c := range leads(q) {
		return &c
	}
	return nil
}

// leads are the conditions on custom fields from which records can be found.
func leads(q Query) []Cond {
	return slices.DeleteFunc(together(q.Where), func(c Cond) bool { return !custom(c) || c.Via != nil || !positive(c) })
}

// sameLead reports whether c is the condition that leads, and says no more than it.
func sameLead(lead *Cond, c Cond) bool {
	return lead != nil && custom(c) && c.Field == lead.Field && c.Op == lead.Op && c.Op != "all" && slices.Equal(c.Values, lead.Values)
}

// together are the comparisons that all have to hold.
func together(where []Cond) (all []Cond) {
	for _, c := range where {
		if c.Op == "and" {
			all = append(all, together(c.Of)...)
		} else {
			all = append(all, c)
		}
	}
	return all
}
