package store_test

import (
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// A search reads each index from its newest end and stops when it has enough: no
// scan of records, and no sorting of all that have a common word.
func TestSearchStopsWhenItHasEnough(t *testing.T) {
	h := testkit.Open(t)
	for _, n := range register.All() {
		if !store.Searched(n) {
			continue
		}
		query, args := h.DB.SearchSQL(n, "riverside residents", &store.Sight{Clearance: authority.Internal, Cap: authority.Restricted, Person: "somebody"})
		plan := h.Explain(query, args)
		want, never := []string{"VIRTUAL TABLE INDEX 4:DESC", "INTEGER PRIMARY KEY"}, []string{"TEMP B-TREE", "SCAN t"}
		if h.DB.Dialect() == "postgres" {
			want, never = []string{"Index Scan Backward using search_texts_pkey"}, []string{"Seq Scan"}
		}
		for _, w := range want {
			if !strings.Contains(plan, w) {
				t.Errorf("%s: no %s in\n%s", n.Name, w, plan)
			}
		}
		for _, w := range never {
			if strings.Contains(plan, w) {
				t.Errorf("%s: %s in\n%s", n.Name, w, plan)
			}
		}
	}
}
