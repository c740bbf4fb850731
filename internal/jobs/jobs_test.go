package jobs_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/jobs"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// house is a register with a runner of the test's own.
func house(t *testing.T) (*testkit.House, *jobs.Runner) {
	t.Helper()
	h := testkit.Open(t)
	return h, jobs.New(h.DB, h.Clock.Now)
}

func enqueue(t *testing.T, h *testkit.House, r *jobs.Runner, o jobs.Order) jobs.Job {
	t.Helper()
	var j jobs.Job
	ctx := authority.With(context.Background(), authority.Register())
	err := h.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		j, err = r.Enqueue(ctx, tx, o)
		return err
	})
	if err != nil {
		t.Fatalf("enqueue: %v", err)
	}
	return j
}

func want(t *testing.T, r *jobs.Runner, id string, state jobs.State) jobs.Job {
	t.Helper()
	j, err := r.Get(context.Background(), id)
	if err != nil || j.State != state {
		t.Fatalf("want the job %s, got %s (%v): %s", state, j.State, err, j.Problem)
	}
	return j
}

// A job exists exactly if the change that asked for it was committed.
func TestJobIsPartOfTheChangeThatAsksForIt(t *testing.T) {
	h, r := house(t)
	var j jobs.Job
	refused := errors.New("refused")
	err := h.DB.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		j, _ = r.Enqueue(ctx, tx, jobs.Order{Kind: "count"})
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if _, err := r.Get(context.Background(), j.ID); !errors.Is(err, store.ErrNone) {
		t.Errorf("the job of a change that was undone is there: %v", err)
	}
}

// A job runs with its arguments on behalf of who asked for it, reports its
// progress and succeeds; under the same key it is there once.
func TestJobSucceeds(t *testing.T) {
	h, r := house(t)
	var times, got int
	var who authority.ActorType
	r.Handle("count", func(ctx context.Context, run *jobs.Run) error {
		times, who = times+1, authority.From(ctx).Type
		if err := run.Arguments(&got); err != nil {
			return err
		}
		return run.Report(ctx, 3, 4, "Row 3")
	})
	j := enqueue(t, h, r, jobs.Order{Kind: "count", Args: 42, UniqueKey: "count@today"})
	if twin := enqueue(t, h, r, jobs.Order{Kind: "count", Args: 43, UniqueKey: "count@today"}); twin.ID != j.ID {
		t.Errorf("two jobs under one key")
	}
	if n, err := r.RunDue(context.Background()); n != 1 || err != nil {
		t.Fatalf("ran %d jobs: %v", n, err)
	}
	end := want(t, r, j.ID, jobs.Succeeded)
	if times != 1 || got != 42 || who != authority.System || end.Done != 3 || end.Total != 4 || end.Message != "Row 3" || end.ExpiresAt == "" {
		t.Errorf("not as it ran: %d times, args %d, actor %s, %+v", times, got, who, end)
	}
	h.Clock.Forward(jobs.Kept + time.Minute)
	if err := r.Forget(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Get(context.Background(), j.ID); !errors.Is(err, store.ErrNone) {
		t.Errorf("the job is kept for ever: %v", err)
	}
}

// What fails in passing is tried again, later each time; what the caller must
// mend is not; what never works is given up.
func TestJobFailsAndIsTriedAgain(t *testing.T) {
	h, r := house(t)
	flaky, never := 0, 0
	r.Handle("flaky", func(context.Context, *jobs.Run) error {
		if flaky++; flaky < 3 {
			return errors.New("the line is bad")
		}
		return nil
	})
	r.Handle("refused", func(context.Context, *jobs.Run) error { return fault.New(fault.ImportInvalid, "Row 3 is wrong.") })
	r.Handle("panics", func(context.Context, *jobs.Run) error { never++; panic("no") })
	a, b, c := enqueue(t, h, r, jobs.Order{Kind: "flaky"}), enqueue(t, h, r, jobs.Order{Kind: "refused"}), enqueue(t, h, r, jobs.Order{Kind: "panics", MaxAttempts: 2})
	d := enqueue(t, h, r, jobs.Order{Kind: "unheard of"})
	for range 4 {
		if _, err := r.RunDue(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.Clock.Forward(time.Minute)
	}
	want(t, r, a.ID, jobs.Succeeded)
	if j := want(t, r, b.ID, jobs.Failed); j.Problem != `{"code":"import-invalid","detail":"Row 3 is wrong."}` || j.Attempts != 1 {
		t.Errorf("the fault is not kept: %+v", j)
	}
	if j := want(t, r, c.ID, jobs.Failed); never != 2 || j.Attempts != 2 {
		t.Errorf("ran %d times, want 2", never)
	}
	want(t, r, d.ID, jobs.Failed)
}

// A job whose worker died is done by another once the lease ran out; what the
// first one still tries to write is undone (C13, F25).
func TestLostLeaseCannotWrite(t *testing.T) {
	h, first := house(t)
	second := jobs.New(h.DB, h.Clock.Now)
	begun, goOn := make(chan struct{}), make(chan struct{})
	var late error
	first.Handle("slow", func(ctx context.Context, run *jobs.Run) error {
		close(begun)
		<-goOn // stopped, while the lease runs out
		late = h.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return run.Step(ctx, tx, 9, 9, "too late") })
		return late
	})
	second.Handle("slow", func(ctx context.Context, run *jobs.Run) error { return run.Report(ctx, 1, 1, "done by the second") })
	j := enqueue(t, h, first, jobs.Order{Kind: "slow"})
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = first.RunDue(context.Background()) })
	<-begun
	if n, _ := second.RunDue(context.Background()); n != 0 {
		t.Errorf("a job was taken that another worker has")
	}
	h.Clock.Forward(2 * time.Minute)
	if n, err := second.RunDue(context.Background()); n != 1 || err != nil {
		t.Errorf("the job of a dead worker was not taken over: %d, %v", n, err)
	}
	close(goOn)
	wg.Wait()
	if end := want(t, second, j.ID, jobs.Succeeded); end.Message != "done by the second" || late == nil {
		t.Errorf("the late worker wrote %q (%v)", end.Message, late)
	}
}

// A register that shuts down gives its jobs back; they go on after the next start,
// and so do those of a process that was killed (F1, F9).
func TestJobGoesOnAfterRestart(t *testing.T) {
	h, first := house(t)
	begun := make(chan struct{})
	first.Handle("long", func(ctx context.Context, _ *jobs.Run) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	})
	ctx := context.Background()
	if err := first.Start(ctx); err != nil {
		t.Fatal(err)
	}
	j := enqueue(t, h, first, jobs.Order{Kind: "long"})
	<-begun
	if err := first.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if back := want(t, first, j.ID, jobs.Queued); back.Attempts != 0 || back.Lease != "" {
		t.Errorf("not given back: %+v", back)
	}
	second := jobs.New(h.DB, h.Clock.Now)
	second.Handle("long", func(context.Context, *jobs.Run) error { return nil })
	if err := second.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if end, err := second.Await(ctx, j.ID, 10*time.Second); err != nil || end.State != jobs.Succeeded {
		t.Errorf("want it to succeed after the restart, got %s, %v", end.State, err)
	}
	if err := second.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

// Several runners work a crowd of jobs off, each once.
func TestCrowdOfJobsIsDoneOnce(t *testing.T) {
	h, first := house(t)
	const crowd = 60
	var ran atomic.Int64
	runners := []*jobs.Runner{first, jobs.New(h.DB, h.Clock.Now)}
	for _, r := range runners {
		r.Handle("one", func(context.Context, *jobs.Run) error { ran.Add(1); return nil })
		r.Poll = 20 * time.Millisecond
		if err := r.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	ids := make([]string, crowd)
	for i := range ids {
		ids[i] = enqueue(t, h, first, jobs.Order{Kind: "one"}).ID
	}
	for _, id := range ids {
		if j, err := first.Await(context.Background(), id, 20*time.Second); err != nil || j.State != jobs.Succeeded {
			t.Fatalf("%s: %v", j.State, err)
		}
	}
	for _, r := range runners {
		if err := r.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if ran.Load() != crowd {
		t.Errorf("%d jobs were done %d times", crowd, ran.Load())
	}
}
