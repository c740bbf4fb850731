package register

import (
	"context"
	"slices"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// takeReviewUp has somebody decide the review who stands above whoever decided so
// far and may decide it, unless the complaint stands there already.
func takeReviewUp(ctx context.Context, c *Complaint, do flow.Do) error {
	ladder, err := ladderOf(ctx, c, do)
	if err != nil {
		return err
	}
	decided := int(authority.L5)
	if c.DecidedLevel != nil {
		decided = *c.DecidedLevel
	}
	needed, err := c.decisionLevel(ctx, do)
	if err != nil {
		return err
	}
	next, err := ladder.above(ctx, max(min(decided, int(authority.L6)), needed-1), do) // beyond level 7 there is only somebody else of level 7
	if err != nil {
		return err
	}
	if c.EscalationLevel >= next || len(ladder.peopleAt(next)) == 0 { // whoever stands on the rung is told of the escalation
		if err := askDeciders(ctx, c, do); err != nil || c.EscalationLevel >= next {
			return err
		}
	}
	open, err := openEscalationsOf(ctx, do, "complaint", c.ID)
	if err != nil || binding(open) {
		return err // those above instructed something, which comes first; the review takes their level all the same
	}
	return do.Enter(ctx, &Escalation{EscalationFields: EscalationFields{
		ComplaintID: c.ID, ToLevel: next, Cause: "review", Override: true, Reason: "The complainant does not accept what level " + strconv.Itoa(decided) + " decided.",
	}})
}

// openReviews are the escalations in which a review of the complaint waits to be decided.
func (c *Complaint) openReviews(ctx context.Context, look flow.Look) (open []*Escalation, err error) {
	if c.Reviews == 0 {
		return nil, nil
	}
	all, err := openEscalationsOf(ctx, look, "complaint", c.ID)
	return slices.DeleteFunc(all, func(e *Escalation) bool { return e.Cause != "review" || !slices.Contains(undecided, e.State) }), err
}

// reviewAtTop asks for level 7 where the review went there because nobody below answered.
var reviewAtTop = flow.Raise[*Complaint]{
	Name: "review_at_7", Level: authority.L7, Why: "the review stands before level 7",
	When: func(ctx context.Context, c *Complaint, look flow.Look) (bool, error) {
		open, err := c.openReviews(ctx, look)
		return slices.ContainsFunc(open, func(e *Escalation) bool { return e.ToLevel == int(authority.L7) }), err
	},
}

// settleReviews ends the escalation of a review that was decided.
func settleReviews(ctx context.Context, c *Complaint, do flow.Do) error {
	open, err := c.openReviews(ctx, do)
	for _, e := range open {
		if err := do.Take(ctx, "escalation", e.ID, "settle", nil); err != nil {
			return err
		}
	}
	return err
}

// decideWithin is the setting that says how long the rung has to decide: a review
// takes as long as an answer.
func (e *Escalation) decideWithin() string {
	if e.Cause == "review" {
		return "complaint_respond_days"
	}
	return "escalation_days_" + strconv.Itoa(e.ToLevel)
}

// reviewDecided keeps the escalation of a review from ending before its decision.
func reviewDecided(ctx context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	if e.Cause == "review" && e.ComplaintID != "" {
		c, err := Find[Complaint](ctx, look, e.ComplaintID)
		if err != nil || c.State == "decision_communicated" {
			return nil, err
		}
	}
	return flow.Block("No review of a complaint was decided."), nil
}

// keepReview keeps with the escalation what was decided in the review, and by whom.
func keepReview(ctx context.Context, e *Escalation, do flow.Do) error {
	c, err := Find[Complaint](ctx, do, e.ComplaintID)
	if err != nil {
		return err
	}
	e.Decision, e.DecisionReason, e.DecidedAt, e.DecidedByID = c.Decision, "Decided in the internal review.", c.DecidedAt, c.DecidedByID
	return nil
}
