package api_test

import (
	"context"
	"testing"
	"time"

	"rapport/internal/authority"
	"rapport/internal/jobs"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// orderedBy enqueues a job as a member of the cast.
func orderedBy(t *testing.T, h *testkit.House, handle, kind string) string {
	t.Helper()
	actor, err := h.Ledger.Identify(context.Background(), testkit.Key(handle), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	var j jobs.Job
	err = h.DB.Write(authority.With(context.Background(), actor), func(ctx context.Context, tx *store.Tx) (err error) {
		j, err = h.Jobs.Enqueue(ctx, tx, jobs.Order{Kind: kind, Total: 4, ResultURL: "/api/v1/stakeholders"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return j.ID
}

// A person sees and cancels the jobs that they asked for, and nobody else's;
// those who govern see all.
func TestJobsAreTheirOwners(t *testing.T) {
	h := testkit.Open(t)
	h.Jobs.Handle("report", func(ctx context.Context, run *jobs.Run) error { return run.Report(ctx, 1, 4, "Row 1") })
	mine, other := "/jobs/"+orderedBy(t, h, "l4", "report"), "/jobs/"+orderedBy(t, h, "l6", "report")
	l4 := h.As("l4")
	got := l4.Get(mine).Want(200)
	if got.Text("state") != "queued" || got.Text("url") != "/api/v1"+mine || got.Header.Get("Retry-After") != "1" || got.Text("progress.total") != "4" {
		t.Errorf("not as asked for: %s", got.Body)
	}
	l4.Get(other).Code(404, "not-found")
	l4.Post(other+"/cancel", nil).Code(404, "not-found")
	l4.Get("/jobs/nonsense").Code(404, "not-found")
	h.As("l7").Get(other).Want(200)
	h.As("admin").Get(other).Want(200)
	if n := l4.Get("/jobs").Want(200).Len("data"); n != 1 {
		t.Errorf("level 4 sees %d jobs, want 1", n)
	}
	page := h.As("l7").Get("/jobs?limit=1&state=queued").Want(200)
	next := h.As("l7").Get("/jobs?limit=1&state=queued&cursor=" + page.Text("page.next_cursor")).Want(200)
	if page.Text("data.0.url") != "/api/v1"+other || next.Text("data.0.url") != "/api/v1"+mine || next.Text("page.has_more") != "false" {
		t.Errorf("not page by page: %s %s", page.Body, next.Body)
	}
	l4.Get("/jobs?state=done").Code(400, "invalid-parameter").Fault("state", "not_in_enum")

	if state := l4.Post(mine+"/cancel", nil).Want(200).Text("state"); state != "cancelled" {
		t.Errorf("a job that waits is %s after it was cancelled", state)
	}
	l4.Post(mine+"/cancel", nil).Want(200)
	if n := h.RunJobs(); n != 1 {
		t.Errorf("%d jobs ran, want the one that was not cancelled", n)
	}
	done := h.As("l6").Get(other).Want(200)
	if done.Text("state") != "succeeded" || done.Text("progress.percent") != "100" || done.Value("problem") != nil {
		t.Errorf("not done: %s", done.Body)
	}
	h.As("l6").Post(other+"/cancel", nil).Code(409, "invalid-transition")
}

// Prefer: wait holds the answer until the job has ended; one that is cancelled
// while it is being done stops at once.
func TestJobIsWaitedForAndCancelled(t *testing.T) {
	h := testkit.Open(t)
	h.Jobs.Handle("quick", func(context.Context, *jobs.Run) error { return nil })
	h.Jobs.Handle("endless", func(ctx context.Context, _ *jobs.Run) error { <-ctx.Done(); return ctx.Err() })
	if err := h.Jobs.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Jobs.Stop(context.Background()) }()
	l4 := h.As("l4")
	waiting := l4.With("Prefer", "wait=10")
	got := waiting.Get("/jobs/" + orderedBy(t, h, "l4", "quick")).Want(200)
	if got.Text("state") != "succeeded" || got.Header.Get("Preference-Applied") != "wait=10" {
		t.Errorf("not waited for: %s", got.Body)
	}
	path := "/jobs/" + orderedBy(t, h, "l4", "endless")
	for l4.Get(path).Want(200).Text("state") == "queued" {
		time.Sleep(time.Millisecond)
	}
	l4.Post(path+"/cancel", nil).Want(200)
	if state := waiting.Get(path).Want(200).Text("state"); state != "cancelled" {
		t.Errorf("the job is %s after it was cancelled", state)
	}
}

// Who lost their access between asking and doing gets nothing done.
func TestJobOfARevokedKeyFails(t *testing.T) {
	h := testkit.Open(t)
	ran := false
	h.Jobs.Handle("report", func(context.Context, *jobs.Run) error { ran = true; return nil })
	path := "/jobs/" + orderedBy(t, h, "l4", "report")
	keys := h.As("admin").Get("/api-keys?user_id=" + h.People["l4"]).Want(200)
	h.As("admin").Move("/api-keys/"+keys.Text("data.0.id"), "revoke", nil).Want(200)
	h.RunJobs()
	if got := h.As("l7").Get(path).Want(200); ran || got.Text("state") != "failed" || got.Text("problem.code") != "key-revoked" {
		t.Errorf("it ran for a key that was revoked: %s", got.Body)
	}
}
