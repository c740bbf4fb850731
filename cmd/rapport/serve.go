package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"rapport/api"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/secret"
)

// clock is the one clock of the program.
var clock = time.Now

const apiBase = api.Base

type serve struct {
	where
	Listen         string   `help:"Address to listen on." env:"RAPPORT_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	CORSOrigins    []string `help:"Origins whose scripts may ask, comma separated." name:"cors-origins" env:"RAPPORT_CORS_ORIGINS" placeholder:"ORIGIN"`
	RequireIfMatch bool     `help:"Refuse changes without If-Match." env:"RAPPORT_REQUIRE_IF_MATCH"`
	Demo           bool     `help:"Serve demonstration data with known keys, on loopback only."`
	Reset          bool     `help:"With --demo: begin the demonstration anew."`
}

// Time limits against clients that are slow or gone.
const (
	headerTime = 10 * time.Second
	bodyTime   = 30 * time.Second
	idleTime   = 60 * time.Second
	drainTime  = 18 * time.Second
	maxHeader  = 32 << 10
)

// Run serves until it is told to stop.
func (s *serve) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if s.Listen == "" {
		s.Listen = "127.0.0.1:8080"
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	if err := s.prepareDemo(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s (RAPPORT_LISTEN): %w", s.Listen, err)
	}
	l, sec, err := s.open(ctx, false)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { _ = l.DB.Close() }()
	if s.Demo {
		if err := loadDemo(ctx, l); err != nil {
			return err
		}
	}
	l.RequireIfMatch = s.RequireIfMatch
	s.welcome(listener)
	return s.serve(ctx, listener, l, sec)
}

// prepareDemo gives the demonstration a folder of its own.
func (s *serve) prepareDemo() error {
	if !s.Demo {
		if s.Reset {
			return errors.New("--reset goes with --demo")
		}
		return nil
	}
	if !loopback(s.Listen) {
		return fmt.Errorf("--demo has keys that everybody knows and serves on loopback only; RAPPORT_LISTEN is %s", s.Listen)
	}
	s.DatabaseURL, s.Data = "", filepath.Join(s.Data, "demo")
	if s.Reset {
		for _, name := range []string{"rapport.db", "rapport.db-wal", "rapport.db-shm"} {
			if err := os.Remove(filepath.Join(s.Data, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("begin the demonstration anew: %w", err)
			}
		}
	}
	return nil
}

func (s *serve) welcome(listener net.Listener) {
	stderrf("Rapport %s serves http://%s%s (documents at /docs)", version, listener.Addr(), api.Base)
	if s.Demo {
		stderrf("Demonstration keys:")
		for _, k := range demoKeys {
			stderrf("  %-28s %s", k.token, k.name)
		}
	}
}

// serve answers until ctx ends, then lets what is under way be answered.
func (s *serve) serve(ctx context.Context, listener net.Listener, l *ledger.Ledger, sec secret.Secret) error {
	var draining atomic.Bool
	runner := jobs.New(l.DB, clock)
	runner.Renew = l.Renew
	handler := api.New(l, api.Config{
		CursorKey: sec.Key(secret.Cursors), CORSOrigins: s.CORSOrigins, Demo: s.Demo, Draining: draining.Load,
		Build: api.Build{Version: version, Commit: commit, BuiltAt: builtAt}, Jobs: runner,
	})
	if err := runner.Start(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, IdleTimeout: idleTime,
		WriteTimeout: bodyTime + 15*time.Second, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	go s.housekeep(ctx, l, runner)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	draining.Store(true)
	slog.Info("shutting down: requests under way are answered first")
	out, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := errors.Join(server.Shutdown(out), runner.Stop(out)); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return l.NoteUse(context.Background())
}

// housekeep does what has to be done every minute: note when keys were used, and
// forget old answers and jobs.
func (s *serve) housekeep(ctx context.Context, l *ledger.Ledger, runner *jobs.Runner) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := errors.Join(l.NoteUse(ctx), l.Forget(ctx), runner.Forget(ctx)); err != nil {
				slog.Warn("housekeeping failed; it will be tried again", "err", err)
			}
		}
	}
}
