package measure_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"rapport/internal/measure"
)

func TestQuadrants(t *testing.T) {
	for _, c := range []struct {
		power, interest, threshold int
		want                       string
	}{
		{5, 5, 4, "manage_closely"},
		{5, 1, 4, "keep_satisfied"},
		{1, 5, 4, "keep_informed"},
		{1, 1, 4, "monitor"},

		{4, 3, 4, "keep_satisfied"}, // the worked example
		{4, 4, 4, "manage_closely"},
		{3, 4, 4, "keep_informed"},
		{3, 3, 4, "monitor"},
		{3, 3, 3, "manage_closely"},
		{4, 5, 5, "keep_informed"},
	} {
		if got := measure.Quadrant(&c.power, &c.interest, c.threshold); got != c.want {
			t.Errorf("power %d, interest %d, t %d: want %s, got %s", c.power, c.interest, c.threshold, c.want, got)
		}
	}
}

func TestQuadrantUnknown(t *testing.T) {
	r := measure.AssessQuadrant(new(4), nil, 4, measure.DefaultPowerWeight, measure.DefaultInterestWeight)
	if r.Quadrant != "unknown" || r.N != 1 {
		t.Errorf("want unknown from 1 score, got %s from %d", r.Quadrant, r.N)
	}
	if r.Reasons["quadrant"] != "interest is not assessed" {
		t.Errorf("want the missing score named, got %q", r.Reasons["quadrant"])
	}
	wantValue(t, "priority", r.Priority, nil)
	if r.Reasons["priority"] == "" {
		t.Error("want a reason for the priority, got none")
	}
	if got := measure.Quadrant(new(6), new(4), 4); got != "unknown" {
		t.Errorf("want unknown for a power of 6, got %s", got)
	}
	if got := measure.Quadrant(new(4), new(4), 0); got != "unknown" {
		t.Errorf("want unknown for a threshold of 0, got %s", got)
	}
}

func TestPriority(t *testing.T) {
	r := measure.AssessQuadrant(new(4), new(3), 4, 0.6, 0.4, "a1")
	wantNear(t, "priority", r.Priority, 3.6)
	if got := keys(t, r)["priority"]; got != 3.6 {
		t.Errorf("want 3.6 shown, got %v", got)
	}
	for _, w := range [][2]float64{{0, 0}, {-1, 2}, {2, -1}, {math.NaN(), 1}, {math.Inf(1), 0}} {
		wantValue(t, "priority", measure.Priority(new(4), new(3), w[0], w[1]), nil)
	}
	wantValue(t, "priority", measure.Priority(new(4), new(3), 1, 0), 4.0)
}

func TestPriorityStaysOnTheScale(t *testing.T) {
	score := rapid.IntRange(1, 5)
	rapid.Check(t, func(t *rapid.T) {
		p, i := score.Draw(t, "P"), score.Draw(t, "I")
		w := rapid.Float64Range(0, 1).Draw(t, "w")
		got := *measure.Priority(&p, &i, w, 1-w)
		if got < float64(min(p, i))-1e-9 || got > float64(max(p, i))+1e-9 {
			t.Fatalf("priority %v of power %d and interest %d", got, p, i)
		}
	})
}
