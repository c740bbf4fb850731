package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/internal/authority"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/testkit"
)

type fields = map[string]any

// residents enters a stakeholder and answers its ref.
func residents(h *testkit.House, name string) string {
	h.T.Helper()
	return h.As("l4").Post("/stakeholders", fields{"name": name, "kind": "group"}).Want(201).Text("ref")
}

// raised enters an issue without any level and answers its path.
func raised(h *testkit.House, body fields) string {
	h.T.Helper()
	if body == nil {
		body = fields{}
	}
	body["title"] = "Noise at night from the quay"
	return "/issues/" + h.As("none").Post("/issues", body).Want(201).Text("ref")
}

// assessment is what triage takes.
func assessment(h *testkit.House, severity string, affected ...string) fields {
	return fields{"category": "environment", "severity": severity, "urgency": "high", "owner_id": h.People["l5"], "assignee_id": "me", "affected_stakeholder_ids": affected}
}

// proposed is an issue of a severity whose resolution was proposed by l5.
func proposed(h *testkit.House, severity string) (path string) {
	h.T.Helper()
	party := residents(h, "Riverside Residents "+severity)
	path = raised(h, fields{"stakeholder_id": party})
	l5 := h.As("l5")
	l5.Move(path, "triage", assessment(h, severity, party)).Want(200)
	l5.Move(path, "start", nil).Want(200)
	l5.Move(path, "propose_resolution", fields{"resolution": "Unload from 06:00.", "effects": []fields{{"stakeholder_id": party, "effect": "Quiet nights."}}}).Want(200)
	return path
}

// resolution is what proposing one takes.
func resolution(party string) fields {
	return fields{"resolution": "Unload from 07:00.", "effects": []fields{{"stakeholder_id": party, "effect": "Quiet nights."}}}
}

// accepted is the party's word.
func accepted() fields {
	return fields{"party_answer": "accepted", "party_answered_on": "today", "answer_evidence": "E-mail of Ioana Marin"}
}

// blocked stops the test unless a transition is refused by exactly these guards.
func blocked(r *testkit.Reply, codes ...string) *testkit.Reply {
	r.T.Helper()
	r.Code(409, "transition-blocked")
	found := map[string]bool{}
	items, _ := r.Value("blockers").([]any)
	for _, b := range items {
		found[b.(map[string]any)["code"].(string)] = true
	}
	for _, code := range codes {
		if !found[code] {
			r.T.Errorf("not blocked by %s: %s", code, r.Body)
		}
	}
	if len(found) != len(codes) {
		r.T.Errorf("want blockers %v: %s", codes, r.Body)
	}
	return r
}

// An issue is raised by somebody without a level, assessed, worked on, settled
// with the residents whom it touches, and closed; every step is one entry.
func TestIssueFromOpenToClosed(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party, board := residents(h, "Riverside Residents"), residents(h, "Harbour Board")
	path := raised(h, fields{"stakeholder_id": party, "reporter_contact": fields{"name": "Ioana Marin", "email": "ioana.marin@example.org"}})
	entries := h.Entries()

	blocked(l4.Move(path, "triage", assessment(h, "unknown", party)), "unassessed")
	l4.Move(path, "triage", fields{"severity": "low"}).Want(422).Fault("#/fields/owner_id", "required").Fault("#/fields/affected_stakeholder_ids", "required")
	l4.Move(path, "triage", assessment(h, "medium", party, board)).Want(200)
	l4.Move(path, "start", nil).Want(200)
	blocked(l4.Move(path, "wait", fields{"waiting_on": "the harbour master", "waiting_until": "2026-11-01"}), "waits_into_past")
	l4.Move(path, "wait", fields{"waiting_on": "the harbour master", "waiting_until": "today+3d"}).Want(200)
	if got := l4.Move(path, "resume", nil).Want(200); got.Text("waiting_on") != "" {
		t.Errorf("still waiting: %s", got.Body)
	}
	half := blocked(l4.Move(path, "propose_resolution", fields{"resolution": "Unload from 06:00.", "effects": []fields{{"stakeholder_id": party, "effect": "Quiet nights."}}}), "effect_missing")
	if half.Len("blockers") != 1 || half.Text("blockers.0.resource.ref") != board {
		t.Errorf("the board is the one without an effect: %s", half.Body)
	}
	both := []fields{{"stakeholder_id": party, "effect": "Quiet nights."}, {"stakeholder_id": board, "effect": "A later first shift."}}
	l4.Move(path, "propose_resolution", fields{"resolution": "Unload from 06:00.", "effects": both}).Want(200)
	l4.Patch(path, `{"category":"safety"}`).Want(422).Fault("#/category", "not_allowed_in_state")
	blocked(l4.Move(path, "accept_resolution", nil), "no_answer")
	l4.Move(path, "accept_resolution", accepted()).Want(200)
	blocked(l4.Move(path, "close", nil), "no_action")
	done := l4.Move(path, "close", fields{"no_action_reason": "The timetable is changed for good."}).Want(200)
	if done.Text("state") != "closed" || done.Text("closed_at") == "" || done.Text("version") != "8" {
		t.Errorf("not closed: %s", done.Body)
	}
	l4.Patch(path, `{"description":"late"}`).Want(422)
	if made := h.Entries() - entries; made != 7 {
		t.Errorf("7 steps made %d entries", made)
	}
}

// A party that turns the resolution down sends the issue back to work; the next
// proposal needs an answer of its own.
func TestIssueResolutionRejectedAndProposedAnew(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	path := proposed(h, "medium")
	blocked(l5.Move(path, "accept_resolution", fields{"party_answer": "rejected"}), "no_answer")
	l5.Move(path, "reject_resolution", nil).Want(422).Fault("#/fields/reason", "required")
	back := l5.Move(path, "reject_resolution", fields{"reason": "06:00 is too early.", "party_answered_on": "2026-11-22"}).Want(200)
	if back.Text("state") != "in_progress" || back.Text("party_answer") != "rejected" {
		t.Errorf("not sent back: %s", back.Body)
	}
	blocked(l5.Move(path, "propose_resolution", fields{"resolution": "Unload from 07:00."}), "effect_missing") // those told before were of the other one
	again := l5.Move(path, "propose_resolution", resolution(l5.Get(path).Want(200).Text("stakeholder_id"))).Want(200)
	if again.Text("party_answer") != "none" || again.Text("party_answered_on") != "" {
		t.Errorf("the old answer stands: %s", again.Body)
	}
	blocked(l5.Move(path, "accept_resolution", fields{"party_answer": "accepted"}), "no_answer")
	l5.Move(path, "accept_resolution", accepted()).Want(200)
}

// Silence counts after ten days and two attempts, and not before.
func TestIssueResolvedBySilence(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	path := proposed(h, "low")
	silent := fields{"party_answer": "silent"}
	h.Clock.Forward(11 * 24 * time.Hour)
	blocked(l5.Move(path, "accept_resolution", silent), "no_answer")
	l5.Move(path, "record_attempt", nil).Want(200)
	if got := l5.Move(path, "record_attempt", nil).Want(200); got.Text("attempts") != "2" {
		t.Errorf("want 2 attempts: %s", got.Body)
	}
	l5.Move(path, "accept_resolution", silent).Want(200)

	early := proposed(h, "medium")
	l5.Move(early, "record_attempt", nil).Want(200)
	l5.Move(early, "record_attempt", nil).Want(200)
	blocked(l5.Move(early, "accept_resolution", silent), "no_answer")
}

// An effect is told of affected parties only, and of each once.
func TestIssueEffectsAreThoseOfAffectedParties(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party, other := residents(h, "Riverside Residents"), residents(h, "Harbour Board")
	path := raised(h, nil)
	l4.Move(path, "triage", assessment(h, "low", party)).Want(200)
	l4.Move(path, "start", nil).Want(200)
	effect := func(refs ...string) fields {
		list := []fields{}
		for _, ref := range refs {
			list = append(list, fields{"stakeholder_id": ref, "effect": "Quiet nights."})
		}
		return fields{"resolution": "Unload from 06:00.", "effects": list}
	}
	blocked(l4.Move(path, "propose_resolution", effect(party, other)), "party_not_affected")
	blocked(l4.Move(path, "propose_resolution", effect(party, party)), "party_not_affected")
	l4.Move(path, "propose_resolution", effect("STK-999")).Want(422).Fault("#/fields/effects/0/stakeholder_id", "reference_not_found")
	l4.Move(path, "propose_resolution", effect(party)).Want(200)
}

// A critical issue is closed at level 5 by somebody who did not propose the
// resolution; taking the word critical back takes level 5 as well.
func TestCriticalIssueTakesLevel5AndOtherEyes(t *testing.T) {
	h := testkit.Open(t)
	path := proposed(h, "critical")
	h.As("l4").Move(path, "accept_resolution", accepted()).Want(200)
	why := fields{"no_action_reason": "The timetable is changed for good."}
	low := h.As("l4").Move(path, "close", why).Code(403, "insufficient-level")
	if low.Text("required_level") != "5" || low.Text("because.0") == "" {
		t.Errorf("the refusal does not say why: %s", low.Body)
	}
	h.As("l5").Move(path, "close", why).Code(403, "same-person")
	h.As("l5b").Move(path, "close", why).Want(200)

	party := residents(h, "Harbour Board")
	other := raised(h, fields{"severity": "critical"})
	h.As("l4").Move(other, "triage", assessment(h, "critical", party)).Code(403, "insufficient-level")
	h.As("l5").Move(other, "triage", assessment(h, "critical", party)).Want(200)
	lower := fields{"severity": "low", "reason": "Nobody is in danger."}
	h.As("l4").Move(other, "reassess", lower).Code(403, "insufficient-level")
	h.As("l4").Patch(other, `{"severity":"low"}`).Want(422).Fault("#/severity", "not_allowed_in_state")
	blocked(h.As("l5").Move(other, "reassess", fields{"severity": "unknown", "reason": "?"}), "unassessed")
	h.As("l5").Move(other, "reassess", lower).Want(200)
}

// Nobody evades the second person of close_no_basis by calling the issue less
// severe: to lower high or critical takes level 5, in triage and afterwards.
func TestSevereIssueIsNotLoweredAtLevel4(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	party := residents(h, "Riverside Residents")
	high := "/issues/" + l4.Post("/issues", `{"title":"Oil in the water","severity":"high"}`).Want(201).Text("ref")
	refused := l4.Move(high, "triage", assessment(h, "low", party)).Code(403, "insufficient-level")
	if refused.Text("required_level") != "5" || refused.Text("because.0") != "the severity, high or critical so far, is lowered" {
		t.Errorf("the refusal does not say why: %s", refused.Body)
	}
	l4.Move(high, "triage", with(assessment(h, "low", party), "urgency", "?")).Code(403, "insufficient-level")
	l4.Move(high, "triage", assessment(h, "high", party)).Want(200)
	l4.Move(high, "reassess", fields{"severity": "medium", "reason": "A little oil."}).Code(403, "insufficient-level")
	l4.Move(high, "reassess", fields{"severity": "critical", "reason": "A lot of oil."}).Want(200)
	l5.Move(high, "reassess", fields{"severity": "low", "reason": "It was no oil."}).Want(200)

	critical := "/issues/" + l4.Post("/issues", `{"title":"Fire on the quay","severity":"critical"}`).Want(201).Text("ref")
	if got := l4.Move(critical, "triage", assessment(h, "critical", party)).Code(403, "insufficient-level"); got.Text("because.0") != "the issue is of critical severity" {
		t.Errorf("the refusal does not say why: %s", got.Body)
	}
	offered := l4.Get(critical + "/transitions").Want(200)
	if offered.Text("data.0.name") != "triage" || offered.Text("data.0.required_level") != "5" || offered.Text("data.0.permitted") != "false" {
		t.Errorf("GET transitions does not say so: %s", offered.Body)
	}
	l5.Move(critical, "triage", assessment(h, "low", party)).Want(200)
}

// Before anybody tries, GET transitions says who has to be another person, and the
// workflow says when.
func TestIssueSaysThatAnotherPersonIsNeeded(t *testing.T) {
	h := testkit.Open(t)
	own := "/issues/" + h.As("l4").Post("/issues", `{"title":"Oil in the water","severity":"high"}`).Want(201).Text("ref")
	find := func(who string) (permitted, first string, blockers int) {
		got := h.As(who).Get(own + "/transitions").Want(200)
		for i := range got.Len("data") {
			if at := fmt.Sprintf("data.%d.", i); got.Text(at+"name") == "close_no_basis" {
				return got.Text(at + "permitted"), got.Text(at+"blockers.0.code") + ": " + got.Text(at+"blockers.0.detail"), got.Len(at + "blockers")
			}
		}
		return "", "", 0
	}
	if permitted, first, n := find("l4"); permitted != "false" || first != "same_person: Somebody else must look at this: created was yours." || n != 2 {
		t.Errorf("permitted %s, first of %d blockers %q", permitted, n, first)
	}
	if _, first, n := find("l4b"); n != 1 || strings.HasPrefix(first, "same_person") {
		t.Errorf("somebody else is blocked by %d, first %q", n, first)
	}
	meta := h.As("l4").Get("/meta/workflows/issue").Want(200)
	said := map[string]any{}
	rows, _ := meta.Value("transitions").([]any)
	for _, row := range rows {
		said[row.(fields)["name"].(string)] = row.(fields)["four_eyes_if"]
	}
	if said["close_no_basis"] != "the severity is high or critical" || said["close"] != "the severity is critical" || said["triage"] != nil {
		t.Errorf("the workflow does not say when: %v", said)
	}
}

// A resolution is put to a senior party at level 5.
func TestIssueOfASeniorPartyIsProposedAtLevel5(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	board := h.As("l7").Post("/stakeholders", fields{"name": "Chair of the Harbour Board", "kind": "group", "seniority": "most_senior"}).Want(201).Text("ref")
	path := raised(h, nil)
	l4.Move(path, "triage", assessment(h, "low", board)).Want(200)
	l4.Move(path, "start", nil).Want(200)
	proposal := fields{"resolution": "Unload from 06:00.", "effects": []fields{{"stakeholder_id": board, "effect": "A later first shift."}}}
	if got := l4.Move(path, "propose_resolution", proposal).Code(403, "insufficient-level"); got.Text("required_level") != "5" {
		t.Errorf("want level 5: %s", got.Body)
	}
	// Nor is the way round open: taking the chair off the list of parties is level 5 too.
	other := residents(h, "Riverside Residents")
	l4.Move(path, "reassess", fields{"affected_stakeholder_ids": []string{other}, "reason": "?"}).Code(403, "insufficient-level")
	h.As("l5").Move(path, "propose_resolution", proposal).Want(200)
}

// An issue without a basis ends once its raiser was told; a severe one is not put
// aside by whoever entered it.
func TestIssueClosedForWantOfABasis(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	told := fields{"reason": "No lorry came that night.", "told_raiser_on": "2026-11-22", "told_channel": "call"}
	path := raised(h, nil)
	h.As("none").Move(path, "close_no_basis", told).Code(403, "insufficient-level")
	blocked(l4.Move(path, "close_no_basis", fields{"reason": "No lorry came."}), "raiser_not_told")
	l4.Move(path, "close_no_basis", fields{"reason": "No lorry came.", "told_raiser_on": "2027-01-01", "told_channel": "call"}).Want(422).Fault("#/fields/told_raiser_on", "not_historical")
	l4.Move(path, "close_no_basis", told).Want(200)

	own := "/issues/" + l4.Post("/issues", `{"title":"Oil in the water","severity":"high"}`).Want(201).Text("ref")
	l4.Move(own, "close_no_basis", told).Code(403, "same-person")
	h.As("l4b").Move(own, "close_no_basis", told).Want(200)
}

// A body outside takes an issue over at level 5; only its result is written then.
func TestIssueReferredToABodyOutside(t *testing.T) {
	h := testkit.Open(t)
	path := raised(h, nil)
	to := fields{"referred_to": "Environment Agency", "referred_on": "2026-11-22", "reason": "It decides on noise limits."}
	h.As("l4").Move(path, "refer_external", to).Code(403, "insufficient-level")
	h.As("l5").Move(path, "refer_external", to).Want(200)
	h.As("l5").Patch(path, `{"description":"late"}`).Want(422).Fault("#/description", "not_allowed_in_state")
	got := h.As("l4").Move(path, "record_result", fields{"referral_result": "Unloading is forbidden before 06:00."}).Want(200)
	if got.Text("state") != "referred_external" {
		t.Errorf("the result moved it: %s", got.Body)
	}
}

// A closed issue comes back within ninety days, and is counted.
func TestIssueReopened(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	path := proposed(h, "low")
	l5.Move(path, "accept_resolution", accepted()).Want(200)
	l5.Move(path, "close", fields{"no_action_reason": "A single night."}).Want(200)
	back := l5.Move(path, "reopen", fields{"reason": "It happened again."}).Want(200)
	if back.Text("reopened_count") != "1" || back.Text("state") != "in_progress" || back.Text("no_action_reason") != "" {
		t.Errorf("not reopened: %s", back.Body)
	}
	l5.Move(path, "propose_resolution", resolution(l5.Get(path).Want(200).Text("stakeholder_id"))).Want(200)
	l5.Move(path, "accept_resolution", accepted()).Want(200)
	l5.Move(path, "close", fields{"no_action_reason": "The permit says so now."}).Want(200)
	h.Clock.Forward(91 * 24 * time.Hour)
	blocked(l5.Move(path, "reopen", fields{"reason": "It happened again."}), "closed_too_long")
}

// An issue that came from elsewhere as resolved is not closed unassessed.
func TestIssueNobodyAssessedIsNotClosed(t *testing.T) {
	h := testkit.Open(t)
	ctx := authority.With(context.Background(), authority.Register())
	a, err := h.Ledger.Create(ctx, register.Issues, nil, ledger.Asked{Prime: func(rec register.Record) {
		i := rec.(*register.Issue)
		i.Title, i.State = "Noise at night", "resolved"
	}})
	if err != nil {
		t.Fatal(err)
	}
	blocked(h.As("l5").Move("/issues/"+a.ID, "close", fields{"no_action_reason": "None."}), "not_triaged")
}

// People without a level and machines raise issues and move none.
func TestIssueIntake(t *testing.T) {
	h := testkit.Open(t)
	service := h.As("service")
	made := service.Post("/issues", `{"title":"Ticket 4711","channel":"portal"}`).Want(201)
	path := "/issues/" + made.Text("ref")
	if made.Text("raised_at") != string(register.At(testkit.Start)) {
		t.Errorf("raised now, unless it says otherwise: %s", made.Body)
	}
	service.Patch(path, `{"urgency":"high"}`).Want(200)
	h.As("none").Patch(path, `{"urgency":"low"}`).Code(403, "insufficient-level")
	h.As("none").Move(path, "triage", nil).Code(403, "insufficient-level")
	service.Move(path, "triage", nil).Code(403, "insufficient-scope")
	service.Post("/issues", `{"title":"From tomorrow","raised_at":"now+2d"}`).Want(422).Fault("#/raised_at", "not_historical")
	blockers := h.As("l4").Get(path + "/transitions").Want(200)
	if blockers.Text("data.0.name") != "triage" || blockers.Len("data.0.blockers") == 0 {
		t.Errorf("triage does not say what it lacks: %s", blockers.Body)
	}
}
