package calendar

import (
	"slices"
	"time"
)

// Worked reckons the working time of many spans that lie between two moments: it
// looks at the calendar once.
type Worked struct {
	pieces []stretch       // of working time, one after the other
	before []time.Duration // what was worked before each
}

// Worked is for spans that begin and end from one moment to another.
func (c *Calendar) Worked(from, to time.Time) *Worked {
	w := &Worked{}
	var work time.Duration
	var end time.Time
	for d, last := c.Day(from).Plus(-1), c.Day(to).Plus(1); !last.Before(d); d = d.Plus(1) {
		for _, s := range c.stretches(d) {
			s.from = later(s.from, end) // where clocks are put back, days overlap
			if !s.from.Before(s.to) {
				continue
			}
			w.pieces, w.before = append(w.pieces, s), append(w.before, work)
			work, end = work+s.to.Sub(s.from), s.to
		}
	}
	return w
}

// Between is the working time from one moment to another; 0 if that is no later.
func (w *Worked) Between(from, to time.Time) time.Duration {
	if !from.Before(to) {
		return 0
	}
	return w.until(to) - w.until(from)
}

// until is the working time up to a moment.
func (w *Worked) until(t time.Time) time.Duration {
	i, begins := slices.BinarySearchFunc(w.pieces, t, func(s stretch, t time.Time) int { return s.from.Compare(t) })
	if begins {
		return w.before[i]
	}
	if i == 0 {
		return 0
	}
	s := w.pieces[i-1]
	if s.to.Before(t) {
		t = s.to
	}
	return w.before[i-1] + t.Sub(s.from)
}
