package ledger

import (
	"context"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
)

// LongestOverlap is how long an old secret of a key may be taken beside the new.
const LongestOverlap = 90 * 24 * time.Hour

// RotateKey gives a key a new secret, which is shown this once. The old one is
// taken for the overlap still, so that who uses it can change over; one older than
// that ends at once. It takes what making such a key takes. wrong is what is wrong
// with the overlap as it was sent, which is told to who may rotate the key.
func (l *Ledger) RotateKey(ctx context.Context, name string, overlap time.Duration, wrong error, asked Asked) (Answer, string, error) {
	n := register.APIKeys
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return Answer{}, "", l.hidden(ctx, n, name, err)
	}
	token, prefix := NewKey()
	answer, err := l.perform(ctx, asked, func(ctx context.Context, c *change) error {
		if err := c.get(ctx, n, name); err != nil {
			return err
		}
		return c.rotate(ctx, token, prefix, overlap, wrong)
	})
	return answer, token, err
}

func (c *change) rotate(ctx context.Context, token, prefix string, overlap time.Duration, wrong error) error {
	c.action = "rotated"
	if err := c.mayChange(ctx, "create", c.noun.Levels.Create, nil); err != nil {
		return err
	}
	if err := c.standing(ctx); err != nil {
		return err
	}
	if err := c.matched(ctx); err != nil {
		return err
	}
	if c.state() != c.noun.Flow.Start {
		return fault.New(fault.InvalidTransition, "A key that is %s gets no new secret; make another key.", c.state()).
			With("current_state", c.state()).With("requested", "rotate").With("allowed_transitions", []string{})
	}
	if wrong != nil {
		return wrong
	}
	old, err := c.noun.Load(c.before)
	if err != nil {
		return err
	}
	key := c.rec.(*register.APIKey)
	key.PreviousHash, key.PreviousUntil = key.Hash, register.At(c.at.Time().Add(overlap))
	key.Hash, key.Prefix = HashKey(token), prefix
	if err := c.noun.May(c.actor, old, key); err != nil {
		return err
	}
	return c.carryChanged(ctx, old)
}
