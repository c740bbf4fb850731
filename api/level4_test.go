package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// A limit of an issue that is missed goes up by itself, once, and from rung to rung to
// level 7, beyond which nobody is asked: it is decided there, or goes outside.
func TestMissedIssueGoesUpByItself(t *testing.T) {
	h := testkit.Open(t)
	h.As("l5").Move(ladder(h), "refer_external", fields{"referred_to": "Ports Ombudsman", "reason": "It decides on noise."}).Want(200)
	path := raised(h, nil)
	h.Clock.Forward(day + 9*time.Hour) // Monday, six o'clock
	h.Tick()
	if n := h.Tick(); n != 0 {
		t.Errorf("acted on %d clocks again", n)
	}
	before(h, path, 5)
	due(h.As("l4").Get(path).Want(200), "2026-11-23", "triage", true)
	first := chain(h, path)
	if first.Len("data") != 1 || first.Text("data.0.cause") != "breach" || first.Text("data.0.created_by.type") != "system" || first.Text("data.0.reason") != "Not done in time: Assess the issue." {
		t.Errorf("not taken up: %s", first.Body)
	}
	if got := told(h, "l5"); len(got) == 0 || got[len(got)-1] != "escalated" {
		t.Errorf("the holder is not told: %v", got)
	}
	h.As("l4").Move(path, "triage", assessment(h, "low", residents(h, "Harbour Board"))).Want(200)
	if all := chain(h, path); all.Len("data") != 1 {
		t.Errorf("what was done late still waits above, once: %s", all.Body)
	}
	for range 4 {
		h.Clock.Forward(7 * day)
		h.Tick()
	}
	before(h, path, 7)
	all := chain(h, path)
	if all.Len("data") != 3 || all.Text("data.2.to_level") != "7" {
		t.Errorf("not one chain: %s", all.Body)
	}
	top := "/escalations/" + all.Text("data.2.ref")
	h.As("l4").Post(path+"/escalations", fields{"reason": "And now?"}).Want(422).Fault("#/to_level", "out_of_range")
	blocked(h.As("l7").Move(top, "withdraw", fields{"reason": "Nobody asks any more."}), "unanswered")
	h.As("l7").Move(top, "acknowledge", nil).Want(200)
	h.As("l7").Move(top, "decide", fields{"decision": "We pay.", "decision_reason": "It was us."}).Want(200)
	h.As("l4").Move(top, "close", nil).Want(200)
	before(h, path, 4)
}

// At first contact nobody was told of a decision: the complainant says yes, silence
// says nothing.
func TestSilenceSettlesNothingAtFirstContact(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := assessedAs(h, 2, nil)
	l4.Move(path, "resolve_frontline", nil).Want(200)
	settled := merged(agreed(), groundsFound(), fields{"remedies": []fields{{"remedy": "apologise"}}})
	h.Clock.Forward(30 * day)
	for _, said := range []string{"silent", "none"} {
		no := blocked(l4.Move(path, "accept_frontline", merged(settled, fields{"complainant_answer": said})), "no_answer")
		if word := no.Text("blockers.0.detail"); strings.Contains(word, "days") || !strings.Contains(word, "propose_response") {
			t.Errorf("%s: %s", said, word)
		}
	}
	blocked(l4.Move(path, "accept_frontline", merged(settled, fields{"answered_on": nil})), "no_answer")
	l4.Move(path, "accept_frontline", settled).Want(200)
	report := h.As("l5").Get("/reports/complaints?period=2026").Want(200)
	for i := range report.Len("figures") {
		at := fmt.Sprintf("figures.%d.", i)
		switch report.Text(at + "name") {
		case "frontline_resolution":
			shows(report, at+"n", 1)
		case "upheld":
			shows(report, at+"n", 0)
			if said := report.Text(at + "formula"); !strings.Contains(said, "first contact") {
				t.Errorf("the formula is silent on what has no decision: %s", said)
			}
		}
	}
}
