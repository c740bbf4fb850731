package api_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"rapport/internal/ledger"
	"rapport/internal/testkit"
)

// until puts the clock to a moment.
func until(h *testkit.House, at string) {
	h.T.Helper()
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		h.T.Fatal(err)
	}
	h.Clock.Forward(t.Sub(h.Clock.Now()))
}

// A day set aside, other hours and another zone move the time limits that run
// already, each with its entry and why; what stands still, what has ended and what
// the calendar does not touch stays as it is. A new name moves nothing.
func TestTimeLimitsFollowTheirCalendar(t *testing.T) {
	h := testkit.Open(t) // a Sunday
	l5, l7 := h.As("l5"), h.As("l7")
	party := residents(h, "Riverside Residents")
	running, still, done := raised(h, nil), raised(h, nil), proposed(h, "low")
	l5.Move(still, "triage", assessment(h, "low", party)).Want(200)
	l5.Move(still, "start", nil).Want(200)
	l5.Move(still, "wait", fields{"waiting_on": "The harbour master", "waiting_until": "2026-12-28"}).Want(200)
	l5.Move(done, "accept_resolution", fields{"party_answer": "accepted", "party_answered_on": "2026-11-22", "answer_evidence": "Letter"}).Want(200)
	l5.Move(done, "close", fields{"no_action_reason": "A single night."}).Want(200)
	versions := func() (all []string) {
		for _, path := range []string{still, done} {
			all = append(all, l5.Get(path).Want(200).Text("version"))
		}
		return all
	}
	due(l5.Get(running).Want(200), "2026-11-23", "triage", false)
	before := versions()

	l7.Patch("/calendars/default", fields{"name": "The office"}).Want(200)
	if n := h.RunJobs(); n != 0 {
		t.Errorf("a new name gave %d jobs to do", n)
	}
	l7.Patch("/calendars/default", fields{"days_off": []fields{{"on": "2026-11-23", "name": "Harbour feast"}}}).Want(200)
	h.RunJobs()
	moved := due(l5.Get(running).Want(200), "2026-11-24", "triage", false)
	line := l5.Get(running + "/changes?limit=1").Want(200)
	if moved.Text("updated_by.type") != "system" || line.Text("data.0.actor.type") != "system" || line.Text("data.0.reason") == "" || line.Text("data.0.diff.1.field") != "due_on" {
		t.Errorf("it is not told why: %s", line.Body)
	}
	alike(t, versions(), before...)

	h.Clock.Forward(day + 9*time.Hour) // Monday, six in the evening
	h.Tick()
	alike(t, happened(h, "issue.overdue"))
	l7.Patch("/calendars/default", fields{"zone": "Asia/Tokyo"}).Want(200)
	h.RunJobs()
	if at := l5.Get(running).Want(200).Text("due_at"); at != "2026-11-24T08:00:00.000Z" {
		t.Errorf("the zone has it due at %s", at)
	}
	l7.Patch("/calendars/default", fields{"zone": nil}).Want(200)
	l7.Patch("/settings/time_zone", fields{"value": "Europe/Bucharest"}).Want(200)
	h.RunJobs()
	if at := l5.Get(running).Want(200).Text("due_at"); at != "2026-11-24T15:00:00.000Z" {
		t.Errorf("the organisation's zone has it due at %s", at)
	}
	was := h.Picture()
	if err := h.Ledger.Reckon(context.Background()); err != nil || !h.SamePicture(was) {
		t.Errorf("done again it is not the same: %v", err)
	}
	until(h, "2026-11-24T15:00:00Z")
	h.Tick()
	alike(t, happened(h, "issue.overdue"), "issue.overdue by system")
}

// A working day ends when the clock on the wall says so, before and after clocks are
// put forward and back, and a leap day is one to work on.
func TestTimeLimitsOverDaylightSavingAndLeapDays(t *testing.T) {
	h := testkit.Open(t)
	h.As("l7").Patch("/calendars/default", fields{"zone": "Europe/Berlin"}).Want(200)
	for _, step := range [][2]string{
		{"2027-03-25T09:00:00Z", "2027-03-26T16:00:00.000Z"}, // the Friday before clocks are put forward
		{"2027-03-26T09:00:00Z", "2027-03-29T15:00:00.000Z"}, // and the Monday after
		{"2027-10-28T09:00:00Z", "2027-10-29T15:00:00.000Z"}, // and back
		{"2027-10-29T09:00:00Z", "2027-11-01T16:00:00.000Z"},
		{"2028-02-28T09:00:00Z", "2028-02-29T16:00:00.000Z"}, // a leap day
		{"2028-02-29T09:00:00Z", "2028-03-01T16:00:00.000Z"},
	} {
		raisedAt, dueAt := step[0], step[1]
		until(h, raisedAt)
		path := raised(h, nil)
		if at := h.As("l5").Get(path).Want(200).Text("due_at"); at != dueAt {
			t.Errorf("raised at %s it is due at %s, want %s", raisedAt, at, dueAt)
		}
		until(h, dueAt)
		h.Clock.Forward(-time.Second)
		h.Tick()
		due(h.As("l5").Get(path).Want(200), dueAt[:10], "triage", false)
		h.Clock.Forward(time.Second)
		h.Tick()
		if h.As("l5").Get(path).Want(200).Text("breached_at") != dueAt {
			t.Errorf("it is not told when it is over, at %s", dueAt)
		}
	}
}

// Two processes, each with a database handle of its own, act on every clock once; so
// do a process that starts after a day's outage, and one whose clock jumps by years.
func TestClocksAreActedOnOnceByTwoProcesses(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	const many = 40
	for range many {
		raised(h, nil)
	}
	two := []*ledger.Ledger{h.Ledger, h.Beside()}
	tick := func() {
		t.Helper()
		var both sync.WaitGroup
		for _, l := range two {
			both.Go(func() {
				if _, err := l.Tick(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
	}
	h.Clock.Forward(day) // Monday morning: all are warned of
	tick()
	if n := len(happened(h, "issue.due_soon")); n != many {
		t.Errorf("warned of %d, want %d", n, many)
	}
	h.Clock.Forward(day) // nobody ran for a day
	two = []*ledger.Ledger{h.Beside(), h.Beside()}
	tick()
	h.Clock.Forward(10 * 365 * day)
	tick()
	h.Clock.Forward(-10 * 365 * day)
	tick()
	if n := len(happened(h, "issue.overdue")); n != many {
		t.Errorf("told of %d that are overdue, want %d", n, many)
	}
	if n := len(happened(h, "issue.due_soon")); n != many {
		t.Errorf("warned of %d in the end, want %d", n, many)
	}
}
