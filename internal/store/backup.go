package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"rapport/internal/register"
)

// Manifest says what a backup holds. It lies beside the backup.
type Manifest struct {
	File          string           `json:"file"`
	Bytes         int64            `json:"bytes"`
	SHA256        string           `json:"sha256"`
	Files         int64            `json:"files"`      // contents of attachments, beside the backup
	FileBytes     int64            `json:"file_bytes"` // what they take up together
	SchemaVersion int64            `json:"schema_version"`
	Entries       int64            `json:"entries"`
	Records       map[string]int64 `json:"records"`
	Head          ChainHead        `json:"chain_head"`
	MadeAt        register.Instant `json:"made_at"`
}

// manifestOf is where a backup's manifest lies.
func manifestOf(path string) string { return path + ".manifest.json" }

// Backup copies an SQLite register into one file while it may be written, and the
// contents of its attachments into a folder beside it, checks the copy and writes
// its manifest. What was committed before it began is in it.
func (db *DB) Backup(ctx context.Context, path string) (m Manifest, err error) {
	if db.config.URL != "" {
		return m, errors.New("a register in PostgreSQL is copied by pg_dump")
	}
	for _, taken := range []string{path, manifestOf(path), filesOf(path)} {
		if _, err := os.Lstat(taken); !errors.Is(err, fs.ErrNotExist) {
			return m, fmt.Errorf("%s is there already: a backup overwrites nothing", taken)
		}
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return m, fmt.Errorf("the folder of the backup: %w", err)
	}
	part := path + ".part"
	if err := os.RemoveAll(filesOf(part)); err != nil {
		return m, err
	}
	if err := db.copyTo(ctx, part); err != nil {
		return m, errors.Join(err, ignoreMissing(os.Remove(part)))
	}
	if err := db.copyFiles(ctx, part); err != nil {
		return m, errors.Join(err, os.RemoveAll(filesOf(part)), ignoreMissing(os.Remove(part)))
	}
	if m, err = Inspect(ctx, part, db.config.ChainKey); err != nil {
		return m, fmt.Errorf("the copy %s is not good: %w", part, err)
	}
	m.File, m.MadeAt = filepath.Base(path), register.At(db.config.Now())
	raw, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	if err := errors.Join(os.Rename(part, path), ignoreMissing(os.Rename(filesOf(part), filesOf(path)))); err != nil {
		return m, fmt.Errorf("put the backup in its place: %w", err)
	}
	return m, replaceFile(manifestOf(path), append(raw, '\n'))
}

// copyStep is how many pages are copied at once; between two steps others read.
const copyStep = 256

// copyTo copies the database as it stands into a new file. A read transaction
// holds that state for the whole copy, so that writers neither wait for it nor
// make it begin anew.
func (db *DB) copyTo(ctx context.Context, path string) error {
	if err := ignoreMissing(os.Remove(path)); err != nil {
		return err
	}
	from, err := db.read.Conn(ctx)
	if err != nil {
		return fmt.Errorf("copy the database: %w", db.understand(err))
	}
	defer func() { _ = from.Close() }()
	if _, err := from.ExecContext(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("copy the database: %w", db.understand(err))
	}
	defer func() { _, _ = from.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }() // it only read
	if _, err := from.ExecContext(ctx, "SELECT count(*) FROM sqlite_master"); err != nil {
		return fmt.Errorf("copy the database: %w", db.understand(err))
	}
	into, err := sql.Open("sqlite3", path)
	if err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	into.SetMaxOpenConns(1)
	if err := errors.Join(copyPages(ctx, from, into), alone(ctx, into), into.Close()); err != nil {
		return fmt.Errorf("copy the database: %w", db.understand(err))
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	return syncPath(path)
}

// alone makes a copy one file that needs none beside it.
func alone(ctx context.Context, pool *sql.DB) error {
	_, err := pool.ExecContext(ctx, "PRAGMA journal_mode = DELETE")
	return err
}

func copyPages(ctx context.Context, from *sql.Conn, into *sql.DB) error {
	to, err := into.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = to.Close() }()
	return to.Raw(func(target any) error {
		return from.Raw(func(source any) error {
			copying, err := target.(*sqlite3.SQLiteConn).Backup("main", source.(*sqlite3.SQLiteConn), "main")
			if err != nil {
				return err
			}
			return errors.Join(stepThrough(ctx, copying), copying.Finish())
		})
	})
}

func stepThrough(ctx context.Context, copying *sqlite3.SQLiteBackup) error {
	for {
		done, err := copying.Step(copyStep)
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond / 2): // the machine is not the copy's alone
		}
	}
}

// Inspect checks a copy of a register: that SQLite finds it sound, that its chain
// holds under the given key, and that it is what its manifest says, if it has one.
func Inspect(ctx context.Context, path string, chainKey []byte) (m Manifest, err error) {
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return m, fmt.Errorf("%s has a journal beside it and is no backup: copy a register with rapport backup", path)
	}
	if m.Bytes, m.SHA256, err = sumFile(path); err != nil {
		return m, err
	}
	flaws, err := quickCheckFile(ctx, path)
	if err != nil {
		return m, fmt.Errorf("it cannot be read as a register: %w", err)
	}
	if len(flaws) > 0 {
		return m, fmt.Errorf("it is damaged: %s", strings.Join(flaws, "; "))
	}
	pool, err := openCopy(path)
	if err != nil {
		return m, err
	}
	db := &DB{dialect: sqliteDialect{}, read: pool, config: Config{Dir: filepath.Dir(path), ChainKey: chainKey, Now: time.Now}}
	defer func() { _ = pool.Close() }()
	if err := db.describe(ctx, &m); err != nil {
		return m, err
	}
	if err := m.agrees(path); err != nil {
		return m, err
	}
	if err := db.checkFiles(ctx, path, &m); err != nil {
		return m, err
	}
	return m, db.VerifyChain(ctx, 1, m.Head.Seq)
}

// describe counts what a database holds.
func (db *DB) describe(ctx context.Context, m *Manifest) (err error) {
	tx := db.Look()
	if m.SchemaVersion, err = db.SchemaVersion(ctx); err != nil {
		return err
	}
	if m.SchemaVersion == 0 {
		return errors.New("it holds no register")
	}
	if m.Head.Seq, m.Head.Hash, err = tx.Head(ctx); err != nil {
		return err
	}
	if _, err := tx.one(ctx, []any{&m.Entries, &m.Head.At}, "SELECT count(*), coalesce(max(at), '') FROM entries"); err != nil {
		return err
	}
	m.Records = map[string]int64{}
	for _, n := range register.All() {
		var there bool
		if _, err := tx.one(ctx, []any{&there}, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", n.Table); err != nil {
			return err
		}
		if !there {
			continue // a copy of an older schema
		}
		var count int64
		if _, err := tx.one(ctx, []any{&count}, "SELECT count(*) FROM "+n.Table); err != nil {
			return err
		}
		m.Records[n.Table] = count
	}
	return nil
}

// agrees holds a copy against the manifest that was written with it.
func (m *Manifest) agrees(path string) error {
	raw, err := os.ReadFile(manifestOf(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var said Manifest
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("its manifest: %w", err)
	}
	m.MadeAt = said.MadeAt
	switch {
	case said.SHA256 != m.SHA256 || said.Bytes != m.Bytes:
		return errors.New("it is not the file that its manifest was written for")
	case said.Head.Seq != m.Head.Seq || said.Head.Hash != m.Head.Hash || said.Entries != m.Entries:
		return &ChainError{"its entries are not those of its manifest"}
	}
	return nil
}

func sumFile(path string) (size int64, hash string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = f.Close() }() // it only read
	sum := sha256.New()
	size, err = io.Copy(sum, f)
	return size, hex.EncodeToString(sum.Sum(nil)), err
}

// Replace puts a copy in the place of the register in a folder that nobody
// serves, and returns where what was there lies now, "" if there was none.
func Replace(dir, from string, now time.Time) (aside string, err error) {
	lock, err := lockFolder(dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	place := filepath.Join(dir, file)
	fresh := place + ".restoring"
	if err := errors.Join(copyFile(from, fresh), restoreFiles(from, dir)); err != nil {
		return "", fmt.Errorf("copy the backup: %w", err)
	}
	mark, err := asideMark(dir, now)
	if err != nil {
		return "", err
	}
	aside = place + mark
	if _, err := os.Lstat(place); errors.Is(err, fs.ErrNotExist) {
		aside = ""
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := ignoreMissing(os.Rename(place+suffix, place+mark+suffix)); err != nil {
			return "", err
		}
	}
	if err := ignoreMissing(os.Rename(filepath.Join(dir, HeadFile), filepath.Join(dir, HeadFile+mark))); err != nil {
		return "", err
	}
	if err := errors.Join(os.Rename(fresh, place), ignoreMissing(os.Remove(filepath.Join(dir, running))), syncPath(dir)); err != nil {
		return "", err
	}
	return aside, nil
}

// asideMark is an ending that nothing has yet which was put aside: of two restorations
// in one second neither takes the place of what the other kept. The folder is locked.
func asideMark(dir string, now time.Time) (string, error) {
	second := ".replaced-" + now.UTC().Format("20060102T150405Z")
	for n, mark := 1, second; ; n++ {
		free := true
		for _, name := range []string{file + mark, file + mark + "-wal", file + mark + "-shm", HeadFile + mark} {
			_, err := os.Lstat(filepath.Join(dir, name))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
			free = free && err != nil
		}
		if free {
			return mark, nil
		}
		mark = second + "-" + strconv.Itoa(n)
	}
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
