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
	p := &page{noun: n, rows: rows, tx: l.DB.Look(), read: map[string]map[string]register.Row{}, made: map[string]map[string]store.Act{}}
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

// page is what the rows of a list share while they are explained: what the rules
// ask about one of them is read for all at once.
type page struct {
	noun *register.Noun
	rows []register.Row
	tx   *store.Tx
	read map[string]map[string]register.Row // by noun and id; nil = there is none
	made map[string]map[string]store.Act    // by transition and id, who made it last
}

// row is a record of n. The first that is asked for brings all to which the rows refer.
func (p *page) row(ctx context.Context, n *register.Noun, id string) (register.Row, error) {
	if p.read[n.Name] == nil {
		p.read[n.Name] = map[string]register.Row{}
		if err := p.bring(ctx, n, p.refs(n)); err != nil {
			return nil, err
		}
	}
	row, asked := p.read[n.Name][id]
	if !asked {
		if err := p.bring(ctx, n, []string{id}); err != nil {
			return nil, err
		}
		row = p.read[n.Name][id]
	}
	if row == nil {
		return nil, store.ErrNone
	}
	return row, nil
}

// refs are the ids of the records of n to which the rows refer.
func (p *page) refs(n *register.Noun) (ids []string) {
	seen := map[string]bool{}
	for _, row := range p.rows {
		for _, f := range p.noun.Fields {
			if f.Target != n.Name {
				continue
			}
			for _, id := range f.Names(row) {
				if !seen[id] {
					seen[id], ids = true, append(ids, id)
				}
			}
		}
	}
	return ids
}

func (p *page) bring(ctx context.Context, n *register.Noun, ids []string) error {
	for _, id := range ids {
		p.read[n.Name][id] = nil
	}
	rows, err := p.tx.Rows(ctx, n, ids, nil)
	for _, row := range rows {
		p.read[n.Name][string(row[n.Field("id").Column])] = row
	}
	return err
}

// act is who last made a transition of one of the rows. The first that is asked
// for brings those of all.
func (p *page) act(ctx context.Context, id, transition string) (store.Act, error) {
	made, asked := p.made[transition]
	if !asked {
		ids := make([]string, len(p.rows))
		for i, row := range p.rows {
			ids[i] = string(row[p.noun.Field("id").Column])
		}
		var err error
		if made, err = p.tx.LastActs(ctx, p.noun.Name, ids, transition); err != nil {
			return store.Act{}, err
		}
		p.made[transition] = made
	}
	return made[id], nil
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
