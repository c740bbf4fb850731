// Package calendar reckons with the hours in which an organisation works: what day
// is n working days later, what moment is so much working time later, and how much
// of it lies between two moments. It is arithmetic alone: it knows no record, no
// database and no clock.
package calendar

import (
	"sort"
	"time"
)

// Day is a day without a zone.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf is the day of t in t's own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// Plus is the day n days later.
func (d Day) Plus(n int) Day { return DayOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC)) }

// Weekday is the day's weekday.
func (d Day) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Before reports whether d comes before o.
func (d Day) Before(o Day) bool {
	if d.Year != o.Year {
		return d.Year < o.Year
	}
	if d.Month != o.Month {
		return d.Month < o.Month
	}
	return d.Day < o.Day
}

// String is the day as 2026-11-22.
func (d Day) String() string {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Span is a stretch of a day in which work is done, in minutes since midnight as
// the clock on the wall shows them; To is at most 1440.
type Span struct{ From, To int }

// Calendar says when work is done.
type Calendar struct {
	zone  *time.Location
	hours [7][]Span // by weekday, in order and apart from each other
	off   func(Day) bool
}

// farthest is how many days are searched for the next working day. A calendar
// whose days off go on for longer has no end of work to find.
const farthest = 20_000

// New is a calendar of a zone. Spans may be given in any order and may overlap; off
// names the days on which nobody works in spite of them, and may be nil.
func New(zone *time.Location, hours [7][]Span, off func(Day) bool) *Calendar {
	c := &Calendar{zone: zone, off: off}
	for weekday, spans := range hours {
		c.hours[weekday] = joined(spans)
	}
	if c.off == nil {
		c.off = func(Day) bool { return false }
	}
	return c
}

// joined are spans in order, those that touch made one.
func joined(spans []Span) (out []Span) {
	sorted := append([]Span(nil), spans...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].From < sorted[j].From })
	for _, s := range sorted {
		s.From, s.To = max(s.From, 0), min(s.To, 24*60)
		switch last := len(out) - 1; {
		case s.From >= s.To:
		case last >= 0 && s.From <= out[last].To:
			out[last].To = max(out[last].To, s.To)
		default:
			out = append(out, s)
		}
	}
	return out
}

// Zone is the calendar's zone.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Works reports whether work is done on a day at all.
func (c *Calendar) Works(d Day) bool { return len(c.hours[d.Weekday()]) > 0 && !c.off(d) }

// Days is the day n working days after d, not counting d itself. With 0 it is d, or
// the next working day if d is none.
func (c *Calendar) Days(d Day, n int) Day {
	if n <= 0 {
		return c.next(d)
	}
	for ; n > 0; n-- {
		d = c.next(d.Plus(1))
	}
	return d
}

// next is d or, if nobody works then, the next working day.
func (c *Calendar) next(d Day) Day {
	for i := range farthest {
		if at := d.Plus(i); c.Works(at) {
			return at
		}
	}
	return d
}

// DaysBack is the day n working days before d; with 0 it is d, or the last working
// day before it.
func (c *Calendar) DaysBack(d Day, n int) Day {
	for i := 0; i < farthest; i++ {
		if c.Works(d) {
			if n <= 0 {
				break
			}
			n--
		}
		d = d.Plus(-1)
	}
	return d
}

// DaysBetween counts the working days after from up to and with to; Days with that
// many leads from a day to the last working day of the stretch.
func (c *Calendar) DaysBetween(from, to Day) (n int) {
	for d := from.Plus(1); !to.Before(d); d = d.Plus(1) {
		if c.Works(d) {
			n++
		}
	}
	return n
}

// WorkingDay is how long is worked on a day, on the mean of those of a week on which work is done.
func (c *Calendar) WorkingDay() time.Duration {
	minutes, days := 0, 0
	for _, spans := range c.hours {
		for _, s := range spans {
			minutes += s.To - s.From
		}
		days += min(len(spans), 1)
	}
	if days == 0 {
		return 0
	}
	return time.Duration(minutes) * time.Minute / time.Duration(days)
}

// Opens is when work begins on a day; the day's first moment if none is done.
func (c *Calendar) Opens(d Day) time.Time {
	if !c.Works(d) {
		return c.at(d, 0)
	}
	return c.at(d, c.hours[d.Weekday()][0].From)
}

// Closes is when work ends on a day; the day's last moment if none is done.
func (c *Calendar) Closes(d Day) time.Time {
	if !c.Works(d) {
		return c.at(d, 24*60)
	}
	spans := c.hours[d.Weekday()]
	return c.at(d, spans[len(spans)-1].To)
}

// Day is the day of t in the calendar's zone.
func (c *Calendar) Day(t time.Time) Day { return DayOf(t.In(c.zone)) }

// stretch is a piece of working time as it passes, whatever clocks are put to.
type stretch struct{ from, to time.Time }

// stretches are those of a day, in order.
func (c *Calendar) stretches(d Day) (out []stretch) {
	if !c.Works(d) {
		return nil
	}
	for _, s := range c.hours[d.Weekday()] {
		if from, to := c.at(d, s.From), c.at(d, s.To); from.Before(to) {
			out = append(out, stretch{from, to})
		}
	}
	return out
}

// Add is the earliest moment at which so much working time has passed since t.
func (c *Calendar) Add(t time.Time, work time.Duration) time.Time {
	if work <= 0 {
		return t
	}
	day := c.Day(t).Plus(-1) // where clocks are put back at midnight, a day's end may lie behind the next one's beginning
	for i := range farthest {
		for _, s := range c.stretches(day.Plus(i)) {
			from := later(s.from, t)
			switch left := s.to.Sub(from); {
			case left <= 0:
			case left >= work:
				return from.Add(work)
			default:
				work -= left
				t = s.to
			}
		}
	}
	return t
}

// Between is the working time from one moment to another; 0 if that is no later.
func (c *Calendar) Between(from, to time.Time) (work time.Duration) {
	last := c.Day(to).Plus(1)
	for d := c.Day(from).Plus(-1); !last.Before(d); d = d.Plus(1) {
		for _, s := range c.stretches(d) {
			begin, end := later(s.from, from), s.to
			if to.Before(end) {
				end = to
			}
			if begin.Before(end) {
				work += end.Sub(begin)
				from = end
			}
		}
	}
	return work
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// at is the moment at which the clocks of the zone show so many minutes past a
// day's midnight: the first one where they show it twice, and the moment at which
// they are put forward where they never do.
func (c *Calendar) at(d Day, minutes int) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, minutes, 0, 0, c.zone)
	want := time.Date(d.Year, d.Month, d.Day, 0, minutes, 0, 0, time.UTC)
	begins, ends := t.ZoneBounds()
	switch shown := wall(t); {
	case shown.Before(want):
		return ends
	case shown.After(want):
		return begins
	}
	if !begins.IsZero() {
		before := begins.Add(-time.Second)
		if first := t.Add(wall(t).Sub(t) - wall(before).Sub(before)); first.Before(begins) && wall(first).Equal(want) {
			return first
		}
	}
	return t
}

// wall is what the clock on the wall shows at t, as if it were UTC.
func wall(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
