// Package seeds holds the demonstration: two years of the Port of Eastmere, an
// invented harbour, with real public bodies and invented people, entered through
// the ledger like everything else and dated back from the day it is loaded.
package seeds

import (
	"context"
	"fmt"

	"rapport/internal/authority"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// person is somebody of the demonstration, with the key that everybody knows.
type person struct {
	name, handle, title, key string
	level                    int
	scopes                   []string
	roles                    []string
}

var people = []person{
	{"Ana Pop", "ana", "Relationship manager", "rapport_demo_l4", 4, []string{"manager"}, nil},
	{"Ben Okafor", "ben", "Lead relationship manager", "rapport_demo_l5", 5, []string{"manager"}, nil},
	{"Chiara Rossi", "chiara", "Senior relationship manager", "rapport_demo_l6", 6, []string{"manager"}, nil},
	{"Dagny Lund", "dagny", "Head of relationship management", "rapport_demo_l7", 7, []string{"manager", "admin"}, nil},
	{"Emil Novak", "emil", "Front desk", "rapport_demo_viewer", 0, []string{"manager"}, nil},
	{"Farah Aziz", "farah", "System administrator", "rapport_demo_admin", 0, []string{"admin"}, []string{authority.Admin}},
	{"Goran Horvat", "goran", "Relationship manager", "", 4, nil, nil},
	{"Hana Sato", "hana", "Lead relationship manager", "", 5, nil, nil},
	{"Ines Duarte", "ines", "Deputy head of relationship management", "", 7, nil, nil},
}

// Load enters the demonstration, unless there are people in the register already.
func Load(ctx context.Context, l *ledger.Ledger) error {
	there, err := l.DB.Look().Count(ctx, register.Users, nil)
	if err != nil || there > 0 {
		return err
	}
	clock := l.Now
	defer func() { l.Now = clock }()
	err = l.Together(authority.With(ctx, authority.Register()), func(ctx context.Context) error {
		t := newTeller(ctx, l, clock().UTC())
		t.at(800, 9)
		t.cast()
		t.harbour()
		t.crowd()
		t.rungs()
		t.taken()
		return t.err
	})
	if err != nil {
		return fmt.Errorf("load the demonstration: %w", err)
	}
	return nil
}

// cast enters the people and their keys.
func (t *teller) cast() {
	t.actors["register"] = authority.Register()
	for _, p := range people {
		t.enterPrimed("user", p.handle, func(rec register.Record) {
			u := rec.(*register.User)
			u.Name, u.Handle, u.JobTitle, u.Roles, u.Email = p.name, p.handle, p.title, p.roles, p.handle+"@eastmere.example"
			if p.level > 0 {
				u.RlmtLevel, u.RlmtFramework, u.RlmtAssessedOn = &p.level, "sfia_9", register.Date(t.day(820))
			}
		})
		t.actors[p.handle] = authority.Actor{
			Type: authority.User, ID: t.ids[p.handle], Name: p.name, Level: authority.Level(p.level),
			Roles: p.roles, Scopes: authority.Everything(), Cap: authority.Restricted,
		}
		if p.key != "" {
			t.key(p.name, t.ids[p.handle], p.key, p.scopes)
		}
	}
	t.key("Ticketing", "", "rapport_demo_integration", []string{"integration"})
	t.enter("dagny", "identity", "", fields{ // of an issuer that cannot be: no token opens the demonstration
		"user_id": "@ana", "issuer": "https://id.eastmere.example", "subject": "f1c9d2b4", "note": "Ana showed her account on her first day.",
	})
}

// rungs says who decides what is beyond somebody's scope. The ladder is as old as
// the register itself, so this is said today.
func (t *teller) rungs() {
	t.now = t.today
	rung := func(level int, name, holder, deputy, within string) fields {
		return fields{"level": level, "name": name, "holder_id": "@" + holder, "deputy_id": "@" + deputy, "respond_within": within}
	}
	t.alter("dagny", "escalation_ladder", register.DefaultLadder, fields{"rungs": []fields{
		rung(4, "Relationship owner", "ana", "goran", "P1D"),
		rung(5, "Relationship lead", "ben", "hana", "P1D"),
		rung(6, "Senior relationship manager", "chiara", "ines", "P2D"),
		rung(7, "Ultimate escalation point", "dagny", "ines", "P2D"),
	}})
}

func (t *teller) key(name, user, token string, scopes []string) {
	t.enterPrimed("api_key", "", func(rec register.Record) {
		k := rec.(*register.APIKey)
		k.Name, k.UserID, k.Prefix, k.Hash, k.Scopes = name, user, token, ledger.HashKey(token), scopes
	})
}

// enterPrimed enters what no request could: the register itself does.
func (t *teller) enterPrimed(noun, name string, prime func(register.Record)) {
	if t.err != nil {
		return
	}
	a, err := t.ledger.Create(t.as("register"), register.ByName(noun), nil, ledger.Asked{Prime: prime})
	if err != nil {
		t.err = fmt.Errorf("enter the %s %s: %w", noun, name, err)
		return
	}
	t.ids[name] = a.ID
}
