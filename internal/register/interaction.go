package register

import (
	"slices"
	"time"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// An Interaction is one contact with stakeholders. The log is append-only: what
// was logged is changed by amending it alone, and every version stays readable.
type Interaction struct {
	Base
	InteractionFields
	// Formality says whether the channel is one of record; it follows from the channel.
	Formality string `json:"formality" enum:"formality" default:"unknown"`
	// SentimentScore is the sentiment as a number, -2 to 2, to sort and to average; null where it is unknown.
	SentimentScore *int `json:"sentiment_score" list:"filter,sort"`
	// LoggedAt is when the contact was logged, null while it is a draft.
	LoggedAt Instant `json:"logged_at"`
	// IsLate says that it was logged more than five days after it took place.
	IsLate bool `json:"is_late"`
	InteractionDerived

	// FollowUp is a step to take afterwards, entered as a record of its own.
	FollowUp *NewFollowUp `json:"follow_up" said:"create,require_follow_up"`
	// Issue is an issue that came up, entered as a record of its own.
	Issue *NewIssue `json:"issue" said:"raise_issue"`
	// Draft keeps a new interaction from being logged at once.
	Draft bool `json:"draft" said:"create"`
}

// InteractionFields are what a client writes of an interaction.
type InteractionFields struct {
	// StakeholderIDs are those whom the contact was with; the log needs one.
	StakeholderIDs List[string] `json:"stakeholder_ids" ref:"stakeholder" inherits:"yes" validate:"max=100,unique"`
	// UserIDs are those of us who took part; whoever logs it, if left out.
	UserIDs List[string] `json:"user_ids" ref:"user" named:"yes" validate:"max=50,unique"`
	// Channel is the way in which the contact was made; the log needs it.
	Channel string `json:"channel" enum:"channel" default:"unknown" example:"call"`
	// Direction says who sought the contact; the log needs it.
	Direction string `json:"direction" enum:"direction" default:"unknown" example:"inbound"`
	// OccurredAt is when the contact took place, or began; the log needs it.
	OccurredAt Instant `json:"occurred_at" list:"filter,sort" example:"2026-11-21T15:30:00Z"`
	// DurationMinutes is how long it took.
	DurationMinutes *int `json:"duration_minutes" validate:"omitempty,min=0,max=10080"`
	// Location is where it took place.
	Location string `json:"location" validate:"max=200" pii:"yes"`
	// Subject says in a line what it was about.
	Subject string `json:"subject" validate:"max=200" list:"title" pii:"yes" example:"Unloading at night"`
	// Summary tells what was said, in Markdown; the log needs it.
	Summary string `json:"summary" validate:"max=20000" list:"search" pii:"yes"`
	// Sentiment is how the other side felt about it.
	Sentiment string `json:"sentiment" enum:"sentiment" default:"unknown" example:"negative"`
	// DiscussionPoints are what was talked about, one by one.
	DiscussionPoints List[DiscussionPoint] `json:"discussion_points" validate:"max=50,dive" list:"search" pii:"yes"`
}

// InteractionDerived is what followed from an interaction.
type InteractionDerived struct {
	// FollowUpIDs are the steps to take afterwards, the one entered first before the others.
	FollowUpIDs List[string] `json:"follow_up_ids"`
}

// DiscussionPoint is one thing that was talked about.
type DiscussionPoint struct {
	// Topic names it.
	Topic string `json:"topic" validate:"required,max=200"`
	// Text tells what was said of it.
	Text string `json:"text" validate:"max=4000"`
	// Outcome says what came of it.
	Outcome string `json:"outcome" validate:"max=2000"`
}

// Texts are what a search finds a discussion point by.
func (p DiscussionPoint) Texts() []string { return []string{p.Topic, p.Text, p.Outcome} }

// NewFollowUp is a follow-up that is asked for together with its interaction.
type NewFollowUp struct {
	// Title says in a line what is to be done.
	Title string `json:"title" validate:"required,max=200"`
	// DueOn is the day by which it is to be done.
	DueOn Date `json:"due_on" validate:"required"`
	// OwnerID is who does it; by default whoever asks for it.
	OwnerID string `json:"owner_id" ref:"user"`
}

// NewIssue is an issue that is raised from an interaction.
type NewIssue struct {
	// Title says in a line what is wrong; by default the topic of the discussion point.
	Title string `json:"title" validate:"max=200"`
	// Description tells what happened; by default the text of the discussion point.
	Description string `json:"description" validate:"max=20000"`
	// Category is the part of our work that it is about.
	Category string `json:"category" enum:"issue_category" default:"unknown"`
	// Severity says how much harm is done.
	Severity string `json:"severity" enum:"severity" default:"unknown"`
	// Urgency says how soon something must happen.
	Urgency string `json:"urgency" enum:"urgency" default:"unknown"`
	// StakeholderID is the party that raised it; by default the one whom the contact was with.
	StakeholderID string `json:"stakeholder_id" ref:"stakeholder"`
	// DiscussionPoint is the number of the discussion point that it comes from, counted from 0.
	DiscussionPoint *int `json:"discussion_point" validate:"omitempty,min=0"`
}

// formalities say of each channel whether what passes through it stands on record.
var formalities = map[string]string{
	"letter": "formal", "email": "formal", "portal": "formal", "event": "formal",
	"in_person": "informal", "call": "informal", "video": "informal", "message": "informal", "social": "informal",
}

// contactChannels say which of a stakeholder's channels a contact goes through.
var contactChannels = map[string]string{
	"in_person": "in_person", "call": "phone", "email": "email", "letter": "post", "message": "message", "portal": "web", "social": "social",
}

// sentiments are the scores of sentiments.
var sentiments = map[string]int{"very_negative": -2, "negative": -1, "neutral": 0, "positive": 1, "very_positive": 2}

// late is how long after a contact it should be in the log.
const late = 5 * 24 * time.Hour

// Interactions are the log of contacts.
var Interactions = Define(Kind[Interaction]{
	Name: "interaction", Plural: "interactions", Prefix: "INT",
	Doc:    "The log of contacts with stakeholders: who, when, by which channel, what was said and how it felt.",
	Intake: true,
	Flow:   flow.Table[*Interaction]{Start: "drafted", Ends: flow.From("logged", "amended"), Rows: interactionRows},
	Open:   flow.From("drafted"),
	Begins: func(i *Interaction) flow.State {
		if i.Draft {
			return "drafted"
		}
		return "logged"
	},
	Sort:    "-occurred_at",
	Paths:   []string{"state -> -occurred_at", "owner_id -> -occurred_at", "sentiment -> -occurred_at", "stakeholder_ids -> -occurred_at"},
	Prepare: prepareInteraction,
	Check:   checkInteraction,
	Born:    interactionLogged,
	Changed: interactionChanged,
	Derive:  followUpsOf,
	Named:   interactionAuthor,
})

// logged are the states of what stands in the log.
var logged = flow.From("logged", "amended")

var interactionRows = []flow.Transition[*Interaction]{
	{
		Name: "log", Doc: "Put a draft into the log.", From: flow.From("drafted"), To: "logged", Level: authority.None,
		Party: author, PartyName: "its author",
		Guards: []flow.Guard[*Interaction]{{Code: "incomplete", Check: complete}, {Code: "contact_not_permitted", Check: contactPermitted}},
		Keep:   func(i *Interaction, _ string, at time.Time) { i.enterLog(At(at)) },
		Then:   interactionLogged,
	},
	{
		Name: "amend", Doc: "Correct or complete what was logged; the version before stays readable.", From: logged, To: "amended", Level: 4, Reason: true,
		Party: author, PartyName: "its author",
		Takes: []string{
			"stakeholder_ids", "user_ids", "channel", "direction", "occurred_at", "duration_minutes", "location", "subject", "summary",
			"sentiment", "discussion_points", "owner_id", "access_user_ids", "custom_fields",
		},
		Then: interactionAmended,
	},
	{
		Name: "require_follow_up", Doc: "Ask for a step to be taken afterwards, which becomes a record of its own.", From: logged, Level: 4,
		Needs: []string{"follow_up"}, Then: enterFollowUp,
	},
	{
		Name: "raise_issue", Doc: "Raise an issue that came up, which becomes a record of its own.", From: logged, Level: 4,
		Needs: []string{"issue"}, Then: enterIssue,
	},
	{
		Name: "mark_sensitive", Doc: "Make the interaction and its follow-ups confidential: absent, older events too, for whoever may not see it.",
		From: flow.From("drafted", "logged", "amended"), Level: 4, Reason: true,
		Keep: func(i *Interaction, _ string, _ time.Time) {
			i.Sensitivity = max(i.Sensitivity, authority.Confidential)
		},
		Then: hideFollowUps,
	},
	{
		Name: "lift_sensitivity", Doc: "Take back that the interaction is confidential.",
		From: flow.From("drafted", "logged", "amended"), Level: 5, Reason: true,
		Keep: func(i *Interaction, _ string, _ time.Time) { i.Sensitivity = authority.Internal },
	},
}

// author is who entered the interaction, if a person did.
func author(i *Interaction) []string {
	if i.CreatedBy.Type != authority.User {
		return nil
	}
	return []string{i.CreatedBy.ID}
}

// belongTo makes who logs a contact its owner, and the one of us who took part, unless
// others are named.
func (i *Interaction) belongTo(author []string) {
	if len(author) == 0 {
		return
	}
	if i.OwnerID == "" {
		i.OwnerID = author[0]
	}
	if len(i.UserIDs) == 0 {
		i.UserIDs = slices.Clone(author)
	}
}

// prepareInteraction fills what follows from the fields themselves.
func prepareInteraction(i *Interaction, now Instant) {
	if i.Version == 0 {
		i.belongTo(author(i))
	}
	i.Formality, i.SentimentScore = "unknown", nil
	if formality, known := formalities[i.Channel]; known {
		i.Formality = formality
	}
	if score, known := sentiments[i.Sentiment]; known {
		i.SentimentScore = &score
	}
	if !i.drafted() {
		i.enterLog(now)
	}
}

// drafted reports whether the interaction is a draft, or is to begin as one.
func (i *Interaction) drafted() bool { return i.State == "drafted" && (i.Draft || i.Version > 0) }

// enterLog keeps when the interaction came into the log, which is once, and
// whether that was late.
func (i *Interaction) enterLog(now Instant) {
	if i.LoggedAt == "" {
		i.LoggedAt = now
	}
	i.IsLate = i.OccurredAt != "" && i.LoggedAt.Time().Sub(i.OccurredAt.Time()) > late
}
