package measure

import (
	"cmp"
	"slices"
)

// Weighed is one stakeholder's value in a mean over many. Rank is the salience
// rank; a nil value is counted as unknown and left out of the mean.
type Weighed struct {
	ID    string
	Rank  int
	Value *float64
}

// PortfolioResult is a mean over a group or portfolio. OpenGap takes negative
// gaps as 0, so that the over-engaged do not hide work that is left to do.
type PortfolioResult struct {
	Basis
	MeanGap     *Number  `json:"mean_gap"`
	MeanOpenGap *Number  `json:"mean_open_gap"`
	MinGap      *Number  `json:"min_gap"`
	MaxGap      *Number  `json:"max_gap"`
	Weight      Number   `json:"weight"`
	Unknown     []string `json:"unknown"`
}

// PortfolioGap is the mean gap of many stakeholders, each weighing as much as
// its salience rank and a half at rank 0. The values are gaps of one day or
// mean gaps of a series, not a mixture.
func PortfolioGap(items []Weighed) PortfolioResult {
	counted, unknown := valued(items)
	r := PortfolioResult{
		Basis: Basis{
			N:       len(counted),
			Inputs:  []string{},
			Formula: "mean_gap = Σ weight·gap / Σ weight, weight = salience rank, rank 0 = 0.5; mean_open_gap likewise of max(gap, 0)",
			Source:  gapSource + "; weights after the salience rank of Mitchell, Agle and Wood 1997",
		},
		Unknown: sorted(unknown),
	}
	for _, it := range counted {
		r.Inputs = append(r.Inputs, it.ID)
		r.Weight += Number(SalienceWeight(it.Rank))
	}
	if r.N == 0 {
		for _, field := range []string{"mean_gap", "mean_open_gap", "min_gap", "max_gap"} {
			r.because(field, "no stakeholder has a known gap")
		}
		return r
	}
	byValue := func(a, b Weighed) int { return cmp.Compare(*a.Value, *b.Value) }
	r.MinGap = new(Number(*slices.MinFunc(counted, byValue).Value))
	r.MaxGap = new(Number(*slices.MaxFunc(counted, byValue).Value))
	r.MeanGap = (*Number)(WeightedMean(counted))
	r.MeanOpenGap = (*Number)(WeightedMean(opened(counted)))
	return r
}

// WeightedMean is the mean of the known values, each weighing as much as its
// salience rank and a half at rank 0; nil when none is known. It serves gaps
// and their changes alike.
func WeightedMean(items []Weighed) *float64 {
	counted, _ := valued(items)
	if len(counted) == 0 {
		return nil
	}
	sum, weight := 0.0, 0.0
	least, most := *counted[0].Value, *counted[0].Value
	for _, it := range counted {
		sum += SalienceWeight(it.Rank) * *it.Value
		weight += SalienceWeight(it.Rank)
		least, most = min(least, *it.Value), max(most, *it.Value)
	}
	// The last bit of a division may step over an end that the mean only touches.
	return new(min(max(sum/weight, least), most))
}

// valued parts the items with a value from the ids without one, in an order of
// its own, as a sum of decimals depends on the order in its last bit.
func valued(items []Weighed) (counted []Weighed, unknown []string) {
	for _, it := range items {
		if it.Value == nil {
			unknown = append(unknown, it.ID)
			continue
		}
		counted = append(counted, it)
	}
	slices.SortFunc(counted, func(a, b Weighed) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Rank, b.Rank), cmp.Compare(*a.Value, *b.Value))
	})
	return counted, unknown
}

// opened takes negative values as 0.
func opened(items []Weighed) []Weighed {
	out := slices.Clone(items)
	for i, it := range out {
		out[i].Value = new(max(*it.Value, 0))
	}
	return out
}
