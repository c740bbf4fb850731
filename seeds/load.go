// Package seeds holds the demonstration: a story over real public organisations
// and invented persons, entered through the ledger like everything else.
package seeds

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// person is somebody of the demonstration, with the key that everybody knows.
type person struct {
	name, handle, key string
	level             int
	scopes            []string
	roles             []string
}

var people = []person{
	{"Ana Pop", "ana", "rapport_demo_l4", 4, []string{"manager"}, nil},
	{"Ben Okafor", "ben", "rapport_demo_l5", 5, []string{"manager"}, nil},
	{"Chiara Rossi", "chiara", "rapport_demo_l6", 6, []string{"manager"}, nil},
	{"Dagny Lund", "dagny", "rapport_demo_l7", 7, []string{"manager", "admin"}, nil},
	{"Emil Novak", "emil", "rapport_demo_viewer", 0, []string{"manager"}, nil},
	{"Farah Aziz", "farah", "rapport_demo_admin", 0, []string{"admin"}, []string{authority.Admin}},
}

// Load enters the demonstration, unless it is there already.
func Load(ctx context.Context, l *ledger.Ledger) error {
	ctx = authority.With(ctx, authority.Register())
	there, err := l.DB.Look().Count(ctx, register.Users, nil)
	if err != nil || there > 0 {
		return err
	}
	for _, p := range people {
		if err := enterPerson(ctx, l, p); err != nil {
			return err
		}
	}
	return enterKey(ctx, l, "Ticketing", "", "rapport_demo_integration", []string{"integration"})
}

func enterPerson(ctx context.Context, l *ledger.Ledger, p person) error {
	a, err := l.Create(ctx, register.Users, nil, ledger.Asked{Prime: func(rec register.Record) {
		u := rec.(*register.User)
		u.Name, u.Handle, u.Roles = p.name, p.handle, p.roles
		if p.level > 0 {
			u.RlmtLevel, u.RlmtFramework = &p.level, "sfia_9"
		}
	}})
	if err != nil {
		return err
	}
	return enterKey(ctx, l, p.name, a.ID, p.key, p.scopes)
}

func enterKey(ctx context.Context, l *ledger.Ledger, name, user, token string, scopes []string) error {
	_, err := l.Create(ctx, register.APIKeys, nil, ledger.Asked{Prime: func(rec register.Record) {
		k := rec.(*register.APIKey)
		k.Name, k.UserID, k.Prefix, k.Hash, k.Scopes = name, user, token, ledger.HashKey(token), scopes
	}})
	return err
}
