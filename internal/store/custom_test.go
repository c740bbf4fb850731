package store_test

import (
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// Behind a filter by a custom field no scan hides: either its value leads to the
// few records that have it, by one index, or the list is walked in its order by
// another, and each record is asked by a third.
func TestCustomFieldsNeitherScanNorSort(t *testing.T) {
	h := testkit.Open(t).Contract()
	n := register.ByName("stakeholder")
	h.Fill(n, 1500)
	h.Fill(register.ByName("issue"), 1500)
	of := map[string]*register.Field{}
	for key, typ := range map[string]string{"region": "text", "berths": "number", "moods": "multi_enum"} {
		f := &register.CustomField{CustomFieldFields: register.CustomFieldFields{Key: key, Type: typ, Filterable: true}}
		f.State = "active"
		of[key] = f.Field()
	}
	fillValues(h)
	for name, c := range map[string]store.Cond{
		"region": {Field: of["region"], Op: "eq", Values: []any{"v1"}}, "region.in": {Field: of["region"], Op: "in", Values: []any{"v1", "v2"}},
		"region.ne": {Field: of["region"], Op: "ne", Values: []any{"v1"}}, "berths.gt": {Field: of["berths"], Op: "gt", Values: []any{"v1"}},
		"region.contains": {Field: of["region"], Op: "contains", Values: []any{"v1"}}, "region.starts": {Field: of["region"], Op: "starts", Values: []any{"v1"}},
		"moods.all": {Field: of["moods"], Op: "all", Values: []any{"v1", "v2"}}, "moods.none": {Field: of["moods"], Op: "none", Values: []any{"v1"}},
		"region.null=true": {Field: of["region"], Op: "null", Values: []any{true}}, "region.null=false": {Field: of["region"], Op: "null", Values: []any{false}},
		"not region": {Op: "not", Of: []store.Cond{{Field: of["region"], Op: "eq", Values: []any{"v1"}}}},
	} {
		q := store.Query{Noun: n, Sort: n.Field("updated_at"), Desc: true, Limit: 50, Where: []store.Cond{c}, Sight: &store.Sight{Clearance: authority.Internal, Cap: authority.Restricted, Person: "v5"}}
		for _, s := range h.DB.ListSQL(q) {
			if plan := h.Explain(s.SQL, s.Args); !walked(plan) {
				t.Errorf("%s: the list is not walked in its order\n%s\n%s", name, s.SQL, plan)
			}
		}
		if c.Op == "ne" || c.Op == "none" || c.Op == "not" || name == "region.null=true" {
			continue
		}
		for _, s := range h.DB.LedSQL(q) {
			if plan := h.Explain(s.SQL, s.Args); !fromValues(plan) {
				t.Errorf("%s: its values do not lead\n%s\n%s", name, s.SQL, plan)
			}
		}
	}
}

// fillValues gives PostgreSQL, which goes by its statistics, values to count.
func fillValues(h *testkit.House) {
	if h.DB.Dialect() != "postgres" {
		return
	}
	h.Raw("INSERT INTO custom_values (kind, field, value, record_id) SELECT 'stakeholder', f, 'v' || (i % 5), 'v' || i FROM generate_series(1, 1500) i, unnest(ARRAY['region', 'berths', 'moods']) f", nil)
	h.Raw("ANALYZE custom_values", nil)
}

func walked(plan string) bool {
	for _, flaw := range []string{"Seq Scan", "TEMP B-TREE", "SCAN v", "Sort"} {
		if strings.Contains(plan, flaw) {
			return false
		}
	}
	return strings.Contains(plan, "stakeholders_updated_at") && strings.Contains(plan, "custom_values")
}

func fromValues(plan string) bool {
	for line := range strings.SplitSeq(plan, "\n") {
		if strings.Contains(line, "SCAN ") || strings.Contains(line, "Seq Scan") {
			return false
		}
	}
	return strings.Contains(plan, "SEARCH v USING PRIMARY KEY (kind=? AND field=?") || strings.Contains(plan, "custom_values_pkey")
}
