package measure_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rapport/internal/measure"
)

func TestNetwork(t *testing.T) {
	nodes := []measure.Node{
		{ID: "mayor", Seniority: "most_senior", SalienceClass: "definitive"},
		{ID: "bank", Seniority: "senior", SalienceClass: "dominant"},
		{ID: "union", Seniority: "senior", SalienceClass: "dependent"},
		{ID: "regulator", Seniority: "senior", SalienceClass: "definitive"},
		{ID: "club", Seniority: "operational", SalienceClass: "demanding"},
	}
	r := measure.Network(nodes, []measure.Edge{
		{ID: "e1", From: "mayor", To: "bank"},
		{ID: "e2", From: "bank", To: "mayor"}, // the same pair the other way round
		{ID: "e3", From: "mayor", To: "union", FacilitatedBy: "ana"},
		{ID: "e4", From: "union", To: "mayor"}, // one facilitated relationship is enough
		{ID: "e5", From: "club", To: "mayor"},  // not both senior
		{ID: "e6", From: "bank", To: "bank"},
		{ID: "e7", From: "bank", To: "somebody else"},
	})

	var degrees []string
	for _, d := range r.Degrees {
		degrees = append(degrees, fmt.Sprint(d.ID, d.Degree))
	}
	if want := []string{"mayor3", "bank1", "club1", "union1", "regulator0"}; !slices.Equal(degrees, want) {
		t.Errorf("want %v, got %v", want, degrees)
	}
	wantNear(t, "mean_degree", r.MeanDegree, 6.0/5)
	wantValue(t, "senior_pairs", r.SeniorPairs, 6)
	wantValue(t, "linked_senior_pairs", r.LinkedSeniorPairs, 2)
	wantValue(t, "facilitated_senior_pairs", r.FacilitatedSeniorPairs, 1)
	wantNear(t, "facilitated_share", r.FacilitatedShare, 0.5)
	if p := r.UnfacilitatedSeniorPairs; len(p) != 1 || p[0].A != "bank" || p[0].B != "mayor" || !slices.Equal(p[0].Inputs, []string{"e1", "e2"}) {
		t.Errorf("want bank and mayor by e1 and e2, got %v", p)
	}
	if !slices.Equal(r.IsolatedDefinitive, []string{"regulator"}) {
		t.Errorf("want the regulator isolated, got %v", r.IsolatedDefinitive)
	}
	if r.N != 5 || r.NEdges != 5 || !slices.Equal(r.IgnoredEdges, []string{"e6", "e7"}) {
		t.Errorf("want 5 nodes, 5 edges, e6 and e7 ignored, got %d, %d, %v", r.N, r.NEdges, r.IgnoredEdges)
	}
	wantReasonsForNulls(t, r)
}

func TestNetworkOfNobodyIsNull(t *testing.T) {
	r := measure.Network(nil, []measure.Edge{{ID: "e1", From: "a", To: "b"}})
	if r.Degrees != nil || r.SeniorPairs != nil || r.IsolatedDefinitive != nil {
		t.Errorf("want nothing measured, got %+v", r)
	}
	wantReasonsForNulls(t, r)
}

func TestNetworkWithoutRelationships(t *testing.T) {
	r := measure.Network([]measure.Node{{ID: "a", Seniority: "senior"}, {ID: "b", Seniority: "senior"}}, nil)
	wantNear(t, "mean_degree", r.MeanDegree, 0)
	wantValue(t, "senior_pairs", r.SeniorPairs, 1)
	wantValue(t, "facilitated_share", r.FacilitatedShare, nil)
	wantReasonsForNulls(t, r)
}

func someNetwork(t *rapid.T) ([]measure.Node, []measure.Edge) {
	nodes := make([]measure.Node, rapid.IntRange(0, 6).Draw(t, "nodes"))
	for i := range nodes {
		nodes[i] = measure.Node{
			ID:            fmt.Sprint(i),
			Seniority:     rapid.SampledFrom([]string{"operational", "senior", "most_senior"}).Draw(t, "seniority"),
			SalienceClass: rapid.SampledFrom([]string{"definitive", "dormant"}).Draw(t, "class"),
		}
	}
	end := rapid.IntRange(0, 7)
	edges := make([]measure.Edge, rapid.IntRange(0, 12).Draw(t, "edges"))
	for i := range edges {
		edges[i] = measure.Edge{
			ID: fmt.Sprint("e", i), From: fmt.Sprint(end.Draw(t, "from")), To: fmt.Sprint(end.Draw(t, "to")),
			FacilitatedBy: rapid.SampledFrom([]string{"", "ana"}).Draw(t, "by"),
		}
	}
	return nodes, edges
}

func TestNetworkAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes, edges := someNetwork(t)
		r := measure.Network(nodes, edges)
		if r.N == 0 {
			return
		}
		degrees, ends := 0, 0
		for _, d := range r.Degrees {
			degrees, ends = degrees+d.Degree, ends+len(d.Inputs)
		}
		if degrees%2 != 0 || ends != 2*r.NEdges || degrees > ends {
			t.Fatalf("degrees %d, ends %d, edges %d", degrees, ends, r.NEdges)
		}
		if *r.LinkedSeniorPairs > *r.SeniorPairs || *r.FacilitatedSeniorPairs+len(r.UnfacilitatedSeniorPairs) != *r.LinkedSeniorPairs {
			t.Fatalf("the pairs do not add up: %+v", r)
		}
		if r.NEdges+len(r.IgnoredEdges) != len(edges) {
			t.Fatalf("edges went missing: %+v", r)
		}
	})
}

func TestNetworkIsTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes, edges := someNetwork(t)
		wantSameInAnyOrder(t, nodes, func(in []measure.Node) measure.NetworkResult { return measure.Network(in, edges) })
		wantSameInAnyOrder(t, edges, func(in []measure.Edge) measure.NetworkResult { return measure.Network(nodes, in) })
	})
}
