package store

import (
	"context"
	"errors"
	"testing"

	"rapport/internal/register"
)

// OpenUntil opens a database and migrates it as far as an older program did.
func OpenUntil(ctx context.Context, c Config, version int64) (*DB, error) {
	c.Plan = true
	db, err := Open(ctx, c)
	if err != nil {
		return nil, err
	}
	p, err := db.provider()
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// ExecBare runs SQL past the writer, which a bare database lacks.
func (db *DB) ExecBare(ctx context.Context, query string) error {
	_, err := db.write.ExecContext(ctx, query)
	return err
}

// Texts reads rows of one text.
func (db *DB) Texts(t testing.TB, query string) (all []string) {
	t.Helper()
	if err := db.Look().each(context.Background(), 1, func(r register.Row) error {
		all = append(all, string(r[0]))
		return nil
	}, query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}
