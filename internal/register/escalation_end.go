package register

import (
	"context"
	"slices"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// endAbove ends the escalations of a record that came to its end: those that wait are
// taken back with the reason, and those decided are closed, unless what was instructed
// is still to be carried out.
func endAbove(ctx context.Context, noun, id, why string, do flow.Do) error {
	open, err := openEscalationsOf(ctx, do, noun, id)
	for _, e := range open {
		switch {
		case slices.Contains(undecided, e.State):
			err = do.Take(ctx, "escalation", e.ID, "withdraw", map[string]any{"reason": why})
		case e.Instructions == "":
			err = do.Take(ctx, "escalation", e.ID, "close", nil)
		}
		if err != nil {
			return err
		}
	}
	return err
}

// onlyLate reports whether a missed time limit alone raised a matter that waits above:
// nobody asked on its way up, and no decision is reviewed.
func (e *Escalation) onlyLate(ctx context.Context, look flow.Look) (bool, error) {
	if !slices.Contains(undecided, e.State) {
		return false, nil
	}
	for e.Cause == "breach" && e.PreviousID != "" {
		was, err := Find[Escalation](ctx, look, e.PreviousID)
		if err != nil {
			return false, err
		}
		e = was
	}
	return e.Cause == "breach", nil
}

// lies reports whether level 7 did not answer in time.
func (e *Escalation) lies() bool { return e.ToLevel >= int(authority.L7) && e.BreachedAt != "" }

// endsBy names the step that ends an escalation which keeps its record from ending.
// What was instructed is told where everybody who sees the record may read it.
func (e *Escalation) endsBy(rec Record) string {
	level := strconv.Itoa(e.ToLevel)
	switch {
	case e.State == "decided" && e.Instructions != "" && e.Sensitivity <= rec.Common().Sensitivity:
		return "Carry out what was decided by " + string(e.InstructionsDueOn) + ", and close the escalation: " + e.Instructions
	case e.State == "decided":
		return "Carry out what was decided, and close the escalation."
	case e.lies():
		return "Level 7 did not answer in time: decide or return the escalation there, or take refer_external."
	case e.Cause == "review":
		return "The review stands before level " + level + ": propose_response and approve decide it, or the escalation is returned or withdrawn."
	}
	return "The matter stands before level " + level + ": decide or return the escalation there, or withdraw it."
}

// checkRestored keeps an escalation from coming back beside another one of its record,
// or after the record's end.
func (e *Escalation) checkRestored(ctx context.Context, look flow.Look) (faults fault.Fields, err error) {
	if e.DeletedAt == "" || !slices.Contains(openEscalation, e.State) {
		return nil, nil
	}
	n, rec, err := e.matter(ctx, look)
	if err != nil {
		return nil, err
	}
	open, err := openEscalationsOf(ctx, look, n.Name, rec.Meta().ID)
	if len(open) > 0 || n.Flow.Ended(rec.Meta().State) {
		faults.At("#/"+n.Name+"_id", "conflicts_with", "It came to its end, or another escalation of it is open: this one stays removed.")
	}
	return faults, err
}

// mayGo keeps a matter from being removed that cannot be taken back either: level 7 let it
// lie, or what was instructed is still to be carried out.
func (e *Escalation) mayGo(ctx context.Context, look flow.Look) error {
	blockers, err := answeredAtTop(ctx, e, look)
	code := "unanswered"
	if e.State == "decided" {
		blockers, err = carriedOut(ctx, e, look)
		code = "instructions_open"
	}
	if err != nil || len(blockers) == 0 {
		return err
	}
	blockers[0].Code = code
	return fault.New(fault.TransitionBlocked, "remove is blocked: %s", blockers[0].Detail).With("blockers", blockers)
}

// binding reports whether instructions stand that nobody has carried out.
func binding(open []*Escalation) bool {
	return slices.ContainsFunc(open, func(e *Escalation) bool { return e.State == "decided" && e.Instructions != "" })
}
