package register

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// An Escalation takes a matter to a higher level: it says to whom, why, by when an
// answer is due, and what was decided. The escalations of one record form a chain,
// of which one at most is open.
type Escalation struct {
	Base
	EscalationFields
	Clocked
	// SubjectType is the kind of the record that is escalated.
	SubjectType string `json:"subject_type" enum:"escalated"`
	// SubjectID is the id of that record.
	SubjectID string `json:"subject_id"`
	// StakeholderID is the stakeholder whom that record is about.
	StakeholderID string `json:"stakeholder_id" ref:"stakeholder"`
	// FromLevel is the level from which the matter comes.
	FromLevel int `json:"from_level"`
	// LadderID is the ladder on which it climbs.
	LadderID string `json:"ladder_id" ref:"escalation_ladder"`
	// Rung is what the step of the ladder is called.
	Rung string `json:"rung"`
	// HolderID is who stood on the rung when the matter came there, and decides; where nobody did, whoever acknowledges it.
	HolderID string `json:"holder_id" ref:"user" named:"yes"`
	// DeputyID is who stands in for the holder.
	DeputyID string `json:"deputy_id" ref:"user" named:"yes"`
	// RespondWithin is how soon an answer is due, an ISO 8601 duration.
	RespondWithin string `json:"respond_within"`
	// Calendar is the key of the calendar by which that runs, null for the organisation's.
	Calendar string `json:"calendar"`
	// PreviousID is the escalation of the same record that this one takes further.
	PreviousID string `json:"previous_id" ref:"escalation"`
	// AcknowledgedAt is when somebody of the rung took the matter in hand.
	AcknowledgedAt Instant `json:"acknowledged_at"`
	// DecidedAt is when it was decided.
	DecidedAt Instant `json:"decided_at"`
	// DecidedByID is who decided.
	DecidedByID string `json:"decided_by_id" ref:"user"`
}

// EscalationFields are what a client writes of an escalation.
type EscalationFields struct {
	// IssueID is the issue that is escalated.
	IssueID string `json:"issue_id" ref:"issue" set:"create"`
	// ComplaintID is the complaint that is escalated, where it is no issue.
	ComplaintID string `json:"complaint_id" ref:"complaint" set:"create"`
	// ToLevel is the level that is asked, 5 to 7; left out, it is the next one up on whose rung somebody stands.
	ToLevel int `json:"to_level" validate:"omitempty,min=5,max=7" set:"create" list:"filter,sort" example:"5"`
	// Cause says what sort of reason there is; breach and review are given by the register alone.
	Cause string `json:"cause" enum:"escalation_cause" default:"beyond_authority" set:"create" example:"request"`
	// Reason says why the matter cannot be settled below.
	Reason string `json:"reason" validate:"required,max=4000" set:"create" pii:"yes" list:"search" example:"No reply in 5 days"`
	// Override says that the rungs between are left out on purpose.
	Override bool `json:"override" set:"create"`
	// Decision is what was decided, in Markdown.
	Decision string `json:"decision" validate:"max=20000" set:"decide" pii:"yes" list:"search"`
	// DecisionReason says why.
	DecisionReason string `json:"decision_reason" validate:"max=20000" set:"decide" pii:"yes"`
	// Instructions are what has to be done now; they bind those who deal with the record.
	Instructions string `json:"instructions" validate:"max=20000" set:"decide" pii:"yes"`
	// InstructionsDueOn is the day by which.
	InstructionsDueOn Date `json:"instructions_due_on" set:"decide"`
	// CarriedOut says how the instructions were carried out.
	CarriedOut string `json:"carried_out" validate:"max=20000" set:"close" pii:"yes"`
	// CarriedOutOn is the day of that.
	CarriedOutOn Date `json:"carried_out_on" default:"today" set:"close"`
}

// openEscalation are the states in which an escalation waits on somebody.
var openEscalation = flow.From("raised", "acknowledged", "considering", "decided")

// undecided are those in which it waits on the rung.
var undecided = flow.From("raised", "acknowledged", "considering")

// Escalations take matters up.
var Escalations = Define(Kind[Escalation]{
	Name: "escalation", Plural: "escalations", Prefix: "ESC",
	Doc:    "A matter that goes to a higher level: to whom, why, by when an answer is due, and what was decided. What is not answered in time goes further up by itself.",
	Levels: Levels{Create: 4, Update: 5, Remove: 7, Restore: 7},
	Raise: []flow.Raise[*Escalation]{{
		Name: "skip", Level: 5, Why: "rungs between are left out",
		When: func(ctx context.Context, e *Escalation, look flow.Look) (bool, error) { return e.skips(ctx, look) },
	}},
	Flow: flow.Table[*Escalation]{
		Start: "raised",
		Ends:  flow.From("closed", "returned", "advanced", "withdrawn"),
		Rows:  escalationRows,
	},
	Open:   flow.From("raised", "acknowledged", "considering"),
	Under:  "issue_id, complaint_id",
	Paths:  []string{"holder_id, state -> -updated_at", "state -> -updated_at", "issue_id -> -created_at", "complaint_id -> -created_at", "stakeholder_id -> -created_at", "holder_id -> due_on", "deputy_id -> due_on", "owner_id -> due_on"},
	Clocks: escalationClocks,
	Check:  checkEscalation,

	BarredBy: (*Escalation).source,

	Born:    climbed,
	Changed: escalationStands,
})

// onRungAlone are those whom an escalation is meant for.
func onRungAlone(e *Escalation) []string { return []string{e.HolderID, e.DeputyID} }

// higher asks for the level of the rung.
var higher = []flow.Raise[*Escalation]{
	{Name: "level_6", Level: 6, Why: "the matter stands before level 6", When: func(_ context.Context, e *Escalation, _ flow.Look) (bool, error) { return e.ToLevel == 6, nil }},
	{Name: "level_7", Level: 7, Why: "the matter stands before level 7", When: func(_ context.Context, e *Escalation, _ flow.Look) (bool, error) { return e.ToLevel == 7, nil }},
}

const thoseOnRung = "the holder of the rung and the deputy"

var escalationRows = []flow.Transition[*Escalation]{
	{
		Name: "acknowledge", Doc: "Take the matter in hand.", From: flow.From("raised"), To: "acknowledged",
		Level: 5, Raise: higher, Party: onRungAlone, PartyName: thoseOnRung,
		Keep: takeInHand,
		Then: func(ctx context.Context, e *Escalation, do flow.Do) error {
			return do.Tell(ctx, []string{e.OwnerID}, "acknowledged")
		},
	},
	{
		Name: "consider", Doc: "Say that the matter is being looked into.", From: flow.From("acknowledged"), To: "considering",
		Level: 5, Raise: higher, Party: onRungAlone, PartyName: thoseOnRung,
	},
	{
		Name: "decide", Doc: "Decide, and say what has to be done by when; that binds those who deal with the record.",
		From: flow.From("acknowledged", "considering"), To: "decided",
		Level: 5, Raise: higher, Party: onRungAlone, PartyName: thoseOnRung, Needs: []string{"decision", "decision_reason"},
		Guards: []flow.Guard[*Escalation]{{Code: "instructions_undated", Check: instructionsDated}},
		Keep:   func(e *Escalation, by string, at time.Time) { e.DecidedAt, e.DecidedByID = At(at), by },
		Then:   answeredFromAbove,
	},
	{
		Name: "return", Doc: "Give the matter back: the level below is competent.", From: undecided, To: "returned",
		Level: 5, Raise: higher, Party: onRungAlone, PartyName: thoseOnRung, Reason: true, Then: givenBack,
	},
	{
		Name: "advance", Doc: "Let a matter that was not answered in time go to the next level; the register does that by itself.", From: undecided, To: "advanced",
		Level: 5, Guards: []flow.Guard[*Escalation]{{Code: "not_late", Check: outOfTime}, {Code: "top_rung", Check: rungAbove}}, Then: goesUp,
	},
	{
		Name: "supersede", Doc: "End an escalation that another one takes further; the register does that by itself.", From: openEscalation, To: "advanced",
		Level: 5, Guards: []flow.Guard[*Escalation]{{Code: "not_superseded", Check: superseded}},
	},
	{
		Name: "settle", Doc: "End the escalation of an internal review that was decided; the register does that by itself.", From: undecided, To: "closed",
		Level: 5, Guards: []flow.Guard[*Escalation]{{Code: "review_open", Check: reviewDecided}}, First: keepReview, Then: comesDown,
	},
	{
		Guards: []flow.Guard[*Escalation]{{Code: "unanswered", Check: answeredAtTop}},

		Name: "withdraw", Doc: "Take the matter back: it was settled, or need not be decided any more.", From: undecided, To: "withdrawn",
		Level: 4, Raise: others, Reason: true, Then: givenBack,
	},
	{
		Name: "close", Doc: "End a decided matter, once what was decided is carried out.", From: flow.From("decided"), To: "closed",
		Level: 4, Guards: []flow.Guard[*Escalation]{{Code: "instructions_open", Check: carriedOut}}, Then: broughtToAnEnd,
	},
}

// escalationClocks are the time limits of a rung: to take the matter in hand, and to
// decide it. What is missed goes up; from the top there is no further.
var escalationClocks = []Clock[*Escalation]{
	{
		Name: "acknowledge", Doc: "Take the matter in hand.", Runs: flow.From("raised"), Tells: concerned, Then: goUp,
		Due: func(_ context.Context, e *Escalation, _ flow.Look) (Limit, error) {
			return limitOf(e.RespondWithin, e.Calendar), nil
		},
	},
	{
		Name: "decide", Doc: "Decide the matter.", Runs: flow.From("acknowledged", "considering"), Start: "acknowledged_at", Tells: concerned, Then: goUp,
		Due: func(ctx context.Context, e *Escalation, look flow.Look) (Limit, error) {
			return Limit{Days: days(ctx, look, e.decideWithin()), Calendar: e.Calendar}, nil
		},
	},
	{
		Name: "carry_out", Doc: "Carry out what was decided.", Runs: flow.From("decided"),
		Due: func(_ context.Context, e *Escalation, _ flow.Look) (Limit, error) {
			return Limit{On: e.InstructionsDueOn}, nil
		},
	},
}

// concerned are the people who are told of an escalation's time limits.
func concerned(e *Escalation) []string { return []string{e.HolderID, e.DeputyID, e.OwnerID} }

// goUp lets what was not answered in time go to the next level. Of the top rung
// governance shows a red flag instead: nothing is closed in silence.
func goUp(ctx context.Context, e *Escalation, do flow.Do) error {
	n, rec, err := e.matter(ctx, do)
	if err != nil {
		return err
	}
	if m := rec.Meta(); m.DeletedAt != "" || n.Flow.Ended(m.State) { // there is nothing to climb with any more
		return do.Take(ctx, "escalation", e.ID, "withdraw", map[string]any{"reason": "The matter came to its end."})
	}
	if e.ToLevel >= int(authority.L7) {
		return nil
	}
	return do.Take(ctx, "escalation", e.ID, "advance", nil)
}

// climbed carries out what follows from raising: what it takes further ends, the
// record says before which level it stands, and those on the rung are told.
func climbed(ctx context.Context, e *Escalation, do flow.Do) error {
	if e.PreviousID != "" {
		was, err := Find[Escalation](ctx, do, e.PreviousID)
		if err == nil && slices.Contains(openEscalation, was.State) {
			err = do.Take(ctx, "escalation", e.PreviousID, "supersede", nil)
		}
		if err != nil {
			return err
		}
	}
	if err := e.stand(ctx, do, e.ToLevel, e.asks()); err != nil {
		return err
	}
	people, err := askedAbove(ctx, e, do)
	if err != nil {
		return err
	}
	return do.Tell(ctx, people, "escalated")
}

// asks reports whether those below wait for what is decided above: somebody asked,
// and neither was a time limit missed nor is a decision reviewed, for which the work
// goes on below.
func (e *Escalation) asks() bool {
	return e.CreatedBy.Type != authority.System && e.Cause != "breach" && e.Cause != "review"
}

// stand writes on the record before which level it stands. What waited for the rung
// below waits for the next one too, until somebody answers.
func (e *Escalation) stand(ctx context.Context, do flow.Do, level int, waits bool) error {
	noun, id := e.source()
	what := "escalated"
	if level == noLevel {
		what = "updated"
	}
	return do.Mark(ctx, noun, id, what, func(rec any) {
		is := escalatedOf(rec.(Record))
		is.EscalationLevel, is.WaitsAbove = level, level != noLevel && (waits || is.WaitsAbove)
	})
}

// comesDown ends an escalation: the record stands before nobody above any more.
func comesDown(ctx context.Context, e *Escalation, do flow.Do) error {
	return e.stand(ctx, do, noLevel, false)
}

// broughtToAnEnd ends a decided matter; who owns one that went far up is asked what
// was learned.
func broughtToAnEnd(ctx context.Context, e *Escalation, do flow.Do) error {
	if err := comesDown(ctx, e, do); err != nil || e.ToLevel < int(authority.L6) {
		return err
	}
	return do.Tell(ctx, []string{e.OwnerID}, "lesson_prompted")
}

// answeredFromAbove lets the record's time limits go on: those below know what to do.
func answeredFromAbove(ctx context.Context, e *Escalation, do flow.Do) error {
	noun, id := e.source()
	if err := do.Keep(ctx, noun, id, func(rec any) { escalatedOf(rec.(Record)).WaitsAbove = false }); err != nil {
		return err
	}
	return do.Tell(ctx, []string{e.OwnerID}, "decided")
}

// goesUp raises the next escalation of a chain.
func goesUp(ctx context.Context, e *Escalation, do flow.Do) error {
	next := &Escalation{EscalationFields: EscalationFields{
		IssueID: e.IssueID, ComplaintID: e.ComplaintID, Cause: e.climbsFor(), Reason: "No answer in time from level " + strconv.Itoa(e.ToLevel) + ".", Override: true,
	}}
	next.OwnerID, next.PreviousID = e.OwnerID, e.ID
	return do.Enter(ctx, next)
}

// climbsFor is why a matter goes further up: a review stays one.
func (e *Escalation) climbsFor() string {
	if e.Cause == "review" {
		return e.Cause
	}
	return "breach"
}

// escalationStands lets a record stand before the right level when an escalation is
// set aside or comes back.
func escalationStands(ctx context.Context, before, e *Escalation, do flow.Do) error {
	switch {
	case !slices.Contains(openEscalation, e.State) || (before.DeletedAt == "") == (e.DeletedAt == ""):
		return nil
	case e.DeletedAt != "":
		if err := e.mayGo(ctx, do); err != nil {
			return err
		}
		return comesDown(ctx, e, do)
	}
	return e.stand(ctx, do, e.ToLevel, e.asks() && e.State != "decided")
}
