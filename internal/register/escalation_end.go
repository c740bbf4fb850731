package register

import (
	"context"
	"slices"

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

// binding reports whether instructions stand that nobody has carried out.
func binding(open []*Escalation) bool {
	return slices.ContainsFunc(open, func(e *Escalation) bool { return e.State == "decided" && e.Instructions != "" })
}
