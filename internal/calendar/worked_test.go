package calendar

import (
	"math/rand/v2"
	"testing"
	"time"
)

// The working time of many spans is that of each, nights with changed clocks and
// shifts over midnight among them.
func TestWorkedIsBetween(t *testing.T) {
	for _, zone := range []string{"Europe/Bucharest", "America/New_York", "Africa/Cairo"} {
		for _, spans := range [][]Span{{{9 * 60, 17 * 60}}, {{0, 2 * 60}, {8 * 60, 12 * 60}, {22 * 60, 24 * 60}}, nil} {
			c := office(t, zone, func(d Day) bool { return d.Day%7 == 0 }, spans...)
			dice := rand.New(rand.NewPCG(3, 9))
			first := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
			w := c.Worked(first, first.AddDate(0, 14, 0))
			for range 400 {
				from := first.Add(time.Duration(dice.IntN(420*24*3600)) * time.Second)
				to := first.Add(time.Duration(dice.IntN(420*24*3600)) * time.Second)
				if got, want := w.Between(from, to), c.Between(from, to); got != want {
					t.Fatalf("%s, %v: from %v to %v: %v, want %v", zone, spans, from, to, got, want)
				}
			}
		}
	}
}
