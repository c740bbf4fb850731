package measure

import (
	"fmt"
	"math"
)

// ChartPoints is how many counts a control chart needs before its limits mean
// something.
const ChartPoints = 12

// ChartLimits are the lines of a control chart of counts, and what lies outside.
type ChartLimits struct {
	// Centre is the mean of the counts; null with fewer than 12.
	Centre *Number `json:"centre"`
	// Lower is three standard deviations below it, at least 0.
	Lower *Number `json:"lower"`
	// Upper is three standard deviations above it.
	Upper *Number `json:"upper"`
	// Reason says why there are no limits, null where there are.
	Reason *string `json:"reason"`
}

// CChart draws the limits of counts, c̄ ± 3√c̄: a count varies about its mean by
// chance alone with a deviation of the mean's root.
func CChart(counts []int) ChartLimits {
	if len(counts) < ChartPoints {
		return ChartLimits{Reason: new(fmt.Sprintf("there are %d points, and limits need %d", len(counts), ChartPoints))}
	}
	sum := 0
	for _, c := range counts {
		sum += c
	}
	mean := float64(sum) / float64(len(counts))
	spread := 3 * math.Sqrt(mean)
	return ChartLimits{Centre: new(Number(mean)), Lower: new(Number(math.Max(mean-spread, 0))), Upper: new(Number(mean + spread))}
}

// Outside reports whether a count lies beyond the limits.
func (l ChartLimits) Outside(count int) bool {
	return l.Centre != nil && (float64(count) < float64(*l.Lower) || float64(count) > float64(*l.Upper))
}
