package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rapport/internal/authority"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// sealed waits until all entries are sealed and returns the last number.
func sealed(t *testing.T, h *testkit.House) int64 {
	t.Helper()
	for range 200 {
		if h.DB.Number(t, "SELECT count(*) FROM entries WHERE seq IS NULL") == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	seq, _, err := h.DB.Look().Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func verdict(t *testing.T, h *testkit.House, to int64) store.Verdict {
	t.Helper()
	v, err := h.DB.Look().Verify(context.Background(), 1, to)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Sixteen writers at once leave a chain that holds, numbered without a gap; who
// polls sees every number once, in order.
func TestTheChainUnderConcurrentWriters(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	began := sealed(t, h)
	reading, stop := context.WithCancel(context.Background())
	seen := make(chan int64)
	go func() { seen <- poll(reading, t, h, began) }()

	var writers sync.WaitGroup
	for w := range 16 {
		writers.Go(func() {
			for i := range 10 {
				h.As("l4").Post("/stakeholders", fmt.Sprintf(`{"name":"Resident %d of street %d","kind":"organisation"}`, i, w)).Want(201)
			}
		})
	}
	writers.Wait()
	last := sealed(t, h)
	if last-began != 160 {
		t.Errorf("%d entries were sealed, want 160", last-began)
	}
	time.Sleep(50 * time.Millisecond)
	stop()
	if got := <-seen; got != last {
		t.Errorf("the reader saw up to %d, the last is %d", got, last)
	}
	if v := verdict(t, h, last); !v.Valid || v.Checked != last || v.Pending != 0 {
		t.Errorf("the chain: %+v", v)
	}
}

// poll reads sealed entries as a feed does and complains of any gap.
func poll(ctx context.Context, t *testing.T, h *testkit.House, after int64) int64 {
	for {
		entries, err := h.DB.Look().Sealed(context.Background(), after, math.MaxInt64, nil, nil, 50)
		if err != nil {
			t.Error(err)
			return after
		}
		for i := range entries {
			if *entries[i].Seq != after+1 {
				t.Errorf("after %d came %d", after, *entries[i].Seq)
			}
			after = *entries[i].Seq
		}
		if len(entries) == 0 && ctx.Err() != nil {
			return after
		}
		time.Sleep(time.Millisecond)
	}
}

// An entry that was edited, taken away, swapped with another or cut off the end
// is found, and named by its number.
func TestTamperingIsFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     int64 // which number is named, counted from the first of the story; 0 = by the exported head
		tamper []string
	}{
		{"the changes edited", 2, []string{`UPDATE entries SET changes = replace(changes, 'organisation', 'group') WHERE seq = %[2]d`}},
		{"the person edited", 2, []string{`UPDATE entries SET actor_id = 'somebody else' WHERE seq = %[2]d`}},
		{"the time edited", 3, []string{`UPDATE entries SET at = '2020-01-01T00:00:00.000Z' WHERE seq = %[3]d`}},
		{"what is personal edited", 2, []string{`UPDATE entries SET personal = '{}' WHERE seq = %[2]d`}},
		{"a digest edited", 1, []string{`UPDATE entries SET personal_digest = 'ab' WHERE seq = %[1]d`}},
		{"one taken away", 2, []string{`DELETE FROM entries WHERE seq = %[2]d`}},
		{"one taken away and the rest moved up", 2, []string{`DELETE FROM entries WHERE seq = %[2]d`, `UPDATE entries SET seq = seq - 1 WHERE seq = %[3]d`}},
		{"two swapped", 1, []string{`UPDATE entries SET seq = 1000000 WHERE seq = %[1]d`, `UPDATE entries SET seq = %[1]d WHERE seq = %[2]d`, `UPDATE entries SET seq = %[2]d WHERE seq = 1000000`}},
		{"the last cut off", 0, []string{`DELETE FROM entries WHERE seq = %[3]d`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := testkit.Open(t)
			first := sealed(t, h) + 1
			for _, name := range []string{"Harbour Board", "Riverside Residents", "Night Shift Union"} {
				h.As("l4").Post("/stakeholders", map[string]any{"name": name, "kind": "organisation"}).Want(201)
			}
			last := sealed(t, h)
			head, err := h.DB.ChainHead(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, query := range c.tamper {
				write(t, h, fmt.Sprintf(query, first, first+1, first+2))
			}
			v := verdict(t, h, last)
			if c.at == 0 {
				var chain *store.ChainError
				if err := h.DB.HoldsHead(context.Background(), head); !errors.As(err, &chain) {
					t.Errorf("the exported head does not tell: %v", err)
				}
				return
			}
			if v.Valid || v.BrokenAt == nil || *v.BrokenAt != first+c.at-1 {
				t.Errorf("want number %d named, got %+v", first+c.at-1, v)
			}
		})
	}
}

// What is personal in an entry may be erased; the chain holds and says how many.
func TestErasureLeavesTheChainValid(t *testing.T) {
	h := testkit.Open(t)
	h.As("admin").Post("/users", `{"name":"Ana Pop","handle":"ana","email":"ana.pop@example.org"}`).Want(201)
	last := sealed(t, h)
	write(t, h, "UPDATE entries SET personal = NULL WHERE kind = 'user'")
	v := verdict(t, h, last)
	if !v.Valid || v.Checked != last || v.Erased != 1 {
		t.Errorf("after an erasure: %+v", v)
	}
}

// The exported head is in its place until the database goes back behind it.
func TestTheExportedHead(t *testing.T) {
	h := testkit.Open(t)
	ctx, path := context.Background(), filepath.Join(t.TempDir(), store.HeadFile)
	sealed(t, h)
	made, err := h.DB.ExportHead(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	read, err := store.ReadHead(path)
	if err != nil || read != made || h.DB.HoldsHead(ctx, read) != nil {
		t.Errorf("wrote %+v, read %+v, %v", made, read, err)
	}
	read.Hash = "0" + read.Hash[1:]
	if read.Hash == made.Hash {
		read.Hash = "1" + read.Hash[1:]
	}
	if h.DB.HoldsHead(ctx, read) == nil {
		t.Error("another entry in its place is not found")
	}
	if none, err := store.ReadHead(filepath.Join(t.TempDir(), "none")); err != nil || none.Seq != 0 {
		t.Errorf("no file is the head of an empty chain: %+v, %v", none, err)
	}
}

// Who waits for entries is woken by those that another process wrote.
func TestEntriesOfAnotherProcessAreSeen(t *testing.T) {
	h := testkit.Open(t)
	sealed(t, h)
	time.Sleep(600 * time.Millisecond) // let the watcher see what there is
	woken := h.DB.Sealings()
	other := h.Beside()
	if _, err := other.Create(authority.With(context.Background(), authority.Register()), register.Stakeholders, nil, ledger.Asked{Prime: func(rec register.Record) {
		s := rec.(*register.Stakeholder)
		s.Name, s.Kind = "Harbour Board", "organisation"
	}}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-woken:
	case <-time.After(1500 * time.Millisecond):
		t.Error("nobody was woken within a second")
	}
	if v := verdict(t, h, sealed(t, h)); !v.Valid {
		t.Errorf("the chain of two processes: %+v", v)
	}
}
