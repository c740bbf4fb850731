package api

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
)

// logged writes one line per request: no body, no query string, no name.
func (s *server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		slog.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
			slog.String("request_id", requestID(c)), slog.String("method", c.Request().Method), slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status), slog.Duration("took", time.Since(started)),
			slog.String("key_id", authority.From(c.Request().Context()).KeyID))
		return nil
	}
}

// metrics are the server's figures. Routes are labelled by their templates, so
// that no request can make a label.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	limited  *prometheus.CounterVec
	shed     prometheus.Counter
}

func newMetrics(l *ledger.Ledger, f *inFlight) *metrics {
	db := l.DB
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rapport_requests_total", Help: "Requests by route, method and status."}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rapport_request_seconds", Help: "Time to answer, by route and method.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3, 10},
		}, []string{"route", "method"}),
	}
	m.limited = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rapport_rate_limited_total", Help: "Requests refused by a rate limit, by the limit's name."}, []string{"policy"})
	m.shed = prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_shed_total", Help: "Requests refused because too many were being answered."})
	m.registry.MustRegister(m.requests, m.seconds, m.limited, m.shed, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("rapport_requests_in_flight", "Requests that are being answered, where they are limited.", func() float64 { return float64(f.working.Load()) }),
		gauge("rapport_requests_waiting", "Requests that wait for something to happen.", func() float64 { return float64(f.waiting.Load()) }),
		gauge("rapport_write_groups_total", "Commits of grouped changes.", func() float64 { n, _ := db.Groups(); return float64(n) }),
		gauge("rapport_write_changes_total", "Changes in those commits; by the commits this is the mean size of a group.", func() float64 { _, n := db.Groups(); return float64(n) }),
		gauge("rapport_stream_clients", "Streams of events that are open.", func() float64 { return float64(l.Followers()) }),
		gauge("rapport_readers_in_use", "Reading connections in use.", func() float64 { return float64(db.Stats().InUse) }))
	return m
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

// handler answers the figures.
//
//	@ID				getMetrics
//	@Summary		Read the figures for Prometheus
//	@Description	Requests, commits and connections in Prometheus's text format; no label holds personal data. The key needs the scope metrics:read.
//	@Tags			Service
//	@Security		BearerAuth
//	@Security		ApiKeyAuth
//	@Produce		plain
//	@Success		200	{string}	string
//	@Router			/metrics [get]
func (m *metrics) handler() echo.HandlerFunc {
	return echo.WrapHandler(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
}

// count counts a request under its route's template.
func (m *metrics) count(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		err := next(c)
		route := c.Path()
		if route == "" || c.Response().Status == http.StatusNotFound && err != nil && fault.Of(err).Code == fault.NotFound && route == "/*" {
			route = "none"
		}
		method := c.Request().Method
		if !contains(countedMethods, method) {
			method = "other"
		}
		m.requests.WithLabelValues(route, method, strconv.Itoa(c.Response().Status)).Inc()
		if !streams(c) { // which are held open for as long as somebody listens
			m.seconds.WithLabelValues(route, method).Observe(time.Since(started).Seconds())
		}
		return err
	}
}

var countedMethods = []string{"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"}
