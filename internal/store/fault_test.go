package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/internal/fault"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

func onSQLite(t *testing.T) *testkit.House {
	t.Helper()
	h := testkit.Open(t)
	if h.DB.Dialect() != "sqlite" {
		t.Skip("about SQLite's files")
	}
	return h
}

// Every connection, not only the first, is as durable as was asked for.
func TestEveryConnectionIsDurable(t *testing.T) {
	h := onSQLite(t)
	if err := h.DB.CheckedConnections(context.Background(), h.DB.Stats().MaxOpenConnections); err != nil {
		t.Error(err)
	}
}

// exclusive holds the database as another process does, until let go.
func exclusive(t *testing.T, h *testkit.House) (letGo func()) {
	t.Helper()
	other, err := sql.Open("sqlite3", filepath.Join(h.Config().Dir, "rapport.db"))
	if err != nil {
		t.Fatal(err)
	}
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := other.Exec("ROLLBACK"); err != nil {
			t.Error(err)
		}
		_ = other.Close()
	}
}

// While somebody else writes for a second, changes wait and are made; reading
// goes on.
func TestChangesWaitForSomebodyElse(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	h.Quick = true
	letGo := exclusive(t, h)
	time.AfterFunc(time.Second, letGo)
	began := time.Now()
	var asking sync.WaitGroup
	for _, name := range []string{"Harbour Board", "Riverside Residents", "Night Shift Union"} {
		asking.Go(func() { h.As("l4").Post("/stakeholders", map[string]any{"name": name, "kind": "group"}).Want(201) })
	}
	h.As("l4").Get("/stakeholders").Want(200)
	if took := time.Since(began); took > 800*time.Millisecond {
		t.Errorf("reading waited %v", took)
	}
	asking.Wait()
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("written after %v, while somebody else held the database", took)
	}
}

// While somebody else holds the database for longer, every change is answered as
// busy within six seconds, those too that queued behind.
func TestChangesThatWaitTooLongAreTurnedAway(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	h.Quick = true
	letGo := exclusive(t, h)
	began := time.Now()
	var asking sync.WaitGroup
	for _, name := range []string{"Harbour Board", "Riverside Residents", "Night Shift Union", "Fishers"} {
		asking.Go(func() {
			r := h.As("l4").Post("/stakeholders", map[string]any{"name": name, "kind": "group"}).Code(503, "busy")
			if took := time.Since(began); took > 6*time.Second || r.Header.Get("Retry-After") == "" {
				t.Errorf("busy after %v, Retry-After %q", took, r.Header.Get("Retry-After"))
			}
		})
	}
	asking.Wait()
	letGo()
	h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"group"}`).Want(201)
}

// A damaged database answers its first touch with an error and takes no change
// after that; it is not ready until it was looked after.
func TestADamagedDatabaseStopsWriting(t *testing.T) {
	h := onSQLite(t)
	h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	page := h.DB.Number(t, "SELECT rootpage FROM sqlite_master WHERE name = 'stakeholders'")
	config := h.Config()
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, filepath.Join(config.Dir, "rapport.db"), (page-1)*4096)

	again := testkit.OpenWith(t, config)
	again.Quick = true
	again.As("l4").Get("/users").Want(200) // what is not damaged is read
	again.As("l4").Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Code(503, "dependency-unavailable")
	again.As("admin").Post("/users", `{"name":"Ana Pop","handle":"ana"}`).Code(503, "dependency-unavailable")
	again.As("").Get("/readyz").Want(503)
	if err := again.DB.QuickCheck(context.Background()); err == nil {
		t.Error("quick_check finds nothing")
	}
	if err := again.DB.Close(); err != nil {
		t.Error(err)
	}
	third := testkit.OpenWith(t, config)
	if !third.DB.Unclean() {
		t.Error("the next start does not know that it must check")
	}
}

func damage(t *testing.T, path string, offset int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte(strings.Repeat("\xff", 32)), offset)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// A file that goes away under the running register ends readiness and writing,
// before anything is written into nowhere.
func TestAFileThatGoesAway(t *testing.T) {
	for _, name := range []string{"rapport.db", "rapport.db-wal"} {
		t.Run(name, func(t *testing.T) {
			h := onSQLite(t)
			h.Quick = true
			h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
			path := filepath.Join(h.Config().Dir, name)
			if err := os.Rename(path, path+".away"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(120 * time.Millisecond)
			h.As("").Get("/readyz").Want(503)
			h.As("l4").Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Code(503, "dependency-unavailable")
			h.As("l4").Get("/stakeholders").Want(200)
		})
	}
}

// A second server on the same folder says why it does not start; a command beside
// is let in. An orderly stop leaves no mark, any other does.
func TestOneServerForAFolder(t *testing.T) {
	h := onSQLite(t)
	_, err := store.Open(context.Background(), h.Config())
	if err == nil || !strings.Contains(err.Error(), "another rapport already serves") {
		t.Errorf("the second was answered with %v", err)
	}
	h.Beside()
	h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	if h.DB.Unclean() {
		t.Error("the first start thinks that there was one before")
	}
	config := h.Config()
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if testkit.OpenWith(t, config).DB.Unclean() {
		t.Error("an orderly stop left a mark")
	}
}

// What is asked of a register that was closed is refused, not lost.
func TestAClosedRegisterRefuses(t *testing.T) {
	h := onSQLite(t)
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	err := h.DB.Write(context.Background(), func(context.Context, *store.Tx) error { return nil })
	if !fault.Is(err, fault.Maintenance) {
		t.Errorf("answered with %v", err)
	}
}
