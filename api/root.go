package api

import (
	"net/http"
	"runtime"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
)

// mountRoot serves what lies beside the API.
func (s *server) mountRoot(e *echo.Echo) {
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/version", s.version)
	e.GET("/metrics", s.metrics.handler(), s.identified, s.mayReadMetrics)
	e.GET("/problems/:code", s.problem)
	e.GET("/", s.discover)
}

func (s *server) healthz(c echo.Context) error {
	return s.send(c, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether the register takes requests, and if not, why.
func (s *server) readyz(c echo.Context) error {
	checks, status := map[string]string{"database": "ok", "migrations": "ok", "disk": "ok"}, http.StatusOK
	if err := s.ledger.DB.Ready(c.Request().Context()); err != nil {
		checks["database"], status = "failed: see the log", http.StatusServiceUnavailable
	}
	if err := s.ledger.DB.Disk(); err != nil {
		checks["disk"], status = err.Error(), http.StatusServiceUnavailable
	}
	if s.config.Draining != nil && s.config.Draining() {
		checks["server"], status = "shutting down", http.StatusServiceUnavailable
	}
	word := "ready"
	if status != http.StatusOK {
		word = "not_ready"
	}
	return s.send(c, status, map[string]any{"status": word, "checks": checks})
}

// version says which program answers; the database only to who has a key.
func (s *server) version(c echo.Context) error {
	ctx := c.Request().Context()
	out := map[string]any{"version": s.config.Build.Version, "commit": s.config.Build.Commit, "built_at": s.config.Build.BuiltAt,
		"go_version": runtime.Version(), "api_versions": []string{"v1"}}
	if token, err := credentials(c); err == nil {
		if _, err := s.ledger.Identify(ctx, token, c.RealIP()); err == nil {
			out["database"] = s.ledger.DB.Version(ctx)
			if v, err := s.ledger.DB.SchemaVersion(ctx); err == nil {
				out["schema_version"] = v
			}
		}
	}
	return s.send(c, http.StatusOK, out)
}

// problem explains a kind of problem, so that its type can be opened.
func (s *server) problem(c echo.Context) error {
	k, known := kinds[fault.Code(c.Param("code"))]
	if !known {
		return fault.New(fault.NotFound, "There is no such problem.")
	}
	return s.send(c, http.StatusOK, map[string]any{"type": problemBase + c.Param("code"), "code": c.Param("code"), "title": k.title, "status": k.status})
}

func (s *server) mayReadMetrics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		a := authority.From(c.Request().Context())
		if !a.Scopes.Allow("metrics", authority.Read) || strings.TrimSpace(a.ID) == "" {
			return ledger.OutOfScope(a, "metrics", authority.Read)
		}
		return next(c)
	}
}
