package register

import (
	"context"
	"time"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// A Relationship is what holds between two stakeholders, as far as we know it.
type Relationship struct {
	Base
	RelationshipFields
}

// RelationshipFields are what a client writes of a relationship.
type RelationshipFields struct {
	// FromID is the stakeholder of whom the type is said: who works for, who regulates.
	FromID string `json:"from_id" validate:"required" ref:"stakeholder" inherits:"yes" set:"create"`
	// ToID is the stakeholder at the other end.
	ToID string `json:"to_id" validate:"required" ref:"stakeholder" inherits:"yes" set:"create"`
	// Type says what holds between the two.
	Type string `json:"type" validate:"required" enum:"relationship_type" example:"influences"`
	// Direction says whether it holds from one to the other, or both ways.
	Direction string `json:"direction" enum:"relationship_direction" default:"directed"`
	// Strength is how good and strong it is, from -2 = hostile to +2 = close; null = not known.
	Strength *int `json:"strength" validate:"omitempty,min=-2,max=2"`
	// FromOn is the day on which it began, as far as that is known.
	FromOn Date `json:"from_on"`
	// ToOn is its last day, null while it lasts; today if left out when it ends.
	ToOn Date `json:"to_on" default:"today" set:"end"`
	// JobTitle is what the person is in the organisation: of a contact.
	JobTitle string `json:"job_title" validate:"max=200" list:"search" pii:"yes" example:"Head of operations"`
	// Role is what the person is to us there, in free words: of a contact.
	Role string `json:"role" validate:"max=100" list:"filter" example:"first to call at night"`
	// IsPrimary marks the contact whom one calls first; of no consequence in other types.
	IsPrimary bool `json:"is_primary"`
	// IdentifiedVia says how we know.
	IdentifiedVia string `json:"identified_via" validate:"max=500" list:"search" pii:"yes"`
	// FacilitatedByID is the person of ours who brings the two together.
	FacilitatedByID string `json:"facilitated_by_id" ref:"user" named:"yes"`
	// Note is what else there is to say.
	Note string `json:"note" validate:"max=5000" list:"search" pii:"yes"`
}

// Relationships are what holds between stakeholders.
var Relationships = Define(Kind[Relationship]{
	Name: "relationship", Plural: "relationships", Prefix: "REL",
	Doc: "What holds between stakeholders: who works for whom, who is to be called, who influences or opposes.",
	Flow: flow.Table[*Relationship]{
		Start: "suspected",
		Ends:  flow.From("ended"),
		Rows: []flow.Transition[*Relationship]{
			{Name: "confirm", Doc: "Say that it is known to hold.", From: flow.From("suspected"), To: "confirmed", Level: 4},
			{Name: "dismiss", Doc: "Set aside a suspicion that turned out wrong.", From: flow.From("suspected"), To: "ended", Level: 4, Reason: true},
			{
				Name: "end", Doc: "Say since when it no longer holds, and why.", From: flow.From("confirmed"), To: "ended", Level: 4,
				Reason: true,
			},
			{
				Name: "reopen", Doc: "Say that it holds after all, or again.", From: flow.From("ended"), To: "confirmed", Level: 5,
				Reason: true,
				Keep:   func(r *Relationship, _ string, _ time.Time) { r.ToOn = "" },
			},
		},
	},
	Paths: []string{"from_id, state -> -updated_at", "to_id, state -> -updated_at", "type, state -> -updated_at"},
	Check: checkRelationship,
})

// checkRelationship refuses a relationship with oneself, days out of order, and a
// contact who is no person or contact for one.
func checkRelationship(ctx context.Context, r *Relationship, look flow.Look) (faults fault.Fields, err error) {
	if r.FromID == r.ToID {
		faults.At("#/to_id", "conflicts_with", "to_id: a relationship is one between two stakeholders, and from_id names the same.")
		return faults, nil
	}
	checkSpan(&faults, r.FromOn, r.ToOn, today(ctx, look))
	if r.Type != "contact_for" {
		return faults, nil
	}
	from, err := Find[Stakeholder](ctx, look, r.FromID)
	if err != nil {
		return nil, err
	}
	to, err := Find[Stakeholder](ctx, look, r.ToID)
	if err != nil {
		return nil, err
	}
	if from.Kind != "individual" {
		faults.At("#/from_id", "conflicts_with", "from_id: a contact is an individual; this is a stakeholder of kind %s.", from.Kind)
	}
	if to.Kind == "individual" {
		faults.At("#/to_id", "conflicts_with", "to_id: one is a contact for an organisation or a group, not for an individual.")
	}
	return faults, nil
}
