package register

import (
	"context"
	"math/big"
	"slices"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// crossUnit asks for level 6 where others have to change something too.
var crossUnit = flow.Raise[*CorrectiveAction]{
	Name: "cross_unit", Level: 6, Why: "other units have to change something too",
	When: func(_ context.Context, a *CorrectiveAction, _ flow.Look) (bool, error) { return a.CrossUnit, nil },
}

// unitsLeftOut asks for the same where that is taken back: else level 5 could approve.
var unitsLeftOut = flow.Raise[*CorrectiveAction]{
	Name: "one_unit", Level: 6, Why: "other units had to change something too so far", Written: true,
	When: func(ctx context.Context, a *CorrectiveAction, look flow.Look) (bool, error) {
		was, err := Find[CorrectiveAction](ctx, look, a.ID)
		return err == nil && was.CrossUnit && !a.CrossUnit, err
	},
}

// checkCorrectiveAction holds it to one source, and keeps dates that tell of the
// past out of the future and in their order.
func checkCorrectiveAction(ctx context.Context, a *CorrectiveAction, look flow.Look) (faults fault.Fields, err error) {
	oneSource(&faults, "what the action follows from", named{"issue_id", a.IssueID}, named{"problem_id", a.ProblemID}, named{"complaint_id", a.ComplaintID})
	day := today(ctx, look)
	for _, told := range []struct {
		name string
		on   Date
	}{{"implemented_on", a.ImplementedOn}, {"measured_on", a.MeasuredOn}} {
		if told.on > day {
			faults.At("#/"+told.name, "not_historical", "%s lies in the future.", told.name)
		}
	}
	if a.ImplementedOn != "" && a.ImplementedOn < a.StartsOn {
		faults.At("#/implemented_on", "conflicts_with", "implemented_on lies before starts_on.")
	}
	if a.ApprovedAt != "" {
		approved := dayOf(ctx, look, a.ApprovedAt.Time())
		notBefore(&faults, "starts_on", a.StartsOn, "approved_at", approved)
		notBefore(&faults, "implemented_on", a.ImplementedOn, "approved_at", approved)
	}
	if a.MeasuredOn != "" && a.MeasuredOn < a.WindowEndsOn {
		faults.At("#/measured_on", "conflicts_with", "measured_on lies before the end of the window, %s.", a.WindowEndsOn)
	}
	return faults, nil
}

// notBefore holds a day against one that it follows.
func notBefore(faults *fault.Fields, name string, on Date, after string, day Date) {
	if on != "" && on < day {
		faults.At("#/"+name, "conflicts_with", "%s lies before %s.", name, after)
	}
}

// causeFields are what is said of a cause that was looked for.
var causeFields = []string{"root_cause", "cause_category", "cause_method", "cause_chains"}

// causeFound keeps an action from being planned against a cause that was guessed.
func causeFound(_ context.Context, a *CorrectiveAction, _ flow.Look) (blockers []flow.Blocker, err error) {
	return foundBy(a.CauseMethod, a.CauseChains, a.CauseCategory), nil
}

// foundBy says what is missing before a cause counts as found: how it was found,
// with a chain where the method is to ask why, and what sort it is.
func foundBy(method string, chains List[CauseChain], category string) (blockers []flow.Blocker) {
	switch {
	case method == "none":
		blockers = flow.Block("Say in cause_method how the cause was found.")
	case method == "five_whys" && len(chains) == 0:
		blockers = flow.Block("Give at least one chain in cause_chains, from what happened down to the cause, each step with its evidence.")
	}
	if category == "unknown" {
		blockers = append(blockers, flow.Block("Say in cause_category what sort of cause it is.")...)
	}
	return blockers
}

// criterionSet keeps a plan from leaving open how its effect is judged.
func criterionSet(_ context.Context, a *CorrectiveAction, _ flow.Look) ([]flow.Blocker, error) {
	if a.CriterionOperator == "unknown" {
		return flow.Block("Say in criterion_operator how the measured value must stand to criterion_value."), nil
	}
	return nil, nil
}

// dueAhead keeps work from being due before it was decided.
func dueAhead(ctx context.Context, a *CorrectiveAction, look flow.Look) ([]flow.Blocker, error) {
	if a.DueOn != "" && a.DueOn < today(ctx, look) {
		return flow.Block("due_on is over: say a day from today on."), nil
	}
	return nil, nil
}

// dueLater keeps work from being extended to a day that gives it no more time.
func dueLater(ctx context.Context, a *CorrectiveAction, look flow.Look) ([]flow.Blocker, error) {
	was, err := Find[CorrectiveAction](ctx, look, a.ID)
	if err != nil || a.DueOn == "" || a.DueOn > was.DueOn || a.DueOn < today(ctx, look) {
		return nil, err
	}
	return flow.Block("due_on must come after the day on which the work is due, %s.", was.DueOn), nil
}

// windowEnd is the day from which the effect can be measured.
func (a *CorrectiveAction) windowEnd() Date {
	if a.WindowDays == nil {
		return a.ImplementedOn // adopted without a plan
	}
	return a.ImplementedOn.Days(*a.WindowDays)
}

// windowOver keeps an effect from being measured before it can show.
func windowOver(ctx context.Context, a *CorrectiveAction, look flow.Look) ([]flow.Blocker, error) {
	if today(ctx, look) < a.WindowEndsOn {
		return flow.Block("The effect is observed until %s.", a.WindowEndsOn), nil
	}
	return nil, nil
}

// verdict is where the measured value leads; what has no criterion has not met it.
func (a *CorrectiveAction) verdict() flow.State {
	if meets(a.MeasuredValue, a.CriterionOperator, a.CriterionValue) {
		return "effective"
	}
	return "ineffective"
}

// meets holds a value against another, both decimal numbers as text.
func meets(value, operator, against string) bool {
	a, ok := new(big.Rat).SetString(value)
	b, too := new(big.Rat).SetString(against)
	if !ok || !too {
		return false
	}
	order := a.Cmp(b)
	switch operator {
	case "at_most":
		return order <= 0
	case "below":
		return order < 0
	case "equal":
		return order == 0
	case "above":
		return order > 0
	case "at_least":
		return order >= 0
	}
	return false
}

func keepVerdict(a *CorrectiveAction, _ string, at time.Time) {
	a.VerifiedAt = At(at)
	if a.verdict() == "ineffective" {
		a.Failures++
	}
}

// mostFailures is how often an action may miss its criterion before somebody above
// has to decide.
const mostFailures = 2

// correctiveVerified takes the matter up where the action failed again: the issue is
// open once more, if it can be, and goes to the next level.
func correctiveVerified(ctx context.Context, a *CorrectiveAction, do flow.Do) error {
	if a.State == "effective" {
		return correctiveCounts(ctx, nil, a, do)
	}
	if a.State != "ineffective" || a.Failures < mostFailures {
		return nil
	}
	switch {
	case a.ProblemID != "":
		return a.tellProblem(ctx, "failed_again", do)
	case a.ComplaintID != "":
		return complaintFailed(ctx, a, do)
	}
	issue, err := Find[Issue](ctx, do, a.IssueID)
	if err != nil {
		return err
	}
	ref := Pointer(a).Ref
	open := issue.DeletedAt == "" && slices.Contains(openIssue, issue.State)
	if !open {
		if open, err = reopened(ctx, issue, ref+" missed its criterion again.", do); err != nil {
			return err
		}
	}
	above, err := openEscalationsOf(ctx, do, "issue", issue.ID)
	if err != nil {
		return err
	}
	if !open || issue.EscalationLevel >= int(authority.L7) || binding(above) { // nobody is left to be asked
		return do.Tell(ctx, []string{a.OwnerID, a.VerifierID, issue.OwnerID}, "failed_again")
	}
	return do.Enter(ctx, &Escalation{EscalationFields: EscalationFields{IssueID: issue.ID, Cause: "breach", Reason: ref + " missed its criterion again."}})
}

// correctiveCounts has the complaint count the actions that proved effective anew.
func correctiveCounts(ctx context.Context, _, a *CorrectiveAction, do flow.Do) error {
	if a.State != "effective" || a.ComplaintID == "" {
		return nil
	}
	return do.Derive(ctx, "complaint", a.ComplaintID)
}

// complaintFailed takes a complaint to the next level whose corrective action failed
// again. One that was closed stays so: who answers for it is told.
func complaintFailed(ctx context.Context, a *CorrectiveAction, do flow.Do) error {
	c, err := Find[Complaint](ctx, do, a.ComplaintID)
	if err != nil {
		return err
	}
	above, err := openEscalationsOf(ctx, do, "complaint", c.ID)
	if err != nil {
		return err
	}
	if c.DeletedAt != "" || !slices.Contains(openComplaint, c.State) || c.EscalationLevel >= int(authority.L7) || binding(above) {
		return do.Tell(ctx, []string{a.OwnerID, a.VerifierID, c.OwnerID}, "failed_again")
	}
	return do.Enter(ctx, &Escalation{EscalationFields: EscalationFields{ComplaintID: c.ID, Cause: "breach", Reason: Pointer(a).Ref + " missed its criterion again."}})
}

// complaintUncured tells those who answer for the complaint that its action is cancelled.
func complaintUncured(ctx context.Context, a *CorrectiveAction, do flow.Do) error {
	c, err := Find[Complaint](ctx, do, a.ComplaintID)
	if err != nil {
		return err
	}
	return do.Tell(ctx, []string{c.OwnerID, c.AssigneeID}, "cancelled")
}

// A named is a reference and the member that holds it.
type named struct{ member, id string }

// oneSource holds what follows from something to one record, of whichever noun.
func oneSource(faults *fault.Fields, what string, sources ...named) {
	var members []string
	there := ""
	for _, s := range sources {
		members = append(members, s.member)
		switch {
		case s.id == "":
		case there == "":
			there = s.member
		default:
			faults.At("#/"+s.member, "conflicts_with", "Name %s or %s, not both.", there, s.member)
		}
	}
	if there == "" {
		faults.At("#/"+members[0], "required", "Say %s: %s.", what, strings.Join(members, " or "))
	}
}

// correctiveCancelled tells those who answer for the issue, and takes it up again
// where its closing rested on this action and on no other.
func correctiveCancelled(ctx context.Context, a *CorrectiveAction, do flow.Do) error {
	switch {
	case a.ProblemID != "":
		return a.tellProblem(ctx, "cancelled", do)
	case a.ComplaintID != "":
		return complaintUncured(ctx, a, do)
	}
	issue, err := Find[Issue](ctx, do, a.IssueID)
	if err != nil {
		return err
	}
	if err := do.Tell(ctx, []string{issue.OwnerID, issue.AssigneeID}, "cancelled"); err != nil {
		return err
	}
	if other, err := issue.hasAction(ctx, do); err != nil || other || issue.NoActionReason != "" {
		return err
	}
	_, err = reopened(ctx, issue, "The corrective action on which its closing rested was cancelled.", do)
	return err
}

// tellProblem tells those who answer for the action and its problem, which cannot be
// called fixed without an action that proved effective.
func (a *CorrectiveAction) tellProblem(ctx context.Context, what string, do flow.Do) error {
	p, err := Find[Problem](ctx, do, a.ProblemID)
	if err != nil {
		return err
	}
	return do.Tell(ctx, []string{a.OwnerID, a.VerifierID, p.OwnerID}, what)
}

// reopened takes a closed issue up again, unless that is too long ago.
func reopened(ctx context.Context, issue *Issue, why string, do flow.Do) (bool, error) {
	if issue.State != "closed" || issue.DeletedAt != "" {
		return false, nil
	}
	late, err := closedLately(ctx, issue, do)
	if err != nil || len(late) > 0 {
		return false, err
	}
	return true, do.Take(ctx, "issue", issue.ID, "reopen", map[string]any{"reason": why})
}

// correctiveDue is the day by which the action is to be in place.
func correctiveDue(_ context.Context, a *CorrectiveAction, _ flow.Look) (Limit, error) {
	return Limit{On: a.DueOn}, nil
}

// windowDue is the day from which the effect can be measured.
func windowDue(_ context.Context, a *CorrectiveAction, _ flow.Look) (Limit, error) {
	return Limit{On: a.WindowEndsOn}, nil
}

// windowElapsed lets the measuring begin.
func windowElapsed(ctx context.Context, a *CorrectiveAction, do flow.Do) error {
	return do.Take(ctx, "corrective_action", a.ID, "begin_verification", nil)
}

// verifiers are who is told that the effect can be measured.
func verifiers(a *CorrectiveAction) []string { return []string{a.OwnerID, a.VerifierID} }
