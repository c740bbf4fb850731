package register

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// Standby are who stand by for the records of a noun that nobody was given, rung by
// rung of its ladder from the lowest up, those without access left out.
type Standby [][]*User

// StandbyFor reads who stand by for a noun's records.
func StandbyFor(ctx context.Context, look flow.Look, noun string) (by Standby, err error) {
	ladder, err := ladderFor(ctx, noun, look)
	if err != nil || ladder == nil {
		return nil, err
	}
	var all []string
	for _, r := range ladder.Rungs {
		all = append(all, r.Terms()...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	there, err := FindAll[User](ctx, look, flow.Where{"id": all, "state": "active"}, len(all))
	for _, r := range ladder.Rungs {
		named := r.Terms()
		by = append(by, slices.DeleteFunc(slices.Clone(there), func(u *User) bool { return !slices.Contains(named, u.ID) }))
	}
	return by, err
}

// Of are the holder and the deputy of the lowest rung on which somebody sees a record
// that is so sensitive: on a ladder that is filled, that of level 4 for most.
func (s Standby) Of(sensitivity authority.Sensitivity) (people []string) {
	for _, rung := range s {
		for _, u := range rung {
			if (authority.Actor{Level: u.Level(), Cap: authority.Restricted}).Clearance() >= sensitivity {
				people = append(people, u.ID)
			}
		}
		if len(people) > 0 {
			return people
		}
	}
	return nil
}

// AboutStakeholder is the field by which records of the noun name the one stakeholder
// whom they are about, nil if they never do.
func (n *Noun) AboutStakeholder() *Field {
	if f := n.Field("stakeholder_id"); f != nil && f.Target == "stakeholder" {
		return f
	}
	return nil
}
