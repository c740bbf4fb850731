package register

import (
	"context"
	"slices"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// actionStays keeps an action from being removed on which the end of what it follows
// from rests: that would stand on nothing.
func actionStays(ctx context.Context, before, a *CorrectiveAction, do flow.Do) error {
	if a.DeletedAt == "" || before.DeletedAt != "" || a.State == "cancelled" {
		return nil
	}
	rests, err := a.restedOn(ctx, do)
	if err != nil || !rests {
		return err
	}
	blockers := flow.Block("What it follows from was settled on account of this action, and on no other.")
	blockers[0].Code = "rests_on_it"
	return fault.New(fault.TransitionBlocked, "remove is blocked: %s", blockers[0].Detail).With("blockers", blockers)
}

// approvedAction are the states of an action whose plan was approved and holds.
var approvedAction = flow.From("approved", "implementing", "implemented", "verifying", "effective")

// restedOn reports whether the issue, the complaint or the problem was settled with
// this action for its cause and no other.
func (a *CorrectiveAction) restedOn(ctx context.Context, look flow.Look) (bool, error) {
	settled, source, id, err := a.settled(ctx, look)
	if err != nil || !settled {
		return false, err
	}
	others := flow.Where{source: id, "id <>": a.ID, "state <>": "cancelled"}
	if a.ProblemID != "" { // only an approved one carries a problem's fix
		if !slices.Contains(approvedAction, a.State) {
			return false, nil
		}
		others = flow.Where{source: id, "id <>": a.ID, "state": approvedAction}
	}
	n, err := Count[CorrectiveAction](ctx, look, others)
	return n == 0, err
}

// settled reports whether what the action follows from is at an end that takes one.
func (a *CorrectiveAction) settled(ctx context.Context, look flow.Look) (yes bool, source, id string, err error) {
	switch {
	case a.ProblemID != "":
		p, err := Find[Problem](ctx, look, a.ProblemID)
		if err != nil {
			return false, "", "", err
		}
		return p.DeletedAt == "" && (p.State == "fix_planned" || p.State == "fixed" || p.State == "closed"), "problem_id", p.ID, nil
	case a.ComplaintID != "":
		c, err := Find[Complaint](ctx, look, a.ComplaintID)
		if err != nil {
			return false, "", "", err
		}
		return c.DeletedAt == "" && c.Upheld != "not_upheld" && (c.State == "closed_accepted" || c.State == "closed_rejected"), "complaint_id", c.ID, nil
	}
	i, err := Find[Issue](ctx, look, a.IssueID)
	if err != nil {
		return false, "", "", err
	}
	return i.DeletedAt == "" && i.State == "closed" && i.NoActionReason == "", "issue_id", i.ID, nil
}
