package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/seeds"
)

type migrate struct {
	Plan bool `help:"List what would be applied, and change nothing; works beside a running server."`
}

// Run brings the tables up to date, or says what that would take.
func (m *migrate) Run(c *config, o out) error {
	ctx := context.Background()
	if m.Plan {
		pending, err := c.pending(ctx)
		for _, name := range pending {
			o.printf("pending %s", name)
		}
		if err == nil && len(pending) == 0 {
			o.printf("nothing to do")
		}
		return err
	}
	l, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	version, err := l.DB.SchemaVersion(ctx)
	if err = errors.Join(err, l.DB.Close()); err == nil {
		o.printf("the schema is at version %d", version)
	}
	return err
}

// databaseFile is where an SQLite register lies.
func (c *config) databaseFile() string { return filepath.Join(c.Data, "rapport.db") }

// absent reports that there is no SQLite register yet.
func (c *config) absent() bool {
	_, err := os.Stat(c.databaseFile())
	return c.DatabaseURL == "" && errors.Is(err, fs.ErrNotExist)
}

// pending lists the migrations that are not applied.
func (c *config) pending(ctx context.Context) ([]string, error) {
	if c.absent() {
		return store.Migrations("sqlite")
	}
	db, err := store.Open(ctx, store.Config{Dir: c.Data, URL: c.DatabaseURL, Now: clock, Beside: true, Plan: true})
	if err != nil {
		return nil, err
	}
	pending, err := db.Pending(ctx)
	return pending, errors.Join(err, db.Close())
}

type seed struct{}

// Run loads the demonstration's data into an empty register. The keys that
// everybody knows are revoked at once: they belong to serve --demo alone.
func (seed) Run(c *config, o out) (err error) {
	ctx := asRegister(context.Background())
	l, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.DB.Close()) }()
	people, err := l.DB.Look().Count(ctx, register.Users, nil)
	if err != nil {
		return err
	}
	if people > 0 {
		return errors.New("the register is not empty: seed loads into an empty one only")
	}
	if err := seeds.Load(ctx, l); err != nil {
		return err
	}
	if err := revokeDemoKeys(ctx, l); err != nil {
		return err
	}
	o.printf("loaded the demonstration's data; a key for one of its people: rapport keys create --user dagny --scope manager")
	return nil
}

func revokeDemoKeys(ctx context.Context, l *ledger.Ledger) error {
	var ids []string
	if err := each(ctx, l, register.APIKeys, func(rec register.Record) {
		if rec.Meta().State == "active" {
			ids = append(ids, rec.Meta().ID)
		}
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := l.Transition(ctx, register.APIKeys, id, ledger.Move{Name: "revoke"}, ledger.Asked{}); err != nil {
			return err
		}
	}
	return nil
}
