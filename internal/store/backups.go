package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"rapport/internal/register"
)

// Backups are the copies of a register in one folder: made at intervals, checked
// as each is made, the oldest removed when there are enough.
type Backups struct {
	Dir   string
	Every time.Duration // 0 = only those that somebody makes
	Keep  int           // how many

	db      *DB
	mu      sync.Mutex // held while a copy is made
	told    sync.Mutex
	tried   time.Time
	failed  error
	failing int64 // how often, in all
	last    register.Instant
}

// NewBackups looks after the copies of db.
func NewBackups(db *DB, dir string, every time.Duration, keep int) *Backups {
	return &Backups{Dir: dir, Every: every, Keep: keep, db: db}
}

// Names of copies: only files named so are ever removed.
const (
	copyPrefix = "rapport-"
	copySuffix = ".db"
	copyStamp  = "20060102T150405Z"
)

// patience after a copy that failed, unless they are made more often.
const copyAgain = 10 * time.Minute

// copyEarly is how much sooner than asked a copy may be made: a tick that comes a moment
// too soon would else put it off by a minute, each time.
const copyEarly = 20 * time.Second

// Tick makes a copy if one is due. It is called every minute; two processes make
// two copies at worst.
func (b *Backups) Tick(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.db.config.Now()
	if b.Every == 0 || b.failed != nil && now.Before(b.tried.Add(min(copyAgain, b.Every))) {
		return
	}
	have, err := b.List()
	if err == nil && len(have) > 0 {
		b.note(func() { b.last = have[0].MadeAt })
		if have[0].MadeAt.Time().Add(b.Every - copyEarly).After(now) {
			return
		}
	}
	_, _ = b.tell(ctx, now) // it says itself if it fails
}

// Make makes a copy now, whether one is due or not.
func (b *Backups) Make(ctx context.Context) (Manifest, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tell(ctx, b.db.config.Now())
}

// tell makes a copy and says so.
func (b *Backups) tell(ctx context.Context, now time.Time) (Manifest, error) {
	m, err := b.make(ctx, now)
	b.note(func() {
		b.tried, b.failed = now, err
		if err == nil {
			b.last = m.MadeAt
		} else {
			b.failing++
		}
	})
	if err != nil {
		slog.Error("the backup failed", "folder", b.Dir, "err", err)
		return m, err
	}
	slog.Info("made a backup and checked it", "file", m.File, "bytes", m.Bytes, "entries", m.Entries, "chain_head", m.Head.Seq)
	return m, nil
}

func (b *Backups) note(what func()) {
	b.told.Lock()
	defer b.told.Unlock()
	what()
}

// State is when the last copy was made, how often making one failed, and why the
// last try did; nil if it did not.
func (b *Backups) State() (last register.Instant, failures int64, failed error) {
	b.told.Lock()
	defer b.told.Unlock()
	return b.last, b.failing, b.failed
}

// make makes a copy, and only when that is sound removes older ones.
func (b *Backups) make(ctx context.Context, now time.Time) (Manifest, error) {
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return Manifest{}, fmt.Errorf("make the folder of backups: %w", err)
	}
	for _, half := range b.files(".part") { // a copy that was broken off
		_, _ = os.Remove(half), os.RemoveAll(filesOf(half))
	}
	m, err := b.db.Backup(ctx, filepath.Join(b.Dir, copyPrefix+now.UTC().Format(copyStamp)+copySuffix))
	if err != nil {
		return m, err
	}
	return m, b.prune()
}

// files are the paths of the copies that end so, by name.
func (b *Backups) files(ending string) (paths []string) {
	found, _ := filepath.Glob(filepath.Join(escapeGlob(b.Dir), copyPrefix+"*"+copySuffix+ending)) // the pattern is sound
	for _, path := range found {
		stamp := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), copyPrefix), copySuffix+ending)
		if _, err := time.Parse(copyStamp, stamp); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

func (b *Backups) prune() error {
	paths := b.files("")
	slices.Sort(paths)
	var err error
	for len(paths) > b.Keep {
		err = errors.Join(err, os.Remove(paths[0]), ignoreMissing(os.Remove(manifestOf(paths[0]))), os.RemoveAll(filesOf(paths[0])))
		paths = paths[1:]
	}
	return err
}

// List reads what copies there are, the newest first: those that were finished,
// and so have a manifest.
func (b *Backups) List() ([]Manifest, error) {
	list := []Manifest{}
	for _, path := range b.files("") {
		raw, err := os.ReadFile(manifestOf(path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read a backup's manifest: %w", err)
		}
		var m Manifest
		if err := json.Unmarshal(raw, &m); err != nil {
			slog.Warn("a backup's manifest cannot be read", "file", manifestOf(path), "err", err)
			continue
		}
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Manifest) int { return strings.Compare(string(b.MadeAt), string(a.MadeAt)) })
	return list, nil
}
