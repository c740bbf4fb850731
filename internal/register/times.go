package register

import (
	"strconv"
	"strings"
	"time"
)

// ParseInstant reads an RFC 3339 time with any offset, or one relative to now:
// now, now-24h, now+30m.
func ParseInstant(s string, now time.Time) (Instant, bool) {
	if rest, found := strings.CutPrefix(s, "now"); found {
		if rest == "" {
			return At(now), true
		}
		if days, ok := dayOffset(rest); ok {
			return At(now.AddDate(0, 0, days)), true
		}
		d, err := time.ParseDuration(rest)
		return At(now.Add(d)), err == nil && d.Abs() < 24*366*100*time.Hour
	}
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s)) // RFC 3339 allows t and z
	if err != nil {
		return "", false
	}
	return At(t), sane(t.UTC().Year())
}

// ParseMoment reads a time as ParseInstant does, or a date as ParseDate does, which
// means that day's midnight in now's own zone.
func ParseMoment(s string, now time.Time) (Instant, bool) {
	if at, ok := ParseInstant(s, now); ok {
		return at, true
	}
	day, ok := ParseDate(s, now)
	if !ok {
		return "", false
	}
	t := day.Time()
	return At(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, now.Location())), true
}

// ParseDate reads a date, or one relative to the day of now in now's own zone:
// today, today+7d, today-1d.
func ParseDate(s string, now time.Time) (Date, bool) {
	if rest, found := strings.CutPrefix(s, "today"); found {
		if rest == "" {
			return On(now), true
		}
		days, ok := dayOffset(rest)
		return On(now.AddDate(0, 0, days)), ok
	}
	t, err := time.Parse(DateLayout, s)
	return On(t), err == nil && sane(t.Year())
}

// dayOffset reads +7d or -30d.
func dayOffset(s string) (int, bool) {
	number, found := strings.CutSuffix(s, "d")
	if !found || len(number) < 2 || number[0] != '+' && number[0] != '-' {
		return 0, false
	}
	n, err := strconv.Atoi(number)
	return n, err == nil && n > -36600 && n < 36600
}

// sane keeps slips of the keyboard out: nobody of ours lived before 1900.
func sane(year int) bool { return year >= 1900 && year <= 2200 }
