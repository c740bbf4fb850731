package api

import (
	"context"
	"net/http"
	"strings"
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
	if _, err := params(c); err != nil {
		return err
	}
	var body struct {
		Forward string `json:"forward"`
	}
	if err := readInto(c, &body, "forward"); err != nil {
		return err
	}
	by, ok := register.ParsePeriod(body.Forward)
	var faults fault.Fields
	switch {
	case !ok:
		faults.At("#/forward", "invalid_format", "forward takes an ISO 8601 duration such as P3D or PT4H.")
	case s.config.Ahead.By()+by.Lasts() > farthestAhead:
		faults.At("#/forward", "out_of_range", "forward: twenty years ahead is as far as it goes; --reset begins anew.")
	}
	if err := faults.Err(); err != nil {
		return err
	}
	acted, err := s.ledger.PutForward(context.WithoutCancel(c.Request().Context()), s.config.Ahead, by.Lasts())
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, map[string]any{
		"now": register.At(s.ledger.Now()), "time_offset": isoOf(s.config.Ahead.By()), "clocks_acted_on": acted,
	})
}

// isoOf writes a duration as ISO 8601 does.
func isoOf(d time.Duration) string { return "PT" + strings.ToUpper(d.Truncate(time.Second).String()) }
