package register

import (
	"context"
	"slices"
	"strconv"

	"rapport/internal/flow"
)

// assessed keeps an issue from being called triaged while something of the
// assessment is unknown.
func assessed(_ context.Context, i *Issue, _ flow.Look) (blockers []flow.Blocker, err error) {
	for _, v := range []struct{ name, value string }{{"category", i.Category}, {"severity", i.Severity}, {"urgency", i.Urgency}} {
		if v.value == "unknown" {
			blockers = append(blockers, flow.Block("Say the %s: it is unknown.", v.name)...)
		}
	}
	if len(i.AffectedStakeholderIDs) == 0 {
		blockers = append(blockers, flow.Block("Say whom the issue touches: no affected stakeholder is named.")...)
	}
	return blockers, nil
}

// waitsAhead keeps an issue from waiting for a day that is over.
func waitsAhead(ctx context.Context, i *Issue, look flow.Look) ([]flow.Blocker, error) {
	if i.WaitingUntil != "" && i.WaitingUntil < today(ctx, look) {
		return flow.Block("waiting_until is over: say a day from today on."), nil
	}
	return nil, nil
}

// waitsNotForEver keeps the time for settling an issue from standing still without end.
func waitsNotForEver(ctx context.Context, i *Issue, look flow.Look) ([]flow.Blocker, error) {
	if i.WaitingUntil > today(ctx, look).Days(longestExtension) {
		return flow.Block("waiting_until lies more than %d days ahead.", longestExtension), nil
	}
	return nil, nil
}

// everyEffect keeps a resolution from being proposed while nobody has thought of
// what it means to some affected party.
func everyEffect(ctx context.Context, i *Issue, look flow.Look) (blockers []flow.Blocker, err error) {
	for _, id := range i.AffectedStakeholderIDs {
		if slices.ContainsFunc(i.Effects, func(e Effect) bool { return e.StakeholderID == id }) {
			continue
		}
		party, err := Find[Stakeholder](ctx, look, id)
		if err != nil {
			return nil, err
		}
		blockers = append(blockers, flow.Blocker{Detail: "Say in effects what the resolution means to this affected party.", Resource: Pointer(party)})
	}
	return blockers, nil
}

// onlyAffected keeps effects from being told of who is not affected, or twice.
func onlyAffected(ctx context.Context, i *Issue, look flow.Look) (blockers []flow.Blocker, err error) {
	told := map[string]bool{}
	for _, e := range i.Effects {
		if slices.Contains(i.AffectedStakeholderIDs, e.StakeholderID) && !told[e.StakeholderID] {
			told[e.StakeholderID] = true
			continue
		}
		party, err := Find[Stakeholder](ctx, look, e.StakeholderID)
		if err != nil {
			return nil, err
		}
		blockers = append(blockers, flow.Blocker{Detail: "effects names this party twice, or though it is not among affected_stakeholder_ids.", Resource: Pointer(party)})
	}
	return blockers, nil
}

// answered keeps an issue from being called resolved over the head of the party:
// there is its word, or it stayed silent for long enough in spite of two attempts.
func answered(ctx context.Context, i *Issue, look flow.Look) ([]flow.Blocker, error) {
	days := days(ctx, look, "issue_silence_days")
	switch i.PartyAnswer {
	case "accepted":
		if i.PartyAnsweredOn == "" || i.AnswerEvidence == "" {
			return flow.Block("Say when the party accepted and where that can be seen: party_answered_on, answer_evidence."), nil
		}
		return nil, nil
	case "silent":
		if i.Attempts < 2 || look.Now().Before(i.ProposedAt.Time().AddDate(0, 0, days)) {
			return flow.Block("Silence counts %d days after the proposal and after two attempts to reach the party; there were %d.", days, i.Attempts), nil
		}
		return nil, nil
	case "rejected":
		return flow.Block("The party rejected the resolution: take reject_resolution."), nil
	}
	return flow.Block("The party has not answered: record its answer, or its silence after %d days and two attempts.", days), nil
}

// days reads a setting that counts days.
func days(ctx context.Context, look flow.Look, key string) int {
	n, _ := strconv.Atoi(look.Setting(ctx, key)) // the setting's own check keeps it a number
	return n
}

// triaged keeps an issue from being closed that nobody assessed, such as one that
// was adopted from elsewhere.
func triaged(_ context.Context, i *Issue, _ flow.Look) ([]flow.Blocker, error) {
	if i.TriagedAt == "" || i.Severity == "unknown" {
		return flow.Block("The issue was never assessed."), nil
	}
	return nil, nil
}

// actionOrReason keeps an issue from being closed without a thought of what should
// change for the future.
func actionOrReason(ctx context.Context, i *Issue, look flow.Look) ([]flow.Blocker, error) {
	if i.NoActionReason != "" {
		return nil, nil
	}
	there, err := i.hasAction(ctx, look)
	if there || err != nil {
		return nil, err
	}
	return flow.Block("Enter a corrective action, or say in no_action_reason why nothing needs to change for the future."), nil
}

// hasAction reports whether a corrective action follows from the issue.
func (i *Issue) hasAction(ctx context.Context, look flow.Look) (bool, error) {
	n, err := Count[CorrectiveAction](ctx, look, flow.Where{"issue_id": i.ID, "state <>": "cancelled"})
	return n > 0, err
}

// raiserTold keeps whoever raised an issue from hearing nothing of its end.
func raiserTold(_ context.Context, i *Issue, _ flow.Look) ([]flow.Blocker, error) {
	if i.ToldRaiserOn == "" || i.ToldChannel == "unknown" {
		return flow.Block("Say when and how whoever raised the issue was told: told_raiser_on, told_channel."), nil
	}
	return nil, nil
}

// closedLately keeps what is long closed from being reopened instead of raised anew.
func closedLately(ctx context.Context, i *Issue, look flow.Look) ([]flow.Blocker, error) {
	days := days(ctx, look, "issue_reopen_days")
	if look.Now().After(i.ClosedAt.Time().AddDate(0, 0, days)) {
		return flow.Block("The issue was closed more than %d days ago; raise a new one.", days), nil
	}
	return nil, nil
}
