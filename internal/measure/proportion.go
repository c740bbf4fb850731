package measure

import (
	"math"
	"slices"
)

// z95 is how many standard errors lie on either side of an estimate so that 19 of
// 20 such spans hold what is estimated.
const z95 = 1.96

// Interval is the span in which a share lies with 95 per cent confidence.
type Interval struct {
	Low  Number `json:"low"`
	High Number `json:"high"`
}

// Wilson is the interval of a share of part in whole by Wilson's score, which stays
// within 0 and 1 and holds for few records too; nil where there are none.
func Wilson(part, whole int) *Interval {
	if whole == 0 {
		return nil
	}
	n, p := float64(whole), float64(part)/float64(whole)
	scale := 1 + z95*z95/n
	middle := (p + z95*z95/(2*n)) / scale
	half := z95 * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n)) / scale
	return &Interval{Number(math.Max(middle-half, 0)), Number(math.Min(middle+half, 1))}
}

// Share is part of whole, from 0 to 1; nil where there is no whole.
func Share(part, whole int) *Number { return share(part, whole) }

// Quantile is the value below which a share q of the values lie, between two of them
// in proportion, as spreadsheets have it; nil where there are none. It puts the
// values into order.
func Quantile(values []float64, q float64) *Number {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	at := q * float64(len(values)-1)
	low := int(at)
	high := min(low+1, len(values)-1)
	return new(Number(values[low] + (at-float64(low))*(values[high]-values[low])))
}
