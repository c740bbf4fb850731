package store

import (
	"context"
	"database/sql"
)

// asking is where SQL runs, and tells of every statement first. Nobody is told in
// production, where it does not stand in between.
type asking struct {
	querier
	tell func(ctx context.Context, query string)
}

// told is q, telling of its statements if anybody wants to know of them.
func (db *DB) told(q querier) querier {
	if db.config.Asked == nil {
		return q
	}
	return asking{q, db.config.Asked}
}

func (a asking) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	a.tell(ctx, query)
	return a.querier.ExecContext(ctx, query, args...)
}

func (a asking) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	a.tell(ctx, query)
	return a.querier.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the caller reads the rows
}

func (a asking) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	a.tell(ctx, query)
	return a.querier.QueryRowContext(ctx, query, args...)
}
