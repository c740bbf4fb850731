// Package authority knows who is asking and what that person's level, roles,
// key and clearance permit. It knows no records and no requests.
package authority

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Level is a level of responsibility of the skill Relationship management:
// 4 to 7, or None for a person to whom no level was recorded and for machines.
type Level int

// The levels of the skill; levels 1 to 3 are not observed in it.
const (
	None Level = 0
	L4   Level = 4
	L5   Level = 5
	L6   Level = 6
	L7   Level = 7
)

// Valid reports whether l can be a person's level.
func (l Level) Valid() bool { return l == None || l >= L4 && l <= L7 }

// Wire is the level as JSON shows it: nil for none.
func (l Level) Wire() any {
	if l == None {
		return nil
	}
	return int(l)
}

// ActorType says what kind of being acts.
type ActorType string

// Who can act: a person, a machine with a key of its own, or the register itself.
const (
	User    ActorType = "user"
	Service ActorType = "service"
	System  ActorType = "system"
)

// Roles stand beside the level and give no sight of records beyond it.
const (
	Admin          = "admin"
	DataProtection = "data_protection"
)

// Actor is whoever is asking.
type Actor struct {
	Type       ActorType
	ID         string // the user's id, or the key's for a service
	Name       string
	Level      Level
	Roles      []string
	KeyID      string      // the API key used, "" for a token and for the register itself
	IdentityID string      // the identity that a token was taken for, "" for a key
	Scopes     Scopes      // what the key narrows the person's authority to
	Cap        Sensitivity // the key's own clearance

	// What holds for this request and is kept nowhere.
	Address string    `json:"-"` // where it comes from; "" for nowhere
	Until   time.Time `json:"-"` // when the token ends; zero for a key, which says so itself
	Issuer  string    `json:"-"` // whose token it is
}

// Principal is by what somebody signed in: the key's id or the identity's, and of
// no two the same. Quotas, idempotency keys and logs go by it.
func (a Actor) Principal() string { return cmp.Or(a.KeyID, a.IdentityID) }

// Register is the actor behind clocks and consequences.
func Register() Actor {
	return Actor{Type: System, Name: "Rapport", Level: L7, Roles: []string{Admin}, Scopes: Everything(), Cap: Restricted}
}

// Has reports whether the actor holds a role.
func (a Actor) Has(role string) bool { return slices.Contains(a.Roles, role) }

// Governs reports whether the actor may look after the platform: its users,
// keys, rules and settings.
func (a Actor) Governs() bool { return a.Has(Admin) || a.Level >= L7 }

// Clearance is the highest sensitivity that the actor sees without being named
// on a record: confidential takes level 5, restricted level 6. A machine's is its
// key's.
func (a Actor) Clearance() Sensitivity {
	if a.Type == Service { // it has no level; what it sees was decided when its key was made
		return a.Cap
	}
	sees := Internal
	switch {
	case a.Level >= L6:
		sees = Restricted
	case a.Level >= L5:
		sees = Confidential
	}
	return min(sees, a.Cap)
}

// Clears is the least level that sees records of a sensitivity without being named.
func Clears(s Sensitivity) Level {
	switch {
	case s >= Restricted:
		return L6
	case s >= Confidential:
		return L5
	}
	return None
}

// Person is the id under which an actor can be named on records, "" for machines.
func (a Actor) Person() string {
	if a.Type == User {
		return a.ID
	}
	return ""
}

type key struct{}

// With returns a context in which From finds a.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From returns the actor of ctx, or the zero Actor, who may do nothing.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}
