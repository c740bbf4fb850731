package api_test

import (
	"context"
	"reflect"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// What is derived of a record is derived before it is put, once: a rebuilding finds
// nothing else, neither of records that were entered nor of such as were adopted.
func TestContractDerivedAtBirth(t *testing.T) {
	h := testkit.Open(t)
	for _, n := range register.All() {
		if n.Derive != nil {
			h.Some(n.Name)
		}
	}
	complaints := "title,description,channel,category,subject,anonymous,received_at,state,upheld\n" +
		"Noise,At night,call,environment,Lorries,true,2026-10-01,closed_accepted,upheld\n" +
		"Noise,At night,call,environment,Lorries,true,2026-10-02,received,\n" +
		"Noise,At night,call,environment,Lorries,true,2026-10-03,received,\n"
	h.As("l6").With("Content-Type", "text/csv").Post("/imports?collection=complaints&adopt=true&mode=commit", complaints).Want(202)
	h.RunJobs()
	if last := h.As("l6").Get("/complaints?sort=-received_at&subject=Lorries").Want(200); last.Text("data.0.repeat_count") != "2" || last.Text("data.0.repeat_of_id") != last.Text("data.1.id") {
		t.Errorf("not found to be a repeat: %s", last.Body)
	}
	stored, entries := h.Picture(), h.Entries()
	if err := h.Ledger.Rederive(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(h.Picture(), stored) || h.Entries() != entries {
		t.Error("what is stored differs from what a rebuilding finds")
	}
}
