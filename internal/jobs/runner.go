package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Handler does the jobs of one kind. It may be called again for the same job
// after a crash, so it goes on from what its last step wrote.
type Handler func(ctx context.Context, run *Run) error

// Runner claims jobs and has them done.
type Runner struct {
	// Renew gives the actor of a job as that person or key stands now; an error
	// fails the job. May be nil.
	Renew func(ctx context.Context, then authority.Actor) (authority.Actor, error)

	Workers int           // jobs done at once
	Poll    time.Duration // how often to look for jobs that other processes enqueued
	Lease   time.Duration // how long a job belongs to a worker that is not heard of
	Log     *slog.Logger

	db       *store.DB
	now      func() time.Time
	handlers map[string]Handler
	wake     chan struct{}
	told     signal // a job ended

	mu      sync.Mutex
	working map[string]context.CancelCauseFunc // by job
	quit    context.CancelFunc                 // ends the loop
	ended   chan struct{}                      // closed when the loop has ended
}

// New is a runner of a database's jobs. Now is the register's one clock.
func New(db *store.DB, now func() time.Time) *Runner {
	return &Runner{
		Workers: 2, Poll: time.Second, Lease: time.Minute, Log: slog.Default(),
		db: db, now: now, handlers: map[string]Handler{}, wake: make(chan struct{}, 1), working: map[string]context.CancelCauseFunc{},
	}
}

// Handle has the jobs of a kind done by h. All kinds are named before Start.
func (r *Runner) Handle(kind string, h Handler) { r.handlers[kind] = h }

func (r *Runner) at() register.Instant { return register.At(r.now()) }

func (r *Runner) later(d time.Duration) register.Instant { return register.At(r.now().Add(d)) }

// Wake has the runner look for jobs now.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Why a job that is being done comes to an end before it is done.
var (
	errCancelled = errors.New("the job was cancelled")
	errStopping  = errors.New("the register is shutting down")
	errLost      = errors.New("the job belongs to another worker now")
)

// Start has jobs done in the background, until Stop.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.reclaim(ctx); err != nil {
		return err
	}
	ctx, quit := context.WithCancel(context.WithoutCancel(ctx))
	r.mu.Lock()
	r.quit, r.ended = quit, make(chan struct{})
	r.mu.Unlock()
	go r.loop(ctx)
	return nil
}

// reclaim takes the jobs back that were being done when the process died. Only on
// SQLite is it known that nobody else does them: this process holds the folder.
func (r *Runner) reclaim(ctx context.Context) error {
	if r.db.Dialect() != "sqlite" {
		return nil
	}
	err := r.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.ORM(ctx).Table("jobs").Where("state = ?", Running).Updates(map[string]any{"state": Queued, "lease": "", "lease_until": ""}).Error
	})
	if err != nil {
		return fmt.Errorf("take interrupted jobs back: %w", err)
	}
	return nil
}

// Stop interrupts what is being done, between two steps, and gives it back, so
// that it goes on after the next start. It returns when all have stopped.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	quit, ended := r.quit, r.ended
	r.quit = nil
	if quit != nil {
		quit() // before the others, so that what is just being claimed sees it
	}
	for _, cancel := range r.working {
		cancel(errStopping)
	}
	r.mu.Unlock()
	if quit == nil {
		return nil
	}
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("some jobs did not stop: %w", ctx.Err())
	}
}

func (r *Runner) loop(ctx context.Context) {
	var busy sync.WaitGroup
	defer close(r.ended)
	defer busy.Wait()
	free := make(chan struct{}, r.Workers)
	tick := time.NewTicker(r.Poll)
	defer tick.Stop()
	for {
		for ctx.Err() == nil && len(free) < r.Workers {
			run, err := r.claim(ctx)
			if err != nil && ctx.Err() == nil {
				r.Log.Error("claiming a job failed; it will be tried again", "err", err)
			}
			if run == nil {
				break
			}
			free <- struct{}{}
			busy.Go(func() {
				r.do(ctx, run)
				<-free
				r.Wake()
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// RunDue does the jobs that are due, one after the other, until none is, and
// returns how many it was. It is for tests and for commands.
func (r *Runner) RunDue(ctx context.Context) (n int, err error) {
	for ; ; n++ {
		run, err := r.claim(ctx)
		if err != nil || run == nil {
			return n, err
		}
		r.do(ctx, run)
	}
}

const due = "(state = 'queued' AND run_at <= ?) OR (state = 'running' AND lease_until < ?)"

// claim takes the next job that is due, or one whose worker died; nil if there is
// none. It looks before it writes, so that an idle register writes nothing.
func (r *Runner) claim(ctx context.Context) (*Run, error) {
	now := string(r.at())
	var waiting []string
	if err := r.db.Look().ORM(ctx).Raw("SELECT id FROM jobs WHERE "+due+" LIMIT 1", now, now).Scan(&waiting).Error; err != nil || len(waiting) == 0 {
		return nil, err
	}
	skip := ""
	if r.db.Dialect() == "postgres" {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	var claimed []Job
	err := r.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		claimed = nil
		return tx.ORM(ctx).Raw("UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = ?, lease_until = ?,"+
			" started_at = CASE WHEN started_at = '' THEN ? ELSE started_at END"+
			" WHERE id IN (SELECT id FROM jobs WHERE "+due+" ORDER BY run_at, id LIMIT 1"+skip+") RETURNING *",
			uuid.NewString(), string(r.later(r.Lease)), now, now, now).Scan(&claimed).Error
	})
	if err != nil || len(claimed) == 0 {
		return nil, err
	}
	return &Run{Job: claimed[0], runner: r}, nil
}

// interrupt has a job that this process is doing cancelled without delay.
func (r *Runner) interrupt(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cancel := r.working[id]; cancel != nil {
		cancel(errCancelled)
	}
}

// Await returns the job when it has ended, or as it is when the time is up.
func (r *Runner) Await(ctx context.Context, id string, wait time.Duration) (Job, error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	again := time.NewTicker(200 * time.Millisecond) // another process may be doing it
	defer again.Stop()
	for {
		told := r.told.next()
		j, err := r.Get(ctx, id)
		if err != nil || j.State.Ended() {
			return j, err
		}
		select {
		case <-told:
		case <-again.C:
		case <-deadline.C:
			return j, nil
		case <-ctx.Done():
			return j, nil
		}
	}
}

// signal wakes all who wait for something to happen.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

func (s *signal) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}

// next is closed when it happens the next time.
func (s *signal) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}
