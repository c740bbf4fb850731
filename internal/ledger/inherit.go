package ledger

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
)

// inherit lifts a record's sensitivity to that of the records from which it
// inherits: what is told about a restricted stakeholder is as restricted.
func (c *change) inherit(ctx context.Context) error {
	shared := c.rec.Common()
	if shared == nil {
		return nil
	}
	from := map[string]string{} // id → noun
	c.noun.Refs(c.rec, func(f *register.Field, _ int, target *string) {
		if f.Inherits && *target != "" {
			from[*target] = f.Target
		}
	})
	for id, noun := range from {
		rec, err := c.look().Get(ctx, noun, id)
		if err != nil {
			return err
		}
		if p := rec.(register.Record).Common(); p != nil {
			shared.Sensitivity = max(shared.Sensitivity, p.Sensitivity)
		}
	}
	return nil
}

// spread lifts the records that inherit from one whose sensitivity rose. What is
// lowered again lowers nothing else: people may have had reasons of their own.
func (c *change) spread(ctx context.Context) error {
	rank := sensitivityOf(c.rec)
	old, err := c.noun.Load(c.before)
	if err != nil || rank == sensitivityOf(old) {
		return err
	}
	for _, r := range register.ReferencesTo(c.noun.Name) {
		if !r.Field.Inherits || rank < sensitivityOf(old) {
			continue
		}
		if err := c.lift(ctx, r, rank); err != nil {
			return err
		}
	}
	if c.noun.Veiled == nil || c.lifted {
		return nil
	}
	return c.follow(ctx, func(ctx context.Context, do *doing) error {
		return c.noun.Veiled(ctx, []register.Record{old, c.rec}, do)
	})
}

// lift lifts the records that name this one in a field, a few hundred at a time.
func (c *change) lift(ctx context.Context, r register.Reference, rank authority.Sensitivity) error {
	where := flow.Where{r.Field.Name: c.rec.Meta().ID, "sensitivity <": int(rank)}
	for {
		rows, err := c.tx.Match(ctx, r.Noun, where, 500)
		if err != nil || len(rows) == 0 {
			return err
		}
		err = c.follow(ctx, func(ctx context.Context, do *doing) error { return raise(ctx, do, r.Noun, rows, rank) })
		if err != nil {
			return err
		}
	}
}

// raise lifts records, then carries out what follows for all of them at once.
func raise(ctx context.Context, do *doing, n *register.Noun, rows []register.Row, rank authority.Sensitivity) error {
	lifts := &doing{looking: do.looking, lifts: true}
	recs := make([]register.Record, 0, len(rows))
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return err
		}
		recs = append(recs, rec)
		if err := lifts.Keep(ctx, n.Name, rec.Meta().ID, func(rec any) { rec.(register.Record).Common().Sensitivity = rank }); err != nil {
			return err
		}
		rec.Common().Sensitivity = rank
	}
	if n.Veiled == nil {
		return nil
	}
	return n.Veiled(ctx, recs, do)
}

// sensitivityOf is the sensitivity of a record; those of the platform have none.
func sensitivityOf(rec register.Record) authority.Sensitivity {
	if shared := rec.Common(); shared != nil {
		return shared.Sensitivity
	}
	return authority.Public
}

// lowered refuses a lower sensitivity that does not come about, so that nobody takes a
// record for more open than it is.
func (c *change) lowered(old register.Record, asked authority.Sensitivity) error {
	if is := sensitivityOf(c.rec); asked < sensitivityOf(old) && asked < is {
		var faults fault.Fields
		faults.At(c.pointer()+"/sensitivity", "conflicts_with", "sensitivity: the record stays %s, by what it is about or whom it is shared with.", is)
		return faults.Err()
	}
	return nil
}

// unveil makes a record that was one person's own, and is shared now, as open as one
// that is entered so, unless the change says how open it is to be.
func (c *change) unveil(old register.Record, body register.Body) {
	private := c.noun.Private
	if private != nil && private(old) && !private(c.rec) && body.Get("sensitivity") == nil {
		c.rec.Common().Sensitivity = authority.Internal
	}
}
