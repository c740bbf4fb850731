package api_test

import (
	"bytes"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// ladder puts people on the default ladder and answers an issue under way, with its path.
func ladder(h *testkit.House) (path string) {
	h.T.Helper()
	h.As("l7").Patch("/escalation-ladders/default", fields{"rungs": []fields{
		{"level": 4, "name": "Owner", "respond_within": "P1D"},
		{"level": 5, "name": "Lead", "holder_id": "USR-3", "deputy_id": "USR-4", "respond_within": "P1D"},
		{"level": 6, "name": "Head", "holder_id": "USR-5", "respond_within": "PT4H", "calendar": "default"},
		{"level": 7, "name": "Ultimate escalation point", "holder_id": "USR-7", "deputy_id": "USR-8", "respond_within": "P2D"},
	}}).Want(200)
	party := residents(h, "Riverside Residents")
	path = raised(h, fields{"stakeholder_id": party})
	h.As("l4").Move(path, "triage", fields{"category": "environment", "severity": "medium", "urgency": "high", "owner_id": "me", "affected_stakeholder_ids": []string{party}}).Want(200)
	h.As("l4").Move(path, "start", nil).Want(200)
	return path
}

// asked raises an escalation by a level and answers its path.
func asked(h *testkit.House, path, handle string, body fields) string {
	h.T.Helper()
	return "/escalations/" + h.As(handle).Post(path+"/escalations", body).Want(201).Text("ref")
}

// before stops the test unless a record stands before a level.
func before(h *testkit.House, path string, level int) {
	h.T.Helper()
	if got := h.As("l7").Get(path).Want(200).Value("escalation_level"); got != float64(level) {
		h.T.Errorf("%s stands before level %v, want %d", path, got, level)
	}
}

// A matter goes to the next level up, is taken in hand and decided there by whoever
// stands on the rung, and what was decided binds: the issue is not closed before.
func TestIssueIsEscalatedAndDecided(t *testing.T) {
	h := testkit.Open(t)
	path := ladder(h)
	h.As("none").Post(path+"/escalations", fields{"reason": "No reply in 5 days"}).Code(403, "insufficient-level")
	e := h.As("l4").Post(path+"/escalations", fields{"reason": "No reply in 5 days", "cause": "request"}).Want(201)
	if e.Value("to_level") != 5.0 || e.Text("holder_id") != h.People["l5"] || e.Text("subject_type") != "issue" || e.Text("due_on") != "2026-11-23" || e.Text("rung") != "Lead" {
		t.Errorf("not on its rung: %s", e.Body)
	}
	esc := "/escalations/" + e.Text("ref")
	before(h, path, 5)
	alike(t, happened(h, "issue.escalated"), "issue.escalated by system")
	alike(t, told(h, "l5"), "escalated")
	alike(t, told(h, "l5b"), "escalated")

	h.As("l4").Move(esc, "acknowledge", nil).Code(403, "insufficient-level")
	h.As("l5").Move(esc, "acknowledge", nil).Want(200)
	alike(t, told(h, "l4"), "acknowledged")
	due(h.As("l5b").Move(esc, "consider", nil).Want(200), "2026-11-25", "decide", false)
	decision := fields{"decision": "Unload from 06:00.", "decision_reason": "The permit says so.", "instructions": "Change the rota."}
	blocked(h.As("l5b").Move(esc, "decide", decision), "instructions_undated")
	decision["instructions_due_on"] = "2026-11-27"
	due(h.As("l5b").Move(esc, "decide", decision).Want(200), "2026-11-27", "carry_out", false)
	before(h, path, 5)

	l4 := h.As("l4")
	l4.Move(path, "propose_resolution", fields{"resolution": "Unload from 06:00.", "effects": []fields{{"stakeholder_id": "STK-1", "effect": "Quiet nights."}}}).Want(200)
	l4.Move(path, "accept_resolution", accepted()).Want(200)
	blocked(l4.Move(path, "close", fields{"no_action_reason": "The rota was changed."}), "escalation_open")
	if said := l4.Get(path + "/transitions").Want(200).Body; !bytes.Contains(said, []byte("Change the rota.")) || !bytes.Contains(said, []byte("ESC-1")) {
		t.Errorf("the instruction is not told: %s", said)
	}
	blocked(l4.Move(esc, "close", nil), "instructions_open")
	l4.Move(esc, "close", fields{"carried_out": "The rota changed on Monday.", "carried_out_on": "2026-11-22"}).Want(200)
	before(h, path, 4)
	l4.Move(path, "close", fields{"no_action_reason": "The rota was changed."}).Want(200)
	l4.Post(path+"/escalations", fields{"reason": "Once more"}).Code(422, "validation-failed").Fault("#/issue_id", "conflicts_with")
	if n := l4.Get(path + "/escalations").Want(200).Len("data"); n != 1 {
		t.Errorf("the issue has %d escalations", n)
	}
}

// What nobody answers goes up by itself, rung by rung, once each, and ends at the
// top as a red flag, never closed in silence. Each rung is a link of one chain.
func TestUnansweredMatterGoesUpByItself(t *testing.T) {
	h := testkit.Open(t)
	path := ladder(h)
	first := asked(h, path, "l4", fields{"reason": "No reply in 5 days"})
	blocked(h.As("l6").Move(first, "advance", nil), "not_late")
	h.Clock.Forward(day + 8*time.Hour) // Monday, five o'clock
	h.Tick()
	if n := h.Tick(); n != 0 {
		t.Errorf("acted on %d clocks again", n)
	}
	before(h, path, 6)
	h.As("l4").Get(first).Want(200)
	second := h.As("l4").Get("/escalations?state=raised").Want(200)
	if second.Len("data") != 1 || second.Text("data.0.previous_id") != h.As("l4").Get(first).Want(200).ID() || second.Text("data.0.created_by.type") != "system" || second.Text("data.0.cause") != "breach" {
		t.Errorf("not the next link: %s", second.Body)
	}
	alike(t, told(h, "l6"), "escalated")

	h.Clock.Forward(20 * time.Hour) // Tuesday, one o'clock: four hours of work
	h.Tick()
	before(h, path, 7)
	h.Clock.Forward(10 * day)
	h.Tick()
	before(h, path, 7)
	top := h.As("l7").Get("/escalations?state=raised&to_level=7&is_overdue=true").Want(200)
	if top.Len("data") != 1 || top.Text("data.0.breached_at") == "" {
		t.Errorf("not overdue at the top: %s", top.Body)
	}
	health := h.As("l7").Get("/health/governance").Want(200)
	if health.Value("ok") != false || !bytes.Contains(health.Body, []byte("escalation_unanswered")) || !bytes.Contains(health.Body, []byte("ESC-3")) {
		t.Errorf("governance does not see it: %s", health.Body)
	}
	last := "/escalations/" + top.Text("data.0.ref")
	blocked(h.As("l7").Move(last, "advance", nil), "top_rung")
	h.As("l4").Post(path+"/escalations", fields{"reason": "Still nobody"}).Code(422, "validation-failed").Fault("#/to_level", "out_of_range")
	h.As("l6").Move(last, "acknowledge", nil).Code(403, "insufficient-level")
	h.As("l7b").Move(last, "acknowledge", nil).Want(200)
	h.As("l7b").Move(last, "return", fields{"reason": "The lead may decide this."}).Want(200)
	before(h, path, 4)
	if h.As("l7").Get("/health/governance").Want(200).Value("ok") != true {
		t.Error("the flag stays")
	}
	alike(t, happened(h, "issue.escalated"), "issue.escalated by system", "issue.escalated by system", "issue.escalated by system")
}

// To leave rungs out takes level 5, says so and says why; the open escalation ends
// in the new one. Who holds a rung cannot leave before the matter is handed over.
func TestRungsAreLeftOutWithAReason(t *testing.T) {
	h := testkit.Open(t)
	path := ladder(h)
	first := asked(h, path, "l4", fields{"reason": "No reply in 5 days"})
	l5 := h.As("l5")
	l5.Post(path+"/escalations", fields{"to_level": 7, "reason": "Regulator called"}).Code(422, "validation-failed").Fault("#/override", "required")
	l5.Post(path+"/escalations", fields{"to_level": 7, "override": true}).Code(422, "validation-failed").Fault("#/reason", "required")
	l5.Post(path+"/escalations", fields{"to_level": 5, "reason": "Again"}).Code(422, "validation-failed").Fault("#/to_level", "out_of_range")
	h.As("l4").Post(path+"/escalations", fields{"to_level": 7, "override": true, "reason": "Regulator called"}).Code(403, "insufficient-level")
	blocked(l5.Move(first, "supersede", nil), "not_superseded")
	last := asked(h, path, "l5", fields{"to_level": 7, "override": true, "reason": "Regulator called"})
	before(h, path, 7)
	if l5.Get(first).Want(200).Text("state") != "advanced" {
		t.Error("two escalations are open")
	}
	alike(t, told(h, "l7b"), "escalated")
	if n := l5.Get("/issues?escalation_level.gte=5&state.nin=closed&sort=-escalation_level").Want(200).Len("data"); n != 1 {
		t.Errorf("found %d that are escalated", n)
	}
	h.As("l7").Move("/users/USR-8", "disable", nil).Code(409, "still-responsible")
	h.As("l5").Move(last, "withdraw", fields{"reason": "The regulator was answered."}).Want(200)
	before(h, path, 4)

	third := asked(h, path, "l4", fields{"reason": "The regulator called again"})
	h.As("l7").Delete(third).Want(204)
	before(h, path, 4)
	h.As("l7").Post(third+"/restore", nil).Want(200)
	before(h, path, 5)
}

// Nobody below the level of a rung takes a matter in hand that stands before it,
// looks into it, decides it or gives it back; nor is an issue called none meanwhile.
func TestWhoStandsBelowDoesNotDecide(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	for level, who := range map[int][2]string{6: {"l5", "l6"}, 7: {"l6", "l7"}} {
		below, there := h.As(who[0]), h.As(who[1])
		path := raised(h, nil)
		esc := asked(h, path, "l5", fields{"to_level": level, "override": true, "reason": "Regulator called"})
		below.Move(esc, "acknowledge", nil).Code(403, "insufficient-level")
		there.Move(esc, "acknowledge", nil).Want(200)
		below.Move(esc, "consider", nil).Code(403, "insufficient-level")
		there.Move(esc, "consider", nil).Want(200)
		below.Move(esc, "decide", fields{"decision": "No.", "decision_reason": "No ground."}).Code(403, "insufficient-level")
		below.Move(esc, "return", fields{"reason": "Not for us."}).Code(403, "insufficient-level")
		blocked(h.As("l5").Move(path, "close_no_basis", fields{"reason": "No noise was measured.", "told_raiser_on": "2026-11-22", "told_channel": "call"}), "escalation_open")
		due(there.Move(esc, "decide", fields{"decision": "No.", "decision_reason": "No ground."}).Want(200), "", "", false)
	}
}

// Whoever is asked sees what is asked about, as long as it stands before them; who
// takes over from them takes their matters over.
func TestWhoIsAskedSeesTheMatter(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	path := raised(h, nil)
	h.As("l6").Patch(path, fields{"sensitivity": "restricted", "owner_id": "me"}).Want(200)
	h.As("l5").Get(path).Want(404)
	esc := asked(h, path, "l6", fields{"reason": "The lead knows the party."})
	h.As("l5").Get(path).Want(200)
	h.As("l5").Get(esc).Want(200)
	h.As("l4").Get(esc).Want(404)
	h.As("l4").Get(path + "/escalations").Want(404)

	h.As("l7").Post("/users/USR-4/handovers", fields{"to_id": "USR-6", "reason": "Leaves the house"}).Want(202)
	h.RunJobs()
	if e := h.As("l6").Get(esc).Want(200); e.Text("deputy_id") != h.People["l6b"] || e.Text("holder_id") != h.People["l5"] {
		t.Errorf("the deputy's place was not handed over: %s", e.Body)
	}
	h.As("l7").Move("/users/USR-4", "disable", nil).Want(200)

	h.As("l5").Move(esc, "acknowledge", nil).Want(200)
	h.As("l5").Move(esc, "return", fields{"reason": "Not mine to decide."}).Want(200)
	h.As("l5").Get(path).Want(404)
}
