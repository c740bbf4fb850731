package store

import (
	"context"
	"slices"

	"rapport/internal/register"
)

// putSortedLinks keeps the links of the access paths that lead from a term of a list
// field, each with the value by which the path is sorted. A record without that value
// has none.
func (tx *Tx) putSortedLinks(ctx context.Context, n *register.Noun, rec register.Record, before, row register.Row) error {
	for _, p := range n.LinkPaths() {
		if !Changed(p.By, before, row) && !Changed(p.Sort, before, row) {
			continue
		}
		if before != nil && before[p.Sort.Column] != nil {
			old, err := n.Load(before)
			if err != nil {
				return err
			}
			if err := tx.eachLink(ctx, "DELETE FROM sorted_links WHERE kind = ? AND field = ? AND target = ? AND sort = ? AND record_id = ?", n, p, old, before); err != nil {
				return err
			}
		}
		if row[p.Sort.Column] == nil {
			continue
		}
		if err := tx.eachLink(ctx, "INSERT INTO sorted_links (kind, field, target, sort, record_id) VALUES (?, ?, ?, ?, ?)", n, p, rec, row); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) eachLink(ctx context.Context, query string, n *register.Noun, p register.LinkPath, rec register.Record, row register.Row) error {
	for _, target := range slices.Compact(slices.Sorted(slices.Values(n.Terms(rec, p.By)))) {
		if _, err := tx.exec(ctx, query, n.Name, p.By.Name, target, string(row[p.Sort.Column]), rec.Meta().ID); err != nil {
			return err
		}
	}
	return nil
}

// byLink finds among the conditions the one on a term from which an access path leads
// to the records in the order asked for, and the conditions besides.
func (q Query) byLink() (lead Cond, rest []Cond, found bool) {
	rest = allOf(q.Where, nil)
	for i, c := range rest {
		if c.Via != nil || c.Field == nil || len(c.Values) != 1 || !slices.Contains([]string{"eq", "in", "any"}, c.Op) {
			continue
		}
		for _, p := range q.Noun.LinkPaths() {
			if p.By == c.Field && p.Sort == q.Sort {
				return c, slices.Delete(rest, i, i+1), true
			}
		}
	}
	return lead, q.Where, false
}

// allOf are conditions with those of an and put beside the others.
func allOf(conds, into []Cond) []Cond {
	for _, c := range conds {
		if c.Op == "and" {
			into = allOf(c.Of, into)
		} else {
			into = append(into, c)
		}
	}
	return into
}

// linkedSQL reads a segment along such a path: those that have the term and a sort
// value, from the place on.
func (tx *Tx) linkedSQL(q Query, lead Cond, s segment, limit int) (string, []any) {
	b := tx.where(q)
	b.and("t.id = l.record_id AND l.kind = ? AND l.field = ? AND l.target = ?", q.Noun.Name, lead.Field.Name, lead.Values[0])
	op, dir := q.direction()
	if s.after != nil {
		b.and("(l.sort, l.record_id) "+op+" (?, ?)", s.after.Value, s.after.ID)
	}
	return "SELECT " + sqlOf(q.Noun).columns + " FROM sorted_links l CROSS JOIN " + q.Noun.Table + " t" + b.sql() +
		" ORDER BY l.sort" + dir + ", l.record_id" + dir + upTo(limit), b.args
}

// direction is how a cursor's place is compared, and the order, of the page asked for.
func (q Query) direction() (op, dir string) {
	if q.Desc != (q.After != nil && q.After.Back) {
		return "<", " DESC"
	}
	return ">", ""
}
