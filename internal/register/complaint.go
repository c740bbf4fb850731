package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/fold"
)

// A Complaint is somebody's word that we did not do as we should have, from the day
// it reached us until it is answered and settled. Its stages are those of ISO 10002.
type Complaint struct {
	Base
	ComplaintFields
	Clocked
	Escalated
	ComplaintKept
	// ComplainantKey is a digest of the complainant's e-mail address, by which a repeat is found.
	ComplainantKey string `json:"-" column:"complainant_key"`
	ComplaintDerived
}

// ComplaintFields are what a client writes of a complaint.
type ComplaintFields struct {
	// Title says in a line what is complained of.
	Title string `json:"title" validate:"required,max=200" list:"title" pii:"yes" example:"Lorries at night in spite of the quiet nights"`
	// Description tells what happened, in Markdown.
	Description string `json:"description" validate:"required,max=20000" list:"search" pii:"yes"`
	// ReceivedAt is when the complaint reached us, however later it was entered; by default now. Time limits begin then.
	ReceivedAt Instant `json:"received_at" list:"sort" default:"now" set:"create"`
	// Channel is how the complaint reached us.
	Channel string `json:"channel" validate:"required" enum:"channel" example:"email"`
	// Anonymous says that the complainant does not want to be known.
	Anonymous bool `json:"anonymous" set:"create"`
	// StakeholderID is the complainant, where that is a stakeholder; found by the e-mail address where that is known.
	StakeholderID string `json:"stakeholder_id" ref:"stakeholder" inherits:"yes" set:"create,identify"`
	// Complainant is how to reach a complainant who is no stakeholder of the register, or who speaks for one.
	Complainant *Reporter `json:"complainant" validate:"required_without_all=StakeholderID Anonymous" pii:"yes"`
	// RemedySought is what the complainant wants done.
	RemedySought string `json:"remedy_sought" validate:"max=4000" list:"search" pii:"yes"`
	// Subject names the product, service or practice that is complained of.
	Subject string `json:"subject" validate:"max=200" list:"filter" example:"Unloading at night"`
	// SubjectUserIDs are those of us whom the complaint is about; none of them handles it, and a confidential or restricted one is seen by them only by their level or by being among access_user_ids.
	SubjectUserIDs List[string] `json:"subject_user_ids" ref:"user" validate:"max=20,unique" set:"create,assess,reassess"`
	// Unit is the part of the organisation that is concerned.
	Unit string `json:"unit" validate:"max=200" list:"filter"`
	// ImmediateAction is what was done at once.
	ImmediateAction string `json:"immediate_action" validate:"max=4000" pii:"yes"`
	// InteractionID is the contact in which the complaint was made.
	InteractionID string `json:"interaction_id" ref:"interaction" inherits:"yes" set:"create"`
	// Category is the part of our work that the complaint is about.
	Category string `json:"category" enum:"issue_category" default:"unknown" set:"create,assess,reassess" example:"environment"`
	// Severity says how much harm is done.
	Severity string `json:"severity" enum:"severity" default:"unknown" set:"create,assess,reassess" example:"medium"`
	// Systemic says that it is no single case: the way we work brings it about.
	Systemic bool `json:"systemic" set:"assess,reassess"`
	// ProblemID is the problem that the complaint shares with other complaints or with issues.
	ProblemID string `json:"problem_id" ref:"problem" set:"link_problem"`
	// AssigneeID is the person who looks into the complaint.
	AssigneeID string `json:"assignee_id" ref:"user" named:"yes"`

	// AcknowledgedAt is when the complainant was told that the complaint is with us.
	AcknowledgedAt Instant `json:"acknowledged_at" default:"now" set:"acknowledge"`
	// Acknowledgement is what the complainant was told: who handles it, by when.
	Acknowledgement string `json:"acknowledgement" validate:"max=4000" set:"acknowledge" pii:"yes"`
	// AcknowledgedChannel is how; by default as the complaint came.
	AcknowledgedChannel string `json:"acknowledged_channel" enum:"channel" default:"unknown" set:"acknowledge"`
	// Criteria are the scores of the assessment, one of each criterion.
	Criteria List[Criterion] `json:"criteria" validate:"max=10,dive" set:"assess,reassess"`
	// ConflictOfInterest says whether who handles the complaint has a stake in it.
	ConflictOfInterest string `json:"conflict_of_interest" enum:"conflict_check" default:"unchecked" set:"assess,reassess"`
	// ConflictNote says how a conflict of interest is dealt with.
	ConflictNote string `json:"conflict_note" validate:"max=2000" set:"assess,reassess" pii:"yes"`
	// Question is what was asked of the complainant.
	Question string `json:"question" validate:"max=4000" set:"await" pii:"yes"`
	// QuestionChannel is how.
	QuestionChannel string `json:"question_channel" enum:"channel" default:"unknown" set:"await"`
	// Progress is what the complainant was last told of the progress.
	Progress string `json:"progress" validate:"max=4000" set:"record_update" pii:"yes"`
	// ProgressChannel is how.
	ProgressChannel string `json:"progress_channel" enum:"channel" default:"unknown" set:"record_update"`
	// ProgressToldOn is the day on which the complainant was last told of the progress.
	ProgressToldOn Date `json:"progress_told_on" default:"today" set:"record_update"`
	// ExtendedUntil is the day to which the time for an answer was extended.
	ExtendedUntil Date `json:"extended_until" set:"extend"`
	// ExtensionToldOn is the day on which the complainant was told of the extension.
	ExtensionToldOn Date `json:"extension_told_on" default:"today" set:"extend"`
	// ExtensionChannel is how.
	ExtensionChannel string `json:"extension_channel" enum:"channel" default:"unknown" set:"extend"`

	// Findings are what was found out, in Markdown.
	Findings string `json:"findings" validate:"max=20000" set:"propose_response" list:"search" pii:"yes"`
	// Upheld says whether the complaint was right.
	Upheld string `json:"upheld" enum:"upheld" default:"unknown" set:"propose_response,accept_frontline"`
	// CauseCategory is what brought it about.
	CauseCategory string `json:"cause_category" enum:"cause_category" default:"unknown" set:"propose_response,accept_frontline" example:"logistics"`
	// Remedies are what is done for the complainant.
	Remedies List[Remedy] `json:"remedies" validate:"max=20,dive" set:"propose_response,accept_frontline" pii:"yes"`
	// RemedyValue is what the remedies are worth together, in the organisation's currency.
	RemedyValue *Money `json:"remedy_value" set:"propose_response,accept_frontline"`
	// Decision is what the complainant is told; by default the findings.
	Decision string `json:"decision" validate:"max=20000" set:"propose_response,approve" pii:"yes"`
	// ReviewRoutes is what the complainant is told of how to have the decision reviewed, here and outside.
	ReviewRoutes string `json:"review_routes" validate:"max=2000" set:"propose_response,approve"`
	// ToldAt is when the complainant was told of the decision.
	ToldAt Instant `json:"told_at" default:"now" set:"approve,close_unfounded"`
	// ToldChannel is how.
	ToldChannel string `json:"told_channel" enum:"channel" default:"unknown" set:"approve,close_unfounded"`
	// ComplainantAnswer is what the complainant said to the decision.
	ComplainantAnswer string `json:"complainant_answer" enum:"party_answer" default:"none" set:"accept,accept_frontline"`
	// AnsweredOn is the day of that answer.
	AnsweredOn Date `json:"answered_on" set:"accept,accept_frontline,reject"`
	// AnswerEvidence says where the answer can be seen.
	AnswerEvidence string `json:"answer_evidence" validate:"max=2000" set:"accept,accept_frontline,reject" pii:"yes"`
	// RemedyDoneOn is the day by which the remedies were carried out.
	RemedyDoneOn Date `json:"remedy_done_on" set:"accept,accept_frontline"`
	// RemedyEvidence says where that can be seen.
	RemedyEvidence string `json:"remedy_evidence" validate:"max=2000" set:"accept,accept_frontline" pii:"yes"`
	// RecourseToldOn is the day on which the complainant was told of the internal review and of the body outside.
	RecourseToldOn Date `json:"recourse_told_on" set:"reject,close_rejected"`
	// RecourseChannel is how.
	RecourseChannel string `json:"recourse_channel" enum:"channel" default:"unknown" set:"reject,close_rejected"`
	// ExternalRecourse names the body outside to which the complainant can turn.
	ExternalRecourse string `json:"external_recourse" validate:"max=200" set:"reject,close_rejected"`
	// OptionsExhausted says what was tried, and why nothing reasonable is left to try.
	OptionsExhausted string `json:"options_exhausted" validate:"max=4000" set:"close_rejected" pii:"yes"`
	// WithdrawnOn is the day on which the complainant withdrew the complaint.
	WithdrawnOn Date `json:"withdrawn_on" default:"today" set:"withdraw"`
	// WithdrawalEvidence is the complainant's word, and where it can be seen.
	WithdrawalEvidence string `json:"withdrawal_evidence" validate:"max=2000" set:"withdraw" pii:"yes"`
	// ReferredTo is the body outside that took the complaint over.
	ReferredTo string `json:"referred_to" validate:"max=200" set:"refer_external"`
	// ReferredOn is the day of that.
	ReferredOn Date `json:"referred_on" default:"today" set:"refer_external"`
	// ReferralResult is what came of it there.
	ReferralResult string `json:"referral_result" validate:"max=20000" set:"record_result" pii:"yes"`
	// Satisfaction is how content the complainant was with how the complaint was handled, 1 to 5.
	Satisfaction *int `json:"satisfaction" validate:"omitempty,min=1,max=5" set:"accept,accept_frontline,close_rejected,close_unfounded,withdraw"`
	// SatisfactionComment is what the complainant said of that.
	SatisfactionComment string `json:"satisfaction_comment" validate:"max=4000" set:"accept,accept_frontline,close_rejected,close_unfounded,withdraw" pii:"yes"`
	// ConductReason says in what the complainant's conduct is unreasonable.
	ConductReason string `json:"conduct_reason" validate:"max=2000" set:"flag_conduct" pii:"yes"`
	// ConductReviewOn is the day on which that is to be looked at again.
	ConductReviewOn Date `json:"conduct_review_on" set:"flag_conduct"`
}

// ComplaintKept is what the register keeps of a complaint in the course of its handling.
type ComplaintKept struct {
	// AcknowledgeDueAt is by when the complaint was to be acknowledged, null until it was or that moment came.
	AcknowledgeDueAt Instant `json:"acknowledge_due_at" list:"sort"`
	// AcknowledgedInTime says whether it was acknowledged by then; unknown until that can be said.
	AcknowledgedInTime string `json:"acknowledged_in_time" enum:"timeliness" default:"unknown"`
	// AssessedAt is when the complaint was first assessed.
	AssessedAt Instant `json:"assessed_at" list:"sort"`
	// Priority follows from the scores.
	Priority string `json:"priority" enum:"complaint_priority" default:"unknown"`
	// Route is how the complaint is best handled, by its assessment.
	Route string `json:"route" enum:"complaint_route" default:"unknown"`
	// Reprioritised says that the priority changed after the assessment.
	Reprioritised bool `json:"reprioritised"`
	// FrontlineAt is when the handling at first contact began.
	FrontlineAt Instant `json:"frontline_at"`
	// InvestigatedAt is when the investigation began.
	InvestigatedAt Instant `json:"investigated_at"`
	// AwaitedAt is when the complainant was last asked a question.
	AwaitedAt Instant `json:"awaited_at"`
	// DecisionDueAt is by when the complaint was to be answered, before any extension; null until that counted.
	DecisionDueAt Instant `json:"decision_due_at"`
	// DecidedInTime says whether the first decision came by then; unknown until there is one.
	DecidedInTime string `json:"decided_in_time" enum:"timeliness" default:"unknown"`
	// Extensions counts how often the time for an answer was extended.
	Extensions int `json:"extensions"`
	// ProposedAt is when the present answer was proposed.
	ProposedAt Instant `json:"proposed_at"`
	// DecidedAt is when the present answer was approved.
	DecidedAt Instant `json:"decided_at" list:"sort"`
	// DecidedByID is who approved it.
	DecidedByID string `json:"decided_by_id" ref:"user"`
	// DecidedLevel is that person's level; an internal review is decided one level up.
	DecidedLevel *int `json:"decided_level"`
	// Reviews counts how often the complainant asked for an internal review.
	Reviews int `json:"reviews"`
	// ReviewedAt is when the last internal review began.
	ReviewedAt Instant `json:"reviewed_at"`
	// ClosedAt is when the complaint came to its end.
	ClosedAt Instant `json:"closed_at" list:"sort"`
	// UnreasonableConduct says that the complainant's conduct was found unreasonable, for the time being.
	UnreasonableConduct bool `json:"unreasonable_conduct"`
	// GroupIDs are the groups to which the complainant belonged on the day of receipt, as was known when the complainant was named; at most 50, and none that the complaint is less sensitive than. Whom a rule makes a member is known of now alone: such groups are not among them.
	GroupIDs List[string] `json:"group_ids" ref:"group" validate:"max=50,unique"`
}

// ComplaintDerived is what other records tell of a complaint.
type ComplaintDerived struct {
	// RepeatOfID is the last complaint before about the same, from the same complainant or of the same subject.
	RepeatOfID string `json:"repeat_of_id" ref:"complaint"`
	// RepeatCount is how many of these there were lately, without those that are more sensitive than this one.
	RepeatCount int `json:"repeat_count" list:"filter,sort"`
	// EffectiveActions counts its corrective actions that proved effective, none of them more sensitive than itself.
	EffectiveActions int `json:"effective_actions"`
}

// Criterion is one score of an assessment.
type Criterion struct {
	// Criterion is what was looked at.
	Criterion string `json:"criterion" validate:"required" enum:"criterion"`
	// Score is from 1, hardly, to 5, very much.
	Score int `json:"score" validate:"required,min=1,max=5"`
	// Note says why.
	Note string `json:"note" validate:"max=500"`
}

// Remedy is something that is done for the complainant.
type Remedy struct {
	// Remedy says of what sort it is.
	Remedy string `json:"remedy" validate:"required" enum:"remedy"`
	// Detail says what it is.
	Detail string `json:"detail" validate:"max=2000"`
}

// Money is an amount in a currency.
type Money struct {
	// Amount is a decimal number with at most two decimals.
	Amount string `json:"amount" validate:"required,max=20" example:"120.00"`
	// Currency is the three-letter code of ISO 4217.
	Currency string `json:"currency" validate:"required,iso4217" example:"EUR"`
}

// openComplaint are the states in which a complaint is still ours to settle.
var openComplaint = flow.From("received", "acknowledged", "assessed", "frontline", "investigating", "awaiting_complainant", "response_proposed", "decision_communicated")

// endedComplaint are those in which it is settled, one way or another.
var endedComplaint = flow.From("closed_accepted", "closed_rejected", "closed_unfounded", "closed_withdrawn", "referred_external")

// Complaints are what people hold against us.
var Complaints = Define(Kind[Complaint]{
	Name: "complaint", Plural: "complaints", Prefix: "CMP",
	Doc:    "What people hold against us: received on any channel, acknowledged, assessed, looked into, answered and settled in time.",
	Intake: true,
	Flow: flow.Table[*Complaint]{
		Start: "received",
		Ends:  endedComplaint,
		Rows:  complaintRows,
	},
	Open: flow.From("received", "acknowledged", "assessed", "frontline", "investigating", "awaiting_complainant"),
	Paths: []string{
		"state -> -updated_at", "state -> due_on", "owner_id, state -> -updated_at", "assignee_id, state -> -updated_at",
		"severity, state -> -updated_at", "stakeholder_id -> -updated_at", "stakeholder_id -> -created_at", "problem_id -> -updated_at", "state -> -escalation_level",
	},
	Escalates: []string{"accept", "accept_frontline", "close_rejected", "close_unfounded"},
	Clocks:    complaintClocks,
	Prepare: func(c *Complaint, _ Instant) {
		c.ComplainantKey = complainantKey(c.Complainant)
		c.judgeTimes() // of what was adopted
	},
	First:  findComplainant,
	Keep:   keepGroups,
	Check:  checkComplaint,
	Derive: deriveComplaint,
	Veiled: recountRepeats,

	Dependents: repeatsAfter,
	DependedOn: []string{"stakeholder_id", "complainant_key", "subject", "category", "cause_category"},

	May: unconcerned,

	Awaits:   flow.From("response_proposed"),
	Deciders: complaintDeciders,
	Barred:   func(actor authority.Actor, c *Complaint) error { return unconcerned(actor, c, nil) },

	Concerned: func(c *Complaint) []string { return c.SubjectUserIDs },
})

// complainantKey is the same for the same e-mail address, and does not tell it.
func complainantKey(r *Reporter) string {
	if r == nil || r.Email == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("complainant\n" + fold.Fold(r.Email)))
	return hex.EncodeToString(sum[:16])
}

// findComplainant names the one stakeholder who is reached at the complainant's
// e-mail address, unless who enters the complaint could not see it: nothing may be
// learned of hidden stakeholders by complaining in their name.
func findComplainant(ctx context.Context, c *Complaint, look flow.Look) error {
	if c.Anonymous || c.StakeholderID != "" || c.ComplainantKey == "" {
		return nil
	}
	email := fold.Fold(c.Complainant.Email)
	found, err := FindAll[Stakeholder](ctx, look, flow.Where{"channels": email, "state <>": "archived"}, 10)
	if err != nil {
		return err
	}
	for _, s := range found {
		switch {
		case !s.writtenTo(email) || s.Sensitivity > authority.From(ctx).Clearance():
		case c.StakeholderID != "":
			c.StakeholderID = "" // two have it: nobody knows which of them
			return nil
		default:
			c.StakeholderID = s.ID
		}
	}
	return nil
}

// writtenTo reports whether the stakeholder is reached at an e-mail address.
func (s *Stakeholder) writtenTo(email string) bool {
	for _, ch := range s.Channels {
		if ch.Channel == "email" && fold.Fold(ch.Address) == email {
			return true
		}
	}
	return false
}

var amountForm = regexp.MustCompile(`^\d{1,12}(\.\d{1,2})?$`)

// checkComplaint keeps what tells of the past out of the future, names away from
// anonymous complaints, and sums in the organisation's currency.
func checkComplaint(ctx context.Context, c *Complaint, look flow.Look) (faults fault.Fields, err error) {
	if c.Anonymous && (c.StakeholderID != "" || c.Complainant != nil) {
		faults.At("#/anonymous", "conflicts_with", "anonymous: an anonymous complaint names no stakeholder and no complainant.")
	}
	if r := c.Complainant; r != nil && r.Name == "" && r.Email == "" && r.Phone == "" {
		faults.At("#/complainant", "required", "complainant: say a name, an e-mail address or a telephone number, or that the complaint is anonymous.")
	}
	checkMoney(ctx, look, &faults, "remedy_value", c.RemedyValue)
	c.checkOrder(ctx, look, &faults)
	if err := c.checkPlaces(ctx, look, &faults); err != nil {
		return nil, err
	}
	for name, at := range map[string]Instant{"received_at": c.ReceivedAt, "acknowledged_at": c.AcknowledgedAt, "told_at": c.ToldAt, "decided_at": c.DecidedAt, "closed_at": c.ClosedAt} {
		if at > At(look.Now()) {
			faults.At("#/"+name, "not_historical", "%s lies in the future.", name)
		}
	}
	for name, on := range c.pastDays() {
		if on > today(ctx, look) {
			faults.At("#/"+name, "not_historical", "%s lies in the future.", name)
		}
	}
	return faults, nil
}

func (c *Complaint) pastDays() map[string]Date {
	return map[string]Date{
		"progress_told_on": c.ProgressToldOn, "extension_told_on": c.ExtensionToldOn, "answered_on": c.AnsweredOn, "remedy_done_on": c.RemedyDoneOn,
		"recourse_told_on": c.RecourseToldOn, "withdrawn_on": c.WithdrawnOn, "referred_on": c.ReferredOn,
	}
}

// checkMoney holds an amount against its form and the organisation's currency: sums
// in others could not be held against a limit.
func checkMoney(ctx context.Context, look flow.Look, faults *fault.Fields, name string, m *Money) {
	if m == nil {
		return
	}
	if !amountForm.MatchString(m.Amount) {
		faults.At("#/"+name+"/amount", "invalid_format", "%s.amount is a decimal number such as 120.00.", name)
	}
	if own := look.Setting(ctx, "currency"); m.Currency != own {
		faults.At("#/"+name+"/currency", "conflicts_with", "%s.currency: say it in %s, the organisation's currency.", name, own)
	}
}
