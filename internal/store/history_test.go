package store_test

import (
	"strings"
	"testing"

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
