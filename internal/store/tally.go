package store

import (
	"context"
	"strings"

	"rapport/internal/register"
)

// Tally counts, in one reading, how many of the records that match q meet all
// conditions of each case.
func (tx *Tx) Tally(ctx context.Context, q Query, cases [][]Cond) (counts []int64, err error) {
	if len(cases) == 0 {
		return nil, nil
	}
	b := tx.where(q)
	columns, args := make([]string, len(cases)), []any{}
	for i, conds := range cases {
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

// Cells visits the given fields of up to limit records that match q, in no order.
func (tx *Tx) Cells(ctx context.Context, q Query, fields []*register.Field, limit int, visit func(cells register.Row) error) error {
	b := tx.where(q)
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = "t." + f.Name
	}
	return tx.each(ctx, len(fields), visit, "SELECT "+strings.Join(columns, ", ")+" FROM "+q.Noun.Table+" t"+b.sql()+upTo(limit), b.args...)
}
