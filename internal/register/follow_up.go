package register

import (
	"context"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// A FollowUp is a step that somebody of ours takes after a contact. It is a note
// to oneself with a date, never a promise to the stakeholder.
type FollowUp struct {
	Base
	FollowUpFields
	// EndedAt is when the follow-up was completed or cancelled.
	EndedAt Instant `json:"ended_at"`
}

// FollowUpFields are what a client writes of a follow-up.
type FollowUpFields struct {
	// Title says in a line what is to be done.
	Title string `json:"title" validate:"required,max=200" list:"title" pii:"yes" example:"Send the noise report"`
	// DueOn is the day by which it is to be done.
	DueOn Date `json:"due_on" validate:"required" list:"filter,sort" example:"2026-11-25"`
	// InteractionID is the contact that it follows from.
	InteractionID string `json:"interaction_id" ref:"interaction" inherits:"yes"`
	// StakeholderID is whom it is about.
	StakeholderID string `json:"stakeholder_id" ref:"stakeholder" inherits:"yes"`
	// Outcome says what came of it.
	Outcome string `json:"outcome" validate:"max=4000" set:"complete" list:"search" pii:"yes"`
}

// FollowUps are the steps to take after contacts.
var FollowUps = Define(Kind[FollowUp]{
	Name: "follow_up", Plural: "follow_ups", Prefix: "FUP",
	Doc: "Steps that somebody of ours takes after a contact, each with an owner and a day.",
	Flow: flow.Table[*FollowUp]{
		Start: "open",
		Ends:  flow.From("completed", "cancelled"),
		Rows: []flow.Transition[*FollowUp]{
			{
				Name: "complete", Doc: "Say that it is done, and what came of it.", From: flow.From("open"), To: "completed", Level: 4,
				Needs: []string{"outcome"}, Keep: endFollowUp,
			},
			{Name: "cancel", Doc: "Drop it.", From: flow.From("open"), To: "cancelled", Level: 5, Reason: true, Keep: endFollowUp},
			{
				Name: "reopen", Doc: "Take it up again.", From: flow.From("completed", "cancelled"), To: "open", Level: 4, Reason: true,
				Keep: func(f *FollowUp, _ string, _ time.Time) { f.EndedAt, f.Outcome = "", "" },
			},
		},
	},
	Under: "interaction_id",
	Sort:  "due_on",
	Paths: []string{"owner_id, state -> due_on", "state -> due_on", "interaction_id -> due_on", "stakeholder_id, state -> due_on"},
	Prepare: func(f *FollowUp, _ Instant) {
		if f.Version == 0 && f.OwnerID == "" && f.CreatedBy.Type == authority.User {
			f.OwnerID = f.CreatedBy.ID // who writes it down does it, unless somebody else is named
		}
	},
	Check: checkFollowUp,
	Born:  func(ctx context.Context, f *FollowUp, do flow.Do) error { return follows(ctx, do, f.InteractionID) },
	Changed: func(ctx context.Context, before, f *FollowUp, do flow.Do) error {
		switch {
		case before.InteractionID != f.InteractionID:
			return follows(ctx, do, before.InteractionID, f.InteractionID)
		case before.DeletedAt != f.DeletedAt:
			return follows(ctx, do, f.InteractionID)
		}
		return nil
	},
})

// follows has interactions name what follows from them.
func follows(ctx context.Context, do flow.Do, interactions ...string) error {
	for _, id := range interactions {
		if id == "" {
			continue
		}
		if err := do.Derive(ctx, "interaction", id); err != nil {
			return err
		}
	}
	return nil
}

func endFollowUp(f *FollowUp, _ string, at time.Time) { f.EndedAt = At(at) }

// checkFollowUp keeps a follow-up from being nobody's.
func checkFollowUp(_ context.Context, f *FollowUp, _ flow.Look) (faults fault.Fields, err error) {
	if f.OwnerID == "" {
		faults.At("#/owner_id", "required", "Say who does it: owner_id is required.")
	}
	return faults, nil
}
