package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rapport/internal/authority"
)

// A route that is going away says so with every answer, and it is counted who
// still asks.
func TestDeprecatedRoutesSaySo(t *testing.T) {
	s := &server{metrics: newMetrics()}
	e := echo.New()
	since := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	e.GET("/old", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) },
		s.deprecated(deprecation{since, since.AddDate(1, 0, 0), "/api/v1/new"}))
	req := httptest.NewRequest(http.MethodGet, "/old", nil)
	s.metrics.operations = map[served]string{{http.MethodGet, "/old"}: "getOld"}
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, req.WithContext(authority.With(req.Context(), authority.Actor{KeyID: "key-1"})))
	for name, want := range map[string]string{
		"Deprecation": "@1795305600", "Sunset": "Mon, 22 Nov 2027 00:00:00 GMT", "Link": `</api/v1/new>; rel="successor-version"`,
	} {
		if got := rec.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	figures := httptest.NewRecorder()
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(figures, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if !strings.Contains(figures.Body.String(), `rapport_deprecated_requests_total{key_id="key-1",operation="getOld"} 1`) {
		t.Error("who asks is not counted")
	}
	defer func() {
		if recover() == nil {
			t.Error("a route may go away within a year")
		}
	}()
	s.deprecated(deprecation{since, since.AddDate(0, 6, 0), ""})
}
