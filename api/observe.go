package api

import (
	"log/slog"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rapport/internal/authority"
)

// logged writes one line per request: no body, no query string, no name.
func (s *server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		actor := authority.From(c.Request().Context())
		slog.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
			slog.String("request_id", requestID(c)), slog.String("operation", s.metrics.operation(c)),
			slog.String("method", c.Request().Method), slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status), slog.Duration("took", time.Since(started)),
			slog.String("key_id", actor.KeyID), slog.String("identity_id", actor.IdentityID))
		return nil
	}
}

// metrics are the server's figures. Requests are labelled by the document's
// operations, so that no request can make a label.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	limited  *prometheus.CounterVec
	shed     prometheus.Counter
	tokens   *prometheus.CounterVec

	operations map[served]string // their ids, by route

	deprecated *prometheus.CounterVec // key ids: as many as there are keys that ask
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rapport_requests_total", Help: "Requests by operation and status."}, []string{"operation", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rapport_request_seconds", Help: "Time to answer, by operation.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3, 10},
		}, []string{"operation"}),
	}
	m.limited = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rapport_rate_limited_total", Help: "Requests refused by a rate limit, by the limit's name."}, []string{"policy"})
	m.shed = prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_shed_total", Help: "Requests refused because too many were being answered."})
	m.tokens = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rapport_tokens_total", Help: "Tokens of issuers: taken, refused, or unchecked because the issuer's keys could not be read."}, []string{"result"})
	m.deprecated = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rapport_deprecated_requests_total", Help: "Requests of deprecated routes, by operation and the id of the key or identity."}, []string{"operation", "key_id"})
	m.registry.MustRegister(m.requests, m.seconds, m.limited, m.shed, m.tokens, m.deprecated, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// handler answers the figures.
//
//	@ID				getMetrics
//	@Summary		Read the figures for Prometheus
//	@Description	Requests, limits, commits, connections, jobs and backups in Prometheus's text format; no label holds personal data. The key needs the scope metrics:read.
//	@Tags			Service
//	@Security		BearerAuth
//	@Security		ApiKeyAuth
//	@Produce		plain
//	@Success		200	{string}	string
//	@Router			/metrics [get]
func (m *metrics) handler() echo.HandlerFunc {
	return echo.WrapHandler(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
}

// count counts a request under its operation.
func (m *metrics) count(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		err := next(c)
		operation := m.operation(c)
		m.requests.WithLabelValues(operation, strconv.Itoa(c.Response().Status)).Inc()
		if !streams(c) { // which are held open for as long as somebody listens
			m.seconds.WithLabelValues(operation).Observe(time.Since(started).Seconds())
		}
		return err
	}
}
