package measure_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"rapport/internal/measure"
)

func TestPortfolioGapWeighsBySalience(t *testing.T) {
	r := measure.PortfolioGap([]measure.Weighed{
		{ID: "definitive", Rank: 3, Value: new(2.0)},
		{ID: "latent", Rank: 1, Value: new(1.0)},
		{ID: "none", Rank: 0, Value: new(-2.0)},
		{ID: "not assessed", Rank: 2},
	})
	wantNear(t, "mean_gap", r.MeanGap, (3*2+1*1-0.5*2)/4.5)
	wantNear(t, "mean_open_gap", r.MeanOpenGap, (3*2+1*1)/4.5)
	wantNear(t, "min_gap", r.MinGap, -2)
	wantNear(t, "max_gap", r.MaxGap, 2)
	if r.N != 3 || r.Weight != 4.5 || len(r.Unknown) != 1 || r.Unknown[0] != "not assessed" {
		t.Errorf("want 3 weighing 4.5 and 1 unknown, got %+v", r)
	}
	wantReasonsForNulls(t, r)
}

func TestPortfolioGapOfNobodyIsNull(t *testing.T) {
	for _, in := range [][]measure.Weighed{nil, {{ID: "not assessed", Rank: 3}}} {
		r := measure.PortfolioGap(in)
		wantValue(t, "mean_gap", r.MeanGap, nil)
		wantReasonsForNulls(t, r)
		wantValue(t, "mean", measure.WeightedMean(in), nil)
	}
}

func someWeighed(t *rapid.T) []measure.Weighed {
	out := make([]measure.Weighed, rapid.IntRange(0, 10).Draw(t, "n"))
	for i := range out {
		out[i] = measure.Weighed{ID: fmt.Sprint(i), Rank: rapid.IntRange(0, 3).Draw(t, "rank")}
		if rapid.IntRange(0, 4).Draw(t, "known") > 0 {
			out[i].Value = new(float64(rapid.IntRange(-12, 12).Draw(t, "thirds")) / 3)
		}
	}
	return out
}

func TestPortfolioMeanLiesBetweenLeastAndMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := measure.PortfolioGap(someWeighed(t))
		if r.MeanGap == nil {
			return
		}
		if *r.MeanGap < *r.MinGap || *r.MeanGap > *r.MaxGap || *r.MeanOpenGap < *r.MeanGap-1e-9 {
			t.Fatalf("mean %v, open %v, from %v to %v", *r.MeanGap, *r.MeanOpenGap, *r.MinGap, *r.MaxGap)
		}
	})
}

func TestPortfolioGapIsTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { wantSameInAnyOrder(t, someWeighed(t), measure.PortfolioGap) })
}
