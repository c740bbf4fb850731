package register

import (
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// A User is a person who works with the register.
type User struct {
	Head
	UserFields
}

// UserFields are what is written of a user.
type UserFields struct {
	// Name is what the person is called.
	Name string `json:"name" validate:"required,max=200" list:"filter,sort,title" example:"Ana Pop"`
	// Handle is the short name that mentions use.
	Handle string `json:"handle" validate:"required,max=40,alphanumunicode|alphanum" list:"filter,search" example:"ana"`
	// Email is the person's address at work; it is told only to people of level 4 and above.
	Email string `json:"email" validate:"omitempty,max=254,email" list:"filter" pii:"yes" seen:"4" example:"ana.pop@example.org"`
	// JobTitle is the person's role in the organisation's own words; no authority follows from it.
	JobTitle string `json:"job_title" validate:"max=200" list:"search"`
	// RlmtLevel is the person's SFIA level of relationship management, 4 to 7, or null.
	RlmtLevel *int `json:"rlmt_level" validate:"omitempty,min=4,max=7"`
	// RlmtFramework is the version of the SFIA framework in which the level was assessed.
	RlmtFramework string `json:"rlmt_framework" enum:"sfia_version" default:"none"`
	// RlmtEvidence says on what the level rests.
	RlmtEvidence string `json:"rlmt_evidence" validate:"max=2000" pii:"yes" seen:"4"`
	// RlmtAssessedOn is the day on which the level was assessed.
	RlmtAssessedOn Date `json:"rlmt_assessed_on"`
	// RlmtReviewOn is the day on which the level should be looked at again.
	RlmtReviewOn Date `json:"rlmt_review_on"`
	// Roles are the roles beside the level: admin, data_protection.
	Roles List[string] `json:"roles" enum:"role" validate:"max=2,unique" terms:"yes"`
	// TimeZone is the IANA name of the zone in which the person reads dates; null = the organisation's.
	TimeZone string `json:"time_zone" validate:"omitempty,timezone"`
}

// Level is the user's level as authority reckons with it.
func (u *User) Level() authority.Level {
	if u.RlmtLevel == nil {
		return authority.None
	}
	return authority.Level(*u.RlmtLevel)
}

// Users are the people who work with the register.
var Users = Define(Kind[User]{
	Name: "user", Plural: "users", Prefix: "USR", Group: "Platform",
	Doc:      "People who work with the register, with their level of relationship management and their roles.",
	Platform: true, Reads: "all",
	Flow: flow.Table[*User]{
		Start: "active",
		Ends:  flow.From("disabled"),
		Rows: []flow.Transition[*User]{
			{
				Name: "disable", Doc: "End the person's access; refused while the person is still responsible for something.",
				From: flow.From("active"), To: "disabled", Guards: []flow.Guard[*User]{lastPoint, stillResponsible, notOneself},
			},
			{Name: "enable", Doc: "Give the person access again.", From: flow.From("disabled"), To: "active"},
		},
	},
	Open:    flow.From("active", "disabled"),
	Paths:   []string{"state -> name"},
	Sort:    "name",
	Unique:  []string{"handle"},
	Check:   checkUser,
	May:     mayChangeUser,
	Changed: userStays,
})

// mayChangeUser keeps people from giving themselves a role. It keeps a level, and what
// it rests on, from being recorded or changed by anybody but a person of level 7, and by
// anybody for themself, downwards too.
func mayChangeUser(actor authority.Actor, before, u *User) error {
	if before != nil && actor.Type != authority.System && actor.ID == u.ID && !allAmong(u.Roles, before.Roles) {
		return fault.New(fault.SamePerson, "Nobody gives themself a role; ask somebody else who governs.").With("acted_as", "update").With("at", nil)
	}
	was := attested{framework: "none"}
	if before != nil {
		was = before.attested()
	}
	if u.attested() == was || actor.Type == authority.System {
		return nil
	}
	if actor.Level < authority.L7 {
		return fault.New(fault.InsufficientLevel, "A level and its evidence are recorded or changed only by a person of level 7.").
			With("required_level", 7).With("your_level", actor.Level.Wire()).With("because", []string{"a level is a fact that level 7 records"}).With("escalate_to", nil)
	}
	if actor.ID == u.ID {
		return fault.New(fault.SamePerson, "Nobody changes their own level or its evidence; ask somebody else of level 7.").With("acted_as", "update").With("at", nil)
	}
	return nil
}

// allAmong reports whether all words of some stand among others.
func allAmong(some, others []string) bool {
	return !slices.ContainsFunc(some, func(word string) bool { return !slices.Contains(others, word) })
}

// attested is a level with what it rests on.
type attested struct {
	level                authority.Level
	framework, evidence  string
	assessedOn, reviewOn Date
}

func (u *User) attested() attested {
	return attested{u.Level(), u.RlmtFramework, u.RlmtEvidence, u.RlmtAssessedOn, u.RlmtReviewOn}
}
