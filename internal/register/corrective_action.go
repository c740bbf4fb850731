package register

import (
	"context"
	"time"

	"rapport/internal/flow"
)

// A CorrectiveAction removes the cause of something that went wrong, and proves by
// a number, fixed beforehand, that it is gone.
type CorrectiveAction struct {
	Base
	CorrectiveActionFields
	Ticking
	// ApprovedAt is when the plan was last approved; its criterion is frozen from then on.
	ApprovedAt Instant `json:"approved_at"`
	// WindowEndsOn is the day from which the effect can be measured.
	WindowEndsOn Date `json:"window_ends_on" list:"filter"`
	// VerifiedAt is when the effect was last measured against the criterion.
	VerifiedAt Instant `json:"verified_at"`
	// Failures counts how often the measured value missed the criterion.
	Failures int `json:"failures"`
}

// CorrectiveActionFields are what a client writes of a corrective action.
type CorrectiveActionFields struct {
	// Title says in a line what is to be put right.
	Title string `json:"title" validate:"required,max=200" list:"title" pii:"yes" example:"Move deliveries to 07:00"`
	// Description tells what went wrong, in Markdown.
	Description string `json:"description" validate:"max=20000" list:"search" pii:"yes"`
	// IssueID is the issue that it follows from.
	IssueID string `json:"issue_id" ref:"issue" inherits:"yes" set:"create"`
	// ProblemID is the problem that it follows from, in place of an issue.
	ProblemID string `json:"problem_id" ref:"problem" inherits:"yes" set:"create"`
	// ComplaintID is the complaint that it follows from, in place of an issue.
	ComplaintID string `json:"complaint_id" ref:"complaint" inherits:"yes" set:"create"`
	// VerifierID is who measures the effect: somebody other than who implements it.
	VerifierID string `json:"verifier_id" ref:"user" named:"yes"`
	// CauseMethod is how the cause was looked for.
	CauseMethod string `json:"cause_method" enum:"cause_method" default:"none" set:"analyse" example:"five_whys"`
	// CauseChains lead from what happened down to a cause, each step with its evidence.
	CauseChains List[CauseChain] `json:"cause_chains" validate:"max=20,dive" set:"analyse" pii:"yes"`
	// RootCause says what the cause is.
	RootCause string `json:"root_cause" validate:"max=4000" set:"analyse" list:"search" pii:"yes" example:"The berth plan knows no quiet hours."`
	// CauseCategory is the sort of cause.
	CauseCategory string `json:"cause_category" enum:"cause_category" default:"unknown" set:"analyse" example:"process"`
	// Action is what will be done, in Markdown.
	Action string `json:"action" validate:"max=20000" set:"plan" list:"search" pii:"yes"`
	// DueOn is the day by which it is to be in place.
	DueOn Date `json:"due_on" set:"create,plan,extend" list:"filter,sort" example:"2026-12-05"`
	// CriterionMeasure says what is measured to see whether it works.
	CriterionMeasure string `json:"criterion_measure" validate:"max=200" set:"plan" example:"Lorries between 23:00 and 06:00, a week"`
	// CriterionOperator says how the measured value must stand to criterion_value.
	CriterionOperator string `json:"criterion_operator" enum:"comparison" default:"unknown" set:"plan" example:"at_most"`
	// CriterionValue is the value to be met, a decimal number as text.
	CriterionValue string `json:"criterion_value" validate:"omitempty,numeric,max=20" set:"plan" example:"4"`
	// CriterionUnit is the unit of both.
	CriterionUnit string `json:"criterion_unit" validate:"max=40" set:"plan" example:"lorries"`
	// DataSource says where the measured value comes from.
	DataSource string `json:"data_source" validate:"max=400" set:"plan" example:"Gate counter, weekly report"`
	// WindowDays is for how many days the effect is observed before it is measured.
	WindowDays *int `json:"window_days" validate:"omitempty,min=1,max=1095" set:"plan" example:"30"`
	// SideEffects say what else the action may bring about, and what is done against it.
	SideEffects string `json:"side_effects" validate:"max=4000" set:"plan,approve" pii:"yes"`
	// CrossUnit says that other units have to change something too.
	CrossUnit bool `json:"cross_unit" set:"create,plan"`
	// StartsOn is the day on which the work begins.
	StartsOn Date `json:"starts_on" default:"today" set:"start"`
	// ImplementedOn is the day on which it was in place; the observation begins then.
	ImplementedOn Date `json:"implemented_on" default:"today" set:"implement"`
	// ImplementationEvidence says where that can be seen.
	ImplementationEvidence string `json:"implementation_evidence" validate:"max=4000" set:"implement" pii:"yes"`
	// MeasuredValue is what was measured at the end of the window, a decimal number as text.
	MeasuredValue string `json:"measured_value" validate:"omitempty,numeric,max=20" set:"verify" example:"3"`
	// MeasuredOn is the day of that.
	MeasuredOn Date `json:"measured_on" default:"today" set:"verify"`
	// MeasurementEvidence says where the value can be seen.
	MeasurementEvidence string `json:"measurement_evidence" validate:"max=4000" set:"verify" pii:"yes"`
}

// CauseChain leads from what happened to one of its causes.
type CauseChain struct {
	// Effect is what happened, at the chain's head.
	Effect string `json:"effect" validate:"required,max=1000"`
	// Whys are the answers to the question why, each to the one before, down to the cause.
	Whys List[Why] `json:"whys" validate:"required,min=1,max=10,dive"`
}

// Why is one step of a cause chain.
type Why struct {
	// Because is the answer.
	Because string `json:"because" validate:"required,max=1000"`
	// Evidence says how we know.
	Evidence string `json:"evidence" validate:"required,max=2000"`
}

// CorrectiveActions are what removes causes.
var CorrectiveActions = Define(Kind[CorrectiveAction]{
	Name: "corrective_action", Plural: "corrective_actions", Prefix: "CAP",
	Doc: "What removes the cause of something that went wrong: cause, plan, a number that must be met, and the proof that it was.",
	Flow: flow.Table[*CorrectiveAction]{
		Start: "raised",
		Ends:  flow.From("effective", "cancelled"),
		Rows:  correctiveRows,
	},
	Under:  "issue_id, problem_id, complaint_id",
	Levels: Levels{Create: 4, Update: 4, Remove: 6, Restore: 5}, // what removing takes, cancelling takes
	Paths:  []string{"state -> -updated_at", "owner_id, state -> -updated_at", "issue_id -> -updated_at", "problem_id -> -updated_at", "complaint_id -> -updated_at"},
	Clocks: correctiveClocks,
	Check:  checkCorrectiveAction,
	Changed: func(ctx context.Context, before, a *CorrectiveAction, do flow.Do) error {
		if err := actionStays(ctx, before, a, do); err != nil {
			return err
		}
		return correctiveCounts(ctx, before, a, do)
	},
})

// openCorrective are the states in which a corrective action is not at its end.
var openCorrective = flow.From("raised", "cause_analysed", "planned", "approved", "implementing", "implemented", "verifying", "ineffective")

var correctiveRows = []flow.Transition[*CorrectiveAction]{
	{
		Name: "analyse", Doc: "Say what the cause is, and how that was found; after a failure, look again.",
		From: flow.From("raised", "cause_analysed", "ineffective"), To: "cause_analysed", Level: 4,
		Needs: []string{"root_cause", "cause_category", "cause_method"},
		Anew:  causeFields, AnewFrom: flow.From("ineffective"), // what was found before led to nothing
		Guards: []flow.Guard[*CorrectiveAction]{{Code: "no_cause", Check: causeFound}},
	},
	{
		Name: "plan", Doc: "Plan the action, and the number by which its effect will be judged; a plan that is not approved yet can be planned anew.",
		From: flow.From("cause_analysed", "planned"), To: "planned", Level: 4, Raise: []flow.Raise[*CorrectiveAction]{unitsLeftOut},
		Needs:  []string{"action", "owner_id", "due_on", "criterion_measure", "criterion_operator", "criterion_value", "criterion_unit", "data_source", "window_days"},
		Guards: []flow.Guard[*CorrectiveAction]{{Code: "no_criterion", Check: criterionSet}, {Code: "due_in_past", Check: dueAhead}},
		Keep: func(a *CorrectiveAction, _ string, _ time.Time) {
			a.ApprovedAt, a.StartsOn, a.ImplementedOn, a.WindowEndsOn, a.ImplementationEvidence = "", "", "", "", ""
			a.MeasuredValue, a.MeasuredOn, a.MeasurementEvidence, a.VerifiedAt = "", "", "", ""
		},
	},
	{
		Name: "approve", Doc: "Approve the plan; its criterion stands from then on.",
		From: flow.From("planned"), To: "approved", Level: 5, FourEyes: "plan", Needs: []string{"side_effects"},
		Raise: []flow.Raise[*CorrectiveAction]{crossUnit},
		Keep:  func(a *CorrectiveAction, _ string, at time.Time) { a.ApprovedAt = At(at) },
	},
	{
		Name: "start", Doc: "Begin with the work.", From: flow.From("approved"), To: "implementing", Level: 4, Needs: []string{"owner_id", "starts_on"},
	},
	{
		Name: "extend", Doc: "Give the work more time.", From: flow.From("approved", "implementing"), Level: 5, Reason: true, Needs: []string{"due_on"}, Anew: []string{"due_on"},
		Guards: []flow.Guard[*CorrectiveAction]{{Code: "due_in_past", Check: dueAhead}, {Code: "not_later", Check: dueLater}},
	},
	{
		Name: "implement", Doc: "Say that the action is in place, and where that can be seen; the observation begins.",
		From: flow.From("implementing"), To: "implemented", Level: 4, Needs: []string{"implemented_on", "implementation_evidence"},
		Keep: func(a *CorrectiveAction, _ string, _ time.Time) { a.WindowEndsOn = a.windowEnd() },
	},
	{
		Name: "begin_verification", Doc: "Measure the effect from now on: the window is over. The register does that by itself.",
		From: flow.From("implemented"), To: "verifying", Level: 4,
		Guards: []flow.Guard[*CorrectiveAction]{{Code: "window_open", Check: windowOver}},
	},
	{
		Name: "verify", Doc: "Hold the measured value against the criterion: it decides whether the action was effective.",
		From: flow.From("verifying"), To: "effective", Or: flow.From("ineffective"), Pick: (*CorrectiveAction).verdict, Level: 5, FourEyes: "implement",
		Needs: []string{"measured_value", "measured_on", "measurement_evidence"},
		Keep:  keepVerdict,
		Then:  correctiveVerified,
	},
	{
		Name: "cancel", Doc: "Give the action up; what it follows from is open again.", From: openCorrective, To: "cancelled", Level: 6, Reason: true,
		Then: correctiveCancelled,
	},
}

// correctiveClocks are the time limits of corrective actions.
var correctiveClocks = []Clock[*CorrectiveAction]{
	{Name: "analyse", Doc: "Find the cause.", Runs: flow.From("raised", "ineffective"), Due: within[*CorrectiveAction]("corrective_action_analyse_days")},
	{Name: "plan", Doc: "Plan the action.", Runs: flow.From("cause_analysed"), Due: within[*CorrectiveAction]("corrective_action_plan_days")},
	{Name: "approve", Doc: "Approve the plan, or have it planned anew.", Runs: flow.From("planned"), Due: within[*CorrectiveAction]("corrective_action_approve_days")},
	{Name: "implement", Doc: "Have the action in place.", Runs: flow.From("approved", "implementing"), Due: correctiveDue},
	{Name: "window", Doc: "Begin to measure the effect.", Runs: flow.From("implemented"), Reminds: true, Tells: verifiers, Due: windowDue, Then: windowElapsed},
	{Name: "verify", Doc: "Measure the effect.", Runs: flow.From("verifying"), Tells: verifiers, Due: within[*CorrectiveAction]("corrective_action_verify_days")},
}
