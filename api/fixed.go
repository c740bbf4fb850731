package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// fixedPaths are the paths that are served beside a collection's records, such as
// /complaints/search, with the methods that they take.
type fixedPaths map[string][]string

// fixedPathsOf finds them among the routes.
func fixedPathsOf(routes []*echo.Route) fixedPaths {
	found := fixedPaths{}
	for _, r := range routes {
		if !strings.Contains(r.Path, ":") && strings.Count(r.Path, "/") == strings.Count(Base, "/")+2 {
			found[r.Path] = append(found[r.Path], r.Method)
		}
	}
	for _, takes := range found {
		slices.Sort(takes)
	}
	return found
}

// noRecord refuses a method that such a path does not take: the router would look
// for a record of that name.
func (s *server) noRecord(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		takes := s.fixed[c.Request().URL.Path]
		if takes == nil || !strings.HasSuffix(c.Path(), "/:id") {
			return next(c)
		}
		c.Response().Header().Set(echo.HeaderAllow, strings.Join(append([]string{http.MethodOptions}, takes...), ", "))
		return echo.ErrMethodNotAllowed
	}
}
