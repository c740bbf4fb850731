package main

import (
	"context"

	"rapport/internal/ledger"
	"rapport/seeds"
)

// demoKey is a key of the demonstration, which everybody may know.
type demoKey struct{ token, name string }

var demoKeys = []demoKey{
	{"rapport_demo_l4", "a relationship manager of level 4"},
	{"rapport_demo_l5", "a relationship manager of level 5"},
	{"rapport_demo_l6", "a senior relationship manager of level 6"},
	{"rapport_demo_l7", "the head of relationship management, level 7"},
	{"rapport_demo_viewer", "a person without a level"},
	{"rapport_demo_admin", "an administrator"},
	{"rapport_demo_integration", "a ticketing system"},
}

// loadDemo enters the demonstration's story, unless it is there already.
func loadDemo(ctx context.Context, l *ledger.Ledger) error { return seeds.Load(ctx, l) }
