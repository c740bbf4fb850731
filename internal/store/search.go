package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"rapport/internal/register"
)

// pending are the texts that a group of changes puts into the search index at
// its end: the index is written once per group, in the same transaction.
type pending struct{ texts []texts }

type texts struct {
	noun        *register.Noun
	num         int64
	replace     bool
	title, body string
}

func (p *pending) mark() int    { return len(p.texts) }
func (p *pending) cut(mark int) { p.texts = p.texts[:mark] }

// putTexts notes a record's words for the index, if they changed.
func (tx *Tx) putTexts(n *register.Noun, before, row register.Row) {
	if !searched(n) {
		return
	}
	title, body := n.Words(row)
	if before != nil {
		if t, b := n.Words(before); t == title && b == body {
			return
		}
	}
	var num int64
	_, _ = fmt.Sscan(string(row[n.Field("num").Column]), &num)
	tx.pending.texts = append(tx.pending.texts, texts{n, num, before != nil, title, body})
}

func searched(n *register.Noun) bool {
	for _, f := range n.Fields {
		if f.Search {
			return true
		}
	}
	return false
}

// flush writes the noted words, a few statements for all of a noun's records. Of
// a record that changed twice the last words count.
func (tx *Tx) flush(ctx context.Context, p *pending) error {
	byNoun := map[*register.Noun]map[int64]texts{}
	for _, t := range p.texts {
		if byNoun[t.noun] == nil {
			byNoun[t.noun] = map[int64]texts{}
		}
		if earlier, twice := byNoun[t.noun][t.num]; twice {
			t.replace = earlier.replace
		}
		byNoun[t.noun][t.num] = t
	}
	for noun, changed := range byNoun {
		if err := tx.index(ctx, noun, changed); err != nil {
			return fmt.Errorf("index %s: %w", noun.Name, err)
		}
	}
	return nil
}

// chunk is how many records one statement of the index names.
const chunk = 300

func (tx *Tx) index(ctx context.Context, n *register.Noun, changed map[int64]texts) error {
	var gone, args []any
	rows := 0
	insert := func() error {
		if rows == 0 {
			return nil
		}
		_, err := tx.exec(ctx, tx.indexSQL(n, rows), args...)
		args, rows = args[:0], 0
		return err
	}
	for num, t := range changed {
		if t.replace {
			gone = append(gone, num)
		}
	}
	if err := tx.unindex(ctx, n, gone); err != nil {
		return err
	}
	for num, t := range changed {
		body := strings.Join(append(nameKeys(n, t.title), t.body), " ")
		args, rows = append(args, num, t.title, body), rows+1
		if rows == chunk {
			if err := insert(); err != nil {
				return err
			}
		}
	}
	return insert()
}

func (tx *Tx) indexSQL(n *register.Noun, rows int) string {
	if tx.db.config.URL == "" {
		return "INSERT INTO " + n.Table + "_fts (docid, title, body) VALUES (?, ?, ?)" + strings.Repeat(", (?, ?, ?)", rows-1)
	}
	one := "('" + n.Table + "', ?, setweight(to_tsvector('simple', ?), 'A') || setweight(to_tsvector('simple', ?), 'B'))"
	return "INSERT INTO search_texts (kind, num, words) VALUES " + one + strings.Repeat(", "+one, rows-1)
}

func (tx *Tx) unindex(ctx context.Context, n *register.Noun, nums []any) error {
	for len(nums) > 0 {
		some := nums[:min(len(nums), chunk)]
		nums = nums[len(some):]
		query := "DELETE FROM " + n.Table + "_fts WHERE docid IN (" + marks(len(some)) + ")"
		if tx.db.config.URL != "" {
			query = "DELETE FROM search_texts WHERE kind = '" + n.Table + "' AND num IN (" + marks(len(some)) + ")"
		}
		if _, err := tx.exec(ctx, query, some...); err != nil {
			return err
		}
	}
	return nil
}

func marks(n int) string { return "?" + strings.Repeat(", ?", n-1) }

// upTo bounds a read by a number of ours, in the text and not as a value: SQLite
// prepares a statement anew at every use when its limit is bound.
func upTo(n int) string { return " LIMIT " + strconv.Itoa(n) }

// makeSearchTables makes what the nouns' search tags ask for, so that a noun
// needs no migration to be searched. Segments of the index are not merged while
// a change waits (automerge=0): the writer does that when it is idle. The newest
// come first (order=desc): of a common word no more is read than is asked for.
func (db *DB) makeSearchTables(ctx context.Context) error {
	if db.config.URL != "" || db.config.Beside {
		return nil // PostgreSQL has one table for all, made by a migration
	}
	for _, n := range register.All() {
		if !searched(n) {
			continue
		}
		var there int
		if err := db.write.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = ?", n.Table+"_fts").Scan(&there); err != nil {
			return fmt.Errorf("look for the index of %s: %w", n.Name, err)
		}
		if there > 0 {
			continue
		}
		if _, err := db.write.ExecContext(ctx, "CREATE VIRTUAL TABLE "+n.Table+"_fts USING fts4(title, body, tokenize=unicode61, matchinfo=fts3, order=desc)"); err != nil {
			return fmt.Errorf("make the index of %s: %w", n.Name, err)
		}
	}
	return nil
}

// idle merges a little of the search indexes when nobody waits to write. The
// steps are small, so that a change that comes in waits for no long one.
func (db *DB) idle(conn *sql.Conn, waiting int) {
	if waiting > 0 {
		return
	}
	w := db.writer
	if w == nil || w.changes.Load()-w.merged < mergeEvery {
		return
	}
	w.merged = w.changes.Load()
	for _, n := range register.All() {
		if !searched(n) {
			continue
		}
		if _, err := conn.ExecContext(context.Background(), "INSERT INTO "+n.Table+"_fts("+n.Table+"_fts) VALUES ('merge=100,8')"); err != nil {
			db.config.Log.Warn("merging the search index failed", "noun", n.Name, "err", err)
		}
	}
}

// mergeEvery is how many changes pass between two merges of the search indexes.
const mergeEvery = 2000
