package store

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"rapport/internal/fault"
)

// tries is how often a change is made anew after PostgreSQL gave way to another;
// after patience of them it shuts the turnstile and is alone, so that no crowd of
// changes keeps one out for good.
const (
	tries    = 8
	patience = 3
)

// A change passes the turnstile before anything else; one that takes long shuts it
// meanwhile. Without that, the short changes beside a long one would make it give
// way each time. To lock a table takes no snapshot, so whoever waited there sees
// what was committed meanwhile.
const (
	pass = "SET LOCAL lock_timeout = '5s'; LOCK TABLE turnstile IN ROW SHARE MODE"
	shut = "SET LOCAL lock_timeout = '5s'; LOCK TABLE turnstile IN EXCLUSIVE MODE"
)

// serialize makes one change in a PostgreSQL transaction of its own, and again
// while the server says that it had to give way.
func (db *DB) serialize(ctx context.Context, alone bool, change Change) error {
	var err error
	for try := range tries {
		enter := pass
		if alone || try >= patience {
			enter = shut
		}
		if err = db.once(ctx, enter, change); !errors.Is(err, errRetry) {
			return err
		}
		select {
		case <-time.After(time.Duration(1+rand.IntN(4<<try)) * time.Millisecond):
		case <-ctx.Done():
			return fault.New(fault.Busy, "The time for this request was up; nothing was changed.").Because(err)
		}
	}
	return fault.New(fault.Busy, "Too many changes of the same records at once; try again.").Because(err)
}

func (db *DB) once(ctx context.Context, enter string, change Change) error {
	inner := context.WithoutCancel(ctx)
	pg, err := db.write.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return db.understand(err)
	}
	tx := &Tx{db: db, q: db.told(pg), pending: &pending{}, later: &later{}}
	if _, err = pg.ExecContext(inner, enter); err == nil {
		err = guard(inner, tx, change)
	}
	if err == nil {
		err = tx.settle(inner, "")
	}
	if err == nil {
		err = tx.flush(inner, tx.pending)
	}
	if err != nil {
		return errors.Join(db.understand(err), ignoreDone(pg.Rollback()))
	}
	if err := pg.Commit(); err != nil {
		return db.understand(err)
	}
	db.committed(tx)
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
