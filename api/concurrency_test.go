package api_test

import (
	"fmt"
	"sync"
	"testing"

	"rapport/internal/testkit"
)

// atOnce asks n times at once and counts the answers by status.
func atOnce(n int, ask func(i int) *testkit.Reply) map[int]int {
	var mu sync.Mutex
	var asking sync.WaitGroup
	begin, got := make(chan struct{}), map[int]int{}
	for i := range n {
		asking.Go(func() {
			<-begin
			r := ask(i)
			mu.Lock()
			got[r.Status]++
			mu.Unlock()
		})
	}
	close(begin)
	asking.Wait()
	return got
}

// Fifty requests at once under one key make one record; all are answered with it.
func TestFiftyAtOnceUnderOneKey(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l4, entries := h.As("l4").With("Idempotency-Key", "harbour-1"), h.Entries()
	var mu sync.Mutex
	ids, replayed := map[string]bool{}, 0
	got := atOnce(50, func(int) *testkit.Reply {
		r := l4.Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`)
		mu.Lock()
		defer mu.Unlock()
		ids[r.ID()] = true
		if r.Header.Get("Idempotent-Replayed") == "true" {
			replayed++
		}
		return r
	})
	if got[201] != 50 || len(ids) != 1 || replayed != 49 || h.Entries() != entries+1 {
		t.Errorf("answered %v with %d records, %d of them replayed, and %d entries", got, len(ids), replayed, h.Entries()-entries)
	}
}

// Of fifty changes at once that saw the same version one is made; the others are
// told of the version that there is now.
func TestFiftyChangesOfOneVersion(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	path := "/stakeholders/" + h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201).ID()
	l4, entries := h.As("l4").With("If-Match", `"1"`), h.Entries()
	got := atOnce(50, func(i int) *testkit.Reply {
		return l4.Patch(path, fmt.Sprintf(`{"description":"as writer %d saw it"}`, i))
	})
	if got[200] != 1 || got[412] != 49 || h.Entries() != entries+1 {
		t.Errorf("answered %v and made %d entries", got, h.Entries()-entries)
	}
	if v := h.As("l4").Get(path).Want(200).Text("version"); v != "2" {
		t.Errorf("at version %s", v)
	}
}

// Of twenty records at once with one external id one is made; the others are
// duplicates, and none is an error of ours.
func TestTwentyOfOneExternalID(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	entries := h.Entries()
	got := atOnce(20, func(i int) *testkit.Reply {
		return h.As("l4").Post("/stakeholders", fmt.Sprintf(`{"name":"Resident %d of the harbour street","kind":"organisation","external_ids":[{"system":"crm","key":"4711"}]}`, i))
	})
	if got[201] != 1 || got[409] != 19 || h.Entries() != entries+1 {
		t.Errorf("answered %v and made %d entries", got, h.Entries()-entries)
	}
}

// Removing a record and changing it at once leaves a history that is whole: every
// answer of success is one entry.
func TestRemovalBesideChanges(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	path := "/stakeholders/" + h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201).ID()
	entries := h.Entries()
	got := atOnce(21, func(i int) *testkit.Reply {
		if i == 10 {
			return h.As("l5").Delete(path)
		}
		return h.As("l4").Patch(path, fmt.Sprintf(`{"description":"as writer %d saw it"}`, i))
	})
	if got[204] != 1 || got[200]+got[410] != 20 || h.Entries() != entries+int64(got[200])+1 {
		t.Errorf("answered %v and made %d entries", got, h.Entries()-entries)
	}
}
