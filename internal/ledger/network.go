package ledger

import (
	"context"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fold"
	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Network is a stakeholder with those to whom it is related, and what holds among
// all of them, as far as the reader sees it.
type Network struct {
	// StakeholderID is the stakeholder in the middle.
	StakeholderID string `json:"stakeholder_id"`
	// AsOf is the day on which the relationships held.
	AsOf register.Date `json:"as_of"`
	// Depth is how many relationships lead from the middle to the margin.
	Depth int `json:"depth"`
	// Nodes are the stakeholders, the one in the middle first, then by name.
	Nodes []NetworkNode `json:"nodes"`
	// Edges are the relationships among them, in the order in which they were entered.
	Edges []NetworkEdge `json:"edges"`
	// Truncated says that there is more than one answer holds.
	Truncated bool `json:"truncated"`
	// Measures are the plain counts, with what they rest on.
	Measures measure.NetworkResult `json:"measures"`
}

// NetworkNode is a stakeholder of a network.
type NetworkNode struct {
	// ID is the stakeholder's id.
	ID string `json:"id"`
	// Ref is its short name.
	Ref string `json:"ref"`
	// URL leads to it.
	URL string `json:"url"`
	// Name is what it is called.
	Name string `json:"name"`
	// Kind is individual, group or organisation.
	Kind string `json:"kind"`
	// Seniority is how senior it is, null if that is not on record.
	Seniority *string `json:"seniority"`
	// SalienceClass is the class of its salience, null if that is not reckoned.
	SalienceClass *string `json:"salience_class"`
	// Degree counts the stakeholders of this network to whom it is related.
	Degree int `json:"degree"`
	// Distance counts the relationships from the middle to it, 0 for the middle.
	Distance int `json:"distance"`
}

// NetworkEdge is a relationship of a network.
type NetworkEdge struct {
	// ID is the relationship's id.
	ID string `json:"id"`
	// Ref is its short name.
	Ref string `json:"ref"`
	// FromID is the stakeholder of whom the type is said.
	FromID string `json:"from_id"`
	// ToID is the stakeholder at the other end.
	ToID string `json:"to_id"`
	// Type says what holds between the two.
	Type string `json:"type"`
	// Direction is directed or mutual.
	Direction string `json:"direction"`
	// Strength is -2 to 2, null if it is not known.
	Strength *int `json:"strength"`
	// State is suspected, confirmed or ended.
	State string `json:"state"`
	// FromOn is the day on which it began, null if that is not known.
	FromOn *register.Date `json:"from_on"`
	// ToOn is its last day, null while it lasts.
	ToOn *register.Date `json:"to_on"`
	// FacilitatedByID is the person of ours who brings the two together.
	FacilitatedByID *string `json:"facilitated_by_id"`
}

// mostEdges is how many relationships one question about a network answers.
const mostEdges = 1000

// mostNodes is how many stakeholders a network shows; whole rings are shown of it
// as far as there is room.
const mostNodes = 2001

// DeepestNetwork is how many relationships may lead from the middle to the margin.
const DeepestNetwork = 3

// Network reads the relationships of a stakeholder on a day, to the stakeholders at
// the given depth, those among all of them, and the stakeholders themselves. What
// the reader may not see is left out with all that leads to it: nothing is reached
// through it.
func (l *Ledger) Network(ctx context.Context, name string, on register.Date, depth int) (Network, error) {
	n, actor := register.Stakeholders, authority.From(ctx)
	if err := mayAsk(actor, register.Relationships, authority.Read); err != nil {
		return Network{}, err
	}
	middle, err := l.Get(ctx, n, name, nil)
	if err != nil {
		return Network{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	w := web{Ledger: l, tx: l.DB.Look(), sight: store.SightOf(actor), on: on, present: on >= l.Today(ctx), distance: map[string]int{middle.ID: 0}}
	rows := []register.Row{middle.Row}
	ring := []string{middle.ID}
	for at := 1; at <= depth && len(ring) > 0; at++ {
		found, err := w.ring(ctx, ring, at)
		if err != nil {
			return Network{}, tooBroad(register.Relationships, err)
		}
		rows, ring = append(rows, found...), ring[:0]
		for _, row := range found {
			ring = append(ring, string(row[n.Field("id").Column]))
		}
	}
	if err := w.amongst(ctx, rows); err != nil {
		return Network{}, tooBroad(register.Relationships, err)
	}
	return w.network(middle.ID, rows, seenAs(actor), depth), nil
}

// web is a network being read.
type web struct {
	*Ledger
	tx        *store.Tx
	sight     *store.Sight
	on        register.Date
	present   bool // what has ended is not asked for
	edges     []*register.Relationship
	distance  map[string]int // of each stakeholder from the middle
	shown     int
	truncated bool
}

// ring reads the stakeholders one relationship further out than those of ids, as
// far as the reader sees them: two questions for the relationships, and those for
// the stakeholders at their ends.
func (w *web) ring(ctx context.Context, ids []string, at int) ([]register.Row, error) {
	values, next := make([]any, len(ids)), []string{}
	for i, id := range ids {
		values[i] = id
	}
	for _, end := range []string{"from_id", "to_id"} {
		found, err := w.held(ctx, store.Cond{Field: register.Relationships.Field(end), Op: "in", Values: values})
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			for _, id := range []string{r.FromID, r.ToID} {
				if _, known := w.distance[id]; !known {
					w.distance[id], next = at, append(next, id)
				}
			}
		}
	}
	n := register.Stakeholders
	rows, err := w.tx.Rows(ctx, n, next, w.sight)
	rows = slices.DeleteFunc(rows, func(r register.Row) bool { return r[n.Field("deleted_at").Column] != nil })
	if room := mostNodes - w.shown; len(rows) > room {
		rows, w.truncated = rows[:room], true
	}
	w.shown += len(rows)
	return rows, err
}

// amongst reads the relationships among the stakeholders of rows. Those of the
// middle are read first and stay if there is not room for all.
func (w *web) amongst(ctx context.Context, rows []register.Row) error {
	ids, there := []any{}, map[string]bool{}
	for _, row := range rows {
		id := string(row[register.Stakeholders.Field("id").Column])
		ids, there[id] = append(ids, id), true
	}
	n := register.Relationships
	_, err := w.held(ctx, store.Cond{Field: n.Field("from_id"), Op: "in", Values: ids}, store.Cond{Field: n.Field("to_id"), Op: "in", Values: ids})
	w.edges = slices.DeleteFunc(w.edges, func(r *register.Relationship) bool { return !there[r.FromID] || !there[r.ToID] })
	slices.SortFunc(w.edges, func(a, b *register.Relationship) int { return strings.Compare(a.ID, b.ID) })
	w.edges = slices.CompactFunc(w.edges, func(a, b *register.Relationship) bool { return a.ID == b.ID })
	return err
}

// held reads the relationships under the conditions that held on the day, and keeps
// them as edges.
func (w *web) held(ctx context.Context, where ...store.Cond) (found []*register.Relationship, err error) {
	n := register.Relationships
	q := store.Query{Noun: n, Sort: n.Field("created_at"), Limit: mostEdges, Sight: w.sight, Where: append(where, heldOn(n, w.on, w.present)...)}
	rows, more, err := w.tx.List(ctx, q)
	w.truncated = w.truncated || more
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		// what was dismissed never held, and has no last day
		if r := rec.(*register.Relationship); r.State != "ended" || r.ToOn != "" {
			found = append(found, r)
		}
	}
	w.edges = append(w.edges, found...)
	return found, err
}

// heldOn are the conditions under which what has a first and a last day held on a
// day. In the present the state decides: what ended today is over.
func heldOn(n *register.Noun, on register.Date, present bool) []store.Cond {
	since := store.Cond{Field: n.Field("from_on"), Op: "since", Values: []any{string(on)}}
	if present {
		return []store.Cond{since, {Field: n.Field("state"), Op: "ne", Values: []any{"ended"}}}
	}
	return []store.Cond{since, {Field: n.Field("to_on"), Op: "until", Values: []any{string(on)}}}
}

// network puts together what was read, with its measures.
func (w *web) network(middle string, rows []register.Row, level authority.Level, depth int) Network {
	out := Network{StakeholderID: middle, AsOf: w.on, Depth: depth, Nodes: []NetworkNode{}, Edges: []NetworkEdge{}, Truncated: w.truncated}
	nodes, edges := []measure.Node{}, []measure.Edge{}
	for _, row := range rows {
		node := w.node(row, level)
		out.Nodes = append(out.Nodes, node)
		nodes = append(nodes, measure.Node{ID: node.ID, Seniority: orEmpty(node.Seniority), SalienceClass: orEmpty(node.SalienceClass)})
	}
	for _, r := range w.edges {
		out.Edges = append(out.Edges, edge(r))
		edges = append(edges, measure.Edge{ID: r.ID, From: r.FromID, To: r.ToID, FacilitatedBy: r.FacilitatedByID})
	}
	out.Measures = measure.Network(nodes, edges)
	degrees := map[string]int{}
	for _, d := range out.Measures.Degrees {
		degrees[d.ID] = d.Degree
	}
	for i := range out.Nodes {
		out.Nodes[i].Degree = degrees[out.Nodes[i].ID]
	}
	slices.SortFunc(out.Nodes, func(a, b NetworkNode) int {
		if (a.ID == middle) != (b.ID == middle) {
			return map[bool]int{true: -1, false: 1}[a.ID == middle]
		}
		return strings.Compare(fold.Fold(a.Name)+a.ID, fold.Fold(b.Name)+b.ID)
	})
	return out
}

func (w *web) node(row register.Row, level authority.Level) NetworkNode {
	n := register.Stakeholders
	cell := func(name string) *string {
		f := n.Field(name)
		if f == nil || f.Seen > level || row[f.Column] == nil {
			return nil
		}
		text := string(row[f.Column])
		return &text
	}
	id := string(row[n.Field("id").Column])
	return NetworkNode{
		ID: id, Ref: n.Ref(row[n.Field("num").Column]), URL: n.URL(w.Base, id), Name: orEmpty(cell("name")), Kind: orEmpty(cell("kind")),
		Seniority: cell("seniority"), SalienceClass: cell("salience_class"), Distance: w.distance[id],
	}
}

func edge(r *register.Relationship) NetworkEdge {
	return NetworkEdge{
		ID: r.ID, Ref: register.Pointer(r).Ref, FromID: r.FromID, ToID: r.ToID, Type: r.Type, Direction: r.Direction, Strength: r.Strength,
		State: string(r.State), FromOn: given(r.FromOn), ToOn: given(r.ToOn), FacilitatedByID: given(r.FacilitatedByID),
	}
}

// given is nil for what has no value.
func given[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
