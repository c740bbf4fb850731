package store

import (
	"context"
	"strings"

	"rapport/internal/flow"
	"rapport/internal/register"
)

// Tally counts, in one reading, how many of the records that match q meet all
// conditions of each case; a case of none counts all of them.
func (tx *Tx) Tally(ctx context.Context, q Query, cases [][]Cond) (counts []int64, err error) {
	if len(cases) == 0 {
		return nil, nil
	}
	b := tx.where(q)
	columns, args := make([]string, len(cases)), []any{}
	for i, conds := range cases {
		if len(conds) == 0 {
			columns[i] = "count(*)"
			continue
		}
		cond, values := q.expression(Cond{Op: "and", Of: conds}, false)
		columns[i], args = "count(CASE WHEN "+cond+" THEN 1 END)", append(args, values...)
	}
	counts = make([]int64, len(cases))
	dest := make([]any, len(cases))
	for i := range counts {
		dest[i] = &counts[i]
	}
	_, err = tx.one(ctx, dest, "SELECT "+strings.Join(columns, ", ")+" FROM "+q.Noun.Table+" t"+b.sql(), append(args, b.args...)...)
	return counts, err
}

// Earlier counts the records that meet any of several conditions and stand before a
// place, a value of the field by and an id, among the latest of each condition; last is
// the id of the latest of all. It is one statement with one line, for as many may be
// looked at for every record that is entered.
func (tx *Tx) Earlier(ctx context.Context, n *register.Noun, anyOf []flow.Where, by string, place [2]string, limit int) (count int, last string, err error) {
	if len(anyOf) == 0 {
		return 0, "", nil
	}
	f := n.Field(by)
	parts, args := make([]string, len(anyOf)), []any{}
	for i, where := range anyOf {
		part, values := newestSQL(n, "t."+f.Name+" || ' ' || t.id AS place", where, f, limit)
		parts[i], args = "SELECT place FROM ("+part+") s", append(args, values...)
	}
	var latest *string
	_, err = tx.one(ctx, []any{&count, &latest}, "SELECT count(*), max(place) FROM ("+strings.Join(parts, " UNION ")+") u WHERE place < ?", append(args, place[0]+" "+place[1])...)
	if latest != nil {
		_, last, _ = strings.Cut(*latest, " ")
	}
	return count, last, err
}

// AnyOf are the ids of the records that meet any of several conditions, of each condition
// no more than limit, those with the greatest values of the field by. It is one statement.
func (tx *Tx) AnyOf(ctx context.Context, n *register.Noun, anyOf []flow.Where, by string, limit int) (ids []string, err error) {
	if len(anyOf) == 0 {
		return nil, nil
	}
	parts, args := make([]string, len(anyOf)), []any{}
	for i, where := range anyOf {
		part, values := newestSQL(n, "t.id", where, n.Field(by), limit)
		parts[i], args = "SELECT id FROM ("+part+") s", append(args, values...)
	}
	err = tx.each(ctx, 1, func(r register.Row) error {
		ids = append(ids, string(r[0]))
		return nil
	}, strings.Join(parts, " UNION "), args...)
	return ids, err
}

// Least is the least value of a field among the records that match q and have one,
// and how many these are.
func (tx *Tx) Least(ctx context.Context, q Query, f *register.Field) (least string, n int64, err error) {
	b := tx.where(q)
	b.and("t." + f.SQLColumn() + " IS NOT NULL")
	var value *string
	_, err = tx.one(ctx, []any{&value, &n}, "SELECT min(t."+f.SQLColumn()+"), count(*) FROM "+q.Noun.Table+" t"+b.sql(), b.args...)
	if value != nil {
		least = *value
	}
	return least, n, err
}

// Cells visits the given fields of up to limit records that match q, in no order.
func (tx *Tx) Cells(ctx context.Context, q Query, fields []*register.Field, limit int, visit func(cells register.Row) error) error {
	b := tx.where(q)
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = "t." + f.Name
	}
	return tx.each(ctx, len(fields), visit, "SELECT "+strings.Join(columns, ", ")+" FROM "+q.Noun.Table+" t"+b.sql()+upTo(limit), b.args...)
}
