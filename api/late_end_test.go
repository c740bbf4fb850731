package api_test

import (
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// settledLate is an issue that is ready to be closed, and stands before level 5 only
// because a time limit was missed on the way.
func settledLate(h *testkit.House) (path, esc string) {
	h.T.Helper()
	path = raised(h, nil)
	h.Clock.Forward(day + 9*time.Hour) // the assessment is missed
	h.Tick()
	before(h, path, 5)
	l4 := h.As("l4")
	party := residents(h, "Harbour Board "+path[len("/issues/"):])
	l4.Move(path, "triage", assessment(h, "medium", party)).Want(200)
	l4.Move(path, "start", nil).Want(200)
	l4.Move(path, "propose_resolution", fields{"resolution": "Unload from 06:00.", "effects": []fields{{"stakeholder_id": party, "effect": "Quiet nights."}}}).Want(200)
	l4.Move(path, "accept_resolution", with(accepted(), "party_answered_on", "today")).Want(200)
	return path, "/escalations/" + chain(h, path).Text("data.0.ref")
}

// shut is what the closing of an issue takes.
func shut() fields { return fields{"no_action_reason": "The rota was changed."} }

// What only a missed time limit raised ends with its issue, also where the rung has it in
// hand: with an entry that says why, and those on the rung are told.
func TestEscalationOfMissedLimitEndsWithItsIssue(t *testing.T) {
	h := testkit.Open(t)
	h.As("l5").Move(ladder(h), "refer_external", fields{"referred_to": "Ports Ombudsman", "reason": "It decides on noise."}).Want(200)
	path, esc := settledLate(h)
	h.As("l5").Move(esc, "acknowledge", nil).Want(200)
	closed := h.As("l4").Move(path, "close", shut()).Want(200)
	if closed.Text("state") != "closed" || closed.Value("escalation_level") != 4.0 {
		t.Errorf("it stands before somebody still: %s", closed.Body)
	}
	if got := h.As("l5").Get(esc).Want(200); got.Text("state") != "withdrawn" || got.Text("updated_by.type") != "system" {
		t.Errorf("the escalation stays: %s", got.Body)
	}
	if last := h.As("l5").Get(esc + "/changes").Want(200); last.Text("data.0.transition") != "withdraw" || last.Text("data.0.reason") != "Only a missed time limit raised it, and the issue came to its end: closed." {
		t.Errorf("no entry says why: %s", last.Body)
	}
	if got := told(h, "l5b"); got[len(got)-1] != "withdrawn" {
		t.Errorf("the rung is not told: %v", got)
	}
	if n := h.Tick(); n != 0 {
		t.Errorf("%d clocks run on", n)
	}
}

// What somebody asked on its way up, or what was decided, keeps an issue open, and the
// blocker names the step that ends it.
func TestEscalationThatSomebodyAskedKeepsItsIssueOpen(t *testing.T) {
	h := testkit.Open(t)
	h.As("l5").Move(ladder(h), "refer_external", fields{"referred_to": "Ports Ombudsman", "reason": "It decides on noise."}).Want(200)
	path, _ := settledLate(h)
	next := asked(h, path, "l4", fields{"reason": "Who pays?"}) // takes the missed limit's further
	h.Clock.Forward(3 * day)
	h.Tick() // and goes up by itself from there
	before(h, path, 7)
	says(t, blocked(h.As("l4").Move(path, "close", shut()), "escalation_open"), "stands before level 7: decide or return the escalation there, or withdraw it")
	if got := h.As("l4").Get(next).Want(200); got.Text("state") != "advanced" {
		t.Errorf("it waits where it was: %s", got.Body)
	}

	path, esc := settledLate(h)
	h.As("l5").Move(esc, "acknowledge", nil).Want(200)
	h.As("l5").Move(esc, "decide", fields{"decision": "Close it.", "decision_reason": "It is settled."}).Want(200)
	says(t, blocked(h.As("l4").Move(path, "close", shut()), "escalation_open"), "close the escalation")
	h.As("l4").Move(esc, "close", nil).Want(200)
	h.As("l4").Move(path, "close", shut()).Want(200)
}

// What level 7 let lie is not closed in silence, neither an issue nor a complaint.
func TestWhatLevel7LetLieIsNotClosedInSilence(t *testing.T) {
	h := testkit.Open(t)
	h.As("l5").Move(ladder(h), "refer_external", fields{"referred_to": "Ports Ombudsman", "reason": "It decides on noise."}).Want(200)
	path, _ := settledLate(h)
	for range 4 {
		h.Clock.Forward(7 * day)
		h.Tick()
	}
	before(h, path, 7)
	says(t, blocked(h.As("l4").Move(path, "close", shut()), "escalation_open"), "decide or return the escalation there, or take refer_external")
	top := "/escalations/" + chain(h, path).Text("data.2.ref")
	h.As("l7").Move(top, "return", fields{"reason": "It is settled."}).Want(200)
	h.As("l4").Move(path, "close", shut()).Want(200)
}

// A complaint that was taken up too late is closed as its complainant accepts.
func TestEscalationOfMissedLimitEndsWithItsComplaint(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	path := complained(h, nil)
	h.Clock.Forward(3*day + 9*time.Hour)
	h.Tick()
	before(h, path, 5)
	h.As("l4").Move(path, "acknowledge", received()).Want(200)
	h.As("l4").Move(path, "assess", scored(2, nil)).Want(200)
	h.As("l4").Move(path, "resolve_frontline", nil).Want(200)
	done := merged(agreed(), groundsFound(), fields{"answered_on": "today", "remedy_done_on": "today", "remedies": []fields{{"remedy": "explain"}}})
	h.As("l4").Move(path, "accept_frontline", done).Want(200)
	before(h, path, 4)
	if got := chain(h, path); got.Len("data") != 1 || got.Text("data.0.state") != "withdrawn" {
		t.Errorf("the escalation stays: %s", got.Body)
	}
}

// says stops the test unless the first blocker's detail has the words.
func says(t *testing.T, r *testkit.Reply, words string) {
	t.Helper()
	if !strings.Contains(r.Text("blockers.0.detail"), words) {
		t.Errorf("it does not name the step: %s", r.Body)
	}
}
