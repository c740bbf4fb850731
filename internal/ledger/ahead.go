package ledger

import (
	"context"
	"sync/atomic"
	"time"

	"rapport/internal/store"
)

// Ahead is a clock that runs ahead of another: that of a demonstration, whose users
// put it forward to see what time brings.
type Ahead struct {
	Clock func() time.Time
	by    atomic.Int64
}

// Now is the time that it shows.
func (a *Ahead) Now() time.Time { return a.Clock().Add(a.By()) }

// By is how far it is ahead.
func (a *Ahead) By() time.Duration { return time.Duration(a.by.Load()) }

// TakeUp puts a clock where it was left.
func (l *Ledger) TakeUp(ctx context.Context, a *Ahead) error {
	by, err := l.DB.Look().ClockOffset(ctx)
	a.by.Store(int64(by))
	return err
}

// PutForward puts a clock forward, for good, and does what is due by then.
func (l *Ledger) PutForward(ctx context.Context, a *Ahead, by time.Duration) (acted int, err error) {
	err = l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		was, err := tx.ClockOffset(ctx)
		if err != nil {
			return err
		}
		tx.After(func() { a.by.Store(int64(was + by)) })
		return tx.PutClockOffset(ctx, was+by)
	})
	if err != nil {
		return 0, err
	}
	return l.Tick(ctx)
}
