package store

import (
	"context"
	"encoding/binary"
	"strings"

	"rapport/internal/fold"
	"rapport/internal/register"
)

// Hit is a record that has the words of a search.
type Hit struct {
	Noun      *register.Noun
	ID        string
	Num       []byte
	State     string
	Title     string
	UpdatedAt string
	InTitle   bool // all words stand in the title
	Whole     bool // there, the last one is no mere beginning
}

// before reports whether h ranks before other: words in the title before those in
// the text, whole words before beginnings, then the later one.
func (h *Hit) before(other *Hit) int {
	for _, by := range [][2]bool{{h.InTitle, other.InTitle}, {h.Whole, other.Whole}} {
		switch {
		case by[0] && !by[1]:
			return -1
		case by[1] && !by[0]:
			return 1
		}
	}
	if c := strings.Compare(other.UpdatedAt, h.UpdatedAt); c != 0 {
		return c
	}
	return strings.Compare(other.ID, h.ID)
}

// Rank orders two hits.
func Rank(a, b Hit) int { return a.before(&b) }

// Searched reports whether the records of a noun are found by words.
func Searched(n *register.Noun) bool { return searched(n) }

// Search finds the newest of a noun's standing records that have all words, the
// last of which may be a beginning, as far as sight shows them: one statement,
// which walks the index from its newest end and stops when it has enough; where the
// beginning is short, the newest records are looked through before.
func (tx *Tx) Search(ctx context.Context, n *register.Noun, text string, sight *Sight, limit int) (hits []Hit, err error) {
	words := fold.Words(text)
	if len(words) == 0 || !searched(n) {
		return nil, nil
	}
	if hits, done, err := tx.walk(ctx, n, words, sight, limit); done || err != nil {
		return hits, err
	}
	query, args := tx.searchSQL(n, words, sight, limit)
	err = tx.each(ctx, 6, func(r register.Row) error {
		h := hitOf(n, r)
		h.InTitle, h.Whole = tx.db.dialect.ranked(r[5], len(words))
		hits = append(hits, h)
		return nil
	}, query, args...)
	return hits, err
}

// hitOf is a hit of which the columns that are shown were read.
func hitOf(n *register.Noun, r register.Row) Hit {
	return Hit{Noun: n, ID: string(r[0]), Num: r[1], State: string(r[2]), Title: string(r[3]), UpdatedAt: string(r[4])}
}

func (tx *Tx) searchSQL(n *register.Noun, words []string, sight *Sight, limit int) (string, []any) {
	cond, args := sight.records(n, "t")
	if cond != "" {
		cond = " AND " + cond
	}
	return tx.db.dialect.searchSQL(n.Table, hitColumns(n), cond, upTo(limit)), tx.db.dialect.searchArgs(words, args)
}

// hitColumns are what is shown of a hit.
func hitColumns(n *register.Noun) string {
	title := "''"
	if n.TitleField != nil {
		title = "t." + n.TitleField.Name
	}
	return "t.id, t.num, t.state, " + title + ", t.updated_at"
}

// searchSQL drives the search from the index's newest end. What comes last are the
// words' places, of which the rank is made.
func (sqliteDialect) searchSQL(table, columns, sight, limit string) string {
	return "SELECT " + columns + ", matchinfo(" + table + "_fts, 'y') FROM " + table + "_fts CROSS JOIN " + table + " t ON t.num = " + table + "_fts.docid WHERE " +
		table + "_fts MATCH ? AND t.deleted_at IS NULL" + sight + " ORDER BY " + table + "_fts.docid DESC" + limit
}

// searchArgs asks for the last word whole and as a beginning, so that the two can
// be told apart.
func (sqliteDialect) searchArgs(words []string, sight []any) []any {
	last := words[len(words)-1]
	quoted := make([]string, 0, len(words))
	for _, w := range words[:len(words)-1] {
		quoted = append(quoted, `"`+w+`"`)
	}
	quoted = append(quoted, `("`+last+`" OR "`+last+`*")`)
	return append([]any{strings.Join(quoted, " ")}, sight...)
}

// ranked reads how often each word stands in the title and in the text: two
// numbers for each word, the last word once whole and once as a beginning.
func (sqliteDialect) ranked(places []byte, words int) (inTitle, whole bool) {
	count := func(word, column int) uint32 {
		if at := 4 * (2*word + column); at+4 <= len(places) {
			return binary.NativeEndian.Uint32(places[at:])
		}
		return 0
	}
	inTitle = true
	for w := range words - 1 {
		inTitle = inTitle && count(w, 0) > 0
	}
	wholeTitle := inTitle && count(words-1, 0) > 0
	if inTitle = inTitle && (wholeTitle || count(words, 0) > 0); inTitle {
		return true, wholeTitle
	}
	return false, count(words-1, 0)+count(words-1, 1) > 0
}

// searchSQL walks the texts from the newest end or takes those that have the
// words, as the planner knows the words to be common or rare; the rank is made of
// the few that are left.
func (postgresDialect) searchSQL(table, columns, sight, limit string) string {
	return "SELECT h.*, (CASE WHEN w.words @@ to_tsquery('simple', ?) THEN 'TW' WHEN w.words @@ to_tsquery('simple', ?) THEN 'T' WHEN w.words @@ to_tsquery('simple', ?) THEN 'W' ELSE '' END) FROM (" +
		"SELECT " + columns + " FROM search_texts s JOIN " + table + " t ON t.num = s.num WHERE s.kind = '" + table + "' AND s.words @@ to_tsquery('simple', ?) AND t.deleted_at IS NULL" + sight +
		" ORDER BY s.num DESC" + limit + ") h JOIN search_texts w ON w.kind = '" + table + "' AND w.num = h.num ORDER BY h.num DESC"
}

func (postgresDialect) searchArgs(words []string, sight []any) []any {
	with := func(each, last string) string { return strings.Join(words, each+" & ") + last }
	return append([]any{with(":A", ":A"), with(":A", ":*A"), with("", ""), with("", ":*")}, sight...)
}

func (postgresDialect) ranked(places []byte, _ int) (inTitle, whole bool) {
	return strings.Contains(string(places), "T"), strings.Contains(string(places), "W")
}
