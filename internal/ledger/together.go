package ledger

import (
	"context"

	"rapport/internal/store"
)

type togetherKey struct{}

// Together makes all changes that fn asks for by its context in one transaction:
// all of them or none. What fn reads outside of it does not see them yet.
func (l *Ledger) Together(ctx context.Context, fn func(ctx context.Context) error) error {
	return l.DB.WriteAlone(ctx, func(inner context.Context, tx *store.Tx) error {
		return fn(context.WithValue(inner, togetherKey{}, tx))
	})
}

// write runs a change in the transaction that stands open in ctx, or in its own;
// a trial is one that will be undone.
func (l *Ledger) write(ctx context.Context, trial bool, change store.Change) error {
	if tx, open := ctx.Value(togetherKey{}).(*store.Tx); open {
		return change(ctx, tx)
	}
	if trial {
		return l.DB.Try(ctx, change)
	}
	return l.DB.Write(ctx, change)
}
