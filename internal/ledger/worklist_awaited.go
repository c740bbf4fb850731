package ledger

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// mostAwaited is how many records that wait for a decision are looked at of one noun.
const mostAwaited = 200

// awaitedOf asks for the records of a noun that wait for somebody to decide, the
// earliest first.
func awaitedOf(n *register.Noun) store.Query {
	states := make([]any, 0, len(n.Awaits))
	for _, s := range n.Awaits {
		states = append(states, string(s))
	}
	return store.Query{Noun: n, Where: []store.Cond{{Field: n.Field("state"), Op: "in", Values: states}}, Sort: n.Field("due_on"), Limit: mostAwaited}
}

// awaited gathers the records of a noun that wait for the person to decide.
func (w *working) awaited(ctx context.Context, n *register.Noun) error {
	if n.Deciders == nil {
		return nil
	}
	q := awaitedOf(n)
	q.Sight = w.sight
	rows, more, err := w.tx.List(ctx, q)
	if err != nil {
		return err
	}
	if rows, err = w.asked(ctx, n, rows); err != nil {
		return err
	}
	w.list.Complete = w.list.Complete && !more && len(rows) <= mostWork
	return w.put(ctx, n, rows[:min(len(rows), mostWork)], func(n *register.Noun, row register.Row) (*[]WorkItem, string) {
		_, reason := w.dueItem(n, row)
		return &w.list.WaitingOnMe, "You are asked to decide. " + reason
	})
}

// asked are those of the rows that the person is asked to decide. What the rules ask
// about one of them is read for all at once.
func (w *working) asked(ctx context.Context, n *register.Noun, rows []register.Row) (mine []register.Row, err error) {
	p := newPage(n, rows, w.tx)
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		c := &change{Ledger: w.Ledger, tx: w.tx, noun: n, rec: rec, before: row, actor: authority.From(ctx), at: w.now, asking: true, page: p}
		people, err := n.Deciders(ctx, rec, c.look())
		if err != nil {
			return nil, err
		}
		if slices.Contains(people, w.person) {
			mine = append(mine, row)
		}
	}
	return mine, nil
}
