package register

import (
	"context"
	"time"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// today is the day in the organisation's zone.
func today(ctx context.Context, look flow.Look) Date {
	zone, err := time.LoadLocation(look.Setting(ctx, "time_zone"))
	if err != nil {
		zone = time.UTC
	}
	return On(look.Now().In(zone))
}

// checkSpan refuses a last day before the first one, and one that is still to come:
// what has ended has ended by today.
func checkSpan(faults *fault.Fields, from, to, today Date) {
	switch {
	case to == "":
	case to < from:
		faults.At("#/to_on", "invalid_order", "The last day, %s, comes before the first, %s.", to, from)
	case to > today:
		faults.At("#/to_on", "out_of_range", "The last day may not lie in the future; end it when it has come.")
	}
}
