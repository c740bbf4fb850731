package store

import (
	"context"
	"sync"
	"time"
)

// watcher sees entries that another process sealed, and wakes who waits for them.
type watcher struct {
	quit context.CancelFunc
	done sync.WaitGroup
}

// watchEvery is how long what another process wrote may go unseen.
const watchEvery = 500 * time.Millisecond

func startWatcher(db *DB) *watcher {
	ctx, quit := context.WithCancel(context.Background())
	w := &watcher{quit: quit}
	w.done.Go(func() { db.watchHead(ctx) })
	return w
}

func (w *watcher) stop() {
	w.quit()
	w.done.Wait()
}

func (db *DB) watchHead(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	seen := int64(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		h, err := readHead(ctx, db.read, db.dialect)
		if err != nil {
			continue // who reads or writes next will say so
		}
		if h.seq != seen {
			seen = h.seq
			db.sealed.tell()
		}
	}
}
