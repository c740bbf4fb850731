// Package testkit opens a whole register for a test: a fresh database of its
// own, the real server, and a client for a person of each level. It checks after
// every request what holds for all of them: a refused one changes nothing, an
// accepted one leaves one entry for each record that it changed.
package testkit

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"rapport/api"
	"rapport/internal/authority"
	"rapport/internal/imports"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/secret"
	"rapport/internal/store"
)

// init keeps the log of tests to what matters, and spends memory to save time: tests
// make much that is thrown away at once, and to look for it often is a fifth of them.
func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(2 << 30)
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// House is a register under test.
type House struct {
	T       testing.TB
	DB      *store.DB
	Ledger  *ledger.Ledger
	Handler http.Handler
	Jobs    *jobs.Runner // does nothing by itself: see RunJobs
	Clock   *Clock
	People  map[string]string // handle → user id
	Quick   bool              // spares the check of all tables; for tests of many requests

	config   store.Config
	imports  *imports.Desk
	raw      *sql.DB
	contract bool // no story: bears no witness
	made     int  // samples, so that no two are alike where they must not be
}

// Clock is a clock that stands still until a test moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time on the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward moves the clock.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
}

// Secret is the secret of all registers under test.
const Secret = "a secret of tests, 0123456789abcdef"

// Start is the time at which every test begins: a Sunday morning.
var Start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// cast are the people of every test, by handle, with their levels and roles.
var cast = []struct {
	handle string
	level  int
	roles  []string
	scopes []string
}{
	{"l4", 4, nil, []string{"manager"}},
	{"l4b", 4, nil, []string{"manager"}},
	{"l5", 5, nil, []string{"manager"}},
	{"l5b", 5, nil, []string{"manager"}},
	{"l6", 6, nil, []string{"manager"}},
	{"l6b", 6, nil, []string{"manager"}},
	{"l7", 7, nil, []string{"manager", "admin"}},
	{"l7b", 7, nil, []string{"manager", "admin"}},
	{"none", 0, nil, []string{"manager"}},
	{"admin", 0, []string{authority.Admin}, []string{"manager", "admin"}},
	{"dpo", 6, []string{authority.DataProtection}, []string{"manager", "privacy_officer"}},
}

// Handles are the handles of the cast, and "service" for a machine.
func Handles() []string {
	handles := []string{"service"}
	for _, p := range cast {
		handles = append(handles, p.handle)
	}
	return handles
}

// Level is the level of a member of the cast.
func Level(handle string) authority.Level {
	for _, p := range cast {
		if p.handle == handle {
			return authority.Level(p.level)
		}
	}
	return authority.None
}

// Open opens a fresh register with the cast in it. It is closed at the test's end.
func Open(t testing.TB) *House {
	t.Helper()
	clock := &Clock{now: Start}
	return openWith(t, clock, fresh(t, clock))
}

// OpenWith opens the register of a house that was closed once more.
func OpenWith(t testing.TB, config store.Config) *House {
	t.Helper()
	clock := &Clock{now: config.Now()}
	config.Now = clock.Now
	return openWith(t, clock, config)
}

func openWith(t testing.TB, clock *Clock, config store.Config) *House {
	t.Helper()
	config.Asked = note
	db, err := store.Open(context.Background(), config)
	if err != nil {
		t.Fatalf("open the register: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the register: %v", err)
		}
	})
	h := &House{T: t, DB: db, Ledger: ledger.New(db, clock.Now, api.Base), Clock: clock, People: map[string]string{}, config: config}
	t.Cleanup(h.attestRows)
	t.Cleanup(h.attestEvents)
	if err := h.Ledger.Start(context.Background()); err != nil {
		t.Fatalf("start the ledger: %v", err)
	}
	h.openJobs()
	h.Configure(nil)
	h.readCast()
	return h
}

// Configure serves the register anew, configured otherwise than tests are as a rule.
func (h *House) Configure(other func(*api.Config)) {
	c := api.Config{CursorKey: sub(secret.Cursors), Build: api.Build{Version: "test"}, Jobs: h.Jobs, Imports: h.imports, Heartbeat: 50 * time.Millisecond}
	if other != nil {
		other(&c)
	}
	h.Handler = api.New(h.Ledger, c)
}

func sub(p secret.Purpose) []byte {
	s, err := secret.Parse(Secret)
	if err != nil {
		panic(err)
	}
	return s.Key(p)
}

// Key is the API key of a member of the cast.
func Key(handle string) string { return "rapport_test_" + handle }

// enterCast enters the people of every test with their keys.
func enterCast(ctx context.Context, l *ledger.Ledger) error {
	ctx = authority.With(ctx, authority.Register())
	key := func(handle, user string, scopes []string) error {
		_, err := l.Create(ctx, register.APIKeys, nil, ledger.Asked{Prime: func(rec register.Record) {
			k := rec.(*register.APIKey)
			k.Name, k.UserID, k.Prefix, k.Hash, k.Scopes = "key of "+handle, user, "rapport_"+handle, ledger.HashKey(Key(handle)), scopes
		}})
		return err
	}
	for _, p := range cast {
		a, err := l.Create(ctx, register.Users, nil, ledger.Asked{Prime: func(rec register.Record) {
			u := rec.(*register.User)
			u.Name, u.Handle, u.Roles = "Person "+p.handle, p.handle, p.roles
			if p.level > 0 {
				u.RlmtLevel = &p.level
			}
		}})
		if err != nil {
			return err
		}
		if err := key(p.handle, a.ID, p.scopes); err != nil {
			return err
		}
	}
	return key("service", "", []string{"integration"})
}

func (h *House) readCast() {
	rows, err := h.DB.Look().Match(context.Background(), register.Users, nil, 1000)
	if err != nil {
		h.T.Fatal(err)
	}
	for _, row := range rows {
		rec, err := register.Users.Load(row)
		if err != nil {
			h.T.Fatal(err)
		}
		u := rec.(*register.User)
		h.People[u.Handle] = u.ID
	}
}

// fresh is the configuration of a database that nobody else uses: a copy of one
// that was migrated, and filled with the cast, once for all tests of a process.
func fresh(t testing.TB, clock *Clock) store.Config {
	t.Helper()
	if base := os.Getenv("RAPPORT_TEST_POSTGRES"); base != "" {
		return freshPostgres(t, base, clock)
	}
	dir := t.TempDir()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make the template: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rapport.db"), template, 0o600); err != nil {
		t.Fatal(err)
	}
	return store.Config{Dir: dir, ChainKey: sub(secret.Chain), Now: clock.Now}
}

// sqliteTemplate is the file of a register with the cast in it.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "rapport-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := fill(store.Config{Dir: dir}); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "rapport.db"))
})

// fill migrates a database and enters the cast.
func fill(config store.Config) error {
	clock := &Clock{now: Start.Add(-time.Hour)}
	config.ChainKey, config.Now = sub(secret.Chain), clock.Now
	db, err := store.Open(context.Background(), config)
	if err != nil {
		return err
	}
	l := ledger.New(db, clock.Now, api.Base)
	if err := l.Start(context.Background()); err != nil {
		return err
	}
	if err := enterCast(context.Background(), l); err != nil {
		return err
	}
	return db.Close() // closing checkpoints the journal into the file
}
