package store

import (
	"context"
	"slices"
	"strings"

	"rapport/internal/register"
)

// glanced is how many records are looked through before anything is sorted.
const glanced = 3000

// glances reports whether a list is first looked for among the first records in its
// order: SQLite goes by an index of the filter wherever there is one, and sorts all
// that match. A common word of an enumeration is found as soon in the order itself;
// a rare one is read as ever. PostgreSQL knows by itself which words are common.
func (tx *Tx) glances(q Query) bool {
	if tx.db.config.URL != "" || q.Deleted != Standing || q.Words != "" || q.Among != nil || q.lead != nil || len(q.Where) == 0 {
		return false
	}
	held := []string{}
	for _, c := range q.Where {
		if c.Field == nil || c.Via != nil || !widespread(c.Field) {
			return false
		}
		if (c.Op == "eq" || c.Op == "in") && len(c.Values) == 1 {
			held = append(held, c.Field.Name)
		}
	}
	return !slices.ContainsFunc(q.Noun.Paths, func(p register.Path) bool {
		others := slices.ContainsFunc(p.Equal, func(name string) bool { return !slices.Contains(held, name) })
		return len(p.Equal) > 0 && !others && strings.TrimPrefix(p.Sort, "-") == q.Sort.Name
	})
}

// widespread reports whether many records may well have the same value of a field: a word of
// an enumeration, or somebody who entered them.
func widespread(f *register.Field) bool {
	return f.Shape == register.Choice || f.Shape == register.Truth || f.Shape == register.Rank || f.Made()
}

// glance reads a part of a list out of the first records in its order. Where it finds
// as many as are wanted, these are the ones.
func (tx *Tx) glance(ctx context.Context, q Query, s segment, limit int) (rows []register.Row, err error) {
	query, args := tx.glanceSQL(q, s, limit)
	err = tx.each(ctx, len(q.Noun.Columns()), func(r register.Row) error {
		rows = append(rows, r)
		return nil
	}, query, args...)
	return rows, err
}

func (tx *Tx) glanceSQL(q Query, s segment, limit int) (string, []any) {
	first, all := &builder{}, tx.where(q)
	first.and("t.deleted_at IS NULL")
	order, table := " ORDER BY "+s.within(first, q), q.Noun.Table+" t"
	found := "SELECT t.num FROM (SELECT t.num FROM " + table + first.sql() + order + upTo(glanced) + ") w CROSS JOIN " + table + " ON t.num = w.num" +
		all.sql() + order + upTo(limit)
	return "SELECT " + sqlOf(q.Noun).columns + " FROM " + table + " WHERE t.num IN (" + found + ")" + order, append(first.args, all.args...)
}
