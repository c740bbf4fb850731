package measure_test

import (
	"math"
	"testing"

	"rapport/internal/measure"
)

func TestWilson(t *testing.T) {
	i := measure.Wilson(13, 20)
	if math.Abs(float64(i.Low)-0.433) > 0.0005 || math.Abs(float64(i.High)-0.819) > 0.0005 {
		t.Errorf("13 of 20: want 0.433 to 0.819, got %v", i)
	}
	for _, part := range []int{0, 7} {
		if i := measure.Wilson(part, 7); i.Low < 0 || i.High > 1 || i.Low > i.High {
			t.Errorf("%d of 7: %v", part, i)
		}
	}
	if measure.Wilson(0, 0) != nil || measure.Share(0, 0) != nil {
		t.Error("a share of nothing")
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		q    float64
		want float64
	}{{0, 1}, {0.5, 2.5}, {0.9, 3.7}, {1, 4}} {
		wantNear(t, "quantile", measure.Quantile([]float64{4, 1, 3, 2}, c.q), c.want)
	}
	if measure.Quantile(nil, 0.5) != nil {
		t.Error("the median of nothing")
	}
}

func TestCChart(t *testing.T) {
	counts := []int{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}
	l := measure.CChart(counts)
	wantNear(t, "centre", l.Centre, 4)
	wantNear(t, "upper", l.Upper, 10)
	wantNear(t, "lower", l.Lower, 0)
	if l.Outside(10) || !l.Outside(11) || l.Outside(0) {
		t.Error("what lies on a limit is within")
	}
	wantNear(t, "lower", measure.CChart([]int{25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25}).Lower, 10)
	if few := measure.CChart(counts[1:]); few.Centre != nil || few.Reason == nil || few.Outside(1000) {
		t.Errorf("eleven points have no limits: %+v", few)
	}
}
