package register

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// instructionsDated keeps instructions from having no end.
func instructionsDated(ctx context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	if (e.Instructions == "") == (e.InstructionsDueOn == "") && (e.InstructionsDueOn == "" || e.InstructionsDueOn >= today(ctx, look)) {
		return nil, nil
	}
	return flow.Block("Say both what has to be done and by which day, from today on: instructions, instructions_due_on."), nil
}

// outOfTime keeps a matter from being taken from a rung that still has time.
func outOfTime(_ context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	if e.DueAt != "" && e.DueAt <= At(look.Now()) {
		return nil, nil
	}
	return flow.Block("The rung still has time to answer; escalate the record anew to ask a higher level before that."), nil
}

// rungAbove keeps a matter from going beyond level 7.
func rungAbove(_ context.Context, e *Escalation, _ flow.Look) ([]flow.Blocker, error) {
	if e.ToLevel < int(authority.L7) {
		return nil, nil
	}
	return flow.Block("There is no level beyond 7: decide, or refer the matter outside."), nil
}

// superseded keeps an escalation from being ended that nothing takes further.
func superseded(ctx context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	next, err := Count[Escalation](ctx, look, flow.Where{"previous_id": e.ID})
	if err != nil || next > 0 {
		return nil, err
	}
	return flow.Block("No other escalation takes this one further."), nil
}

// answeredAtTop keeps a matter from being taken back in silence that level 7 let lie:
// it is decided or given back there, unless it went outside.
func answeredAtTop(ctx context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	if !e.lies() {
		return nil, nil
	}
	n, rec, err := e.matter(ctx, look)
	if err != nil || n.Flow.Ended(rec.Meta().State) {
		return nil, err
	}
	return flow.Block("Level 7 did not answer in time: it is decided or given back there, or the matter is referred outside."), nil
}

// carriedOut keeps a matter from being closed over instructions that nobody followed.
func carriedOut(_ context.Context, e *Escalation, _ flow.Look) ([]flow.Blocker, error) {
	if e.Instructions == "" || e.CarriedOut != "" && e.CarriedOutOn != "" {
		return nil, nil
	}
	return flow.Block("Say how and when the instructions were carried out: carried_out, carried_out_on."), nil
}

// checkCarriedOut keeps the day on which instructions were carried out between the
// decision and today.
func (e *Escalation) checkCarriedOut(ctx context.Context, look flow.Look, faults *fault.Fields) {
	if e.State != "decided" {
		return
	}
	if e.CarriedOutOn > today(ctx, look) {
		faults.At("#/carried_out_on", "not_historical", "carried_out_on lies in the future.")
	}
	if e.DecidedAt != "" {
		notBefore(faults, "carried_out_on", e.CarriedOutOn, "decided_at", dayOf(ctx, look, e.DecidedAt.Time()))
	}
}

// limitOf is how soon a rung answers: a week has five working days.
func limitOf(within, calendar string) Limit {
	p, ok := ParsePeriod(within)
	if !ok {
		p.Days = 1
	}
	return Limit{Days: 5*p.Weeks + p.Days, Work: p.Time, Calendar: calendar}
}

// Undecided are the states in which an escalation waits for the rung to decide.
func Undecided() (states []string) {
	for _, s := range undecided {
		states = append(states, string(s))
	}
	return states
}
