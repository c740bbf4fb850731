package calendar_test

import (
	"testing"
	"time"

	"rapport/internal/calendar"
)

func TestZone(t *testing.T) {
	for _, name := range []string{"America/New_York", "UTC", ""} {
		first := calendar.Zone(name)
		if want, err := time.LoadLocation(name); err != nil || first.String() != want.String() || calendar.Zone(name) != first {
			t.Errorf("%q is %v, and not one and the same", name, first)
		}
	}
	if got := calendar.Zone("Riverside/Quay"); got != time.UTC {
		t.Errorf("no zone is %v, want UTC", got)
	}
	if n := testing.AllocsPerRun(100, func() { calendar.Zone("America/New_York") }); n > 1 {
		t.Errorf("a zone that is known costs %v allocations", n)
	}
}
