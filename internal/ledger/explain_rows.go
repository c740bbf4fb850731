package ledger

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// TransitionsOf explains the transitions of the rows of a list, for each of them:
// by state, level, scope and four eyes only. Guards are not run there, and blockers
// are null.
func (l *Ledger) TransitionsOf(ctx context.Context, n *register.Noun, rows []register.Row) ([][]Explained, error) {
	p := newPage(n, rows, l.DB.Look())
	out := make([][]Explained, len(rows))
	for i, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		c := &change{Ledger: l, tx: p.tx, noun: n, rec: rec, before: row, actor: authority.From(ctx), at: l.at(), page: p}
		if out[i], err = c.explainAll(ctx, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// record reads a record past all sight, for the rules; ErrNone if there is none.
func (c *change) record(ctx context.Context, n *register.Noun, id string) (register.Record, error) {
	read := func() (register.Row, error) { return c.tx.Get(ctx, n, store.Name{ID: id}, nil) }
	if c.page != nil {
		read = func() (register.Row, error) { return c.page.row(ctx, n, id) }
	}
	row, err := read()
	if err != nil {
		return nil, err
	}
	return n.Load(row)
}

// lastAct is who last made a transition of the record.
func (c *change) lastAct(ctx context.Context, transition string) (store.Act, error) {
	id := c.rec.Meta().ID
	if c.page != nil {
		return c.page.act(ctx, id, transition)
	}
	made, err := c.tx.LastActs(ctx, c.noun.Name, []string{id}, transition)
	return made[id], err
}
