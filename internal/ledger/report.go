package ledger

import (
	"context"
	"time"

	"rapport/internal/authority"
	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Span is a run of whole days, From included and To not, in a zone.
type Span struct {
	Label    string // as it was asked for: "2026-Q3"; "" for two dates
	From, To register.Date
}

// ReportQuery says of which period figures are asked, in which zone its days begin,
// and with which period it is compared.
type ReportQuery struct {
	Period   Span
	Previous *Span // nil = with none
	Zone     *time.Location
}

// ReportPeriod is the period of a report.
type ReportPeriod struct {
	// Label names the period as it was asked for, null for two dates.
	Label *string `json:"label" example:"2026-Q3"`
	// From is its first day.
	From register.Date `json:"from" swaggertype:"string" format:"date"`
	// To is the day after its last.
	To register.Date `json:"to" swaggertype:"string" format:"date"`
	// FromAt is the moment at which it begins.
	FromAt register.Instant `json:"from_at" swaggertype:"string" format:"date-time"`
	// ToAt is the moment at which it is over.
	ToAt register.Instant `json:"to_at" swaggertype:"string" format:"date-time"`
}

// Report is a set of figures over a period.
type Report struct {
	// Report names it.
	Report string `json:"report" example:"complaints"`
	// Period is the period of the figures.
	Period ReportPeriod `json:"period"`
	// Previous is the period that they are compared with, null for none.
	Previous *ReportPeriod `json:"previous"`
	// TimeZone is the IANA zone in which days and months begin.
	TimeZone string `json:"time_zone" example:"Europe/Bucharest"`
	// AsOf is when the figures were counted.
	AsOf register.Instant `json:"as_of" swaggertype:"string" format:"date-time"`
	// Sight says which records count.
	Sight string `json:"sight" example:"Counts the records that you may see, up to internal and those that name you."`
	// Figures are the figures, in the order in which people ask for them.
	Figures []Figure `json:"figures"`
	// Breakdowns part what the period brought by one field each.
	Breakdowns []Breakdown `json:"breakdowns"`
	// Charts are control charts over months.
	Charts []Chart `json:"charts"`
}

// Figure is one number of a report, with all that it rests on.
type Figure struct {
	// Name is the figure's own.
	Name string `json:"name" example:"decided_in_time"`
	// Label says it for people.
	Label string `json:"label" example:"Decided in time"`
	// Unit is what the value counts: records, a share from 0 to 1, hours of work, days, or records per 100.
	Unit string `json:"unit" enums:"count,share,working_hours,days,per_100"`
	// Value is the figure, null where it cannot be said.
	Value *measure.Number `json:"value"`
	// Reason says why there is no value, null where there is one.
	Reason *string `json:"reason"`
	// N is on how many records it rests.
	N int64 `json:"n"`
	// Counted is how many of these a share counts, null where the figure is no share.
	Counted *int64 `json:"counted"`
	// Interval is where the share lies with 95 per cent confidence (Wilson), null where the figure is no share.
	Interval *measure.Interval `json:"interval"`
	// Formula says how the value is made.
	Formula string `json:"formula"`
	// Source says where the figure is taken from.
	Source string `json:"source"`
	// DrillURL lists the records of n.
	DrillURL string `json:"drill_url"`
	// CountedURL lists those that are counted, null where the figure is no share.
	CountedURL *string `json:"counted_url"`
	// Previous is the same of the period before, null where there is none or the figure tells of now.
	Previous *FigureBefore `json:"previous"`
	// Change is the value less that of the period before, null where one of the two is missing.
	Change *measure.Number `json:"change"`
}

// FigureBefore is a figure of the period before.
type FigureBefore struct {
	// Value is the figure, null where it cannot be said.
	Value *measure.Number `json:"value"`
	// N is on how many records it rests.
	N int64 `json:"n"`
	// Counted is how many of these a share counts, null where the figure is no share.
	Counted *int64 `json:"counted"`
}

// Breakdown parts the records of a period by the words of a field, or by the records
// that a list of references names.
type Breakdown struct {
	// By is the field.
	By string `json:"by" example:"category"`
	// Reason says why there are no lines, null where there may be.
	Reason *string `json:"reason"`
	// Lines are its words, those with the most records first. Of a list of references they are those of the records named that you see, 50 at most.
	Lines []BreakdownLine `json:"lines"`
}

// BreakdownLine is how many records of a period have a word, or name a record.
type BreakdownLine struct {
	// Value is the word, or the id of the record that is named.
	Value string `json:"value" example:"environment"`
	// Label is what the record named is called, null for a word.
	Label *string `json:"label"`
	// Count is how many records have it.
	Count int64 `json:"count"`
	// Share is their share in all records of the period. A record may name several others, or none: the shares by a list need not add up to 1.
	Share *measure.Number `json:"share"`
	// Previous is how many had it in the period before, null without one.
	Previous *int64 `json:"previous"`
	// DrillURL lists them.
	DrillURL string `json:"drill_url"`
}

// Chart is a control chart: what varies within the limits varies by chance.
type Chart struct {
	// Name is what is counted.
	Name string `json:"name" example:"received_by_month"`
	// Kind is how its limits are drawn: c for counts.
	Kind string `json:"kind" enums:"c"`
	measure.ChartLimits
	// Formula says how the limits are made, and which months there are.
	Formula string `json:"formula"`
	// Points are the months, the oldest first.
	Points []ChartPoint `json:"points"`
}

// ChartPoint is a month of a chart.
type ChartPoint struct {
	// Month is the month.
	Month string `json:"month" example:"2026-07"`
	// Count is how many records it has.
	Count int `json:"count"`
	// Outside says that the count lies beyond the limits: it has a cause of its own.
	Outside bool `json:"outside"`
	// DrillURL lists the records.
	DrillURL string `json:"drill_url"`
}

// reckoning is a report in the making.
type reckoning struct {
	*Ledger
	noun  *register.Noun
	query ReportQuery
	tx    *store.Tx
	sight *store.Sight
	now   register.Instant
	cur   ReportPeriod
	prev  *ReportPeriod
}

// report makes a report over the records of n that the reader sees.
func (l *Ledger) report(ctx context.Context, n *register.Noun, q ReportQuery, fill func(ctx context.Context, r *reckoning, out *Report) error) (Report, error) {
	actor := authority.From(ctx)
	if !actor.Scopes.Allow("reports", authority.Read) {
		return Report{}, OutOfScope(actor, "reports", authority.Read)
	}
	if err := mayAsk(actor, n, authority.Read); err != nil {
		return Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	r := &reckoning{Ledger: l, noun: n, query: q, tx: l.DB.Look(), sight: store.SightOf(actor), now: l.at(), cur: periodOf(q.Period, q.Zone)}
	if q.Previous != nil {
		r.prev = new(periodOf(*q.Previous, q.Zone))
	}
	out := Report{Report: n.Path, Period: r.cur, Previous: r.prev, TimeZone: q.Zone.String(), AsOf: r.now, Sight: sightOf(actor), Figures: []Figure{}, Breakdowns: []Breakdown{}, Charts: []Chart{}}
	if err := fill(ctx, r, &out); err != nil {
		return Report{}, tooBroad(n, err)
	}
	return out, nil
}

// sightOf says which records count for a reader.
func sightOf(a authority.Actor) string {
	return "Counts the records that you may see, up to " + a.Clearance().String() + " and those that name you; others count nowhere in it, nor in the lists that it leads to."
}

func periodOf(s Span, zone *time.Location) ReportPeriod {
	p := ReportPeriod{From: s.From, To: s.To, FromAt: dawn(s.From, zone), ToAt: dawn(s.To, zone)}
	if s.Label != "" {
		p.Label = &s.Label
	}
	return p
}

// dawn is when a day begins in a zone.
func dawn(d register.Date, zone *time.Location) register.Instant {
	t := d.Time()
	return register.At(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone))
}
