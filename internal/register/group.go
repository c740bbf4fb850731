package register

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/fold"
)

// A Group is a set of stakeholders that we make, such as an audience or a
// segment. People who act together by themselves are a stakeholder of kind group.
type Group struct {
	Base
	GroupFields
}

// GroupFields are what a client writes of a group.
type GroupFields struct {
	// Name is what the group is called; no two standing groups that everybody sees share it, and none is called as another that who names it sees.
	Name string `json:"name" validate:"required,max=200" list:"filter,sort,title" example:"Neighbours of the harbour"`
	// Purpose says what the group is for.
	Purpose string `json:"purpose" validate:"max=2000" list:"search" pii:"yes" example:"Those who hear the harbour at night."`
	// Kind says how members are found: static = each by a membership, rule = by what the rule says of stakeholders.
	Kind string `json:"kind" enum:"group_kind" default:"static" set:"create"`
	// Rule is the filter that the members of a group of kind rule meet, as POST /stakeholders/search takes it; {} in a static group.
	Rule Filter `json:"rule" pii:"yes"`
	// ParentID is the group that this one is a part of; groups nest three deep.
	ParentID string `json:"parent_id" ref:"group"`
}

// Groups are the sets of stakeholders that we make.
var Groups = Define(Kind[Group]{
	Name: "group", Plural: "groups", Prefix: "GRP",
	Doc: "Sets of stakeholders that we make: audiences and segments, nested up to three deep.",
	Flow: flow.Table[*Group]{
		Start: "active",
		Ends:  flow.From("archived"),
		Rows: []flow.Transition[*Group]{
			{
				Name: "archive", Doc: "Take the group out of use; its members stay on record.", From: flow.From("active"), To: "archived", Level: 5, Reason: true,
				Guards: []flow.Guard[*Group]{{Code: "active_subgroup", Check: subgroupsArchived}}, Then: endGroupContact,
			},
			{
				Name: "reopen", Doc: "Take the group into use again.", From: flow.From("archived"), To: "active", Level: 5, Reason: true,
				Guards: []flow.Guard[*Group]{{Code: "parent_archived", Check: parentInUse}},
			},
		},
	},
	Paths:  []string{"state -> name", "parent_id, state -> name"},
	Sort:   "name",
	Unique: []string{"name"},
	Check:  checkGroup,
})

// checkGroup holds a group against its kind and against its place among the others.
func checkGroup(ctx context.Context, g *Group, look flow.Look) (fault.Fields, error) {
	if err := checkName(ctx, g, look); err != nil {
		return nil, err
	}
	if faults, err := checkRule(ctx, g, look); err != nil || len(faults) > 0 {
		return faults, err
	}
	return checkNesting(ctx, g, look)
}

// mostNamesakes bounds how many groups of one name are looked at.
const mostNamesakes = 50

// checkName keeps a group from being called as another that who names it sees. One that is
// hidden from them does not count: a refusal would tell that it is there.
func checkName(ctx context.Context, g *Group, look flow.Look) error {
	if g.Version > 0 {
		was, err := Find[Group](ctx, look, g.ID)
		if err != nil || fold.Fold(was.Name) == fold.Fold(g.Name) {
			return err
		}
	}
	same, err := FindAll[Group](ctx, look, flow.Where{"name folded": fold.Fold(g.Name)}, mostNamesakes)
	for _, other := range same {
		if other.ID != g.ID && other.Sensitivity <= authority.From(ctx).Clearance() {
			return fault.New(fault.Duplicate, "There is one with this name already.").With("candidates", Same{"group", other.ID, "name"}).With("override", nil)
		}
	}
	return err
}

// checkRule refuses a rule where members are entered, none where they follow from
// it, and one that stakeholders cannot be asked by.
func checkRule(ctx context.Context, g *Group, look flow.Look) (faults fault.Fields, err error) {
	switch {
	case g.Kind != "rule" && len(g.Rule) > 0:
		faults.At("#/rule", "conflicts_with", "The members of a static group are entered one by one; a rule takes the kind rule.")
	case g.Kind == "rule" && len(g.Rule) == 0:
		faults.At("#/rule", "required", "rule is required: say which stakeholders are members.")
	case g.Kind == "rule" && g.State == "active":
		customs, err := customsOfLook(ctx, look)
		if err != nil {
			return nil, err
		}
		asking := AskingOf(ctx, ByName("stakeholder"), look.Now(), customs)
		g.Rule.Ask(asking, Place{Pointer: "#/rule"})
		return asking.Faults, nil
	}
	return faults, nil
}

// DeepestGroup is how far groups nest.
const DeepestGroup = 3

// widestGroup is how many subgroups one group is looked at for.
const widestGroup = 1000

// subgroupsArchived keeps a group from being archived over subgroups in use.
func subgroupsArchived(ctx context.Context, g *Group, look flow.Look) (blockers []flow.Blocker, err error) {
	active, err := FindAll[Group](ctx, look, flow.Where{"parent_id": g.ID, "state": "active"}, 100)
	for _, sub := range active {
		blockers = append(blockers, flow.Blocker{Detail: "A group that is part of this one is still in use.", Resource: Pointer(sub)})
	}
	return blockers, err
}

// parentInUse keeps a group from being taken into use inside one that is not.
func parentInUse(ctx context.Context, g *Group, look flow.Look) ([]flow.Blocker, error) {
	if g.ParentID == "" {
		return nil, nil
	}
	parent, err := Find[Group](ctx, look, g.ParentID)
	if err != nil || parent.State == "active" {
		return nil, err
	}
	return []flow.Blocker{{Detail: "The group of which this one is a part is archived.", Resource: Pointer(parent)}}, nil
}

// checkNesting refuses a group that would be a part of itself, of one that is out
// of use, or nested too deep.
func checkNesting(ctx context.Context, g *Group, look flow.Look) (faults fault.Fields, err error) {
	if g.ParentID == "" || g.State != "active" {
		return nil, nil
	}
	above := 0
	for id := g.ParentID; id != "" && above < DeepestGroup; above++ {
		if id == g.ID {
			faults.At("#/parent_id", "conflicts_with", "parent_id: a group cannot be a part of itself, not even through others.")
			return faults, nil
		}
		parent, err := Find[Group](ctx, look, id)
		if err != nil {
			return nil, err
		}
		if above == 0 && parent.State != "active" {
			faults.At("#/parent_id", "conflicts_with", "parent_id: that group is archived.")
			return faults, nil
		}
		id = parent.ParentID
	}
	below, err := levelsBelow(ctx, g.ID, look)
	if above+1+below > DeepestGroup {
		faults.At("#/parent_id", "conflicts_with", "parent_id: groups nest %d deep at most.", DeepestGroup)
	}
	return faults, err
}

// levelsBelow is how many levels of subgroups stand below a group, as far as that
// matters.
func levelsBelow(ctx context.Context, id string, look flow.Look) (levels int, err error) {
	for ids := []string{id}; levels < DeepestGroup; levels++ {
		subs, err := FindAll[Group](ctx, look, flow.Where{"parent_id": ids}, widestGroup)
		if err != nil || len(subs) == 0 {
			return levels, err
		}
		ids = ids[:0]
		for _, s := range subs {
			ids = append(ids, s.ID)
		}
	}
	return levels, nil
}
