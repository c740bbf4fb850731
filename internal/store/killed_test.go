package store_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/internal/store"
	"rapport/internal/testkit"
)

// migrateThere names what a child of a test is to migrate: a folder, and behind a
// line's end perhaps a URL. migrateUntil is where it stops, as an older program does.
const migrateThere, migrateUntil = "RAPPORT_TEST_MIGRATE", 202611220914

// TestMigrateAsAProgram migrates in a process of its own, which can be killed.
func TestMigrateAsAProgram(t *testing.T) {
	dir, url, asked := strings.Cut(os.Getenv(migrateThere), "\n")
	if !asked {
		t.Skip("it is asked for by other tests")
	}
	db, err := store.OpenBare(context.Background(), store.Config{Dir: dir, URL: url, ChainKey: []byte("a key of tests"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// migrates starts that process.
func migrates(t *testing.T, c store.Config) *exec.Cmd {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMigrateAsAProgram$")
	child.Env = append(os.Environ(), migrateThere+"="+c.Dir+"\n"+c.URL)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child
}

// older makes a database as an older program left it, with a person in it.
func older(t *testing.T, c store.Config) {
	t.Helper()
	db, err := store.OpenUntil(t.Context(), c, migrateUntil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.ExecBare(t.Context(), "INSERT INTO idempotency (key, fingerprint, status, created_at) VALUES ('kept', 'by an older program', 200, '2026-11-22T09:00:00.000Z')"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// schemaOf tells a database's tables, columns and indexes, and which migrations it has.
func schemaOf(t *testing.T, db *store.DB) []string {
	t.Helper()
	queries := []string{"SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"}
	if db.Dialect() == "postgres" {
		queries = []string{
			"SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'",
			"SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
			"SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
		}
	}
	var all []string
	for _, q := range append(queries, "SELECT 'migration ' || CAST(version_id AS TEXT) FROM goose_db_version") {
		all = append(all, db.Texts(t, q)...)
	}
	slices.Sort(all)
	return all
}

// reopens migrates what a killed process left, and holds it against a fresh one.
func reopens(t *testing.T, c store.Config, fresh []string) {
	t.Helper()
	db, err := store.OpenBare(t.Context(), c)
	if err != nil {
		t.Fatalf("the next start: %v", err)
	}
	defer func() { _ = db.Close() }()
	if got := schemaOf(t, db); !slices.Equal(got, fresh) {
		t.Errorf("the schema is another than a fresh one:\n%s", strings.Join(difference(got, fresh), "\n"))
	}
	if kept := db.Texts(t, "SELECT fingerprint FROM idempotency"); len(kept) != 1 || kept[0] != "by an older program" {
		t.Errorf("of what was there %q is left", kept)
	}
	if err := db.QuickCheck(t.Context()); err != nil {
		t.Error(err)
	}
}

func difference(a, b []string) (lines []string) {
	for _, line := range a {
		if !slices.Contains(b, line) {
			lines = append(lines, "+ "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			lines = append(lines, "- "+line)
		}
	}
	return lines
}

// A migration that is killed at any time is finished by the next start: the schema
// is that of a fresh register, what was there is there, and the copy from before is
// sound if it is there at all.
func TestAKilledMigrationIsFinished(t *testing.T) {
	if testing.Short() {
		t.Skip("it kills for seconds")
	}
	onPostgres := os.Getenv("RAPPORT_TEST_POSTGRES") != ""
	config := func() store.Config {
		c := folder(t)
		if onPostgres {
			c.URL = testkit.EmptyPostgres(t)
		}
		return c
	}
	whole := config()
	older(t, whole)
	pending := left(t, whole)
	began := time.Now()
	if err := migrates(t, whole).Wait(); err != nil {
		t.Fatalf("unhindered: %v", err)
	}
	took := time.Since(began)
	fresh := config()
	db, err := store.OpenBare(t.Context(), fresh)
	if err != nil {
		t.Fatal(err)
	}
	want := schemaOf(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	reopens(t, whole, want)

	points := 24
	if onPostgres {
		points = 6 // each waits for the lock of the one that was killed
	}
	midway := 0
	for i := range points {
		c := config()
		older(t, c)
		child := migrates(t, c)
		if i%2 == 0 || onPostgres {
			time.Sleep(took * time.Duration(i+1) / time.Duration(points+1))
		} else {
			grows(c, i, 2*took) // in the midst of writing a step down
		}
		_ = child.Process.Kill()
		_ = child.Wait()
		if n := left(t, c); n > 0 && n < pending {
			midway++
		}
		t.Run(fmt.Sprintf("after %d of %d parts", i+1, points+1), func(t *testing.T) { reopens(t, c, want) })
		soundCopy(t, c)
	}
	t.Logf("%d of %d were killed midway", midway, points)
}

// grows waits until the journal was seen to grow so many times, or for long enough.
func grows(c store.Config, times int, atMost time.Duration) {
	size := int64(0)
	for end := time.Now().Add(atMost); times > 0 && time.Now().Before(end); time.Sleep(50 * time.Microsecond) {
		if info, err := os.Stat(filepath.Join(c.Dir, "rapport.db-wal")); err == nil && info.Size() > size {
			size, times = info.Size(), times-1
		}
	}
}

// left is how many migrations are pending.
func left(t *testing.T, c store.Config) int {
	t.Helper()
	c.Beside, c.Plan = true, true
	db, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("look at what is left: %v", err)
	}
	defer func() { _ = db.Close() }()
	pending, err := db.Pending(t.Context())
	if err != nil {
		t.Error(err)
	}
	return len(pending)
}

// soundCopy checks the copy that was made before the tables changed.
func soundCopy(t *testing.T, c store.Config) {
	t.Helper()
	if c.URL != "" {
		return
	}
	dir := t.TempDir()
	raw, err := os.ReadFile(filepath.Join(c.Dir, fmt.Sprintf("rapport.db.before-%d", migrateUntil)))
	if err != nil { // every next start had steps to apply, or the killed one had applied all
		t.Errorf("no copy of what was before: %v", err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, "rapport.db"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenUntil(t.Context(), store.Config{Dir: dir, ChainKey: c.ChainKey, Now: c.Now}, migrateUntil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if kept := db.Texts(t, "SELECT fingerprint FROM idempotency"); len(kept) != 1 {
		t.Errorf("the copy holds %q", kept)
	}
}
