package api

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

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
	e.GET("/.well-known/security.txt", s.securityTxt)
	e.GET("/feeds/:file", s.calendarFeed, s.opened)
}

// Health says that the process runs.
type Health struct {
	// Status is ok.
	Status string `json:"status" example:"ok"`
}

// healthz says that the process runs, and nothing about what it needs.
//
//	@ID				getHealth
//	@Summary		Tell whether the process runs
//	@Description	Answers 200 as long as the process runs, whatever else is wrong. Needs no key.
//	@Tags			Service
//	@Success		200	{object}	Health
//	@Router			/healthz [get]
func (s *server) healthz(c echo.Context) error {
	return s.send(c, http.StatusOK, Health{"ok"})
}

// Readiness says whether the register takes requests.
type Readiness struct {
	// Status is ready or not_ready.
	Status string `json:"status" enums:"ready,not_ready"`
	// Checks are what was looked at: ok, or what is wrong.
	Checks map[string]string `json:"checks"`
}

// readyz says whether the register takes requests, and if not, why.
//
//	@ID				getReadiness
//	@Summary		Tell whether requests are taken
//	@Description	Answers 200 once the database is there and up to date, else 503 with the check that failed. Needs no key.
//	@Tags			Service
//	@Success		200	{object}	Readiness
//	@Router			/readyz [get]
//	@x-answers		{"503":"Readiness"}
func (s *server) readyz(c echo.Context) error {
	checks, status := map[string]string{"database": "ok", "migrations": "ok", "disk": "ok"}, http.StatusOK
	if err := s.ledger.DB.Ready(c.Request().Context()); err != nil {
		checks["database"], status = "failed: see the log", http.StatusServiceUnavailable
	}
	if err := s.ledger.DB.Disk(); err != nil {
		checks["disk"], status = err.Error(), http.StatusServiceUnavailable
	}
	if s.config.Jobs != nil {
		checks["queue"] = s.queue(c.Request().Context())
	}
	if b := s.config.Backups; b != nil && b.Every > 0 { // the register takes requests all the same
		checks["backup"] = "ok"
		if _, _, failed := b.State(); failed != nil {
			checks["backup"] = "failed: see the log"
		}
	}
	if s.config.Draining != nil && s.config.Draining() {
		checks["server"], status = "shutting down", http.StatusServiceUnavailable
	}
	word := "ready"
	if status != http.StatusOK {
		word = "not_ready"
	}
	return s.send(c, status, Readiness{word, checks})
}

// lateAfter is how long a job may wait before that is told.
const lateAfter = 15 * time.Minute

// queue says whether jobs are done as they come. Requests are taken all the same.
func (s *server) queue(ctx context.Context) string {
	d, err := s.config.Jobs.Depth(ctx)
	switch {
	case err != nil:
		return "failed: see the log"
	case d.Waiting > 0 && d.Oldest > lateAfter:
		return fmt.Sprintf("late: %d wait, the first for %s", d.Waiting, d.Oldest.Truncate(time.Minute))
	}
	return "ok"
}

// Release says which program answers.
type Release struct {
	// Version is the program's version.
	Version string `json:"version" example:"1.0.0"`
	// Commit is the commit that it was built from.
	Commit string `json:"commit" example:"6992673"`
	// BuiltAt is when it was built.
	BuiltAt string `json:"built_at" example:"2026-11-22T09:15:04Z"`
	// GoVersion is what it was built with.
	GoVersion string `json:"go_version" example:"go1.26.0"`
	// APIVersions are the versions of the API that it serves.
	APIVersions []string `json:"api_versions"`
	// Database is the database and its version; told only to who has a key.
	Database string `json:"database,omitempty" example:"sqlite 3.53.3"`
	// TimeOffset is by how much the clock of a demonstration was put forward; nothing elsewhere.
	TimeOffset string `json:"time_offset,omitempty" example:"P3D"`
	// SchemaVersion is the number of the last migration; told only to who has a key.
	SchemaVersion int64 `json:"schema_version,omitempty"`
}

// version says which program answers; the database only to who has a key.
//
//	@ID				getVersion
//	@Summary		Tell which program answers
//	@Description	Version, commit and build; with a key also the database. Needs no key.
//	@Tags			Service
//	@Success		200	{object}	Release
//	@Router			/version [get]
func (s *server) version(c echo.Context) error {
	ctx := c.Request().Context()
	b := s.config.Build
	out := Release{Version: b.Version, Commit: b.Commit, BuiltAt: b.BuiltAt, GoVersion: runtime.Version(), APIVersions: []string{"v1"}}
	if s.config.Ahead != nil {
		out.TimeOffset = isoOf(s.config.Ahead.By())
	}
	if token, err := s.credentials(c); err == nil {
		if _, err := s.signIn(c, token); err == nil {
			out.Database = s.ledger.DB.Version(ctx)
			if v, err := s.ledger.DB.SchemaVersion(ctx); err == nil {
				out.SchemaVersion = v
			}
		} else {
			for _, name := range []string{"Retry-After", "RateLimit", "RateLimit-Policy"} {
				c.Response().Header().Del(name) // nothing was refused
			}
		}
	}
	return s.send(c, http.StatusOK, out)
}

// ProblemKind explains a kind of problem.
type ProblemKind struct {
	// Type is the problem's constant URI.
	Type string `json:"type" format:"uri"`
	// Code is the word to switch on.
	Code string `json:"code"`
	// Title is the problem in a few words.
	Title string `json:"title"`
	// Status is the HTTP status under which it is answered.
	Status int `json:"status" example:"404"`
}

// problem explains a kind of problem, so that its type can be opened.
//
//	@ID				getProblemKind
//	@Summary		Explain a kind of problem
//	@Description	Title and status of a problem's code, for who follows the type of an answer. Needs no key.
//	@Tags			Service
//	@Param			code	path	string	true	"the problem's code, such as not-found"
//	@Success		200	{object}	ProblemKind
//	@Router			/{code} [get]
//	@x-root			"/problems"
func (s *server) problem(c echo.Context) error {
	k, known := kinds[fault.Code(c.Param("code"))]
	if !known {
		return fault.New(fault.NotFound, "There is no such problem.")
	}
	return s.send(c, http.StatusOK, ProblemKind{problemType(fault.Code(c.Param("code"))), c.Param("code"), k.title, k.status})
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
