package register

import (
	"context"
	"slices"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// mostLinked is how many issues of a problem are looked at.
const mostLinked = 1000

// issues are those that share the problem.
func (p *Problem) issues(ctx context.Context, look flow.Look) ([]*Issue, error) {
	return FindAll[Issue](ctx, look, flow.Where{"problem_id": p.ID}, mostLinked)
}

// checkProblem keeps a single issue from being called a problem, unless it is critical.
func checkProblem(ctx context.Context, p *Problem, look flow.Look) (faults fault.Fields, err error) {
	if p.Version > 0 || len(p.IssueIDs) >= 2 {
		return nil, nil
	}
	critical := int64(0)
	if len(p.IssueIDs) > 0 {
		if critical, err = Count[Issue](ctx, look, flow.Where{"id": []string(p.IssueIDs), "severity": "critical"}); err != nil {
			return nil, err
		}
	}
	if critical == 0 {
		faults.At("#/issue_ids", "required", "issue_ids: a problem is shared by two issues at least, or made by a critical one.")
	}
	return faults, nil
}

// linkIssues links the issues with which a problem was opened.
func linkIssues(ctx context.Context, p *Problem, do flow.Do) error {
	for _, id := range p.IssueIDs {
		was := ""
		err := do.Keep(ctx, "issue", id, func(rec any) { was, rec.(*Issue).ProblemID = rec.(*Issue).ProblemID, p.ID })
		if err != nil {
			return err
		}
		if err := leave(ctx, was, id, do); err != nil {
			return err
		}
	}
	return do.Derive(ctx, "problem", p.ID)
}

// problemLinked follows an issue into a problem, and out of the one before.
func problemLinked(ctx context.Context, i *Issue, do flow.Do) error {
	was, err := Before[Issue](do)
	if err != nil || was.ProblemID == i.ProblemID {
		return err
	}
	if err := leave(ctx, was.ProblemID, i.ID, do); err != nil {
		return err
	}
	err = do.Keep(ctx, "problem", i.ProblemID, func(rec any) {
		p := rec.(*Problem)
		p.IssueIDs = append(slices.Clone(p.IssueIDs), i.ID)
		p.Sensitivity = max(p.Sensitivity, i.Sensitivity)
	})
	if err != nil {
		return err
	}
	return do.Derive(ctx, "problem", i.ProblemID)
}

// leave takes an issue out of the problem that it was linked to before.
func leave(ctx context.Context, problem, issue string, do flow.Do) error {
	if problem == "" {
		return nil
	}
	err := do.Keep(ctx, "problem", problem, func(rec any) {
		p := rec.(*Problem)
		p.IssueIDs = slices.DeleteFunc(slices.Clone(p.IssueIDs), func(id string) bool { return id == issue })
	})
	if err != nil {
		return err
	}
	return do.Derive(ctx, "problem", problem)
}

// reexpose reckons the exposure of an issue's problem anew.
func reexpose(ctx context.Context, i *Issue, do flow.Do) error {
	if i.ProblemID == "" {
		return nil
	}
	return do.Derive(ctx, "problem", i.ProblemID)
}

// expose reckons how much harm the problem does.
func expose(ctx context.Context, p *Problem, look flow.Look) error {
	issues, err := p.issues(ctx, look)
	if err != nil {
		return err
	}
	parties := map[string]int{}
	for _, i := range issues {
		for _, id := range i.parties() {
			parties[id] = 0
		}
	}
	if err := rankParties(ctx, look, parties); err != nil {
		return err
	}
	p.ProblemDerived = ProblemDerived{IssueCount: len(issues), StakeholderCount: len(parties)}
	for _, i := range issues {
		highest := 0
		for _, id := range i.parties() {
			highest = max(highest, parties[id])
		}
		p.SeveritySum += severities[i.Severity]
		p.Exposure += severities[i.Severity] * (1 + highest)
	}
	return nil
}

// rankParties fills in the salience ranks of stakeholders, 0 where it is unknown.
func rankParties(ctx context.Context, look flow.Look, parties map[string]int) error {
	ids := make([]string, 0, len(parties))
	for id := range parties {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for some := range slices.Chunk(ids, 500) {
		found, err := FindAll[Stakeholder](ctx, look, flow.Where{"id": some}, len(some))
		if err != nil {
			return err
		}
		for _, s := range found {
			if s.SalienceRank != nil {
				parties[s.ID] = *s.SalienceRank
			}
		}
	}
	return nil
}

// parties are the stakeholders whom the issue concerns.
func (i *Issue) parties() []string {
	ids := slices.Clone([]string(i.AffectedStakeholderIDs))
	if i.StakeholderID != "" && !slices.Contains(ids, i.StakeholderID) {
		ids = append(ids, i.StakeholderID)
	}
	return ids
}

func problemCauseFound(_ context.Context, p *Problem, _ flow.Look) ([]flow.Blocker, error) {
	return foundBy(p.CauseMethod, p.CauseChains, p.CauseCategory), nil
}

// draftAction enters the corrective action against the cause, unless one is under way.
func draftAction(ctx context.Context, p *Problem, do flow.Do) error {
	under, err := Count[CorrectiveAction](ctx, do, flow.Where{"problem_id": p.ID, "state": openCorrective})
	if err != nil || under > 0 {
		return err
	}
	title := []rune("Remove the cause: " + p.Title)
	a := &CorrectiveAction{CorrectiveActionFields: CorrectiveActionFields{
		Title: string(title[:min(len(title), 200)]), ProblemID: p.ID,
		CauseMethod: p.CauseMethod, CauseChains: p.CauseChains, RootCause: p.RootCause, CauseCategory: p.CauseCategory,
	}}
	a.OwnerID, a.Sensitivity = p.OwnerID, p.Sensitivity
	return do.Enter(ctx, a)
}

// actionApproved keeps a fix from being called planned before somebody approved it.
func actionApproved(ctx context.Context, p *Problem, look flow.Look) ([]flow.Blocker, error) {
	n, err := Count[CorrectiveAction](ctx, look, flow.Where{"problem_id": p.ID, "state": flow.From("approved", "implementing", "implemented", "verifying", "effective")})
	if err != nil || n > 0 {
		return nil, err
	}
	return flow.Block("No corrective action of the problem is approved yet."), nil
}

// actionEffective keeps a problem from being called fixed before that is proved.
func actionEffective(ctx context.Context, p *Problem, look flow.Look) ([]flow.Blocker, error) {
	proved, err := FindAll[CorrectiveAction](ctx, look, flow.Where{"problem_id": p.ID, "state": "effective"}, mostLinked)
	if err != nil {
		return nil, err
	}
	for _, a := range proved {
		if a.VerifiedAt > p.DiagnosedAt { // an older one did not keep it from coming back
			return nil, nil
		}
	}
	return flow.Block("No corrective action of the problem has proved effective since it was diagnosed."), nil
}

// watch sets until when nothing new may come of the problem.
func watch(ctx context.Context, p *Problem, do flow.Do) error {
	p.WatchUntil = today(ctx, do).Days(days(ctx, do, "problem_watch_days"))
	return nil
}

func watchDue(_ context.Context, p *Problem, _ flow.Look) (Limit, error) {
	return Limit{On: p.WatchUntil}, nil
}

// tellIssues tells those who answer for the issues that the cause is removed.
func tellIssues(ctx context.Context, p *Problem, do flow.Do) error {
	issues, err := p.issues(ctx, do)
	if err != nil {
		return err
	}
	var people []string
	for _, i := range issues {
		people = append(people, i.OwnerID, i.AssigneeID)
	}
	return do.Tell(ctx, people, "fixed")
}

// promptLesson reminds the owner to say what was learned.
func promptLesson(ctx context.Context, p *Problem, do flow.Do) error {
	return do.Tell(ctx, []string{p.OwnerID}, "lesson_prompted")
}

// watchedLongEnough keeps a problem from being closed before it could come back.
func watchedLongEnough(ctx context.Context, p *Problem, look flow.Look) ([]flow.Blocker, error) {
	if today(ctx, look) < p.WatchUntil {
		return flow.Block("It is watched until %s.", p.WatchUntil), nil
	}
	return nil, nil
}

// nothingNew keeps a problem from being closed that came back.
func nothingNew(ctx context.Context, p *Problem, look flow.Look) (blockers []flow.Blocker, err error) {
	issues, err := p.issues(ctx, look)
	for _, i := range issues {
		if i.RaisedAt > p.FixedAt {
			blockers = append(blockers, flow.Blocker{Detail: "This issue came of it since it was fixed: diagnose the problem anew.", Resource: Pointer(i)})
		}
	}
	return blockers, err
}
