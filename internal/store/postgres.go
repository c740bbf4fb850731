package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"rapport/internal/fault"
)

// Connections at most of each pool.
const (
	postgresWriters = 16
	postgresReaders = 16
)

// openPostgres opens two pools: a change that reads beside its transaction must
// not wait for a connection that only other changes could give back.
func (db *DB) openPostgres(ctx context.Context) (err error) {
	if db.orm, db.write, err = db.connect(ctx, postgresWriters); err != nil {
		return err
	}
	_, db.read, err = db.connect(ctx, postgresReaders)
	return err
}

func (db *DB) connect(ctx context.Context, connections int) (*gorm.DB, *sql.DB, error) {
	orm, err := gorm.Open(postgres.Open(db.config.URL), db.ormConfig())
	if err != nil {
		return nil, nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	pool, err := orm.DB()
	if err != nil {
		return nil, nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections / 2)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("connect to PostgreSQL: %w", err), pool.Close())
	}
	return orm, pool, nil
}

// errRetry says that PostgreSQL gave way to another transaction and that the
// change was not made: it may be tried again.
var errRetry = errors.New("serialization failure")

// refinePostgres tells what the server's error means for the caller.
func refinePostgres(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code {
	case "40001", "40P01":
		return errors.Join(errRetry, err)
	case "23505":
		return &UniqueError{Constraint: e.ConstraintName, cause: err}
	case "55P03":
		return fault.New(fault.Busy, "A record is held by somebody else; try again.").Because(err)
	case "57014":
		return context.DeadlineExceeded
	case "53100":
		return fault.New(fault.StorageFull, "The database's disk is full; nothing was changed.").Because(err)
	case "53300", "25006", "57P01", "57P02", "57P03":
		return fault.New(fault.DependencyUnavailable, "The database is not available now; try again.").Because(err)
	}
	return nil
}
