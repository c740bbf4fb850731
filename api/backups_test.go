package api_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/api"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// A copy is made when one is due, the oldest go when there are enough, and what
// else lies in the folder stays.
func TestBackupsAreMadeAndPruned(t *testing.T) {
	if os.Getenv("RAPPORT_TEST_POSTGRES") != "" {
		t.Skip("PostgreSQL has its own tools")
	}
	h, dir := testkit.Open(t), filepath.Join(t.TempDir(), "back[ups]")
	b := store.NewBackups(h.DB, dir, 24*time.Hour, 3)
	h.Configure(func(c *api.Config) { c.Backups = b })
	list := func() *testkit.Reply { return h.As("admin").Get("/backups").Want(200) }
	if list().Len("data") != 0 {
		t.Error("there are backups of nothing")
	}
	b.Tick(context.Background())
	if got := list(); got.Len("data") != 1 || got.Text("data.0.file") != "rapport-20261122T090000Z.db" || got.Text("keep") != "3" || got.Text("every_seconds") != "86400" {
		t.Errorf("the first is %s", got.Body)
	}
	for _, stranger := range []string{"rapport-mine.db", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, stranger), []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	half := filepath.Join(dir, "rapport-20261122T080000Z.db.part")
	if err := os.WriteFile(half, []byte("broken off"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.Clock.Forward(24*time.Hour - time.Minute)
	b.Tick(context.Background())
	if list().Len("data") != 1 {
		t.Error("a copy was made before its time")
	}
	h.Clock.Forward(time.Minute)
	for range 5 {
		h.As("l4").Post("/stakeholders?allow_duplicate=true", map[string]any{"name": "Riverside Residents " + h.Clock.Now().Format("0201"), "kind": "group"}).Want(201)
		b.Tick(context.Background())
		h.Clock.Forward(24 * time.Hour)
	}
	got := list()
	if got.Len("data") != 3 || got.Text("data.0.file") != "rapport-20261127T090000Z.db" || got.Text("data.2.file") != "rapport-20261125T090000Z.db" {
		t.Errorf("kept are %s", got.Body)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("a copy that was broken off is there still")
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "back*", "*"))
	if len(left) != 3*2+2 {
		t.Errorf("in the folder are %v", left)
	}
	if m, err := store.Inspect(context.Background(), filepath.Join(dir, "rapport-20261127T090000Z.db"), h.ChainKey()); err != nil || m.Entries == 0 {
		t.Errorf("the last is not sound: %v", err)
	}
	h.As("l4").Get("/backups").Code(403, "insufficient-level")
	h.As("service").Get("/backups").Want(403)
}

// A backup that fails is seen: in the list, at /readyz and in the figures; the
// register goes on, and it is tried again.
func TestAFailedBackupIsSeen(t *testing.T) {
	if os.Getenv("RAPPORT_TEST_POSTGRES") != "" {
		t.Skip("PostgreSQL has its own tools")
	}
	h, dir := testkit.Open(t), filepath.Join(t.TempDir(), "backups")
	if err := os.WriteFile(dir, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := store.NewBackups(h.DB, dir, time.Hour, 3)
	h.Configure(func(c *api.Config) { c.Backups = b })
	b.Tick(context.Background())
	if got := h.As("").Get("/readyz").Want(200); got.Text("checks.backup") != "failed: see the log" || got.Text("status") != "ready" {
		t.Errorf("readiness is %s", got.Body)
	}
	if got := h.As("admin").Get("/backups").Want(200); got.Text("failures") != "1" || got.Text("failing") != "true" {
		t.Errorf("the list is %s", got.Body)
	}
	if got := string(h.As("l7").Get("/metrics").Want(200).Body); !strings.Contains(got, "rapport_backup_failures_total 1") {
		t.Error("the failure is not counted")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	b.Tick(context.Background())
	if got := h.As("admin").Get("/backups").Want(200); got.Len("data") != 0 {
		t.Errorf("it was tried again at once: %s", got.Body)
	}
	h.Clock.Forward(10 * time.Minute)
	b.Tick(context.Background())
	if got := h.As("admin").Get("/backups").Want(200); got.Len("data") != 1 || got.Text("failing") != "false" {
		t.Errorf("it was not tried again: %s", got.Body)
	}
	if got := h.As("").Get("/readyz").Want(200); got.Text("checks.backup") != "ok" {
		t.Errorf("readiness is %s", got.Body)
	}
}

// An admin has a copy made before something large; nobody else does.
func TestABackupIsMadeWhenAsked(t *testing.T) {
	h := testkit.Open(t)
	h.As("admin").Post("/backups", nil).Want(404) // with PostgreSQL there is no folder of them
	if os.Getenv("RAPPORT_TEST_POSTGRES") != "" {
		return
	}
	b := store.NewBackups(h.DB, filepath.Join(t.TempDir(), "backups"), 0, 2)
	h.Configure(func(c *api.Config) { c.Backups = b })
	h.As("l6").Post("/backups", nil).Code(403, "insufficient-level")
	h.As("admin").Post("/backups", `{"to":"/elsewhere"}`).Code(422, "validation-failed")
	asked := h.As("admin").Post("/backups", nil).Want(202)
	if h.RunJobs() != 1 {
		t.Fatal("there is nothing to do")
	}
	if got := h.As("admin").Get("/jobs/" + asked.ID()).Want(200); got.Text("state") != "succeeded" || got.Text("result_url") != "/api/v1/backups" {
		t.Errorf("the job is %s", got.Body)
	}
	if got := h.As("admin").Get("/backups").Want(200); got.Len("data") != 1 || got.Text("every_seconds") != "0" {
		t.Errorf("the list is %s", got.Body)
	}
}
