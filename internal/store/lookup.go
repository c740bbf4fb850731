package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rapport/internal/register"
)

// Try makes a part of a change so that, should it fail, what that part wrote is
// undone and the rest stands. failed is the part's own error; lost says that the
// whole transaction is gone and that the change must end.
func (tx *Tx) Try(ctx context.Context, part func(ctx context.Context) error) (failed, lost error) {
	if err := tx.settle(ctx, ""); err != nil {
		return nil, err
	}
	takeBack := tx.mark()
	if _, err := tx.exec(ctx, "SAVEPOINT part"); err != nil {
		return nil, fmt.Errorf("begin a part of the change: %w", err)
	}
	failed = tx.db.understand(part(ctx))
	if failed == nil {
		failed = tx.settle(ctx, "") // what cannot be written fails with its own part
	}
	if failed == nil {
		_, lost = tx.exec(ctx, "RELEASE SAVEPOINT part")
		return nil, lost
	}
	takeBack()
	tx.drop()
	if errors.Is(failed, errRetry) {
		return nil, failed // all of it has to be made again
	}
	if _, err := tx.exec(ctx, "ROLLBACK TO SAVEPOINT part"); err != nil {
		return nil, errors.Join(failed, err)
	}
	_, lost = tx.exec(ctx, "RELEASE SAVEPOINT part")
	return failed, lost
}

// ErrSpoilt says that a part which cannot be undone alone failed when it had written:
// the whole change is to be made again, each part by Try.
var ErrSpoilt = errors.New("a part of the change failed halfway")

// Dare is Try without a savepoint, because of which SQLite copies every page that the
// part touches. A part that fails before it writes, as nearly all do, leaves nothing
// to be undone; one that had written is lost as ErrSpoilt.
func (tx *Tx) Dare(ctx context.Context, part func(ctx context.Context) error) (failed, lost error) {
	takeBack, wrote := tx.mark(), tx.wrote
	tx.wrote = false
	failed = tx.db.understand(part(ctx))
	spoilt := tx.wrote
	tx.wrote = wrote || spoilt
	switch {
	case failed == nil:
		return nil, nil
	case errors.Is(failed, errRetry):
		return nil, failed
	case spoilt:
		return nil, ErrSpoilt
	}
	takeBack()
	return failed, nil
}

// mark remembers what a change holds in memory, so that a part of it that fails can
// be taken back there too.
func (tx *Tx) mark() (takeBack func()) {
	var mark int
	var before head
	if tx.pending != nil {
		mark = tx.pending.mark()
	}
	if tx.head != nil {
		before = *tx.head
	}
	after := len(tx.after)
	return func() {
		tx.held = held{}
		if tx.pending != nil {
			tx.pending.cut(mark)
		}
		if tx.head != nil {
			*tx.head = before
		}
		tx.after = tx.after[:after]
	}
}

// ByExternalIDs finds the records that another system calls so, in one question:
// key → id, without those that are not there.
func (tx *Tx) ByExternalIDs(ctx context.Context, n *register.Noun, system string, keys []string) (map[string]string, error) {
	found := make(map[string]string, len(keys))
	for some := range slices.Chunk(keys, chunk) {
		err := tx.each(ctx, 2, func(r register.Row) error {
			found[string(r[0])] = string(r[1])
			return nil
		}, "SELECT key, record_id FROM external_ids WHERE kind = ? AND system = ? AND key IN ("+marks(len(some))+")", append([]any{n.Name, system}, anys(some)...)...)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Holders finds which standing records have one of the values in a field, as far
// as sight shows them: value → ids, the oldest first. The values are as the field
// is compared: folded texts, or terms.
func (tx *Tx) Holders(ctx context.Context, n *register.Noun, f *register.Field, values []string, sight *Sight) (map[string][]string, error) {
	found := map[string][]string{}
	for some := range slices.Chunk(values, chunk) {
		from, b := n.Table+" t", &builder{}
		column := "t." + f.SQLColumn()
		if f.Many || f.Terms {
			from, column = "links l JOIN "+n.Table+" t ON t.id = l.record_id", "l.target"
			b.and("l.kind = ? AND l.field = ?", n.Name, f.Name)
		}
		b.and(column+" IN ("+marks(len(some))+")", anys(some)...)
		b.and("t.deleted_at IS NULL")
		cond, args := sight.records(n, "t")
		b.and(cond, args...)
		err := tx.each(ctx, 2, func(r register.Row) error {
			found[string(r[0])] = append(found[string(r[0])], string(r[1]))
			return nil
		}, "SELECT "+column+", t.id FROM "+from+b.sql()+" ORDER BY t.num", b.args...)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
