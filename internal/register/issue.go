package register

import (
	"context"
	"slices"
	"time"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// An Issue is one occurrence of something that stands between us and a
// stakeholder, from the day it is raised until it is settled.
type Issue struct {
	Base
	IssueFields
	Clocked
	Escalated
	// TriagedAt is when the issue was first assessed, null before that.
	TriagedAt Instant `json:"triaged_at"`
	// ProposedAt is when the resolution on the table was proposed.
	ProposedAt Instant `json:"proposed_at"`
	// Attempts counts how often we tried to reach the party since the proposal.
	Attempts int `json:"attempts"`
	// ClosedAt is when the issue was last closed.
	ClosedAt Instant `json:"closed_at"`
	// ReopenedCount counts how often the issue came back after it was closed.
	ReopenedCount int `json:"reopened_count"`
}

// IssueFields are what a client writes of an issue.
type IssueFields struct {
	// Title says in a line what is wrong.
	Title string `json:"title" validate:"required,max=200" list:"title" pii:"yes" example:"Noise at night from the quay"`
	// Description tells what happened, in Markdown.
	Description string `json:"description" validate:"max=20000" list:"search" pii:"yes"`
	// Category is the part of our work that the issue is about.
	Category string `json:"category" enum:"issue_category" default:"unknown" example:"environment"`
	// Severity says how much harm is done; it is frozen once a resolution is proposed.
	Severity string `json:"severity" enum:"severity" default:"unknown" set:"create,triage,reassess" example:"medium"`
	// Urgency says how soon something must happen.
	Urgency string `json:"urgency" enum:"urgency" default:"unknown" example:"high"`
	// StakeholderID is the party that raised the issue.
	StakeholderID string `json:"stakeholder_id" ref:"stakeholder" inherits:"yes" set:"create,triage,reassess"`
	// AffectedStakeholderIDs are all parties that the issue touches.
	AffectedStakeholderIDs List[string] `json:"affected_stakeholder_ids" ref:"stakeholder" inherits:"yes" validate:"max=100,unique" set:"create,triage,reassess"`
	// RaisedAt is when the issue was raised, however later it was entered; by default now.
	RaisedAt Instant `json:"raised_at" list:"sort" default:"now" set:"create"`
	// Channel is how the issue reached us.
	Channel string `json:"channel" enum:"channel" default:"unknown" example:"email"`
	// InteractionID is the contact in which the issue came up.
	InteractionID string `json:"interaction_id" ref:"interaction" inherits:"yes" set:"create"`
	// ProblemID is the problem that the issue shares with others.
	ProblemID string `json:"problem_id" ref:"problem" set:"link_problem"`
	// ReporterContact is how to reach a reporter who is no stakeholder of the register.
	ReporterContact *Reporter `json:"reporter_contact" pii:"yes"`
	// AssigneeID is the person who works on the issue.
	AssigneeID string `json:"assignee_id" ref:"user" named:"yes"`
	// WaitingOn says on whom or what the work waits.
	WaitingOn string `json:"waiting_on" validate:"max=200" set:"wait" pii:"yes"`
	// WaitingUntil is the day on which the waiting is to be looked at again.
	WaitingUntil Date `json:"waiting_until" set:"wait"`
	// Resolution is what is proposed to settle the issue, in Markdown.
	Resolution string `json:"resolution" validate:"max=20000" set:"propose_resolution" list:"search" pii:"yes"`
	// Effects say what the resolution means to each affected party.
	Effects List[Effect] `json:"effects" validate:"max=100,dive" set:"propose_resolution" pii:"yes"`
	// PartyAnswer is what the party said to the resolution.
	PartyAnswer string `json:"party_answer" enum:"party_answer" default:"none" set:"accept_resolution"`
	// PartyAnsweredOn is the day of that answer.
	PartyAnsweredOn Date `json:"party_answered_on" set:"accept_resolution,reject_resolution"`
	// AnswerEvidence says where the answer can be seen: a letter, a call, a message.
	AnswerEvidence string `json:"answer_evidence" validate:"max=2000" set:"accept_resolution,reject_resolution" pii:"yes"`
	// NoActionReason says why nothing needs to change for the future.
	NoActionReason string `json:"no_action_reason" validate:"max=2000" set:"close" pii:"yes"`
	// ToldRaiserOn is the day on which the raiser was told that there is no basis.
	ToldRaiserOn Date `json:"told_raiser_on" default:"today" set:"close_no_basis"`
	// ToldChannel is how the raiser was told.
	ToldChannel string `json:"told_channel" enum:"channel" default:"unknown" set:"close_no_basis"`
	// ReferredTo is the body outside that took the issue over.
	ReferredTo string `json:"referred_to" validate:"max=200" set:"refer_external"`
	// ReferredOn is the day of that.
	ReferredOn Date `json:"referred_on" default:"today" set:"refer_external"`
	// ReferralResult is what came of it there.
	ReferralResult string `json:"referral_result" validate:"max=20000" set:"record_result" pii:"yes"`
}

// Reporter is somebody who raised something and is not, or not yet, a stakeholder.
type Reporter struct {
	// Name is what the person is called.
	Name string `json:"name" validate:"max=200"`
	// Email is where the person can be written to.
	Email string `json:"email" validate:"omitempty,max=254,email"`
	// Phone is where the person can be called.
	Phone string `json:"phone" validate:"max=40"`
}

// Effect is what a resolution means to one affected party.
type Effect struct {
	// StakeholderID is the party.
	StakeholderID string `json:"stakeholder_id" ref:"stakeholder" validate:"required"`
	// Effect is what changes for it.
	Effect string `json:"effect" validate:"required,max=2000"`
}

// openIssue are the states in which an issue is still ours to settle.
var openIssue = flow.From("new", "triaged", "in_progress", "waiting", "resolution_proposed", "resolved")

// endedIssue are those in which it is settled, one way or another.
var endedIssue = flow.From("closed", "closed_no_basis", "referred_external")

// Issues are what stands between us and stakeholders.
var Issues = Define(Kind[Issue]{
	Name: "issue", Plural: "issues", Prefix: "ISS",
	Doc:    "What stands between us and a stakeholder: one occurrence, assessed, worked on, settled with the parties and closed.",
	Intake: true,
	Flow: flow.Table[*Issue]{
		Start: "new",
		Ends:  endedIssue,
		Rows:  issueRows,
	},
	Open: flow.From("new", "triaged", "in_progress", "waiting"),
	Paths: []string{
		"state -> -updated_at", "assignee_id, state -> -updated_at", "owner_id, state -> -updated_at",
		"severity, state -> -updated_at", "stakeholder_id -> -updated_at", "stakeholder_id -> -created_at", "problem_id -> -updated_at", "state -> -escalation_level",
		"owner_id -> due_on", "assignee_id -> due_on",
	},
	Clocks:    issueClocks,
	Escalates: []string{"close", "close_no_basis"},
	Check:     checkIssue,
})

var issueRows = append([]flow.Transition[*Issue]{
	{
		Name: "triage", Doc: "Assess the issue: what it is about, how bad, how urgent, whom it touches, who works on it.",
		From: flow.From("new"), To: "triaged", Level: 4,
		Needs: []string{"category", "severity", "urgency", "owner_id", "affected_stakeholder_ids"}, Takes: []string{"assignee_id"},
		Raise:  []flow.Raise[*Issue]{criticalIssue, loweredIssue, seniorLeftOut},
		Guards: []flow.Guard[*Issue]{{Code: "unassessed", Check: assessed}},
		Keep:   func(i *Issue, _ string, at time.Time) { i.TriagedAt = At(at) },
		Then:   nowAbout[*Issue],
	},
	{
		Name: "reassess", Doc: "Correct what the assessment said of the severity and of the parties.",
		From: flow.From("triaged", "in_progress", "waiting"), Level: 4, Reason: true,
		Raise:  []flow.Raise[*Issue]{criticalIssue, loweredIssue, seniorParty}, // else a step of level 5 could be had by calling it less first
		Guards: []flow.Guard[*Issue]{{Code: "unassessed", Check: assessed}},
		Then:   nowAbout[*Issue],
	},
	{Name: "start", Doc: "Begin to work on the issue.", From: flow.From("triaged"), To: "in_progress", Level: 4, Takes: []string{"assignee_id"}},
	{
		Name: "wait", Doc: "Say that the work waits on somebody, and until when.",
		From: flow.From("in_progress"), To: "waiting", Level: 4, Needs: []string{"waiting_on", "waiting_until"},
		Guards: []flow.Guard[*Issue]{{Code: "waits_into_past", Check: waitsAhead}, {Code: "waits_too_long", Check: waitsNotForEver}},
	},
	{
		Name: "resume", Doc: "Go on with the work.", From: flow.From("waiting"), To: "in_progress", Level: 4,
		Keep: func(i *Issue, _ string, _ time.Time) { i.WaitingOn, i.WaitingUntil = "", "" },
	},
	{
		Name: "propose_resolution", Doc: "Put a resolution to the parties, with what it means to each of them.",
		From: flow.From("in_progress"), To: "resolution_proposed", Level: 4, Needs: []string{"resolution"}, Anew: []string{"resolution", "effects"},
		Raise:  []flow.Raise[*Issue]{seniorParty},
		Guards: []flow.Guard[*Issue]{{Code: "effect_missing", Asks: []string{"effects"}, Check: everyEffect}, {Code: "party_not_affected", Check: onlyAffected}},
		Keep: func(i *Issue, _ string, at time.Time) {
			i.ProposedAt, i.Attempts = At(at), 0
			i.PartyAnswer, i.PartyAnsweredOn, i.AnswerEvidence = "none", "", ""
		},
	},
	{
		Name: "record_attempt", Doc: "Record that we tried to reach the party about the proposal; the comment says how.",
		From: flow.From("resolution_proposed"), Level: 4,
		Keep: func(i *Issue, _ string, _ time.Time) { i.Attempts++ },
	},
	{
		Name: "accept_resolution", Doc: "Record that the party accepted, or that it stayed silent in spite of two attempts.",
		From: flow.From("resolution_proposed"), To: "resolved", Level: 4, Needs: []string{"party_answer"},
		Guards: []flow.Guard[*Issue]{{Code: "no_answer", Check: answered}},
	},
	{
		Name: "reject_resolution", Doc: "Record that the party turned the resolution down; the work goes on.",
		From: flow.From("resolution_proposed"), To: "in_progress", Level: 4, Reason: true,
		Keep: func(i *Issue, _ string, _ time.Time) { i.PartyAnswer = "rejected" },
	},
	{
		Name: "close", Doc: "Close the settled issue, with what follows from it for the future.",
		From: flow.From("resolved"), To: "closed", Level: 4, Raise: []flow.Raise[*Issue]{criticalIssue},
		FourEyes: "propose_resolution", FourEyesIf: func(i *Issue) bool { return i.Severity == "critical" }, FourEyesWhen: "the severity is critical",
		Guards: []flow.Guard[*Issue]{{Code: "not_triaged", Check: triaged}, {Code: "no_action", Check: actionOrReason}},
		Keep:   func(i *Issue, _ string, at time.Time) { i.ClosedAt = At(at) },
		Then: func(ctx context.Context, i *Issue, do flow.Do) error {
			return do.Tell(ctx, []string{i.OwnerID}, "lesson_prompted")
		},
	},
	{
		Name: "close_no_basis", Doc: "Close an issue that turned out to be none, once whoever raised it was told why.",
		From: flow.From("new", "triaged"), To: "closed_no_basis", Level: 4, Reason: true, Needs: []string{"told_raiser_on", "told_channel"},
		FourEyes: "created", FourEyesIf: (*Issue).severe, FourEyesWhen: "the severity is high or critical",
		Guards: []flow.Guard[*Issue]{{Code: "raiser_not_told", Check: raiserTold}},
	},
	{
		Name: "refer_external", Doc: "Hand the issue over to a body outside, which decides from then on.",
		From: openIssue, To: "referred_external", Level: 5, Reason: true, Needs: []string{"referred_to", "referred_on"},
		Then: func(ctx context.Context, i *Issue, do flow.Do) error {
			return endAbove(ctx, "issue", i.ID, "The issue was referred outside.", do)
		},
	},
	{
		Name: "record_result", Doc: "Record what came of the issue at the body that took it over.",
		From: flow.From("referred_external"), Level: 4, Needs: []string{"referral_result"}, Anew: []string{"referral_result"},
	},
	{
		Name: "reopen", Doc: "Take a closed issue up again because of a new fact.",
		From: flow.From("closed"), To: "in_progress", Level: 4, Reason: true,
		Guards: []flow.Guard[*Issue]{{Code: "closed_too_long", Check: closedLately}},
		Keep: func(i *Issue, _ string, _ time.Time) {
			i.ReopenedCount, i.ClosedAt, i.NoActionReason = i.ReopenedCount+1, "", ""
		},
	},
}, linking("issue", slices.Concat(openIssue, endedIssue), func(i *Issue) sharer { return i })...)

// criticalIssue asks for level 5 where much is at stake.
var criticalIssue = flow.Raise[*Issue]{
	Name: "critical", Level: 5, Why: "the issue is of critical severity",
	When: func(_ context.Context, i *Issue, _ flow.Look) (bool, error) { return i.Severity == "critical", nil },
}

// loweredIssue asks for level 5 where a severe issue is to be called less severe:
// closing it for want of a basis would then take no second person.
var loweredIssue = flow.Raise[*Issue]{
	Name: "lowered", Level: 5, Why: "the severity, high or critical so far, is lowered", Written: true,
	When: func(ctx context.Context, i *Issue, look flow.Look) (bool, error) {
		was, err := Find[Issue](ctx, look, i.ID)
		return err == nil && was.severe() && severities[i.Severity] < severities[was.Severity], err
	},
}

// severities are the severities in their order.
var severities = map[string]int{"unknown": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}

// severe reports whether two people have to look before the issue is put aside.
func (i *Issue) severe() bool { return severities[i.Severity] >= severities["high"] }

// seniorParty asks for level 5 where whoever raised the issue, or is affected by
// it, stands high in its own house.
var seniorParty = flow.Raise[*Issue]{
	Name: "senior", Level: 5, Why: "a party of the issue is senior",
	When: func(ctx context.Context, i *Issue, look flow.Look) (bool, error) {
		return anySenior(ctx, look, i.parties())
	},
}

// seniorLeftOut asks for the same where the issue would not name such a party any more: a
// resolution could be proposed at a lower level by leaving it out first.
var seniorLeftOut = flow.Raise[*Issue]{
	Name: "senior_left_out", Level: 5, Why: "a party of the issue is senior, and is left out", Written: true,
	When: func(ctx context.Context, i *Issue, look flow.Look) (bool, error) {
		was, err := Find[Issue](ctx, look, i.ID)
		if err != nil {
			return false, err
		}
		now := i.parties()
		return anySenior(ctx, look, slices.DeleteFunc(was.parties(), func(id string) bool { return slices.Contains(now, id) }))
	},
}

// anySenior reports whether one of the stakeholders stands high in its own house.
func anySenior(ctx context.Context, look flow.Look, ids []string) (bool, error) {
	for _, id := range ids {
		seniority, err := seniorityOf(ctx, look, id)
		if err != nil || seniority == "senior" || seniority == "most_senior" {
			return err == nil, err
		}
	}
	return false, nil
}

// checkIssue keeps dates that tell of the past out of the future.
func checkIssue(ctx context.Context, i *Issue, look flow.Look) (faults fault.Fields, err error) {
	for name, at := range map[string]Instant{"raised_at": i.RaisedAt, "closed_at": i.ClosedAt} {
		if at > At(look.Now()) {
			faults.At("#/"+name, "not_historical", "%s lies in the future.", name)
		}
	}
	day := today(ctx, look)
	for _, told := range []struct {
		name string
		on   Date
	}{{"party_answered_on", i.PartyAnsweredOn}, {"told_raiser_on", i.ToldRaiserOn}, {"referred_on", i.ReferredOn}} {
		if told.on > day {
			faults.At("#/"+told.name, "not_historical", "%s lies in the future.", told.name)
		}
	}
	i.checkOrder(ctx, look, &faults)
	return faults, i.checkAssessed(ctx, look, &faults)
}

// checkOrder keeps the stages of an issue in the order in which they happen.
func (i *Issue) checkOrder(ctx context.Context, look flow.Look, faults *fault.Fields) {
	raised := dayOf(ctx, look, i.RaisedAt.Time())
	notBefore(faults, "told_raiser_on", i.ToldRaiserOn, "raised_at", raised)
	notBefore(faults, "referred_on", i.ReferredOn, "raised_at", raised)
	if i.State == "resolution_proposed" && i.ProposedAt != "" { // an answer to the resolution before is kept until the next one
		notBefore(faults, "party_answered_on", i.PartyAnsweredOn, "proposed_at", dayOf(ctx, look, i.ProposedAt.Time()))
	}
}

// checkAssessed keeps an assessed issue assessed: what was said of it may change, and is
// not taken back. One that is adopted comes as it was elsewhere.
func (i *Issue) checkAssessed(ctx context.Context, look flow.Look, faults *fault.Fields) error {
	if i.Version == 0 || i.TriagedAt == "" || i.Category != "unknown" && i.Urgency != "unknown" && i.OwnerID != "" {
		return nil
	}
	was, err := Find[Issue](ctx, look, i.ID)
	if err != nil {
		return err
	}
	for _, v := range []struct{ name, was, is string }{{"category", was.Category, i.Category}, {"urgency", was.Urgency, i.Urgency}} {
		if v.is == "unknown" && v.was != v.is {
			faults.At("#/"+v.name, "conflicts_with", "%s: the issue was assessed; say another one.", v.name)
		}
	}
	if i.OwnerID == "" && was.OwnerID != "" {
		faults.At("#/owner_id", "conflicts_with", "owner_id: the issue was assessed; hand it over to somebody else.")
	}
	return nil
}
