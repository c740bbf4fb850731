package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"rapport/api"
	"rapport/internal/imports"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/secret"
	"rapport/internal/store"
)

// clock is the one clock of the program.
var clock = time.Now

const apiBase = api.Base

type serve struct {
	*config      `kong:"-"`
	Demo         bool `help:"Serve demonstration data with known keys, on loopback only."`
	Reset        bool `help:"With --demo: begin the demonstration anew."`
	DespiteChain bool `help:"Serve although the chain of entries does not hold, after a lost secret or an accident; the break stays to be seen."`
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
func (s *serve) Run(c *config) error {
	s.config = c
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(c.logger(slog.LevelInfo))
	if err := s.prepareDemo(); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s (RAPPORT_LISTEN): %w", s.Listen, err)
	}
	l, sec, err := s.open(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { _ = l.DB.Close() }()
	if err := s.ready(ctx, l); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.welcome(ctx, listener, l)
	err = s.serve(ctx, listener, l, sec)
	_, exported := l.DB.ExportHead(context.Background(), s.headFile())
	return errors.Join(err, exported, l.DB.Close())
}

// ready checks the register before it is served, and fills the demonstration's.
func (s *serve) ready(ctx context.Context, l *ledger.Ledger) error {
	l.RequireIfMatch, l.Tokens = s.ifMatch, s.issuers()
	if err := s.checkChain(ctx, l); err != nil {
		return err
	}
	if s.Demo {
		return loadDemo(ctx, l)
	}
	l.WarnOfGovernance(ctx)
	return nil
}

// checkChain holds the newest entries against the secret, and the head that was
// exported against the database. A register with a wrong secret must not be
// served: what is sealed with another one breaks the chain for good.
func (s *serve) checkChain(ctx context.Context, l *ledger.Ledger) error {
	exported, err := store.ReadHead(s.headFile())
	if err == nil {
		err = errors.Join(l.DB.VerifyLately(ctx), l.DB.HoldsHead(ctx, exported))
	}
	if err == nil {
		return nil
	}
	if s.DespiteChain {
		slog.Error("serving although the chain of entries does not hold", "err", err)
		return nil
	}
	return fmt.Errorf("%w\nrun rapport doctor; restore a backup with rapport restore, or serve with --despite-chain", err)
}

func (s *serve) headFile() string { return filepath.Join(s.Data, store.HeadFile) }

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
	s.DatabaseURL, s.Data, clock = "", filepath.Join(s.Data, "demo"), ahead.Now
	if s.Reset {
		if err := store.Clear(s.Data); err != nil {
			return fmt.Errorf("begin the demonstration anew: %w", err)
		}
	}
	return nil
}

func (s *serve) welcome(ctx context.Context, listener net.Listener, l *ledger.Ledger) {
	s.printf("Rapport %s serves http://%s%s (documents at /docs)", version, listener.Addr(), api.Base)
	if s.Demo {
		s.printf("Demonstration keys:")
		for _, k := range demoKeys {
			s.printf("  %-28s %s", k.Token, k.Name)
		}
		return
	}
	if people, err := l.DB.Look().Count(ctx, register.Users, nil); err == nil && people == 0 {
		s.printf(firstSteps)
	}
}

// firstSteps are said while nobody is in the register. The server makes no first
// key by itself: a key acts for a person, and what a server prints is kept in
// logs for long.
const firstSteps = `Nobody is in the register yet. On this machine, with the same settings, run beside this server:
  rapport users add --name "Your Name" --handle you --level 7 --role admin
  rapport keys create --user you ` + firstScopes

func (s *serve) printf(format string, args ...any) { fmt.Fprintf(s.stderr, format+"\n", args...) }

// serve answers until ctx ends, then lets what is under way be answered.
func (s *serve) serve(ctx context.Context, listener net.Listener, l *ledger.Ledger, sec secret.Secret) error {
	var draining atomic.Bool
	runner := jobs.New(l.DB, clock)
	runner.Renew = l.Renew
	var told []api.DemoKey
	var moved *ledger.Ahead
	if s.Demo {
		told, moved = demoKeys, ahead
		if s.RateLimit == "" {
			s.limits = api.Limits{} // its keys are everybody's, and on this machine only
		}
	}
	desk := imports.New(l, runner, filepath.Join(s.Data, "uploads"))
	desk.Limit = s.maxUpload
	copies := s.copies(l)
	handler := api.New(l, api.Config{
		DemoKeys:  told,
		Ahead:     moved,
		CursorKey: sec.Key(secret.Cursors), CORSOrigins: s.CORSOrigins, Demo: s.Demo, Draining: draining.Load,
		Build: api.Build{Version: version, Commit: commit, BuiltAt: builtAt}, Jobs: runner, Imports: desk, MaxUpload: s.maxUpload,
		Stopping: ctx.Done(), SecurityContact: s.SecurityContact, Backups: copies, Limits: s.limits, MaxInFlight: s.maxInFlight, Proxies: s.proxies,
	})
	if err := runner.Start(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, IdleTimeout: idleTime,
		WriteTimeout: bodyTime + 15*time.Second, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	beside, end := context.WithCancel(context.WithoutCancel(ctx))
	var chores sync.WaitGroup
	defer chores.Wait()
	defer end()
	chores.Go(func() { s.housekeep(beside, l, runner, desk) })
	chores.Go(func() { l.KeepTime(beside) })
	chores.Go(func() { l.DB.KeepHead(beside, s.headFile(), time.Hour) })
	chores.Go(func() { checkAfterCrash(beside, l) })
	if copies != nil && copies.Every > 0 {
		chores.Go(func() { keepCopies(beside, copies) })
	}
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
	return errors.Join(l.NoteUse(context.Background()), l.NoteSecurity(context.Background()))
}

// copies looks after the copies of the register; nil with PostgreSQL.
func (s *serve) copies(l *ledger.Ledger) *store.Backups {
	if s.DatabaseURL != "" {
		return nil
	}
	dir := s.BackupDir
	if dir == "" {
		dir = filepath.Join(s.Data, "backups")
	}
	return store.NewBackups(l.DB, dir, s.backupEvery, s.backupKeep)
}

// keepCopies looks every minute whether a copy is due.
func keepCopies(ctx context.Context, b *store.Backups) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for ctx.Err() == nil {
		b.Tick(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// checkAfterCrash looks through the whole database while it is served already, if
// it was not closed in order. What it finds ends readiness and all writing.
func checkAfterCrash(ctx context.Context, l *ledger.Ledger) {
	if !l.DB.Unclean() {
		return
	}
	slog.Warn("the register was not closed in order the last time; checking the database")
	started := time.Now()
	if err := l.DB.QuickCheck(ctx); err != nil {
		if ctx.Err() == nil {
			slog.Error("the database does not pass its check; restore a backup with rapport restore", "err", err)
		}
		return
	}
	slog.Info("the database passed its check", "took", time.Since(started))
}

// housekeep does what has to be done every minute: note when keys were used, and
// forget old answers, jobs and uploads.
func (s *serve) housekeep(ctx context.Context, l *ledger.Ledger, runner *jobs.Runner, desk *imports.Desk) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := errors.Join(l.NoteUse(ctx), l.NoteSecurity(ctx), l.Forget(ctx), runner.Forget(ctx), desk.Forget(ctx), sweep(ctx, l)); err != nil {
				slog.Warn("housekeeping failed; it will be tried again", "err", err)
			}
		}
	}
}

// sweep removes the contents of attachments that nothing needs any more.
func sweep(ctx context.Context, l *ledger.Ledger) error {
	removed, err := l.DB.Files().Sweep(ctx, store.Grace)
	if removed > 0 {
		slog.Info("removed files that nothing needs", "files", removed)
	}
	return err
}
