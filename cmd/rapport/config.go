package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"rapport/internal/ledger"
	"rapport/internal/secret"
	"rapport/internal/store"
)

// where says where the register is kept. Every setting is a flag and an
// environment variable of the same name; an empty one counts as not set.
type where struct {
	Data        string `help:"Folder of the register." env:"RAPPORT_DATA" default:"./data" placeholder:"DIR"`
	DatabaseURL string `help:"PostgreSQL URL; empty = SQLite in the data folder." env:"RAPPORT_DATABASE_URL" placeholder:"URL"`
	Secret      string `help:"The installation's secret, at least 32 bytes; empty = the file secret in the data folder. Required with PostgreSQL." env:"RAPPORT_SECRET" placeholder:"TEXT"`
	PublicURL   string `help:"What absolute URLs begin with; empty = URLs are paths." env:"RAPPORT_PUBLIC_URL" placeholder:"URL"`
}

// loadSecret finds the installation's secret.
func (w where) loadSecret() (secret.Secret, error) {
	switch {
	case w.Secret != "":
		return secret.Parse(w.Secret)
	case w.DatabaseURL != "":
		return secret.Secret{}, errors.New("RAPPORT_SECRET is required with RAPPORT_DATABASE_URL")
	}
	return secret.FromFile(filepath.Join(w.Data, "secret"))
}

// open opens the register's ledger. beside opens an SQLite register that a
// server may be serving.
func (w where) open(ctx context.Context, beside bool) (*ledger.Ledger, secret.Secret, error) {
	s, err := w.loadSecret()
	if err != nil {
		return nil, s, err
	}
	db, err := store.Open(ctx, store.Config{Dir: w.Data, URL: w.DatabaseURL, ChainKey: s.Key(secret.Chain), Now: clock, Beside: beside})
	if err != nil {
		return nil, s, err
	}
	l := ledger.New(db, clock, w.PublicURL+apiBase)
	if !beside {
		if err := l.Start(ctx); err != nil {
			return nil, s, errors.Join(err, db.Close())
		}
	}
	return l, s, nil
}

// loopback reports whether an address is reached from this machine only.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func stderrf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
