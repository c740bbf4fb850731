package store_test

import (
	"context"
	"errors"
	"testing"

	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// What a change remembers of a part that failed goes with it: its rows, its clocks and
// the rows that wait for the end. What came before and behind stands.
func TestAFailedPartIsForgotten(t *testing.T) {
	h := testkit.Open(t)
	at := register.At(h.Clock.Now())
	bad := errors.New("no")
	err := h.DB.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		clock := store.Clock{Kind: "issue", RecordID: "r", Name: "first", StartedAt: at}
		if err := tx.PutClock(ctx, clock); err != nil {
			return err
		}
		if all, err := tx.Clocks(ctx, "issue", "r"); err != nil || len(all) != 1 {
			t.Errorf("a clock that was just kept is not read: %v, %v", all, err)
		}
		failed, lost := tx.Try(ctx, func(ctx context.Context) error {
			paused := clock
			paused.PausedAt = at
			if err := errors.Join(tx.PutClock(ctx, paused), tx.PutClock(ctx, store.Clock{Kind: "issue", RecordID: "r", Name: "second", StartedAt: at})); err != nil {
				return err
			}
			if all, err := tx.Clocks(ctx, "issue", "r"); err != nil || len(all) != 2 || all[0].PausedAt != at {
				t.Errorf("the part does not see what it wrote: %v, %v", all, err)
			}
			return bad
		})
		if !errors.Is(failed, bad) || lost != nil {
			t.Errorf("the part ended with %v, %v", failed, lost)
		}
		if all, err := tx.Clocks(ctx, "issue", "r"); err != nil || len(all) != 1 || all[0] != clock {
			t.Errorf("the failed part is still seen: %v, %v", all, err)
		}
		return tx.PutClock(ctx, store.Clock{Kind: "issue", RecordID: "r", Name: "third", StartedAt: at})
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := h.DB.Look().Clocks(context.Background(), "issue", "r")
	if err != nil || len(all) != 2 || all[0].Name != "first" || all[1].Name != "third" || all[0].PausedAt != "" {
		t.Errorf("kept are %v, %v", all, err)
	}
}

// A clock that is kept twice in a change is kept as it was last, and one that is read
// meanwhile is there.
func TestAClockThatIsKeptTwice(t *testing.T) {
	h := testkit.Open(t)
	at := register.At(h.Clock.Now())
	for _, look := range []bool{false, true} {
		err := h.DB.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			k := store.Clock{Kind: "issue", RecordID: "r", Name: "first", StartedAt: at, ActAt: at}
			if err := tx.PutClock(ctx, k); err != nil {
				return err
			}
			if look {
				if due, err := tx.DueClocks(ctx, at, 10); err != nil || len(due) != 1 {
					t.Errorf("a clock that is due is not found: %v, %v", due, err)
				}
			}
			k.ActAt = ""
			return tx.PutClock(ctx, k)
		})
		if err != nil {
			t.Fatal(err)
		}
		if due, err := h.DB.Look().DueClocks(context.Background(), at, 10); err != nil || len(due) != 0 {
			t.Errorf("still due: %v, %v", due, err)
		}
	}
}

// A row that a change wrote is read back as it wrote it, and anew by its parts.
func TestARowThatAChangeHolds(t *testing.T) {
	h := testkit.Open(t)
	made := h.As("l4").Post("/groups", map[string]any{"name": "Neighbours"}).Want(201)
	n, id := register.Groups, made.Text("id")
	name := n.Field("name").Column
	err := h.DB.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.Get(ctx, n, store.Name{ID: id}, nil)
		if err != nil {
			return err
		}
		row[name] = []byte("scribbled over")
		again, err := tx.Get(ctx, n, store.Name{ID: id}, nil)
		if err == nil && string(again[name]) != "Neighbours" {
			t.Errorf("who reads a row changes it for others: %q", again[name])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
