package store

import (
	"context"
	"errors"
	"fmt"

	"rapport/internal/fault"
	"rapport/internal/register"
)

// Answer is what was answered to a change, kept under its idempotency key.
type Answer struct {
	Fingerprint string // SHA-256 of the request's body
	Status      int
	Body        []byte
	Kind        string // the record answered with, whose sight is checked before a replay
	RecordID    string
	Version     int
}

// Claim takes an idempotency key for this change, as the first thing in its
// transaction. If the key was used before, since the given time, it returns what
// was answered then. On PostgreSQL a second change under a key that is being used
// waits; on SQLite there is one writer, and to look is enough.
func (tx *Tx) Claim(ctx context.Context, key, fingerprint string, now, since register.Instant) (*Answer, error) {
	if tx.head != nil {
		a, found, err := tx.answered(ctx, key, since)
		if !found {
			a = nil
		}
		return a, err
	}
	claimed, err := tx.exec(ctx, "INSERT INTO idempotency (key, fingerprint, status, created_at) VALUES (?, ?, 0, ?) "+
		"ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, status = 0, body = NULL, created_at = excluded.created_at WHERE idempotency.created_at < ?",
		key, fingerprint, string(now), string(since))
	if err != nil {
		if fault.Is(err, fault.Busy) {
			return nil, fault.New(fault.IdempotencyInFlight, "A request with this key is still being worked on.").Because(err)
		}
		return nil, err
	}
	if claimed == 1 {
		return nil, nil
	}
	a, found, err := tx.answered(ctx, key, "")
	if err == nil && !found {
		err = errors.Join(errRetry, errors.New("an idempotency key went away"))
	}
	return a, err
}

func (tx *Tx) answered(ctx context.Context, key string, since register.Instant) (*Answer, bool, error) {
	var a Answer
	found, err := tx.one(ctx, []any{&a.Fingerprint, &a.Status, &a.Body, &a.Kind, &a.RecordID, &a.Version},
		"SELECT fingerprint, status, coalesce(body, ''), coalesce(kind, ''), coalesce(record_id, ''), coalesce(version, 0) FROM idempotency WHERE key = ? AND created_at >= ?",
		key, string(since))
	return &a, found, err
}

// Keep stores what is answered under a claimed key.
func (tx *Tx) Keep(ctx context.Context, key string, now register.Instant, a Answer) error {
	_, err := tx.exec(ctx, "INSERT INTO idempotency (key, fingerprint, status, body, kind, record_id, version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "+
		"ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, kind = excluded.kind, "+
		"record_id = excluded.record_id, version = excluded.version, created_at = excluded.created_at",
		key, a.Fingerprint, a.Status, string(a.Body), a.Kind, a.RecordID, a.Version, string(now))
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}

// ForgetAnswers removes some of the answers that were kept longer than since, a
// few at a time so that no writer waits for it; it returns how many.
func (db *DB) ForgetAnswers(ctx context.Context, since register.Instant) (gone int64, err error) {
	err = db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		gone, err = tx.exec(ctx, "DELETE FROM idempotency WHERE num IN (SELECT num FROM idempotency ORDER BY num LIMIT 500) AND created_at < ?", string(since))
		return err
	})
	return gone, err
}
