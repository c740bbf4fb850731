package api

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rapport/internal/jobs"
)

// watch adds the figures that are read when they are asked for.
func (m *metrics) watch(s *server) {
	db, flight := s.ledger.DB, s.inFlight
	figure := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	total := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
	}
	figure("rapport_requests_in_flight", "Requests that are being answered, where they are limited.", func() float64 { return float64(flight.working.Load()) })
	figure("rapport_requests_waiting", "Requests that wait for something to happen.", func() float64 { return float64(flight.waiting.Load()) })
	total("rapport_write_groups_total", "Commits of grouped changes.", func() float64 { n, _ := db.Groups(); return float64(n) })
	total("rapport_write_changes_total", "Changes in those commits; by the commits this is the mean size of a group.", func() float64 { _, n := db.Groups(); return float64(n) })
	figure("rapport_write_queue", "Changes that wait for the writer; 0 with PostgreSQL.", func() float64 { return float64(db.Queued()) })
	figure("rapport_stream_clients", "Streams of events that are open.", func() float64 { return float64(s.ledger.Followers()) })
	figure("rapport_readers_in_use", "Reading connections in use.", func() float64 { return float64(db.Stats().InUse) })
	figure("rapport_readers_open", "Reading connections that are open.", func() float64 { return float64(db.Stats().OpenConnections) })
	figure("rapport_readers_most", "Reading connections there may be.", func() float64 { return float64(db.Stats().MaxOpenConnections) })
	total("rapport_reader_waits_total", "Readings that had to wait for a connection.", func() float64 { return float64(db.Stats().WaitCount) })
	total("rapport_reader_wait_seconds_total", "For how long they waited.", func() float64 { return db.Stats().WaitDuration.Seconds() })
	if r := s.config.Jobs; r != nil {
		d := &depths{runner: r}
		figure("rapport_jobs_queued", "Jobs that wait to be done.", func() float64 { return float64(d.now().Waiting) })
		figure("rapport_jobs_running", "Jobs that are being done, by all processes.", func() float64 { return float64(d.now().Running) })
		figure("rapport_jobs_oldest_seconds", "For how long the first of the jobs that wait has waited.", func() float64 { return d.now().Oldest.Seconds() })
	}
	if t := s.ledger.Tokens; t != nil {
		total("rapport_issuer_requests_total", "Times that an issuer was asked for its keys.", func() float64 { asked, _ := t.Figures(); return float64(asked) })
		total("rapport_issuer_failures_total", "Of those, the times that its keys could not be read.", func() float64 { _, failed := t.Figures(); return float64(failed) })
	}
	if b := s.config.Backups; b != nil {
		figure("rapport_backup_last_seconds", "When the last backup was made, in seconds since 1970; 0 = not since the start.", func() float64 {
			last, _, _ := b.State()
			if last == "" {
				return 0
			}
			return float64(last.Time().Unix())
		})
		total("rapport_backup_failures_total", "Backups that failed.", func() float64 { _, n, _ := b.State(); return float64(n) })
	}
}

// depths reads how far behind the jobs are, once for all the figures of a scrape.
type depths struct {
	runner *jobs.Runner
	mu     sync.Mutex
	last   jobs.Depth
	until  time.Time
}

func (d *depths) now() jobs.Depth {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Now().Before(d.until) {
		return d.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if depth, err := d.runner.Depth(ctx); err == nil { // else the figure stands still, as the log says why
		d.last = depth
	}
	d.until = time.Now().Add(100 * time.Millisecond)
	return d.last
}
