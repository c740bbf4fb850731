package register

import (
	"context"
	"time"

	"rapport/internal/flow"
)

// complaintClocks are the time limits of complaints. That for the answer stands
// still while a question lies with the complainant, and moves when it is extended.
// What is missed goes up.
var complaintClocks = rising([]Clock[*Complaint]{
	{
		Name: "acknowledge", Doc: "Tell the complainant that the complaint is with us.", Runs: flow.From("received"), Start: "received_at",
		Due: within[*Complaint]("complaint_acknowledge_days"), Keep: acknowledgeMissed,
	},
	{
		Name: "assess", Doc: "Assess the complaint.", Runs: flow.From("acknowledged"), Start: "acknowledged_at",
		Due: within[*Complaint]("complaint_assess_days"),
	},
	{
		Name: "route", Doc: "Take the assessed complaint up.", Runs: flow.From("assessed"), Start: "received_at",
		Due: within[*Complaint]("complaint_frontline_days"),
	},
	{
		Name: "frontline", Doc: "Settle the complaint at first contact.", Runs: flow.From("frontline"), Start: "received_at",
		Due: within[*Complaint]("complaint_frontline_days"),
	},
	{
		Name: "respond", Doc: "Tell the complainant of the decision.", Runs: flow.From("investigating", "response_proposed"), Pauses: flow.From("awaiting_complainant"),
		Start: "received_at", Due: respondWithin,
	},
	{
		Name: "decide", Doc: "Decide on file: the complainant has not answered the question.", Runs: flow.From("awaiting_complainant"),
		Due: within[*Complaint]("complaint_answer_days"),
	},
	{
		Name: "update", Doc: "Tell the complainant how far we are.", Runs: flow.From("investigating"), Reminds: true, Due: updateWithin,
	},
	{
		Name: "settle", Doc: "Ask the complainant for an answer to the decision.", Runs: flow.From("decision_communicated"), Reminds: true, Start: "told_at",
		Due: func(ctx context.Context, c *Complaint, look flow.Look) (Limit, error) {
			return Limit{On: dayOf(ctx, look, c.ToldAt.Time()).Days(days(ctx, look, "complaint_silence_days"))}, nil
		},
	},
	{
		Name: "conduct", Doc: "Look again at the complainant's conduct.", Runs: openComplaint, Reminds: true,
		Due: func(_ context.Context, c *Complaint, _ flow.Look) (Limit, error) {
			return Limit{On: c.ConductReviewOn}, nil
		},
	},
})

// respondWithin is the limit for the answer, or the day to which it was extended.
func respondWithin(ctx context.Context, c *Complaint, look flow.Look) (Limit, error) {
	if c.ExtendedUntil != "" {
		return Limit{On: c.ExtendedUntil}, nil
	}
	return Limit{Days: days(ctx, look, "complaint_respond_days")}, nil
}

// updateWithin is when the complainant is told again how far we are, as many days
// after the last time as five of a week's seven are worked.
func updateWithin(ctx context.Context, c *Complaint, look flow.Look) (Limit, error) {
	wait := days(ctx, look, "complaint_update_days")
	if c.ProgressToldOn == "" {
		return Limit{Days: wait}, nil
	}
	return Limit{On: c.ProgressToldOn.Days(wait * 7 / 5)}, nil
}

// acknowledgeMissed keeps that nobody acknowledged the complaint in time: it counts as
// late from then on, not only once somebody does.
func acknowledgeMissed(c *Complaint) {
	c.AcknowledgeDueAt, c.AcknowledgedInTime = c.BreachedAt, "late"
}

// judgeTimes says what was done in time, once that can be said. What is said stays:
// it tells of the first time.
func (c *Complaint) judgeTimes() {
	c.AcknowledgedInTime = timely(c.AcknowledgedInTime, c.AcknowledgedAt, c.AcknowledgeDueAt)
	c.DecidedInTime = timely(c.DecidedInTime, c.DecidedAt, c.DecisionDueAt)
}

// limit is the end of the time limit that runs. One that stands still because somebody above
// was asked is not over, and ends no earlier than what is done meanwhile.
func (c *Complaint) limit(at time.Time) Instant {
	if c.DueAt == "" && c.WaitsAbove {
		return At(at)
	}
	return c.DueAt
}

func timely(said string, at, due Instant) string {
	switch {
	case said == "in_time" || said == "late" || at == "" || due == "":
		return said
	case at <= due:
		return "in_time"
	}
	return "late"
}
