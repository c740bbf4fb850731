package register

import (
	"context"
	"slices"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// A SpocAssignment makes one person the single point of contact of a stakeholder,
// with a deputy, until somebody else takes over.
type SpocAssignment struct {
	Base
	SpocAssignmentFields
	// AcceptedAt is when the person took the assignment on, null until then.
	AcceptedAt Instant `json:"accepted_at"`
	// ActiveFrom is the day from which the person has been the contact, null until then.
	ActiveFrom Date `json:"active_from"`
	// EndedOn is the day on which the assignment ended; the successor's begins on it.
	EndedOn Date `json:"ended_on"`
}

// SpocAssignmentFields are what a client writes of an assignment.
type SpocAssignmentFields struct {
	// StakeholderID is the stakeholder to whom the person is the contact; null where it is a group.
	StakeholderID string `json:"stakeholder_id" ref:"stakeholder" set:"create"`
	// GroupID is the group to which the person is the contact; null where it is a stakeholder.
	GroupID string `json:"group_id" ref:"group" set:"create" inherits:"yes"`
	// UserID is the person who is to be the contact; their level fits the stakeholder's seniority.
	UserID string `json:"user_id" validate:"required" ref:"user" named:"yes" set:"create"`
	// DeputyID is who stands in for the contact: another person.
	DeputyID string `json:"deputy_id" ref:"user" named:"yes"`
	// FromOn is the day from which the assignment is to hold; today if left out.
	FromOn Date `json:"from_on" set:"create" default:"today"`
	// OpenItemsAcknowledged says that the person has seen what is open with the stakeholder.
	OpenItemsAcknowledged bool `json:"open_items_acknowledged" set:"accept"`
	// Note says what the contact should know.
	Note string `json:"note" validate:"max=4000" list:"search" pii:"yes"`
}

// SpocAssignments say who is whose single point of contact.
var SpocAssignments = Define(Kind[SpocAssignment]{
	Name: "spoc_assignment", Plural: "spoc_assignments", Prefix: "SPC",
	Doc:   "Who is the single point of contact of a stakeholder or a group, from when to when, and who stands in.",
	Under: "stakeholder_id",
	Flow: flow.Table[*SpocAssignment]{
		Start: "proposed",
		Ends:  flow.From("ended", "declined", "withdrawn"),
		Rows: []flow.Transition[*SpocAssignment]{
			{
				Name: "accept", Doc: "Take the assignment on; it holds at once, or from its day, and the predecessor's ends in the same moment.",
				From: flow.From("proposed"), To: "accepted", Or: flow.From("active"), Pick: acceptedOrActive, Level: authority.L4, Raise: append(slices.Clone(seniorContact), groupContact),
				Party: receiver, PartyName: "the person it was proposed to",
				Needs: []string{"open_items_acknowledged"}, Takes: []string{"from_on"},
				Guards: []flow.Guard[*SpocAssignment]{stillInUse, levelFits, personActive}, First: takeOverIfDue, Keep: noteAcceptance, Then: resight,
			},
			{
				Name: "decline", Doc: "Refuse the assignment, with the reason.", From: flow.From("proposed"), To: "declined",
				Level: authority.L4, Reason: true, Party: receiver, PartyName: "the person it was proposed to",
			},
			{
				Name: "withdraw", Doc: "Take the proposal back before it holds.", From: flow.From("proposed", "accepted"), To: "withdrawn",
				Level: authority.L5, Reason: true,
			},
			{
				Name: "activate", Doc: "Let an accepted assignment hold; whoever was the contact until now ends in the same moment.",
				From: flow.From("accepted"), To: "active", Level: authority.L5,
				Guards: []flow.Guard[*SpocAssignment]{stillInUse, levelFits, personActive}, First: takeOver, Then: resight,
			},
			{
				Name: "end", Doc: "End the assignment; an accepted successor takes over in the same moment.", From: flow.From("active"), To: "ended",
				Level: authority.L5, Guards: []flow.Guard[*SpocAssignment]{somebodyFollows}, First: noteEnd, Then: giveOver,
			},
		},
	},
	Levels:   Levels{authority.L5, authority.L5, authority.L5, authority.L5},
	Raise:    seniorContact,
	Paths:    []string{"stakeholder_id, state -> -updated_at", "group_id, state -> -updated_at", "user_id, state -> -updated_at", "state -> -updated_at"},
	Check:    checkAssignment,
	Changed:  activeStays,
	HandOver: proposeInstead,
})

// contactLevels are the least levels of the contact of a stakeholder, by seniority.
var contactLevels = map[string]authority.Level{"senior": authority.L6, "most_senior": authority.L7}

// ContactLevel is the least level of the contact of a stakeholder of a seniority.
func ContactLevel(seniority string) authority.Level {
	if level, raised := contactLevels[seniority]; raised {
		return level
	}
	return authority.L4
}

// seniorContact asks for more where the stakeholder is senior: proposing a
// contact, and being one, is dealing with them.
var seniorContact = []flow.Raise[*SpocAssignment]{
	{Name: "senior", Level: authority.L6, Why: "the stakeholder is senior", When: ofSeniority("senior")},
	{Name: "most_senior", Level: authority.L7, Why: "the stakeholder is among the most senior", When: ofSeniority("most_senior")},
}

// groupContact asks for more of the contact of a whole group.
var groupContact = flow.Raise[*SpocAssignment]{
	Name: "group", Level: GroupContactLevel, Why: "it is for a whole group",
	When: func(_ context.Context, a *SpocAssignment, _ flow.Look) (bool, error) { return a.GroupID != "", nil },
}

// GroupContactLevel is the least level of the contact of a group.
const GroupContactLevel = authority.L5

func ofSeniority(word string) func(context.Context, *SpocAssignment, flow.Look) (bool, error) {
	return func(ctx context.Context, a *SpocAssignment, look flow.Look) (bool, error) {
		if a.StakeholderID == "" {
			return false, nil
		}
		have, err := seniorityOf(ctx, look, a.StakeholderID)
		return have == word, err
	}
}

func seniorityOf(ctx context.Context, look flow.Look, stakeholderID string) (string, error) {
	s, err := Find[Stakeholder](ctx, look, stakeholderID)
	if err != nil {
		return "", err
	}
	return s.Seniority, nil
}

// subject is whom an assignment is about: what its contact needs, and whether it
// needs one any more.
type subject struct {
	level authority.Level
	why   string
	ended bool
}

func (a *SpocAssignment) subject(ctx context.Context, look flow.Look) (subject, error) {
	if a.GroupID != "" {
		g, err := Find[Group](ctx, look, a.GroupID)
		if err != nil {
			return subject{}, err
		}
		return subject{GroupContactLevel, "the contact of a group has at least level 5", ByName("group").Flow.Ended(g.State)}, nil
	}
	s, err := Find[Stakeholder](ctx, look, a.StakeholderID)
	if err != nil {
		return subject{}, err
	}
	out := subject{ContactLevel(s.Seniority), "a contact has at least level 4", ByName("stakeholder").Flow.Ended(s.State)}
	if out.level > authority.L4 {
		out.why = "the stakeholder's seniority asks for a contact of level " + string(rune('0'+out.level))
	}
	return out, nil
}

// others are the assignments for the same subject in a state.
func (a *SpocAssignment) others(ctx context.Context, look flow.Look, state flow.State) ([]*SpocAssignment, error) {
	where := flow.Where{"stakeholder_id": a.StakeholderID, "state": state}
	if a.GroupID != "" {
		where = flow.Where{"group_id": a.GroupID, "state": state}
	}
	return FindAll[SpocAssignment](ctx, look, where, 100)
}

func receiver(a *SpocAssignment) []string { return []string{a.UserID} }

// today is the day in the organisation's zone.
func today(ctx context.Context, look flow.Look) Date {
	return dayOf(ctx, look, look.Now())
}

// checkAssignment keeps a person from being their own deputy, and holds a new
// proposal against its subject: a contact below the level that is asked for is refused like anybody else who lacks the level.
func checkAssignment(ctx context.Context, a *SpocAssignment, look flow.Look) (faults fault.Fields, err error) {
	if a.DeputyID == a.UserID {
		faults.At("#/deputy_id", "conflicts_with", "deputy_id: the deputy must be somebody else than the contact.")
	}
	if a.Version > 0 {
		return faults, nil
	}
	switch {
	case a.StakeholderID == "" && a.GroupID == "":
		faults.At("#/stakeholder_id", "required", "Say whose contact it is: stakeholder_id or group_id is required.")
		return faults, nil
	case a.StakeholderID != "" && a.GroupID != "":
		faults.At("#/group_id", "conflicts_with", "group_id: name a stakeholder or a group, not both.")
		return faults, nil
	}
	s, err := a.subject(ctx, look)
	if err != nil {
		return faults, err
	}
	if s.ended {
		at := "stakeholder_id"
		if a.GroupID != "" {
			at = "group_id"
		}
		faults.At("#/"+at, "conflicts_with", "%s: it is archived and needs no contact.", at)
	}
	u, err := Find[User](ctx, look, a.UserID)
	if err != nil {
		return faults, err
	}
	if u.State != "active" {
		faults.At("#/user_id", "conflicts_with", "user_id: %s has no access any more.", u.Name)
	}
	if len(faults) > 0 || u.Level() >= s.level {
		return faults, nil
	}
	return faults, fault.New(fault.InsufficientLevel, "%s cannot be the contact: that takes level %d.", u.Name, s.level).
		With("required_level", int(s.level)).With("your_level", u.Level().Wire()).With("because", []string{s.why}).With("escalate_to", nil)
}

// levelFits keeps somebody from becoming the contact whose level fell, or whose
// stakeholder rose, since the proposal.
var levelFits = flow.Guard[*SpocAssignment]{Code: "level_too_low", Check: func(ctx context.Context, a *SpocAssignment, look flow.Look) ([]flow.Blocker, error) {
	u, err := Find[User](ctx, look, a.UserID)
	if err != nil {
		return nil, err
	}
	s, err := a.subject(ctx, look)
	if err != nil || u.Level() >= s.level {
		return nil, err
	}
	return flow.Block("%s does not have level %d: %s.", u.Name, s.level, s.why), nil
}}

// personActive keeps somebody from becoming the contact who has left.
var personActive = flow.Guard[*SpocAssignment]{Code: "person_disabled", Check: func(ctx context.Context, a *SpocAssignment, look flow.Look) ([]flow.Blocker, error) {
	u, err := Find[User](ctx, look, a.UserID)
	if err != nil || u.State == "active" {
		return nil, err
	}
	return flow.Block("user_id: %s has no access any more.", u.Name), nil
}}

// somebodyFollows keeps a stakeholder from being without a contact.
var somebodyFollows = flow.Guard[*SpocAssignment]{Code: "no_successor", Check: func(ctx context.Context, a *SpocAssignment, look flow.Look) ([]flow.Blocker, error) {
	if ctx.Value(handing{}) != nil {
		return nil, nil
	}
	s, err := a.subject(ctx, look)
	if err != nil || s.ended {
		return nil, err
	}
	next, err := accepted(ctx, look, a)
	if err != nil || next != nil {
		return nil, err
	}
	return flow.Block("Nobody follows: propose a successor; when they accept, this ends in the same moment."), nil
}}

// accepted is the assignment that waits to take over, nil if there is none: the
// one with the earliest day.
func accepted(ctx context.Context, look flow.Look, a *SpocAssignment) (*SpocAssignment, error) {
	waiting, err := a.others(ctx, look, "accepted")
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	return slices.MinFunc(waiting, func(x, y *SpocAssignment) int {
		if x.FromOn < y.FromOn {
			return -1
		}
		return 1
	}), nil
}

// activeStays keeps a running assignment from being removed past its rule.
func activeStays(ctx context.Context, _, a *SpocAssignment, do flow.Do) error {
	if a.State != "active" {
		return nil
	}
	if a.DeletedAt == "" {
		return resight(ctx, a, do) // the deputy may be another now
	}
	return fault.New(fault.InvalidTransition, "A running assignment is ended, not removed.").
		With("current_state", a.State).With("requested", "remove").With("allowed_transitions", []string{"end"})
}

func noteAcceptance(a *SpocAssignment, _ string, at time.Time) { a.AcceptedAt = At(at) }

// acceptedOrActive says whether the assignment holds already.
func acceptedOrActive(a *SpocAssignment) flow.State {
	if a.ActiveFrom != "" {
		return "active"
	}
	return "accepted"
}

// takeOverIfDue lets an assignment hold with its acceptance if its day has come.
func takeOverIfDue(ctx context.Context, a *SpocAssignment, do flow.Do) error {
	if a.FromOn > today(ctx, do) {
		return nil
	}
	return takeOver(ctx, a, do)
}

// handing marks that a successor is just taking over, so that the end of the
// predecessor neither asks for one nor lets another in.
type handing struct{}

// takeOver ends the predecessor before the successor becomes active: between the
// two there is neither a gap nor an overlap, and the index that allows one active
// assignment holds at every moment.
func takeOver(ctx context.Context, a *SpocAssignment, do flow.Do) error {
	a.ActiveFrom = today(ctx, do)
	running, err := a.others(ctx, do, "active")
	for _, r := range running {
		if err := do.Take(context.WithValue(ctx, handing{}, true), "spoc_assignment", r.ID, "end", nil); err != nil {
			return err
		}
	}
	return err
}

func noteEnd(ctx context.Context, a *SpocAssignment, do flow.Do) error {
	a.EndedOn = today(ctx, do)
	return nil
}

// giveOver lets the accepted successor take over from one who ends by hand.
func giveOver(ctx context.Context, a *SpocAssignment, do flow.Do) error {
	if ctx.Value(handing{}) != nil {
		return nil // the successor's own activation sees to the rest
	}
	s, err := a.subject(ctx, do)
	if err != nil {
		return err
	}
	next, err := accepted(ctx, do, a)
	if err != nil {
		return err
	}
	if next == nil || s.ended {
		return resight(ctx, a, do)
	}
	return do.Take(ctx, "spoc_assignment", next.ID, "activate", nil)
}

// resight works out anew who sees the stakeholder's guarded records, and what the
// stakeholder shows of its contact.
func resight(ctx context.Context, a *SpocAssignment, do flow.Do) error {
	if a.StakeholderID == "" {
		return nil
	}
	if err := do.Sight(ctx, a.StakeholderID); err != nil {
		return err
	}
	return do.Derive(ctx, "stakeholder", a.StakeholderID)
}

// proposeInstead hands a contact's assignments over as people would: the successor
// is proposed and accepts, so that the rules for level and seniority hold and the
// old assignment ends in the same moment. Other places are only written over.
func proposeInstead(ctx context.Context, a *SpocAssignment, s Succession, do flow.Do) (saved bool, err error) {
	if s.Field != "user_id" {
		return false, nil
	}
	next := &SpocAssignment{SpocAssignmentFields: SpocAssignmentFields{StakeholderID: a.StakeholderID, GroupID: a.GroupID, UserID: s.To, DeputyID: a.DeputyID, Note: a.Note}}
	next.Shared = a.Shared
	next.ExternalIDs = nil
	if next.DeputyID == s.To {
		next.DeputyID = ""
	}
	if a.State != "active" {
		next.FromOn = a.FromOn
		if err := do.Take(ctx, "spoc_assignment", a.ID, "withdraw", map[string]any{"reason": s.Reason}); err != nil {
			return true, err
		}
	}
	if err := do.Enter(ctx, next); err != nil || a.State == "proposed" {
		return true, err
	}
	return true, do.Take(ctx, "spoc_assignment", next.ID, "accept", map[string]any{"open_items_acknowledged": true})
}
