package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rapport/internal/fault"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// pad is a register with a table for tests to write on. The stories of groups are
// SQLite's: on PostgreSQL every change has a transaction of its own.
func pad(t *testing.T) *testkit.House {
	t.Helper()
	h := testkit.Open(t)
	if h.DB.Dialect() != "sqlite" {
		t.Skip("changes share their commit on SQLite only")
	}
	store.SlowGroups(t)
	write(t, h, "CREATE TABLE pad (line TEXT PRIMARY KEY, big TEXT)")
	return h
}

func write(t *testing.T, h *testkit.House, query string, args ...any) {
	t.Helper()
	if err := h.DB.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error { return tx.Exec(ctx, query, args...) }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// line is a change that writes a line.
func line(text string) store.Change {
	return func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, "INSERT INTO pad (line) VALUES (?)", text)
	}
}

// neighbours is a change between two before and two behind, in one group. All
// four must be there, whatever becomes of it; its own result is returned.
func neighbours(t *testing.T, h *testkit.House, change store.Change) error {
	t.Helper()
	commits, _ := h.DB.Groups()
	results := h.DB.Together(t, line("one"), line("two"), change, line("three"), line("four"))
	for i, err := range results {
		if i != 2 && err != nil {
			t.Errorf("neighbour %d was answered with %v", i, err)
		}
	}
	if n := h.DB.Number(t, "SELECT count(*) FROM pad WHERE line IN ('one', 'two', 'three', 'four')"); n != 4 {
		t.Errorf("%d of 4 neighbours are there", n)
	}
	if n, _ := h.DB.Groups(); n == commits {
		t.Error("nothing was committed")
	}
	return results[2]
}

// Changes that come in together share one commit.
func TestWritersShareACommit(t *testing.T) {
	h := pad(t)
	commits, changes := h.DB.Groups()
	for i, err := range h.DB.Together(t, line("one"), line("two"), line("three")) {
		if err != nil {
			t.Errorf("change %d: %v", i, err)
		}
	}
	nowCommits, nowChanges := h.DB.Groups()
	if nowCommits-commits != 2 || nowChanges-changes != 4 { // one was the change that held the writer
		t.Errorf("%d commits for %d changes", nowCommits-commits, nowChanges-changes)
	}
}

// A change that fails is undone alone, whether it is the first of its group, the
// last, or in between.
func TestAFailingChangeIsUndoneAlone(t *testing.T) {
	h := pad(t)
	write(t, h, "INSERT INTO pad (line) VALUES ('taken')")
	failing := func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Exec(ctx, "INSERT INTO pad (line) VALUES ('half')"); err != nil {
			return err
		}
		return tx.Exec(ctx, "INSERT INTO pad (line) VALUES ('taken')")
	}
	results := h.DB.Together(t, failing, line("one"), failing, line("two"), failing)
	var unique *store.UniqueError
	for i, err := range results {
		if wrong := i%2 == 0; wrong != errors.As(err, &unique) || !wrong && err != nil {
			t.Errorf("change %d was answered with %v", i, err)
		}
	}
	if n := h.DB.Number(t, "SELECT count(*) FROM pad"); n != 3 {
		t.Errorf("%d lines are there, want taken, one and two", n)
	}
}

// A change that breaks a constraint only at the commit takes the commit with it;
// its neighbours are made again and are there.
func TestAConstraintBrokenAtTheCommit(t *testing.T) {
	h := pad(t)
	write(t, h, "CREATE TABLE leaf (line TEXT REFERENCES pad (line))")
	err := neighbours(t, h, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Exec(ctx, "PRAGMA defer_foreign_keys = ON"); err != nil {
			return err
		}
		return tx.Exec(ctx, "INSERT INTO leaf (line) VALUES ('of no tree')")
	})
	if err == nil || !strings.Contains(err.Error(), "FOREIGN KEY") {
		t.Errorf("the orphan was answered with %v", err)
	}
	if n := h.DB.Number(t, "SELECT count(*) FROM leaf"); n != 0 {
		t.Error("the orphan is there")
	}
}

// A change that panics is undone alone and the writer goes on.
func TestAChangeThatPanics(t *testing.T) {
	h := pad(t)
	err := neighbours(t, h, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Exec(ctx, "INSERT INTO pad (line) VALUES ('half')"); err != nil {
			return err
		}
		panic("a fault in a rule")
	})
	if err == nil || !strings.Contains(err.Error(), "a fault in a rule") {
		t.Errorf("it was answered with %v", err)
	}
	if n := h.DB.Number(t, "SELECT count(*) FROM pad WHERE line = 'half'"); n != 0 {
		t.Error("half of it is there")
	}
}

// A statement that is cut off makes SQLite undo the whole transaction; the
// neighbours are made again and are there.
func TestAStatementThatIsCutOff(t *testing.T) {
	h := pad(t)
	err := neighbours(t, h, func(_ context.Context, tx *store.Tx) error {
		outer, end := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer end()
		return tx.Exec(outer, "INSERT INTO pad (line) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT i FROM n")
	})
	if err == nil {
		t.Error("what was cut off was answered as made")
	}
	if n := h.DB.Number(t, "SELECT count(*) FROM pad"); n != 4 {
		t.Errorf("%d lines are there, want the 4 of the neighbours", n)
	}
}

// A caller that goes away in mid-group takes nobody along: its change is made
// whole or not at all.
func TestACallerThatGoesAway(t *testing.T) {
	h := pad(t)
	gone, leave := context.WithCancel(context.Background())
	result := make(chan error, 1)
	queued, release := h.DB.Hold()
	go func() { result <- h.DB.Write(gone, line("of the one who left")) }()
	for queued() == 0 {
		time.Sleep(time.Millisecond)
	}
	leave()
	release()
	if err := <-result; !fault.Is(err, fault.Busy) {
		t.Errorf("a change whose caller had gone was answered with %v", err)
	}
	during, leave := context.WithCancel(context.Background())
	err := h.DB.Write(during, func(ctx context.Context, tx *store.Tx) error {
		leave() // the change is under way: it is finished
		return line("of the one who leaves")(ctx, tx)
	})
	if err != nil {
		t.Errorf("a change whose caller left while it was made: %v", err)
	}
	if n := h.DB.Number(t, "SELECT count(*) FROM pad"); n != 1 {
		t.Errorf("%d lines are there, want 1", n)
	}
}

// A change that finds the disk full is answered so; its neighbours, which fit, are
// there, and once there is space it is made without a restart.
func TestAFullDisk(t *testing.T) {
	h := pad(t)
	limit := func(pages int64) {
		write(t, h, "PRAGMA max_page_count = "+decimal(pages))
	}
	big := func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, "INSERT INTO pad (line, big) VALUES ('big', ?)", strings.Repeat("x", 1<<20))
	}
	limit(h.DB.Number(t, "PRAGMA page_count") + 4)
	if err := neighbours(t, h, big); !fault.Is(err, fault.StorageFull) {
		t.Errorf("it was answered with %v", err)
	}
	if h.DB.Failed() != nil {
		t.Errorf("a full disk is no damage: %v", h.DB.Failed())
	}
	h.As("l4").Get("/stakeholders").Want(200)
	limit(1 << 30)
	if err := h.DB.Write(context.Background(), big); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

// What waits for a commit is not told of one that did not come.
func TestAfterIsCalledForCommitsOnly(t *testing.T) {
	h := testkit.Open(t)
	told := map[string]int{}
	note := func(name string, err error) store.Change {
		return func(_ context.Context, tx *store.Tx) error {
			tx.After(func() { told[name]++ })
			return err
		}
	}
	for _, change := range []store.Change{note("made", nil), note("failed", errors.New("no")), note("made", nil)} {
		_ = h.DB.Write(context.Background(), change)
	}
	if told["made"] != 2 || told["failed"] != 0 {
		t.Errorf("told %v", told)
	}
	_ = h.DB.Write(context.Background(), func(_ context.Context, tx *store.Tx) error {
		tx.After(func() { panic("a faulty listener") })
		return nil
	})
	if err := h.DB.Write(context.Background(), note("made", nil)); err != nil || told["made"] != 3 {
		t.Errorf("after a faulty listener: %v, told %v", err, told)
	}
}

// The search index holds the words of what was made, and none of what failed in
// the same group.
func TestTheIndexAfterAFailedNeighbour(t *testing.T) {
	h := pad(t)
	h.Quick = true
	l4 := h.As("l4")
	l4.Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation","external_ids":[{"system":"crm","key":"1"}]}`).Want(201)
	bodies := []string{
		`{"name":"Riverside Residents","kind":"group"}`,
		`{"name":"Riverbank Board","kind":"organisation","external_ids":[{"system":"crm","key":"1"}]}`,
		`{"name":"Riverside Traders","kind":"group"}`,
	}
	queued, release := h.DB.Hold()
	status := make(chan int)
	for i, body := range bodies {
		go func() { status <- l4.Post("/stakeholders", body).Status }()
		for queued() <= i {
			time.Sleep(time.Millisecond)
		}
	}
	release()
	got := map[int]int{}
	for range bodies {
		got[<-status]++
	}
	if got[201] != 2 || got[409] != 1 {
		t.Errorf("answered with %v", got)
	}
	if n := l4.Get("/stakeholders?q=river").Want(200).Len("data"); n != 2 {
		t.Errorf("%d are found by a word, want 2", n)
	}
	write(t, h, "INSERT INTO stakeholders_fts (stakeholders_fts) VALUES ('integrity-check')")
}
