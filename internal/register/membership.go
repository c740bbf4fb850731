package register

import (
	"context"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// A Membership says that a stakeholder belongs to a group, from when and as what.
type Membership struct {
	Base
	MembershipFields
}

// MembershipFields are what a client writes of a membership.
type MembershipFields struct {
	// GroupID is the group.
	GroupID string `json:"group_id" validate:"required" ref:"group" set:"create"`
	// StakeholderID is the member.
	StakeholderID string `json:"stakeholder_id" validate:"required" ref:"stakeholder" inherits:"yes" set:"create"`
	// Role is what the member is in the group, in free words.
	Role string `json:"role" validate:"max=100" list:"filter" example:"speaker"`
	// FromOn is the first day of the membership; today if left out.
	FromOn Date `json:"from_on" validate:"required" default:"today"`
	// ToOn is the last day of the membership, null while it lasts; today if left out when it ends.
	ToOn Date `json:"to_on" default:"today" set:"end"`
	// Note is what else there is to say.
	Note string `json:"note" validate:"max=2000" list:"search" pii:"yes"`
}

// Memberships say who belongs to which group, and since when.
var Memberships = Define(Kind[Membership]{
	Name: "membership", Plural: "memberships", Prefix: "MBR",
	Doc: "Who belongs to which group, since when and as what. A stakeholder belongs to a group once at a time.",
	Flow: flow.Table[*Membership]{
		Start: "active",
		Ends:  flow.From("ended"),
		Rows: []flow.Transition[*Membership]{
			{Name: "end", Doc: "End the membership; the group of earlier days keeps it.", From: flow.From("active"), To: "ended", Level: 4},
		},
	},
	Under: "group_id",
	Paths: []string{"group_id, state -> -created_at", "stakeholder_id, state -> -created_at"},
	Check: checkMembership,
})

// checkMembership refuses a second membership at the same time, one in a group out
// of use, and days that do not follow each other.
func checkMembership(ctx context.Context, m *Membership, look flow.Look) (faults fault.Fields, err error) {
	checkSpan(&faults, m.FromOn, m.ToOn, today(ctx, look))
	if m.Version > 0 || len(faults) > 0 {
		return faults, nil
	}
	group, err := Find[Group](ctx, look, m.GroupID)
	if err != nil {
		return nil, err
	}
	if group.State != "active" {
		faults.At("#/group_id", "conflicts_with", "group_id: that group is archived.")
	}
	if group.Kind == "rule" {
		faults.At("#/group_id", "conflicts_with", "The members of that group follow from its rule.")
	}
	there, err := FindAll[Membership](ctx, look, flow.Where{"group_id": m.GroupID, "stakeholder_id": m.StakeholderID, "state": "active"}, 1)
	if err == nil && len(there) > 0 {
		err = fault.New(fault.Duplicate, "This stakeholder belongs to the group already.").With("candidates", Same{"membership", there[0].ID, "stakeholder_id"}).With("override", nil)
	}
	return faults, err
}
