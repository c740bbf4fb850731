package store

import (
	"context"
	"time"
)

// ClockOffset is by how much the clock of a demonstration was put forward.
func (tx *Tx) ClockOffset(ctx context.Context) (time.Duration, error) {
	var seconds int64
	_, err := tx.one(ctx, []any{&seconds}, "SELECT seconds FROM clock_offset WHERE id = 1")
	return time.Duration(seconds) * time.Second, err
}

// PutClockOffset keeps that.
func (tx *Tx) PutClockOffset(ctx context.Context, by time.Duration) error {
	_, err := tx.exec(ctx, "INSERT INTO clock_offset (id, seconds) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET seconds = excluded.seconds", int64(by/time.Second))
	return err
}
