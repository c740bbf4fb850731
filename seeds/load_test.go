package seeds_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/seeds"
)

// The demonstration loads into an empty register, has something in every list,
// and loads no second time.
func TestTheDemonstrationLoads(t *testing.T) {
	ctx := authority.With(context.Background(), authority.Register())
	now := func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }
	db, err := store.Open(ctx, store.Config{Dir: t.TempDir(), ChainKey: []byte("a key of tests"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	l := ledger.New(db, now, "/api/v1")
	if err := l.Start(ctx); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := seeds.Load(ctx, l); err != nil {
		t.Fatal(err)
	}
	t.Logf("loaded in %v", time.Since(began))
	for _, n := range register.All() {
		count, err := db.Look().Count(ctx, n, nil)
		if err != nil {
			t.Fatal(err)
		}
		if count == 0 {
			t.Errorf("the demonstration has no %s", n.Plural)
		}
		t.Logf("%5d %s", count, n.Plural)
	}
	for _, state := range register.Complaints.Flow.States() {
		if count, err := db.Look().Count(ctx, register.Complaints, flow.Where{"state": state}); err != nil || count == 0 {
			t.Errorf("no complaint is %s: %v", state, err)
		}
	}
	for noun, where := range map[*register.Noun]flow.Where{
		register.Complaints:        {"escalation_level": 7},
		register.Problems:          {"complaint_count": 5},
		register.CorrectiveActions: {"state": "ineffective", "complaint_id <>": nil},
	} {
		if count, err := db.Look().Count(ctx, noun, where); err != nil || count != 1 {
			t.Errorf("%d %s of %v: %v", count, noun.Plural, where, err)
		}
	}
	if groups := complaining(t, l); len(groups) < 3 || *groups[0].Label != "Neighbours of the harbour" {
		t.Errorf("who complains belongs to %d groups", len(groups))
	}
	if g, err := l.Governance(ctx); err != nil || !g.OK || g.UltimateEscalationPoint.Holder.Name != "Dagny Lund" || g.UltimateEscalationPoint.Deputy == nil {
		t.Errorf("the demonstration is not governed: %+v, %v", g, err)
	}
	ladder, err := db.Look().Get(ctx, register.EscalationLadders, store.Name{Key: register.DefaultLadder}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := register.EscalationLadders.Load(ladder)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rec.(*register.EscalationLadder).Rungs {
		if r.HolderID == "" || r.DeputyID == "" {
			t.Errorf("nobody stands on the rung %s, or nobody stands in", r.Name)
		}
	}
	if text := hears(t, l); !strings.Contains(text, "October is lower") {
		t.Errorf("nobody is told of what is said: %q", text)
	}
	verdict, err := l.Verify(ctx, 1, 0)
	if err != nil || !verdict.Valid {
		t.Errorf("the chain of the demonstration: %+v, %v", verdict, err)
	}
	before, _, err := db.Look().Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := seeds.Load(ctx, l); err != nil {
		t.Fatal(err)
	}
	if after, _, err := db.Look().Head(ctx); err != nil || after != before {
		t.Errorf("loading again made %d entries, %v", after-before, err)
	}
}

// complaining are the groups of who complained in the last year, the most first.
func complaining(t *testing.T, l *ledger.Ledger) []ledger.BreakdownLine {
	t.Helper()
	ctx := authority.With(context.Background(), authority.Register())
	report, err := l.ComplaintReport(ctx, ledger.ReportQuery{Period: ledger.Span{From: "2025-11-23", To: "2026-11-23"}, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	return report.Breakdowns[len(report.Breakdowns)-1].Lines
}

// hears is what is said beside the residents, who have
// a file too.
func hears(t *testing.T, l *ledger.Ledger) string {
	t.Helper()
	ctx := authority.With(context.Background(), authority.Register())
	residents, err := l.DB.Look().Match(ctx, register.Stakeholders, map[string]any{"name": "Riverside Residents"}, 1)
	if err != nil || len(residents) != 1 {
		t.Fatalf("there are no residents: %v", err)
	}
	id := string(residents[0][register.Stakeholders.Field("id").Column])
	files, err := l.Attachments(ctx, register.Stakeholders, id)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files lie beside the residents: %v", len(files), err)
	}
	said, _, err := l.Comments(ctx, register.Stakeholders, id, "", 10)
	if err != nil || len(said) != 2 {
		t.Fatalf("%d comments: %v", len(said), err)
	}
	return *said[1].Body + *said[0].Body
}
