package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/store"
)

// Run is a job that is being done.
type Run struct {
	Job
	runner *Runner
}

// Arguments reads what the job was asked for with.
func (run *Run) Arguments(into any) error {
	if err := json.Unmarshal([]byte(run.Args), into); err != nil {
		return fault.New(fault.JobFailed, "The job's arguments cannot be read any more.").Because(err)
	}
	return nil
}

// Step writes the progress down in the transaction of the work itself. It fails,
// and so undoes that work, if the job was cancelled or belongs to another worker:
// what a worker writes that was thought dead must not be written twice.
func (run *Run) Step(ctx context.Context, tx *store.Tx, done, total int64, message string) error {
	res := tx.ORM(ctx).Exec("UPDATE jobs SET done = ?, total = ?, message = ?, lease_until = ? WHERE id = ? AND lease = ? AND state = 'running' AND NOT cancel_asked",
		done, total, message, string(run.runner.later(run.runner.Lease)), run.ID, run.Lease)
	if res.Error != nil {
		return fmt.Errorf("note the job's progress: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		now, err := get(ctx, tx, run.ID)
		if err == nil && now.Lease == run.Lease {
			return errCancelled
		}
		return errors.Join(errLost, err)
	}
	run.Done, run.Total, run.Message = done, total, message
	return nil
}

// Report is Step in a transaction of its own, for work that writes nothing else.
func (run *Run) Report(ctx context.Context, done, total int64, message string) error {
	return run.runner.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return run.Step(ctx, tx, done, total, message) })
}

// do has a claimed job done and writes down what came of it.
func (r *Runner) do(loop context.Context, run *Run) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(loop))
	defer cancel(nil)
	r.mu.Lock()
	r.working[run.ID] = cancel
	r.mu.Unlock()
	if loop.Err() != nil {
		cancel(errStopping)
	}
	beat := make(chan struct{})
	go r.heartbeat(ctx, run, cancel, beat)
	err := r.call(ctx, run)
	close(beat)
	r.mu.Lock()
	delete(r.working, run.ID)
	r.mu.Unlock()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause // whatever the handler made of being interrupted
	}
	if err := r.finish(context.WithoutCancel(ctx), run, err); err != nil {
		r.Log.Error("the end of a job could not be written down; it will be done again", "job", run.ID, "kind", run.Kind, "err", err)
	}
	r.told.tell()
}

// heartbeat renews the lease while the job is being done. A worker that could not
// do so for as long as the lease lasts, by the machine's own monotonic clock,
// believes that it has lost the job.
func (r *Runner) heartbeat(ctx context.Context, run *Run, cancel context.CancelCauseFunc, done <-chan struct{}) {
	tick := time.NewTicker(r.Lease / 3)
	defer tick.Stop()
	heard := time.Now()
	for {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := r.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			return run.beat(ctx, tx)
		})
		switch {
		case err == nil:
			heard = time.Now()
		case errors.Is(err, errCancelled), errors.Is(err, errLost), time.Since(heard) > r.Lease:
			cancel(err)
			return
		}
	}
}

// beat renews the lease alone; the progress is the handler's to write.
func (run *Run) beat(ctx context.Context, tx *store.Tx) error {
	now, err := get(ctx, tx, run.ID)
	switch {
	case err != nil:
		return err
	case now.Lease != run.Lease || now.State != Running:
		return errLost
	case now.CancelAsked:
		return errCancelled
	}
	return tx.ORM(ctx).Exec("UPDATE jobs SET lease_until = ? WHERE id = ? AND lease = ?", string(run.runner.later(run.runner.Lease)), run.ID, run.Lease).Error
}

// call calls the job's handler as the one on whose behalf it runs, and turns a
// panic into an error.
func (r *Runner) call(ctx context.Context, run *Run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a job: %v\n%s", p, debug.Stack())
		}
	}()
	if run.Attempts > run.MaxAttempts {
		return fault.New(fault.JobFailed, "The job was begun %d times and never came to its end.", run.MaxAttempts)
	}
	handler := r.handlers[run.Kind]
	if handler == nil {
		return fault.New(fault.JobFailed, "This register does no jobs of the kind %s.", run.Kind)
	}
	var actor authority.Actor
	if err := json.Unmarshal([]byte(run.Actor), &actor); err != nil {
		return fault.New(fault.JobFailed, "It is not known any more on whose behalf the job runs.").Because(err)
	}
	if r.Renew != nil {
		if actor, err = r.Renew(ctx, actor); err != nil {
			return err
		}
	}
	return handler(authority.With(ctx, actor), run)
}

// passing are the faults after which it is worth to try again.
var passing = []fault.Code{fault.Busy, fault.DependencyUnavailable, fault.StorageFull, fault.Maintenance, fault.Internal}

// finish writes down what came of a job, unless another worker has it by now.
func (r *Runner) finish(ctx context.Context, run *Run, err error) error {
	set := map[string]any{"lease": "", "lease_until": ""}
	f := fault.Of(err)
	switch {
	case errors.Is(err, errLost):
		return nil
	case err == nil:
		r.end(set, Succeeded)
	case errors.Is(err, errCancelled):
		r.end(set, Cancelled)
	case errors.Is(err, errStopping):
		set["state"], set["run_at"], set["attempts"] = Queued, r.at(), run.Attempts-1
	case isPassing(f) && run.Attempts < run.MaxAttempts:
		r.Log.Warn("a job failed and will be tried again", "job", run.ID, "kind", run.Kind, "err", err)
		set["state"], set["run_at"] = Queued, r.later(backoff(run.Attempts))
	default:
		r.Log.Error("a job failed", "job", run.ID, "kind", run.Kind, "err", err)
		text, _ := json.Marshal(Problem{string(f.Code), f.Detail}) // two texts
		set["problem"] = string(text)
		r.end(set, Failed)
	}
	return r.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.ORM(ctx).Table("jobs").Where("id = ? AND lease = ? AND state = ?", run.ID, run.Lease, Running).Updates(set).Error
	})
}

func (r *Runner) end(set map[string]any, s State) {
	set["state"], set["finished_at"], set["expires_at"] = s, r.at(), r.later(Kept)
}

func isPassing(f *fault.Error) bool {
	for _, code := range passing {
		if f.Code == code {
			return true
		}
	}
	return false
}

// backoff is how long to wait before another try: 2, 4, 8 … seconds, an hour at
// most, give or take a fifth so that not all come back at once.
func backoff(attempt int) time.Duration {
	wait := min(time.Second<<min(attempt, 12), time.Hour)
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}
