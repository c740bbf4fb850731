package measure_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rapport/internal/measure"
)

func point(id string, n int, current, desired string) measure.GapPoint {
	return measure.GapPoint{ID: id, Date: on(n), Current: current, Desired: desired}
}

func TestGapSeriesOfTheWorkedExample(t *testing.T) {
	points := []measure.GapPoint{
		point("a1", 0, "resistant", "leading"),
		point("a2", 30, "neutral", "leading"),
		point("a3", 90, "supportive", "leading"),
	}
	r := measure.GapSeries(points, span(0, 120))
	wantValue(t, "gap_days", r.GapDays, 240)
	wantNear(t, "mean_gap", r.MeanGap, 2)
	wantValue(t, "gap_start", r.GapStart, 3)
	wantValue(t, "gap_end", r.GapEnd, 1)
	wantNear(t, "closure_speed", r.ClosureSpeed, 2/(120/30.4375))
	wantValue(t, "support_start", r.SupportStart, -1)
	wantValue(t, "support_end", r.SupportEnd, 1)
	wantValue(t, "support_change", r.SupportChange, 2)
	if r.N != 3 || r.Days != 120 || r.UnknownDays != 0 || len(r.Steps) != 3 {
		t.Errorf("want 3 assessments over 120 days, got %+v", r)
	}
	for i, want := range []struct{ days, gap, gapDays int }{{30, 3, 90}, {60, 2, 120}, {30, 1, 30}} {
		s := r.Steps[i]
		if s.Days != want.days || *s.Gap != want.gap || *s.GapDays != want.gapDays {
			t.Errorf("step %d: want %v, got %+v", i, want, s)
		}
	}
	wantReasonsForNulls(t, r)
	if got := keys(t, r)["days_per_month"]; got != 30.4375 {
		t.Errorf("want the length of a month stated, got %v", got)
	}
}

func TestGapSeriesWithoutAssessmentsIsNull(t *testing.T) {
	for name, r := range map[string]measure.GapSeriesResult{
		"no points":         measure.GapSeries(nil, span(0, 30)),
		"all after":         measure.GapSeries([]measure.GapPoint{point("a", 30, "neutral", "leading")}, span(0, 30)),
		"no window":         measure.GapSeries([]measure.GapPoint{point("a", 0, "neutral", "leading")}, span(5, 5)),
		"window turned":     measure.GapSeries([]measure.GapPoint{point("a", 0, "neutral", "leading")}, span(9, 5)),
		"words not of ours": measure.GapSeries([]measure.GapPoint{point("a", 0, "fond", "leading")}, span(0, 30)),
	} {
		t.Run(name, func(t *testing.T) {
			wantValue(t, "gap_days", r.GapDays, nil)
			wantValue(t, "mean_gap", r.MeanGap, nil)
			wantValue(t, "closure_speed", r.ClosureSpeed, nil)
			wantValue(t, "support_change", r.SupportChange, nil)
			if r.N != 0 || len(r.Inputs) != 0 {
				t.Errorf("want nothing behind it, got %d %v", r.N, r.Inputs)
			}
			wantReasonsForNulls(t, r)
		})
	}
}

func TestGapSeriesDoesNotGuessDaysBeforeTheFirstAssessment(t *testing.T) {
	r := measure.GapSeries([]measure.GapPoint{point("a", 10, "neutral", "leading")}, span(0, 30))
	wantValue(t, "gap_days", r.GapDays, 40)
	wantNear(t, "mean_gap", r.MeanGap, 2)
	if r.Days != 20 || r.UnknownDays != 10 {
		t.Errorf("want 20 days known and 10 not, got %d and %d", r.Days, r.UnknownDays)
	}
	wantValue(t, "closure_speed", r.ClosureSpeed, nil)
	wantReasonsForNulls(t, r)
}

func TestGapSeriesHoldsTheAssessmentFromBeforeTheWindow(t *testing.T) {
	r := measure.GapSeries([]measure.GapPoint{
		point("old", -90, "unaware", "leading"),
		point("last before", -30, "neutral", "leading"),
		point("on the end", 30, "leading", "leading"),
	}, span(0, 30))
	wantValue(t, "gap_days", r.GapDays, 60)
	if r.N != 1 || r.Inputs[0] != "last before" {
		t.Errorf("want the last assessment before the window alone, got %v", r.Inputs)
	}
}

func TestGapSeriesOverEngagementIsNoWorkDone(t *testing.T) {
	r := measure.GapSeries([]measure.GapPoint{
		point("a", 0, "neutral", "leading"),
		point("b", 10, "leading", "neutral"),
	}, span(0, 20))
	wantValue(t, "gap_days", r.GapDays, 20)
	wantNear(t, "mean_gap", r.MeanGap, 1)
	wantValue(t, "gap_end", r.GapEnd, -2)
}

func TestGapSeriesUnmarkedDesireIsUnknownAndStillShowsSupport(t *testing.T) {
	r := measure.GapSeries([]measure.GapPoint{
		point("a", 0, "unaware", ""),
		point("b", 10, "resistant", "leading"),
		point("c", 20, "", "leading"),
	}, span(0, 30))
	wantValue(t, "gap_days", r.GapDays, 30)
	if r.N != 1 || r.Days != 10 || r.UnknownDays != 20 {
		t.Errorf("want one known step of 10 days, got %+v", r)
	}
	wantValue(t, "support_change", r.SupportChange, -1)
	if !r.AwarenessOnlyMove {
		t.Error("want unaware to resistant flagged as awareness only")
	}
	wantReasonsForNulls(t, r)
}

func TestGapSeriesTakesTheLastOfADay(t *testing.T) {
	morning := point("b", 0, "unaware", "leading")
	evening := measure.GapPoint{ID: "a", Date: on(0).Add(18 * time.Hour), Current: "supportive", Desired: "leading"}
	r := measure.GapSeries([]measure.GapPoint{evening, morning}, span(0, 10))
	wantValue(t, "gap_days", r.GapDays, 10)

	second := point("c", 0, "neutral", "leading")
	r = measure.GapSeries([]measure.GapPoint{second, morning}, span(0, 10))
	wantValue(t, "gap_days", r.GapDays, 20)
}

// somePoints draws assessments around the window 0 to 100, some of them
// incomplete and some on one day.
func somePoints(t *rapid.T) []measure.GapPoint {
	word := rapid.SampledFrom(append([]string{""}, words...))
	n := rapid.IntRange(0, 12).Draw(t, "n")
	out := make([]measure.GapPoint, n)
	for i := range out {
		out[i] = point(fmt.Sprint(i), rapid.IntRange(-50, 150).Draw(t, "day"), word.Draw(t, "current"), word.Draw(t, "desired"))
	}
	return out
}

func TestGapDaysAddUpOverASplitWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, at := somePoints(t), rapid.IntRange(0, 100).Draw(t, "split")
		whole := measure.GapSeries(points, span(0, 100))
		left, right := measure.GapSeries(points, span(0, at)), measure.GapSeries(points, span(at, 100))

		if or0(whole.GapDays) != or0(left.GapDays)+or0(right.GapDays) {
			t.Fatalf("%d is not %d + %d", or0(whole.GapDays), or0(left.GapDays), or0(right.GapDays))
		}
		if whole.Days != left.Days+right.Days || whole.UnknownDays != left.UnknownDays+right.UnknownDays {
			t.Fatalf("days do not add up: %+v", whole)
		}
		if whole.Days+whole.UnknownDays != 100 {
			t.Fatalf("want 100 days in all, got %d and %d", whole.Days, whole.UnknownDays)
		}
	})
}

func TestMeanGapLiesAmongItsSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := measure.GapSeries(somePoints(t), span(0, 100))
		if r.MeanGap == nil {
			if r.Days != 0 || r.Reasons["mean_gap"] == "" {
				t.Fatalf("null without a reason: %+v", r)
			}
			return
		}
		least, most := 4, 0
		for _, s := range r.Steps {
			if s.Gap != nil {
				least, most = min(least, max(*s.Gap, 0)), max(most, *s.Gap)
			}
		}
		if m := float64(*r.MeanGap); m < float64(least) || m > float64(most) {
			t.Fatalf("mean %v outside %d to %d", m, least, most)
		}
	})
}

func TestGapSeriesIsTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wantSameInAnyOrder(t, somePoints(t), func(in []measure.GapPoint) measure.GapSeriesResult {
			return measure.GapSeries(in, span(0, 100))
		})
	})
}

func or0(v *int) int {
	if v == nil {
		return 0
	}
	return *v
}
