package ledger

import (
	"context"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
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
	if deleted == "" {
		if err := c.inherit(ctx); err != nil {
			return err
		}
	}
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
		out = append(out, c.pointing(r.Noun, r.Field, r.Count, ""))
	}
	return out
}

// pointing leads to the records that name the change's own through a field.
func (c *change) pointing(n *register.Noun, f *register.Field, count int64, further string) Pointing {
	url := c.Base + "/" + n.Path
	switch {
	case f.Many:
		url += "?" + f.Name + ".any=" + c.rec.Meta().ID + further
	case f.Filter && f.Holds == "":
		url += "?" + f.Name + "=" + c.rec.Meta().ID + further
	}
	return Pointing{n.Path, f.Name, count, url}
}

// addressed completes a guard's own fault: guards count what somebody answers for,
// and leave the URLs to the ledger.
func (c *change) addressed(refusal *fault.Error) error {
	all, ok := refusal.Facts["references"].([]register.Held)
	if !ok {
		return refusal
	}
	out := make([]Pointing, 0, len(all))
	for _, h := range all {
		further := ""
		if ends, some := (register.Reference{Noun: h.Noun, Field: h.Field}).Standing("")["state <>"].([]flow.State); some {
			words := make([]string, len(ends))
			for i, s := range ends {
				words[i] = string(s)
			}
			further = "&state.nin=" + strings.Join(words, ",")
		}
		out = append(out, c.pointing(h.Noun, h.Field, h.Count, further))
	}
	return refusal.With("references", out)
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
		if err := c.inherit(ctx); err != nil {
			return err
		}
		return c.mark(ctx, "")
	})
}
