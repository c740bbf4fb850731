package register

import (
	"context"
	"slices"
	"time"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// complaintRows are the stages of a complaint, those in which it is taken up first,
// then those in which it is answered, then the ends.
var complaintRows = append([]flow.Transition[*Complaint]{
	{
		Name: "acknowledge", Doc: "Record that the complainant was told that the complaint is with us, who handles it and by when.",
		From: flow.From("received"), To: "acknowledged", Level: 4, Takes: []string{"owner_id"},
		Guards: []flow.Guard[*Complaint]{{Code: "no_message", Asks: []string{"acknowledgement"}, Check: acknowledgedInWords}},
		Keep:   acknowledgeComplaint,
	},
	{
		Name: "assess", Doc: "Score the five criteria, look for conflicts of interest, and say who handles the complaint.",
		From: flow.From("acknowledged"), To: "assessed", Level: 4, Takes: []string{"assignee_id"}, Raise: assessmentRaises,
		Guards: []flow.Guard[*Complaint]{
			{Code: "criteria_missing", Asks: []string{"category", "severity", "criteria"}, Check: criteriaScored},
			{Code: "conflict_unchecked", Asks: []string{"conflict_of_interest"}, Check: conflictChecked},
			{Code: "concerned", Check: nobodyConcerned},
		},
		Keep: assessComplaint,
		Then: foundConcerned,
	},
	{
		Name: "reassess", Doc: "Correct what the assessment said.",
		From: flow.From("assessed", "frontline", "investigating", "awaiting_complainant"), Level: 4, Reason: true, Raise: reassessmentRaises,
		Guards: []flow.Guard[*Complaint]{{Code: "criteria_missing", Check: criteriaScored}, {Code: "conflict_unchecked", Check: conflictChecked}, {Code: "concerned", Check: nobodyConcerned}},
		Keep:   reassessComplaint,
		Then:   foundConcerned,
	},
	{
		Name: "resolve_frontline", Doc: "Settle a simple complaint at first contact.",
		From: flow.From("assessed"), To: "frontline", Level: 4,
		Guards: []flow.Guard[*Complaint]{{Code: "not_simple", Check: simpleEnough}},
		Keep:   func(c *Complaint, _ string, at time.Time) { c.FrontlineAt = At(at) },
	},
	{
		Name: "accept_frontline", Doc: "Close a complaint that was settled at first contact: the complainant accepts, which silence does not say, and the remedy is carried out.",
		From: flow.From("frontline"), To: "closed_accepted", Level: 4, Needs: []string{"remedies"}, Raise: frontlineRaises,
		Guards: []flow.Guard[*Complaint]{
			{Code: "not_simple", Check: simpleEnough},
			{Code: "incomplete", Asks: []string{"upheld", "cause_category"}, Check: foundOut},
			{Code: "remedy_unvalued", Check: remedyValued},
			{Code: "no_answer", Asks: []string{"complainant_answer"}, Check: agreedAtOnce},
			{Code: "remedy_open", Asks: []string{"remedy_done_on"}, Check: remedyDone},
			causeMet, causeRemoved,
		},
		Keep: closeComplaint, Then: askLesson,
	},
	{
		Name: "investigate", Doc: "Look into the complaint.",
		From: flow.From("assessed", "frontline"), To: "investigating", Level: 4, Takes: []string{"assignee_id"},
		Raise:  []flow.Raise[*Complaint]{seriousComplaint},
		Guards: []flow.Guard[*Complaint]{{Code: "concerned", Check: nobodyConcerned}},
		Keep:   func(c *Complaint, _ string, at time.Time) { c.InvestigatedAt = At(at) },
	},
	{
		Name: "extend", Doc: "Take more time for the answer, a year at most, and tell the complainant so; the day named stands, also where the complainant is asked something after that.",
		From: flow.From("investigating"), Level: 5, Reason: true, Needs: []string{"extended_until"}, Anew: []string{"extended_until", "extension_channel"}, Raise: []flow.Raise[*Complaint]{secondExtension},
		Guards: []flow.Guard[*Complaint]{{Code: "not_later", Check: extendedFurther}, {Code: "complainant_not_told", Asks: []string{"extension_channel"}, Check: told("of the extension", "extension_told_on, extension_channel", func(c *Complaint) (bool, string) { return c.ExtensionToldOn != "", c.ExtensionChannel })}},
		Keep:   extendComplaint,
	},
	{
		Name: "record_update", Doc: "Record that the complainant was told how far we are.",
		From: flow.From("investigating"), Level: 4, Needs: []string{"progress"}, Anew: []string{"progress", "progress_channel"},
		Guards: []flow.Guard[*Complaint]{{Code: "complainant_not_told", Asks: []string{"progress_channel"}, Check: told("of the progress", "progress_told_on, progress_channel", func(c *Complaint) (bool, string) { return c.ProgressToldOn != "", c.ProgressChannel })}},
	},
	{
		Name: "await", Doc: "Ask the complainant something; the time for the answer stands still.",
		From: flow.From("investigating"), To: "awaiting_complainant", Level: 4, Needs: []string{"question"}, Anew: []string{"question", "question_channel"},
		Guards: []flow.Guard[*Complaint]{{Code: "complainant_not_told", Asks: []string{"question_channel"}, Check: told("what is asked", "question_channel", func(c *Complaint) (bool, string) { return true, c.QuestionChannel })}},
		Keep:   func(c *Complaint, _ string, at time.Time) { c.AwaitedAt = At(at) },
	},
	{Name: "resume", Doc: "Go on, with the complainant's answer or on file.", From: flow.From("awaiting_complainant"), To: "investigating", Level: 4},
	{
		Name: "propose_response", Doc: "Put an answer to whoever decides: what was found, what brought it about, what is done for the complainant.",
		From: flow.From("frontline", "investigating"), To: "response_proposed", Level: 4, Needs: []string{"findings", "remedies"},
		Guards: []flow.Guard[*Complaint]{{Code: "incomplete", Asks: []string{"upheld", "cause_category"}, Check: foundOut}, {Code: "remedy_unvalued", Check: remedyValued}, {Code: "concerned", Check: nobodyConcerned}},
		Keep:   func(c *Complaint, _ string, at time.Time) { c.ProposedAt = At(at) }, Then: askDeciders,
	},
	{
		Name: "return", Doc: "Send a proposed answer back, with comments; its decision is worded anew.", From: flow.From("response_proposed"), To: "investigating", Level: 5, Reason: true,
		Keep: func(c *Complaint, _ string, _ time.Time) { c.Decision = "" },
	},
	{
		Name: "approve", Doc: "Decide, and record that the complainant was told.",
		From: flow.From("response_proposed"), To: "decision_communicated", Level: decides, FourEyes: "propose_response", Raise: decisionRaises,
		Guards: []flow.Guard[*Complaint]{{Code: "complainant_not_told", Asks: []string{"told_channel"}, Check: decisionTold}, {Code: "same_decider", Check: reviewedByAnother}},
		First:  decideComplaint, Keep: noteDecision, Then: settleReviews,
	},
	{
		Name: "accept", Doc: "Close the complaint: the complainant accepts the decision, and the remedy is carried out.",
		From: flow.From("decision_communicated"), To: "closed_accepted", Level: 4,
		Guards: []flow.Guard[*Complaint]{{Code: "no_answer", Asks: []string{"complainant_answer"}, Check: complainantAnswered}, {Code: "remedy_open", Asks: []string{"remedy_done_on"}, Check: remedyDone}, causeMet, causeRemoved},
		Keep:   closeComplaint, Then: askLesson,
	},
	{
		Name: "reject", Doc: "Record that the complainant does not accept; the decision is reviewed one level up.",
		From: flow.From("decision_communicated"), To: "investigating", Level: 4, Reason: true,
		Guards: []flow.Guard[*Complaint]{{Code: "recourse_not_told", Asks: []string{"recourse_told_on", "recourse_channel", "external_recourse"}, Check: recourseTold}},
		Keep:   reviewComplaint, Then: takeReviewUp,
	},
	{
		Name: "close_rejected", Doc: "Close a complaint that the complainant does not accept to be settled, once nothing reasonable is left to try.",
		From: flow.From("decision_communicated"), To: "closed_rejected", Level: 6, Needs: []string{"options_exhausted"},
		Raise:  []flow.Raise[*Complaint]{complainantIs("most_senior", authority.L7)},
		Guards: []flow.Guard[*Complaint]{{Code: "recourse_not_told", Asks: []string{"recourse_told_on", "recourse_channel", "external_recourse"}, Check: recourseTold}, causeMet, causeRemoved},
		Keep:   closeComplaint, Then: askLesson,
	},
	{
		Name: "close_unfounded", Doc: "Close a complaint that has no ground, once the complainant was told why.",
		From: flow.From("assessed", "investigating"), To: "closed_unfounded", Level: 5, Reason: true, FourEyes: "assess,reassess",
		Raise:  []flow.Raise[*Complaint]{complainantIs("senior", authority.L6), complainantIs("most_senior", authority.L7), reviewOf5, reviewOf6, reviewAtTop},
		Guards: []flow.Guard[*Complaint]{{Code: "complainant_not_told", Asks: []string{"told_channel"}, Check: decisionTold}, {Code: "concerned", Check: nobodyConcerned}, {Code: "same_decider", Check: reviewedByAnother}},
		Keep: func(c *Complaint, by string, at time.Time) {
			c.Upheld = "not_upheld"
			closeComplaint(c, by, at)
		},
		Then: askLesson,
	},
	{
		Name: "withdraw", Doc: "Close a complaint that the complainant takes back.",
		From: openComplaint, To: "closed_withdrawn", Level: 4, Needs: []string{"withdrawn_on", "withdrawal_evidence"}, Keep: closeComplaint,
		Then: func(ctx context.Context, c *Complaint, do flow.Do) error {
			return endAbove(ctx, "complaint", c.ID, "The complainant took the complaint back.", do)
		},
	},
	{
		Name: "refer_external", Doc: "Hand the complaint over to a body outside, which decides from then on.",
		From: openComplaint, To: "referred_external", Level: 5, Reason: true, Needs: []string{"referred_to", "referred_on"}, Keep: closeComplaint,
		Then: func(ctx context.Context, c *Complaint, do flow.Do) error {
			return endAbove(ctx, "complaint", c.ID, "The complaint was referred outside.", do)
		},
	},
	{
		Name: "record_result", Doc: "Record what came of the complaint at the body that took it over.",
		From: flow.From("referred_external"), Level: 4, Needs: []string{"referral_result"}, Anew: []string{"referral_result"},
	},
	{
		Name: "identify", Doc: "Say which stakeholder the complainant is.",
		From: openComplaint, Level: 4, Needs: []string{"stakeholder_id"},
		First: func(ctx context.Context, c *Complaint, do flow.Do) error { return keepGroups(ctx, c, do) }, Then: nowAbout[*Complaint],
		Raise: []flow.Raise[*Complaint]{complainantIs("senior", authority.L6), complainantIs("most_senior", authority.L7)}, // else a decision could be had by naming somebody lesser first
	},
	{
		Name: "flag_conduct", Doc: "Say that the complainant's conduct is unreasonable, why, and when that is looked at again.",
		From: openComplaint, Level: 5, Needs: []string{"conduct_reason", "conduct_review_on"}, Anew: []string{"conduct_reason", "conduct_review_on"},
		Guards: []flow.Guard[*Complaint]{{Code: "reviewed_in_past", Check: conductReviewed}},
		Keep:   func(c *Complaint, _ string, _ time.Time) { c.UnreasonableConduct = true },
	},
	{
		Name: "lift_conduct", Doc: "Take that back.", From: openComplaint, Level: 5, Reason: true,
		Guards: []flow.Guard[*Complaint]{{Code: "not_flagged", Check: conductFlagged}},
		Keep: func(c *Complaint, _ string, _ time.Time) {
			c.UnreasonableConduct, c.ConductReason, c.ConductReviewOn = false, "", ""
		},
	},
}, linking("complaint", slices.Concat(openComplaint, endedComplaint), func(c *Complaint) sharer { return c })...)

// foundConcerned carries out what follows from what an assessment says of the severity and
// of those whom the complaint is about.
func foundConcerned(ctx context.Context, c *Complaint, do flow.Do) error {
	if err := unseat(ctx, c, do); err != nil {
		return err
	}
	return reexposedBy(ctx, c, do)
}

func acknowledgeComplaint(c *Complaint, by string, at time.Time) {
	c.AcknowledgeDueAt = c.limit(at) // of the clock that ends now
	c.judgeTimes()
	if c.AcknowledgedChannel == "unknown" {
		c.AcknowledgedChannel = c.Channel
	}
	if c.OwnerID == "" {
		c.OwnerID = by
	}
}

func assessComplaint(c *Complaint, by string, at time.Time) {
	c.AssessedAt = At(at)
	c.Priority, c.Route = c.ranked()
	if c.AssigneeID == "" {
		c.AssigneeID = or(c.OwnerID, by)
	}
}

func reassessComplaint(c *Complaint, _ string, _ time.Time) {
	was := c.Priority
	c.Priority, c.Route = c.ranked()
	c.Reprioritised = c.Reprioritised || c.Priority != was
}

func extendComplaint(c *Complaint, _ string, _ time.Time) {
	c.Extensions++
	if c.DecisionDueAt == "" {
		c.DecisionDueAt = c.DueAt
	}
}

// decideComplaint completes what the complainant is told, and keeps who decided at
// what level, so that a review is decided above.
func decideComplaint(ctx context.Context, c *Complaint, do flow.Do) error {
	level := int(authority.From(ctx).Level)
	c.DecidedLevel = &level
	c.Decision = or(c.Decision, c.Findings)
	c.ReviewRoutes = or(c.ReviewRoutes, do.Setting(ctx, "complaint_review_routes"))
	return nil
}

func noteDecision(c *Complaint, by string, at time.Time) {
	c.DecidedAt, c.DecidedByID = At(at), by
	c.ComplainantAnswer, c.AnsweredOn, c.AnswerEvidence = "none", "", "" // of the decision before
	if c.DecisionDueAt == "" {
		c.DecisionDueAt = c.limit(at)
	}
	c.judgeTimes()
}

// reviewComplaint begins a review: of its decision the complainant is told anew, in
// words of its own.
func reviewComplaint(c *Complaint, _ string, at time.Time) {
	c.Reviews++
	c.ReviewedAt, c.ComplainantAnswer, c.ExtendedUntil = At(at), "rejected", ""
	c.Decision, c.ToldAt, c.ToldChannel = "", "", "unknown"
}

func closeComplaint(c *Complaint, _ string, at time.Time) { c.ClosedAt = At(at) }

// askLesson reminds the owner to say what was learned.
func askLesson(ctx context.Context, c *Complaint, do flow.Do) error {
	return do.Tell(ctx, []string{c.OwnerID}, "lesson_prompted")
}
