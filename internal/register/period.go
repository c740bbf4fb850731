package register

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Period is an ISO 8601 duration of weeks, or of days, hours and minutes.
type Period struct {
	Weeks, Days int
	Time        time.Duration
}

// duration is how a period is written.
var duration = regexp.MustCompile(`^P(\d{1,3}W|(\d{1,3}D)?(T(\d{1,3}H)?(\d{1,3}M)?)?)$`)

// ParsePeriod reads a period such as P2D or PT4H.
func ParsePeriod(s string) (p Period, ok bool) {
	if !duration.MatchString(s) || strings.HasSuffix(s, "T") || s == "P" {
		return p, false
	}
	date, clock, _ := strings.Cut(s[1:], "T")
	if number, found := strings.CutSuffix(date, "W"); found {
		p.Weeks, _ = strconv.Atoi(number) // three digits
	} else {
		p.Days, _ = strconv.Atoi(strings.TrimSuffix(date, "D"))
	}
	if clock != "" {
		p.Time, _ = time.ParseDuration(strings.ToLower(clock))
	}
	return p, true
}

// Lasts is how long the period is where every day has 24 hours.
func (p Period) Lasts() time.Duration {
	return time.Duration(7*p.Weeks+p.Days)*24*time.Hour + p.Time
}
