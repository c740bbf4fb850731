package register

import (
	"context"
	"slices"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// mostLinked is how many cases of a problem and a noun are looked at.
const mostLinked = 1000

// A sharer is an issue or a complaint, as far as it shares a problem with others.
type sharer interface {
	Record
	problem() *string
	severity() string
	parties() []string
	arrived() Instant
	handlers() []string
}

func (i *Issue) problem() *string   { return &i.ProblemID }
func (i *Issue) severity() string   { return i.Severity }
func (i *Issue) arrived() Instant   { return i.RaisedAt }
func (i *Issue) handlers() []string { return []string{i.OwnerID, i.AssigneeID} }

func (c *Complaint) problem() *string   { return &c.ProblemID }
func (c *Complaint) severity() string   { return c.Severity }
func (c *Complaint) arrived() Instant   { return c.ReceivedAt }
func (c *Complaint) handlers() []string { return []string{c.OwnerID, c.AssigneeID} }

// parties are whom the complaint concerns: who complains.
func (c *Complaint) parties() []string {
	if c.StakeholderID == "" {
		return nil
	}
	return []string{c.StakeholderID}
}

// parties are the stakeholders whom the issue concerns.
func (i *Issue) parties() []string {
	ids := slices.Clone([]string(i.AffectedStakeholderIDs))
	if i.StakeholderID != "" && !slices.Contains(ids, i.StakeholderID) {
		ids = append(ids, i.StakeholderID)
	}
	return ids
}

// members are the cases of a noun with which the problem was opened or that joined.
func (p *Problem) members(noun string) *List[string] {
	if noun == "complaint" {
		return &p.ComplaintIDs
	}
	return &p.IssueIDs
}

// cases are the issues and complaints that share the problem.
func (p *Problem) cases(ctx context.Context, look flow.Look) (cases []sharer, err error) {
	for _, noun := range []string{"issue", "complaint"} {
		found, err := look.List(ctx, noun, flow.Where{"problem_id": p.ID}, mostLinked)
		if err != nil {
			return nil, err
		}
		for _, rec := range found {
			cases = append(cases, rec.(sharer))
		}
	}
	return cases, nil
}

// checkProblem keeps a single case from being called a problem, unless it is critical.
func checkProblem(ctx context.Context, p *Problem, look flow.Look) (faults fault.Fields, err error) {
	if p.Version > 0 {
		return nil, nil
	}
	if faults, err = p.taken(ctx, look); err != nil || len(faults) > 0 || len(p.IssueIDs)+len(p.ComplaintIDs) >= 2 {
		return faults, err
	}
	for _, noun := range []string{"issue", "complaint"} {
		ids := *p.members(noun)
		if len(ids) == 0 {
			continue
		}
		critical, err := look.Count(ctx, noun, flow.Where{"id": []string(ids), "severity": "critical"})
		if err != nil || critical > 0 {
			return nil, err
		}
	}
	faults.At("#/issue_ids", "required", "issue_ids: a problem is shared by two issues or complaints at least, or made by a critical one.")
	return faults, nil
}

// taken finds the cases of a new problem that belong to another one: they leave it by a
// step of their own, which its history tells.
func (p *Problem) taken(ctx context.Context, look flow.Look) (faults fault.Fields, err error) {
	for _, noun := range []string{"issue", "complaint"} {
		for i, id := range *p.members(noun) {
			rec, err := look.Get(ctx, noun, id)
			if err != nil {
				return nil, err
			}
			other := *rec.(sharer).problem()
			if other == "" {
				continue
			}
			name, err := problemSaid(ctx, other, look)
			if err != nil {
				return nil, err
			}
			at := "#/" + noun + "_ids/" + strconv.Itoa(i)
			faults.At(at, "conflicts_with", "%s: it belongs to %s; take it off by unlink_problem first, or link it to this one by link_problem later.", Spoken(at), name)
		}
	}
	return faults, nil
}

// problemSaid is what a problem is called to who asks: no name where it is hidden.
func problemSaid(ctx context.Context, id string, look flow.Look) (string, error) {
	p, err := Find[Problem](ctx, look, id)
	if err != nil || p.Sensitivity > authority.From(ctx).Clearance() {
		return "another problem", err
	}
	return Of(p).Ref(strconv.AppendInt(nil, p.Num, 10)), nil
}

// linkCases links the issues and complaints with which a problem was opened.
func linkCases(ctx context.Context, p *Problem, do flow.Do) error {
	for _, noun := range []string{"issue", "complaint"} {
		for _, id := range *p.members(noun) {
			if err := do.Keep(ctx, noun, id, func(rec any) { *rec.(sharer).problem() = p.ID }); err != nil {
				return err
			}
		}
	}
	return do.Derive(ctx, "problem", p.ID)
}

// problemLinked follows an issue or a complaint into a problem, if there is one now, and
// out of the one before.
func problemLinked(ctx context.Context, s sharer, was string, do flow.Do) error {
	noun, id, into := Of(s).Name, s.Meta().ID, *s.problem()
	if was == into {
		return nil
	}
	if err := leave(ctx, was, noun, id, do); err != nil || into == "" {
		return err
	}
	err := do.Keep(ctx, "problem", into, func(rec any) {
		p := rec.(*Problem)
		ids := p.members(noun)
		*ids = append(slices.Clone(*ids), id)
		p.Sensitivity = max(p.Sensitivity, s.Common().Sensitivity)
	})
	if err != nil {
		return err
	}
	return do.Derive(ctx, "problem", into)
}

// leave takes an issue or a complaint out of the problem that it was linked to before.
func leave(ctx context.Context, problem, noun, id string, do flow.Do) error {
	if problem == "" {
		return nil
	}
	err := do.Keep(ctx, "problem", problem, func(rec any) {
		ids := rec.(*Problem).members(noun)
		*ids = slices.DeleteFunc(slices.Clone(*ids), func(other string) bool { return other == id })
	})
	if err != nil {
		return err
	}
	return do.Derive(ctx, "problem", problem)
}

// reexposedBy reckons the exposure of the problem anew that a record shares.
func reexposedBy[S sharer](ctx context.Context, s S, do flow.Do) error {
	if *s.problem() == "" {
		return nil
	}
	return do.Derive(ctx, "problem", *s.problem())
}

// expose reckons how much harm the problem does.
func expose(ctx context.Context, p *Problem, look flow.Look) error {
	cases, err := p.cases(ctx, look)
	if err != nil {
		return err
	}
	parties := map[string]int{}
	for _, s := range cases {
		for _, id := range s.parties() {
			parties[id] = 0
		}
	}
	if err := rankParties(ctx, look, parties); err != nil {
		return err
	}
	p.ProblemDerived = ProblemDerived{StakeholderCount: len(parties)}
	for _, s := range cases {
		highest := 0
		for _, id := range s.parties() {
			highest = max(highest, parties[id])
		}
		if _, complaint := s.(*Complaint); complaint {
			p.ComplaintCount++
		} else {
			p.IssueCount++
		}
		p.SeveritySum += severities[s.severity()]
		p.Exposure += severities[s.severity()] * (1 + highest)
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

// tellHandlers tells those who answer for the issues and complaints that the cause is removed.
func tellHandlers(ctx context.Context, p *Problem, do flow.Do) error {
	cases, err := p.cases(ctx, do)
	if err != nil {
		return err
	}
	var people []string
	for _, s := range cases {
		people = append(people, s.handlers()...)
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

// nothingNew keeps a problem from being closed that came back. What was entered since it
// was fixed counts whatever day it is said to be of: nobody can hold that against anything.
func nothingNew(ctx context.Context, p *Problem, look flow.Look) (blockers []flow.Blocker, err error) {
	cases, err := p.cases(ctx, look)
	for _, s := range cases {
		if max(s.arrived(), s.Meta().CreatedAt) > p.FixedAt {
			detail := "This " + Of(s).Name + " arose or was entered since it was fixed: diagnose the problem anew, or take off by unlink_problem what is not of its cause."
			blockers = append(blockers, flow.Blocker{Detail: detail, Resource: Pointer(s)})
		}
	}
	return blockers, err
}
