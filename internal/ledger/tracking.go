package ledger

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

const trackingPurpose = "tracking"

// track makes the token by which its complainant follows a complaint that was just
// entered. It is told this once; a complaint that is only tried has none.
func (c *change) track(ctx context.Context) error {
	if c.noun != register.Complaints || c.before != nil || c.asked.ValidateOnly {
		return nil
	}
	return c.keepTracking(ctx)
}

// TrackAnew makes a fresh token for a complaint whose complainant has none: it came
// in by a file, or the token was lost. Those before it end.
func (l *Ledger) TrackAnew(ctx context.Context, name string, asked Asked) (Answer, error) {
	n := register.Complaints
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return Answer{}, l.hidden(ctx, n, name, err)
	}
	return l.perform(ctx, asked, func(ctx context.Context, c *change) error {
		if err := c.atBeside(ctx, n, name); err != nil {
			return err
		}
		if err := c.mayChange(ctx, "update", n.Levels.Update, nil); err != nil {
			return err
		}
		if err := n.May(c.actor, c.rec, c.rec); err != nil {
			return err
		}
		if err := c.matched(ctx); err != nil {
			return err
		}
		if err := c.tx.EndTokens(ctx, trackingPurpose, n.Name, c.rec.Meta().ID, c.at); err != nil {
			return err
		}
		c.row = c.before
		if err := c.keepTracking(ctx); err != nil {
			return err
		}
		return c.note(ctx, register.NewID(c.at.Time()), "tracking_issued", nil, nil)
	})
}

// keepTracking makes the token of a complaint and keeps it for as long as a setting says.
func (c *change) keepTracking(ctx context.Context) error {
	c.token = newToken()
	days, _ := strconv.Atoi(c.Setting(ctx, "complaint_tracking_days")) // the setting's own check keeps it a number
	return c.tx.EnterToken(ctx, store.Token{
		Hash: hashToken(c.token), Purpose: trackingPurpose, Kind: c.noun.Name, RecordID: c.rec.Meta().ID,
		CreatedAt: c.at, ExpiresAt: register.At(c.at.Time().Add(time.Duration(days) * 24 * time.Hour)), UsesLeft: math.MaxInt32,
	})
}

// Tracked is a complaint as its complainant follows it, and what whoever handles it
// is called in the organisation's own words.
type Tracked struct {
	*register.Complaint
	Ref       string
	HandledBy string
}

// Track finds the complaint that a token opens. Whatever is wrong is answered alike.
func (l *Ledger) Track(ctx context.Context, token string) (*Tracked, error) {
	unknown := fault.New(fault.NotFound, "There is nothing to follow by this token, or not any more.")
	if len(token) > 100 {
		return nil, unknown
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx, n := l.DB.Look(), register.Complaints
	id, err := tx.OpenedBy(ctx, hashToken(token), trackingPurpose, l.at())
	if errors.Is(err, store.ErrNone) {
		return nil, unknown
	}
	if err != nil {
		return nil, err
	}
	row, err := tx.Get(ctx, n, store.Name{ID: id}, nil)
	if err != nil {
		return nil, err
	}
	rec, err := n.Load(row)
	if err != nil {
		return nil, err
	}
	c := rec.(*register.Complaint)
	if c.DeletedAt != "" {
		return nil, unknown
	}
	t := &Tracked{Complaint: c, Ref: n.Ref(row[n.Field("num").Column])}
	return t, l.handler(ctx, tx, t)
}

// handler says what whoever handles the complaint is called: a role, no name.
func (l *Ledger) handler(ctx context.Context, tx *store.Tx, t *Tracked) error {
	if t.OwnerID == "" {
		return nil
	}
	row, err := tx.Get(ctx, register.Users, store.Name{ID: t.OwnerID}, nil)
	if err == nil {
		t.HandledBy = string(row[register.Users.Field("job_title").Column])
	}
	return err
}
