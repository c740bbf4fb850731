package ledger

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// iso is where most measures of complaints are taken from.
const iso = "ISO 10002, monitoring of complaints handling"

// decidedThen are the complaints that the figures of decisions rest on, and uncounted
// those that end without one.
const (
	decidedThen = "complaints decided in the period" + uncounted
	uncounted   = "; what ended without an approved answer, at first contact or as unfounded, is not among them"
)

// openComplaints are those that are still ours to settle.
var openComplaints = is("state", "received", "acknowledged", "assessed", "frontline", "investigating", "awaiting_complainant", "response_proposed", "decision_communicated")

// complaintFigures are the figures of complaints. What is late is late by the limit
// that held first: extensions are counted apart.
var complaintFigures = []figure{
	{
		name: "received", label: "Received", on: "received_at", source: iso,
		formula: "complaints received in the period",
	},
	{
		name: "acknowledged_in_time", label: "Acknowledged in time", on: "acknowledge_due_at", source: iso,
		of: []pick{is("acknowledged_in_time", "in_time", "late")}, hits: []pick{is("acknowledged_in_time", "in_time")},
		formula: "acknowledged by the time limit / complaints whose time limit for that lies in the period and is met or over",
	},
	{
		name: "acknowledged_in_time_of_received", label: "Acknowledged in time, of those received", on: "received_at", source: iso,
		of: []pick{is("acknowledged_in_time", "in_time", "late")}, hits: []pick{is("acknowledged_in_time", "in_time")},
		formula: "acknowledged by the time limit / complaints received in the period of which it is known by now",
	},
	{
		name: "frontline_resolution", label: "Settled at first contact", on: "closed_at", source: iso,
		hits:    []pick{is("state", "closed_accepted"), filled("frontline_at"), absent("investigated_at"), absent("decided_at")},
		formula: "closed as accepted at first contact / closed in the period",
	},
	{
		name: "decided_in_time", label: "Decided in time", on: "decided_at", source: iso,
		of: []pick{is("decided_in_time", "in_time", "late")}, hits: []pick{is("decided_in_time", "in_time")},
		formula: "first answers by their first limit, without extensions / complaints decided in the period that had a limit" + uncounted,
	},
	{
		name: "decided_in_time_of_received", label: "Decided in time, of those received", on: "received_at", source: iso,
		of: []pick{is("decided_in_time", "in_time", "late")}, hits: []pick{is("decided_in_time", "in_time")},
		formula: "first answers by their first limit, without extensions / complaints received in the period of which it is known by now",
	},
	{
		name: "extended", label: "Time extended", on: "decided_at", source: iso,
		hits:    []pick{atLeast("extensions", "1")},
		formula: "extended at least once / " + decidedThen,
	},
	{
		name: "hours_to_decide_median", label: "Working hours to decide, median", on: "decided_at", from: "received_at", quantile: 0.5, worked: true, source: iso,
		formula: "median of the working hours from receipt to the decision, without those for which the clocks stood still; " + decidedThen,
	},
	{
		name: "hours_to_decide_p90", label: "Working hours to decide, nine of ten", on: "decided_at", from: "received_at", quantile: 0.9, worked: true, source: iso,
		formula: "90th percentile of the same",
	},
	{
		name: "days_to_decide_median", label: "Days to decide, median", on: "decided_at", from: "received_at", quantile: 0.5, source: iso,
		formula: "median of the days from receipt to the decision, pauses and nights included, none where it is said to come before the receipt; " + decidedThen,
	},
	{
		name: "days_to_decide_p90", label: "Days to decide, nine of ten", on: "decided_at", from: "received_at", quantile: 0.9, source: iso,
		formula: "90th percentile of the same",
	},
	{
		name: "hours_to_close_median", label: "Working hours to close, median", on: "closed_at", from: "received_at", quantile: 0.5, worked: true, source: iso,
		formula: "median of the working hours from receipt to the end, without those for which the clocks stood still; complaints closed in the period",
	},
	{
		name: "hours_to_close_p90", label: "Working hours to close, nine of ten", on: "closed_at", from: "received_at", quantile: 0.9, worked: true, source: iso,
		formula: "90th percentile of the same",
	},
	{
		name: "days_to_close_median", label: "Days to close, median", on: "closed_at", from: "received_at", quantile: 0.5, source: iso,
		formula: "median of the days from receipt to the end, none where that is said to come before the receipt; complaints closed in the period",
	},
	{
		name: "days_to_close_p90", label: "Days to close, nine of ten", on: "closed_at", from: "received_at", quantile: 0.9, source: iso,
		formula: "90th percentile of the same",
	},
	{
		name: "wrongly_prioritised", label: "Wrongly prioritised", on: "assessed_at", source: iso,
		hits:    []pick{is("reprioritised", "true")},
		formula: "priority changed after the assessment / complaints assessed in the period",
	},
	{
		name: "accepted_by_complainant", label: "Accepted by the complainant", on: "closed_at", source: iso,
		of: []pick{is("state", "closed_accepted", "closed_rejected")}, hits: []pick{is("state", "closed_accepted")},
		formula: "closed as accepted / closed as accepted or as rejected in the period",
	},
	{
		name: "upheld", label: "Upheld", on: "decided_at", source: iso,
		hits:    []pick{is("upheld", "upheld")},
		formula: "upheld / " + decidedThen,
	},
	{
		name: "partly_upheld", label: "Upheld in part", on: "decided_at", source: iso,
		hits:    []pick{is("upheld", "partly")},
		formula: "upheld in part / " + decidedThen,
	},
	{
		name: "not_upheld", label: "Not upheld", on: "decided_at", source: iso,
		hits:    []pick{is("upheld", "not_upheld")},
		formula: "not upheld / " + decidedThen,
	},
	{
		name: "to_internal_review", label: "To internal review", on: "decided_at", source: iso,
		hits:    []pick{atLeast("reviews", "1")},
		formula: "reviewed at the complainant's wish / " + decidedThen,
	},
	{
		name: "to_external_body", label: "To a body outside", on: "decided_at", source: iso,
		hits:    []pick{is("state", "referred_external")},
		formula: "handed over to a body outside by now / " + decidedThen,
	},
	{
		name: "repeated", label: "Repeated", on: "received_at", source: iso,
		hits:    []pick{atLeast("repeat_count", "1")},
		formula: "complaints about the same as one of the days before (setting complaint_repeat_days, 90), from the same complainant or of the same subject / received in the period",
	},
	{
		name: "improvement_yield", label: "Led to an improvement", on: "decided_at", source: iso,
		of: []pick{is("upheld", "upheld", "partly")}, hits: []pick{atLeast("effective_actions", "1")},
		formula: "with a corrective action that proved effective / complaints upheld, in whole or in part, and decided in the period" + uncounted,
	},
	{
		name: "process_satisfaction", label: "Content with the handling", on: "closed_at", source: iso + "; CSAT, the two best of five marks",
		of: []pick{atLeast("satisfaction", "1")}, hits: []pick{atLeast("satisfaction", "4")},
		formula: "marks of 4 and 5 / marks given for complaints closed in the period",
	},
	{
		name: "backlog", label: "Open now", source: iso, of: []pick{openComplaints},
		formula: "complaints that are open as of now, whenever they were received",
	},
	{
		name: "backlog_overdue", label: "Open and past due", source: iso,
		of: []pick{openComplaints}, hits: []pick{upToNow("due_at")},
		formula: "past a time limit that has not been met / open as of now",
	},
}

// ComplaintReport measures the handling of complaints over a period.
func (l *Ledger) ComplaintReport(ctx context.Context, q ReportQuery) (Report, error) {
	return l.report(ctx, register.Complaints, q, func(ctx context.Context, r *reckoning, out *Report) (err error) {
		if out.Figures, err = r.reckon(ctx, complaintFigures, openComplaints); err != nil {
			return err
		}
		for _, more := range []func(context.Context, Figure) (Figure, error){r.perStakeholders, r.oldest} {
			f, err := more(ctx, out.Figures[0])
			if err != nil {
				return err
			}
			out.Figures = append(out.Figures, f)
		}
		if out.Breakdowns, err = r.breakdowns(ctx, "received_at", "category", "severity", "channel"); err != nil {
			return err
		}
		groups, err := r.mentions(ctx, "received_at", "group_ids")
		if err != nil {
			return err
		}
		out.Breakdowns = append(out.Breakdowns, groups)
		chart, err := r.chart(ctx, "received_by_month", "received_at")
		out.Charts = append(out.Charts, chart)
		return err
	})
}

// perStakeholders holds what was received against the stakeholders there are.
func (r *reckoning) perStakeholders(ctx context.Context, received Figure) (Figure, error) {
	f := Figure{
		Name: "received_per_100_stakeholders", Label: "Received per 100 stakeholders", Unit: "per_100", Source: iso,
		Formula:  "100 · complaints received in the period / stakeholders that are active now",
		DrillURL: r.drill(register.Stakeholders, is("state", "active")), Counted: &received.N, CountedURL: &received.DrillURL,
	}
	if !authority.From(ctx).Scopes.Allow(register.Stakeholders.Area(), authority.Read) {
		f.Reason = new("your key does not open stakeholders")
		return f, nil
	}
	n, err := r.tx.CountSeen(ctx, register.Stakeholders, flow.Where{"state": "active"}, r.sight)
	if f.N = n; n > 0 {
		f.Value = new(measure.Number(100 * float64(received.N) / float64(n)))
	}
	if n == 0 {
		f.Reason = new("there are no active stakeholders")
	}
	return f, err
}

// oldest is the age of the complaint that has been open longest.
func (r *reckoning) oldest(ctx context.Context, _ Figure) (Figure, error) {
	f := Figure{
		Name: "oldest_open", Label: "Age of the oldest open complaint", Unit: "days", Source: iso,
		Formula:  "days since the receipt of the complaint that has been open longest",
		DrillURL: r.drill(r.noun, openComplaints) + "&sort=received_at",
	}
	open := store.Query{Noun: r.noun, Sight: r.sight, Where: r.conds([]pick{openComplaints})}
	oldest, n, err := r.tx.Least(ctx, open, r.noun.Field("received_at"))
	if f.N = n; n == 0 {
		return f.compared(), err
	}
	f.Value = new(measure.Number(r.now.Time().Sub(register.Instant(oldest).Time()).Hours() / 24))
	return f, err
}
