package ledger

import (
	"context"
	"errors"
	"time"

	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// remembered is how long an answer is kept under its idempotency key.
const remembered = 24 * time.Hour

// claim takes the idempotency key; replay is true when the change was made
// before and a holds what was answered.
func (c *change) claim(ctx context.Context, a *Answer) (replay bool, err error) {
	kept, err := c.tx.Claim(ctx, c.asked.IdempotencyKey, c.asked.Fingerprint, c.at, register.At(c.at.Time().Add(-remembered)))
	if err != nil || kept == nil {
		return false, err
	}
	if kept.Fingerprint != c.asked.Fingerprint {
		return false, fault.New(fault.IdempotencyKeyReused, "This Idempotency-Key was used with another body.")
	}
	n := register.ByName(kept.Kind)
	if n == nil {
		return false, fault.New(fault.Gone, "What was answered then is no longer kept.")
	}
	if _, err := c.find(ctx, c.tx, n, kept.RecordID); err != nil {
		return false, err
	}
	customs, err := c.Customs(ctx)
	if err != nil {
		return false, err
	}
	*a = Answer{Noun: n, ID: kept.RecordID, Version: kept.Version, Body: customs.Still(n, kept.Body), Created: kept.Status == created, Replayed: true}
	return true, nil
}

// created and changed are what is kept of an answer's status.
const (
	changed = 200
	created = 201
)

func (c *change) keep(ctx context.Context, a Answer) error {
	status := changed
	if a.Created {
		status = created
	}
	return c.tx.Keep(ctx, c.asked.IdempotencyKey, c.at, store.Answer{Fingerprint: c.asked.Fingerprint, Status: status, Body: a.Body, Kind: a.Noun.Name, RecordID: a.ID, Version: a.Version})
}

// Forget removes answers that are kept no longer and tokens that have ended, in
// small steps.
func (l *Ledger) Forget(ctx context.Context) error {
	return errors.Join(
		inSteps(ctx, func() (int64, error) { return l.DB.ForgetAnswers(ctx, register.At(l.Now().Add(-remembered))) }),
		inSteps(ctx, func() (int64, error) { return l.DB.ForgetTokens(ctx, l.at()) }),
		inSteps(ctx, func() (int64, error) { return l.forgetSecurity(ctx) }),
	)
}

// inSteps repeats a step until it finds nothing more to do.
func inSteps(ctx context.Context, step func() (int64, error)) error {
	for ctx.Err() == nil {
		if gone, err := step(); err != nil || gone == 0 {
			return err
		}
	}
	return nil
}
