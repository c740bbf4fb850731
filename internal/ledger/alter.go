package ledger

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// mayAlter asks what the fields that an update alters take. A field on which the
// levels of later steps depend takes what these steps take of the record as it
// stood: else a step could be had by making the record less first.
func (c *change) mayAlter(ctx context.Context, old register.Record) error {
	if c.actor.Type == authority.System {
		return nil
	}
	if len(c.noun.Alters) > 0 {
		if err := c.mayLessen(ctx, old); err != nil {
			return err
		}
	}
	return c.mayOpen(ctx, old)
}

func (c *change) mayLessen(ctx context.Context, old register.Record) error {
	row, err := c.noun.Row(c.rec)
	if err != nil {
		return nil //nolint:nilerr // a value that cannot be kept is a fault of its own
	}
	for name, raises := range c.noun.Alters {
		if !store.Changed(c.noun.Field(name), c.before, row) {
			continue
		}
		stood := *c
		stood.rec = old
		n, err := stood.need(ctx, c.noun.Name+".update", c.noun.Levels.Update, raises)
		if err != nil {
			return err
		}
		if err := c.reaches(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// mayOpen lets nobody decide how far a record is seen beyond their own clearance:
// neither open what they see only because they are named on it, nor hide what they
// could not bring back.
// Of a record whose fields are closed it takes level 5.
func (c *change) mayOpen(ctx context.Context, old register.Record) error {
	was, is := old.Common(), c.rec.Common()
	if was == nil || c.noun.Private != nil {
		return nil
	}
	if !c.noun.PatchIn(old.Meta().State) && (was.Sensitivity != is.Sensitivity || !slices.Equal(was.AccessUserIDs, is.AccessUserIDs)) {
		if err := c.reaches(ctx, need{Level: authority.L5, Because: []string{"the record is closed"}}); err != nil {
			return err
		}
	}
	admits := slices.ContainsFunc(is.AccessUserIDs, func(id string) bool { return !slices.Contains(was.AccessUserIDs, id) })
	if was.Sensitivity == is.Sensitivity && !admits {
		return nil
	}
	most := max(was.Sensitivity, is.Sensitivity)
	if most <= c.actor.Clearance() {
		return nil
	}
	return fault.New(fault.InsufficientLevel, "Who may see a record that is %s is decided by those who see such records.", most).
		With("required_level", int(authority.Clears(most))).With("your_level", c.actor.Level.Wire()).
		With("because", []string{"the record is " + most.String() + ", or would be"}).With("escalate_to", nil)
}

// mayRemove asks what removal takes. It is an end too, so it takes no less than
// the steps that end such a record where these ask for more.
func (c *change) mayRemove(ctx context.Context) error {
	n := c.noun
	if err := c.mayChange(ctx, "remove", n.Levels.Remove, nil); err != nil || n.Platform || c.actor.Type == authority.System {
		return err
	}
	for _, row := range c.endings() {
		need, err := c.need(ctx, n.Name+"."+row.Name, row.Level, raisesOf(row, false))
		if err != nil {
			return err
		}
		if len(need.Because) > 0 {
			if err := c.reaches(ctx, need); err != nil {
				return err
			}
		}
		if row.FourEyesIf != nil {
			if err := c.otherEyes(ctx, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// endings are the rows that lead to an end.
func (c *change) endings() (rows []*flow.Transition[register.Record]) {
	for i := range c.noun.Flow.Rows {
		row := &c.noun.Flow.Rows[i]
		if c.noun.Flow.Ended(row.To) || slices.ContainsFunc(row.Or, c.noun.Flow.Ended) {
			rows = append(rows, row)
		}
	}
	return rows
}
