package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
)

// deprecation says that a route is going away: since when that is so, when it
// ends, and what to ask instead. It stands beside the route where it is mounted,
// and @Deprecated in its annotations:
//
//	g.GET("/old", s.old, s.deprecated(deprecation{since, sunset, "/api/v1/new"}))
type deprecation struct {
	since, sunset time.Time
	successor     string // "" if there is none
}

// shortestNotice is how long a deprecated route is served at least.
const shortestNotice = 365 * 24 * time.Hour

// deprecated tells callers by headers (RFC 9745, RFC 8594), and counts who still
// asks by the id of the key or identity, so that its holder can be told.
func (s *server) deprecated(d deprecation) echo.MiddlewareFunc {
	if d.sunset.Sub(d.since) < shortestNotice {
		panic("a deprecated route is served for a year at least")
	}
	since, sunset := "@"+strconv.FormatInt(d.since.Unix(), 10), d.sunset.UTC().Format(http.TimeFormat)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("Deprecation", since)
			h.Set("Sunset", sunset)
			if d.successor != "" {
				h.Add("Link", "<"+d.successor+`>; rel="successor-version"`)
			}
			s.metrics.deprecated.WithLabelValues(s.metrics.operation(c), authority.From(c.Request().Context()).Principal()).Inc()
			return next(c)
		}
	}
}
