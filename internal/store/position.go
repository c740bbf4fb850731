package store

import (
	"strconv"

	"rapport/internal/fold"
	"rapport/internal/register"
)

// Behind is the place in the query's order just behind row.
func (q Query) Behind(row register.Row) *Position {
	p := &Position{ID: string(row[q.Noun.Field("id").Column])}
	switch cell := row[q.Sort.Column]; {
	case cell == nil:
	case q.Sort.Folded():
		p.Value = fold.Fold(string(cell))
	case q.Sort.Shape == register.Whole || q.Sort.Shape == register.Rank:
		n, _ := strconv.ParseInt(string(cell), 10, 64) // our own number
		p.Value = n
	default:
		p.Value = string(cell)
	}
	return p
}
