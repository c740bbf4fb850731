package store

import (
	"context"
	"strings"
	"unicode/utf8"

	"rapport/internal/register"
)

// SQLite's index has no beginnings of words: for one it puts the records of all words
// together that begin so, which for a letter or two are most of the records. Those are
// looked for among the newest records themselves, and in the index where they turn
// out to be rare; to keep beginnings in the index would make every write dearer.
const (
	walkedFirst = 3000  // records at first
	walkedMost  = 15000 // where so many of those have the words that enough will be found
	walkedFrom  = 50000 // of so many that the index would take longer
	shortest    = 2     // letters of a beginning that is looked for so
)

// walk looks for the words among a noun's newest records. done says that there are as
// many as were asked for: else the index is to be asked.
func (tx *Tx) walk(ctx context.Context, n *register.Noun, words []string, sight *Sight, limit int) (hits []Hit, done bool, err error) {
	last := words[len(words)-1]
	if tx.db.config.URL != "" || utf8.RuneCountInString(last) > shortest {
		return nil, false, nil
	}
	hits, err = tx.walked(ctx, n, words, sight, walkedFirst, limit)
	if few := limit * walkedFirst / walkedMost; err == nil && len(hits) < limit && len(hits) >= few {
		hits, err = tx.walked(ctx, n, words, sight, walkedMost, limit)
	}
	return hits, len(hits) >= limit, err
}

// walked are the hits among so many of the newest records, none where there are few.
func (tx *Tx) walked(ctx context.Context, n *register.Noun, words []string, sight *Sight, among, limit int) (hits []Hit, err error) {
	texts := n.Table + "_fts_content"
	b := &builder{}
	b.and("c.docid > (SELECT CASE WHEN max(docid) > ? THEN max(docid) - ? ELSE max(docid) END FROM "+texts+")", walkedFrom, among)
	b.spelt(words)
	b.and("t.deleted_at IS NULL")
	cond, args := sight.records(n, "t")
	b.and(cond, args...)
	err = tx.each(ctx, 7, func(r register.Row) error {
		h := hitOf(n, r)
		h.InTitle, h.Whole = placed(words, string(r[5]), string(r[6]))
		hits = append(hits, h)
		return nil
	}, "SELECT "+hitColumns(n)+", c.c0title, c.c1body FROM "+texts+" c CROSS JOIN "+n.Table+" t ON t.num = c.docid"+b.sql()+" ORDER BY c.docid DESC"+upTo(limit), b.args...)
	return hits, err
}

// placed says where words stand in a record's texts, which have them all: in the
// title, and the last one whole.
func placed(words []string, title, body string) (inTitle, whole bool) {
	last := words[len(words)-1]
	title, body = " "+title+" ", " "+body+" "
	inTitle = strings.Contains(title, " "+last)
	for _, w := range words[:len(words)-1] {
		inTitle = inTitle && strings.Contains(title, " "+w+" ")
	}
	whole = strings.Contains(title, " "+last+" ")
	return inTitle, whole || !inTitle && strings.Contains(body, " "+last+" ")
}
