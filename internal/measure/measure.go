// Package measure is the arithmetic of the measures: scores, words and dates
// go in, numbers with what they rest on come out. It knows no record, no
// database, no request and no clock.
//
// The rules that hold in every file:
//
//   - "High" means at or above the threshold, so the boundary is never in doubt.
//   - What cannot be said is null with a reason under its own name, never 0.
//   - Every result embeds a Basis.
//   - Numbers are rounded when they are written out, and not before.
//   - The order in which inputs arrive never changes a result.
//   - A time counts as the calendar day it names in its own location, and a
//     span of days is half open: its first day counts, its end does not.
package measure

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// LowestScore and HighestScore bound the scores power, interest, legitimacy
// and urgency. DefaultThreshold is the score from which one counts as high,
// unless the settings say otherwise.
const (
	LowestScore      = 1
	HighestScore     = 5
	DefaultThreshold = 4
)

// DaysPerMonth and DaysPerYear are the mean lengths in the Julian calendar,
// so that a rate does not depend on which months a window happens to hold.
const (
	DaysPerYear  = 365.25
	DaysPerMonth = DaysPerYear / 12 // 30.4375
)

// Unknown is the answer where a class is asked for and the scores behind it
// are missing or off the scale.
const Unknown = "unknown"

// Basis says what a result rests on: how many, which ones, by what formula,
// and, for each value left out, why.
type Basis struct {
	N       int               `json:"n"`
	Inputs  []string          `json:"inputs"`
	Formula string            `json:"formula"`
	Source  string            `json:"source,omitempty"`
	Reasons map[string]string `json:"reasons,omitempty"`
}

// because notes why the named value is null.
func (b *Basis) because(field, reason string) {
	if b.Reasons == nil {
		b.Reasons = map[string]string{}
	}
	b.Reasons[field] = reason
}

// Number is a computed decimal. It holds the full value and is rounded to
// OutputPlaces where it is written as JSON.
type Number float64

// OutputPlaces are the decimals a Number shows: a share of 0.8765 still reads
// as 87.65 per cent.
const OutputPlaces = 4

// MarshalJSON writes the rounded number.
func (n Number) MarshalJSON() ([]byte, error) {
	x := Round(float64(n), OutputPlaces)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil, fmt.Errorf("write number: %v has no place in JSON", x)
	}
	return strconv.AppendFloat(nil, x, 'f', -1, 64), nil
}

// Round rounds to the given decimals, halves away from zero, as people do:
// 1.005 becomes 1.01 although its binary form lies a little below.
func Round(x float64, places int) float64 {
	scale := math.Pow10(places)
	scaled := x * scale
	// Fifteen digits are what a float holds for certain; the rest is noise
	// that would push a half to the wrong side. A number that fills them has
	// nothing left to round, nor has infinity.
	if math.IsNaN(scaled) || math.Abs(scaled) >= 1e15 {
		return x
	}
	exact, err := strconv.ParseFloat(strconv.FormatFloat(scaled, 'g', 15, 64), 64)
	if err != nil {
		return x
	}
	return math.Round(exact)/scale + 0 // no negative zero
}

// Window is a span of calendar days, From included and To not.
type Window struct {
	From, To time.Time
}

// Days is the length of the window, 0 when it ends before it starts.
func (w Window) Days() int { return max(daysBetween(w.From, w.To), 0) }

// holds tells whether the day lies in the window.
func (w Window) holds(t time.Time) bool {
	return !day(t).Before(day(w.From)) && day(t).Before(day(w.To))
}

// day is the calendar day of t as midnight UTC, where every day has 24 hours.
func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// daysBetween counts in Unix seconds, as a time.Duration ends at 292 years.
func daysBetween(from, to time.Time) int {
	return int((day(to).Unix() - day(from).Unix()) / (24 * 60 * 60))
}

func date(t time.Time) string { return t.Format(time.DateOnly) }

// share is part of whole, null when there is no whole.
func share(part, whole int) *Number {
	if whole == 0 {
		return nil
	}
	return new(Number(float64(part) / float64(whole)))
}

// sorted is a copy in order, never nil, so that JSON shows [] and not null.
func sorted(ids []string) []string {
	out := append([]string{}, ids...)
	slices.Sort(out)
	return out
}

// scoreFault says what is wrong with a score, or nothing.
func scoreFault(name string, score *int) string {
	switch {
	case score == nil:
		return name + " is not assessed"
	case *score < LowestScore || *score > HighestScore:
		return fmt.Sprintf("%s %d is outside %d to %d", name, *score, LowestScore, HighestScore)
	}
	return ""
}

// thresholdFault keeps a forgotten setting from making every score high.
func thresholdFault(threshold int) string {
	return scoreFault("threshold", &threshold)
}

// known counts the scores that can be used.
func known(scores ...*int) int {
	n := 0
	for _, s := range scores {
		if scoreFault("", s) == "" {
			n++
		}
	}
	return n
}

// faults joins what was found wrong into one sentence.
func faults(found ...string) string {
	out := ""
	for _, f := range found {
		switch {
		case f == "":
		case out == "":
			out = f
		default:
			out += "; " + f
		}
	}
	return out
}
