package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"rapport/internal/fold"
	"rapport/internal/register"
)

// TagCounts counts the standing records of n by their folded tags, as far as sight
// shows them. The links alone tell how many records have a tag; those that are removed
// and those that are hidden are few, and are taken off.
func (tx *Tx) TagCounts(ctx context.Context, n *register.Noun, sight *Sight) (map[string]int64, error) {
	hidden, args := sight.hidden(n)
	if seen, _ := sight.records(n, "t"); seen != "" && hidden == "" {
		return tx.tagCountsEach(ctx, n, sight)
	}
	query := "SELECT '', l.target, count(*) FROM links l WHERE l.kind = ? AND l.field = 'tags' GROUP BY l.target" +
		" UNION ALL SELECT t.tags, '', count(*) FROM removed r CROSS JOIN " + n.Table + " t WHERE r.kind = ? AND t.id = r.record_id GROUP BY t.tags"
	values := []any{n.Name, n.Name}
	if hidden != "" {
		query += " UNION ALL SELECT t.tags, '', count(*) FROM guarded g CROSS JOIN " + n.Table + " t WHERE t.deleted_at IS NULL AND " + hidden + " GROUP BY t.tags"
		values = append(values, args...)
	}
	counts := map[string]int64{}
	err := tx.each(ctx, 3, func(r register.Row) error {
		if len(r[0]) == 0 {
			counts[string(r[1])] += number(r[2])
			return nil
		}
		tags, err := foldedTags(r[0])
		for tag := range tags {
			counts[tag] -= number(r[2])
		}
		return err
	}, query, values...)
	for tag, count := range counts {
		if count <= 0 {
			delete(counts, tag)
		}
	}
	return counts, err
}

// tagCountsEach looks at every record that has tags: for who sees so little that what
// is hidden is the larger part.
func (tx *Tx) tagCountsEach(ctx context.Context, n *register.Noun, sight *Sight) (map[string]int64, error) {
	b := &builder{}
	b.and("l.kind = ? AND l.field = 'tags' AND t.deleted_at IS NULL", n.Name)
	cond, args := sight.records(n, "t")
	b.and(cond, args...)
	counts := map[string]int64{}
	err := tx.each(ctx, 2, func(r register.Row) error {
		counts[string(r[0])] = number(r[1])
		return nil
	}, "SELECT l.target, count(*) FROM links l JOIN "+n.Table+" t ON t.id = l.record_id"+b.sql()+" GROUP BY l.target", b.args...)
	return counts, err
}

// foldedTags are the tags of a record as its links have them.
func foldedTags(cell []byte) (map[string]bool, error) {
	var spelt []string
	err := json.Unmarshal(cell, &spelt)
	tags := map[string]bool{}
	for _, tag := range spelt {
		tags[fold.Fold(tag)] = true
	}
	return tags, err
}

// NewestTagged finds, for each of the folded tags, the newest standing record of n
// that has it, as far as sight shows them: it walks the links from their newest end.
func (tx *Tx) NewestTagged(ctx context.Context, n *register.Noun, tags []string, sight *Sight) (map[string]string, error) {
	b := &builder{}
	b.and("l.kind = ? AND l.field = 'tags' AND l.target = w.column1 AND t.id = l.record_id AND t.deleted_at IS NULL", n.Name)
	cond, args := sight.records(n, "t")
	b.and(cond, args...)
	newest := map[string]string{}
	for some := range slices.Chunk(tags, chunk) {
		err := tx.each(ctx, 2, func(r register.Row) error {
			if r[1] != nil {
				newest[string(r[0])] = string(r[1])
			}
			return nil
		}, "SELECT w.column1, (SELECT l.record_id FROM links l CROSS JOIN "+n.Table+" t"+b.sql()+" ORDER BY l.record_id DESC LIMIT 1) FROM (VALUES (?)"+strings.Repeat(", (?)", len(some)-1)+") w", slices.Concat(b.args, anys(some))...)
		if err != nil {
			return nil, err
		}
	}
	return newest, nil
}
