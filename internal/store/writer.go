package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"rapport/internal/fault"
)

// A group of changes that share one commit ends after this many, or this long.
const (
	groupSize = 64
	lull      = 400 * time.Microsecond // without a change coming in, although others are expected
	waryFor   = 4 * groupSize
)

// groupTime is a variable for tests that need a group to hold on a slow machine.
var groupTime = 12 * time.Millisecond

// Change is what a caller does inside a transaction. It may be called again when
// the transaction has to be repeated, so it keeps nothing from one call to the
// next. Its context carries the caller's values and not its cancellation: a
// statement that is cut off would take the whole group with it.
type Change func(ctx context.Context, tx *Tx) error

// writer is the one goroutine that writes to SQLite. Changes that come in while
// it works share the next commit, and one that fails is undone alone. Nobody is
// answered before the commit returned.
type writer struct {
	db      *DB
	conn    *sql.Conn
	queue   chan *job
	ended   chan struct{}
	stopped sync.RWMutex
	closing bool
	inodes  map[string]uint64 // of the database's files, as they were opened
	looked  time.Time         // when the inodes were last compared
	commits atomic.Int64
	changes atomic.Int64
	entries atomic.Int64 // written since the start
	merged  int64        // the count of changes when the search index was last merged
	crowd   int          // so many changes were under way at the last commit
	timer   *time.Timer
	wary    int // so many changes get a savepoint each, since one had to be undone
}

// job is a change on its way.
type job struct {
	ctx    context.Context
	change Change
	alone  bool
	done   chan error
	err    error
	tx     *Tx
}

func startWriter(ctx context.Context, db *DB) (*writer, error) {
	conn, err := db.write.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return nil, fmt.Errorf("the writer's connection: %w", err)
	}
	// The checkpointer moves the log; this is the bound should it not keep up. What
	// a change of a group can be taken back to is kept in memory, not in a file.
	if _, err := conn.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 20000; PRAGMA temp_store = MEMORY"); err != nil {
		return nil, fmt.Errorf("the writer's connection: %w", err)
	}
	w := &writer{db: db, conn: conn, queue: make(chan *job, 4*groupSize), ended: make(chan struct{}), inodes: inodesIn(db.config.Dir), timer: time.NewTimer(time.Hour)}
	go w.loop()
	return w, nil
}

// stop lets what is queued be written and ends the writer.
func (w *writer) stop() {
	w.stopped.Lock()
	w.closing = true
	close(w.queue)
	w.stopped.Unlock()
	<-w.ended
	_ = w.conn.Close()
}

// do queues a change and waits until its commit returned.
func (w *writer) do(ctx context.Context, alone bool, change Change) error {
	j := &job{ctx: ctx, change: change, alone: alone, done: make(chan error, 1)}
	if err := w.enqueue(ctx, j); err != nil {
		return err
	}
	return <-j.done // never abandoned: what is in a group is answered by its commit
}

func (w *writer) enqueue(ctx context.Context, j *job) error {
	w.stopped.RLock()
	defer w.stopped.RUnlock()
	if w.closing {
		return fault.New(fault.Maintenance, "The register is shutting down.")
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return fault.New(fault.Busy, "The register is busy; nothing was changed.").Because(ctx.Err())
	}
}

// Waiting is how many changes wait for the one writer; where several write at once,
// none does.
func (db *DB) Waiting() int {
	if db.writer == nil {
		return 0
	}
	return len(db.writer.queue)
}

func (w *writer) loop() {
	defer close(w.ended)
	for first := range w.queue {
		for next := first; next != nil; {
			next = w.group(next)
		}
		w.db.idle(w.conn, len(w.queue))
	}
}

// group writes first and what queues behind it, commits and answers. It returns
// a job that wants a group of its own, if it met one.
func (w *writer) group(first *job) (leftover *job) {
	if err := w.refuse(first); err != nil {
		first.done <- err
		return nil
	}
	g := &group{writer: w}
	if err := g.begin(); err != nil {
		first.done <- err
		w.turnAway(err)
		return nil
	}
	started := time.Now()
	for next := first; next != nil; {
		g.run(next)
		if first.alone || g.lost || len(g.jobs) == groupSize || time.Since(started) > groupTime {
			break
		}
		if next = w.next(len(g.jobs)); next != nil && next.alone {
			leftover, next = next, nil
		}
	}
	g.finish()
	return leftover
}

// refuse says why a change is not begun: the register failed, or its caller has gone.
func (w *writer) refuse(j *job) error {
	if err := w.db.Failed(); err != nil {
		return fault.New(fault.DependencyUnavailable, "The database failed; the register takes no changes until it was checked and restarted.").Because(err)
	}
	if err := j.ctx.Err(); err != nil {
		return fault.New(fault.Busy, "The time for this request was up before it began; nothing was changed.").Because(err)
	}
	return nil
}

// turnAway answers what is queued while somebody else holds the database: each
// would wait as long again, and longer than its caller does.
func (w *writer) turnAway(err error) {
	for range len(w.queue) {
		j, open := <-w.queue
		if !open {
			return
		}
		j.done <- err
	}
}

// next takes what is queued, or what is about to be: requests that have come in
// and wait for a processor are let go first. Without that, the writer and one quick
// caller pass a single processor to each other while all others stand in line.
// Where more changes than these were under way lately, callers that were just
// answered are about to ask again, and a larger group is cheaper: it waits for
// them through a short lull.
func (w *writer) next(made int) *job {
	for range 2 {
		select {
		case j := <-w.queue:
			return j
		default:
			runtime.Gosched()
		}
	}
	if made >= w.crowd {
		return nil
	}
	w.timer.Reset(lull)
	defer w.timer.Stop()
	select {
	case j := <-w.queue: // nil when the writer ends
		return j
	case <-w.timer.C:
		return nil
	}
}

func (w *writer) single(j *job) {
	if err := w.refuse(j); err != nil {
		j.done <- err
		return
	}
	g := &group{writer: w}
	if err := g.begin(); err != nil {
		j.done <- err
		return
	}
	g.run(j)
	g.finish()
}

// Write makes one change, all of it or nothing, and returns when it is durable.
func (db *DB) Write(ctx context.Context, change Change) error { return db.do(ctx, false, change) }

// WriteAlone is Write for changes that take long, such as a chunk of an import:
// they share their commit with nobody.
func (db *DB) WriteAlone(ctx context.Context, change Change) error { return db.do(ctx, true, change) }

// Try is Write for a change that ends with an error in any case, so that nothing
// of it stays.
func (db *DB) Try(ctx context.Context, change Change) error {
	return db.do(ctx, db.writer != nil, change)
}

func (db *DB) do(ctx context.Context, alone bool, change Change) error {
	if db.writer != nil {
		return db.writer.do(ctx, alone, change)
	}
	return db.serialize(ctx, alone, change)
}

// understand turns a driver's error into what it means; after a broken database
// it stops all writing.
func (db *DB) understand(err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	refined := db.dialect.refine(err)
	if refined == nil {
		return err
	}
	var broken *brokenError
	if errors.As(refined, &broken) {
		db.fail(err)
		return fault.New(fault.DependencyUnavailable, "The database failed; the change was not made.").Because(err)
	}
	return refined
}
