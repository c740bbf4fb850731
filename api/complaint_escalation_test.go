package api_test

import (
	"bytes"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// chain are the escalations of a record, the oldest first.
func chain(h *testkit.House, path string) *testkit.Reply {
	h.T.Helper()
	return h.As("l7").Get(path + "/escalations?sort=created_at").Want(200)
}

// A complaint that nobody takes up in time goes up by itself, once, and from rung to
// rung; it stays overdue. What level 7 lets lie shows as a red flag, and is not taken
// back in silence: it is decided there, or the complaint goes outside.
func TestMissedComplaintGoesUpByItself(t *testing.T) {
	h := testkit.Open(t)
	h.As("l5").Move(ladder(h), "refer_external", fields{"referred_to": "Ports Ombudsman", "reason": "It decides on noise."}).Want(200)
	path := complained(h, nil)
	h.Clock.Forward(3*day + 9*time.Hour) // Wednesday, six o'clock
	h.Tick()
	if n := h.Tick(); n != 0 {
		t.Errorf("acted on %d clocks again", n)
	}
	before(h, path, 5)
	due(h.As("l4").Get(path).Want(200), "2026-11-25", "acknowledge", true)
	first := chain(h, path)
	if first.Len("data") != 1 || first.Text("data.0.cause") != "breach" || first.Text("data.0.created_by.type") != "system" || first.Text("data.0.reason") != "Not done in time: Tell the complainant that the complaint is with us." {
		t.Errorf("not taken up: %s", first.Body)
	}
	h.As("l4").Move(path, "acknowledge", received()).Want(200)
	h.Clock.Forward(30 * day) // the assessment is missed too
	for range 3 {
		h.Tick()
		h.Clock.Forward(7 * day)
	}
	h.Tick()
	before(h, path, 7)
	if all := chain(h, path); all.Len("data") != 3 || all.Text("data.2.to_level") != "7" {
		t.Errorf("not one chain: %s", all.Body)
	}
	top := "/escalations/" + chain(h, path).Text("data.2.ref")
	if flags := h.As("l7").Get("/health/governance").Want(200).Body; !bytes.Contains(flags, []byte("escalation_unanswered")) {
		t.Errorf("no red flag: %s", flags)
	}
	blocked(h.As("l7").Move(top, "withdraw", fields{"reason": "Nobody asks any more."}), "unanswered")
	h.As("l5").Move(path, "refer_external", fields{"referred_to": "Ports Ombudsman", "reason": "Nobody here decides."}).Want(200)
	if got := h.As("l7").Get(top).Want(200); got.Text("state") != "withdrawn" {
		t.Errorf("it still waits: %s", got.Body)
	}
	before(h, path, 4)
	if h.As("l7").Get("/health/governance").Want(200).Value("ok") != true {
		t.Error("the flag stays")
	}
}

// A decision that the complainant does not accept goes one level up: whoever decides
// the review there ends the escalation, which keeps what was decided and by whom.
func TestReviewGoesOneLevelUp(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	l4 := h.As("l4")
	path := decided(h, nil)
	no := recourse(fields{"reason": "An apology lets nobody sleep."})
	due(l4.Move(path, "reject", no).Want(200), "2026-12-18", "respond", false)
	before(h, path, 6)
	first := chain(h, path)
	if first.Text("data.0.cause") != "review" || first.Text("data.0.holder_id") != h.People["l6"] || first.Text("data.0.reason") != "The complainant does not accept what level 5 decided." {
		t.Errorf("not one level up: %s", first.Body)
	}
	review := "/escalations/" + first.Text("data.0.ref")
	blocked(h.As("l6").Move(review, "settle", nil), "review_open")
	due(h.As("l6").Move(review, "acknowledge", nil).Want(200), "2026-12-18", "decide", false)
	l4.Move(path, "propose_response", answer()).Want(200)
	h.As("l5b").Move(path, "approve", tell()).Code(403, "insufficient-level")
	h.As("l6b").Move(path, "approve", tell()).Want(200)
	if got := l4.Get(review).Want(200); got.Text("state") != "closed" || got.Text("decided_by_id") != h.People["l6b"] || got.Text("decision") != "The shift was not told of the quiet nights." {
		t.Errorf("not settled: %s", got.Body)
	}
	before(h, path, 4)

	l4.Move(path, "reject", no).Want(200)
	before(h, path, 7)
	l4.Move(path, "propose_response", answer()).Want(200)
	h.As("l7").Move(path, "approve", tell()).Want(200)
	before(h, path, 4)
	l4.Move(path, "accept", agreed()).Want(200)
}

// A review that nobody decides in time goes further up, and is decided there.
func TestReviewThatIsNotDecidedGoesUp(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	path := decided(h, nil)
	h.As("l4").Move(path, "reject", recourse(fields{"reason": "No."})).Want(200)
	h.Clock.Forward(2 * day)
	h.Tick()
	before(h, path, 7)
	if all := chain(h, path); all.Len("data") != 2 || all.Text("data.1.cause") != "review" {
		t.Errorf("not the same review: %s", all.Body)
	}
	h.As("l4").Move(path, "propose_response", answer()).Want(200)
	if low := h.As("l6").Move(path, "approve", tell()).Code(403, "insufficient-level"); low.Text("because.1") != "the review stands before level 7" {
		t.Errorf("it stands before level 7: %s", low.Body)
	}
	h.As("l7").Move(path, "approve", tell()).Want(200)
	before(h, path, 4)
}

// While somebody above is asked, a record's time limits stand still; they go on when
// the matter is given back or decided. Reminders go on all the time.
func TestTimeLimitsStandStillWhileSomebodyAboveIsAsked(t *testing.T) {
	h := testkit.Open(t)
	issue := ladder(h)
	l4 := h.As("l4")
	path := assessedAs(h, 3, nil)
	due(l4.Move(path, "investigate", nil).Want(200), "2026-12-18", "respond", false)
	esc := asked(h, path, "l4", fields{"reason": "The board has to say who pays."})
	if got := due(l4.Get(path).Want(200), "", "", false); got.Value("waits_above") != true {
		t.Errorf("it does not say that it waits: %s", got.Body)
	}
	h.As("l5").Move(esc, "acknowledge", nil).Want(200)
	h.Clock.Forward(4 * time.Hour) // within a day
	h.As("l5").Move(esc, "return", fields{"reason": "The lead may decide this."}).Want(200)
	if got := due(l4.Get(path).Want(200), "2026-12-18", "respond", false); got.Value("waits_above") != false {
		t.Errorf("it does not go on: %s", got.Body)
	}
	esc = asked(h, path, "l4", fields{"reason": "The board has to say who pays."})
	h.Clock.Forward(2 * day) // over Monday
	h.As("l5").Move(esc, "return", fields{"reason": "The lead may decide this."}).Want(200)
	if got := due(l4.Get(path).Want(200), "2026-12-21", "respond", false); got.Text("paused_total") == "0" {
		t.Errorf("it did not stand still: %s", got.Body)
	}

	second := asked(h, path, "l4", fields{"reason": "The board has to say who pays."})
	h.As("l5").Move(second, "acknowledge", nil).Want(200)
	h.As("l5").Move(second, "decide", fields{"decision": "We pay.", "decision_reason": "It was us."}).Want(200)
	due(l4.Get(path).Want(200), "2026-12-21", "respond", false)
	before(h, path, 5)
	l4.Move(second, "close", nil).Want(200)

	asked(h, path, "l4", fields{"reason": "Once more."})
	h.Clock.Forward(21 * day)
	for range 3 {
		h.Tick()
		h.Clock.Forward(7 * day)
	}
	before(h, path, 7)
	due(l4.Get(path).Want(200), "", "", false)
	alike(t, happened(h, "complaint.overdue"))
	alike(t, happened(h, "complaint.reminded"), "complaint.reminded by system")

	before(h, issue, 7) // it went up by itself, and stays overdue
	due(l4.Get(issue).Want(200), "2026-12-04", "settle", true)
}

// Who owns a matter that went as far as level 6 is asked what was learned in it.
func TestMatterFromFarUpAsksForALesson(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	path := assessedAs(h, 3, nil)
	for level, holder := range map[int]string{5: "l5", 6: "l6"} {
		esc := asked(h, path, "l5", fields{"to_level": level, "override": true, "reason": "The board has to say who pays."})
		h.As(holder).Move(esc, "acknowledge", nil).Want(200)
		h.As(holder).Move(esc, "decide", fields{"decision": "We pay.", "decision_reason": "It was us."}).Want(200)
		h.As("l5").Move(esc, "close", nil).Want(200)
	}
	asks := 0
	for _, what := range told(h, "l4") {
		if what == "lesson_prompted" {
			asks++
		}
	}
	if asks != 1 {
		t.Errorf("asked %d times", asks)
	}
}
