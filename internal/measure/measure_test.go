package measure_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rapport/internal/measure"
)

func TestRoundTakesHalvesAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		x      float64
		places int
		want   float64
	}{
		{2.5, 0, 3},
		{-2.5, 0, -3},
		{1.005, 2, 1.01},
		{0.125, 2, 0.13},
		{72.6470588, 2, 72.65},
		{0.1 + 0.2, 4, 0.3},
		{1250, -2, 1300},
		{1e300, 20, 1e300},
		{0.285, 2, 0.29},
		{123456789012345678, 0, 123456789012345678},
	} {
		if got := measure.Round(c.x, c.places); got != c.want {
			t.Errorf("Round(%v, %d): want %v, got %v", c.x, c.places, c.want, got)
		}
	}
	if got := measure.Round(-0.001, 2); got != 0 || math.Signbit(got) {
		t.Errorf("want plain 0, got %v", got)
	}
}

func TestNumberIsRoundedOnlyInJSON(t *testing.T) {
	third := measure.Number(1.0 / 3)
	if got := toJSON(t, third); got != "0.3333" {
		t.Errorf("want 0.3333, got %s", got)
	}
	if third == 0.3333 {
		t.Error("the value itself was rounded")
	}
	if got := toJSON(t, measure.Number(1e21)); got != "1000000000000000000000" {
		t.Errorf("want digits, got %s", got)
	}
	if _, err := json.Marshal(measure.Number(math.NaN())); err == nil {
		t.Error("want an error for NaN, got none")
	}
}

func TestWindowCountsCalendarDays(t *testing.T) {
	berlin := time.FixedZone("summer", 2*60*60)
	w := measure.Window{From: time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC), To: time.Date(2026, 3, 30, 0, 30, 0, 0, berlin)}
	if w.Days() != 2 {
		t.Errorf("want 2 days over the change of the clock, got %d", w.Days())
	}
	if got := (measure.Window{From: on(5), To: on(3)}).Days(); got != 0 {
		t.Errorf("want 0 days of a window that ends before it starts, got %d", got)
	}
	if got := (measure.Window{From: time.Time{}, To: on(0)}).Days(); got != 739616 {
		t.Errorf("want all days since year 1, got %d", got)
	}
}

// firstDay is where the tests count their days from.
var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// on is the day n days after the first.
func on(n int) time.Time { return firstDay.AddDate(0, 0, n) }

// span is the window from day a up to and without day b.
func span(a, b int) measure.Window { return measure.Window{From: on(a), To: on(b)} }

func toJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// keys are the names under which a result shows its values.
func keys(t *testing.T, v any) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal([]byte(toJSON(t, v)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// wantValue compares what a pointer holds, nil being a want of its own.
func wantValue[T comparable](t *testing.T, name string, got *T, want any) {
	t.Helper()
	switch {
	case want == nil && got != nil:
		t.Errorf("%s: want null, got %v", name, *got)
	case want != nil && got == nil:
		t.Errorf("%s: want %v, got null", name, want)
	case want != nil && any(*got) != want:
		t.Errorf("%s: want %v, got %v", name, want, *got)
	}
}

func wantNear(t *testing.T, name string, got *measure.Number, want float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s: want %v, got null", name, want)
		return
	}
	if math.Abs(float64(*got)-want) > 1e-9 {
		t.Errorf("%s: want %v, got %v", name, want, *got)
	}
}

// wantReasonsForNulls checks that every null of a result has its reason, and
// every reason its null.
func wantReasonsForNulls(t *testing.T, result any) {
	t.Helper()
	shown := keys(t, result)
	reasons, _ := shown["reasons"].(map[string]any)
	for name, v := range shown {
		if v == nil && reasons[name] == nil {
			t.Errorf("%s is null without a reason", name)
		}
	}
	for name := range reasons {
		if v, ok := shown[name]; !ok || v != nil {
			t.Errorf("a reason for %s, which is %v", name, v)
		}
	}
}

// wantSameInAnyOrder checks that a shuffle of the inputs changes nothing.
func wantSameInAnyOrder[T any, R any](t *rapid.T, in []T, compute func([]T) R) {
	t.Helper()
	before := append([]T{}, in...)
	want := compute(in)
	if !reflect.DeepEqual(before, append([]T{}, in...)) {
		t.Fatal("the inputs were changed")
	}
	if got := compute(rapid.Permutation(in).Draw(t, "shuffled")); !reflect.DeepEqual(want, got) {
		t.Fatalf("want %+v, got %+v", want, got)
	}
}
