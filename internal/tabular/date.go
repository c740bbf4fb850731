package tabular

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// DateFormat says in which order a date's parts stand, and what parts them.
type DateFormat string

// The formats of dates. Whatever the format, the ISO form YYYY-MM-DD is read
// too, as it cannot be taken for another. Without a format, or with
// DateAmbiguous, a value is read if there is only one way to.
const (
	DateUnknown   DateFormat = ""
	DateAmbiguous DateFormat = "ambiguous"
	DateISO       DateFormat = "YYYY-MM-DD"
)

// dateShape is a format as its parts. Year, month and day are places in the
// value: 0 is the first.
type dateShape struct {
	format           DateFormat
	sep              byte
	year, month, day int
}

var dateShapes = []dateShape{
	{DateISO, '-', 0, 1, 2},
	{"YYYY/MM/DD", '/', 0, 1, 2},
	{"YYYY.MM.DD", '.', 0, 1, 2},
	{"DD.MM.YYYY", '.', 2, 1, 0},
	{"DD/MM/YYYY", '/', 2, 1, 0},
	{"MM/DD/YYYY", '/', 2, 0, 1},
	{"DD-MM-YYYY", '-', 2, 1, 0},
	{"MM-DD-YYYY", '-', 2, 0, 1},
}

// ParseDateFormat reads the option date_format. DateUnknown stands for auto.
func ParseDateFormat(value string) (DateFormat, error) {
	names := make([]string, len(dateShapes))
	for i, s := range dateShapes {
		names[i] = string(s.format)
		if strings.EqualFold(value, names[i]) {
			return s.format, nil
		}
	}
	switch {
	case !isFixed(value):
		return DateUnknown, nil
	case strings.EqualFold(value, "iso"):
		return DateISO, nil
	}
	return "", problem(BadOption, "date_format is %q; allowed are auto, %s", shown(value), strings.Join(names, ", "))
}

// ParseDate reads a date, whose time of day is checked and left away, and
// returns it as 2006-01-02.
func ParseDate(value string, format DateFormat) (string, error) {
	m, err := readMoment(value, format)
	if err != nil {
		return "", err
	}
	return m.date().Format(time.DateOnly), nil
}

// ParseInstant reads a date with or without a time of day, and returns it as
// 2006-01-02T15:04:05.000Z. A value that names no zone is taken to be in the
// one given; nil stands for UTC.
func ParseInstant(value string, format DateFormat, zone *time.Location) (string, error) {
	m, err := readMoment(value, format)
	if err != nil {
		return "", err
	}
	if zone == nil {
		zone = time.UTC
	}
	at := m.in(zone).UTC()
	if at.Year() < 1 || at.Year() > 9999 {
		return "", badDate(value, format)
	}
	return at.Format("2006-01-02T15:04:05.000Z"), nil
}

// moment is a date and time as read.
type moment struct {
	year, month, day int
	clock
}

func (m moment) date() time.Time {
	return time.Date(m.year, time.Month(m.month), m.day, 0, 0, 0, 0, time.UTC)
}

func (m moment) in(zone *time.Location) time.Time {
	if m.zone != nil {
		zone = m.zone
	}
	return time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.second, m.nano, zone)
}

// exists keeps 31.02. from becoming 3 March.
func (m moment) exists() bool {
	return m.year >= 1 && m.month >= 1 && m.month <= 12 && m.day >= 1 && m.date().Day() == m.day
}

// readMoment reads a value in the format, or in the only one that fits.
func readMoment(value string, format DateFormat) (moment, error) {
	parts, ok := splitDate(value)
	if !ok {
		return moment{}, badDate(value, format)
	}
	var read moment
	fits := 0
	for _, shape := range dateShapes {
		if !shape.allowedIn(format) {
			continue
		}
		m, ok := parts.as(shape)
		if !ok || fits > 0 && m == read {
			continue
		}
		read = m
		fits++
	}
	switch fits {
	case 0:
		return moment{}, badDate(value, format)
	case 1:
		return read, nil
	}
	return moment{}, problem(AmbiguousDate, "%q can be read with the day first or the month first; name the date_format", shown(value))
}

func (s dateShape) allowedIn(format DateFormat) bool {
	return s.format == format || s.format == DateISO || format == DateUnknown || format == DateAmbiguous
}

func badDate(value string, format DateFormat) error {
	if format == DateUnknown || format == DateAmbiguous {
		return problem(BadDate, "%q is not a date", shown(value))
	}
	return problem(BadDate, "%q is not a date of the form %s", shown(value), format)
}

func isDate(value string) bool {
	_, err := readMoment(value, DateUnknown)
	if own := (*Error)(nil); errors.As(err, &own) {
		return own.Code == AmbiguousDate
	}
	return err == nil
}

// dateParts is a value split up, before anyone says which part is what.
type dateParts struct {
	sep   byte
	parts [3]string
	clock
}

// splitDate takes a value apart: three numbers, then perhaps a time.
func splitDate(value string) (dateParts, bool) {
	const longest = 64
	if len(value) > longest {
		return dateParts{}, false
	}
	rest := strings.TrimSpace(value)
	var d dateParts
	for i := range d.parts {
		d.parts[i], rest = cutDigits(rest)
		if d.parts[i] == "" || len(d.parts[i]) > 4 {
			return d, false
		}
		if i == 2 {
			break
		}
		if rest == "" || i == 1 && rest[0] != d.sep || !strings.Contains("-/.", rest[:1]) {
			return d, false
		}
		d.sep, rest = rest[0], rest[1:]
	}
	var ok bool
	d.clock, ok = readClock(rest)
	return d, ok
}

// as reads the parts in the order of the shape.
func (d dateParts) as(s dateShape) (moment, bool) {
	year, month, day := d.parts[s.year], d.parts[s.month], d.parts[s.day]
	if d.sep != s.sep || len(month) > 2 || len(day) > 2 {
		return moment{}, false
	}
	m := moment{year: fullYear(year, s.year == 0), month: number(month), day: number(day), clock: d.clock}
	return m, m.exists()
}

// fullYear reads a year of four digits or, where it stands last, of two: 69 is
// 2069, 70 is 1970. It returns 0 for any other.
func fullYear(year string, first bool) int {
	n := number(year)
	switch {
	case len(year) == 4:
		return n
	case len(year) != 2 || first:
		return 0
	case n < 70:
		return 2000 + n
	}
	return 1900 + n
}

// number reads a few digits, which are known to be digits.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

func cutDigits(text string) (digits, rest string) {
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	return text[:i], text[i:]
}
