package ledger

import (
	"context"
	"fmt"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/jobs"
	"rapport/internal/register"
	"rapport/internal/store"
)

// rederiveJob is the kind of the jobs that compute derived values anew.
const rederiveJob = "rederive"

// rederiveChunk is how many records are computed anew in one transaction.
const rederiveChunk = 100

// Employ has the ledger's own jobs done by r. It is called before r starts.
func (l *Ledger) Employ(r *jobs.Runner) {
	l.jobs = r
	r.Handle(rederiveJob, func(ctx context.Context, run *jobs.Run) error {
		var what rederiving
		if err := run.Arguments(&what); err != nil {
			return err
		}
		return l.rederive(authority.With(ctx, authority.Register()), what.Noun, run.Step)
	})
	r.Handle(reckonJob, func(ctx context.Context, run *jobs.Run) error {
		return l.reckon(authority.With(ctx, authority.Register()), run.Step)
	})
}

// GoesThroughAll reports whether jobs of a kind go through records whatever anybody sees of them.
func GoesThroughAll(kind string) bool { return kind == rederiveJob || kind == reckonJob }

// orderJobs asks, in the change's own transaction, for what has to be done beside
// the requests: derived values rest on some settings, time limits on calendars.
func (c *change) orderJobs(ctx context.Context) error {
	if c.jobs == nil || c.before == nil {
		return nil
	}
	var kinds []string
	if s, ok := c.rec.(*register.Setting); ok && register.Rederives(s.Key) && store.Changed(c.noun.Field("value"), c.before, c.row) {
		kinds = append(kinds, rederiveJob)
	}
	if c.reckons() {
		kinds = append(kinds, reckonJob)
	}
	for _, kind := range kinds {
		if _, err := c.jobs.Enqueue(authority.With(ctx, authority.Register()), c.tx, jobs.Order{Kind: kind}); err != nil {
			return err
		}
	}
	return nil
}

// Rederive computes all derived values anew, from the records that they rest on.
// What is right already stays as it is.
func (l *Ledger) Rederive(ctx context.Context) error {
	return l.rederive(authority.With(ctx, authority.Register()), "", nil)
}

// step notes progress in the transaction of the work.
type step func(ctx context.Context, tx *store.Tx, done, total int64, message string) error

func (l *Ledger) rederive(ctx context.Context, noun string, note step) error {
	l.settings.drop() // another process may have changed them a moment ago
	for _, n := range register.All() {
		if n.Derive == nil || noun != "" && n.Name != noun {
			continue
		}
		if err := l.rederiveNoun(ctx, n, note); err != nil {
			return fmt.Errorf("compute the derived values of %s anew: %w", n.Plural, err)
		}
	}
	return nil
}

func (l *Ledger) rederiveNoun(ctx context.Context, n *register.Noun, note step) error {
	total, err := l.DB.Look().Count(ctx, n, nil)
	if err != nil {
		return err
	}
	for done, last := int64(0), ""; ; {
		count, next := 0, ""
		err := l.DB.WriteAlone(ctx, func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.Match(ctx, n, flow.Where{"id >": last}, rederiveChunk)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := l.rederiveRow(ctx, tx, n, row); err != nil {
					return err
				}
				next = string(row[n.Field("id").Column])
			}
			if count = len(rows); note == nil {
				return nil
			}
			return note(ctx, tx, done+int64(count), total, n.Plural)
		})
		if err != nil || count < rederiveChunk {
			return err
		}
		done, last = done+int64(count), next
	}
}

func (l *Ledger) rederiveRow(ctx context.Context, tx *store.Tx, n *register.Noun, row register.Row) error {
	rec, err := n.Load(row)
	if err != nil {
		return err
	}
	c := &change{Ledger: l, tx: tx, noun: n, rec: rec, before: row, row: row, actor: authority.Register(), at: l.at()}
	return c.derive(ctx)
}
