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

// lastAct is who last made a transition of the record. The first row of a page that is
// asked for brings those of all.
func (c *change) lastAct(ctx context.Context, transition string) (store.Act, error) {
	id := c.rec.Meta().ID
	ids := []string{id}
	if c.page != nil {
		if made, asked := c.page.made[transition]; asked {
			return made[id], nil
		}
		ids = c.page.ids()
	}
	made, err := c.acts(ctx, ids, transition)
	if err == nil && c.page != nil {
		c.page.made[transition] = made
	}
	return made[id], err
}

func (c *change) acts(ctx context.Context, ids []string, transition string) (map[string]store.Act, error) {
	if transition == "updated" {
		return c.rewordings(ctx, ids)
	}
	return c.tx.LastActs(ctx, c.noun.Name, ids, transition)
}

// rewordings are, by the records' ids, when the actor last changed what each of them says,
// whoever changed it since: words stay that others come after. Of a change whose values
// were erased it counts that it was made.
func (c *change) rewordings(ctx context.Context, ids []string) (map[string]store.Act, error) {
	acts := map[string]store.Act{}
	changed, err := c.tx.Updates(ctx, c.noun.Name, ids, c.actor.ID)
	for i := range changed {
		e := &changed[i]
		said := e.Personal == nil && e.PersonalDigest != ""
		for name := range deltas(e) {
			said = said || !register.Passing(name)
		}
		if said {
			acts[e.RecordID] = store.Act{ActorID: e.ActorID, At: e.At}
		}
	}
	return acts, err
}
