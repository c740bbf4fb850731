package ledger

import (
	"context"
	"fmt"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Remove takes a record out of the lists; it can be restored. A record that
// others refer to stays. Removing twice is no error.
func (l *Ledger) Remove(ctx context.Context, n *register.Noun, name string, asked Asked) error {
	if err := mayAsk(authority.From(ctx), n, authority.Delete); err != nil {
		return l.hidden(ctx, n, name, err)
	}
	_, err := l.perform(ctx, asked, func(ctx context.Context, c *change) error {
		if err := c.get(ctx, n, name); err != nil {
			return err
		}
		if err := c.mayChange(ctx, "remove", n.Levels.Remove, nil); err != nil {
			return err
		}
		if c.rec.Meta().DeletedAt != "" {
			c.row = c.before
			return nil
		}
		if err := c.matched(ctx); err != nil {
			return err
		}
		return c.remove(ctx)
	})
	return err
}

func (c *change) remove(ctx context.Context) error {
	counts, err := c.tx.References(ctx, c.noun.Name, c.rec.Meta().ID, nil)
	if err != nil {
		return err
	}
	if len(counts) > 0 {
		return fault.New(fault.StillReferenced, "Other records still refer to this one.").With("references", c.references(counts))
	}
	c.action = "removed"
	return c.mark(ctx, c.at)
}

// mark says since when the record is removed, "" for not at all.
func (c *change) mark(ctx context.Context, deleted register.Instant) error {
	old, err := c.noun.Load(c.before)
	if err != nil {
		return err
	}
	c.rec.Meta().DeletedAt = deleted
	return c.carryChanged(ctx, old)
}

// Pointing says how many records of a collection refer to a record, and lists them.
type Pointing struct {
	Collection string `json:"collection"`
	Field      string `json:"field"`
	Count      int64  `json:"count"`
	URL        string `json:"url"`
}

func (c *change) references(counts []store.ReferenceCount) []Pointing {
	out := make([]Pointing, 0, len(counts))
	for _, r := range counts {
		param := r.Field.Name
		if r.Field.Many {
			param += ".any"
		}
		out = append(out, Pointing{r.Noun.Path, r.Field.Name, r.Count, fmt.Sprintf("%s/%s?%s=%s", c.Base, r.Noun.Path, param, c.rec.Meta().ID)})
	}
	return out
}

// Restore brings a removed record back.
func (l *Ledger) Restore(ctx context.Context, n *register.Noun, name string, asked Asked) (Answer, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Delete); err != nil {
		return Answer{}, l.hidden(ctx, n, name, err)
	}
	return l.perform(ctx, asked, func(ctx context.Context, c *change) error {
		if err := c.get(ctx, n, name); err != nil {
			return err
		}
		if err := c.mayChange(ctx, "restore", n.Levels.Restore, nil); err != nil {
			return err
		}
		if c.rec.Meta().DeletedAt == "" {
			c.row = c.before
			return nil
		}
		if err := c.matched(ctx); err != nil {
			return err
		}
		c.action = "restored"
		return c.mark(ctx, "")
	})
}
