package store

import (
	"context"
	"slices"
	"strings"

	"rapport/internal/register"
)

// Gather has PostgreSQL given the rows that the change updates together, as it is given
// what is put later: a record that goes through several steps, as one whose time limit
// is missed, is then written once instead of once a step, and those of a noun that
// change in the same columns by one statement. It is for changes of the register itself:
// a value that another record has already is found when the rows are written, and no
// longer by the step that took it. That is ErrSpoilt, but where the step is a part by Try.
func (tx *Tx) Gather() {
	if tx.later != nil {
		tx.later.gathers = true
	}
}

// gathered is a row that is to be updated.
type gathered struct {
	noun    *register.Noun
	id      string
	version int64 // that it has in the database
	columns []string
	cells   map[string]cell
}

// cell is what a column is to hold, and of which type that is.
type cell struct {
	kind  string
	value any // nil for null
}

const (
	typeText    = "text"
	typeInteger = "bigint"
	typeTruth   = "boolean"
)

func kindOf(f *register.Field) string {
	switch f.Shape {
	case register.Whole, register.Rank:
		return typeInteger
	case register.Truth:
		return typeTruth
	default:
		return typeText
	}
}

// gather takes an update, on top of one of the same row that waits.
func (l *later) gather(n *register.Noun, id string, version int64, columns []string, cells []cell) {
	at := slices.IndexFunc(l.rows, func(g *gathered) bool { return g.id == id && g.noun == n })
	if at < 0 {
		at = len(l.rows)
		l.rows = append(l.rows, &gathered{noun: n, id: id, version: version, cells: map[string]cell{}})
	}
	row := l.rows[at]
	for i, column := range columns {
		if _, set := row.cells[column]; !set {
			row.columns = append(row.columns, column)
		}
		row.cells[column] = cells[i]
	}
}

// take removes the rows of the nouns that a statement is about; "" is about all.
func (l *later) take(query string) (taken []*gathered) {
	l.rows = slices.DeleteFunc(l.rows, func(g *gathered) bool {
		about := query == "" || strings.Contains(query, g.noun.Table)
		if about {
			taken = append(taken, g)
		}
		return about
	})
	return taken
}

// settleRows writes gathered rows, those that change in the same columns together.
func (tx *Tx) settleRows(ctx context.Context, rows []*gathered) error {
	for len(rows) > 0 {
		first := rows[0]
		slices.Sort(first.columns)
		var alike, others []*gathered
		for _, g := range rows {
			slices.Sort(g.columns)
			if g.noun == first.noun && slices.Equal(g.columns, first.columns) {
				alike = append(alike, g)
			} else {
				others = append(others, g)
			}
		}
		if err := tx.updateAlike(ctx, alike); err != nil {
			return err
		}
		rows = others
	}
	return nil
}

// updateAlike updates rows of a noun in the same columns. That one of them is no longer
// what the change read cannot be, or the transaction would have failed; it is asked all
// the same.
func (tx *Tx) updateAlike(ctx context.Context, rows []*gathered) error {
	n, columns := rows[0].noun, rows[0].columns
	ids, versions := make([]string, len(rows)), make([]int64, len(rows))
	for i, g := range rows {
		ids[i], versions[i] = g.id, g.version
	}
	args := []any{ids, versions}
	set, names, arrays := make([]string, len(columns)), "row_id, row_version", "?::text[], ?::bigint[]"
	for i, column := range columns {
		kind := rows[0].cells[column].kind
		set[i], names, arrays = column+" = new_"+column, names+", new_"+column, arrays+", ?::"+kind+"[]"
		args = append(args, arrayOf(kind, column, rows))
	}
	query := "UPDATE " + n.Table + " SET " + strings.Join(set, ", ") + " FROM unnest(" + arrays + ") v(" + names + ") WHERE id = row_id AND version = row_version"
	res, err := tx.q.ExecContext(ctx, tx.db.dialect.bind(query), args...)
	if err != nil {
		return tx.db.understand(err)
	}
	changed, err := res.RowsAffected()
	if err == nil && changed != int64(len(rows)) {
		err = &StaleError{ids[0]}
	}
	return err
}

// arrayOf is a column of rows as PostgreSQL takes it.
func arrayOf(kind, column string, rows []*gathered) any {
	switch kind {
	case typeInteger:
		return cellsOf[int64](column, rows)
	case typeTruth:
		return cellsOf[bool](column, rows)
	default:
		return cellsOf[string](column, rows)
	}
}

func cellsOf[T any](column string, rows []*gathered) []*T {
	out := make([]*T, len(rows))
	for i, g := range rows {
		if v, ok := g.cells[column].value.(T); ok {
			out[i] = &v
		}
	}
	return out
}
