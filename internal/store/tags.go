package store

import (
	"context"
	"strconv"

	"rapport/internal/register"
)

// TagCount is how many standing records of a noun have a tag.
type TagCount struct {
	Tag    string // folded
	Count  int64
	Newest string // the id of the newest of them
}

// TagCounts counts the records of n by their tags, as far as sight shows them, in
// no order: the databases do not agree on one.
func (tx *Tx) TagCounts(ctx context.Context, n *register.Noun, sight *Sight) (counts []TagCount, err error) {
	b := &builder{}
	b.and("l.kind = ? AND l.field = 'tags'", n.Name)
	b.and("t.deleted_at IS NULL")
	cond, args := sight.records(n, "t")
	b.and(cond, args...)
	err = tx.each(ctx, 3, func(r register.Row) error {
		count, err := strconv.ParseInt(string(r[1]), 10, 64)
		counts = append(counts, TagCount{string(r[0]), count, string(r[2])})
		return err
	}, "SELECT l.target, count(*), max(t.id) FROM links l JOIN "+n.Table+" t ON t.id = l.record_id"+b.sql()+" GROUP BY l.target", b.args...)
	return counts, err
}
