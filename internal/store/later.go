package store

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// outlet is a table whose rows a change writes and hardly ever reads.
type outlet struct {
	table, columns, conflict string
	width                    int
}

func outletOf(table, columns, conflict string) *outlet {
	return &outlet{table, columns, conflict, strings.Count(columns, ",") + 1}
}

func (o *outlet) insert(rows int) string {
	one := "(" + marks(o.width) + ")"
	return "INSERT INTO " + o.table + " (" + o.columns + ") VALUES " + one + strings.Repeat(", "+one, rows-1) + o.conflict
}

// later are rows that PostgreSQL is given at the end of a change, or before the table
// is read: all of a table in one statement, instead of a way there and back for each.
// SQLite, which is no way off, is given each at once.
type later struct {
	outlets []*waiting
	gathers bool
	rows    []*gathered
}

// waiting are the rows of one table, by their keys: of two with the same key the last
// one counts.
type waiting struct {
	*outlet
	keys []string
	args []any
}

// put writes a row that has this key in its table.
func (tx *Tx) put(ctx context.Context, o *outlet, key string, args ...any) error {
	if tx.later == nil {
		_, err := tx.exec(ctx, o.insert(1), args...)
		return err
	}
	tx.wrote = true
	w := tx.later.of(o)
	if o.conflict != "" {
		if at := slices.Index(w.keys, key); at >= 0 {
			copy(w.args[at*o.width:], args)
			return nil
		}
	}
	w.keys, w.args = append(w.keys, key), append(w.args, args...)
	if len(w.keys) == chunk {
		return tx.settle(ctx, "")
	}
	return nil
}

func (l *later) of(o *outlet) *waiting {
	for _, w := range l.outlets {
		if w.outlet == o {
			return w
		}
	}
	w := &waiting{outlet: o}
	l.outlets = append(l.outlets, w)
	return w
}

// settle writes the rows that wait, if a statement is about their table; "" is about
// all of them.
func (tx *Tx) settle(ctx context.Context, query string) error {
	if tx.later == nil {
		return nil
	}
	for _, w := range tx.later.outlets {
		if len(w.keys) == 0 || query != "" && !strings.Contains(query, w.table) {
			continue
		}
		rows, args := len(w.keys), w.args
		w.keys, w.args = nil, nil
		if _, err := tx.q.ExecContext(ctx, tx.db.dialect.bind(w.insert(rows)), args...); err != nil {
			return tx.db.understand(err)
		}
	}
	err := tx.settleRows(ctx, tx.later.take(query))
	if err == nil || errors.Is(err, errRetry) {
		return err
	}
	tx.wrote = true // it may be another part's row that could not be written
	return errors.Join(ErrSpoilt, err)
}

// drop forgets the rows that wait.
func (tx *Tx) drop() {
	if tx.later != nil {
		tx.later.outlets, tx.later.rows = nil, nil
	}
}
