package register

import "rapport/internal/fault"

// checkSpan refuses a last day before the first one, and one that is still to come:
// what has ended has ended by today.
func checkSpan(faults *fault.Fields, from, to, today Date) {
	switch {
	case to == "":
	case to < from:
		faults.At("#/to_on", "invalid_order", "to_on: the last day, %s, comes before the first, %s.", to, from)
	case to > today:
		faults.At("#/to_on", "out_of_range", "to_on: the last day may not lie in the future; end it when it has come.")
	}
}
