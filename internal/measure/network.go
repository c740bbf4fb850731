package measure

import (
	"cmp"
	"slices"
)

const networkSource = "Freeman 1978, Centrality in social networks (degree); the counts of pairs and of the isolated are this register's own"

// Node is one stakeholder, by id, with what the counts ask about it.
type Node struct {
	ID            string
	Seniority     string
	SalienceClass string
}

// Edge is one relationship between two stakeholders that holds at the time of
// asking. FacilitatedBy is empty when nobody of ours facilitates it.
type Edge struct {
	ID            string
	From          string
	To            string
	FacilitatedBy string
}

// NodeDegree is a stakeholder with its relationships. Degree counts the
// distinct stakeholders at the other end, Inputs are the relationships.
type NodeDegree struct {
	ID     string   `json:"id"`
	Degree int      `json:"degree"`
	Inputs []string `json:"inputs"`
}

// NodePair is two stakeholders, in order of their ids, with the relationships
// between them.
type NodePair struct {
	A      string   `json:"a"`
	B      string   `json:"b"`
	Inputs []string `json:"inputs"`
}

// NetworkResult is the plain counts of a network. IgnoredEdges lead from a
// stakeholder to itself or to one that is not among the nodes.
type NetworkResult struct {
	Basis
	NEdges                   int          `json:"n_edges"`
	IgnoredEdges             []string     `json:"ignored_edges"`
	Degrees                  []NodeDegree `json:"degrees"`
	MeanDegree               *Number      `json:"mean_degree"`
	SeniorPairs              *int         `json:"senior_pairs"`
	LinkedSeniorPairs        *int         `json:"linked_senior_pairs"`
	FacilitatedSeniorPairs   *int         `json:"facilitated_senior_pairs"`
	FacilitatedShare         *Number      `json:"facilitated_share"`
	UnfacilitatedSeniorPairs []NodePair   `json:"unfacilitated_senior_pairs"`
	IsolatedDefinitive       []string     `json:"isolated_definitive"`
}

// Network counts what a network of stakeholders shows at first sight: degree
// (Freeman 1978) without regard to direction; pairs of senior or most senior
// stakeholders who have a relationship that nobody facilitates; and definitive
// stakeholders (Mitchell, Agle & Wood 1997) without any relationship. Two
// seniors without a relationship are counted in SeniorPairs and are no
// unfacilitated pair: there is nothing yet to facilitate.
func Network(nodes []Node, edges []Edge) NetworkResult {
	g := newGraph(nodes, edges)
	r := NetworkResult{
		Basis: Basis{
			N: len(g.nodes), Inputs: g.order,
			Formula: "degree = distinct stakeholders related to; unfacilitated = pairs of seniors related, by no facilitated relationship; facilitated_share = facilitated / related pairs of seniors; isolated = definitive with degree 0",
			Source:  networkSource,
		},
		NEdges: g.used, IgnoredEdges: sorted(g.ignored),
	}
	if r.N == 0 {
		for _, field := range []string{
			"degrees", "mean_degree", "senior_pairs", "linked_senior_pairs", "facilitated_senior_pairs",
			"facilitated_share", "unfacilitated_senior_pairs", "isolated_definitive",
		} {
			r.because(field, "there are no stakeholders")
		}
		return r
	}
	r.countDegrees(g)
	r.countSeniorPairs(g)
	return r
}

func (r *NetworkResult) countDegrees(g graph) {
	r.Degrees, r.IsolatedDefinitive = []NodeDegree{}, []string{}
	for _, id := range g.order {
		n := g.nodes[id]
		r.Degrees = append(r.Degrees, NodeDegree{ID: id, Degree: len(n.neighbours), Inputs: sorted(n.edges)})
		if n.definitive && len(n.neighbours) == 0 {
			r.IsolatedDefinitive = append(r.IsolatedDefinitive, id)
		}
	}
	slices.SortStableFunc(r.Degrees, func(a, b NodeDegree) int { return cmp.Compare(b.Degree, a.Degree) })
	r.MeanDegree = share(2*len(g.pairs), r.N) // every related pair gives a degree to both
}

func (r *NetworkResult) countSeniorPairs(g graph) {
	seniors, linked, facilitated := 0, 0, 0
	for _, n := range g.nodes {
		if n.senior {
			seniors++
		}
	}
	r.UnfacilitatedSeniorPairs = []NodePair{}
	for pair, p := range g.pairs {
		if !g.nodes[pair[0]].senior || !g.nodes[pair[1]].senior {
			continue
		}
		linked++
		if p.facilitated {
			facilitated++
			continue
		}
		r.UnfacilitatedSeniorPairs = append(r.UnfacilitatedSeniorPairs, NodePair{pair[0], pair[1], sorted(p.edges)})
	}
	slices.SortFunc(r.UnfacilitatedSeniorPairs, func(a, b NodePair) int {
		return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	r.SeniorPairs = new(seniors * (seniors - 1) / 2)
	r.LinkedSeniorPairs, r.FacilitatedSeniorPairs = &linked, &facilitated
	r.FacilitatedShare = share(facilitated, linked)
	if linked == 0 {
		r.because("facilitated_share", "no two senior stakeholders have a relationship")
	}
}

// graph is the network without directions and with parallel relationships
// laid together.
type graph struct {
	nodes   map[string]*graphNode
	order   []string
	pairs   map[[2]string]*graphPair
	used    int
	ignored []string
}

type graphNode struct {
	senior, definitive bool
	neighbours         map[string]bool
	edges              []string
}

type graphPair struct {
	facilitated bool
	edges       []string
}

func newGraph(nodes []Node, edges []Edge) graph {
	g := graph{nodes: map[string]*graphNode{}, order: []string{}, pairs: map[[2]string]*graphPair{}}
	for _, n := range nodes {
		g.addNode(n)
	}
	slices.Sort(g.order)
	for _, e := range edges {
		g.addEdge(e)
	}
	return g
}

func (g *graph) addNode(n Node) {
	have, ok := g.nodes[n.ID]
	if !ok {
		have = &graphNode{neighbours: map[string]bool{}}
		g.nodes[n.ID] = have
		g.order = append(g.order, n.ID)
	}
	have.senior = have.senior || n.Seniority == Senior || n.Seniority == MostSenior
	have.definitive = have.definitive || n.SalienceClass == Definitive
}

func (g *graph) addEdge(e Edge) {
	from, to := g.nodes[e.From], g.nodes[e.To]
	if from == nil || to == nil || from == to {
		g.ignored = append(g.ignored, e.ID)
		return
	}
	g.used++
	for _, n := range []*graphNode{from, to} {
		n.edges = append(n.edges, e.ID)
	}
	from.neighbours[e.To], to.neighbours[e.From] = true, true

	pair := [2]string{min(e.From, e.To), max(e.From, e.To)}
	p, ok := g.pairs[pair]
	if !ok {
		p = &graphPair{}
		g.pairs[pair] = p
	}
	p.facilitated = p.facilitated || e.FacilitatedBy != ""
	p.edges = append(p.edges, e.ID)
}
