package ledger

import (
	"context"
	"encoding/json"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Update changes a record's fields and leaves its state alone. A change that
// alters nothing makes no version and no entry.
func (l *Ledger) Update(ctx context.Context, n *register.Noun, name string, body register.Body, asked Asked) (Answer, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return Answer{}, l.hidden(ctx, n, name, err)
	}
	return l.perform(ctx, asked, func(ctx context.Context, c *change) error { return c.updateNamed(ctx, n, name, body) })
}

func (c *change) updateNamed(ctx context.Context, n *register.Noun, name string, body register.Body) error {
	if err := c.get(ctx, n, name); err != nil {
		return err
	}
	return c.update(ctx, body)
}

func (c *change) update(ctx context.Context, body register.Body) error {
	n := c.noun
	c.action = "updated"
	if err := c.mayUpdate(ctx, body); err != nil {
		return err
	}
	if err := c.standing(ctx); err != nil {
		return err
	}
	if err := c.matched(ctx); err != nil {
		return err
	}
	old, err := n.Load(c.before)
	if err != nil {
		return err
	}
	customs, err := c.writable(ctx, body, false)
	if err != nil {
		return err
	}
	faults := n.Fill(c.rec, body, register.Writing{State: c.state(), Now: c.local(ctx), Pointer: c.pointer(), Current: c.current(ctx), Customs: customs})
	c.unveil(old, body)
	asked := sensitivityOf(c.rec)
	if err := c.settle(ctx, &faults); err != nil {
		return err
	}
	if astray(faults) {
		return body.Refused(faults, c.pointer())
	}
	if n.May != nil {
		if err := n.May(c.actor, old, c.rec); err != nil {
			return err
		}
	}
	if err := c.mayAlter(ctx, old); err != nil {
		return err
	}
	if err := body.Refused(faults, c.pointer()); err != nil {
		return err
	}
	if err := c.freeExternalIDs(ctx, old); err != nil {
		return err
	}
	if err := c.inherit(ctx); err != nil {
		return err
	}
	if err := c.lowered(old, asked); err != nil {
		return err
	}
	if same, err := c.unaltered(); err != nil || same {
		return err
	}
	return c.carryChanged(ctx, old)
}

// carryChanged carries a change that is no transition, and what follows from it.
func (c *change) carryChanged(ctx context.Context, old register.Record) error {
	if err := c.carry(ctx); err != nil {
		return err
	}
	if err := c.deriveIfMoved(ctx); err != nil || c.noun.Changed == nil {
		return err
	}
	return c.follow(ctx, func(ctx context.Context, do *doing) error { return c.noun.Changed(ctx, old, c.rec, do) })
}

// unaltered reports that the change came to nothing; the row is then what it was.
func (c *change) unaltered() (bool, error) {
	row, err := c.noun.Row(c.rec)
	if err != nil {
		return false, err
	}
	for _, f := range c.noun.Fields {
		if store.Changed(f, c.before, row) {
			return false, nil
		}
	}
	c.row = c.before
	return true, nil
}

// current gives the record as the caller sees it, member by member, once asked.
func (c *change) current(ctx context.Context) func() map[string]json.RawMessage {
	var members map[string]json.RawMessage
	return func() map[string]json.RawMessage {
		if members == nil {
			members = map[string]json.RawMessage{}
			if body, err := c.render(ctx, c.tx, c.noun, c.before, nil); err == nil {
				_ = json.Unmarshal(body, &members) // our own JSON
			}
		}
		return members
	}
}

// hidden answers a refusal by scope as not found where the record is not there to
// be seen, so that a refusal tells nothing about it.
func (l *Ledger) hidden(ctx context.Context, n *register.Noun, name string, refusal error) error {
	return l.hiddenIn(ctx, l.DB.Look(), n, name, refusal)
}

func (l *Ledger) hiddenIn(ctx context.Context, tx *store.Tx, n *register.Noun, name string, refusal error) error {
	if _, err := l.find(ctx, tx, n, name); err != nil {
		return err
	}
	return refusal
}
