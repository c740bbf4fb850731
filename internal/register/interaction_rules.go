package register

import (
	"context"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// lacks names what an interaction needs to stand in the log and does not have.
func (i *Interaction) lacks() (names []string) {
	for _, need := range []struct {
		name  string
		there bool
	}{
		{"stakeholder_ids", len(i.StakeholderIDs) > 0},
		{"channel", i.Channel != "unknown"},
		{"direction", i.Direction != "unknown"},
		{"occurred_at", i.OccurredAt != ""},
		{"summary", i.Summary != ""},
	} {
		if !need.there {
			names = append(names, need.name)
		}
	}
	return names
}

// complete keeps a draft out of the log that does not say with whom, how, when and what.
func complete(_ context.Context, i *Interaction, _ flow.Look) (blockers []flow.Blocker, err error) {
	for _, name := range i.lacks() {
		blockers = append(blockers, flow.Block("%s is needed in the log.", name)...)
	}
	return blockers, nil
}

// unwilling are the parties that refused to be reached in the way of an outbound
// contact, by their place in the list; consent that ended later does not count.
func (i *Interaction) unwilling(ctx context.Context, look flow.Look) (at []int, who []*Stakeholder, err error) {
	way, known := contactChannels[i.Channel]
	if i.Direction != "outbound" || !known {
		return nil, nil, nil
	}
	for n, id := range i.StakeholderIDs {
		s, err := Find[Stakeholder](ctx, look, id)
		if err != nil {
			return nil, nil, err
		}
		if !s.reachable(way, dayOf(ctx, look, i.OccurredAt.Time())) {
			at, who = append(at, n), append(who, s)
		}
	}
	return at, who, nil
}

// reachable reports whether a stakeholder might be reached in a way on a day: no
// channel of that sort was refused until then, or another one of it was not.
func (s *Stakeholder) reachable(way string, day Date) bool {
	refused := false
	for _, c := range s.Channels {
		if c.Channel != way {
			continue
		}
		if c.Consent != "refused" && c.Consent != "withdrawn" || c.ConsentOn > day {
			return true
		}
		refused = true
	}
	return !refused
}

// contactPermitted keeps us from seeking contact in a way that the other side
// does not want.
func contactPermitted(ctx context.Context, i *Interaction, look flow.Look) (blockers []flow.Blocker, err error) {
	_, who, err := i.unwilling(ctx, look)
	for _, s := range who {
		blockers = append(blockers, flow.Blocker{Detail: "This stakeholder does not want to be reached by " + i.Channel + ".", Resource: Pointer(s)})
	}
	return blockers, err
}

// checkInteraction keeps half a story out of the log, and the future out of the past.
func checkInteraction(ctx context.Context, i *Interaction, look flow.Look) (faults fault.Fields, err error) {
	if i.OccurredAt > At(look.Now()) {
		faults.At("#/occurred_at", "not_historical", "occurred_at lies in the future.")
	}
	if !i.drafted() {
		for _, name := range i.lacks() {
			faults.At("#/"+name, "required", "%s is required to log an interaction.", name)
		}
	}
	if i.Version == 0 && i.FollowUp != nil && i.FollowUp.OwnerID == "" && author(i) == nil {
		faults.At("#/follow_up/owner_id", "required", "Say who does it: follow_up.owner_id is required where no person logs the interaction.")
	}
	i.checkIssue(&faults)
	if i.Version > 0 || i.drafted() {
		return faults, nil
	}
	at, _, err := i.unwilling(ctx, look)
	for _, n := range at {
		faults.At("#/stakeholder_ids/"+strconv.Itoa(n), "conflicts_with", "stakeholder_ids[%d]: this stakeholder does not want to be reached by %s.", n, i.Channel)
	}
	return faults, err
}

// checkIssue holds an issue that is asked for against the discussion points.
func (i *Interaction) checkIssue(faults *fault.Fields) {
	switch {
	case i.Issue == nil:
	case i.Issue.DiscussionPoint != nil && *i.Issue.DiscussionPoint >= len(i.DiscussionPoints):
		faults.At("#/issue/discussion_point", "out_of_range", "issue.discussion_point: there are %d discussion points, counted from 0.", len(i.DiscussionPoints))
	case i.Issue.DiscussionPoint == nil && i.Issue.Title == "":
		faults.At("#/issue/title", "required", "issue.title is required, or a discussion point that gives it.")
	}
}

// interactionAuthor lets whoever entered an interaction see it, however sensitive.
func interactionAuthor(_ context.Context, i *Interaction, _ flow.Look) ([]string, error) {
	return author(i), nil
}

// interactionLogged follows an interaction into the log.
func interactionLogged(ctx context.Context, i *Interaction, do flow.Do) error {
	if i.State == "logged" {
		if err := rederive(ctx, do, i.StakeholderIDs); err != nil {
			return err
		}
	}
	if i.FollowUp == nil {
		return nil
	}
	return enterFollowUp(ctx, i, do)
}

// interactionAmended follows a change of what was logged: of those whom the
// contact was not with after all, too.
func interactionAmended(ctx context.Context, i *Interaction, do flow.Do) error {
	before, err := Before[Interaction](do)
	if err != nil {
		return err
	}
	return interactionChanged(ctx, before, i, do)
}

func interactionChanged(ctx context.Context, before, i *Interaction, do flow.Do) error {
	if i.State == "drafted" {
		return nil
	}
	return rederive(ctx, do, before.StakeholderIDs, i.StakeholderIDs)
}

// rederive computes anew what stakeholders show of their contacts, each once.
func rederive(ctx context.Context, do flow.Do, lists ...List[string]) error {
	done := map[string]bool{}
	for _, list := range lists {
		for _, id := range list {
			if done[id] {
				continue
			}
			done[id] = true
			if err := do.Derive(ctx, "stakeholder", id); err != nil {
				return err
			}
		}
	}
	return nil
}

// enterFollowUp enters the follow-up that was asked for.
func enterFollowUp(ctx context.Context, i *Interaction, do flow.Do) error {
	f := &FollowUp{FollowUpFields: FollowUpFields{Title: i.FollowUp.Title, DueOn: i.FollowUp.DueOn, InteractionID: i.ID}}
	if f.OwnerID = i.FollowUp.OwnerID; f.OwnerID == "" {
		f.OwnerID = i.UpdatedBy.ID
	}
	if len(i.StakeholderIDs) == 1 {
		f.StakeholderID = i.StakeholderIDs[0]
	}
	return do.Enter(ctx, f)
}

// followUpsOf lists the steps that follow from an interaction.
func followUpsOf(ctx context.Context, i *Interaction, look flow.Look) error {
	steps, err := FindAll[FollowUp](ctx, look, flow.Where{"interaction_id": i.ID}, mostFollowUps)
	i.FollowUpIDs = nil
	for _, step := range steps {
		i.FollowUpIDs = append(i.FollowUpIDs, step.ID)
	}
	return err
}

// mostFollowUps is how many follow-ups an interaction names.
const mostFollowUps = 200

// enterIssue enters the issue that was raised, as sensitive as the interaction.
func enterIssue(ctx context.Context, i *Interaction, do flow.Do) error {
	asked := i.Issue
	issue := &Issue{IssueFields: IssueFields{
		Title: asked.Title, Description: asked.Description, Category: asked.Category, Severity: asked.Severity, Urgency: asked.Urgency,
		StakeholderID: asked.StakeholderID, AffectedStakeholderIDs: i.StakeholderIDs, RaisedAt: i.OccurredAt, Channel: i.Channel, InteractionID: i.ID,
	}}
	issue.OwnerID, issue.Sensitivity = i.UpdatedBy.ID, i.Sensitivity
	if at := asked.DiscussionPoint; at != nil {
		point := i.DiscussionPoints[*at]
		issue.Title, issue.Description = or(issue.Title, point.Topic), or(issue.Description, point.Text)
	}
	if issue.StakeholderID == "" && len(i.StakeholderIDs) == 1 {
		issue.StakeholderID = i.StakeholderIDs[0]
	}
	return do.Enter(ctx, issue)
}

func or(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}

// hideFollowUps makes the follow-ups of an interaction as sensitive as itself.
func hideFollowUps(ctx context.Context, i *Interaction, do flow.Do) error {
	steps, err := FindAll[FollowUp](ctx, do, flow.Where{"interaction_id": i.ID, "sensitivity <": int(i.Sensitivity)}, mostFollowUps)
	if err != nil {
		return err
	}
	for _, step := range steps {
		err := do.Keep(ctx, "follow_up", step.ID, func(rec any) { rec.(*FollowUp).Sensitivity = max(i.Sensitivity, authority.Confidential) })
		if err != nil {
			return err
		}
	}
	return nil
}
