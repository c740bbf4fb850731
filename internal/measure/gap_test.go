package measure_test

import (
	"testing"

	"pgregory.net/rapid"

	"rapport/internal/measure"
)

var words = []string{"unaware", "resistant", "neutral", "supportive", "leading"}

func TestGapIsTheDistanceOfTheWords(t *testing.T) {
	for c, current := range words {
		for d, desired := range words {
			wantValue(t, current+" to "+desired, measure.Gap(current, desired), d-c)
		}
	}
	wantValue(t, "the worked example", measure.Gap("neutral", "leading"), 2)
	wantValue(t, "no mark", measure.Gap("", "leading"), nil)
	wantValue(t, "another word", measure.Gap("neutral", "Leading"), nil)
}

func TestSupport(t *testing.T) {
	for word, want := range map[string]any{
		"resistant": -1, "unaware": 0, "neutral": 0, "supportive": 1, "leading": 2, "": nil, "fond": nil,
	} {
		wantValue(t, word, measure.Support(word), want)
	}
}

func TestAwarenessOnlyMove(t *testing.T) {
	only := map[[2]string]bool{{"unaware", "resistant"}: true, {"unaware", "neutral"}: true}
	for _, from := range append(words, "", "fond") {
		for _, to := range append(words, "", "fond") {
			if got := measure.AwarenessOnlyMove(from, to); got != only[[2]string{from, to}] {
				t.Errorf("%q to %q: got %v", from, to, got)
			}
		}
	}
}

func TestAssessGap(t *testing.T) {
	r := measure.AssessGap("unaware", "resistant", "a1")
	wantValue(t, "gap", r.Gap, 1)
	wantValue(t, "support", r.Support, 0)
	wantValue(t, "desired_support", r.DesiredSupport, -1)
	if !r.AwarenessOnlyMove || r.N != 2 {
		t.Errorf("want an awareness-only move from 2 marks, got %v from %d", r.AwarenessOnlyMove, r.N)
	}
	wantReasonsForNulls(t, r)

	r = measure.AssessGap("neutral", "")
	wantValue(t, "gap", r.Gap, nil)
	wantValue(t, "support", r.Support, 0)
	if r.N != 1 || r.Reasons["gap"] != "desired engagement is not assessed" {
		t.Errorf("want the missing mark named, got %d %q", r.N, r.Reasons["gap"])
	}
	wantReasonsForNulls(t, r)
	wantReasonsForNulls(t, measure.AssessGap("fond", ""))
}

func TestGapIsOppositeBothWays(t *testing.T) {
	word := rapid.SampledFrom(words)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if *measure.Gap(a, b) != -*measure.Gap(b, a) {
			t.Fatalf("%s and %s", a, b)
		}
	})
}
