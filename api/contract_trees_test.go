package api_test

import (
	"encoding/json"
	"slices"
	"strconv"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// around are the records that the watched ones refer to in one field, watched
// likewise.
type around struct {
	by    *register.Field
	suite *listSuite
	recs  map[string]register.Record
}

// lookAround reads what the watched records refer to.
func (s *listSuite) lookAround() {
	for _, f := range s.n.Fields {
		if f.Shape != register.Ref || !f.Filter || f.Secret || f.Target == "api_key" {
			continue
		}
		n := register.ByName(f.Target)
		a := around{f, &listSuite{House: s.House, t: s.t, n: n, r: s.r, rows: map[string]register.Row{}, within: "id"}, map[string]register.Record{}}
		for _, row := range s.rows {
			id := string(row[f.Column])
			if id == "" || a.recs[id] != nil {
				continue
			}
			rec := s.Record(n, id)
			related, err := n.Row(rec)
			if err != nil {
				s.t.Fatal(err)
			}
			a.suite.rows[id], a.recs[id] = related, rec
			a.suite.watched = append(a.suite.watched, rec)
		}
		if len(a.recs) > 0 {
			slices.SortFunc(a.suite.watched, func(x, y register.Record) int { return compare(f, x.Meta().ID, y.Meta().ID) })
			s.around = append(s.around, a)
		}
	}
}

// relation makes up a filter by a field of what the records refer to.
func (s *listSuite) relation() (c condition, ok bool) {
	if len(s.around) == 0 {
		return c, false
	}
	a := s.around[s.r.IntN(len(s.around))]
	inner, ok := a.suite.condition()
	if !ok || inner.node == nil {
		return c, false
	}
	c.param, c.value = a.by.Relation()+"."+inner.param, inner.value
	c.node = map[string]any{"field": a.by.Relation() + "." + inner.node["field"].(string), "op": inner.node["op"], "value": inner.node["value"]}
	c.holds = func(_ register.Record, row register.Row) bool {
		id := string(row[a.by.Column])
		return id != "" && inner.holds(a.recs[id], a.suite.rows[id])
	}
	return c, true
}

// tree makes up a filter: of every record exactly one of it and its not holds,
// whatever has no value.
func (s *listSuite) tree(depth int) condition {
	if depth > 1 && s.r.IntN(3) > 0 {
		return s.joint(depth)
	}
	for {
		c, ok := s.condition()
		if s.r.IntN(4) == 0 {
			c, ok = s.relation()
		}
		if ok && c.node != nil {
			return c
		}
	}
}

func (s *listSuite) joint(depth int) (c condition) {
	word := []string{"and", "or", "not"}[s.r.IntN(3)]
	if word == "not" {
		of := s.tree(depth - 1)
		c.node = map[string]any{"not": of.node}
		c.holds = func(rec register.Record, row register.Row) bool { return !of.holds(rec, row) }
		return c
	}
	var of []condition
	var nodes []any
	for range 1 + s.r.IntN(3) {
		one := s.tree(depth - 1)
		of, nodes = append(of, one), append(nodes, one.node)
	}
	c.node = map[string]any{word: nodes}
	c.holds = func(rec register.Record, row register.Row) bool {
		holds := func(one condition) bool { return one.holds(rec, row) == (word == "or") }
		return slices.ContainsFunc(of, holds) == (word == "or")
	}
	return c
}

// askTree asks for a list by a filter made up, and walks it both ways.
func (s *listSuite) askTree(sortBy *register.Field, desc bool, limit int) {
	s.t.Helper()
	c := s.tree(4)
	for byParts(c.node) > 3 {
		c = s.tree(4)
	}
	sort := sortBy.Name
	if desc {
		sort = "-" + sort
	}
	var ids []any
	for id := range s.rows {
		ids = append(ids, id)
	}
	within := map[string]any{"field": "id", "op": "in", "value": ids}
	body := map[string]any{"filter": map[string]any{"and": []any{within, c.node}}, "sort": []string{sort}, "limit": limit, "include_total": true}
	at, _ := json.Marshal(body)
	s.pace("POST /"+s.n.Path+"/search "+string(at), limit, s.reckon([]condition{c}, sortBy, desc), func(cursor string) *testkit.Reply {
		if cursor != "" {
			body["cursor"] = cursor
		}
		return s.l7.Post("/"+s.n.Path+"/search", body)
	})
}

// byParts counts the comparisons by parts of texts, of which a list takes three.
func byParts(node any) (n int) {
	switch v := node.(type) {
	case map[string]any:
		if v["op"] == "contains" || v["op"] == "starts" {
			return 1
		}
		return byParts(v["and"]) + byParts(v["or"]) + byParts(v["not"])
	case []any:
		for _, of := range v {
			n += byParts(of)
		}
	}
	return n
}

// node is a comparison as a filter has it.
func node(f *register.Field, op string, value any) map[string]any {
	return map[string]any{"field": f.Name, "op": op, "value": value}
}

// wired are values in the JSON type of their field.
func wired(f *register.Field, values []string) (out []any) {
	for _, v := range values {
		switch f.Shape {
		case register.Whole:
			n, _ := strconv.Atoi(v)
			out = append(out, n)
		case register.Truth:
			out = append(out, v == "true")
		default:
			out = append(out, v)
		}
	}
	return out
}

func or(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	return word
}
