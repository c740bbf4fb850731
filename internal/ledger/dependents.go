package ledger

import (
	"context"
	"slices"
	"time"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/jobs"
	"rapport/internal/register"
	"rapport/internal/store"
)

// mostDependents is how many other records a change computes anew by itself; where they
// are more, and in imports, which bring many at once, a job does it.
const mostDependents = 100

// rederiveAfter is how long such a job waits, so that one is enough for all changes of a
// minute, those among them that are committed late.
const rederiveAfter = 2 * time.Minute

// depend computes the derived values of those other records anew that rest on this one.
func (c *change) depend(ctx context.Context) error {
	if c.noun.Dependents == nil || !c.bears() || c.memo.rederived(c.noun) {
		return nil
	}
	recs := []register.Record{c.rec}
	if c.before != nil {
		old, err := c.noun.Load(c.before)
		if err != nil {
			return err
		}
		recs = append(recs, old)
	}
	most := mostDependents
	if c.memo != nil && c.jobs != nil {
		most = 0
	}
	ids, err := c.noun.Dependents(ctx, recs, c.look(), most+1)
	switch {
	case err != nil || len(ids) == 0:
		return err
	case len(ids) > most && c.jobs != nil:
		return c.orderRederive(ctx)
	}
	return c.follow(ctx, func(ctx context.Context, do *doing) error { return deriveAll(ctx, do, c.noun, ids) })
}

func deriveAll(ctx context.Context, do flow.Do, n *register.Noun, ids []string) error {
	for _, id := range ids {
		if err := do.Derive(ctx, n.Name, id); err != nil {
			return err
		}
	}
	return nil
}

// bears reports whether something changed of the record on which others rest.
func (c *change) bears() bool {
	return c.before == nil || store.Changed(c.noun.Field("deleted_at"), c.before, c.row) ||
		slices.ContainsFunc(c.noun.DependedOn, func(name string) bool { return store.Changed(c.noun.Field(name), c.before, c.row) })
}

// orderRederive has all derived values of the noun computed anew in a while, once for all
// who ask within the same minute.
func (c *change) orderRederive(ctx context.Context) error {
	at := register.At(c.at.Time().Truncate(time.Minute).Add(rederiveAfter))
	_, err := c.jobs.Enqueue(authority.With(ctx, authority.Register()), c.tx, jobs.Order{
		Kind: rederiveJob, Args: rederiving{c.noun.Name}, At: at, UniqueKey: rederiveJob + " " + c.noun.Name + " " + string(at),
	})
	c.ordered = err == nil
	return err
}

// rederiving says what a job computes anew.
type rederiving struct {
	Noun string `json:"noun"` // "" = all
}
