package ledger

import (
	"context"
	"sync"
	"time"
)

// cached is a value read from the database that is at most a second old: another
// process may have changed it. A change in this process drops it at once.
type cached[T any] struct {
	mu    sync.Mutex
	value T
	until time.Time
}

// stale is how old a cached value may be.
const stale = time.Second

// get returns the value, read anew by load when it is too old. The age is
// measured by the machine's monotonic clock, so that no jump of time prolongs it.
func (c *cached[T]) get(ctx context.Context, load func(context.Context) (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Now().Before(c.until) {
		return c.value, nil
	}
	value, err := load(ctx)
	if err != nil {
		return c.value, err
	}
	c.value, c.until = value, time.Now().Add(stale)
	return value, nil
}

func (c *cached[T]) drop() {
	c.mu.Lock()
	c.until = time.Time{}
	c.mu.Unlock()
}
