package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/register"
)

// Dimension is a field by whose values records are counted. Of moments and days
// the first Digits characters count: 10 for the day, 13 for the hour, 16 for the
// minute; 0 takes the value whole.
type Dimension struct {
	Field  *register.Field
	Digits int
}

// Sum is what a group holds: its values, one per dimension, nil for no value; how
// many records; and for each field summed, the sum and how many had a value.
type Sum struct {
	Values []*string
	Count  int64
	Sums   []int64
	Having []int64
}

// Aggregate counts the records that match q in groups, and sums whole numbers over
// each, up to limit groups. Records that the caller may not see do not count: they
// are few, so all are counted, by an index if there is one, and those taken off.
func (tx *Tx) Aggregate(ctx context.Context, q Query, by []Dimension, summed []*register.Field, limit int) (out []Sum, err error) {
	q.lead = led(q)
	text, args := tx.aggregateSQL(q, by, summed)
	err = tx.each(ctx, len(by)+1+2*len(summed), func(row register.Row) error {
		s := Sum{Values: make([]*string, len(by))}
		for i := range by {
			if row[i] != nil {
				v := string(row[i])
				s.Values[i] = &v
			}
		}
		s.Count = number(row[len(by)])
		for i := len(by) + 1; i < len(row); i += 2 {
			s.Sums, s.Having = append(s.Sums, number(row[i])), append(s.Having, number(row[i+1]))
		}
		if s.Count > 0 {
			out = append(out, s)
		}
		return nil
	}, text+upTo(limit), args...)
	return out, err
}

func number(cell []byte) int64 {
	n, _ := strconv.ParseInt(string(cell), 10, 64) // what count and sum answer; no value is 0
	return n
}

func (tx *Tx) aggregateSQL(q Query, by []Dimension, summed []*register.Field) (string, []any) {
	hiddenCond, hiddenArgs := q.Sight.hidden(q.Noun)
	if hiddenCond == "" {
		b := tx.where(q)
		return grouped(by, summed, 1, q.Noun.Table+" t"+b.sql()), b.args
	}
	q.Sight = nil
	all, hidden := tx.where(q), tx.where(q)
	hidden.and(hiddenCond, hiddenArgs...)
	var cols, names []string
	for i := range by {
		names = append(names, "d"+strconv.Itoa(i))
	}
	cols = append(cols, "sum(n)")
	for i := range summed {
		k := strconv.Itoa(i)
		cols = append(cols, "sum(s"+k+")", "sum(h"+k+")")
	}
	text := "SELECT " + strings.Join(append(slices.Clone(names), cols...), ", ") + " FROM (" + grouped(by, summed, 1, q.Noun.Table+" t"+all.sql()) +
		" UNION ALL " + grouped(by, summed, -1, "guarded g CROSS JOIN "+q.Noun.Table+" t"+hidden.sql()) + ") parts" // the few guarded ones lead
	if len(names) > 0 {
		text += " GROUP BY " + strings.Join(names, ", ")
	}
	return text, append(all.args, hidden.args...)
}

// grouped is one part of an aggregate: what is counted (1), or taken off (-1).
func grouped(by []Dimension, summed []*register.Field, sign int, from string) string {
	times := strconv.Itoa(sign) + " * "
	var cols, names []string
	for i, d := range by {
		col, name := "t."+d.Field.Name, "d"+strconv.Itoa(i)
		if d.Field.Custom != nil {
			col = oneValue("t", d.Field)
		}
		if d.Digits > 0 {
			col = "substr(" + col + ", 1, " + strconv.Itoa(d.Digits) + ")"
		}
		cols, names = append(cols, col+" AS "+name), append(names, name)
	}
	cols = append(cols, times+"count(*) AS n")
	for i, f := range summed {
		k := strconv.Itoa(i)
		cols = append(cols, times+"coalesce(sum(t."+f.Name+"), 0) AS s"+k, times+"count(t."+f.Name+") AS h"+k)
	}
	text := "SELECT " + strings.Join(cols, ", ") + " FROM " + from
	if len(names) > 0 {
		text += " GROUP BY " + strings.Join(names, ", ")
	}
	return text
}
