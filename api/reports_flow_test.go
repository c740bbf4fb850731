package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// figureOf is a figure of a report by its name, as "counted of n".
func figureOf(h *testkit.House, path, name string) string {
	h.T.Helper()
	r := h.As("l4").Get(path).Want(200)
	for i := range r.Len("figures") {
		if at := fmt.Sprintf("figures.%d.", i); r.Text(at+"name") == name {
			return r.Text(at+"counted") + " of " + r.Text(at+"n")
		}
	}
	h.T.Fatalf("no %s in %s", name, r.Body)
	return ""
}

// A complaint that nobody acknowledges is late as soon as the time is over, and stays
// so; one that was acknowledged in time is in time.
func TestComplaintsThatNobodyAcknowledgedCountAsLate(t *testing.T) {
	h := testkit.Open(t)
	in, missed := complained(h, nil), complained(h, nil)
	h.As("l4").Move(in, "acknowledge", received()).Want(200)
	const year, share = "/reports/complaints?period=2026", "acknowledged_in_time"
	if got := figureOf(h, year, share); got != "1 of 1" {
		t.Errorf("before the limit: %s", got)
	}
	h.Clock.Forward(5 * 24 * time.Hour)
	h.Tick()
	if got := figureOf(h, year, share); got != "1 of 2" {
		t.Errorf("after the limit: %s", got)
	}
	h.As("l4").Move(missed, "acknowledge", received()).Want(200)
	late := h.As("l4").Get(missed).Want(200)
	if late.Text("acknowledged_in_time") != "late" || late.Text("acknowledge_due_at") != late.Text("breached_at") || h.As("l4").Get(in).Text("acknowledged_in_time") != "in_time" {
		t.Errorf("not told: %s", late.Body)
	}
	if got := figureOf(h, year, share); got != "1 of 2" {
		t.Errorf("once it is acknowledged: %s", got)
	}
}

// What was decided in time goes by the first decision; a corrective action that proves
// effective shows on its complaint, and one that is removed does no more.
func TestComplaintsThatLedToAnImprovement(t *testing.T) {
	h := testkit.Open(t)
	path := decided(h, fields{"severity": "high"})
	if got := h.As("l4").Get(path).Want(200); got.Text("decided_in_time") != "in_time" || got.Text("effective_actions") != "0" {
		t.Errorf("decided the same day: %s", got.Body)
	}
	const year, yield = "/reports/complaints?from=2026-11-01", "improvement_yield"
	if got := figureOf(h, year, yield); got != "0 of 1" {
		t.Errorf("before the action: %s", got)
	}
	action := remedy(h, path, nil)
	remedyApproved(h, action)
	remedyMeasured(h, action, "2")
	if got := figureOf(h, year, yield); got != "1 of 1" || h.As("l4").Get(path).Text("effective_actions") != "1" {
		t.Errorf("after the action: %s", got)
	}
	h.As("l6").Delete(action).Want(204)
	if got := figureOf(h, year, yield); got != "0 of 1" {
		t.Errorf("after its removal: %s", got)
	}
}

// However many records there are, a report takes the same few statements.
func TestReportsTakeAFewStatements(t *testing.T) {
	h := testkit.Open(t)
	for _, path := range []string{"/reports/complaints?period=2026", "/reports/lessons?period=2026"} {
		noun := strings.TrimSuffix(strings.TrimPrefix(path, "/reports/"), "s?period=2026")
		h.Some(noun)
		h.As("l4").Get(path).Want(200) // what is kept in memory is read once
		_, few := h.As("l4").Statements("GET", path, nil)
		few = about(noun, few)
		for range 5 {
			h.Some(noun)
		}
		r, many := h.As("l4").Statements("GET", path, nil)
		many = about(noun, many)
		if r.Status != 200 || len(many) > len(few) || len(many) > 21 {
			t.Errorf("%s: %d statements, with more records %d:\n%s", path, len(few), len(many), strings.Join(many, "\n"))
		}
	}
}

// about are the statements that read records of a noun; what is kept in memory is read
// anew every second.
func about(noun string, statements []string) (some []string) {
	for _, s := range statements {
		if strings.Contains(s, " "+noun+"s t") {
			some = append(some, s)
		}
	}
	return some
}
