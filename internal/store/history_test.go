package store_test

import (
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// A page of a record's history is read from its newest entry and stops there: the
// entries of a record with many are not sorted for it.
func TestHistoriesAreReadInTheirOrder(t *testing.T) {
	h := testkit.Open(t)
	if h.DB.Dialect() == "postgres" {
		t.Skip("PostgreSQL goes by its statistics, through the record or through the ids")
	}
	for _, cond := range []string{"", " AND id < 'x'", " AND (action = 'commented')"} {
		plan := h.Explain("SELECT * FROM entries WHERE kind = ? AND record_id = ?"+cond+" ORDER BY id DESC LIMIT 51", []any{"stakeholder", "x"})
		if !strings.Contains(plan, "entries_by_id") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s: %s", cond, plan)
		}
	}
}

// What somebody did is read from the newest entry of theirs, and nothing is sorted,
// whoever asks and wherever the page begins.
func TestDiariesAreReadInTheirOrder(t *testing.T) {
	h := testkit.Open(t)
	for _, after := range []*store.Position{nil, {Value: "2026-11-22T09:00:00.000Z", ID: "x"}} {
		for _, clearance := range []authority.Sensitivity{authority.Public, authority.Internal, authority.Restricted} {
			query, args := h.DB.DeedsSQL("v1", "2026-11-22T00:00:00.000Z", after, &store.Sight{Clearance: clearance, Cap: authority.Restricted, Person: "v1"}, []string{"issue", "stakeholder"}, 51)
			plan := h.Explain(query, args)
			if !strings.Contains(plan, "entries_by_actor") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort") || strings.Contains(plan, "Seq Scan") {
				t.Errorf("cleared for %s, after %v: %s", clearance, after, plan)
			}
		}
	}
}
