package ledger

import (
	"context"
	"fmt"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// reckonJob is the kind of the jobs that reckon anew when time limits end.
const reckonJob = "reckon_clocks"

// reckonChunk is how many records are reckoned anew in one transaction.
const reckonChunk = 50

// reckons reports whether a change moves the ends of time limits that run already:
// those of a calendar, and of which one holds in which zone. How long a limit is may
// be set otherwise too, which holds for a record from its next change on.
func (c *change) reckons() bool {
	if c.before == nil {
		return false
	}
	switch rec := c.rec.(type) {
	case *register.Setting:
		return (rec.Key == "default_calendar" || rec.Key == "time_zone") && store.Changed(c.noun.Field("value"), c.before, c.row)
	case *register.Calendar:
		for _, f := range c.noun.Fields {
			if f.Circle == register.Written && f.Name != "name" && store.Changed(f, c.before, c.row) {
				return true
			}
		}
		return c.action == "removed" || c.action == "restored"
	}
	return false
}

// Reckon reckons anew when the time limits end that run, by the calendars as they
// are now. What is right already stays as it is, so that it can be done again.
func (l *Ledger) Reckon(ctx context.Context) error {
	return l.reckon(authority.With(ctx, authority.Register()), nil)
}

func (l *Ledger) reckon(ctx context.Context, note step) error {
	l.settings.drop() // another process may have changed them a moment ago
	l.calendars.drop()
	for _, n := range register.All() {
		if len(n.Clocks) == 0 {
			continue
		}
		if err := l.reckonNoun(ctx, n, note); err != nil {
			return fmt.Errorf("reckon the time limits of %s anew: %w", n.Plural, err)
		}
	}
	return nil
}

func (l *Ledger) reckonNoun(ctx context.Context, n *register.Noun, note step) error {
	for done, last := int64(0), ""; ; {
		var ids []string
		err := l.DB.WriteAlone(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			if ids, err = tx.Running(ctx, n.Name, last, reckonChunk); err != nil {
				return err
			}
			for _, id := range ids {
				if err := l.reckonOne(ctx, tx, n, id); err != nil {
					return err
				}
			}
			if note == nil {
				return nil
			}
			return note(ctx, tx, done+int64(len(ids)), 0, n.Plural)
		})
		if err != nil || len(ids) < reckonChunk {
			return err
		}
		done, last = done+int64(len(ids)), ids[len(ids)-1]
	}
}

// reckonOne turns the clocks of a record as a change of it would, and notes on the
// record what that moves.
func (l *Ledger) reckonOne(ctx context.Context, tx *store.Tx, n *register.Noun, id string) error {
	row, err := tx.Get(ctx, n, store.Name{ID: id}, nil)
	if err != nil {
		return err
	}
	rec, err := n.Load(row)
	if err != nil {
		return err
	}
	c := &change{
		Ledger: l, tx: tx, noun: n, rec: rec, before: row, row: row, actor: authority.From(ctx), at: l.at(),
		action: "updated", reason: "The calendar by which the time limit runs was changed.",
	}
	turned, err := c.turn(ctx)
	if err != nil {
		return err
	}
	same, err := c.unaltered()
	if err != nil {
		return err
	}
	if !same {
		return c.carry(ctx)
	}
	for _, k := range turned {
		if err := tx.PutClock(ctx, k); err != nil {
			return err
		}
	}
	return nil
}
