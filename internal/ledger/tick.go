package ledger

import (
	"context"
	"errors"
	"slices"
	"time"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// How the register looks after its clocks.
const (
	tickEvery = time.Second           // how often it looks whether something is due
	tickChunk = 64                    // clocks of one transaction at most,
	tickLeast = 8                     // and at least, where somebody waits for the writer,
	tickSpan  = 50 * time.Millisecond // or it takes longer than this
	tickAgain = 5 * time.Minute       // after what a clock is tried again that failed
)

// KeepTime looks after the clocks until ctx ends.
func (l *Ledger) KeepTime(ctx context.Context) {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := l.Tick(ctx); err != nil && ctx.Err() == nil {
				l.Log.Warn("the clocks could not be looked after; it will be tried again", "err", err)
			}
		}
	}
}

// Tick does what clocks ask for by now, and returns on how many it acted. What is
// done about a clock and that it is done are one transaction, so nothing is done
// twice: not by two processes, not after a crash, and not if time is set back.
func (l *Ledger) Tick(ctx context.Context) (acted int, err error) {
	ctx = authority.With(ctx, authority.Register())
	for ctx.Err() == nil {
		due, err := l.DB.Look().DueClocks(ctx, l.at(), 1)
		if err != nil || len(due) == 0 {
			return acted, err
		}
		n, err := l.tickSome(ctx)
		if acted += n; err != nil || n == 0 {
			return acted, err
		}
	}
	return acted, ctx.Err()
}

// tickSome acts on some clocks in one transaction. One that fails is tried again
// later and keeps no other from its turn.
func (l *Ledger) tickSome(ctx context.Context) (acted int, err error) {
	acted, err = l.tickIn(ctx, false)
	if errors.Is(err, store.ErrSpoilt) {
		return l.tickIn(ctx, true)
	}
	return acted, err
}

// tickIn is tickSome; wary, each clock is acted on so that it can be undone alone.
func (l *Ledger) tickIn(ctx context.Context, wary bool) (acted int, err error) {
	err = l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		acted = 0
		at := l.at()
		tx.Gather()
		due, err := tx.DueClocks(ctx, at, tickChunk)
		if err != nil {
			return err
		}
		if err := tx.Foresee(ctx, due); err != nil {
			return err
		}
		within := part(tx.Dare)
		if wary {
			within = tx.Try
		}
		began := time.Now()
		for _, k := range due {
			if acted >= tickLeast && (l.DB.Waiting() > 0 || time.Since(began) > tickSpan) {
				return nil // requests come in between
			}
			failed, lost := within(ctx, func(ctx context.Context) error { return l.ring(ctx, tx, at, k) })
			if lost != nil {
				return lost
			}
			if failed != nil {
				l.Log.Error("a clock could not be acted on; it will be tried again", "kind", k.Kind, "id", k.RecordID, "clock", k.Name, "err", failed)
				k.ActAt = register.At(at.Time().Add(tickAgain))
				if err := tx.PutClock(ctx, k); err != nil {
					return err
				}
			}
			acted++
		}
		return nil
	})
	return acted, err
}

// ring does what one clock asks for.
func (l *Ledger) ring(ctx context.Context, tx *store.Tx, at register.Instant, k store.Clock) error {
	c := &change{Ledger: l, tx: tx, actor: authority.From(ctx), at: at}
	n := register.ByName(k.Kind)
	if n == nil || n.ClockNamed(k.Name) == nil { // of a program that was
		k.ActAt = ""
		return tx.PutClock(ctx, k)
	}
	k, err := tx.Clock(ctx, k)
	if err != nil || k.ActAt == "" || k.ActAt > at {
		return err // what another of the record's clocks did has stopped it
	}
	row, err := tx.Get(ctx, n, store.Name{ID: k.RecordID}, nil)
	if err != nil {
		return err
	}
	c.noun, c.before, c.row = n, row, row
	if c.rec, err = n.Load(row); err != nil {
		return err
	}
	clock := n.ClockNamed(k.Name)
	switch {
	case clock.Reminds:
		if err := c.remind(ctx, clock, k, "reminded"); err != nil {
			return err
		}
		return c.runOut(ctx, clock)
	case at < k.DueAt:
		return c.remind(ctx, clock, k, "due_soon")
	}
	return c.overrun(ctx, clock, k)
}

// remind tells people of a clock, and changes no record.
func (c *change) remind(ctx context.Context, clock *register.Clock[register.Record], k store.Clock, what string) error {
	k.ActAt = ""
	if what == "due_soon" {
		k.WarnedFor, k.ActAt = k.DueAt, k.DueAt
	} else {
		k.ToldFor = k.DueAt
	}
	if err := c.tx.PutClock(ctx, k); err != nil {
		return err
	}
	err := c.tell(ctx, what, map[string]store.Delta{"clock": {To: quoted(k.Name)}, "due_on": {To: quoted(string(k.DueOn))}})
	if err != nil {
		return err
	}
	return c.notifyOf(ctx, clock, what)
}

// overrun notes on the record that a time limit was missed, tells people, and
// carries out what follows.
func (c *change) overrun(ctx context.Context, clock *register.Clock[register.Record], k store.Clock) error {
	c.action, c.rings = "overdue", ringing{clock.Name, k.DueAt}
	register.TicksOf(c.rec).BreachedAt = k.DueAt
	if clock.Keep != nil {
		clock.Keep(c.rec)
	}
	if err := c.carry(ctx); err != nil {
		return err
	}
	if err := c.notifyOf(ctx, clock, "overdue"); err != nil {
		return err
	}
	return c.runOut(ctx, clock)
}

// runOut carries out what follows from a clock's running out.
func (c *change) runOut(ctx context.Context, clock *register.Clock[register.Record]) error {
	if clock.Then == nil {
		return nil
	}
	return c.follow(ctx, func(ctx context.Context, do *doing) error { return clock.Then(ctx, c.rec, do) })
}

// notifyOf tells people of a clock: if it is nobody's, those who stand by.
func (c *change) notifyOf(ctx context.Context, clock *register.Clock[register.Record], what string) error {
	people := slices.DeleteFunc(c.told(clock), func(id string) bool { return id == "" })
	if len(people) == 0 {
		var err error
		if people, err = c.standby(ctx); err != nil {
			return err
		}
	}
	return c.notify(ctx, people, what, "")
}

// told are the people who are told of a clock.
func (c *change) told(clock *register.Clock[register.Record]) []string {
	if clock.Tells != nil {
		return clock.Tells(c.rec)
	}
	return []string{c.noun.Text(c.rec, "owner_id"), c.noun.Text(c.rec, "assignee_id")}
}
