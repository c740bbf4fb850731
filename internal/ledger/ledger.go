// Package ledger is the one path by which records are read and changed: it asks
// whether the actor may, lets the record's own rules decide, and writes down
// what happened. Requests, imports, seeds and timers all come through here. It
// knows no HTTP.
package ledger

import (
	"context"
	"log/slog"
	"time"

	"rapport/internal/authority"
	"rapport/internal/calendar"
	"rapport/internal/fault"
	"rapport/internal/jobs"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Ledger is the register as its users know it.
type Ledger struct {
	DB   *store.DB
	Now  func() time.Time
	Base string // what URLs of records begin with, such as /api/v1
	Log  *slog.Logger

	RequireIfMatch bool   // a change without If-Match is refused
	Stretch        int64  // how many entries of the chain are looked through at once
	Tokens         Tokens // nil where no issuer is trusted

	keys     keyRing
	noticed  noticing
	names    nameCache
	rules    cached[authority.Rules]
	settings cached[map[string]string]
	customs  cached[*register.Declared]
	jobs     *jobs.Runner // nil where no jobs are done
	hub      hub

	calendars cached[map[string]*calendar.Calendar]
}

// New opens the ledger of a database. Now is the one clock; it may be nil for
// the machine's own.
func New(db *store.DB, now func() time.Time, base string) *Ledger {
	if now == nil {
		now = time.Now
	}
	return &Ledger{DB: db, Now: now, Base: base, Log: slog.Default(), Stretch: 10_000}
}

func (l *Ledger) at() register.Instant { return register.At(l.Now()) }

// local is the present time in the organisation's zone, for "today".
func (l *Ledger) local(ctx context.Context) time.Time {
	return l.Now().In(calendar.Zone(l.Setting(ctx, "time_zone")))
}

// Today is the day in the organisation's zone.
func (l *Ledger) Today(ctx context.Context) register.Date { return register.On(l.local(ctx)) }

// none is the answer for what is not there, and for what the caller may not see:
// the two cannot be told apart.
func none() error {
	return fault.New(fault.NotFound, "There is no such record, or none that you may see.")
}

// found turns the store's word for nothing into the caller's.
func found(err error) error {
	if err == store.ErrNone { //nolint:errorlint // the store returns it bare
		return none()
	}
	return err
}
