package register

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// An Identity is how an issuer of tokens names a person: who comes with a token of
// that issuer and subject is that person, with what that person may now.
type Identity struct {
	Head
	IdentityFields
	IdentityDerived
}

// IdentityFields are what is written of an identity.
type IdentityFields struct {
	// UserID is the person.
	UserID string `json:"user_id" validate:"required" ref:"user" set:"create"`
	// Issuer is the issuer as its tokens name it (iss), to the letter.
	Issuer string `json:"issuer" validate:"required,max=500" list:"filter,title" set:"create" example:"https://id.example.org"`
	// Subject is what the issuer calls the person (sub), to the letter; never an address or a name that another may get.
	Subject string `json:"subject" validate:"required,max=255" list:"filter" set:"create" pii:"yes" example:"f1c9d2b4"`
	// Note says how it was made sure that both are one person.
	Note string `json:"note" validate:"max=500" pii:"yes"`
}

// IdentityDerived is what is noted of an identity's use.
type IdentityDerived struct {
	// LastUsedAt is when a token was last taken for it, to the minute.
	LastUsedAt Instant `json:"last_used_at"`
	// LastUsedIP is the address from which it came.
	LastUsedIP string `json:"last_used_ip"`
}

// Identities are how issuers of tokens name people. Nobody is entered by signing
// in: somebody who governs binds each by hand.
var Identities = Define(Kind[Identity]{
	Name: "identity", Plural: "identities", Prefix: "IDN", Group: "Platform",
	Doc:      "How issuers of tokens name people: by issuer and subject, never by address. Nobody comes in by a token until one who governs has bound it.",
	Platform: true,
	Flow: flow.Table[*Identity]{
		Start: "active",
		Ends:  flow.From("withdrawn"),
		Rows: []flow.Transition[*Identity]{
			{Name: "withdraw", Doc: "End the binding for good; the next request with a token of it is refused.", From: flow.From("active"), To: "withdrawn"},
		},
	},
	Paths:  []string{"user_id -> -created_at"},
	Unique: []string{"issuer, subject"},
	Born:   func(ctx context.Context, i *Identity, do flow.Do) error { return noHigher(ctx, i.UserID, do) },
	Changed: func(ctx context.Context, before, i *Identity, do flow.Do) error {
		if i.DeletedAt != "" || i.State != before.State {
			return nil // to end a binding is everybody's who looks after the platform
		}
		return noHigher(ctx, i.UserID, do)
	},
	May: mayBind,
})

// mayBind keeps anybody from binding an identity through less than it opens: a
// token opens all that its person may, and is not narrowed as a key can be.
func mayBind(actor authority.Actor, _, i *Identity) error {
	if actor.Type == authority.System || i.State != "active" || i.DeletedAt != "" {
		return nil
	}
	if !authority.Everything().Within(actor.Scopes) {
		return fault.New(fault.InsufficientScope, "A token opens all that its person may: binding one takes a key that opens everything.").
			With("required_scopes", authority.Everything()).With("granted_scopes", actor.Scopes)
	}
	if actor.Cap < authority.Restricted {
		return fault.New(fault.InsufficientScope, "A token sees all that its person may: binding one takes a key that does.").
			With("required_scopes", []string{"sensitivity:restricted"}).With("granted_scopes", []string{"sensitivity:" + actor.Cap.String()})
	}
	return nil
}
