package store

import (
	"context"
	"slices"

	"rapport/internal/register"
)

// Brood asks for the records that name one of several parents, so many of each.
type Brood struct {
	Noun    *register.Noun
	By      *register.Field // the reference to the parent
	Parents []string
	Each    int // of one parent at most
	Where   []Cond
	First   *register.Field // a truth: the records of which it holds come first; may be nil
	Sight   *Sight
}

// Children reads a brood in one query for all parents: those of one parent stand
// together, the oldest first.
func (tx *Tx) Children(ctx context.Context, b Brood) (rows []register.Row, err error) {
	order := "created_at, t.id"
	if b.First != nil {
		order = b.First.Name + " DESC, t." + order
	}
	columns := sqlOf(b.Noun).columns
	for parents := range slices.Chunk(b.Parents, chunk) {
		where := tx.where(Query{Noun: b.Noun, Sight: b.Sight, Where: append(slices.Clone(b.Where), Cond{Field: b.By, Op: "in", Values: anys(parents)})})
		query := "SELECT " + columns + " FROM (SELECT t.*, ROW_NUMBER() OVER (PARTITION BY t." + b.By.Name + " ORDER BY t." + order + ") AS nth_of_parent FROM " +
			b.Noun.Table + " t" + where.sql() + ") t WHERE t.nth_of_parent <= ? ORDER BY t." + b.By.Name + ", t.nth_of_parent"
		err = tx.each(ctx, b.Noun.Width(), func(r register.Row) error {
			rows = append(rows, r)
			return nil
		}, query, append(where.args, b.Each)...)
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}
