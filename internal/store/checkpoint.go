package store

import (
	"context"
	"database/sql"
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
	checkpointEvery = 100 * time.Millisecond
	checkpointPages = 4096 // 16 MiB; fewer once no more are coming
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
	log := moved{perEntry: 4}
	last := int64(0)
	for {
		select {
		case <-c.quit:
			return
		case <-tick.C:
		}
		made := c.db.writer.entries.Load()
		due := checkpointPages
		if made == last {
			due /= 16
		}
		if last = made; log.guess(made) < due {
			continue
		}
		if err := c.move(&log, made); err != nil {
			c.db.config.Log.Warn("a checkpoint failed; it will be tried again", "err", c.db.understand(err))
		}
	}
}

// moved is how far the log was moved last. SQLite tells the log's length only when
// it moves it, its file does not shrink, and its index may not be opened beside
// SQLite (to close it would drop SQLite's locks), so what was added is guessed
// from the entries since.
type moved struct {
	entries  int64   // written since the start, then
	pages    int     // in the log then
	perEntry float64 // pages that each entry took before
}

func (m moved) guess(entries int64) int { return int(float64(entries-m.entries) * m.perEntry) }

func (c *checkpointer) move(m *moved, entries int64) error {
	var busy, pages, done int
	row := c.pool.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
	if err := row.Scan(&busy, &pages, &done); err != nil {
		return err
	}
	if made := entries - m.entries; made > 0 && pages > m.pages {
		m.perEntry = float64(pages-m.pages) / float64(made)
	}
	m.entries, m.pages = entries, pages
	return nil
}
