package register

import (
	"context"
	"slices"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// assessmentRaises ask for more where much is at stake, in what stands as in what
// the assessment writes over it.
var assessmentRaises = []flow.Raise[*Complaint]{
	{Name: "critical", Level: authority.L5, Why: "the complaint is of critical severity", When: complaintMeets(func(c *Complaint) bool { return c.Severity == "critical" })},
	{Name: "lowered", Level: authority.L5, Why: "the severity, high or critical so far, is lowered", Written: true, When: complaintLowered},
	{Name: "safety", Level: authority.L6, Why: "safety is at stake", When: complaintMeets((*Complaint).touchesSafety)},
	{Name: "safety_found", Level: authority.L6, Why: "safety is at stake", Written: true, When: complaintMeets((*Complaint).touchesSafety)},
	complainantIs("most_senior", authority.L6),
}

// reassessmentRaises ask for more too where a complaint is to be no more than a
// single case: a decision of level 6 could be had by saying so first.
var reassessmentRaises = append(slices.Clone(assessmentRaises), flow.Raise[*Complaint]{
	Name: "single", Level: authority.L6, Why: "it was no single case so far", Written: true,
	When: func(ctx context.Context, c *Complaint, look flow.Look) (bool, error) {
		was, err := Find[Complaint](ctx, look, c.ID)
		return err == nil && was.Systemic && !c.Systemic, err
	},
})

// seriousComplaint asks for more where a serious complaint is looked into.
var seriousComplaint = flow.Raise[*Complaint]{
	Name: "serious", Level: authority.L5, Why: "the complaint is serious",
	When: complaintMeets(func(c *Complaint) bool { return severities[c.Severity] >= severities["high"] }),
}

// secondExtension asks for more where the complainant is put off again.
var secondExtension = flow.Raise[*Complaint]{
	Name: "second", Level: authority.L6, Why: "the time was extended before", When: complaintMeets(func(c *Complaint) bool { return c.Extensions > 0 }),
}

// frontlineRaises keep a remedy at first contact within the handler's authority, and
// the most senior complainants from being settled with below it.
var frontlineRaises = []flow.Raise[*Complaint]{
	complainantIs("senior", authority.L6),
	complainantIs("most_senior", authority.L7),
	remedyOver("complaint_remedy_limit_4", authority.L5, "the remedy is worth more than level 4 may give", true),
	remedyOver("complaint_remedy_limit_5", authority.L6, "the remedy is worth more than level 5 may give", true),
	remedyOver("complaint_remedy_limit_6", authority.L7, "the remedy is worth more than level 6 may give", true),
}

// decisionRaises ask for more by who complains, how far it reaches, what it costs,
// and who decided before.
var decisionRaises = []flow.Raise[*Complaint]{
	complainantIs("senior", authority.L6),
	{Name: "systemic", Level: authority.L6, Why: "it is no single case", When: complaintMeets(func(c *Complaint) bool { return c.Systemic })},
	reviewOf5,
	remedyOver("complaint_remedy_limit_5", authority.L6, "the remedy is worth more than level 5 may give", false),
	complainantIs("most_senior", authority.L7),
	reviewOf6,
	remedyOver("complaint_remedy_limit_6", authority.L7, "the remedy is worth more than level 6 may give", false),
	reviewAtTop,
}

// An internal review is decided one level above whoever decided so far.
var (
	reviewOf5 = flow.Raise[*Complaint]{
		Name: "review_of_5", Level: authority.L6, Why: "a decision of level 5 is reviewed", When: complaintMeets(func(c *Complaint) bool { return c.reviews(authority.L5) }),
	}
	reviewOf6 = flow.Raise[*Complaint]{
		Name: "review_of_6", Level: authority.L7, Why: "a decision of level 6 or 7 is reviewed",
		When: complaintMeets(func(c *Complaint) bool { return c.reviews(authority.L6) || c.reviews(authority.L7) }),
	}
)

func complaintMeets(holds func(*Complaint) bool) func(context.Context, *Complaint, flow.Look) (bool, error) {
	return func(_ context.Context, c *Complaint, _ flow.Look) (bool, error) { return holds(c), nil }
}

// complaintLowered reports whether a severe complaint would be called less severe.
func complaintLowered(ctx context.Context, c *Complaint, look flow.Look) (bool, error) {
	was, err := Find[Complaint](ctx, look, c.ID)
	return err == nil && severities[was.Severity] >= severities["high"] && severities[c.Severity] < severities[was.Severity], err
}

func (c *Complaint) touchesSafety() bool { return c.Category == "safety" }

// reviews reports whether a decision of a level lies before the present one.
func (c *Complaint) reviews(level authority.Level) bool {
	return c.Reviews > 0 && c.DecidedLevel != nil && *c.DecidedLevel == int(level)
}

// complainantIs asks for a level where the complainant stands high in its own house.
func complainantIs(word string, level authority.Level) flow.Raise[*Complaint] {
	why := map[string]string{"senior": "the complainant is senior", "most_senior": "the complainant is among the most senior"}
	return flow.Raise[*Complaint]{
		Name: word, Level: level, Why: why[word],
		When: func(ctx context.Context, c *Complaint, look flow.Look) (bool, error) {
			if c.StakeholderID == "" {
				return false, nil
			}
			have, err := seniorityOf(ctx, look, c.StakeholderID)
			return have == word, err
		},
	}
}

// remedyOver asks for a level where the remedy is worth more than a setting says.
func remedyOver(setting string, level authority.Level, why string, written bool) flow.Raise[*Complaint] {
	return flow.Raise[*Complaint]{
		Name: "remedy_" + setting[len(setting)-1:], Level: level, Why: why, Written: written,
		When: func(ctx context.Context, c *Complaint, look flow.Look) (bool, error) {
			if c.RemedyValue == nil || !amountForm.MatchString(c.RemedyValue.Amount) {
				return false, nil // a fault of its own says so
			}
			value, _ := strconv.ParseFloat(c.RemedyValue.Amount, 64)         // of 14 digits at most
			limit, err := strconv.ParseFloat(look.Setting(ctx, setting), 64) // the setting's own check keeps it a number
			return err == nil && value > limit, nil
		},
	}
}

// criteria are what every assessment looks at.
var criteria = []string{"severity", "safety", "complexity", "impact", "immediate_action"}

// score is that of a criterion, 0 if it was not given.
func (c *Complaint) score(criterion string) int {
	for _, s := range c.Criteria {
		if s.Criterion == criterion {
			return s.Score
		}
	}
	return 0
}

// ranked is what the scores and the severity say of the priority and of the way to
// handle the complaint.
func (c *Complaint) ranked() (priority, route string) {
	highest, sum := 0, 0
	for _, criterion := range criteria {
		highest, sum = max(highest, c.score(criterion)), sum+c.score(criterion)
	}
	switch {
	case c.Severity == "critical" || c.score("safety") == 5 || sum >= 20:
		priority = "urgent"
	case c.Severity == "high" || highest == 5 || sum >= 15:
		priority = "high"
	case sum >= 10:
		priority = "normal"
	default:
		priority = "low"
	}
	route = "investigation"
	if c.score("complexity") <= 2 && c.score("safety") <= 2 && severities[c.Severity] <= severities["medium"] && !c.Systemic {
		route = "frontline"
	}
	return priority, route
}

// acknowledgedInWords keeps a complaint from being called acknowledged while nobody
// can say what the complainant was told, and how.
func acknowledgedInWords(_ context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
	if c.unreachable() || c.Acknowledgement != "" && (c.AcknowledgedChannel != "unknown" || c.Channel != "unknown") {
		return nil, nil
	}
	return flow.Block("Say what the complainant was told, and how: acknowledgement, acknowledged_channel."), nil
}

// unreachable reports whether nobody knows whom to tell.
func (c *Complaint) unreachable() bool { return c.Anonymous }

// criteriaScored keeps a complaint from being called assessed with half an assessment.
func criteriaScored(_ context.Context, c *Complaint, _ flow.Look) (blockers []flow.Blocker, err error) {
	if c.Severity == "unknown" {
		blockers = flow.Block("Say the severity: it is unknown.")
	}
	if c.Category == "unknown" {
		blockers = append(blockers, flow.Block("Say the category: it is unknown.")...)
	}
	given := map[string]int{}
	for _, s := range c.Criteria {
		given[s.Criterion]++
	}
	for _, criterion := range criteria {
		if given[criterion] != 1 {
			blockers = append(blockers, flow.Block("Score %s once in criteria, from 1 to 5.", criterion)...)
		}
	}
	return blockers, nil
}

// conflictChecked keeps a complaint from being handled by whom it is about, or who
// gains by its outcome, unless it is said how that is dealt with.
func conflictChecked(_ context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
	switch {
	case c.ConflictOfInterest == "unchecked":
		return flow.Block("Say whether who handles it has a stake in it: conflict_of_interest."), nil
	case c.ConflictOfInterest == "declared" && c.ConflictNote == "":
		return flow.Block("Say in conflict_note how the conflict of interest is dealt with."), nil
	}
	return nil, nil
}

// nobodyConcerned keeps those whom a complaint is about from handling it.
func nobodyConcerned(ctx context.Context, c *Complaint, look flow.Look) (blockers []flow.Blocker, err error) {
	if slices.Contains(c.SubjectUserIDs, authority.From(ctx).Person()) {
		blockers = flow.Block("The complaint is about you: somebody else handles it.")
	}
	for _, id := range slices.Compact([]string{c.AssigneeID, c.OwnerID}) {
		if id == "" || !slices.Contains(c.SubjectUserIDs, id) {
			continue
		}
		person, err := Find[User](ctx, look, id)
		if err != nil {
			return nil, err
		}
		blockers = append(blockers, flow.Blocker{Detail: "The complaint is about whoever owns it or looks into it: name somebody else.", Resource: Pointer(person)})
	}
	return blockers, nil
}

// unconcerned keeps those whom a complaint is about from rewriting it.
func unconcerned(actor authority.Actor, before, _ *Complaint) error {
	if before == nil || !slices.Contains(before.SubjectUserIDs, actor.Person()) {
		return nil
	}
	return fault.New(fault.InsufficientLevel, "The complaint is about you: somebody else changes it.").
		With("required_level", int(authority.L4)).With("your_level", actor.Level.Wire()).
		With("because", []string{"the complaint is about you"}).With("escalate_to", nil)
}

// simpleEnough keeps what has to be looked into from being settled at first contact.
func simpleEnough(_ context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
	if c.Route != "frontline" {
		return flow.Block("By its assessment the complaint is not simple: take investigate."), nil
	}
	return nil, nil
}

// remedyValued keeps what costs money from being given past the limits of the levels,
// which are held against what it is worth.
func remedyValued(_ context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
	costs := slices.ContainsFunc(c.Remedies, func(r Remedy) bool { return r.Remedy == "refund" || r.Remedy == "replace" })
	if costs && c.RemedyValue == nil {
		return flow.Block("Say what the remedies are worth: remedy_value."), nil
	}
	return nil, nil
}

// longestExtension is how many days from today on the time for an answer reaches at most.
const longestExtension = 365

// extendedFurther keeps an extension from giving no time, or time without end.
func extendedFurther(ctx context.Context, c *Complaint, look flow.Look) ([]flow.Blocker, error) {
	if c.DueOn == "" && c.WaitsAbove { // the first limit, against which the decision is held, is not known now
		return flow.Block("The time for the answer stands still while somebody above is asked: extend it once they answered."), nil
	}
	if c.ExtendedUntil > today(ctx, look).Days(longestExtension) {
		return flow.Block("extended_until lies more than %d days ahead.", longestExtension), nil
	}
	if c.ExtendedUntil != "" && (c.ExtendedUntil <= c.DueOn || c.ExtendedUntil < today(ctx, look)) {
		return flow.Block("extended_until must come after the day on which the answer is due, and not lie in the past."), nil
	}
	return nil, nil
}

// told keeps the complainant from hearing nothing: it was said when and how.
func told(what, members string, how func(*Complaint) (bool, string)) func(context.Context, *Complaint, flow.Look) ([]flow.Blocker, error) {
	return func(_ context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
		if dated, channel := how(c); c.unreachable() || dated && channel != "unknown" {
			return nil, nil
		}
		return flow.Block("Say when and how the complainant was told %s: %s.", what, members), nil
	}
}

var decisionTold = told("of the decision", "told_at, told_channel", func(c *Complaint) (bool, string) { return c.ToldAt != "", c.ToldChannel })

// foundOut keeps an answer from being proposed before anything is known.
func foundOut(_ context.Context, c *Complaint, _ flow.Look) (blockers []flow.Blocker, err error) {
	if c.Upheld == "unknown" {
		blockers = flow.Block("Say whether the complaint is upheld: upheld is unknown.")
	}
	if c.CauseCategory == "unknown" {
		blockers = append(blockers, flow.Block("Say what brought it about: cause_category is unknown.")...)
	}
	return blockers, nil
}

// reviewedByAnother keeps whoever decided from reviewing the own decision.
func reviewedByAnother(ctx context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
	if c.Reviews > 0 && c.DecidedByID != "" && c.DecidedByID == authority.From(ctx).Person() {
		return flow.Block("The decision under review is yours: somebody else decides now."), nil
	}
	return nil, nil
}

// complainantAnswered keeps a complaint from being closed over the complainant's
// head: there is an answer, or there was none for long enough.
func complainantAnswered(ctx context.Context, c *Complaint, look flow.Look) ([]flow.Blocker, error) {
	wait := days(ctx, look, "complaint_silence_days")
	switch c.ComplainantAnswer {
	case "accepted":
		if c.unreachable() || c.AnsweredOn != "" && c.AnswerEvidence != "" {
			return nil, nil
		}
		return flow.Block("Say when the complainant accepted and where that can be seen: answered_on, answer_evidence."), nil
	case "silent":
		if c.DecidedAt != "" && !look.Now().Before(c.ToldAt.Time().AddDate(0, 0, wait)) {
			return nil, nil
		}
		return flow.Block("Silence counts %d days after the complainant was told of the decision.", wait), nil
	}
	return flow.Block("The complainant has not accepted: record the answer, or the silence after %d days.", wait), nil
}

// agreedAtOnce keeps a complaint from being settled at first contact without a word of
// the complainant: nobody was told of a decision there to which to be silent.
func agreedAtOnce(ctx context.Context, c *Complaint, look flow.Look) ([]flow.Blocker, error) {
	switch c.ComplainantAnswer {
	case "accepted":
		return complainantAnswered(ctx, c, look)
	case "silent":
		return flow.Block("Silence settles nothing at first contact: record that the complainant accepts, or take propose_response and tell of a decision."), nil
	}
	return flow.Block("The complainant has not accepted: record the answer, or take propose_response and tell of a decision."), nil
}

// remedyDone keeps a complaint from being closed on a promise.
func remedyDone(_ context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
	if c.RemedyDoneOn == "" {
		return flow.Block("Say when the remedy was carried out: remedy_done_on."), nil
	}
	return nil, nil
}

// recourseTold keeps a complainant who is not content from not knowing where to turn.
func recourseTold(_ context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
	if c.unreachable() || c.RecourseToldOn != "" && c.RecourseChannel != "unknown" && c.ExternalRecourse != "" {
		return nil, nil
	}
	return flow.Block("Say when and how the complainant was told of the review here and of the body outside: recourse_told_on, recourse_channel, external_recourse."), nil
}

// conductReviewed keeps a flag from standing that nobody will look at again.
func conductReviewed(ctx context.Context, c *Complaint, look flow.Look) ([]flow.Blocker, error) {
	if c.ConductReviewOn != "" && c.ConductReviewOn <= today(ctx, look) {
		return flow.Block("conduct_review_on must lie in the future."), nil
	}
	return nil, nil
}

// conductFlagged keeps a flag from being lifted that was never put up.
func conductFlagged(_ context.Context, c *Complaint, _ flow.Look) ([]flow.Blocker, error) {
	if !c.UnreasonableConduct {
		return flow.Block("The complainant's conduct is not flagged."), nil
	}
	return nil, nil
}
