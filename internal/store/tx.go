package store

import (
	"context"
	"database/sql"
	"errors"
	"runtime/debug"

	"gorm.io/gorm"

	"rapport/internal/register"
)

// querier is what runs SQL: a pool, a connection or a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// Tx is where records are read and, inside a Change, written.
type Tx struct {
	db      *DB
	q       querier
	head    *head    // where the chain of entries stands; nil on PostgreSQL
	pending *pending // texts for the search index, written at the group's end
	later   *later   // rows that wait for the change's end; nil on SQLite
	after   []func()
	wrote   bool // something that would have to be undone
	held    held // rows that need not be read again
}

// Look is a Tx that is good for looking only, outside any transaction.
func (db *DB) Look() *Tx { return &Tx{db: db, q: db.told(db.read)} }

// After has fn called once the change is committed.
func (tx *Tx) After(fn func()) { tx.after = append(tx.after, fn) }

// committed calls what waited for the commit. What was committed stays so, even
// if one of them panics.
func (db *DB) committed(tx *Tx) {
	for _, fn := range tx.after {
		func() {
			defer func() {
				if p := recover(); p != nil {
					db.config.Log.Error("panic after a commit", "panic", p, "stack", string(debug.Stack()))
				}
			}()
			fn()
		}()
	}
}

// ORM is GORM on this transaction, for tables that are no nouns.
func (tx *Tx) ORM(ctx context.Context) *gorm.DB {
	tx.wrote = true // who knows
	orm := tx.db.orm.Session(&gorm.Session{NewDB: true, Context: ctx})
	orm.Statement.ConnPool = tx.q
	return orm
}

func (tx *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	tx.wrote = true
	if err := tx.settle(ctx, query); err != nil {
		return 0, err
	}
	res, err := tx.q.ExecContext(ctx, tx.db.dialect.bind(query), args...)
	if err != nil {
		return 0, tx.db.understand(err)
	}
	return res.RowsAffected()
}

func (tx *Tx) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := tx.settle(ctx, query); err != nil {
		return nil, err
	}
	rows, err := tx.q.QueryContext(ctx, tx.db.dialect.bind(query), args...)
	if err != nil {
		return nil, tx.db.understand(err)
	}
	return rows, nil
}

// each calls fn for every row of a query, with the row's cells as texts that are
// fn's own to keep.
func (tx *Tx) each(ctx context.Context, columns int, fn func(register.Row) error, query string, args ...any) error {
	rows, err := tx.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	s := scannerOf(columns)
	defer s.free()
	for rows.Next() {
		row, err := s.scan(rows)
		if err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return tx.db.understand(rows.Err())
}

// row reads the only row that a query can have, nil if it has none. It does not ask
// whether there are more.
func (tx *Tx) row(ctx context.Context, columns int, query string, args ...any) (register.Row, error) {
	rows, err := tx.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, tx.db.understand(rows.Err())
	}
	s := scannerOf(columns)
	defer s.free()
	return s.scan(rows)
}

// one reads the single row of a query into dest; found is false without one.
func (tx *Tx) one(ctx context.Context, dest []any, query string, args ...any) (found bool, err error) {
	if err := tx.settle(ctx, query); err != nil {
		return false, err
	}
	err = tx.q.QueryRowContext(ctx, tx.db.dialect.bind(query), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, tx.db.understand(err)
	}
	return true, nil
}
