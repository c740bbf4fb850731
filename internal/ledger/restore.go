package ledger

import (
	"context"
	"errors"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Restore brings a removed record back, if what it refers to stands and its rules
// still hold. Restoring what stands is no error.
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
			return c.revive(ctx)
		}
		if err := c.mayTouch(); err != nil {
			return err
		}
		if err := c.matched(ctx); err != nil {
			return err
		}
		return c.restore(ctx)
	})
}

// revive brings a record back that is taken out of use where others are removed, by
// the way back from there. What stands stays as it is.
func (c *change) revive(ctx context.Context) error {
	c.row = c.before
	for _, gone := range c.noun.Flow.Named(c.noun.Retire) {
		for i := range c.noun.Flow.Rows {
			back := &c.noun.Flow.Rows[i]
			if c.state() != gone.To || !slices.Contains(back.From, gone.To) || !slices.Contains(gone.From, back.To) {
				continue
			}
			if err := c.matched(ctx); err != nil {
				return err
			}
			return c.move(ctx, Move{Name: back.Name})
		}
	}
	return nil
}

func (c *change) restore(ctx context.Context) error {
	c.action = "restored"
	if err := c.footing(ctx); err != nil {
		return err
	}
	faults, err := c.checked(ctx) // the world went on while it was away
	if err != nil {
		return err
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return c.mark(ctx, "")
}

// footing refuses to take a record back that refers to one that is removed itself:
// a child would stand without its parent.
func (c *change) footing(ctx context.Context) error {
	blockers, asked := []flow.Blocker{}, map[string]bool{}
	var failed error
	c.noun.Refs(c.rec, func(f *register.Field, _ int, id *string) {
		if *id == "" || asked[*id] || failed != nil {
			return
		}
		asked[*id] = true
		b, err := c.missing(ctx, f, *id)
		if failed = err; b != nil {
			blockers = append(blockers, *b)
		}
	})
	if failed != nil || len(blockers) == 0 {
		return failed
	}
	if err := c.pointed(ctx, blockers); err != nil {
		return err
	}
	return fault.New(fault.TransitionBlocked, "restore is blocked: %s", blockers[0].Detail).With("blockers", blockers)
}

// missing is the blocker of a reference to what is removed, nil where it stands.
func (c *change) missing(ctx context.Context, f *register.Field, id string) (*flow.Blocker, error) {
	n := nounNamed(f.Target)
	row, err := c.tx.Get(ctx, n, store.Name{ID: id}, nil)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	if err != nil || row[n.Field("deleted_at").Column] == nil {
		return nil, err
	}
	return &flow.Blocker{
		Code: "reference_removed", Detail: "What " + f.Name + " names was removed itself; restore that first.",
		Resource: &flow.Resource{Type: n.Name, ID: id, Ref: n.Ref(row[n.Field("num").Column])},
	}, nil
}
