package tabular

import (
	"strings"
	"time"
)

// clock is the time of day behind a date, with its zone if it names one.
type clock struct {
	hour, minute, second, nano int
	zone                       *time.Location
}

// readClock reads what follows a date: nothing, or a time like T10:30,
// 10:30:15.5 PM or 10:30 +02:00.
func readClock(text string) (clock, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return clock{}, true
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, ","))
	text = strings.TrimPrefix(strings.TrimPrefix(text, "T"), "t")
	c, rest, ok := readHours(text)
	if !ok {
		return c, false
	}
	if rest, ok = c.applyHalf(strings.TrimSpace(rest)); !ok {
		return c, false
	}
	c.zone, ok = readZone(strings.TrimSpace(rest))
	return c, ok && c.hour < 24 && c.minute < 60 && c.second < 60
}

// readHours reads 10:30, 10:30:15 or 10:30:15.123.
func readHours(text string) (c clock, rest string, ok bool) {
	hour, rest := cutDigits(text)
	if hour == "" || len(hour) > 2 || !strings.HasPrefix(rest, ":") {
		return c, rest, false
	}
	minute, rest := cutDigits(rest[1:])
	if len(minute) != 2 {
		return c, rest, false
	}
	c.hour, c.minute = number(hour), number(minute)
	if !strings.HasPrefix(rest, ":") {
		return c, rest, true
	}
	second, rest := cutDigits(rest[1:])
	c.second = number(second)
	if len(second) != 2 {
		return c, rest, false
	}
	return c.withFraction(rest)
}

// withFraction reads the part of a second; more than nanoseconds is cut.
func (c clock) withFraction(text string) (clock, string, bool) {
	if text == "" || text[0] != '.' && text[0] != ',' {
		return c, text, true
	}
	digits, rest := cutDigits(text[1:])
	if digits == "" {
		return c, rest, false
	}
	c.nano = number((digits + "000000000")[:9])
	return c, rest, true
}

// applyHalf reads AM or PM.
func (c *clock) applyHalf(text string) (rest string, ok bool) {
	folded := strings.ToUpper(text)
	for _, half := range []string{"AM", "PM", "A.M.", "P.M."} {
		if !strings.HasPrefix(folded, half) {
			continue
		}
		if c.hour < 1 || c.hour > 12 {
			return text, false
		}
		c.hour %= 12
		if half[0] == 'P' {
			c.hour += 12
		}
		return text[len(half):], true
	}
	return text, true
}

// readZone reads Z, UTC, GMT, +02, +0200 or +02:00. No zone is nil.
func readZone(text string) (*time.Location, bool) {
	switch strings.ToUpper(text) {
	case "":
		return nil, true
	case "Z", "UTC", "GMT":
		return time.UTC, true
	}
	if text[0] != '+' && text[0] != '-' {
		return nil, false
	}
	hour, rest := cutDigits(text[1:])
	minute, rest := cutDigits(strings.TrimPrefix(rest, ":"))
	if len(hour) == 4 && minute == "" {
		hour, minute = hour[:2], hour[2:]
	}
	if len(hour) != 2 || len(minute) != 2 && minute != "" || rest != "" {
		return nil, false
	}
	seconds := number(hour)*3600 + number(minute)*60
	if number(hour) > 14 || number(minute) > 59 {
		return nil, false
	}
	if text[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}
