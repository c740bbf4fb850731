// Package jobs does beside the requests what takes longer than one: imports,
// exports, large merges. A job is a row in the register's own database, so it
// exists exactly if the change that asked for it was committed, and it outlives a
// crash. It knows neither what the jobs do nor HTTP.
//
// A job is claimed with a lease that its worker renews. Whoever has lost the
// lease cannot write any more (Run.Step), so that work which is done in steps,
// each with its progress in the same transaction, is done once.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// State is how far a job has come.
type State string

// The states of a job.
const (
	Queued    State = "queued"
	Running   State = "running"
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// States are the states in their order.
var States = []string{string(Queued), string(Running), string(Succeeded), string(Failed), string(Cancelled)}

// Ended reports whether nothing more happens to the job.
func (s State) Ended() bool { return s == Succeeded || s == Failed || s == Cancelled }

// Kept is how long the row of a job that ended is kept.
const Kept = 7 * 24 * time.Hour

// defaultAttempts is how often a job is begun before it is given up.
const defaultAttempts = 5

// Job is a row of the table. Empty texts stand for nothing.
type Job struct {
	ID          string
	Kind        string
	State       State
	UniqueKey   string
	Args        string // JSON, for the handler of its kind
	Actor       string // JSON: on whose behalf it runs, as that was when it was asked for
	OwnerType   string
	OwnerID     string
	Done        int64
	Total       int64
	Message     string
	ResultURL   string
	ErrorsURL   string
	Problem     string // JSON: Problem
	CancelAsked bool
	RunAt       register.Instant
	Attempts    int
	MaxAttempts int
	Lease       string // of the worker that has it; a fence against all others
	LeaseUntil  register.Instant
	CreatedAt   register.Instant
	StartedAt   register.Instant
	FinishedAt  register.Instant
	ExpiresAt   register.Instant
}

// Problem is why a job failed, in the caller's words.
type Problem struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Order is a job that is asked for.
type Order struct {
	Kind        string
	Args        any
	UniqueKey   string           // a second job under the same key is the first one; "" = none
	At          register.Instant // not before; "" = now
	MaxAttempts int              // 0 = the usual number
	Total       int64            // steps expected, 0 if unknown
	ResultURL   string
	ErrorsURL   string
}

// Enqueue adds a job on behalf of the actor of ctx, in the transaction of the
// change that asks for it. The runner is woken after the commit.
func (r *Runner) Enqueue(ctx context.Context, tx *store.Tx, o Order) (Job, error) {
	args, err := json.Marshal(o.Args)
	if err != nil {
		return Job{}, fmt.Errorf("the arguments of a %s: %w", o.Kind, err)
	}
	who := authority.From(ctx)
	actor, err := json.Marshal(who)
	if err != nil {
		return Job{}, fmt.Errorf("the actor of a %s: %w", o.Kind, err)
	}
	now := r.at()
	j := Job{
		ID: register.NewID(r.now()), Kind: o.Kind, State: Queued, UniqueKey: o.UniqueKey, Args: string(args), Actor: string(actor),
		OwnerType: string(who.Type), OwnerID: who.ID, Total: o.Total, ResultURL: o.ResultURL, ErrorsURL: o.ErrorsURL,
		RunAt: max(o.At, now), MaxAttempts: o.MaxAttempts, CreatedAt: now,
	}
	if j.MaxAttempts == 0 {
		j.MaxAttempts = defaultAttempts
	}
	tx.After(r.Wake)
	if o.UniqueKey != "" {
		var there []Job
		if err := tx.ORM(ctx).Table("jobs").Where("unique_key = ?", o.UniqueKey).Limit(1).Find(&there).Error; err != nil || len(there) > 0 {
			return first(there), err
		}
	}
	if err := tx.ORM(ctx).Table("jobs").Create(&j).Error; err != nil {
		return Job{}, fmt.Errorf("enqueue a %s: %w", o.Kind, err)
	}
	return j, nil
}

func first(jobs []Job) Job {
	if len(jobs) == 0 {
		return Job{}
	}
	return jobs[0]
}

// Get reads a job; store.ErrNone if there is none.
func (r *Runner) Get(ctx context.Context, id string) (Job, error) { return get(ctx, r.db.Look(), id) }

func get(ctx context.Context, tx *store.Tx, id string) (Job, error) {
	var found []Job
	err := tx.ORM(ctx).Table("jobs").Where("id = ?", id).Limit(1).Find(&found).Error
	if err == nil && len(found) == 0 {
		err = store.ErrNone
	}
	return first(found), err
}

// Query says which jobs to list: newest first, older than Before.
type Query struct {
	Owner  string // "" = everybody's
	State  string
	Kind   string
	Before string
	Limit  int
}

// List reads jobs, newest first.
func (r *Runner) List(ctx context.Context, q Query) (jobs []Job, err error) {
	orm := r.db.Look().ORM(ctx).Table("jobs")
	for cond, value := range map[string]string{"owner_id = ?": q.Owner, "state = ?": q.State, "kind = ?": q.Kind, "id < ?": q.Before} {
		if value != "" {
			orm = orm.Where(cond, value)
		}
	}
	err = orm.Order("id DESC").Limit(q.Limit).Find(&jobs).Error
	return jobs, err
}

// ErrEnded says that a job cannot be cancelled any more.
var ErrEnded = errors.New("the job has ended")

// Cancel ends a job: at once if it has not begun, else at its next step.
func (r *Runner) Cancel(ctx context.Context, id string) (j Job, err error) {
	err = r.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if j, err = get(ctx, tx, id); err != nil {
			return err
		}
		if j.State.Ended() {
			if j.State == Cancelled {
				return nil
			}
			return ErrEnded
		}
		set := map[string]any{"cancel_asked": true}
		if j.State == Queued {
			set["state"], set["finished_at"], set["expires_at"] = Cancelled, r.at(), r.later(Kept)
		}
		if err := tx.ORM(ctx).Table("jobs").Where("id = ?", id).Updates(set).Error; err != nil {
			return fmt.Errorf("cancel the job: %w", err)
		}
		j, err = get(ctx, tx, id)
		return err
	})
	if err == nil {
		r.interrupt(id)
		r.told.tell()
	}
	return j, err
}

// Forget removes the rows of jobs that ended long ago, a few at a time.
func (r *Runner) Forget(ctx context.Context) error {
	for ctx.Err() == nil {
		var gone int64
		err := r.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			res := tx.ORM(ctx).Exec("DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE expires_at <> '' AND expires_at < ? LIMIT 500)", string(r.at()))
			gone = res.RowsAffected
			return res.Error
		})
		if err != nil || gone == 0 {
			return err
		}
	}
	return nil
}
