package register

import (
	"rapport/internal/flow"
)

// A Stakeholder is a person, group or organisation that affects what we do, is
// affected by it, or believes itself to be.
type Stakeholder struct {
	Base
	StakeholderFields
}

// StakeholderFields are what a client writes of a stakeholder.
type StakeholderFields struct {
	// Name is what the stakeholder is called.
	Name string `json:"name" validate:"required,max=200" list:"filter,sort,title" pii:"yes" example:"Riverside Residents"`
	// Kind says whether it is a person, people who act together, or an organisation.
	Kind string `json:"kind" validate:"required" enum:"stakeholder_kind" example:"group"`
	// Description says who this is, in Markdown.
	Description string `json:"description" validate:"max=20000" list:"search" pii:"yes"`
}

// Stakeholders are whom the register is about.
var Stakeholders = Define(Kind[Stakeholder]{
	Name: "stakeholder", Plural: "stakeholders", Prefix: "STK",
	Doc: "People, groups and organisations that affect what we do, are affected by it, or believe themselves to be.",
	Flow: flow.Table[*Stakeholder]{
		Start: "prospect",
		Ends:  flow.From("archived"),
		Rows: []flow.Transition[*Stakeholder]{
			{Name: "reject", Doc: "Set aside a prospect that turned out to be no stakeholder.", From: flow.From("prospect"), To: "archived", Level: 4, Reason: true},
		},
	},
	Paths: []string{"state -> -updated_at", "state -> name"},
})
