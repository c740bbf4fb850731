package register

import (
	"context"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// checkOrder keeps the stages of a complaint in the order in which they happen.
func (c *Complaint) checkOrder(ctx context.Context, look flow.Look, faults *fault.Fields) {
	for _, step := range []struct {
		name, after string
		at, from    Instant
	}{{"acknowledged_at", "received_at", c.AcknowledgedAt, c.ReceivedAt}, {"told_at", "received_at", c.ToldAt, c.ReceivedAt}, {"told_at", "proposed_at", c.ToldAt, c.ProposedAt}} {
		if step.at != "" && step.at < step.from {
			faults.At("#/"+step.name, "conflicts_with", "%s lies before %s.", step.name, step.after)
		}
	}
	if c.State != "decision_communicated" || c.ToldAt == "" {
		return // an answer to the decision before is kept through its review
	}
	told := dayOf(ctx, look, c.ToldAt.Time())
	notBefore(faults, "answered_on", c.AnsweredOn, "told_at", told)
	notBefore(faults, "remedy_done_on", c.RemedyDoneOn, "told_at", told)
}
