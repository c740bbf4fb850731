package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

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
	// The checkpointer moves the log; this is the bound should it not keep up.
	if _, err := conn.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 20000"); err != nil {
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

// group is one transaction with the changes that share it.
type group struct {
	writer  *writer
	jobs    []*job // those that stand, to be answered by the commit
	pending pending
	head    head
	before  int64 // the newest entry's number when the group began
	lost    bool  // the database undid the transaction by itself
}

func (g *group) exec(query string) error {
	_, err := g.writer.conn.ExecContext(context.Background(), query)
	return g.writer.db.understand(err)
}

func (g *group) begin() error {
	if err := g.writer.inPlace(); err != nil {
		return err
	}
	if err := g.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	h, err := readHead(context.Background(), g.writer.conn, g.writer.db.dialect)
	if err != nil {
		return errors.Join(err, g.exec("ROLLBACK"))
	}
	g.head, g.before = h, h.seq
	return nil
}

// run makes one change. One that fails is undone and answered at once; one that
// cannot be undone alone takes the group with it.
func (g *group) run(j *job) {
	if err := g.writer.refuse(j); err != nil {
		j.done <- err
		return
	}
	mark, head := g.pending.mark(), g.head
	saved := len(g.jobs) > 0 && g.writer.wary > 0
	if saved {
		if err := g.exec("SAVEPOINT change"); err != nil {
			g.lose(j, err)
			return
		}
	}
	j.tx = &Tx{db: g.writer.db, q: g.writer.db.told(g.writer.conn), head: &g.head, pending: &g.pending}
	err := guard(context.WithoutCancel(j.ctx), j.tx, j.change)
	if err == nil && saved {
		if err = g.exec("RELEASE change"); err != nil {
			g.lose(j, err)
			return
		}
	}
	if err == nil {
		g.writer.wary = max(0, g.writer.wary-1)
		g.jobs = append(g.jobs, j)
		return
	}
	err = g.writer.db.understand(err)
	g.pending.cut(mark)
	g.head = head
	g.undo(j, err, saved)
}

// undo takes back the change that just failed and answers it. Most changes that
// fail are refused before they write, so there is nothing to take back. One that
// did write and has no savepoint is undone with all before it, which are then
// made again; those that follow get savepoints for a while.
func (g *group) undo(j *job, err error, saved bool) {
	var undone error
	switch {
	case g.autocommit():
		undone = errUndone
	case saved:
		undone = errors.Join(g.exec("ROLLBACK TO change"), g.exec("RELEASE change"))
	case !j.tx.wrote:
	default:
		if undone = g.exec("ROLLBACK"); undone == nil {
			undone = g.begin()
		}
		if undone == nil && len(g.jobs) > 0 {
			g.repeat(j)
			return
		}
	}
	if undone != nil && (len(g.jobs) > 0 || !errors.Is(undone, errUndone) || g.begin() != nil) {
		g.lose(j, err)
		return
	}
	j.done <- err
}

// repeat makes the changes before j again, and j, each in a savepoint.
func (g *group) repeat(j *job) {
	jobs := slices.Concat(g.jobs, []*job{j})
	g.jobs, g.pending, g.writer.wary = nil, pending{}, waryFor
	for _, again := range jobs {
		if g.lost {
			g.jobs = append(g.jobs, again) // made by itself later
			continue
		}
		g.run(again)
	}
}

// errUndone says that SQLite has rolled the whole transaction back by itself.
var errUndone = errors.New("the transaction is gone")

// lose gives the transaction up: every change in it is made again by itself.
func (g *group) lose(j *job, err error) {
	g.lost = true
	j.err = err
	g.jobs = append(g.jobs, j)
}

// autocommit reports whether SQLite has ended the transaction by itself, as it
// does after some errors.
func (g *group) autocommit() (ended bool) {
	_ = g.writer.conn.Raw(func(c any) error {
		ended = c.(*sqlite3.SQLiteConn).AutoCommit()
		return nil
	})
	return ended
}

// guard calls change and turns a panic into an error, so that one faulty change
// does not take the writer with it.
func guard(ctx context.Context, tx *Tx, change Change) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a change: %v\n%s", p, debug.Stack())
		}
	}()
	return change(ctx, tx)
}

// finish writes what was put off to the group's end, commits and answers all.
func (g *group) finish() {
	if len(g.jobs) == 0 { // all failed by themselves and were answered
		_ = g.exec("ROLLBACK")
		return
	}
	if !g.lost {
		tx := &Tx{db: g.writer.db, q: g.writer.db.told(g.writer.conn)}
		err := tx.flush(context.WithoutCancel(g.jobs[0].ctx), &g.pending)
		if err == nil {
			err = g.exec("COMMIT")
		}
		if err == nil {
			g.answer()
			return
		}
		if len(g.jobs) == 1 {
			g.jobs[0].err = g.writer.db.understand(err)
		}
	}
	if !g.autocommit() {
		if err := g.exec("ROLLBACK"); err != nil {
			g.writer.db.fail(err)
		}
	}
	g.again()
}

func (g *group) answer() {
	g.writer.commits.Add(1)
	g.writer.crowd = len(g.jobs) + len(g.writer.queue)
	g.writer.changes.Add(int64(len(g.jobs)))
	g.writer.entries.Add(g.head.seq - g.before)
	for _, j := range g.jobs {
		g.writer.db.committed(j.tx)
		j.done <- nil
	}
	if len(g.jobs) > 0 {
		g.writer.db.sealed.tell()
	}
}

// again runs each change of a lost group by itself, so that each is answered by
// its own result. A change that was alone already is answered with its error.
func (g *group) again() {
	if len(g.jobs) == 1 && g.jobs[0].err != nil {
		g.jobs[0].done <- g.jobs[0].err
		return
	}
	for _, j := range g.jobs {
		j.err = nil
		g.writer.single(j)
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
