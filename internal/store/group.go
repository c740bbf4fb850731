package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/mattn/go-sqlite3"
)

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
