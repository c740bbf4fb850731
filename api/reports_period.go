package api

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"rapport/internal/ledger"
	"rapport/internal/register"
)

// usualDays is how long the period of a report is unless it is said.
const usualDays = 365

// readReport reads over which period a report goes, and with which it is compared.
func (s *server) readReport(ctx context.Context, values url.Values) (q ledger.ReportQuery, err error) {
	q.Zone = s.zone(ctx)
	if given := values.Get("tz"); given != "" {
		if q.Zone, err = time.LoadLocation(given); err != nil || given == "Local" { // ours is nobody else's business
			return q, invalid("tz", "tz is the IANA name of a zone, such as Europe/Berlin.")
		}
	}
	var before ledger.Span
	if q.Period, before, err = readPeriod(values, s.ledger.Now().In(q.Zone)); err != nil {
		return q, err
	}
	compare, err := choiceOf(values, "compare", "previous", "none")
	if compare == "previous" {
		q.Previous = &before
	}
	return q, err
}

// readPeriod reads a period and says which one lies before it.
func readPeriod(values url.Values, now time.Time) (period, before ledger.Span, err error) {
	given := values.Get("period")
	if given == "" {
		return readDays(values, now)
	}
	if values.Has("from") || values.Has("to") {
		return period, before, invalid("period", "Ask for a period, or for from and to.")
	}
	from, months, ok := calendarPeriod(given)
	if !ok {
		return period, before, invalid("period", "period is a year, a quarter or a month from 1900 to 2200: 2026, 2026-Q3 or 2026-07.")
	}
	return spanOf(from, months), spanOf(from.AddDate(0, -months, 0), months), nil
}

var periodForm = regexp.MustCompile(`^(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?$`)

// calendarPeriod is when a year, quarter or month begins, and how many months it has.
func calendarPeriod(text string) (from time.Time, months int, ok bool) {
	m := periodForm.FindStringSubmatch(text)
	if m == nil {
		return from, 0, false
	}
	year, _ := strconv.Atoi(m[1]) // digits, all of them
	quarter, _ := strconv.Atoi(m[2])
	month, _ := strconv.Atoi(m[3])
	months = 12
	switch {
	case quarter > 0:
		month, months = 3*quarter-2, 3
	case month > 0:
		months = 1
	default:
		month = 1
	}
	return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC), months, year >= 1900 && year <= 2200
}

func spanOf(from time.Time, months int) ledger.Span {
	label := from.Format("2006-01")
	switch months {
	case 12:
		label = from.Format("2006")
	case 3:
		label = from.Format("2006") + "-Q" + strconv.Itoa(int(from.Month())/3+1)
	}
	return ledger.Span{Label: label, From: register.On(from), To: register.On(from.AddDate(0, months, 0))}
}

// readDays reads a period of two dates; the one before is as long.
func readDays(values url.Values, now time.Time) (period, before ledger.Span, err error) {
	if period.From, err = readDay(values, "from", now); err != nil {
		return period, before, err
	}
	if period.To, err = readDay(values, "to", now); err != nil {
		return period, before, err
	}
	if period.To == "" {
		period.To = register.On(now).Days(1)
	}
	if period.From == "" {
		period.From = period.To.Days(-usualDays)
	}
	if period.To <= period.From {
		return period, before, invalid("to", "to comes after from.")
	}
	days := int(period.To.Time().Sub(period.From.Time()) / (24 * time.Hour))
	return period, ledger.Span{From: period.From.Days(-days), To: period.From}, nil
}
