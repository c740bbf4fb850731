// Package store keeps the register in SQLite, or in PostgreSQL once it has
// outgrown one machine. Nothing else talks to the database. It knows the nouns'
// fields, and neither their rules nor who may do what.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Config says where the register is kept.
type Config struct {
	Dir      string // the folder of the SQLite file
	URL      string // a PostgreSQL URL; empty = SQLite in Dir
	ChainKey []byte // signs the chain of entries
	Now      func() time.Time
	Log      *slog.Logger

	// Beside opens an SQLite register that another process serves: the folder's
	// lock is not taken, and the schema must be up to date already.
	Beside bool
	// Plan stops before migrating.
	Plan bool
	// Asked is told of every statement, for tests that count them; nil as a rule.
	Asked func(ctx context.Context, query string)
}

// DB is an open register.
type DB struct {
	dialect dialect
	read    *sql.DB // a small pool that only reads
	write   *sql.DB // one connection on SQLite, a pool on PostgreSQL
	orm     *gorm.DB
	writer  *writer // nil on PostgreSQL
	sealer  *sealer // nil on SQLite, where the writer seals
	mover   *checkpointer
	watch   *watcher
	lock    *folderLock
	unclean bool // the register was not closed in order the last time
	config  Config
	files   *Files
	failed  atomic.Pointer[error] // after an I/O or corruption error: no more writes
	sealed  broadcast
	closed  atomic.Bool
}

// Open connects to the register and brings its tables up to date.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	db := &DB{config: c, dialect: sqliteDialect{}}
	db.files = &Files{db: db, dir: filepath.Join(c.Dir, filesFolder)}
	open := db.openSQLite
	if c.URL != "" {
		db.dialect, open = postgresDialect{}, db.openPostgres
	}
	if err := open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if c.Plan {
		return db, nil
	}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// prepare migrates, makes the search tables and starts who writes or seals.
func (db *DB) prepare(ctx context.Context) error {
	if err := db.migrate(ctx); err != nil {
		return err
	}
	if err := db.makeSearchTables(ctx); err != nil {
		return err
	}
	if !db.config.Beside {
		db.watch = startWatcher(db)
	}
	if db.config.URL != "" {
		db.sealer = startSealer(db)
		return nil
	}
	w, err := startWriter(ctx, db)
	if err != nil || db.config.Beside {
		db.writer = w
		return err
	}
	db.writer = w
	db.mover, err = startCheckpointer(db)
	return err
}

// ormConfig keeps GORM from what it would do by itself: log, wrap each write in
// a transaction, and keep prepared statements beside the drivers' own.
func (db *DB) ormConfig() *gorm.Config {
	return &gorm.Config{
		Logger: logger.Discard, SkipDefaultTransaction: true, TranslateError: true,
		NowFunc: func() time.Time { return db.config.Now().UTC().Truncate(time.Millisecond) },
	}
}

// Close ends the writer, then the connections, then the lock.
func (db *DB) Close() (err error) {
	if db.closed.Swap(true) {
		return nil
	}
	if db.watch != nil {
		db.watch.stop()
	}
	if db.writer != nil {
		db.writer.stop()
	}
	if db.sealer != nil {
		db.sealer.stop()
	}
	if db.mover != nil {
		err = errors.Join(err, db.mover.stop())
	}
	for _, pool := range []*sql.DB{db.read, db.write} {
		if pool != nil {
			err = errors.Join(err, pool.Close())
		}
	}
	return errors.Join(err, db.unmarkRunning(), db.lock.release())
}

// Dialect names the database: "sqlite" or "postgres".
func (db *DB) Dialect() string { return db.dialect.name() }

// Shared reports whether other processes may change records too: on SQLite one alone serves.
func (db *DB) Shared() bool { return db.config.URL != "" }

// fail stops all writing: after an I/O or corruption error nobody knows what is
// on the disk until the register was restarted and checked.
func (db *DB) fail(err error) {
	if db.failed.CompareAndSwap(nil, &err) {
		db.config.Log.Error("the database failed; no more writes until a restart", "err", err)
	}
}

// Failed is why the register takes no more writes, nil while it does.
func (db *DB) Failed() error {
	if p := db.failed.Load(); p != nil {
		return *p
	}
	return nil
}

// Ready reports whether the register can be read and written.
func (db *DB) Ready(ctx context.Context) error {
	if err := db.Failed(); err != nil {
		return err
	}
	if err := db.moved(); err != nil {
		return err
	}
	var one int
	if err := db.read.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// Version is the database's own name and version.
func (db *DB) Version(ctx context.Context) string {
	var v string
	if err := db.read.QueryRowContext(ctx, db.dialect.versionSQL()).Scan(&v); err != nil {
		return db.dialect.name()
	}
	return db.dialect.name() + " " + v
}

// Stats are the reading pool's figures.
func (db *DB) Stats() sql.DBStats { return db.read.Stats() }

// Queued is how many changes wait for the writer; zero on PostgreSQL.
func (db *DB) Queued() int {
	if db.writer == nil {
		return 0
	}
	return len(db.writer.queue)
}

// Groups are the number of commits and of the changes in them, for the mean size
// of a group; zero on PostgreSQL.
func (db *DB) Groups() (commits, changes int64) {
	if db.writer == nil {
		return 0, 0
	}
	return db.writer.commits.Load(), db.writer.changes.Load()
}
