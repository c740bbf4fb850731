package register

import (
	"context"
	"net/netip"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// An APIKey lets a person, or a machine by itself, ask the register.
type APIKey struct {
	Head
	APIKeyFields
	// Prefix is the readable beginning of the key; the rest is shown once, when it is made.
	Prefix string `json:"prefix"`
	Hash   string `json:"-" column:"hash" validate:"required"`
	// PreviousUntil is until when the secret from before the last rotation is taken; null where there was none.
	PreviousUntil Instant `json:"previous_until"`
	PreviousHash  string  `json:"-" column:"previous_hash"`
	APIKeyDerived
}

// APIKeyFields are what is written of a key.
type APIKeyFields struct {
	// Name says what the key is for.
	Name string `json:"name" validate:"required,max=100" list:"filter,sort,title" example:"Ana's laptop"`
	// UserID is the person for whom the key acts; null = a service key, which has no level.
	UserID string `json:"user_id" ref:"user" set:"create"`
	// Scopes are what the key opens: bundles, or area:verb.
	Scopes List[string] `json:"scopes" validate:"required,min=1,max=50,unique,dive,required,max=60" terms:"yes"`
	// Sensitivity caps what is seen through the key.
	Sensitivity string `json:"sensitivity" enum:"key_sensitivity" default:"none"`
	// ExpiresAt is when the key ends; null = never.
	ExpiresAt Instant `json:"expires_at" precise:"yes"`
	// AllowedCIDRs are the addresses from which the key is taken; empty = all.
	AllowedCIDRs List[string] `json:"allowed_cidrs" validate:"max=20,dive,cidr"`
}

// APIKeyDerived is what is noted of a key's use.
type APIKeyDerived struct {
	// LastUsedAt is when the key was last taken, to the minute.
	LastUsedAt Instant `json:"last_used_at"`
	// LastUsedIP is the address from which it was last taken.
	LastUsedIP string `json:"last_used_ip"`
}

// Cap is the key's own clearance: that of its setting, else everything for a
// person's key and internal for a machine's.
func (k *APIKey) Cap() authority.Sensitivity {
	if s, ok := authority.ParseSensitivity(k.Sensitivity); ok {
		return s
	}
	if k.UserID == "" {
		return authority.Internal
	}
	return authority.Restricted
}

// Admits reports whether the key is taken from an address.
func (k *APIKey) Admits(ip string) bool {
	if len(k.AllowedCIDRs) == 0 {
		return true
	}
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return false
	}
	for _, c := range k.AllowedCIDRs {
		if p, err := netip.ParsePrefix(c); err == nil && p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// APIKeys let people and machines ask the register.
var APIKeys = Define(Kind[APIKey]{
	Name: "api_key", Plural: "api_keys", Prefix: "KEY", Group: "Platform",
	Doc:      "Keys by which people and machines ask the register: scoped, hashed, expiring.",
	Platform: true,
	Flow: flow.Table[*APIKey]{
		Start: "active",
		Ends:  flow.From("revoked"),
		Rows: []flow.Transition[*APIKey]{
			{Name: "revoke", Doc: "End the key for good; the next request with it is refused.", From: flow.From("active"), To: "revoked"},
		},
	},
	Paths: []string{"user_id -> -created_at"},
	Check: checkKey,
	Born:  func(ctx context.Context, k *APIKey, do flow.Do) error { return noHigher(ctx, k.UserID, do) },
	Changed: func(ctx context.Context, before, k *APIKey, do flow.Do) error {
		if k.DeletedAt != before.DeletedAt {
			return nil // taking a key away is everybody's who looks after the platform
		}
		return noHigher(ctx, k.UserID, do)
	},
	May: mayHandOut,
})

// checkKey refuses scopes that open nothing, and a new key that would open nothing
// either because it has ended.
func checkKey(_ context.Context, k *APIKey, look flow.Look) (faults fault.Fields, err error) {
	if k.Version == 0 && k.ExpiresAt != "" && k.ExpiresAt <= At(look.Now()) {
		faults.At("#/expires_at", "out_of_range", "expires_at is over: a key ends later than it begins.")
	}
	for i, s := range k.Scopes {
		if err := authority.CheckScope(s, Areas()); err != nil {
			at := "#/scopes/" + strconv.Itoa(i)
			faults.At(at, "invalid_format", "%s: %s.", Spoken(at), err)
		}
	}
	return faults, nil
}

// noHigher keeps anybody, an admin too, from making or altering that by which a
// person of a higher level acts: whoever holds it would act as that person.
func noHigher(ctx context.Context, userID string, look flow.Look) error {
	actor := authority.From(ctx)
	if actor.Type == authority.System || userID == "" || userID == actor.ID {
		return nil
	}
	person, err := Find[User](ctx, look, userID)
	if err != nil || person.Level() <= actor.Level {
		return err
	}
	return fault.New(fault.InsufficientLevel, "That by which a person of level %d signs in is made by that person or by somebody of the level.", person.Level()).
		With("required_level", int(person.Level())).With("your_level", actor.Level.Wire()).
		With("because", []string{"whoever makes it can act by it"}).With("escalate_to", nil)
}

// mayHandOut keeps anybody from handing out more than their own key opens.
func mayHandOut(actor authority.Actor, _, k *APIKey) error {
	if actor.Type == authority.System {
		return nil
	}
	if !authority.Scopes(k.Scopes).Within(actor.Scopes) {
		return fault.New(fault.InsufficientScope, "A key cannot open more than the one that makes it.").
			With("required_scopes", k.Scopes).With("granted_scopes", actor.Scopes)
	}
	if k.UserID == "" && k.Cap() > max(actor.Clearance(), authority.Internal) {
		return fault.New(fault.InsufficientLevel, "A machine sees no more than who makes its key.").
			With("required_level", int(authority.Clears(k.Cap()))).With("your_level", actor.Level.Wire()).
			With("because", []string{"the key sees what is " + k.Cap().String()}).With("escalate_to", nil)
	}
	if k.Cap() > actor.Cap {
		return fault.New(fault.InsufficientScope, "A key cannot see more than the one that makes it.").
			With("required_scopes", []string{"sensitivity:" + k.Sensitivity}).With("granted_scopes", []string{"sensitivity:" + actor.Cap.String()})
	}
	return nil
}

// Areas are the areas that scopes name.
func Areas() []string {
	areas := []string{"events", "webhooks", "imports", "exports", "notifications", "reports", "privacy", "admin"}
	for _, n := range All() {
		areas = append(areas, n.Path)
	}
	return areas
}
