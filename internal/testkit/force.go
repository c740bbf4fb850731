package testkit

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// rawOnce is a connection of its own to the register's database, beside the
// store, until the test ends. Only what no caller can do goes through it.
func (h *House) rawOnce() *sql.DB {
	h.T.Helper()
	if h.raw != nil {
		return h.raw
	}
	driver, dsn := "sqlite3", "file:"+filepath.Join(h.config.Dir, "rapport.db")+"?_busy_timeout=5000&_journal_mode=WAL"
	if h.config.URL != "" {
		driver, dsn = "pgx", h.config.URL
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		h.T.Fatal(err)
	}
	h.raw = db
	h.T.Cleanup(func() { _ = db.Close() })
	return db
}

// Raw runs SQL past the store, with ? for values, and scans the one row that it
// answers, if dest is given.
func (h *House) Raw(query string, args []any, dest ...any) {
	h.T.Helper()
	db := h.rawOnce()
	if h.config.URL != "" {
		query = numbered(query)
	}
	var err error
	if len(dest) > 0 {
		err = db.QueryRow(query, args...).Scan(dest...)
	} else {
		_, err = db.Exec(query, args...)
	}
	if err != nil {
		h.T.Fatalf("%s: %v", query, err)
	}
}

func numbered(query string) string {
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteByte(byte('0' + n))
	}
	return b.String()
}

// Force puts a record into a state without asking anybody: the contract suites
// try every state, and no story leads a sample into all of them.
func (h *House) Force(n *register.Noun, id string, state flow.State) {
	h.T.Helper()
	h.Raw("UPDATE "+n.Table+" SET state = ? WHERE id = ?", []any{string(state), id})
}

// Record reads a record past all sight.
func (h *House) Record(n *register.Noun, id string) register.Record {
	h.T.Helper()
	row, err := h.DB.Look().Get(context.Background(), n, store.Name{ID: id}, nil)
	if err != nil {
		h.T.Fatalf("read %s %s: %v", n.Name, id, err)
	}
	rec, err := n.Load(row)
	if err != nil {
		h.T.Fatal(err)
	}
	return rec
}

// Look is what guards and raises may ask, for tests that reckon by themselves.
func (h *House) Look() flow.Look { return look{h} }

type look struct{ h *House }

func (l look) Now() time.Time { return l.h.Clock.Now() }

func (l look) Setting(ctx context.Context, key string) string { return l.h.Ledger.Setting(ctx, key) }

func (l look) Level(ctx context.Context, key string, otherwise authority.Level) authority.Level {
	return l.h.Ledger.Rules(ctx).Level(key, otherwise)
}

func (l look) Count(ctx context.Context, noun string, where flow.Where) (int64, error) {
	return l.h.DB.Look().Count(ctx, register.ByName(noun), where)
}

func (l look) Get(ctx context.Context, noun, id string) (any, error) {
	n := register.ByName(noun)
	if id == "" {
		return nil, store.ErrNone
	}
	row, err := l.h.DB.Look().Get(ctx, n, store.Name{ID: id}, nil)
	if err != nil {
		return nil, err
	}
	return n.Load(row)
}

func (l look) List(ctx context.Context, noun string, where flow.Where, limit int) ([]any, error) {
	n := register.ByName(noun)
	rows, err := l.h.DB.Look().Match(ctx, n, where, limit)
	return loaded(n, rows, err)
}

func (l look) Newest(ctx context.Context, noun string, where flow.Where, by string, limit int) ([]any, error) {
	n := register.ByName(noun)
	rows, err := l.h.DB.Look().Newest(ctx, n, where, by, limit)
	return loaded(n, rows, err)
}

func (l look) AnyOf(ctx context.Context, noun string, anyOf []flow.Where, by string, limit int) ([]string, error) {
	return l.h.DB.Look().AnyOf(ctx, register.ByName(noun), anyOf, by, limit)
}

func (l look) Earlier(ctx context.Context, noun string, anyOf []flow.Where, by string, place [2]string, limit int) (count int, last string, err error) {
	return l.h.DB.Look().Earlier(ctx, register.ByName(noun), anyOf, by, place, limit)
}

func loaded(n *register.Noun, rows []register.Row, err error) ([]any, error) {
	out := make([]any, 0, len(rows))
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, err
}
