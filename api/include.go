package api

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// Bounds of include.
const (
	maxIncludes = 5
	maxChildren = 100
)

func splitNames(s string) (names []string) {
	for name := range strings.SplitSeq(s, ",") {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

func checkIncludes(n *register.Noun, names []string) *fault.Error {
	valid := n.Includes()
	var faults fault.Fields
	for _, name := range names {
		if !slices.Contains(valid, name) {
			faults.Guess(fault.Field{
				Parameter: "include", Code: "not_in_enum", Detail: "include takes " + strings.Join(valid, ", ") + ".", Params: map[string]any{"allowed": valid},
			}, name, func() []string { return valid })
		}
	}
	if len(names) > maxIncludes {
		faults.Add(fault.Field{Parameter: "include", Code: "too_many_items", Detail: "include takes at most 5 names."})
	}
	if len(faults) == 0 {
		return nil
	}
	f := fault.New(fault.InvalidParameter, "include names what this collection does not have.")
	f.Fields = faults
	return f
}

// gathering collects the records that go into included, by collection.
type gathering struct {
	bodies    map[string][][]byte
	truncated bool
}

// included is the member of that name, with a comma before it; nothing if nothing
// was asked for.
func (r resource) included(c echo.Context, names []string, rows []register.Row) ([]byte, error) {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "transitions" })
	if len(names) == 0 {
		return nil, nil
	}
	g := &gathering{bodies: map[string][][]byte{}}
	for _, name := range names {
		if err := r.gather(c, g, name, rows); err != nil {
			return nil, err
		}
	}
	out := []byte(`,"included":{`)
	collections := make([]string, 0, len(g.bodies))
	for name := range g.bodies {
		collections = append(collections, name)
	}
	slices.Sort(collections)
	for i, name := range collections {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `"`+name+`":[`...)
		for j, b := range unique(g.bodies[name]) {
			if j > 0 {
				out = append(out, ',')
			}
			out = append(out, b...)
		}
		out = append(out, ']')
	}
	out = append(out, '}')
	if g.truncated {
		out = append(out, `,"included_truncated":true`...)
	}
	return out, nil
}

func unique(bodies [][]byte) [][]byte {
	seen := map[string]bool{}
	return slices.DeleteFunc(bodies, func(b []byte) bool {
		was := seen[string(b)]
		seen[string(b)] = true
		return was
	})
}

func (r resource) gather(c echo.Context, g *gathering, name string, rows []register.Row) error {
	first, second, deep := strings.Cut(name, ".")
	ctx := c.Request().Context()
	for _, f := range r.noun.Fields {
		if f.Target == "" || f.Included() != first {
			continue
		}
		target := register.ByName(f.Target)
		ids := idsIn(f, rows)
		if deep {
			return r.gatherDeep(c, g, target, second, ids)
		}
		bodies, err := r.ledger.Related(ctx, target, ids)
		g.bodies[target.Plural] = append(g.bodies[target.Plural], bodies...)
		return err
	}
	if first == "contacts" {
		return r.gatherContacts(c, g, rows)
	}
	for _, child := range register.All() {
		if child.UnderA(r.noun) == nil || child.Plural != first {
			continue
		}
		if err := r.gatherChildren(c, g, child, child.UnderA(r.noun), rows); err != nil {
			return err
		}
	}
	return nil
}

func (r resource) gatherDeep(c echo.Context, g *gathering, n *register.Noun, relation string, ids []string) error {
	f := n.Field(relation + "_id")
	rows, err := r.ledger.RowsOf(c.Request().Context(), n, ids)
	if err != nil {
		return err
	}
	target := register.ByName(f.Target)
	bodies, err := r.ledger.Related(c.Request().Context(), target, idsIn(f, rows))
	g.bodies[target.Plural] = append(g.bodies[target.Plural], bodies...)
	return err
}

func (r resource) gatherChildren(c echo.Context, g *gathering, child *register.Noun, by *register.Field, rows []register.Row) error {
	found, bodies, err := r.ledger.Children(c.Request().Context(), child, by, idsIn(r.noun.Field("id"), rows), maxChildren+1)
	g.addChildren(child, by, found, bodies)
	return err
}

// addChildren adds the children of each parent up to the bound. They come parent by
// parent, one more of each than is shown.
func (g *gathering) addChildren(child *register.Noun, by *register.Field, rows []register.Row, bodies [][]byte) (shown []register.Row) {
	of := map[string]int{}
	for i, row := range rows {
		parent := string(row[by.Column])
		if of[parent]++; of[parent] > maxChildren {
			g.truncated = true
			continue
		}
		shown = append(shown, row)
		g.bodies[child.Plural] = append(g.bodies[child.Plural], bodies[i])
	}
	return shown
}

// gatherContacts brings the people to call at an organisation: its contact_for
// relationships, the primary ones first, and who they are.
func (r resource) gatherContacts(c echo.Context, g *gathering, rows []register.Row) error {
	n := register.Relationships
	found, bodies, err := r.ledger.Contacts(c.Request().Context(), idsIn(r.noun.Field("id"), rows), maxChildren+1)
	if err != nil {
		return err
	}
	found = g.addChildren(n, n.Field("to_id"), found, bodies)
	people, err := r.ledger.Related(c.Request().Context(), r.noun, idsIn(n.Field("from_id"), found))
	g.bodies[r.noun.Plural] = append(g.bodies[r.noun.Plural], people...)
	return err
}

func idsIn(f *register.Field, rows []register.Row) (ids []string) {
	for _, row := range rows {
		cell := row[f.Column]
		if cell == nil {
			continue
		}
		if f.Many {
			var many []string
			if json.Unmarshal(cell, &many) == nil {
				ids = append(ids, many...)
			}
			continue
		}
		ids = append(ids, string(cell))
	}
	return ids
}

// withIncluded adds included, and transitions if asked for, to one record.
func (r resource) withIncluded(c echo.Context, names []string, shown ledger.Shown) ([]byte, error) {
	body, rows := shown.Body[:len(shown.Body)-1], []register.Row{shown.Row}
	if slices.Contains(names, "transitions") {
		explained, err := r.ledger.TransitionsOf(c.Request().Context(), r.noun, rows)
		if err != nil {
			return nil, err
		}
		raw, err := json.Marshal(explained[0])
		if err != nil {
			return nil, err
		}
		body = append(append(body, `,"transitions":`...), raw...)
	}
	included, err := r.included(c, names, rows)
	return append(append(body, included...), '}'), err
}

// itemExtras are the transitions of each item, if they were asked for.
func (r resource) itemExtras(c echo.Context, ask listing, page ledger.Listed) ([][]byte, error) {
	if !slices.Contains(ask.include, "transitions") {
		return nil, nil
	}
	explained, err := r.ledger.TransitionsOf(c.Request().Context(), r.noun, page.Rows)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(explained))
	for i, of := range explained {
		for j := range of {
			of[j].Blockers = nil // not evaluated in lists
		}
		if out[i], err = json.Marshal(of); err != nil {
			return nil, err
		}
	}
	return out, nil
}
