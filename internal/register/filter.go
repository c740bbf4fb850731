package register

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/fault"
)

// Limits of a filter as a tree.
const (
	maxDepth = 5
	maxNodes = 50
)

// Filter reads a filter as JSON: {"and": […]}, {"or": […]}, {"not": …} or
// {"field", "op", "value"}, nested at most 5 deep, of at most 50 nodes. raw is
// sound JSON. What it refuses stands in Faults.
func (a *Asking) Filter(at Place, raw jsontext.Value) (c Cond, ok bool) {
	before := len(a.Faults)
	c, ok = a.node(at, raw, 1)
	if a.nodes > maxNodes {
		a.refuse(at, "too_many_items", "A filter has at most 50 nodes.")
	}
	return c, ok && len(a.Faults) == before
}

// nodeWords are the members of nodes.
var nodeWords = []string{"and", "field", "not", "op", "or", "value"}

// node reads one node of a filter. Beyond the bounds it reads no further.
func (a *Asking) node(at Place, raw jsontext.Value, depth int) (c Cond, ok bool) {
	if a.nodes++; a.nodes > maxNodes {
		return c, false
	}
	if raw.Kind() != '{' {
		a.refuse(at, "invalid_type", `A node of a filter is an object: {"and": […]}, {"or": […]}, {"not": …} or {"field", "op", "value"}.`)
		return c, false
	}
	if depth > maxDepth {
		a.refuse(at, "out_of_range", "A filter nests at most 5 deep.")
		return c, false
	}
	body, err := members(raw)
	body = slices.DeleteFunc(body, func(m Member) bool { return m.Raw.Kind() == 'n' && m.Name != "value" })
	if err != nil || !a.wellFormed(at, body) {
		return c, false
	}
	if len(body) == 1 {
		return a.joint(at, body[0], depth)
	}
	return a.leaf(at, body)
}

// wellFormed refuses members that do not make up a node.
func (a *Asking) wellFormed(at Place, body Body) bool {
	sound := true
	for _, m := range body {
		if !slices.Contains(nodeWords, m.Name) {
			p := at.In(m.Name)
			a.Faults.Guess(fault.Field{Pointer: p.Pointer, Parameter: p.Parameter, Code: "unknown_field", Detail: "A node of a filter has no member " + shorten(m.Name) + "."}, m.Name, func() []string { return nodeWords })
			sound = false
		}
	}
	if !sound {
		return false
	}
	for _, word := range []string{"and", "or", "not"} {
		if body.Get(word) != nil {
			if len(body) > 1 {
				a.refuse(at, "conflicts_with", "A node with "+word+" has no other member: put one node into the other.")
			}
			return len(body) == 1
		}
	}
	for _, word := range []string{"field", "op", "value"} {
		if body.Get(word) == nil {
			a.refuse(at.In(word), "required", word+" is required.")
			sound = false
		}
	}
	return sound
}

// joint reads and, or, not with what they are over.
func (a *Asking) joint(at Place, m Member, depth int) (c Cond, ok bool) {
	c.Op, at = m.Name, at.In(m.Name)
	nodes, list := []jsontext.Value{m.Raw}, m.Name != "not"
	if list {
		if nodes = elements(m.Raw); len(nodes) == 0 {
			a.refuse(at, "invalid_type", m.Name+" takes an array of one node or more.")
			return c, false
		}
	}
	ok = true
	for i, raw := range nodes {
		place := at
		if list {
			place = at.In(strconv.Itoa(i))
		}
		of, sound := a.node(place, raw, depth+1)
		c.Of, ok = append(c.Of, of), ok && sound
		if a.nodes > maxNodes {
			break
		}
	}
	return c, ok
}

// elements are those of an array; nil for what is none.
func elements(raw jsontext.Value) (list []jsontext.Value) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if open, err := d.ReadToken(); err != nil || open.Kind() != '[' {
		return nil
	}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil
		}
		list = append(list, bytes.Clone(v))
	}
	return list
}

// leaf reads a comparison.
func (a *Asking) leaf(at Place, body Body) (c Cond, ok bool) {
	field, fine := a.word(at.In("field"), "field", body.Get("field"))
	op, sound := a.word(at.In("op"), "op", body.Get("op"))
	if !fine || !sound {
		return c, false
	}
	if c, ok = a.On(at.In("field"), at.In("op"), field, op); !ok {
		return c, false
	}
	at, raw := at.In("value"), body.Get("value")
	if op == "null" {
		c.Values = []any{raw.Kind() == 't'}
		if ok = raw.Kind() == 't' || raw.Kind() == 'f'; !ok {
			a.refuse(at, "invalid_type", "null takes true or false.")
		}
		return c, ok
	}
	texts, place, ok := a.scalars(at, c, raw)
	if ok {
		c.Values, ok = a.Values(place, c, texts)
	}
	return a.Settled(c), ok
}

func (a *Asking) word(at Place, name string, raw jsontext.Value) (string, bool) {
	if raw.Kind() != '"' {
		a.refuse(at, "invalid_type", name+" takes text.")
		return "", false
	}
	return plainText(raw), true
}

func plainText(raw jsontext.Value) string {
	if raw.Kind() != '"' {
		return string(raw)
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // it was read already
	return string(text)
}

// listOps are the operators that take several values.
var listOps = []string{"in", "nin", "any", "all", "none"}

// scalars are the values of a leaf as texts, each of the JSON type that its field
// has, and where each stands.
func (a *Asking) scalars(at Place, c Cond, raw jsontext.Value) (texts []string, place func(int) Place, ok bool) {
	place = func(int) Place { return at }
	values := []jsontext.Value{raw}
	if slices.Contains(listOps, c.Op) {
		place = func(i int) Place { return at.In(strconv.Itoa(i)) }
		values = elements(raw)
		if len(values) == 0 {
			a.refuse(at, "invalid_type", c.Op+" takes an array of one value or more.")
			return nil, place, false
		}
		if len(values) > maxValues {
			a.refuse(at, "too_many_items", c.Op+" takes at most 200 values.")
			return nil, place, false
		}
	}
	ok = true
	for i, v := range values {
		if kind, want := c.Field.jsonKind(); !slices.Contains(kind, v.Kind()) {
			a.refuse(place(i), "invalid_type", c.Field.Name+" is compared with "+want+hint(c, v))
			ok = false
		}
		texts = append(texts, plainText(v))
	}
	return texts, place, ok
}

// hint says what was probably meant.
func hint(c Cond, v jsontext.Value) string {
	switch {
	case v.Kind() == 'n':
		return "; for having no value ask by the operator null."
	case v.Kind() == '[' && !slices.Contains(listOps, c.Op):
		return "; for one of several ask by in, or any."
	}
	return "."
}

// jsonKind is the JSON type of a field's single values.
func (f *Field) jsonKind() (kinds []jsontext.Kind, name string) {
	switch f.Shape {
	case Whole:
		if f.Custom != nil {
			return []jsontext.Kind{'0'}, "a number"
		}
		return []jsontext.Kind{'0'}, "a whole number"
	case Truth:
		return []jsontext.Kind{'t', 'f'}, "true or false"
	default:
	}
	return []jsontext.Kind{'"'}, "text"
}
