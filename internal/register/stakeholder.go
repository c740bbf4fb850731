package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/fold"
)

// A Stakeholder is a person, group or organisation that affects what we do, is
// affected by it, or believes itself to be.
type Stakeholder struct {
	Base
	StakeholderFields
	// RestedAt is when the stakeholder last became dormant or was archived, null if it never was.
	RestedAt Instant `json:"rested_at"`
	// RestedBasis are digests of the grounds that stood then, so that a new one can be told.
	RestedBasis List[string] `json:"-" column:"rested_basis"`
	StakeholderDerived
}

// StakeholderFields are what a client writes of a stakeholder.
type StakeholderFields struct {
	// Name is what the stakeholder is called.
	Name string `json:"name" validate:"required,max=200" list:"filter,sort,title" pii:"yes" example:"Riverside Residents"`
	// Kind says whether it is a person, people who act together, or an organisation.
	Kind string `json:"kind" validate:"required" enum:"stakeholder_kind" example:"group"`
	// Description says who this is, in Markdown.
	Description string `json:"description" validate:"max=20000" list:"search" pii:"yes"`
	// Roles are what the stakeholder is to us: a customer, a regulator, a neighbour.
	Roles List[string] `json:"roles" enum:"stakeholder_role" validate:"max=20,unique" terms:"yes"`
	// Basis is why this is a stakeholder: what it affects, is affected by, or believes to be affected by.
	Basis List[Basis] `json:"basis" validate:"max=100,dive" terms:"yes" list:"filter,search" pii:"yes"`
	// Side says whether the stakeholder stands inside the organisation or outside.
	Side string `json:"side" enum:"stakeholder_side" default:"external"`
	// Seniority says how high in its own house the stakeholder stands; it raises the level that dealing with it takes.
	Seniority string `json:"seniority" enum:"seniority" default:"operational"`
	// ClientTier says how large a client the stakeholder is.
	ClientTier string `json:"client_tier" enum:"client_tier" default:"none"`
	// Channels are the ways to reach the stakeholder; lists find it by their addresses.
	Channels List[Channel] `json:"channels" validate:"max=30,dive" terms:"yes" list:"filter,search" pii:"yes"`
	// LawfulBasis is the ground on which personal data are kept here; a natural person needs one.
	LawfulBasis string `json:"lawful_basis" enum:"lawful_basis" default:"none"`
	// Language is the BCP 47 tag of the language to write in.
	Language string `json:"language" validate:"omitempty,max=35,bcp47_language_tag" list:"filter" example:"en"`
	// Country is the two-letter code of the country, ISO 3166-1.
	Country string `json:"country" validate:"omitempty,iso3166_1_alpha2" list:"filter" example:"NL"`
	// Website is where the stakeholder presents itself.
	Website string `json:"website" validate:"omitempty,max=2000,http_url" pii:"yes"`
	// Notes are what else should be known, in Markdown.
	Notes string `json:"notes" validate:"max=20000" list:"search" pii:"yes"`
	// IdentifiedVia says how we came to know of the stakeholder.
	IdentifiedVia string `json:"identified_via" enum:"identified_via" default:"unknown"`
	// IdentifiedByID is who came to know of it; the person who enters it unless another is named.
	IdentifiedByID string `json:"identified_by_id" ref:"user" default:"me"`
	// VerifyEveryDays is after how many days the details are to be verified again; null = the organisation's cadence.
	VerifyEveryDays *int `json:"verify_every_days" validate:"omitempty,min=1,max=3650"`
	// VerifiedOn is the day on which the details were last verified; today if verify names none.
	VerifiedOn Date `json:"verified_on" set:"verify" default:"today"`
}

// Basis is one reason for which somebody is a stakeholder.
type Basis struct {
	// Basis says whether the stakeholder affects the subject, is affected by it, or believes itself to be.
	Basis string `json:"basis" validate:"required" enum:"basis"`
	// SubjectType says what sort of thing it concerns.
	SubjectType string `json:"subject_type" validate:"required" enum:"basis_subject"`
	// Subject names the thing.
	Subject string `json:"subject" validate:"required,max=500"`
}

// Terms are what lists find a basis by.
func (b Basis) Terms() []string { return []string{b.Basis} }

// Texts are what a search finds a basis by.
func (b Basis) Texts() []string { return []string{b.Subject} }

// ground is the same for the same reason, and does not tell it.
func (b Basis) ground() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{b.Basis, b.SubjectType, fold.Fold(b.Subject)}, "\n")))
	return hex.EncodeToString(sum[:8])
}

func (s *Stakeholder) grounds() (grounds []string) {
	for _, b := range s.Basis {
		grounds = append(grounds, b.ground())
	}
	return grounds
}

// Stakeholders are whom the register is about.
var Stakeholders = Define(Kind[Stakeholder]{
	Name: "stakeholder", Plural: "stakeholders", Prefix: "STK",
	Doc: "People, groups and organisations that affect what we do, are affected by it, or believe themselves to be.",
	Flow: flow.Table[*Stakeholder]{
		Start: "prospect",
		Ends:  flow.From("archived"),
		Rows: []flow.Transition[*Stakeholder]{
			{
				Name: "qualify", Doc: "Take a prospect up: why it is a stakeholder, who owns the relation and a first assessment stand.",
				From: flow.From("prospect"), To: "active", Level: authority.L5, Needs: []string{"basis", "owner_id"},
				Guards: []flow.Guard[*Stakeholder]{hasAssessment, hasContact},
			},
			{
				Name: "reject", Doc: "Set aside a prospect that turned out to be no stakeholder.", From: flow.From("prospect"), To: "archived",
				Level: authority.L4, Reason: true, Keep: restStakeholder, Then: endContact,
			},
			{
				Name: "verify", Doc: "Say that the details were checked, today or on a day named, which moves the next time.",
				From: flow.From("prospect", "active", "dormant"), Level: authority.L4,
			},
			{
				Name: "go_dormant", Doc: "Let a relation rest in which nothing happens.", From: flow.From("active"), To: "dormant",
				Level: authority.L5, Reason: true, Keep: restStakeholder,
			},
			{
				Name: "reactivate", Doc: "Take a resting relation up again, on a contact since or for a new reason.",
				From: flow.From("dormant", "archived"), To: "active", Level: authority.L4, Raise: []flow.Raise[*Stakeholder]{wasArchived},
				Takes: []string{"basis"}, Guards: []flow.Guard[*Stakeholder]{newlyMoved},
			},
			{
				Name: "archive", Doc: "End the relation once nothing is open in it; its contact ends with it.",
				From: flow.From("active", "dormant"), To: "archived", Level: authority.L5, Raise: seniorStakeholder,
				Guards: []flow.Guard[*Stakeholder]{nothingOpenWith}, Keep: restStakeholder, Then: endContact,
			},
		},
	},
	Paths: []string{"state -> -updated_at", "state -> name", "state -> -priority", "owner_id -> -updated_at", "owner_id -> -gap", "kind -> name"},
	Prepare: func(s *Stakeholder, _ Instant) {
		for i := range s.Channels {
			s.Channels[i].normalise()
		}
	},
	Check:  checkStakeholder,
	Alike:  stakeholderLikenesses,
	Derive: deriveStakeholder, DerivedFrom: []string{"sensitivity", "verify_every_days"},
	Alters: map[string][]flow.Raise[*Stakeholder]{"seniority": seniorStakeholder},
})

// checkStakeholder keeps persons from being entered on no lawful ground, and
// details from having been verified in the future.
func checkStakeholder(ctx context.Context, s *Stakeholder, look flow.Look) (faults fault.Fields, err error) {
	if s.Kind == "individual" && s.LawfulBasis == "none" {
		faults.At("#/lawful_basis", "required", "Say on what lawful ground the data of a natural person are kept: lawful_basis is required.")
	}
	if s.VerifiedOn > today(ctx, look) {
		faults.At("#/verified_on", "out_of_range", "verified_on lies in the future.")
	}
	return faults, nil
}

// seniorStakeholder asks for more where a relation to somebody senior is ended.
var seniorStakeholder = []flow.Raise[*Stakeholder]{
	{Name: "senior", Level: authority.L6, Why: "the stakeholder is senior", When: hasSeniority("senior")},
	{Name: "most_senior", Level: authority.L7, Why: "the stakeholder is among the most senior", When: hasSeniority("most_senior")},
}

func hasSeniority(word string) func(context.Context, *Stakeholder, flow.Look) (bool, error) {
	return func(_ context.Context, s *Stakeholder, _ flow.Look) (bool, error) { return s.Seniority == word, nil }
}

var wasArchived = flow.Raise[*Stakeholder]{
	Name: "archived", Level: authority.L5, Why: "the stakeholder is archived",
	When: func(_ context.Context, s *Stakeholder, _ flow.Look) (bool, error) { return s.State == "archived", nil },
}

// restStakeholder notes when a relation came to rest and on what grounds it stood.
func restStakeholder(s *Stakeholder, _ string, at time.Time) {
	s.RestedAt, s.RestedBasis = At(at), s.grounds()
}

// newGround reports whether there is a reason that did not stand when the
// relation came to rest.
func (s *Stakeholder) newGround() bool {
	return slices.ContainsFunc(s.grounds(), func(g string) bool { return !slices.Contains(s.RestedBasis, g) })
}
