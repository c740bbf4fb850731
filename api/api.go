// Package api is HTTP in and out: it reads requests, asks the ledger, and writes
// answers. It knows no rule of any noun and no SQL.
package api

//go:generate go run ../cmd/apidoc

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"rapport/internal/imports"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Config is what the server needs to know beside its ledger.
type Config struct {
	CursorKey       []byte        // signs cursors
	CORSOrigins     []string      // exact origins; empty = no CORS
	Demo            bool          // answers are always indented
	DemoKeys        []DemoKey     // told at /docs
	Ahead           *ledger.Ahead // a demonstration's clock, which its users put forward; nil elsewhere
	Build           Build
	Draining        func() bool // true once the server is shutting down; may be nil
	Limits          Limits
	SecurityContact string         // for security.txt; "" = none
	Backups         *store.Backups // nil where there are none
	MaxInFlight     int            // requests answered at once; 0 = as many as come
	Proxies         Proxies
	Jobs            *jobs.Runner
	Imports         *imports.Desk
	MaxUpload       int64 // bytes of an attachment at most; 0 = 25 MiB

	Stopping    <-chan struct{} // closed when the server shuts down, for what is held open; may be nil
	ReadingTime time.Duration   // that who takes a file may take for each part of it; 0 = 30 s
	Heartbeat   time.Duration   // between signs of life on a stream; 0 = 15 s
}

// Build says which program this is.
type Build struct{ Version, Commit, BuiltAt string }

// Base is the path below which the API lies.
const Base = "/api/v1"

// Bounds of requests.
const (
	maxBody     = 1 << 20
	maxBatch    = 5 << 20
	requestTime = 30 * time.Second
)

type server struct {
	ledger    *ledger.Ledger
	config    Config
	outgoing  outgoing
	cursorKey []byte
	metrics   *metrics
	catchUps  chan struct{} // bounds the streams that read the past at once
	gate      *gate
	inFlight  *inFlight
	fixed     fixedPaths
}

// New is the whole API: the table of contents.
func New(l *ledger.Ledger, c Config) http.Handler {
	s := &server{ledger: l, config: c, cursorKey: c.CursorKey, catchUps: make(chan struct{}, mostCatchUps), gate: newGate(c.Limits), inFlight: &inFlight{}}
	s.metrics = newMetrics()
	s.metrics.watch(s)
	if c.Jobs != nil {
		l.Employ(c.Jobs)
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.sendProblem
	e.IPExtractor = c.Proxies.Address
	e.Use(s.metrics.count, s.logged, recovered, headers, decoded, s.cors(), methods, s.shed, acceptable, bounded, s.guarded, s.noRecord)

	if c.Jobs != nil {
		c.Jobs.Handle(handoverKind, s.handOver)
		if c.Backups != nil {
			c.Jobs.Handle(backupKind, s.backUp)
		}
		c.Jobs.Handle(retagKind, s.retag)
	}
	s.mountRoot(e)
	s.mountDocs(e)
	v1 := e.Group(Base)
	s.mountFunctions(v1)
	s.mountTalk(v1)
	for _, n := range register.All() {
		s.mount(v1, n)
	}
	s.metrics.operations, s.fixed = operationIDs(e.Routes()), fixedPathsOf(e.Routes())
	return &front{echo: e}
}

// mount serves one noun. Every noun is served alike; what differs stands in its
// file in package register. What could only refuse is not served: nobody enters
// what comes with the program, and what has no workflow makes no transition.
func (s *server) mount(g *echo.Group, n *register.Noun) {
	r := resource{server: s, noun: n}
	all, one := "/"+n.Path, "/"+n.Path+"/:id"
	g.GET(all, r.list)
	g.GET(all+"/aggregate", r.aggregate)
	g.GET(all+"/board", r.board)
	g.GET(all+"/export", r.export)
	if n.Field("external_ids") != nil {
		g.GET(all+"/by-external-id/:system/:key", r.getExternal)
		g.PATCH(all+"/by-external-id/:system/:key", r.upsert)
	}
	if n != register.APIKeys { // whose token is shown once, in an answer of its own
		g.POST(all+"/batch", r.batch)
	}
	if n.Alike != nil {
		g.GET(all+"/duplicates", r.duplicates)
		g.GET(one+"/duplicates", r.duplicatesOf)
	}
	g.POST(all+"/search", r.search)
	g.GET(one, r.get)
	g.PATCH(one, r.update)
	g.GET(one+"/timeline", r.timeline)
	g.GET(one+"/changes", r.changes)
	g.GET(one+"/comments", r.comments)
	g.POST(one+"/comments", r.comment)
	g.GET(one+"/attachments", r.attachments)
	g.POST(one+"/attachments", r.attach)
	if !n.Given {
		g.POST(all, r.create)
		g.DELETE(one, r.remove)
		g.POST(one+"/restore", r.restore)
	}
	if n.Moves() {
		g.GET(one+"/transitions", r.transitions)
		g.POST(one+"/transitions", r.transition)
	}
	for _, by := range n.Under {
		child, under := childOf{r, by}, "/"+register.ByName(by.Target).Path+"/:id/"+n.Path
		g.GET(under, child.listUnder)
		g.POST(under, child.createUnder)
	}
}

// mountFunctions serves what is no noun's.
func (s *server) mountFunctions(g *echo.Group) {
	g.GET("", s.discover)
	g.GET("/me", s.me)
	g.GET("/me/activity", s.activity)
	g.POST("/me/calendar-feeds", s.createCalendarFeed)
	g.GET("/meta/enums", s.metaEnums)
	g.GET("/meta/workflows/:noun", s.metaWorkflow)
	g.GET("/meta/fields/:collection", s.metaFields)
	g.GET("/event-types", s.eventTypes)
	g.GET("/events", s.events)
	g.GET("/events/stream", s.stream)
	g.POST("/events/tickets", s.issueTicket)
	g.GET("/groups/:id/members", s.members)
	g.GET("/stakeholders/:id/network", s.network)
	g.GET("/audit/verify", s.verify)
	g.GET("/audit/security", s.security)
	g.GET("/backups", s.listBackups)
	g.POST("/backups", s.askBackup)
	g.GET("/changelog", s.changelog)
	g.POST("/complaints/:id/tracking-token", s.trackAnew)
	g.GET("/custom-fields/schema", s.customSchema)
	if s.config.Ahead != nil { // no part of the document
		g.POST("/demo/clock", s.putForward)
	}
	g.GET("/engagement-matrix", s.engagementMatrix)
	g.GET("/health/governance", s.governance)
	g.POST("/api-keys/:id/rotate", s.rotateKey)
	g.POST("/imports", s.createImport)
	g.GET("/imports/:id", s.getImport)
	g.PATCH("/imports/:id", s.updateImport)
	g.POST("/imports/:id/commit", s.commitImport)
	g.GET("/imports/:id/errors", s.importErrors)
	g.GET("/imports/:id/errors.csv", s.importErrorsFile)
	g.GET("/jobs", s.listJobs)
	g.GET("/jobs/:id", s.getJob)
	g.POST("/jobs/:id/cancel", s.cancelJob)
	g.GET("/lessons/suggestions", s.suggestLessons)
	g.GET("/public/complaints/:token", s.trackComplaint)
	g.GET("/reports/complaints", s.complaintReport)
	g.GET("/reports/lessons", s.lessonReport)
	g.GET("/reports/spoc-coverage", s.spocCoverage)
	g.GET("/search", s.search)
	g.GET("/tokens", s.listTokens)
	g.DELETE("/tokens/:id", s.revokeToken)
	g.GET("/worklist", s.worklist)
	g.POST("/authority/simulate", s.simulate)
	g.GET("/stakeholders/:id/analysis", s.analyseStakeholder)
	g.GET("/users/:id/handovers", s.listHandovers)
	g.POST("/users/:id/handovers", s.askHandover)
}

// recovered turns a panic into an error, which is answered as any other.
var recovered = middleware.RecoverWithConfig(middleware.RecoverConfig{
	DisableStackAll: true,
	LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
		slog.ErrorContext(c.Request().Context(), "panic", "route", c.Path(), "err", err, "stack", string(stack))
		return err
	},
})

// bounded gives every request an end, but for those that are held open.
func bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if streams(c) {
			return next(c)
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), requestTime)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}
