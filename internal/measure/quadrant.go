package measure

import (
	"fmt"
	"math"
)

// The quadrants of the power/interest grid.
const (
	ManageClosely = "manage_closely"
	KeepSatisfied = "keep_satisfied"
	KeepInformed  = "keep_informed"
	Monitor       = "monitor"
)

// The default weights of Priority: power before interest.
const (
	DefaultPowerWeight    = 0.6
	DefaultInterestWeight = 0.4
)

const quadrantSource = "Mendelow 1991, power/interest grid; the priority is this register's own"

// quadrantTable is keyed by power and interest being high.
var quadrantTable = map[[2]bool]string{
	{true, true}:   ManageClosely,
	{true, false}:  KeepSatisfied,
	{false, true}:  KeepInformed,
	{false, false}: Monitor,
}

// QuadrantResult is a place in the power/interest grid with a number to sort by.
type QuadrantResult struct {
	Basis
	Quadrant  string  `json:"quadrant"`
	Priority  *Number `json:"priority"`
	Power     *int    `json:"power"`
	Interest  *int    `json:"interest"`
	Threshold int     `json:"threshold"`
}

// Quadrant names how a stakeholder is best kept, by Mendelow's grid (1991) of
// power against interest. Missing scores give unknown.
func Quadrant(power, interest *int, threshold int) string {
	if quadrantFault(power, interest, threshold) != "" {
		return Unknown
	}
	return quadrantTable[[2]bool{*power >= threshold, *interest >= threshold}]
}

// Priority is the weighted sum of power and interest, a number to sort by
// within and across quadrants. It is nil when a score is missing or the
// weights say nothing.
func Priority(power, interest *int, powerWeight, interestWeight float64) *float64 {
	if priorityFault(power, interest, powerWeight, interestWeight) != "" {
		return nil
	}
	return new(powerWeight*float64(*power) + interestWeight*float64(*interest))
}

// AssessQuadrant is Quadrant and Priority with their basis; inputs are the ids
// of the assessments the scores come from.
func AssessQuadrant(power, interest *int, threshold int, powerWeight, interestWeight float64, inputs ...string) QuadrantResult {
	r := QuadrantResult{
		Basis: Basis{
			N:      known(power, interest),
			Inputs: sorted(inputs),
			Formula: fmt.Sprintf("quadrant by power ≥ %d and interest ≥ %d; priority = %g·power + %g·interest",
				threshold, threshold, powerWeight, interestWeight),
			Source: quadrantSource,
		},
		Quadrant: Quadrant(power, interest, threshold),
		Priority: (*Number)(Priority(power, interest, powerWeight, interestWeight)),
		Power:    power, Interest: interest, Threshold: threshold,
	}
	if why := quadrantFault(power, interest, threshold); why != "" {
		r.because("quadrant", why)
	}
	if why := priorityFault(power, interest, powerWeight, interestWeight); why != "" {
		r.because("priority", why)
	}
	return r
}

func quadrantFault(power, interest *int, threshold int) string {
	return faults(scoreFault("power", power), scoreFault("interest", interest), thresholdFault(threshold))
}

func priorityFault(power, interest *int, powerWeight, interestWeight float64) string {
	return faults(scoreFault("power", power), scoreFault("interest", interest), weightsFault(powerWeight, interestWeight))
}

// weightsFault keeps a sum from being shown in which nothing counts.
func weightsFault(a, b float64) string {
	sum := a + b
	if !(a >= 0) || !(b >= 0) || !(sum > 0) || math.IsInf(sum, 0) {
		return fmt.Sprintf("weights %g and %g are not two shares of which at least one counts", a, b)
	}
	return ""
}
