package register

import (
	"time"

	"rapport/internal/flow"
)

// A Problem is the cause that several issues or complaints share.
type Problem struct {
	Base
	ProblemFields
	Clocked
	// DiagnosedAt is when its cause was last found.
	DiagnosedAt Instant `json:"diagnosed_at"`
	// FixedAt is when the cause was removed.
	FixedAt Instant `json:"fixed_at"`
	// WatchUntil is the day until which no new issue or complaint may come of it.
	WatchUntil Date `json:"watch_until"`
	// ClosedAt is when it was closed.
	ClosedAt Instant `json:"closed_at"`
	ProblemDerived
}

// ProblemFields are what a client writes of a problem.
type ProblemFields struct {
	// Title says in a line what the issues share.
	Title string `json:"title" validate:"required,max=200" list:"title" pii:"yes" example:"Lorries come on quiet nights"`
	// Description tells more, in Markdown.
	Description string `json:"description" validate:"max=20000" list:"search" pii:"yes"`
	// Category is the part of our work that it is about.
	Category string `json:"category" enum:"issue_category" default:"unknown" example:"environment"`
	// IssueIDs are the issues that share it: with the complaints two at least, or a critical one. Later ones join by their transition link_problem.
	IssueIDs List[string] `json:"issue_ids" ref:"issue" inherits:"yes" validate:"max=200,unique" set:"create"`
	// ComplaintIDs are the complaints that share it. Later ones join by their transition link_problem.
	ComplaintIDs List[string] `json:"complaint_ids" ref:"complaint" inherits:"yes" validate:"max=200,unique" set:"create"`
	// CauseMethod is how the cause was looked for.
	CauseMethod string `json:"cause_method" enum:"cause_method" default:"none" set:"diagnose" example:"five_whys"`
	// CauseChains lead from what happened down to the cause, each step with its evidence.
	CauseChains List[CauseChain] `json:"cause_chains" validate:"max=20,dive" set:"diagnose" pii:"yes"`
	// RootCause says what the cause is.
	RootCause string `json:"root_cause" validate:"max=4000" set:"diagnose" list:"search" pii:"yes" example:"Late ships may leave the plan without asking."`
	// CauseCategory is the sort of cause.
	CauseCategory string `json:"cause_category" enum:"cause_category" default:"unknown" set:"diagnose" example:"process"`
}

// ProblemDerived is how much harm a problem does, by its issues and complaints.
type ProblemDerived struct {
	// IssueCount is how many issues share it.
	IssueCount int `json:"issue_count" list:"filter,sort"`
	// ComplaintCount is how many complaints share it.
	ComplaintCount int `json:"complaint_count"`
	// SeveritySum adds their severities up: 1 for low to 4 for critical.
	SeveritySum int `json:"severity_sum"`
	// StakeholderCount is how many stakeholders raised or made one, or are affected by one.
	StakeholderCount int `json:"stakeholder_count"`
	// Exposure is the severities once more, each times one and the highest salience rank, 0 to 3, among those concerned.
	Exposure int `json:"exposure" list:"filter,sort"`
}

// Problems are what issues and complaints have in common.
var Problems = Define(Kind[Problem]{
	Name: "problem", Plural: "problems", Prefix: "PRB",
	Doc: "The cause that several issues or complaints share: found with evidence, removed by a corrective action that proved effective, and watched for a while.",
	Flow: flow.Table[*Problem]{
		Start: "open",
		Ends:  flow.From("closed"),
		Rows:  problemRows,
	},
	Paths:  []string{"state -> -updated_at", "owner_id, state -> -updated_at"},
	Clocks: problemClocks,
	Check:  checkProblem,
	Born:   linkCases,
	Derive: expose,
})

var problemRows = []flow.Transition[*Problem]{
	{
		Name: "diagnose", Doc: "Say what the cause is, and how that was found; a corrective action is drafted unless one is under way. What came back is diagnosed anew.",
		From: flow.From("open", "diagnosed", "fix_planned", "fixed"), To: "diagnosed", Level: 4, Needs: []string{"root_cause", "cause_category", "cause_method"},
		Anew: causeFields, AnewFrom: flow.From("fixed"), // it came back
		Guards: []flow.Guard[*Problem]{{Code: "no_cause", Check: problemCauseFound}},
		Keep: func(p *Problem, _ string, at time.Time) {
			p.DiagnosedAt, p.FixedAt, p.WatchUntil = At(at), "", ""
		},
		Then: draftAction,
	},
	{
		Name: "plan", Doc: "Say that the fix is planned: a corrective action was approved.", From: flow.From("diagnosed"), To: "fix_planned", Level: 5,
		Guards: []flow.Guard[*Problem]{{Code: "no_approved_action", Check: actionApproved}},
	},
	{
		Name: "fix", Doc: "Say that the cause is removed: a corrective action proved effective.", From: flow.From("fix_planned"), To: "fixed", Level: 5,
		Guards: []flow.Guard[*Problem]{{Code: "no_effective_action", Check: actionEffective}},
		First:  watch,
		Keep:   func(p *Problem, _ string, at time.Time) { p.FixedAt = At(at) },
		Then:   tellHandlers,
	},
	{
		Name: "close", Doc: "Close the problem: nothing new came of it while it was watched.", From: flow.From("fixed"), To: "closed", Level: 5, FourEyes: "fix",
		Guards: []flow.Guard[*Problem]{{Code: "watched_still", Check: watchedLongEnough}, {Code: "came_back", Check: nothingNew}},
		Keep:   func(p *Problem, _ string, at time.Time) { p.ClosedAt = At(at) },
		Then:   promptLesson,
	},
}

// problemClocks are the time limits of problems.
var problemClocks = []Clock[*Problem]{
	{Name: "diagnose", Doc: "Find the cause.", Runs: flow.From("open"), Due: within[*Problem]("problem_diagnose_days")},
	{Name: "watch", Doc: "Close the problem, or diagnose it anew.", Runs: flow.From("fixed"), Reminds: true, Due: watchDue},
}
