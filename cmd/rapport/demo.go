package main

import (
	"context"
	"os"
	"path/filepath"

	"rapport/internal/ledger"
	"rapport/internal/register"
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

// loading is the file that lies in the folder while the demonstration is entered:
// one that is there at the start tells of half a story, which is begun anew.
const loading = "loading"

func halfLoaded(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, loading))
	return err == nil
}

// loadDemo enters the demonstration's story, unless it is there already.
func loadDemo(ctx context.Context, l *ledger.Ledger, dir string) error {
	people, err := l.DB.Look().Count(ctx, register.Users, nil)
	if err != nil || people > 0 {
		return err // no mark: what is there is not to be begun anew
	}
	mark := filepath.Join(dir, loading)
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return err
	}
	if err := seeds.Load(ctx, l); err != nil {
		return err
	}
	return os.Remove(mark)
}
