package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// checkpointer moves what the write-ahead log holds into the database, on a
// connection of its own, so that no writer waits for it. The log is left to grow
// a while: pages that change often are then moved once.
type checkpointer struct {
	db   *DB
	pool *sql.DB
	quit chan struct{}
	done sync.WaitGroup
}

const (
	checkpointEvery   = 100 * time.Millisecond
	checkpointBytes   = 16 << 20
	checkpointEntries = 2000 // or fewer, once no more are coming
)

func startCheckpointer(db *DB) (*checkpointer, error) {
	_, pool, err := db.openFile(filepath.Join(db.config.Dir, file)+writerDSN, 1)
	if err != nil {
		return nil, err
	}
	c := &checkpointer{db: db, pool: pool, quit: make(chan struct{})}
	c.done.Go(c.loop)
	return c, nil
}

func (c *checkpointer) stop() error {
	close(c.quit)
	c.done.Wait()
	return c.pool.Close()
}

func (c *checkpointer) loop() {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	path := filepath.Join(c.db.config.Dir, file+"-wal")
	// The log's file does not shrink; what it holds is told by the entries since.
	moved, last := int64(0), int64(0)
	for {
		select {
		case <-c.quit:
			return
		case <-tick.C:
		}
		made := c.db.writer.entries.Load()
		due := made-moved >= checkpointEntries || made != moved && made == last
		last = made
		info, err := os.Stat(path)
		if err != nil || info.Size() < checkpointBytes || !due {
			continue
		}
		if _, err := c.pool.ExecContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			c.db.config.Log.Warn("a checkpoint failed; it will be tried again", "err", c.db.understand(err))
			continue
		}
		moved = made
	}
}
