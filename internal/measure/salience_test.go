package measure_test

import (
	"testing"

	"pgregory.net/rapid"

	"rapport/internal/measure"
)

func TestSalienceClasses(t *testing.T) {
	for _, c := range []struct {
		p, l, u, threshold int
		class, kind        string
		rank               int
	}{
		{5, 1, 1, 4, "dormant", "latent", 1},
		{1, 5, 1, 4, "discretionary", "latent", 1},
		{1, 1, 5, 4, "demanding", "latent", 1},
		{5, 5, 1, 4, "dominant", "expectant", 2},
		{5, 1, 5, 4, "dangerous", "expectant", 2},
		{1, 5, 5, 4, "dependent", "expectant", 2},
		{5, 5, 5, 4, "definitive", "definitive", 3},
		{1, 1, 1, 4, "non_stakeholder", "none", 0},

		{5, 4, 2, 4, "dominant", "expectant", 2}, // the worked example
		{4, 4, 4, 4, "definitive", "definitive", 3},
		{3, 3, 3, 4, "non_stakeholder", "none", 0},
		{4, 3, 3, 4, "dormant", "latent", 1},
		{1, 1, 1, 1, "definitive", "definitive", 3},
		{5, 4, 5, 5, "dangerous", "expectant", 2},
	} {
		class, kind, rank := measure.Salience(&c.p, &c.l, &c.u, c.threshold)
		if class != c.class || kind != c.kind || rank != c.rank {
			t.Errorf("P%d L%d U%d t%d: want %s %s %d, got %s %s %d",
				c.p, c.l, c.u, c.threshold, c.class, c.kind, c.rank, class, kind, rank)
		}
	}
}

func TestSalienceUnknownSaysWhichScoreIsMissing(t *testing.T) {
	for _, c := range []struct {
		p, l, u   *int
		threshold int
		n         int
		want      string
	}{
		{nil, new(4), new(2), 4, 2, "power is not assessed"},
		{nil, nil, nil, 4, 0, "power is not assessed; legitimacy is not assessed; urgency is not assessed"},
		{new(5), new(0), new(6), 4, 1, "legitimacy 0 is outside 1 to 5; urgency 6 is outside 1 to 5"},
		{new(5), new(5), new(5), 0, 3, "threshold 0 is outside 1 to 5"},
	} {
		r := measure.AssessSalience(c.p, c.l, c.u, c.threshold)
		if r.Class != "unknown" || r.Kind != "unknown" || r.Rank != 0 {
			t.Errorf("want unknown unknown 0, got %s %s %d", r.Class, r.Kind, r.Rank)
		}
		if r.N != c.n || r.Reasons["salience_class"] != c.want {
			t.Errorf("want %d %q, got %d %q", c.n, c.want, r.N, r.Reasons["salience_class"])
		}
	}
}

func TestSalienceShowsItsBasis(t *testing.T) {
	r := measure.AssessSalience(new(5), new(4), new(2), 4, "a2", "a1")
	got := keys(t, r)
	for name, want := range map[string]any{
		"salience_class": "dominant", "salience_kind": "expectant", "salience_rank": 2.0,
		"power": 5.0, "legitimacy": 4.0, "urgency": 2.0, "threshold": 4.0, "n": 3.0,
	} {
		if got[name] != want {
			t.Errorf("%s: want %v, got %v", name, want, got[name])
		}
	}
	if r.Inputs[0] != "a1" || r.Formula == "" || r.Source == "" || r.Reasons != nil {
		t.Errorf("want a full basis, got %+v", r.Basis)
	}
}

func TestSalienceWeight(t *testing.T) {
	for rank, want := range map[int]float64{0: 0.5, 1: 1, 2: 2, 3: 3, -1: 0.5} {
		if got := measure.SalienceWeight(rank); got != want {
			t.Errorf("rank %d: want %v, got %v", rank, want, got)
		}
	}
}

func TestSalienceRankRisesWithEachScore(t *testing.T) {
	score := rapid.IntRange(1, 5)
	rapid.Check(t, func(t *rapid.T) {
		low := [3]int{score.Draw(t, "P"), score.Draw(t, "L"), score.Draw(t, "U")}
		high, threshold := low, score.Draw(t, "t")
		which := rapid.IntRange(0, 2).Draw(t, "which")
		high[which] = rapid.IntRange(low[which], 5).Draw(t, "raised")

		_, _, before := measure.Salience(&low[0], &low[1], &low[2], threshold)
		_, _, after := measure.Salience(&high[0], &high[1], &high[2], threshold)
		if after < before {
			t.Fatalf("%v has rank %d, %v has rank %d", low, before, high, after)
		}
	})
}
