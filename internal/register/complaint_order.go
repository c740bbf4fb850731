package register

import (
	"context"
	"slices"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// checkPlaces keeps those whom a complaint is about from being named its owner or
// assignee, and somebody its owner once the complainant was told who handles it. Who
// stood there before turns up at the next step, which waits for another.
func (c *Complaint) checkPlaces(ctx context.Context, look flow.Look, faults *fault.Fields) error {
	ownerless := c.OwnerID == "" && c.AcknowledgedAt != ""
	if !ownerless && !slices.Contains(c.SubjectUserIDs, c.OwnerID) && !slices.Contains(c.SubjectUserIDs, c.AssigneeID) {
		return nil
	}
	was, subjects := &Complaint{}, c.SubjectUserIDs
	if c.Version > 0 {
		var err error
		if was, err = Find[Complaint](ctx, look, c.ID); err != nil {
			return err
		}
		subjects = was.SubjectUserIDs
	}
	if ownerless && was.OwnerID != "" {
		faults.At("#/owner_id", "conflicts_with", "owner_id: the complainant was told who handles the complaint; hand it over to somebody else.")
	}
	for _, place := range []struct{ name, is, was string }{{"owner_id", c.OwnerID, was.OwnerID}, {"assignee_id", c.AssigneeID, was.AssigneeID}} {
		if place.is != place.was && slices.Contains(subjects, place.is) {
			faults.At("#/"+place.name, "conflicts_with", "%s: the complaint is about this person; name somebody else.", place.name)
		}
	}
	return nil
}

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
	received := dayOf(ctx, look, c.ReceivedAt.Time())
	for name, on := range map[string]Date{
		"progress_told_on": c.ProgressToldOn, "extension_told_on": c.ExtensionToldOn, "recourse_told_on": c.RecourseToldOn,
		"withdrawn_on": c.WithdrawnOn, "referred_on": c.ReferredOn,
	} {
		notBefore(faults, name, on, "received_at", received)
	}
	if c.State == "frontline" {
		notBefore(faults, "answered_on", c.AnsweredOn, "received_at", received)
		notBefore(faults, "remedy_done_on", c.RemedyDoneOn, "received_at", received)
	}
	if c.State != "decision_communicated" || c.ToldAt == "" {
		return // an answer to the decision before is kept through its review
	}
	told := dayOf(ctx, look, c.ToldAt.Time())
	notBefore(faults, "answered_on", c.AnsweredOn, "told_at", told)
	notBefore(faults, "remedy_done_on", c.RemedyDoneOn, "told_at", told)
}
