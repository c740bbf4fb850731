package store

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"rapport/internal/fold"
	"rapport/internal/register"
)

// What follows is for the tests of package store_test alone.

// SlowGroups lets groups wait for their last change on a slow machine.
func SlowGroups(t *testing.T) {
	was := groupTime
	groupTime = 10 * time.Second
	t.Cleanup(func() { groupTime = was })
}

// Hold keeps the writer busy until release is called; what is asked meanwhile
// queues up and shares the next group.
func (db *DB) Hold() (queued func() int, release func()) {
	held, free := make(chan struct{}), make(chan struct{})
	go func() {
		_ = db.WriteAlone(context.Background(), func(context.Context, *Tx) error {
			close(held)
			<-free
			return nil
		})
	}()
	<-held
	return func() int { return len(db.writer.queue) }, func() { close(free) }
}

// Together makes changes in one group, in their order, and returns their results.
func (db *DB) Together(t *testing.T, changes ...Change) []error {
	t.Helper()
	results := make([]error, len(changes))
	queued, release := db.Hold()
	done := make(chan struct{})
	for i, change := range changes {
		go func() {
			results[i] = db.Write(context.Background(), change)
			done <- struct{}{}
		}()
		for queued() <= i {
			time.Sleep(time.Millisecond)
		}
	}
	release()
	for range changes {
		<-done
	}
	return results
}

// Exec runs SQL inside a change.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) error {
	_, err := tx.exec(ctx, query, args...)
	return err
}

// Number reads one number.
func (db *DB) Number(t testing.TB, query string, args ...any) (n int64) {
	t.Helper()
	if _, err := db.Look().one(context.Background(), []any{&n}, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// CheckedConnections reads the pragmas back on n connections of the reading pool
// at once, and on the writing one.
func (db *DB) CheckedConnections(ctx context.Context, n int) error {
	for range n {
		conn, err := db.read.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close() //nolint:gocritic // all are held at once, so that each is another one
		if err := checkPragmas(ctx, conn); err != nil {
			return err
		}
	}
	return checkPragmas(ctx, db.writer.conn)
}

// Schema puts other migrations in the place of the program's own.
func Schema(t *testing.T, files map[string]string) {
	was := allMigrations
	replaced := fstest.MapFS{}
	for name, sql := range files {
		replaced["migrations/"+name] = &fstest.MapFile{Data: []byte(sql)}
	}
	allMigrations = replaced
	t.Cleanup(func() { allMigrations = was })
}

// OpenBare opens a database and migrates it, without what needs the program's
// own tables.
func OpenBare(ctx context.Context, c Config) (*DB, error) {
	c.Plan = true
	db, err := Open(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// SearchSQL is the statement of a search in the records of one noun.
func (db *DB) SearchSQL(n *register.Noun, text string, sight *Sight) (string, []any) {
	query, args := db.Look().searchSQL(n, fold.Words(text), sight, 1001)
	return db.dialect.bind(query), args
}

// AlikeSQL are the statements that find those like a record: by what it claims, and
// by the keys of its name.
func (db *DB) AlikeSQL(k Kin, claims Claims, keys []string) (claimed, namesakes Statement) {
	query, args := k.claimedSQL(claims)
	claimed = Statement{db.dialect.bind(query), args}
	query, args = db.Look().namesakesSQL(k, keys)
	return claimed, Statement{db.dialect.bind(query), args}
}

// LedSQL is what List asks for a page where the first condition on a custom field
// leads to few records.
func (db *DB) LedSQL(q Query) []Statement {
	q.lead, q.few = led(q), true
	return db.ListSQL(q)
}

// DeedsSQL is the statement of a page of somebody's diary.
func (db *DB) DeedsSQL(actor string, since register.Instant, after *Position, s *Sight, kinds []string, limit int) (string, []any) {
	tail, args := deedsSQL(actor, since, after, s, kinds, limit)
	return db.dialect.bind("SELECT " + entryColumns + " FROM entries " + tail), args
}
