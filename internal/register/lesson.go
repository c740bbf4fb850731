package register

import (
	"context"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// A Lesson is what we learned from something that happened, good or bad, and
// what we recommend to do next time.
type Lesson struct {
	Base
	LessonFields
	Clocked
	// PublishedAt is when the lesson was published.
	PublishedAt Instant `json:"published_at" list:"sort"`
	// ReviewOn is the day by which somebody says whether it still holds.
	ReviewOn Date `json:"review_on"`
	// FirstAppliedAt is when something first changed because of it.
	FirstAppliedAt Instant `json:"first_applied_at"`
	// AppliedCount counts what changed because of it.
	AppliedCount int `json:"applied_count"`
}

// LessonFields are what a client writes of a lesson.
type LessonFields struct {
	// Title says the lesson in a line.
	Title string `json:"title" validate:"required,max=200" list:"title" pii:"yes" example:"Ask neighbours before a night shift begins"`
	// Kind says whether it went well or badly.
	Kind string `json:"kind" validate:"required" enum:"lesson_kind" example:"negative"`
	// WhatHappened tells the event, in Markdown.
	WhatHappened string `json:"what_happened" validate:"required,max=20000" list:"search" pii:"yes"`
	// RootCause says why it went as it did.
	RootCause string `json:"root_cause" validate:"max=4000" list:"search" pii:"yes"`
	// Recommendation says what to do next time.
	Recommendation string `json:"recommendation" validate:"required,max=20000" list:"search" pii:"yes" example:"Visit the first row of houses a month before."`
	// Category is the part of our work that the lesson is about.
	Category string `json:"category" enum:"issue_category" default:"unknown" example:"environment"`
	// AppliesToTags are the tags of what it is for; it is suggested for records that have one.
	AppliesToTags List[string] `json:"applies_to_tags" validate:"required,min=1,max=50,unique,dive,required,max=64" terms:"yes"`
	// IssueIDs are the issues in which it was learned.
	IssueIDs List[string] `json:"issue_ids" ref:"issue" inherits:"yes" validate:"max=50,unique" set:"create"`
	// CorrectiveActionIDs are the corrective actions in which it was learned.
	CorrectiveActionIDs List[string] `json:"corrective_action_ids" ref:"corrective_action" inherits:"yes" validate:"max=50,unique" set:"create"`
	// ProblemIDs are the problems in which it was learned.
	ProblemIDs List[string] `json:"problem_ids" ref:"problem" inherits:"yes" validate:"max=50,unique" set:"create"`
	// ComplaintIDs are the complaints in which it was learned.
	ComplaintIDs List[string] `json:"complaint_ids" ref:"complaint" inherits:"yes" validate:"max=50,unique" set:"create"`
	// InteractionIDs are the contacts in which it was learned.
	InteractionIDs List[string] `json:"interaction_ids" ref:"interaction" inherits:"yes" validate:"max=50,unique" set:"create"`
	// Significant says that it matters beyond the single case.
	Significant bool `json:"significant" set:"validate"`
	// Valid says that what it claims is right.
	Valid bool `json:"valid" set:"validate"`
	// Applicable says that it can be acted on elsewhere.
	Applicable bool `json:"applicable" set:"validate"`
	// Expertise says what makes whoever validated it an expert of the matter.
	Expertise string `json:"expertise" validate:"max=1000" set:"validate" pii:"yes" example:"Ten years of night shifts on the quay"`
	// Audience says for whom it is published.
	Audience string `json:"audience" enum:"lesson_audience" default:"none" set:"publish" example:"organisation"`
	// PersonalDataRemoved confirms that no person can be made out in what is published.
	PersonalDataRemoved bool `json:"personal_data_removed" set:"publish"`
	// ArtefactKind is the sort of thing that last changed because of it.
	ArtefactKind string `json:"artefact_kind" enum:"artefact_kind" default:"unknown" set:"apply" example:"template"`
	// Artefact is what that is called.
	Artefact string `json:"artefact" validate:"max=200" set:"apply" example:"Checklist for new shifts"`
	// ArtefactURL leads to it as it is now.
	ArtefactURL string `json:"artefact_url" validate:"omitempty,max=2000,http_url" set:"apply" example:"https://wiki.example.org/checklists/shifts"`
	// AppliedOn is the day on which it last changed something.
	AppliedOn Date `json:"applied_on" default:"today" set:"apply"`
	// ReviewNote says what the last review found.
	ReviewNote string `json:"review_note" validate:"max=4000" set:"confirm" pii:"yes"`
	// DuplicateOfID is the lesson that says the same.
	DuplicateOfID string `json:"duplicate_of_id" ref:"lesson" set:"mark_duplicate"`
}

// Lessons are what we learned.
var Lessons = Define(Kind[Lesson]{
	Name: "lesson", Plural: "lessons", Prefix: "LSN",
	Doc: "What we learned from something that happened, validated by a second person, published without personal data, and applied where something changed.",
	Flow: flow.Table[*Lesson]{
		Start: "captured",
		Ends:  flow.From("retired", "rejected", "duplicate"),
		Rows:  lessonRows,
	},
	Open:   flow.From("captured"),
	Paths:  []string{"state -> -updated_at", "owner_id, state -> -updated_at", "category, state -> -updated_at"},
	Clocks: lessonClocks,
	Prepare: func(l *Lesson, _ Instant) {
		if l.Version == 0 && l.OwnerID == "" && l.CreatedBy.Type == authority.User {
			l.OwnerID = l.CreatedBy.ID // who learned it looks after it, unless somebody else is named
		}
	},
	Check: checkLesson,
})

var lessonRows = []flow.Transition[*Lesson]{
	{Name: "submit", Doc: "Ask for the lesson to be validated.", From: flow.From("captured"), To: "under_validation", Level: 4},
	{
		Name: "return", Doc: "Give the lesson back to be worded anew; until then nobody changes what is being validated.",
		From: flow.From("under_validation"), To: "captured", Level: 4, Reason: true,
		Then: func(ctx context.Context, l *Lesson, do flow.Do) error {
			return do.Tell(ctx, []string{l.OwnerID}, "returned")
		},
	},
	{
		Name: "validate", Doc: "Confirm, as somebody who knows the matter, that the lesson is significant, valid and applicable.",
		From: flow.From("under_validation"), To: "validated", Level: 5, FourEyes: "created,updated,submit",
		Needs: []string{"expertise"}, Takes: []string{"significant", "valid", "applicable"},
		Guards: []flow.Guard[*Lesson]{{Code: "not_confirmed", Asks: []string{"significant", "valid", "applicable"}, Check: lessonConfirmed}},
	},
	{
		Name: "reject", Doc: "Put the lesson aside: it is no lesson.", From: flow.From("captured", "under_validation"), To: "rejected",
		Level: 5, FourEyes: "created", Reason: true,
	},
	{
		Name: "mark_duplicate", Doc: "Put the lesson aside: another one says the same.", From: flow.From("captured", "under_validation"), To: "duplicate",
		Level: 5, Reason: true, Needs: []string{"duplicate_of_id"},
		Guards: []flow.Guard[*Lesson]{{Code: "no_duplicate", Check: saysTheSame}},
	},
	{
		Name: "publish", Doc: "Publish the lesson for an audience, as it was validated.",
		From: flow.From("validated"), To: "published", Level: 5,
		Takes:  []string{"audience", "personal_data_removed"},
		Guards: []flow.Guard[*Lesson]{{Code: "no_audience", Asks: []string{"audience"}, Check: audienceNamed}, {Code: "personal_data", Asks: []string{"personal_data_removed"}, Check: personalDataRemoved}},
		First:  reviewLater,
		Keep:   func(l *Lesson, _ string, at time.Time) { l.PublishedAt = At(at) },
	},
	{
		Name: "revise", Doc: "Take a validated lesson back to change its texts; it is validated anew.", From: flow.From("validated"), To: "captured",
		Level: 4, Reason: true,
		Keep: func(l *Lesson, _ string, _ time.Time) {
			l.Significant, l.Valid, l.Applicable, l.Expertise = false, false, false, ""
		},
	},
	{
		Name: "apply", Doc: "Say what changed because of the lesson, with the link to it.", From: flow.From("published", "applied"), To: "applied", Level: 4,
		Raise: []flow.Raise[*Lesson]{changesRules},
		Needs: []string{"artefact_kind", "artefact", "artefact_url", "applied_on"}, Anew: []string{"artefact_kind", "artefact", "artefact_url"}, Guards: []flow.Guard[*Lesson]{{Code: "artefact_unknown", Check: artefactKnown}},
		Keep: func(l *Lesson, _ string, at time.Time) {
			if l.AppliedCount++; l.FirstAppliedAt == "" {
				l.FirstAppliedAt = At(at)
			}
		},
	},
	{
		Name: "confirm", Doc: "Say that the lesson still holds; it is looked at again a year later.", From: flow.From("published", "applied"), Level: 5,
		Needs: []string{"review_note"}, Anew: []string{"review_note"}, First: reviewLater,
	},
	{
		Name: "retire", Doc: "Take the lesson out of use: it is superseded, or holds no more.", From: flow.From("validated", "published", "applied"), To: "retired",
		Level: 5, Reason: true,
	},
}

// lessonClocks are the time limits of lessons.
var lessonClocks = []Clock[*Lesson]{
	{Name: "validate", Doc: "Validate the lesson.", Runs: flow.From("captured", "under_validation"), Due: within[*Lesson]("lesson_validate_days")},
	{Name: "publish", Doc: "Publish the lesson.", Runs: flow.From("validated"), Due: within[*Lesson]("lesson_publish_days")},
	{
		Name: "review", Doc: "Say whether the lesson still holds.", Runs: flow.From("published", "applied"),
		Due: func(_ context.Context, l *Lesson, _ flow.Look) (Limit, error) { return Limit{On: l.ReviewOn}, nil },
	},
}

// changesRules asks for level 6 where a policy or the approach changes.
var changesRules = flow.Raise[*Lesson]{
	Name: "policy", Level: 6, Why: "a policy or the approach changes", Written: true,
	When: func(_ context.Context, l *Lesson, _ flow.Look) (bool, error) {
		return l.ArtefactKind == "policy" || l.ArtefactKind == "approach", nil
	},
}

// checkLesson keeps a lesson from standing without what it was learned from.
func checkLesson(ctx context.Context, l *Lesson, look flow.Look) (faults fault.Fields, err error) {
	if len(l.IssueIDs)+len(l.ComplaintIDs)+len(l.CorrectiveActionIDs)+len(l.ProblemIDs)+len(l.InteractionIDs) == 0 {
		faults.At("#/issue_ids", "required", "Say in what the lesson was learned: issue_ids, complaint_ids, corrective_action_ids, problem_ids or interaction_ids.")
	}
	if l.AppliedOn > today(ctx, look) {
		faults.At("#/applied_on", "not_historical", "applied_on lies in the future.")
	}
	for name, at := range map[string]Instant{"published_at": l.PublishedAt, "first_applied_at": l.FirstAppliedAt} {
		if at > At(look.Now()) {
			faults.At("#/"+name, "not_historical", "%s lies in the future.", name)
		}
	}
	if l.PublishedAt != "" {
		notBefore(&faults, "applied_on", l.AppliedOn, "published_at", dayOf(ctx, look, l.PublishedAt.Time()))
	}
	return faults, nil
}

// lessonConfirmed keeps out what is trivial, wrong or of no use elsewhere.
func lessonConfirmed(_ context.Context, l *Lesson, _ flow.Look) (blockers []flow.Blocker, err error) {
	for _, c := range []struct {
		name string
		yes  bool
	}{{"significant", l.Significant}, {"valid", l.Valid}, {"applicable", l.Applicable}} {
		if !c.yes {
			blockers = append(blockers, flow.Block("Confirm that the lesson is %s, or reject it.", c.name)...)
		}
	}
	return blockers, nil
}

// saysTheSame keeps a lesson from being put aside in favour of itself, or of one
// that was put aside too.
func saysTheSame(ctx context.Context, l *Lesson, look flow.Look) ([]flow.Blocker, error) {
	switch l.DuplicateOfID {
	case "":
		return nil, nil // it is asked for as a field
	case l.ID:
		return flow.Block("A lesson is no duplicate of itself."), nil
	}
	other, err := Find[Lesson](ctx, look, l.DuplicateOfID)
	if err != nil || other.State != "rejected" && other.State != "duplicate" {
		return nil, err
	}
	return []flow.Blocker{{Detail: "That lesson was put aside itself.", Resource: Pointer(other)}}, nil
}

// audienceNamed keeps a lesson from being published for nobody.
func audienceNamed(_ context.Context, l *Lesson, _ flow.Look) ([]flow.Blocker, error) {
	if l.Audience == "none" {
		return flow.Block("Say in audience for whom the lesson is published."), nil
	}
	return nil, nil
}

// personalDataRemoved keeps people from being made out in what is published.
func personalDataRemoved(_ context.Context, l *Lesson, _ flow.Look) ([]flow.Blocker, error) {
	if !l.PersonalDataRemoved {
		return flow.Block("Confirm in personal_data_removed that nobody can be made out in the texts; to change them, take revise."), nil
	}
	return nil, nil
}

// artefactKnown keeps a lesson from counting as applied to something or other.
func artefactKnown(_ context.Context, l *Lesson, _ flow.Look) ([]flow.Blocker, error) {
	if l.ArtefactKind == "unknown" {
		return flow.Block("Say in artefact_kind what sort of thing changed."), nil
	}
	return nil, nil
}

// reviewLater sets the day of the next review.
func reviewLater(ctx context.Context, l *Lesson, do flow.Do) error {
	l.ReviewOn = today(ctx, do).Days(days(ctx, do, "lesson_review_days"))
	return nil
}
