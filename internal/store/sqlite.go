package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"rapport/internal/fault"
)

// file is the database's name in its folder.
const file = "rapport.db"

// Both handles ask for the same journal; only the writer may lock and write. A
// statement cache in the driver spares preparing what every request asks.
const (
	common    = "?_journal_mode=WAL&_busy_timeout=5000&_foreign_keys=on&_stmt_cache_size=128&_cache_size=-16000&_mutex=no"
	writerDSN = common + "&_synchronous=FULL&_txlock=immediate"
	readerDSN = common + "&_synchronous=FULL&_query_only=1"
)

func (db *DB) openSQLite(ctx context.Context) (err error) {
	if !db.config.Beside {
		if err := os.MkdirAll(db.config.Dir, 0o750); err != nil {
			return fmt.Errorf("the data folder: %w", err)
		}
		if db.lock, err = lockFolder(db.config.Dir); err != nil {
			return err
		}
		if err := db.markRunning(); err != nil {
			return err
		}
	}
	path := filepath.Join(db.config.Dir, file)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && db.config.Beside {
		return fmt.Errorf("there is no register in %s yet: start rapport serve or rapport migrate first", db.config.Dir)
	}
	if err := makePrivate(path); err != nil {
		return fmt.Errorf("the data folder: %w", err)
	}
	if db.orm, db.write, err = db.openFile(path+writerDSN, 1); err != nil {
		return err
	}
	if _, db.read, err = db.openFile(path+readerDSN, max(2, 2*runtime.NumCPU())); err != nil {
		return err
	}
	return errors.Join(checkPragmas(ctx, db.write), checkPragmas(ctx, db.read))
}

// makePrivate makes the file that SQLite would make itself for all to read; its
// journal takes the same mode.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func (db *DB) openFile(dsn string, connections int) (*gorm.DB, *sql.DB, error) {
	orm, err := gorm.Open(sqlite.Open("file:"+dsn), db.ormConfig())
	if err != nil {
		return nil, nil, fmt.Errorf("open the database: %w", err)
	}
	pool, err := orm.DB()
	if err != nil {
		return nil, nil, fmt.Errorf("open the database: %w", err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return orm, pool, nil
}

// pragmas are what durability and truth hang on; the driver's defaults differ.
var pragmas = map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"}

// checkPragmas reads back on a pooled connection what the DSN asked for.
func checkPragmas(ctx context.Context, q querier) error {
	for name, want := range pragmas {
		var got string
		if err := q.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil {
			return fmt.Errorf("read pragma %s: %w", name, err)
		}
		if got != want {
			return fmt.Errorf("pragma %s is %s and must be %s: refusing to keep a register on it", name, got, want)
		}
	}
	return nil
}

// refineSQLite tells what the driver's error means for the caller.
func refineSQLite(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fault.New(fault.Busy, "The database is held by somebody else; try again.").Because(err)
	case sqlite3.ErrFull:
		return fault.New(fault.StorageFull, "The disk is full; nothing was changed.").Because(err)
	case sqlite3.ErrIoErr, sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return &brokenError{err}
	case sqlite3.ErrReadonly, sqlite3.ErrCantOpen:
		return fault.New(fault.DependencyUnavailable, "The database cannot be written.").Because(err)
	case sqlite3.ErrInterrupt:
		return context.DeadlineExceeded
	}
	if e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey {
		return &UniqueError{Constraint: uniqueColumns(e.Error()), cause: err}
	}
	return nil
}

// uniqueColumns reads "users.handle" out of SQLite's text, the only place that says it.
func uniqueColumns(text string) string {
	_, columns, _ := strings.Cut(text, "failed: ")
	return columns
}

// brokenError is an error after which nobody knows what is on the disk.
type brokenError struct{ cause error }

func (e *brokenError) Error() string { return "the database is damaged: " + e.cause.Error() }
func (e *brokenError) Unwrap() error { return e.cause }

// UniqueError says that a change would make two of what there may be only one.
type UniqueError struct {
	Constraint string // as the database names it: columns, or an index
	cause      error
}

func (e *UniqueError) Error() string { return "not unique: " + e.Constraint }
func (e *UniqueError) Unwrap() error { return e.cause }
