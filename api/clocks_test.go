package api_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"rapport/internal/ledger"
	"rapport/internal/testkit"
)

// day is how far a test's clock is put forward to be at the same time on another day.
const day = 24 * time.Hour

// due stops the test unless a record shows these time limits.
func due(r *testkit.Reply, on, clock string, overdue bool) *testkit.Reply {
	r.T.Helper()
	var wantOn, wantFor any
	if on != "" {
		wantOn, wantFor = on, clock
	}
	if r.Value("due_on") != wantOn || r.Value("due_for") != wantFor || r.Value("is_overdue") != overdue {
		r.T.Errorf("want due on %v for %v, overdue %v: got %v, %v, %v", wantOn, wantFor, overdue, r.Value("due_on"), r.Value("due_for"), r.Value("is_overdue"))
	}
	return r
}

// told are the types of somebody's notifications, the oldest first.
func told(h *testkit.House, handle string) (types []string) {
	h.T.Helper()
	all := h.As(handle).Get("/notifications").Want(200)
	for i := all.Len("data") - 1; i >= 0; i-- {
		types = append(types, all.Text(fmt.Sprintf("data.%d.type", i)))
	}
	return types
}

// happened are the types of the events of a pattern, each with who brought it about.
func happened(h *testkit.House, pattern string) (types []string) {
	h.T.Helper()
	settled(h)
	feed := h.As("l7").Get("/events?limit=200&types=" + pattern).Want(200)
	for i := range feed.Len("data") {
		types = append(types, feed.Text(fmt.Sprintf("data.%d.type", i))+" by "+feed.Text(fmt.Sprintf("data.%d.actor.type", i)))
	}
	return types
}

func alike(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
}

// An issue is to be assessed within a working day, then settled by its severity;
// what waits stands still, is looked at again on the day that was named, and goes on
// with the days that it had left. What is missed is told once, to those who answer.
func TestIssueRunsAgainstTime(t *testing.T) {
	h := testkit.Open(t) // a Sunday, nine o'clock
	party := residents(h, "Riverside Residents")
	path := raised(h, fields{"stakeholder_id": party})
	l5 := h.As("l5")
	if w := l5.Get("/meta/workflows/issue").Want(200); w.Len("clocks") != 5 || w.Text("clocks.1.name") != "settle" || w.Text("clocks.1.start") != "raised_at" || w.Text("clocks.1.pauses.0") != "waiting" {
		t.Errorf("the clocks are not declared: %s", w.Body)
	}
	due(l5.Get(path).Want(200), "2026-11-23", "triage", false)

	h.Clock.Forward(day)
	if n := h.Tick(); n != 1 {
		t.Errorf("on the morning of the day want one warning, acted on %d", n)
	}
	alike(t, happened(h, "issue.due_soon"), "issue.due_soon by system")
	due(l5.Move(path, "triage", assessment(h, "medium", party)).Want(200), "2026-12-04", "settle", false)
	l5.Move(path, "start", nil).Want(200)

	h.Clock.Forward(2 * day) // Wednesday
	due(l5.Move(path, "wait", fields{"waiting_on": "The harbour master", "waiting_until": "2026-11-28"}).Want(200), "", "", false)
	h.Clock.Forward(4 * day) // Sunday, the day after
	h.Tick()
	alike(t, told(h, "l5"))
	h.Clock.Forward(day) // Monday, when work begins
	h.Tick()
	alike(t, told(h, "l5"), "reminded")
	alike(t, happened(h, "issue.reminded"), "issue.reminded by system")
	back := due(l5.Move(path, "resume", nil).Want(200), "2026-12-09", "settle", false) // three working days later
	if back.Value("paused_total") != float64(3*8*60) {
		t.Errorf("stood still for %v minutes, want three days of work", back.Value("paused_total"))
	}

	h.Clock.Forward(8 * day) // Tuesday, the day before
	h.Tick()
	h.Clock.Forward(day + 8*time.Hour) // Wednesday, five o'clock
	version := l5.Get(path).Want(200).Value("version")
	due(l5.Get(path).Want(200), "2026-12-09", "settle", true)
	if n := h.Tick() + h.Tick(); n != 1 {
		t.Errorf("acted %d times on one clock", n)
	}
	late := l5.Get(path).Want(200)
	if late.Text("breached_at") != "2026-12-09T17:00:00.000Z" || late.Value("version") == version || late.Text("updated_by.type") != "system" {
		t.Errorf("the breach is not on the record: %s", late.Body)
	}
	alike(t, told(h, "l5"), "reminded", "due_soon", "overdue")
	alike(t, happened(h, "issue.overdue"), "issue.overdue by system")
	if n := l5.Get("/issues?is_overdue=true&due_on.lte=today").Want(200).Len("data"); n != 1 {
		t.Errorf("found %d overdue", n)
	}
	for _, filter := range []string{"is_overdue=false", "is_overdue.ne=true", "due_on.lt=today", "due_at.null=true"} {
		if n := l5.Get("/issues?" + filter).Want(200).Len("data"); n != 0 {
			t.Errorf("%s finds %d", filter, n)
		}
	}
	l5.Post("/issues/search", fields{"filter": fields{"field": "is_overdue", "op": "eq", "value": true}}).Want(200)
	l5.Get("/issues?is_overdue=maybe").Code(400, "invalid-parameter")
	l5.Patch(path, fields{"is_overdue": false}).Code(422, "validation-failed").Fault("#/is_overdue", "read_only")
	l5.Patch(path, fields{"due_on": "2027-01-01"}).Code(422, "validation-failed").Fault("#/due_on", "read_only")
}

// The more those concerned count, the sooner an issue is due; settings move that at
// run time. An issue that comes back has a clock of its own, from then on.
func TestIssueIsDueBySeverityAndSalience(t *testing.T) {
	h := testkit.Open(t)
	definitive := "/stakeholders/" + residents(h, "Harbour Board")
	h.As("l5").Post("/assessments", fields{"stakeholder_id": definitive[len("/stakeholders/"):], "power": 5, "legitimacy": 5, "urgency": 5, "interest": 5, "rationale": "Holds the permit."}).Want(201)
	path := raised(h, nil)
	h.Clock.Forward(day)
	l5 := h.As("l5")
	due(l5.Move(path, "triage", assessment(h, "high", residents(h, "Anglers"))).Want(200), "2026-11-27", "settle", false)
	due(l5.Move(path, "reassess", fields{"severity": "high", "affected_stakeholder_ids": []string{definitive[len("/stakeholders/"):]}, "reason": "The board is concerned too."}).Want(200), "2026-11-25", "settle", false)

	h.As("l7").Patch("/settings/issue_days_high", fields{"value": "10"}).Want(200)
	due(l5.Patch(path, fields{"urgency": "low"}).Want(200), "2026-11-27", "settle", false)
	h.As("l7").Patch("/settings/issue_definitive_share", fields{"value": "0"}).Code(422, "validation-failed")
	h.As("l7").Patch("/settings/default_calendar", fields{"value": "nowhere"}).Code(422, "validation-failed").Fault("#/value", "reference_not_found")

	again := proposed(h, "low")
	due(l5.Get(again).Want(200), "2026-12-07", "answer", false)
	due(l5.Move(again, "accept_resolution", fields{"party_answer": "accepted", "party_answered_on": "2026-11-23", "answer_evidence": "Letter"}).Want(200), "2026-11-30", "close", false)
	due(l5.Move(again, "close", fields{"no_action_reason": "A single night."}).Want(200), "", "", false)
	h.Clock.Forward(30 * day)
	due(l5.Move(again, "reopen", fields{"reason": "Noise again."}).Want(200), "2027-01-20", "settle", false)
}

// A day that was set aside is no working day, and neither is a holiday. An issue
// that was removed is not due; brought back, it is due as before.
func TestIssueIsDueByTheCalendar(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	l7.Patch("/calendars/default", fields{"holiday_region": "GB", "zone": "Europe/London", "days_off": []fields{{"on": "2026-11-23", "name": "Harbour feast"}}}).Want(200)
	path := raised(h, nil)
	due(l7.Get(path).Want(200), "2026-11-24", "triage", false)
	l7.Delete(path).Want(204)
	h.Clock.Forward(3 * day)
	if n := h.Tick(); n != 0 {
		t.Errorf("acted on %d clocks of what was removed", n)
	}
	due(l7.Post(path+"/restore", nil).Want(200), "2026-11-24", "triage", true)
	h.Tick()
	alike(t, happened(h, "issue.overdue"), "issue.overdue by system")

	l7.Post("/calendars", fields{"key": "night", "name": "Night watch", "zone": "Europe/Lodnon", "holiday_region": "GBR", "hours": []fields{
		{"weekday": "monday", "from": "22:00", "to": "06:00"}, {"weekday": "tuesday", "from": "9", "to": "17:00"}, {"weekday": "friday", "from": "09:00", "to": "24:01"},
	}}).Code(422, "validation-failed").Fault("#/hours/0/to", "out_of_range").Fault("#/hours/1/from", "invalid_format").Fault("#/hours/2/to", "invalid_format").Fault("#/zone", "invalid_format").Fault("#/holiday_region", "not_in_enum")
	h.As("l6").Post("/calendars", fields{"key": "night", "name": "Night watch"}).Code(403, "insufficient-scope")
	l7.Delete("/calendars/default").Code(409, "still-referenced")
}

// What came due while the register was down is told once when it is up again; an
// hour put back and forth tells nothing twice; two processes share the work.
func TestClocksSurviveOutagesAndJumps(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	const many = 60
	for range many {
		raised(h, nil)
	}
	h.Clock.Forward(3 * day) // the register was down on Monday and Tuesday
	other := ledger.New(h.DB, h.Clock.Now, "/api/v1")
	acted := make([]int, 2)
	var both sync.WaitGroup
	for i, l := range []*ledger.Ledger{h.Ledger, other} {
		both.Go(func() {
			n, err := l.Tick(context.Background())
			if err != nil {
				t.Error(err)
			}
			acted[i] = n
		})
	}
	both.Wait()
	h.Clock.Forward(-2 * time.Hour)
	again := h.Tick()
	h.Clock.Forward(3 * time.Hour)
	again += h.Tick()
	if acted[0]+acted[1] < many || again != 0 {
		t.Errorf("acted on %v, and then again on %d", acted, again)
	}
	if n := len(happened(h, "issue.overdue")); n != many {
		t.Errorf("told of %d that are overdue, want %d", n, many)
	}
}
