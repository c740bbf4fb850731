package api_test

import (
	"testing"

	"rapport/internal/testkit"
)

// A stakeholder is entered, found, changed, removed and restored; the history
// tells of each step.
func TestStakeholderFromEntryToRestoration(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")

	made := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group","tags":["Noise"]}`).Want(201)
	path := "/stakeholders/" + made.Text("ref")
	if made.Text("state") != "prospect" || made.Text("created_by.name") != "Person l4" || made.Header.Get("ETag") != `"1"` {
		t.Errorf("not as entered: %s", made.Body)
	}
	if n := l4.Get("/stakeholders?name=riverside%20residents&tags.any=noise&include_total=true").Want(200).Text("page.total"); n != "1" {
		t.Errorf("found %s by name and tag, want 1", n)
	}
	if n := l4.Get("/stakeholders?q=RIVER").Want(200).Len("data"); n != 1 {
		t.Errorf("found %d by the beginning of a word, want 1", n)
	}
	l4.With("If-Match", `"1"`).Patch(path, `{"description":"They live by the river."}`).Want(200)
	l4.With("If-Match", `"1"`).Patch(path, `{"description":"late"}`).Code(412, "precondition-failed")
	l4.Delete(path).Code(403, "insufficient-level")
	l5.Delete(path).Want(204)
	l5.Delete(path).Want(204)
	l4.Get(path).Code(410, "gone")
	if n := l4.Get("/stakeholders").Want(200).Len("data"); n != 0 {
		t.Errorf("a removed stakeholder is in the list")
	}
	l5.Post(path+"/restore", nil).Want(200)
	if got := l4.Get(path + "/changes").Want(200); got.Len("data") != 4 {
		t.Errorf("want 4 lines of history, got %s", got.Body)
	}
}

// The same request under the same key is answered once more and made once.
func TestIdempotencyKeyMakesOneRecord(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4").With("Idempotency-Key", "k-1")
	body := `{"name":"Harbour Board","kind":"organisation"}`
	first := l4.Post("/stakeholders", body).Want(201)
	entries := h.Entries()
	again := l4.Post("/stakeholders", body).Want(201)
	if again.ID() != first.ID() || again.Header.Get("Idempotent-Replayed") != "true" || h.Entries() != entries {
		t.Errorf("made twice: %s", again.Body)
	}
	l4.Post("/stakeholders", `{"name":"Another","kind":"organisation"}`).Code(422, "idempotency-key-reused")
}
