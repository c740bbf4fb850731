package register

import (
	"context"
	"math"
	"strconv"

	"rapport/internal/flow"
)

// issueClocks are the time limits of issues. That for settling one stands still
// while the work waits on others, and while a resolution lies before the party. What is
// missed goes up.
var issueClocks = rising([]Clock[*Issue]{
	{
		Name: "triage", Doc: "Assess the issue.", Runs: flow.From("new"), Start: "raised_at",
		Due: within[*Issue]("issue_triage_days"),
	},
	{
		Name: "settle", Doc: "Settle the issue: the more severe it is, and the more those concerned count, the sooner.",
		Runs: flow.From("triaged", "in_progress"), Pauses: flow.From("waiting", "resolution_proposed"), Start: "raised_at",
		Due: settleWithin,
	},
	{
		Name: "answer", Doc: "Record the party's answer to the resolution.", Runs: flow.From("resolution_proposed"), Start: "proposed_at",
		Due: within[*Issue]("issue_answer_days"),
	},
	{
		Name: "close", Doc: "Close the settled issue.", Runs: flow.From("resolved"),
		Due: within[*Issue]("issue_close_days"),
	},
	{
		Name: "wait", Doc: "Look again at what the work waits on.", Runs: flow.From("waiting"), Reminds: true,
		Due: func(_ context.Context, i *Issue, _ flow.Look) (Limit, error) { return Limit{On: i.WaitingUntil}, nil },
	},
})

// within is a limit of as many working days as a setting says.
func within[R any](setting string) func(ctx context.Context, rec R, look flow.Look) (Limit, error) {
	return func(ctx context.Context, _ R, look flow.Look) (Limit, error) {
		return Limit{Days: days(ctx, look, setting)}, nil
	}
}

// settleWithin is the limit for settling an issue, by its severity and by the
// salience of those concerned.
func settleWithin(ctx context.Context, i *Issue, look flow.Look) (Limit, error) {
	if i.Severity == "unknown" {
		return Limit{}, nil // adopted without an assessment
	}
	limit := days(ctx, look, "issue_days_"+i.Severity)
	definitive, err := i.concernsDefinitive(ctx, look)
	if definitive {
		share, _ := strconv.ParseFloat(look.Setting(ctx, "issue_definitive_share"), 64) // the setting's own check keeps it a number
		limit = max(1, int(math.Ceil(float64(limit)*share)))
	}
	return Limit{Days: limit}, err
}

// concernsDefinitive reports whether a definitive stakeholder raised the issue or is
// affected by it.
func (i *Issue) concernsDefinitive(ctx context.Context, look flow.Look) (bool, error) {
	ids := append([]string{}, i.AffectedStakeholderIDs...)
	if i.StakeholderID != "" {
		ids = append(ids, i.StakeholderID)
	}
	if len(ids) == 0 {
		return false, nil
	}
	found, err := Count[Stakeholder](ctx, look, flow.Where{"id": ids, "salience_class": "definitive"})
	return found > 0, err
}
