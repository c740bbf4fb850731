package main

import (
	"context"
	"time"

	"rapport/api"
	"rapport/internal/ledger"
	"rapport/seeds"
)

// demoKeys are the keys of the demonstration, which everybody may know.
var demoKeys = []api.DemoKey{
	{Token: "rapport_demo_l4", Name: "a relationship manager of level 4"},
	{Token: "rapport_demo_l5", Name: "a relationship manager of level 5"},
	{Token: "rapport_demo_l6", Name: "a senior relationship manager of level 6"},
	{Token: "rapport_demo_l7", Name: "the head of relationship management, level 7"},
	{Token: "rapport_demo_viewer", Name: "a person without a level"},
	{Token: "rapport_demo_admin", Name: "an administrator"},
	{Token: "rapport_demo_integration", Name: "a ticketing system"},
}

// ahead is the clock of the demonstration, which anybody may put forward.
var ahead = &ledger.Ahead{Clock: time.Now}

// loadDemo enters the demonstration's story, unless it is there already, and takes
// up its time where it was left.
func loadDemo(ctx context.Context, l *ledger.Ledger) error {
	if err := seeds.Load(ctx, l); err != nil {
		return err
	}
	return l.TakeUp(ctx, ahead)
}
