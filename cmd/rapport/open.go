package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"rapport/internal/ledger"
	"rapport/internal/secret"
	"rapport/internal/store"
)

// findSecret finds the installation's secret. Only the server and who prepares
// the register make a missing one: any other command looks at what is there.
func (c *config) findSecret(mayMake bool) (secret.Secret, error) {
	path := filepath.Join(c.Data, "secret")
	switch {
	case c.Secret != "":
		return secret.Parse(c.Secret)
	case mayMake:
		return secret.FromFile(path)
	}
	return secret.ReadFile(path)
}

// present refuses to look for something in a folder that holds no register,
// rather than make one in a wrong place.
func (c *config) present() error {
	if c.absent() {
		return fmt.Errorf("there is no register in %s (RAPPORT_DATA) yet: rapport serve makes one at its first start", c.Data)
	}
	return nil
}

func (c *config) store(s secret.Secret) store.Config {
	return store.Config{Dir: c.Data, URL: c.DatabaseURL, ChainKey: s.Key(secret.Chain), Now: clock, Log: slog.Default()}
}

// open opens the register for this process alone, as its server does.
func (c *config) open(ctx context.Context) (*ledger.Ledger, secret.Secret, error) {
	s, err := c.findSecret(true)
	if err != nil {
		return nil, s, err
	}
	db, err := store.Open(ctx, c.store(s))
	if err != nil {
		return nil, s, err
	}
	l := ledger.New(db, clock, c.PublicURL+apiBase)
	if err := l.Start(ctx); err != nil {
		return nil, s, errors.Join(err, db.Close())
	}
	return l, s, nil
}

// beside opens a register that a server may be serving, for one short piece of
// work, and closes it again.
func (c *config) beside(work func(ctx context.Context, l *ledger.Ledger) error) (err error) {
	slog.SetDefault(c.logger(slog.LevelWarn))
	if err := c.present(); err != nil {
		return err
	}
	s, err := c.findSecret(false)
	if err != nil {
		return err
	}
	ctx := context.Background()
	sc := c.store(s)
	sc.Beside = true
	db, err := store.Open(ctx, sc)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return work(ctx, ledger.New(db, clock, c.PublicURL+apiBase))
}
