package store_test

import (
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// Those like a record are found by indexes, whatever is asked together and whoever
// asks: no scan of records, and no sorting of more than a page.
func TestThoseAlikeAreFoundByIndexes(t *testing.T) {
	h := testkit.Open(t).Contract()
	n := register.Stakeholders
	h.Fill(n, 20000)
	name := register.Likeness{Field: "name", Value: "Harbour Board"}
	mail := register.Likeness{Field: "channels", Value: "board@harbour.example"}
	claims := store.Claims{External: []register.ExternalID{{System: "crm", Key: "1"}, {System: "erp", Key: "2"}}, Values: []register.Likeness{mail, mail, name}}
	for _, before := range []int64{0, 1000} {
		for _, sight := range []*store.Sight{nil, {Clearance: authority.Internal, Cap: authority.Restricted, Person: "v5"}} {
			k := store.Kin{Noun: n, Sight: sight, Before: before, Limit: 6}
			claimed, namesakes := h.DB.AlikeSQL(k, claims, []string{"harbour", "board"})
			for what, s := range map[string]store.Statement{"claimed": claimed, "namesakes": namesakes} {
				plan := h.Explain(s.SQL, s.Args)
				for _, flaw := range []string{"Seq Scan on stakeholders", "Seq Scan on links", "SCAN t\n", "SCAN l\n", "TEMP B-TREE"} {
					if strings.Contains(plan+"\n", flaw) {
						t.Errorf("%s before %d: %s in\n%s\n%s", what, before, flaw, s.SQL, plan)
					}
				}
			}
		}
	}
}
