package api

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/register"
)

// farthestAhead is how far the clock of a demonstration is put forward at most.
const farthestAhead = 20 * 366 * 24 * time.Hour

// putForward puts the clock of a demonstration forward: {"forward": "P3D"}. It is
// served by demonstrations alone and stands in no document.
func (s *server) putForward(c echo.Context) error {
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	only, err := flag(c, "validate_only")
	if err != nil {
		return err
	}
	var body struct {
		Forward string `json:"forward"`
	}
	if err := readInto(c, &body, "forward"); err != nil {
		return err
	}
	by, ok := parseForward(body.Forward, s.ledger.Now())
	var faults fault.Fields
	switch {
	case body.Forward == "":
		faults.At("#/forward", "required", "forward is required: an ISO 8601 duration such as P3D, PT4H or P1Y6M.")
	case !ok:
		faults.At("#/forward", "invalid_format", "forward takes an ISO 8601 duration such as P3D, PT4H or P1Y6M.")
	case s.config.Ahead.By()+by > farthestAhead:
		faults.At("#/forward", "out_of_range", "forward: twenty years ahead is as far as it goes; --reset begins anew.")
	}
	if err := faults.Err(); err != nil {
		return err
	}
	if only {
		return s.send(c, http.StatusOK, map[string]any{"now": register.At(s.ledger.Now().Add(by)), "time_offset": isoOf(s.config.Ahead.By() + by), "clocks_acted_on": nil})
	}
	acted, err := s.ledger.PutForward(context.WithoutCancel(c.Request().Context()), s.config.Ahead, by)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, map[string]any{
		"now": register.At(s.ledger.Now()), "time_offset": isoOf(s.config.Ahead.By()), "clocks_acted_on": acted,
	})
}

// calendarSpan is a duration with years and months before what has a fixed length.
var calendarSpan = regexp.MustCompile(`^P(?:(\d{1,2})Y)?(?:(\d{1,3})M)?((?:\d.*|T.+)?)$`)

// parseForward reads an ISO 8601 duration; years and months are those of the calendar
// from now on.
func parseForward(said string, now time.Time) (by time.Duration, ok bool) {
	m := calendarSpan.FindStringSubmatch(said)
	if m == nil || m[1]+m[2]+m[3] == "" {
		return 0, false
	}
	if m[3] != "" {
		if by, ok = parseSpan("P" + m[3]); !ok {
			return 0, false
		}
	}
	years, _ := strconv.Atoi(m[1]) // digits or nothing
	months, _ := strconv.Atoi(m[2])
	return by + now.AddDate(years, months, 0).Sub(now), true
}

// isoOf writes a duration as ISO 8601 does, in days and what is left of one.
func isoOf(d time.Duration) string {
	const day = 24 * time.Hour
	said, rest := "P", d.Truncate(time.Second)
	if rest >= day {
		said += strconv.Itoa(int(rest/day)) + "D"
		rest %= day
	}
	if rest > 0 || said == "P" {
		said += "T"
		for _, u := range []struct {
			of   time.Duration
			mark string
		}{{time.Hour, "H"}, {time.Minute, "M"}} {
			if rest >= u.of {
				said += strconv.Itoa(int(rest/u.of)) + u.mark
				rest %= u.of
			}
		}
		if rest > 0 || said == "PT" {
			said += strconv.Itoa(int(rest/time.Second)) + "S"
		}
	}
	return said
}
