package register

import (
	"context"

	"rapport/internal/flow"
)

// causeMet keeps a serious complaint, or one whose cause comes back, from being
// closed without anything being done about the cause.
var causeMet = flow.Guard[*Complaint]{Code: "no_corrective_action", Check: func(ctx context.Context, c *Complaint, look flow.Look) ([]flow.Blocker, error) {
	if c.Upheld == "not_upheld" {
		return nil, nil
	}
	serious := severities[c.Severity] >= severities["high"]
	returns, err := c.causeReturns(ctx, look)
	if err != nil || !serious && !returns {
		return nil, err
	}
	for _, of := range c.actions() {
		of["state <>"] = "cancelled"
		actions, err := Count[CorrectiveAction](ctx, look, of)
		if err != nil || actions > 0 {
			return nil, err
		}
	}
	if serious {
		return flow.Block("The complaint is serious: enter a corrective action for its cause, or link the problem that has one."), nil
	}
	return flow.Block("The cause comes back: enter a corrective action for it, or link the problem that has one."), nil
}}

// causeRemoved keeps a complaint from being closed while its cause is still at work.
var causeRemoved = flow.Guard[*Complaint]{Code: "open_corrective_action", Check: func(ctx context.Context, c *Complaint, look flow.Look) (blockers []flow.Blocker, err error) {
	open, err := FindAll[CorrectiveAction](ctx, look, flow.Where{"complaint_id": c.ID, "state": openCorrective}, mostOpen)
	for _, a := range open {
		blockers = append(blockers, flow.Blocker{Detail: "This corrective action is not verified yet.", Resource: Pointer(a)})
	}
	return blockers, err
}}

// actions say where corrective actions for the complaint's cause are found: its own,
// and those of the problem that it shares.
func (c *Complaint) actions() []flow.Where {
	if c.ProblemID == "" {
		return []flow.Where{{"complaint_id": c.ID}}
	}
	return []flow.Where{{"complaint_id": c.ID}, {"problem_id": c.ProblemID}}
}

// causeReturns reports whether the cause was found in so many complaints of late,
// this one among them. Those more sensitive than this one do not count: a blocker would
// tell of them.
func (c *Complaint) causeReturns(ctx context.Context, look flow.Look) (bool, error) {
	if c.CauseCategory == "unknown" {
		return false, nil
	}
	from := At(c.ReceivedAt.Time().AddDate(0, 0, -days(ctx, look, "complaint_repeat_days")))
	others, err := Count[Complaint](ctx, look, flow.Where{"id <>": c.ID, "cause_category": c.CauseCategory, "received_at >=": from, "received_at <=": c.ReceivedAt, "sensitivity <=": int(c.Sensitivity)})
	return others+1 >= int64(days(ctx, look, "complaint_cause_repeats")), err
}
