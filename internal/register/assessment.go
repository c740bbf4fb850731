package register

import (
	"context"

	"rapport/internal/fault"
	"rapport/internal/flow"
)

// An Assessment is what somebody made of a stakeholder on a day: how much it can
// do and wants, where it stands and where it should. It is never changed; a new
// one is recorded.
type Assessment struct {
	Base
	AssessmentFields
}

// AssessmentFields are what a client writes of an assessment.
type AssessmentFields struct {
	// StakeholderID is whom the assessment is about.
	StakeholderID string `json:"stakeholder_id" validate:"required" ref:"stakeholder" set:"create"`
	// AssessedOn is the day of the assessment; today if left out. The latest one counts, whenever it was entered.
	AssessedOn Date `json:"assessed_on" validate:"required" set:"create" default:"today" list:"filter,sort"`
	// AssessorID is who made the assessment; the person who enters it unless another is named.
	AssessorID string `json:"assessor_id" ref:"user" set:"create" default:"me"`
	// Power is how much the stakeholder can move, 1 to 5; null = not assessed.
	Power *int `json:"power" validate:"omitempty,min=1,max=5" set:"create" example:"4"`
	// Interest is how much the stakeholder wants to, 1 to 5.
	Interest *int `json:"interest" validate:"omitempty,min=1,max=5" set:"create" example:"5"`
	// Influence is how far the stakeholder moves others, 1 to 5.
	Influence *int `json:"influence" validate:"omitempty,min=1,max=5" set:"create"`
	// Impact is how far what we do touches the stakeholder, 1 to 5.
	Impact *int `json:"impact" validate:"omitempty,min=1,max=5" set:"create"`
	// Legitimacy is how far the claim is seen as proper, 1 to 5.
	Legitimacy *int `json:"legitimacy" validate:"omitempty,min=1,max=5" set:"create"`
	// Urgency is how far the claim calls for attention at once, 1 to 5.
	Urgency *int `json:"urgency" validate:"omitempty,min=1,max=5" set:"create"`
	// Attitude is how the stakeholder regards us, -2 to 2.
	Attitude *int `json:"attitude" validate:"omitempty,min=-2,max=2" set:"create"`
	// CurrentEngagement is where the stakeholder stands; none = not assessed.
	CurrentEngagement string `json:"current_engagement" enum:"engagement" default:"none" set:"create" example:"resistant"`
	// DesiredEngagement is where we want the stakeholder to stand; none = not assessed.
	DesiredEngagement string `json:"desired_engagement" enum:"engagement" default:"none" set:"create" example:"supportive"`
	// Rationale says why.
	Rationale string `json:"rationale" validate:"max=10000" set:"create" list:"search" pii:"yes"`
	// Evidence says on what it rests.
	Evidence string `json:"evidence" validate:"max=10000" set:"create" list:"search" pii:"yes"`
	// Method says how it was made: a workshop, interviews, a survey.
	Method string `json:"method" validate:"max=200" set:"create"`
}

// Assessments are what people made of stakeholders.
var Assessments = Define(Kind[Assessment]{
	Name: "assessment", Plural: "assessments", Prefix: "ASM",
	Doc:   "What somebody made of a stakeholder on a day: power, interest, attitude, engagement. The latest counts; none is ever changed.",
	Under: "stakeholder_id",
	Flow:  flow.Table[*Assessment]{Start: "recorded", Ends: flow.From("recorded")},
	Sort:  "-assessed_on",
	Paths: []string{"stakeholder_id -> -assessed_on", "assessor_id -> -assessed_on"},
	Check: checkAssessment,
	Born: func(ctx context.Context, a *Assessment, do flow.Do) error {
		return do.Derive(ctx, "stakeholder", a.StakeholderID)
	},
	Changed: func(ctx context.Context, before, a *Assessment, do flow.Do) error {
		if before.DeletedAt == a.DeletedAt && before.Sensitivity == a.Sensitivity {
			return nil // all else of it stays
		}
		return do.Derive(ctx, "stakeholder", a.StakeholderID)
	},
})

// checkAssessment refuses one that says nothing, and one of the future.
func checkAssessment(ctx context.Context, a *Assessment, look flow.Look) (faults fault.Fields, err error) {
	if a.AssessedOn > today(ctx, look) {
		faults.At("#/assessed_on", "out_of_range", "assessed_on lies in the future.")
	}
	var s Standing
	s.take(a)
	if len(s.Sources) == 0 {
		faults.At("#", "required", "Give at least one score, the attitude or an engagement.")
	}
	return faults, nil
}
