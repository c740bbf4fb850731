package api_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"

	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/testkit"
)

// strict makes a rule that no story has shown at work a failure of the tests.
const strict = true

// TestMain runs the tests, and then asks of each row, guard, raise and second
// look for a story in which it was at work.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("RAPPORT_TEST_LOG") == "" {
		slog.SetDefault(slog.New(slog.DiscardHandler)) // thousands of requests, one line each
	}
	if name := os.Getenv("RAPPORT_DEFECT"); name != "" {
		corrupt(name)
	}
	code := m.Run()
	if code == 0 && whole() && !heard() {
		code = 1
	}
	os.Exit(code)
}

// whole reports whether all tests ran.
func whole() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz", "test.bench"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

// heard tells of every rule without a witness.
func heard() bool {
	missing := testkit.Unwitnessed()
	for _, line := range missing {
		fmt.Println("no story shows:", line)
	}
	if len(missing) == 0 {
		return true
	}
	fmt.Printf("%d rules have no witness; write a story for each\n", len(missing))
	return !strict
}

// declared are the workflows as their nouns declare them. The suites reckon by
// this copy, so that a table that was tampered with later is found out.
var declared = func() map[string]flow.Table[register.Record] {
	out := map[string]flow.Table[register.Record]{}
	for _, n := range register.All() {
		t := n.Flow
		t.Rows = slices.Clone(t.Rows)
		for i := range t.Rows {
			t.Rows[i].From = slices.Clone(t.Rows[i].From)
			t.Rows[i].Raise = slices.Clone(t.Rows[i].Raise)
			t.Rows[i].Guards = slices.Clone(t.Rows[i].Guards)
		}
		out[n.Name] = t
	}
	return out
}()

// corrupt tampers with the nouns' tables; defects_test.go has the list.
func corrupt(name string) {
	for _, d := range tampering {
		if d.name == name {
			d.tamper()
		}
	}
}
