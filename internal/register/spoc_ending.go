package register

import (
	"context"

	"rapport/internal/flow"
)

// stillInUse keeps somebody from becoming the contact of what was archived since
// the proposal.
var stillInUse = flow.Guard[*SpocAssignment]{Code: "subject_archived", Check: func(ctx context.Context, a *SpocAssignment, look flow.Look) ([]flow.Blocker, error) {
	s, err := a.subject(ctx, look)
	if err != nil || !s.ended {
		return nil, err
	}
	return flow.Block("Whom it is for is archived and needs no contact: decline or withdraw the assignment."), nil
}}

// endContact ends what a stakeholder that is archived has of contacts.
func endContact(ctx context.Context, s *Stakeholder, do flow.Do) error {
	return (&SpocAssignment{SpocAssignmentFields: SpocAssignmentFields{StakeholderID: s.ID}}).endAll(ctx, do)
}

// endGroupContact ends what a group that is archived has of contacts.
func endGroupContact(ctx context.Context, g *Group, do flow.Do) error {
	return (&SpocAssignment{SpocAssignmentFields: SpocAssignmentFields{GroupID: g.ID}}).endAll(ctx, do)
}

// endAll withdraws the assignments for the same subject that do not hold yet, so
// that none of them takes over, and then ends the one that does.
func (a *SpocAssignment) endAll(ctx context.Context, do flow.Do) error {
	for _, end := range []struct {
		from, by string
		fields   map[string]any
	}{
		{"proposed", "withdraw", map[string]any{"reason": "Whom it was for is archived."}},
		{"accepted", "withdraw", map[string]any{"reason": "Whom it was for is archived."}},
		{"active", "end", nil},
	} {
		standing, err := a.others(ctx, do, flow.State(end.from))
		if err != nil {
			return err
		}
		for _, other := range standing {
			if err := do.Take(ctx, "spoc_assignment", other.ID, end.by, end.fields); err != nil {
				return err
			}
		}
	}
	return nil
}
