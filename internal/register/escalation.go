package register

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
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
	// FromLevel is the level from which the matter comes.
	FromLevel int `json:"from_level"`
	// LadderID is the ladder on which it climbs.
	LadderID string `json:"ladder_id" ref:"escalation_ladder"`
	// Rung is what the step of the ladder is called.
	Rung string `json:"rung"`
	// HolderID is who stood on the rung when the matter came there, and decides.
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
	// Cause says what sort of reason there is.
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
	Open:    flow.From("raised", "acknowledged", "considering"),
	Under:   "issue_id, complaint_id",
	Paths:   []string{"holder_id, state -> -updated_at", "state -> -updated_at", "issue_id -> -created_at", "complaint_id -> -created_at", "holder_id -> due_on", "deputy_id -> due_on", "owner_id -> due_on"},
	Clocks:  escalationClocks,
	Check:   checkEscalation,
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
		Keep: func(e *Escalation, _ string, at time.Time) { e.AcknowledgedAt = At(at) },
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
	if e.ToLevel >= int(authority.L7) {
		return nil
	}
	return do.Take(ctx, "escalation", e.ID, "advance", nil)
}

// source is the record that is escalated: its kind and its id.
func (e *Escalation) source() (noun, id string) {
	if e.ComplaintID != "" {
		return "complaint", e.ComplaintID
	}
	return "issue", e.IssueID
}

// matter is the record that an escalation is about, with its noun.
func (e *Escalation) matter(ctx context.Context, look flow.Look) (*Noun, Record, error) {
	noun, id := e.source()
	rec, err := look.Get(ctx, noun, id)
	if err != nil {
		return nil, nil, err
	}
	return ByName(noun), rec.(Record), nil
}

// checkEscalation completes a new escalation with what its ladder says, and refuses
// one that leads nowhere.
func checkEscalation(ctx context.Context, e *Escalation, look flow.Look) (faults fault.Fields, err error) {
	if e.Version > 0 {
		return nil, nil
	}
	source, id := e.source()
	if oneSource(&faults, "what is escalated", named{"issue_id", e.IssueID}, named{"complaint_id", e.ComplaintID}); len(faults) > 0 || id == "" {
		return faults, nil
	}
	n, rec, err := e.matter(ctx, look)
	if err != nil {
		return nil, err
	}
	m := rec.Meta()
	e.SubjectType, e.SubjectID, e.FromLevel = n.Name, m.ID, escalatedOf(rec).EscalationLevel
	if e.OwnerID == "" {
		e.OwnerID = rec.Common().OwnerID
	}
	if n.Flow.Ended(m.State) {
		faults.At("#/"+source+"_id", "conflicts_with", "It is %s: there is nothing to escalate any more.", m.State)
		return faults, nil
	}
	open, err := openEscalationsOf(ctx, look, n.Name, m.ID)
	if err != nil {
		return nil, err
	}
	if len(open) > 0 {
		e.PreviousID = open[0].ID
	}
	ladder, err := ladderFor(ctx, n.Name, look)
	if err != nil {
		return nil, err
	}
	return e.place(ctx, ladder, look)
}

// openEscalationsOf are the open escalations of a record; there is one at most.
func openEscalationsOf(ctx context.Context, look flow.Look, noun, id string) ([]*Escalation, error) {
	return FindAll[Escalation](ctx, look, flow.Where{noun + "_id": id, "state": openEscalation}, 2)
}

// ladderFor is the ladder named after a noun, else the default one.
func ladderFor(ctx context.Context, noun string, look flow.Look) (*EscalationLadder, error) {
	for _, key := range []string{noun, DefaultLadder} {
		found, err := FindAll[EscalationLadder](ctx, look, flow.Where{"key": key}, 1)
		if err != nil || len(found) > 0 {
			return first(found), err
		}
	}
	return &EscalationLadder{}, nil
}

func first[T any](list []*T) *T {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// place puts the escalation on its rung.
func (e *Escalation) place(ctx context.Context, ladder *EscalationLadder, look flow.Look) (faults fault.Fields, err error) {
	next := e.ToLevel == 0 // the rungs without anybody on them are passed over
	if next {
		if e.ToLevel, err = ladder.above(ctx, e.FromLevel, look); err != nil {
			return nil, err
		}
	}
	rung := ladder.at(e.ToLevel)
	switch {
	case e.FromLevel >= int(authority.L7):
		faults.At("#/to_level", "out_of_range", "The matter stands before level 7 already, beyond which nobody is asked: it is decided there, or referred outside.")
	case e.ToLevel <= e.FromLevel:
		faults.At("#/to_level", "out_of_range", "to_level lies above %d, before which the matter stands.", e.FromLevel)
	case rung == nil:
		faults.At("#/to_level", "not_in_enum", "to_level: the ladder %s has no rung of level %d.", ladder.Key, e.ToLevel)
	case !next && !e.Override && ladder.skipped(e.FromLevel, e.ToLevel):
		faults.At("#/override", "required", "There are rungs between level %d and %d: to leave them out, say override and why.", e.FromLevel, e.ToLevel)
	default:
		e.LadderID, e.Rung, e.HolderID, e.DeputyID = ladder.ID, rung.Name, rung.HolderID, rung.DeputyID
		e.RespondWithin, e.Calendar = rung.RespondWithin, rung.Calendar
	}
	return faults, nil
}

// at is the ladder's rung of a level, nil if there is none.
func (l *EscalationLadder) at(level int) *Rung {
	for i := range l.Rungs {
		if l.Rungs[i].Level == level {
			return &l.Rungs[i]
		}
	}
	return nil
}

// skipped reports whether rungs on which somebody is named lie between two levels.
func (l *EscalationLadder) skipped(from, to int) bool {
	return slices.ContainsFunc(l.Rungs, func(r Rung) bool { return r.Level > from && r.Level < to })
}

// above is the next level up on whose rung somebody stands who has access; if there
// is none, the next one at all. 0 stands for none.
func (l *EscalationLadder) above(ctx context.Context, from int, look flow.Look) (next int, err error) {
	for _, r := range l.Rungs {
		if r.Level <= from {
			continue
		}
		if next == 0 {
			next = r.Level
		}
		there, err := Count[User](ctx, look, flow.Where{"id": r.Terms(), "state": "active"})
		if err != nil || there > 0 {
			return r.Level, err
		}
	}
	return next, nil
}

// skips reports whether the escalation leaves rungs out.
func (e *Escalation) skips(ctx context.Context, look flow.Look) (bool, error) {
	if !e.Override || e.LadderID == "" {
		return false, nil
	}
	ladder, err := Find[EscalationLadder](ctx, look, e.LadderID)
	return err == nil && ladder.skipped(e.FromLevel, e.ToLevel), err
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
	return do.Tell(ctx, onRungAlone(e), "escalated")
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
		return comesDown(ctx, e, do)
	}
	return e.stand(ctx, do, e.ToLevel, e.asks() && e.State != "decided")
}

// instructionsDated keeps instructions from having no end.
func instructionsDated(ctx context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	if (e.Instructions == "") == (e.InstructionsDueOn == "") && (e.InstructionsDueOn == "" || e.InstructionsDueOn >= today(ctx, look)) {
		return nil, nil
	}
	return flow.Block("Say both what has to be done and by which day, from today on: instructions, instructions_due_on."), nil
}

// outOfTime keeps a matter from being taken from a rung that still has time.
func outOfTime(_ context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	if e.DueAt != "" && e.DueAt <= At(look.Now()) {
		return nil, nil
	}
	return flow.Block("The rung still has time to answer; escalate the record anew to ask a higher level before that."), nil
}

// rungAbove keeps a matter from going beyond level 7.
func rungAbove(_ context.Context, e *Escalation, _ flow.Look) ([]flow.Blocker, error) {
	if e.ToLevel < int(authority.L7) {
		return nil, nil
	}
	return flow.Block("There is no level beyond 7: decide, or refer the matter outside."), nil
}

// superseded keeps an escalation from being ended that nothing takes further.
func superseded(ctx context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	next, err := Count[Escalation](ctx, look, flow.Where{"previous_id": e.ID})
	if err != nil || next > 0 {
		return nil, err
	}
	return flow.Block("No other escalation takes this one further."), nil
}

// answeredAtTop keeps a matter from being taken back in silence that level 7 let lie:
// it is decided or given back there, unless it went outside.
func answeredAtTop(ctx context.Context, e *Escalation, look flow.Look) ([]flow.Blocker, error) {
	if e.ToLevel < int(authority.L7) || e.BreachedAt == "" {
		return nil, nil
	}
	n, rec, err := e.matter(ctx, look)
	if err != nil || n.Flow.Ended(rec.Meta().State) {
		return nil, err
	}
	return flow.Block("Level 7 did not answer in time: it is decided or given back there, or the matter is referred outside."), nil
}

// carriedOut keeps a matter from being closed over instructions that nobody followed.
func carriedOut(_ context.Context, e *Escalation, _ flow.Look) ([]flow.Blocker, error) {
	if e.Instructions == "" || e.CarriedOut != "" && e.CarriedOutOn != "" {
		return nil, nil
	}
	return flow.Block("Say how and when the instructions were carried out: carried_out, carried_out_on."), nil
}

// limitOf is how soon a rung answers: a week has five working days.
func limitOf(within, calendar string) Limit {
	p, ok := ParsePeriod(within)
	if !ok {
		p.Days = 1
	}
	return Limit{Days: 5*p.Weeks + p.Days, Work: p.Time, Calendar: calendar}
}

// Undecided are the states in which an escalation waits for the rung to decide.
func Undecided() (states []string) {
	for _, s := range undecided {
		states = append(states, string(s))
	}
	return states
}
