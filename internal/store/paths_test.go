package store_test

import (
	"slices"
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// Every access path of every noun is served by an index, from the first page and
// from after a cursor, forwards and backwards, whoever asks.
func TestAccessPathsNeitherScanNorSort(t *testing.T) {
	h := testkit.Open(t).Contract()
	for _, n := range register.All() {
		h.Fill(n, 1500)
		for _, p := range n.Paths {
			for _, desc := range []bool{false, true} {
				if !explainPath(t, h, n, p, desc) {
					break // one flaw of a path is enough
				}
			}
		}
	}
}

func explainPath(t *testing.T, h *testkit.House, n *register.Noun, p register.Path, desc bool) bool {
	t.Helper()
	sort := n.Field(strings.TrimPrefix(p.Sort, "-"))
	q := store.Query{Noun: n, Sort: sort, Desc: desc, Limit: 50}
	for _, name := range p.Equal {
		f := n.Field(name)
		if f.Many || f.Terms {
			return explainLinkPath(t, h, q, f)
		}
		q.Where = append(q.Where, store.Cond{Field: f, Op: "eq", Values: []any{likely(f)}})
	}
	const id = "v5" // in the middle of what Fill made
	pages := []*store.Position{nil, {Value: middle(sort), ID: id}, {Value: middle(sort), ID: id, Back: true}}
	if sort.Nullable {
		pages = append(pages, &store.Position{ID: id}, &store.Position{ID: id, Back: true})
	}
	for _, after := range pages {
		for _, sight := range []*store.Sight{nil, {Clearance: authority.Internal, Cap: authority.Restricted, Person: id}} {
			q.After, q.Sight = after, sight
			for _, spelt := range spellings(q.Where) {
				asked := q
				asked.Where = spelt
				for _, statement := range h.DB.ListSQL(asked) {
					if plan := h.Explain(statement.SQL, statement.Args); !served(h, plan, q.Where) {
						t.Errorf("%s by %s (descending %v, after %+v): no index serves\n%s\n%s", n.Name, p, desc, after, statement.SQL, plan)
						return false
					}
				}
			}
		}
	}
	return true
}

// explainLinkPath holds the path from a term of a list field to walk the sorted links.
func explainLinkPath(t *testing.T, h *testkit.House, q store.Query, f *register.Field) bool {
	t.Helper()
	h.FillSortedLinks(q.Noun, f, 20000)
	one := store.Cond{Field: f, Op: "any", Values: []any{"v1"}}
	for _, where := range [][]store.Cond{{one}, {{Op: "and", Of: []store.Cond{one}}}, {one, {Field: q.Noun.Field("state"), Op: "ne", Values: []any{"v3"}}}} {
		for _, after := range []*store.Position{nil, {Value: "v5", ID: "v5"}, {Value: "v5", ID: "v5", Back: true}} {
			for _, sight := range []*store.Sight{nil, {Clearance: authority.Internal, Cap: authority.Restricted, Person: "v5"}} {
				q.Where, q.After, q.Sight = where, after, sight
				statement := h.DB.ListSQL(q)[0]
				plan := h.Explain(statement.SQL, statement.Args)
				walked := strings.Contains(plan, "sorted_links_pkey") || strings.Contains(plan, "SEARCH l USING PRIMARY KEY (kind=? AND field=? AND target=?")
				if !walked || strings.Contains(plan, "Sort") || strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%s by %s: the sorted links are not walked\n%s\n%s", q.Noun.Name, f.Name, statement.SQL, plan)
					return false
				}
			}
		}
	}
	return true
}

// spellings are the same conditions as a URL, and as trees in a body, may have
// them: together, one inside the other, as one of one value, and denied twice.
func spellings(where []store.Cond) [][]store.Cond {
	out := [][]store.Cond{where}
	if len(where) == 0 {
		return out
	}
	joint := func(op string, of ...store.Cond) store.Cond { return store.Cond{Op: op, Of: of} }
	nested, listed, denied, double := where[0], []store.Cond{}, []store.Cond{}, []store.Cond{}
	for _, c := range where[1:] {
		nested = joint("and", joint("and", nested), c)
	}
	for _, c := range where {
		in, ne := c, c
		in.Op, ne.Op = "in", "ne"
		listed, denied, double = append(listed, in), append(denied, joint("not", ne)), append(double, ne)
	}
	// In a mixed or nothing would be left to serve: not of an or is an and.
	return append(out, []store.Cond{nested}, listed, denied, []store.Cond{joint("not", joint("or", double...))})
}

func likely(f *register.Field) any {
	switch f.Shape {
	case register.Whole, register.Rank:
		return 1
	case register.Truth:
		return true
	}
	return "v1"
}

func middle(f *register.Field) any {
	switch f.Shape {
	case register.Whole, register.Rank:
		return 10
	case register.Truth:
		return true
	}
	return "v5"
}

// served reports whether a plan walks one index in its order, from where all the
// equalities hold.
func served(h *testkit.House, plan string, where []store.Cond) bool {
	postgres := h.DB.Dialect() == "postgres"
	held, flaws := "", []string{"Sort", "Seq Scan", "TEMP B-TREE"}
	for line := range strings.SplitSeq(plan, "\n") {
		if postgres && strings.Contains(line, "Index Cond") || !postgres && strings.Contains(line, "SEARCH t USING") {
			held += line
		}
		if !postgres && strings.Contains(line, "SCAN t") && !strings.Contains(line, "USING") {
			return false
		}
	}
	// PostgreSQL goes by its statistics to the few rows without a value, through
	// whichever index leads to them; with many it takes the path's own.
	few := postgres && strings.Contains(held, "IS NULL)")
	for _, c := range where {
		if !few && !strings.Contains(held, c.Field.SQLColumn()) {
			return false
		}
	}
	return !slices.ContainsFunc(flaws, func(flaw string) bool { return strings.Contains(plan, flaw) })
}

// Every column is a field and every field a column, and neither admits a null
// that the other does not; texts that are compared have their folded column.
func TestColumnsAreFields(t *testing.T) {
	h := testkit.Open(t).Contract()
	for _, n := range register.All() {
		columns := h.Columns(n.Table)
		want := map[string]bool{"created_by_type": false, "created_by_id": true, "updated_by_type": false, "updated_by_id": true}
		for _, f := range n.Fields {
			want[f.Name] = f.Nullable
			if f.Folded() {
				want[f.SQLColumn()] = f.Nullable
			}
		}
		for name, nullable := range want {
			is, there := columns[name]
			switch {
			case !there:
				t.Errorf("%s has no column %s", n.Table, name)
			case is != nullable && name != "num":
				t.Errorf("%s.%s admits null: %v in the table, %v in the field", n.Table, name, is, nullable)
			}
			delete(columns, name)
		}
		for name := range columns {
			t.Errorf("%s.%s is no field", n.Table, name)
		}
	}
}
