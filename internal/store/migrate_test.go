package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/internal/store"
	"rapport/internal/testkit"
)

func folder(t *testing.T) store.Config {
	return store.Config{Dir: t.TempDir(), ChainKey: []byte("a key of tests"), Now: time.Now}
}

// A newer schema is refused in one line that says what to do.
func TestAnOlderProgramRefusesANewerSchema(t *testing.T) {
	h := testkit.Open(t)
	write(t, h, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (299901010000, "+truth(h)+")")
	config := h.Config()
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(context.Background(), config)
	if err == nil || !strings.Contains(err.Error(), "use the newer rapport") || strings.Contains(err.Error(), "\n") {
		t.Errorf("answered with %v", err)
	}
}

func truth(h *testkit.House) string {
	if h.DB.Dialect() == "postgres" {
		return "TRUE"
	}
	return "1"
}

const (
	firstStep  = "-- +goose Up\nCREATE TABLE first (line TEXT);\nINSERT INTO first VALUES ('of the first');\n"
	secondStep = "-- +goose Up\nCREATE TABLE second (line TEXT);\n"
	brokenStep = "-- +goose Up\nCREATE TABLE third (line TEXT);\nINSERT INTO first VALUES ('of the third');\nINSERT INTO nowhere VALUES (1);\n"
)

// A step that fails leaves nothing of itself, and the next start goes on from
// there. What was in the file before lies beside it.
func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	ctx, config := context.Background(), folder(t)
	store.Schema(t, map[string]string{"202601010000_first.sql": firstStep})
	db, err := store.OpenBare(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(config.Dir, "rapport.db.before-202601010000")
	if _, err := os.Stat(copied); err == nil {
		t.Error("an empty database was copied")
	}

	store.Schema(t, map[string]string{"202601010000_first.sql": firstStep, "202601020000_second.sql": secondStep, "202601030000_third.sql": brokenStep})
	if _, err := store.OpenBare(ctx, config); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Fatalf("the broken step was answered with %v", err)
	}
	store.Schema(t, map[string]string{"202601010000_first.sql": firstStep, "202601020000_second.sql": secondStep})
	if db, err = store.OpenBare(ctx, config); err != nil {
		t.Fatal(err)
	}
	if n := db.Number(t, "SELECT count(*) FROM first"); n != 1 {
		t.Errorf("half of the broken step is there: %d lines", n)
	}
	if v, err := db.SchemaVersion(ctx); err != nil || v != 202601020000 {
		t.Errorf("at version %d, %v", v, err)
	}
	if n := db.Number(t, "SELECT count(*) FROM sqlite_master WHERE name = 'third'"); n != 0 {
		t.Error("the broken step's table is there")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(copied); err != nil || info.Size() == 0 {
		t.Errorf("no copy of what was before: %v", err)
	}
}

// The plan lists what is pending and changes nothing.
func TestThePlanChangesNothing(t *testing.T) {
	ctx, config := context.Background(), folder(t)
	store.Schema(t, map[string]string{"202601010000_first.sql": firstStep})
	db, err := store.OpenBare(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(config.Dir, "rapport.db"))
	if err != nil {
		t.Fatal(err)
	}
	store.Schema(t, map[string]string{"202601010000_first.sql": firstStep, "202601020000_second.sql": secondStep})
	config.Beside, config.Plan = true, true
	if db, err = store.Open(ctx, config); err != nil {
		t.Fatal(err)
	}
	pending, err := db.Pending(ctx)
	if err != nil || len(pending) != 1 || pending[0] != "202601020000_second.sql" {
		t.Errorf("pending %v, %v", pending, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(config.Dir, "rapport.db"))
	if err != nil || string(before) != string(after) {
		t.Error("the file is another")
	}
}

// Of several starts at once on one folder one serves and the others say so; on
// PostgreSQL all serve, and the steps were applied once.
func TestConcurrentStartsMigrateOnce(t *testing.T) {
	h := testkit.Open(t)
	config := store.Config{Dir: t.TempDir(), ChainKey: h.Config().ChainKey, Now: time.Now}
	if h.DB.Dialect() == "postgres" {
		config.URL = testkit.EmptyPostgres(t)
	}
	var mu sync.Mutex
	var open []*store.DB
	var starts sync.WaitGroup
	for range 4 {
		starts.Go(func() {
			db, err := store.Open(context.Background(), config)
			if err != nil {
				if config.URL != "" || !strings.Contains(err.Error(), "another rapport already serves") {
					t.Error(err)
				}
				return
			}
			mu.Lock()
			open = append(open, db)
			mu.Unlock()
		})
	}
	starts.Wait()
	if want := map[bool]int{true: 4, false: 1}[config.URL != ""]; len(open) != want {
		t.Errorf("%d of 4 serve, want %d", len(open), want)
	}
	for _, db := range open {
		if n := db.Number(t, "SELECT count(*) - count(DISTINCT version_id) FROM goose_db_version"); n != 0 {
			t.Errorf("%d steps were applied twice", n)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
