package store

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"rapport/internal/fold"
	"rapport/internal/register"
)

// glanced is how many records are looked through before anything is sorted.
const glanced = 3000

// glances reports whether a list is first looked for among the first records in its
// order: SQLite goes by an index of the filter wherever there is one, and by that of
// words, and sorts all that match. What is common is found as soon in the order itself;
// what is rare is read as ever. PostgreSQL knows by itself what is common.
func (tx *Tx) glances(ctx context.Context, q Query) (bool, error) {
	words := fold.Words(q.Words)
	if tx.db.config.URL != "" || q.Deleted != Standing || q.Among != nil || q.lead != nil || len(q.Where)+len(words) == 0 {
		return false, nil
	}
	if slices.ContainsFunc(q.Where, func(c Cond) bool { return c.Field == nil || c.Via != nil || !widespread(c.Field) }) {
		return false, nil
	}
	if len(words) > 0 {
		return tx.many(ctx, q.Noun, words)
	}
	return !q.onPath(), nil
}

// onPath reports whether an access path leads to the list in its order.
func (q Query) onPath() bool {
	held := []string{}
	for _, c := range q.Where {
		one := (c.Op == "eq" || c.Op == "in") && len(c.Values) == 1
		if one || c.Op == "null" && c.Values[0] == true {
			held = append(held, c.Field.Name)
		}
	}
	return slices.ContainsFunc(q.Noun.Paths, func(p register.Path) bool {
		others := slices.ContainsFunc(p.Equal, func(name string) bool { return !slices.Contains(held, name) })
		return len(p.Equal) > 0 && !others && strings.TrimPrefix(p.Sort, "-") == q.Sort.Name
	})
}

// widespread reports whether many records may well have the same value of a field: a word of
// an enumeration, or somebody who entered them.
func widespread(f *register.Field) bool {
	return f.Shape == register.Choice || f.Shape == register.Truth || f.Shape == register.Rank || f.Made()
}

// many reports whether words may stand in many records of a noun: the last one is short,
// which the index would have to put together from all words that begin so, or the index
// has more records than are soon put in order.
func (tx *Tx) many(ctx context.Context, n *register.Noun, words []string) (bool, error) {
	var count int
	if utf8.RuneCountInString(words[len(words)-1]) <= shortest {
		_, err := tx.one(ctx, []any{&count}, "SELECT coalesce(max(num), 0) FROM "+n.Table)
		return count > walkedFrom, err
	}
	index := n.Table + "_fts"
	_, err := tx.one(ctx, []any{&count}, "SELECT count(*) FROM (SELECT 1 FROM "+index+" WHERE "+index+" MATCH ?"+upTo(few+1)+") found", tx.db.dialect.terms(words))
	return count > few, err
}

// glance reads a part of a list out of the first records in its order, more of them for
// words of which these have so many that enough will be found. Where it finds as many as
// are wanted, these are the ones.
func (tx *Tx) glance(ctx context.Context, q Query, s segment, limit int) (rows []register.Row, err error) {
	rows, err = tx.glancedAt(ctx, q, s, glanced, limit)
	if q.Words != "" && err == nil && len(rows) < limit && len(rows) >= limit*glanced/walkedMost {
		rows, err = tx.glancedAt(ctx, q, s, walkedMost, limit)
	}
	return rows, err
}

func (tx *Tx) glancedAt(ctx context.Context, q Query, s segment, among, limit int) (rows []register.Row, err error) {
	query, args := tx.glanceSQL(q, s, among, limit)
	err = tx.each(ctx, q.Noun.Width(), func(r register.Row) error {
		rows = append(rows, r)
		return nil
	}, query, args...)
	return rows, err
}

func (tx *Tx) glanceSQL(q Query, s segment, among, limit int) (string, []any) {
	words, texts := fold.Words(q.Words), ""
	q.Words = ""
	first, all := &builder{}, tx.where(q)
	if len(words) > 0 {
		texts = " CROSS JOIN " + q.Noun.Table + "_fts_content c ON c.docid = t.num"
		all.spelt(words)
	}
	first.and("t.deleted_at IS NULL")
	order, table := " ORDER BY "+s.within(first, q), q.Noun.Table+" t"
	found := "SELECT t.num FROM (SELECT t.num FROM " + table + first.sql() + order + upTo(among) + ") w CROSS JOIN " + table + " ON t.num = w.num" + texts +
		all.sql() + order + upTo(limit)
	return "SELECT " + sqlOf(q.Noun).columns + " FROM " + table + " WHERE t.num IN (" + found + ")" + order, append(first.args, all.args...)
}

// spelt asks for words in the texts c of the index, the last one as a beginning.
func (b *builder) spelt(words []string) {
	for i, word := range words {
		if word = " " + word; i < len(words)-1 {
			word += " "
		}
		b.and("instr(' ' || c.c0title || ' ' || c.c1body || ' ', ?) > 0", word)
	}
}
