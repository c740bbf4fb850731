package api

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
)

// inFlight counts the requests that are being answered. Those that only wait for
// something to happen stand aside: they cost a connection and little more.
type inFlight struct {
	working, waiting, queued atomic.Int64
}

// A burst is over in a moment, a flood is not: for so long a request may wait for its
// turn, and looks so often whether it has come.
const (
	burst     = 250 * time.Millisecond
	burstLook = 5 * time.Millisecond
)

// turn takes a place among the requests that are answered, of which there are most. As
// many again may wait a moment for one; where too many do already, or none comes free,
// it tells so.
func (f *inFlight) turn(ctx context.Context, most int64) bool {
	if f.take(most) {
		return true
	}
	defer f.queued.Add(-1)
	if f.queued.Add(1) > most {
		return false
	}
	over, look := time.NewTimer(burst), time.NewTicker(burstLook)
	defer over.Stop()
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if f.take(most) {
				return true
			}
		case <-over.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

func (f *inFlight) take(most int64) bool {
	if f.working.Add(1) <= most {
		return true
	}
	f.working.Add(-1)
	return false
}

// waitersPerWorker is how many requests may wait for each that may be answered.
const waitersPerWorker = 4

// shed refuses a request while as many as may be are being answered, and as many again
// wait or have waited in vain, so that those under way get done. Whether the server is
// well is told all the same.
func (s *server) shed(next echo.HandlerFunc) echo.HandlerFunc {
	most := int64(s.config.MaxInFlight)
	return func(c echo.Context) error {
		if path := c.Path(); most == 0 || path == "/healthz" || path == "/readyz" {
			return next(c)
		}
		if !s.inFlight.turn(c.Request().Context(), most) {
			s.metrics.shed.Inc()
			return fault.New(fault.Busy, "Too many requests are being answered. Try again in a moment.")
		}
		defer s.inFlight.working.Add(-1)
		return next(c)
	}
}

// aside lets an answer that is held open stand aside for others until back is
// called.
func (s *server) aside() (back func()) {
	if s.config.MaxInFlight == 0 {
		return func() {}
	}
	s.inFlight.waiting.Add(1)
	s.inFlight.working.Add(-1)
	return func() {
		s.inFlight.waiting.Add(-1)
		s.inFlight.working.Add(1)
	}
}

// patience is how long a request may be held, up to a most, if the caller prefers
// that. Until done is called the request stands aside for others; where too many
// do already, it is answered at once.
func (s *server) patience(c echo.Context, most time.Duration) (wait time.Duration, done func()) {
	limit := int64(s.config.MaxInFlight) * waitersPerWorker
	if wait = preferredWait(c, most); wait == 0 || limit == 0 {
		return wait, func() {}
	}
	if s.inFlight.waiting.Load() >= limit {
		return 0, func() {}
	}
	return wait, s.aside()
}
