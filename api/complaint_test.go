package api_test

import (
	"maps"
	"testing"

	"rapport/internal/testkit"
)

// complained enters a complaint without any level and answers its path.
func complained(h *testkit.House, more fields) string {
	h.T.Helper()
	body := fields{
		"title": "Lorries at night in spite of the quiet nights", "description": "On three nights they unloaded until four.", "channel": "email",
		"received_at": "2026-11-20T10:00:00Z", "category": "environment", "severity": "medium",
	}
	for name, value := range more {
		body[name] = value
	}
	if body["stakeholder_id"] == nil && body["anonymous"] == nil && body["complainant"] == nil {
		body["complainant"] = fields{"name": "Ioana Marin", "email": "ioana.marin@example.org"}
	}
	return "/complaints/" + h.As("none").Post("/complaints", body).Want(201).Text("ref")
}

// scored is an assessment in which every criterion has the same score.
func scored(score int, more fields) fields {
	list := []fields{}
	for _, c := range []string{"severity", "safety", "complexity", "impact", "immediate_action"} {
		list = append(list, fields{"criterion": c, "score": score})
	}
	return merged(fields{"criteria": list, "conflict_of_interest": "none"}, more)
}

// merged is all that the parts say; what is said twice, the later says.
func merged(parts ...fields) fields {
	all := fields{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}

// The words that the handling of a complaint takes.
func received() fields {
	return fields{"acknowledgement": "Your complaint is with Ana Pop; you hear from us by the 11th of December.", "acknowledged_channel": "email"}
}

func answer() fields {
	return fields{
		"findings": "The shift was not told of the quiet nights.", "upheld": "upheld", "cause_category": "communication",
		"remedies": []fields{{"remedy": "apologise", "detail": "A letter."}, {"remedy": "correct", "detail": "The rota shows the quiet nights."}},
	}
}

func groundsFound() fields { return fields{"upheld": "upheld", "cause_category": "communication"} }

func tell() fields { return fields{"told_channel": "letter"} }

func agreed() fields {
	return fields{"complainant_answer": "accepted", "answered_on": "2026-11-22", "answer_evidence": "E-mail", "remedy_done_on": "2026-11-22", "satisfaction": 4, "satisfaction_comment": "Quick, at last."}
}

func recourse(more fields) fields {
	return merged(fields{"recourse_told_on": "2026-11-22", "recourse_channel": "letter", "external_recourse": "Ports Ombudsman"}, more)
}

// assessedAs is a complaint that l4 assessed with a score in every criterion.
func assessedAs(h *testkit.House, score int, more fields) string {
	h.T.Helper()
	path := complained(h, more)
	h.As("l4").Move(path, "acknowledge", received()).Want(200)
	h.As("l6").Move(path, "assess", scored(score, nil)).Want(200)
	return path
}

// answered is a complaint whose answer l4 proposed.
func answeredBy(h *testkit.House, handler string, words, more fields) string {
	h.T.Helper()
	path := assessedAs(h, 3, more)
	h.As("l5").Move(path, "investigate", nil).Want(200)
	h.As(handler).Move(path, "propose_response", words).Want(200)
	return path
}

// A complaint of medium severity goes from receipt to closure in seven requests;
// each is one entry, and each stage keeps its date.
func TestComplaintFromReceivedToClosed(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	h.As("none").Post("/complaints", fields{"title": "Noise at night"}).Code(422, "validation-failed").
		Fault("#/description", "required").Fault("#/channel", "required").Fault("#/complainant", "required")
	path := complained(h, nil)
	due(l4.Get(path).Want(200), "2026-11-25", "acknowledge", false)
	entries := h.Entries()
	h.As("none").Move(path, "acknowledge", received()).Code(403, "insufficient-level")
	blocked(l4.Move(path, "acknowledge", nil), "no_message")
	ack := l4.Move(path, "acknowledge", received()).Want(200)
	due(ack, "2026-11-24", "assess", false)
	if ack.Text("owner_id") != h.People["l4"] || ack.Text("acknowledge_due_at") == "" || ack.Text("acknowledged_at") == "" {
		t.Errorf("the complainant knows who handles it: %s", ack.Body)
	}
	blocked(l4.Move(path, "assess", fields{"criteria": []fields{{"criterion": "impact", "score": 2}}}), "criteria_missing", "conflict_unchecked")
	l4.Move(path, "assess", fields{"criteria": []fields{{"criterion": "impact", "score": 6}, {"criterion": "mood", "score": 1}}}).Want(422).
		Fault("#/fields/criteria/0/score", "out_of_range").Fault("#/fields/criteria/1/criterion", "not_in_enum")
	assessed := l4.Move(path, "assess", scored(3, nil)).Want(200)
	if assessed.Text("priority") != "high" || assessed.Text("route") != "investigation" || assessed.Text("assessed_at") == "" {
		t.Errorf("not ranked: %s", assessed.Body)
	}
	blocked(l4.Move(path, "resolve_frontline", nil), "not_simple")
	due(l4.Move(path, "investigate", nil).Want(200), "2026-12-18", "respond", false)
	blocked(l4.Move(path, "propose_response", fields{"findings": "?", "remedies": []fields{{"remedy": "explain"}}}), "incomplete")
	l4.Move(path, "propose_response", answer()).Want(200)
	l4.Patch(path, fields{"description": "Nothing happened."}).Want(422).Fault("#/description", "not_allowed_in_state")
	h.As("l4b").Move(path, "approve", tell()).Code(403, "insufficient-level")
	blocked(h.As("l5").Move(path, "approve", nil), "complainant_not_told")
	told := h.As("l5").Move(path, "approve", tell()).Want(200)
	if told.Text("decision") != "The shift was not told of the quiet nights." || told.Text("review_routes") == "" || told.Text("decided_level") != "5" || told.Text("decision_due_at") == "" {
		t.Errorf("the decision is not kept: %s", told.Body)
	}
	blocked(l4.Move(path, "accept", nil), "no_answer", "remedy_open")
	l4.Move(path, "accept", fields{"satisfaction": 6}).Want(422).Fault("#/fields/satisfaction", "out_of_range")
	done := l4.Move(path, "accept", agreed()).Want(200)
	if done.Text("state") != "closed_accepted" || done.Text("closed_at") == "" || done.Text("satisfaction") != "4" || done.Text("version") != "7" {
		t.Errorf("not closed: %s", done.Body)
	}
	if made := h.Entries() - entries; made != 6 {
		t.Errorf("6 steps made %d entries", made)
	}
	l4.Patch(path, fields{"subject": "late"}).Want(422)
	l4.Patch(path, fields{"tags_add": []string{"closed"}}).Want(200)
	l4.Move(path, "withdraw", fields{"withdrawal_evidence": "?"}).Code(409, "invalid-transition")
}

// A simple complaint is settled at first contact, as far as the handler may give.
func TestComplaintSettledAtFirstContact(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := assessedAs(h, 2, nil)
	due(l4.Move(path, "resolve_frontline", nil).Want(200), "2026-11-27", "frontline", false)
	blocked(l4.Move(path, "accept_frontline", fields{"remedies": []fields{{"remedy": "refund"}}}), "no_answer", "remedy_open", "remedy_unvalued", "incomplete")
	paid := func(amount string) fields {
		return merged(agreed(), groundsFound(), fields{"remedies": []fields{{"remedy": "refund"}}, "remedy_value": fields{"amount": amount, "currency": "EUR"}})
	}
	dear := l4.Move(path, "accept_frontline", paid("60000")).Code(403, "insufficient-level")
	if dear.Text("required_level") != "7" || dear.Len("because") != 3 {
		t.Errorf("the limits of all levels are passed: %s", dear.Body)
	}
	l4.Move(path, "accept_frontline", paid("500.01")).Code(403, "insufficient-level")
	l4.Move(path, "accept_frontline", paid("1e3")).Want(422).Fault("#/fields/remedy_value/amount", "invalid_format")
	l4.Move(path, "accept_frontline", with(paid("5"), "remedy_value", fields{"amount": "5", "currency": "USD"})).Want(422).Fault("#/fields/remedy_value/currency", "conflicts_with")
	h.As("l7").Patch("/settings/complaint_remedy_limit_4", fields{"value": "600"}).Want(200)
	h.As("l7").Patch("/settings/currency", fields{"value": "Taler"}).Want(422).Fault("#/value", "invalid_format")
	l4.Move(path, "accept_frontline", paid("500.01")).Want(200)
}

// Silence counts after the set days; before, and without the remedy, nothing is closed.
func TestComplaintClosedBySilence(t *testing.T) {
	h := testkit.Open(t)
	path := answeredBy(h, "l4", answer(), nil)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	silent := fields{"complainant_answer": "silent", "remedy_done_on": "2026-11-22"}
	blocked(h.As("l4").Move(path, "accept", silent), "no_answer")
	h.Clock.Forward(21 * day)
	h.As("l4").Move(path, "accept", silent).Want(200)
}

// Who is content with nothing gets a review one level up, by somebody else, and is
// told where to turn; only then can the complaint be closed against their word.
func TestComplaintRejectedReviewedAndClosed(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := answeredBy(h, "l4", answer(), nil)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	blocked(l4.Move(path, "reject", fields{"reason": "An apology lets nobody sleep."}), "recourse_not_told")
	back := l4.Move(path, "reject", recourse(fields{"reason": "An apology lets nobody sleep."})).Want(200)
	if back.Text("reviews") != "1" || back.Text("complainant_answer") != "rejected" || back.Text("findings") == "" {
		t.Errorf("the history is kept: %s", back.Body)
	}
	due(back, "2026-12-18", "respond", false)
	l4.Move(path, "propose_response", answer()).Want(200)
	if low := h.As("l5b").Move(path, "approve", tell()).Code(403, "insufficient-level"); low.Text("because.0") != "a decision of level 5 is reviewed" {
		t.Errorf("a review is decided one level up: %s", low.Body)
	}
	h.As("l6").Move(path, "approve", tell()).Want(200)
	l4.Move(path, "reject", recourse(fields{"reason": "Still no sleep."})).Want(200)
	l4.Move(path, "propose_response", answer()).Want(200)
	h.As("l6b").Move(path, "approve", tell()).Code(403, "insufficient-level")
	h.As("l7").Move(path, "approve", tell()).Want(200)
	l4.Move(path, "reject", recourse(fields{"reason": "And again."})).Want(200)
	l4.Move(path, "propose_response", answer()).Want(200)
	blocked(h.As("l7").Move(path, "approve", tell()), "same_decider")
	h.As("l7b").Move(path, "approve", tell()).Want(200)
	over := fields{"options_exhausted": "Two reviews; a wall, quiet nights and a rebate were offered."}
	h.As("l5").Move(path, "close_rejected", over).Code(403, "insufficient-level")
	h.As("l6").Move(path, "close_rejected", fields{}).Want(422).Fault("#/fields/options_exhausted", "required")
	h.As("l6").Move(path, "close_rejected", over).Want(200)

	other := answeredBy(h, "l4", answer(), nil)
	h.As("l5").Move(other, "approve", tell()).Want(200)
	blocked(h.As("l6").Move(other, "close_rejected", over), "recourse_not_told")
}

// The decision takes a second person, and the level that who complains, how far it
// reaches and what it costs ask for.
func TestComplaintIsDecidedAtTheLevelItTakes(t *testing.T) {
	h := testkit.Open(t)
	chair := h.As("l7").Post("/stakeholders", fields{"name": "Chair of the Harbour Board", "kind": "group", "seniority": "most_senior"}).Want(201).Text("ref")
	head := h.As("l7").Post("/stakeholders", fields{"name": "Head of Quay Logistics", "kind": "group", "seniority": "senior"}).Want(201).Text("ref")
	worth := func(amount string) fields {
		return with(answer(), "remedy_value", fields{"amount": amount, "currency": "EUR"})
	}
	for _, c := range []struct {
		words, more fields
		low, high   string
	}{
		{answer(), fields{"stakeholder_id": head}, "l5", "l6"},
		{answer(), fields{"stakeholder_id": chair}, "l6b", "l7"},
		{worth("5000.01"), nil, "l5", "l6"},
		{worth("50001"), nil, "l6b", "l7"},
		{worth("5000"), nil, "l4b", "l5"},
	} {
		path := answeredBy(h, "l4", c.words, c.more)
		h.As(c.low).Move(path, "approve", tell()).Code(403, "insufficient-level")
		h.As(c.high).Move(path, "approve", tell()).Want(200)
	}
	systemic := assessedAs(h, 3, nil)
	h.As("l4").Move(systemic, "reassess", scored(4, fields{"systemic": true, "reason": "Every shift does so."})).Want(200)
	h.As("l4").Move(systemic, "investigate", nil).Want(200)
	h.As("l5").Move(systemic, "propose_response", answer()).Want(200)
	h.As("l5b").Move(systemic, "approve", tell()).Code(403, "insufficient-level")
	own := answeredBy(h, "l5", answer(), nil)
	h.As("l5").Move(own, "approve", tell()).Code(403, "same-person")
	h.As("l5b").Move(own, "return", fields{"reason": "Who was on the shift?"}).Want(200)

	ended := answeredBy(h, "l4", answer(), fields{"stakeholder_id": chair})
	h.As("l7").Move(ended, "approve", tell()).Want(200)
	h.As("l6").Move(ended, "close_rejected", recourse(fields{"options_exhausted": "All."})).Code(403, "insufficient-level")
}
