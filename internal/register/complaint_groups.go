package register

import (
	"context"

	"rapport/internal/flow"
)

// mostGroups bounds the groups that a complaint keeps, and mostMemberships those of a
// complainant's memberships that are looked at for them.
const (
	mostGroups      = 50
	mostMemberships = 200
)

// keepGroups keeps to which groups the complainant belonged on the day of receipt.
// Memberships, which are at least as sensitive as their groups, do not count where they
// are more sensitive than the complaint will be: whoever sees it must not learn of them.
func keepGroups(ctx context.Context, c *Complaint, look flow.Look) error {
	c.GroupIDs = nil
	if c.StakeholderID == "" {
		return nil
	}
	from, err := Find[Stakeholder](ctx, look, c.StakeholderID)
	if err != nil {
		return err
	}
	on, rank := dayOf(ctx, look, c.ReceivedAt.Time()), int(max(c.Sensitivity, from.Sensitivity))
	held, err := FindAll[Membership](ctx, look, flow.Where{"stakeholder_id": from.ID, "from_on <=": on, "to_on until": on, "sensitivity <=": rank}, mostMemberships)
	ids := make([]string, 0, len(held))
	for _, m := range held {
		ids = append(ids, m.GroupID)
	}
	ids = distinct(ids)
	c.GroupIDs = ids[:min(mostGroups, len(ids))]
	return err
}
