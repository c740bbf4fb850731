package store

import (
	"strconv"
	"strings"
)

// dialect is where the two databases differ.
type dialect interface {
	name() string
	// bind writes SQL with ? for its values as the database takes it.
	bind(query string) string
	versionSQL() string
	// migratedSQL asks whether any migration was ever applied.
	migratedSQL() string
	// match is the condition that finds a noun's records by words, with one ?.
	match(table string) string
	// terms turns folded words into what match's ? takes.
	terms(words []string) string
	// among is the condition that a column is in a query of few lines, which is asked
	// first.
	among(column, query string) string
	// searchSQL finds a noun's newest records by words and tells the words' places;
	// searchArgs are its values, ranked reads the places.
	searchSQL(table, columns, sight, limit string) string
	searchArgs(words []string, sight []any) []any
	ranked(places []byte, words int) (inTitle, whole bool)
	// namesakesSQL finds a noun's newest records that have one of several words, of which
	// any makes its first value; with before, the number below which theirs are to be
	// is the second, and the values of conds follow.
	namesakesSQL(table, columns, conds string, before bool, limit string) string
	any(words []string) string
	// refine tells what an error of the driver means; nil if it is nothing special.
	refine(err error) error
}

type sqliteDialect struct{}

func (sqliteDialect) name() string { return "sqlite" }

// bind hides bound values from SQLite's planner. It looks at the value that a column
// is compared with, and to look again it prepares the statement anew at every use,
// which takes ten times as long as a look-up. Behind a plus sign, which changes
// nothing, it does not look.
func (sqliteDialect) bind(q string) string { return strings.ReplaceAll(q, "= ?", "= +?") }
func (sqliteDialect) versionSQL() string   { return "SELECT sqlite_version()" }
func (sqliteDialect) migratedSQL() string {
	return "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
}

func (sqliteDialect) match(t string) string {
	return "t.num IN (SELECT docid FROM " + t + "_fts WHERE " + t + "_fts MATCH ?)"
}
func (sqliteDialect) among(column, query string) string { return column + " IN (" + query + ")" }
func (sqliteDialect) refine(err error) error            { return refineSQLite(err) }

// terms quotes every word; the last one is a prefix.
func (sqliteDialect) terms(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + w + `"`
	}
	quoted[len(words)-1] = `"` + words[len(words)-1] + `*"`
	return strings.Join(quoted, " ")
}

type postgresDialect struct{}

func (postgresDialect) name() string       { return "postgres" }
func (postgresDialect) versionSQL() string { return "SHOW server_version" }
func (postgresDialect) migratedSQL() string {
	return "SELECT to_regclass('goose_db_version') IS NOT NULL"
}

// among makes an array of the lines: a join would be led by what PostgreSQL takes
// the numbers of lines to be.
func (postgresDialect) among(column, query string) string {
	return column + " = ANY (ARRAY(" + query + "))"
}
func (postgresDialect) refine(err error) error { return refinePostgres(err) }

func (postgresDialect) match(t string) string {
	return "t.num IN (SELECT num FROM search_texts WHERE kind = '" + t + "' AND words @@ to_tsquery('simple', ?))"
}

func (postgresDialect) terms(words []string) string {
	return strings.Join(words, " & ") + ":*"
}

// bind numbers the placeholders. Our SQL has no ? inside quotes.
func (postgresDialect) bind(q string) string {
	if !strings.Contains(q, "?") {
		return q
	}
	var b strings.Builder
	b.Grow(len(q) + 16)
	n := 0
	for part := range strings.SplitSeq(q, "?") {
		if n > 0 {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}
