package api_test

import (
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Where safety, a critical case or one of the most senior is at stake, the
// assessment takes more; so does calling a severe complaint less severe.
func TestComplaintIsAssessedAtTheLevelItTakes(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	chair := h.As("l7").Post("/stakeholders", fields{"name": "Chair of the Harbour Board", "kind": "group", "seniority": "most_senior"}).Want(201).Text("ref")
	known := func(more fields) string {
		path := complained(h, more)
		l4.Move(path, "acknowledge", received()).Want(200)
		return path
	}
	critical := known(fields{"severity": "critical"})
	l4.Move(critical, "assess", scored(3, nil)).Code(403, "insufficient-level")
	l5.Move(critical, "assess", scored(3, nil)).Want(200)
	l4.Move(critical, "reassess", scored(3, fields{"reason": "?"})).Code(403, "insufficient-level")
	high := known(fields{"severity": "high"})
	l4.Move(high, "assess", scored(3, fields{"severity": "low"})).Code(403, "insufficient-level")
	l4.Move(high, "assess", scored(3, nil)).Want(200)
	l4.Move(high, "reassess", scored(3, fields{"severity": "low", "reason": "?"})).Code(403, "insufficient-level")
	blocked(l5.Move(high, "reassess", fields{"severity": "unknown", "reason": "?"}), "criteria_missing")
	l4.Move(high, "investigate", nil).Code(403, "insufficient-level")
	if again := l5.Move(high, "reassess", scored(1, fields{"severity": "low", "reason": "Nobody was there."})).Want(200); again.Text("reprioritised") != "true" || again.Text("priority") != "low" {
		t.Errorf("the priority changed: %s", again.Body)
	}
	l4.Move(high, "investigate", nil).Want(200)

	unsafe := known(fields{"category": "safety"})
	l5.Move(unsafe, "assess", scored(3, fields{"category": "service"})).Code(403, "insufficient-level")
	found := known(nil)
	l5.Move(found, "assess", scored(3, fields{"category": "safety"})).Code(403, "insufficient-level")
	h.As("l6").Move(found, "assess", scored(3, fields{"category": "safety"})).Want(200)
	l5.Move(found, "reassess", scored(3, fields{"category": "service", "reason": "?"})).Code(403, "insufficient-level")
	great := known(fields{"stakeholder_id": chair})
	l5.Move(great, "assess", scored(3, nil)).Code(403, "insufficient-level")
	h.As("l6").Move(great, "assess", scored(3, nil)).Want(200)
	l5.Move(great, "reassess", scored(2, fields{"reason": "?"})).Code(403, "insufficient-level")
}

// Nobody handles a complaint about themselves, nor rewrites it.
func TestComplaintIsNotHandledByWhomItIsAbout(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	about := fields{"subject_user_ids": []string{h.People["l5"]}}
	path := complained(h, about)
	l4.Move(path, "acknowledge", received()).Want(200)
	l4.Move(path, "assess", scored(3, fields{"assignee_id": h.People["l5"]})).Want(422).Fault("#/fields/assignee_id", "conflicts_with")
	blocked(l4.Move(path, "assess", scored(3, fields{"assignee_id": h.People["l5b"], "subject_user_ids": []string{h.People["l5"], h.People["l5b"]}})), "concerned")
	blocked(l4.Move(path, "assess", scored(3, fields{"conflict_of_interest": "declared"})), "conflict_unchecked")
	l5.Move(path, "assess", scored(3, fields{"subject_user_ids": []string{}})).Code(403, "insufficient-level")
	l5.Patch(path, fields{"title": "All is well"}).Code(403, "insufficient-level")
	l4.Move(path, "assess", scored(3, fields{"conflict_of_interest": "declared", "conflict_note": "A colleague from another unit looks into it."})).Want(200)
	inPlace := func() { h.Raw("UPDATE complaints SET assignee_id = ?", []any{h.People["l5"]}) } // as registers may hold it from before
	inPlace()
	blocked(l4.Move(path, "reassess", scored(3, fields{"reason": "?", "conflict_of_interest": "unchecked"})), "concerned", "conflict_unchecked")
	blocked(l4.Move(path, "investigate", nil), "concerned")
	blocked(h.As("l5b").Move(path, "close_unfounded", with(tell(), "reason", "They were not there.")), "concerned")
	l4.Move(path, "investigate", fields{"assignee_id": h.People["l4"]}).Want(200)
	inPlace()
	blocked(l4.Move(path, "propose_response", answer()), "concerned")
	l4.Patch(path, fields{"assignee_id": h.People["l4"]}).Want(200)
	for _, row := range register.ByName("complaint").Flow.Rows {
		l5.Move(path, row.Name, nil).Code(403, "insufficient-level")
	}
	for _, at := range l5.Get(path + "/transitions").Want(200).Value("data").([]any) {
		if at.(map[string]any)["permitted"] != false {
			t.Errorf("permitted: %v", at)
		}
	}
	l5.Delete(path).Code(403, "insufficient-level")
	h.As("l6").Delete(path).Want(204)
	l5.Post(path+"/restore", nil).Code(403, "insufficient-level")
}

// The time for an answer is extended with reason, told, and the second time a
// level higher; it stands still while a question lies with the complainant.
func TestComplaintIsExtendedPausedAndReportedOn(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	path := assessedAs(h, 3, nil)
	due(l4.Move(path, "investigate", nil).Want(200), "2026-12-18", "respond", false)
	more := fields{"extended_until": "2027-01-08", "reason": "The log book is at the printer's.", "extension_channel": "email"}
	l4.Move(path, "extend", more).Code(403, "insufficient-level")
	blocked(l5.Move(path, "extend", fields{"extended_until": "2026-12-01", "reason": "?"}), "not_later", "complainant_not_told")
	once := l5.Move(path, "extend", more).Want(200)
	due(once, "2027-01-08", "respond", false)
	if once.Text("extensions") != "1" || once.Text("decision_due_at")[:10] != "2026-12-18" {
		t.Errorf("the first limit is kept: %s", once.Body)
	}
	again := merged(more, fields{"extended_until": "2027-01-22"})
	l5.Move(path, "extend", again).Code(403, "insufficient-level")
	l6.Move(path, "extend", again).Want(200)
	blocked(l4.Move(path, "record_update", fields{"progress": "The log book is back."}), "complainant_not_told")
	l4.Move(path, "record_update", fields{"progress": "The log book is back.", "progress_channel": "call"}).Want(200)

	waits := assessedAs(h, 3, nil)
	l4.Move(waits, "investigate", nil).Want(200)
	blocked(l4.Move(waits, "await", fields{"question": "Which nights?"}), "complainant_not_told")
	due(l4.Move(waits, "await", fields{"question": "Which nights?", "question_channel": "email"}).Want(200), "2026-12-18", "decide", false)
	h.Clock.Forward(8 * day)
	due(l4.Move(waits, "resume", nil).Want(200), "2026-12-25", "respond", false)
	h.Clock.Forward(7 * day)
	h.Tick()
	told := happened(h, "complaint.reminded")
	if len(told) == 0 {
		t.Error("nobody was reminded to tell the complainant how far we are")
	}
}

// A complaint without a ground ends once its complainant was told, by a second person.
func TestComplaintClosedForWantOfAGround(t *testing.T) {
	h := testkit.Open(t)
	chair := h.As("l7").Post("/stakeholders", fields{"name": "Chair of the Harbour Board", "kind": "group", "seniority": "most_senior"}).Want(201).Text("ref")
	head := h.As("l7").Post("/stakeholders", fields{"name": "Head of Quay Logistics", "kind": "group", "seniority": "senior"}).Want(201).Text("ref")
	why := with(tell(), "reason", "It was another port.")
	path := assessedAs(h, 3, nil)
	h.As("l4").Move(path, "close_unfounded", why).Code(403, "insufficient-level")
	h.As("l6").Move(path, "close_unfounded", why).Code(403, "same-person")
	blocked(h.As("l5").Move(path, "close_unfounded", fields{"reason": "It was another port."}), "complainant_not_told")
	if done := h.As("l5").Move(path, "close_unfounded", why).Want(200); done.Text("upheld") != "not_upheld" {
		t.Errorf("not upheld: %s", done.Body)
	}
	h.As("l5").Move(assessedAs(h, 3, fields{"stakeholder_id": head}), "close_unfounded", why).Code(403, "insufficient-level")
	h.As("l6b").Move(assessedAs(h, 3, fields{"stakeholder_id": chair}), "close_unfounded", why).Code(403, "insufficient-level")

	for stakeholder, asks := range map[string]string{head: "6", chair: "7"} {
		named := complained(h, fields{"stakeholder_id": stakeholder})
		if low := h.As("l5").Move(named, "identify", fields{"stakeholder_id": residents(h, "Anglers "+asks)}).Code(403, "insufficient-level"); low.Text("required_level") != asks {
			t.Errorf("want %s: %s", asks, low.Body)
		}
	}
}

// A complaint is taken back by the complainant's word, or goes to a body outside.
func TestComplaintWithdrawnOrReferred(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	path := complained(h, nil)
	l4.Move(path, "withdraw", nil).Want(422).Fault("#/fields/withdrawal_evidence", "required")
	if gone := l4.Move(path, "withdraw", fields{"withdrawal_evidence": "Her call of Sunday."}).Want(200); gone.Text("withdrawn_on") != "2026-11-22" || gone.Text("state") != "closed_withdrawn" {
		t.Errorf("not withdrawn: %s", gone.Body)
	}
	other := complained(h, nil)
	to := fields{"referred_to": "Ports Ombudsman", "reason": "It decides on noise."}
	l4.Move(other, "refer_external", to).Code(403, "insufficient-level")
	l5.Move(other, "refer_external", to).Want(200)
	l4.Move(other, "record_result", fields{"referral_result": "Settled."}).Want(200)

	third := complained(h, nil)
	flag := fields{"conduct_reason": "Forty calls a day, with insults.", "conduct_review_on": "2027-02-22"}
	l4.Move(third, "flag_conduct", flag).Code(403, "insufficient-level")
	blocked(l5.Move(third, "flag_conduct", merged(flag, fields{"conduct_review_on": "2026-11-22"})), "reviewed_in_past")
	blocked(l5.Move(third, "lift_conduct", fields{"reason": "?"}), "not_flagged")
	if got := l5.Move(third, "flag_conduct", flag).Want(200); got.Text("unreasonable_conduct") != "true" {
		t.Errorf("not flagged: %s", got.Body)
	}
	l5.Move(third, "lift_conduct", fields{"reason": "They apologised."}).Want(200)
}

// Anybody may complain, without a name too, and a machine may hand complaints in.
func TestComplaintsComeInOnAnyWay(t *testing.T) {
	h := testkit.Open(t)
	anonymous := complained(h, fields{"anonymous": true})
	h.As("l4").Move(anonymous, "acknowledge", nil).Want(200)
	h.As("none").Post("/complaints", fields{"title": "a", "description": "b", "channel": "call", "anonymous": true, "complainant": fields{"name": "Ioana"}}).Want(422).Fault("#/anonymous", "conflicts_with")
	h.As("none").Post("/complaints", fields{"title": "a", "description": "b", "channel": "call", "complainant": fields{}}).Want(422).Fault("#/complainant", "required")
	h.As("none").Post("/complaints", fields{"title": "a", "description": "b", "channel": "call", "complainant": nil, "received_at": "2027-01-01T00:00:00Z"}).Want(422).Fault("#/complainant", "required")
	filed := h.As("service").Post("/complaints", fields{"title": "Ticket 88", "description": "b", "channel": "portal", "complainant": fields{"phone": "+44 20 7946 0991"}}).Want(201)
	h.As("service").Patch("/complaints/"+filed.Text("id"), fields{"remedy_sought": "A call back."}).Want(200)
	h.As("service").Move("/complaints/"+filed.Text("id"), "acknowledge", received()).Want(403)
}

// The complainant is found by the e-mail address, unless who files could not see them.
func TestComplainantIsFoundByAddress(t *testing.T) {
	h := testkit.Open(t)
	reach := func(name, email, sensitivity string) string {
		return h.As("l7").Post("/stakeholders", fields{"name": name, "kind": "group", "sensitivity": sensitivity, "channels": []fields{{"channel": "email", "address": email}}}).Want(201).Text("id")
	}
	residents, source := reach("Riverside Residents", "Board@Riverside.example", "internal"), reach("Source", "source@quay.example", "restricted")
	from := func(who, email string) *testkit.Reply {
		return h.As(who).Post("/complaints", fields{"title": "Noise", "description": "At night.", "channel": "email", "complainant": fields{"email": email}}).Want(201)
	}
	if got := from("none", "board@riverside.EXAMPLE"); got.Text("stakeholder_id") != residents {
		t.Errorf("not found: %s", got.Body)
	}
	if got := from("none", "source@quay.example"); got.Text("stakeholder_id") != "" || got.Text("sensitivity") != "internal" {
		t.Errorf("a hidden stakeholder shows: %s", got.Body)
	}
	if got := from("l6", "source@quay.example"); got.Text("stakeholder_id") != source || got.Text("sensitivity") != "restricted" {
		t.Errorf("not found, or not as guarded: %s", got.Body)
	}
	path := "/complaints/" + from("none", "new@riverside.example").Text("ref")
	if got := h.As("l4").Move(path, "identify", fields{"stakeholder_id": residents}).Want(200); got.Text("stakeholder_id") != residents {
		t.Errorf("not identified: %s", got.Body)
	}
}

// A complaint about the same, from the same or of the same subject, says at birth
// that it is a repeat, and of how many; what is long ago, or hidden, does not count.
func TestComplaintThatComesAgain(t *testing.T) {
	h := testkit.Open(t)
	first := complained(h, fields{"received_at": "2026-11-01T10:00:00Z", "subject": "Quiet nights"})
	complained(h, fields{"received_at": "2026-07-01T10:00:00Z"})
	complained(h, fields{"received_at": "2026-11-02T10:00:00Z", "category": "billing"})
	h.As("l6").Post("/complaints", fields{"title": "a", "description": "b", "channel": "call", "category": "environment", "subject": "Quiet nights", "anonymous": true, "sensitivity": "restricted"}).Want(201)
	again := h.As("none").Post("/complaints", fields{"title": "Again", "description": "b", "channel": "call", "category": "environment", "complainant": fields{"email": "IOANA.marin@example.org"}}).Want(201)
	if again.Text("repeat_of.ref") != first[len("/complaints/"):] || again.Text("repeat_count") != "1" {
		t.Errorf("want a repeat of %s: %s", first, again.Body)
	}
	subject := h.As("none").Post("/complaints", fields{"title": "Again", "description": "b", "channel": "call", "category": "environment", "subject": "Quiet nights", "anonymous": true}).Want(201)
	if subject.Text("repeat_count") != "1" || h.As("l4").Get("/complaints?repeat_count.gte=1").Want(200).Len("data") != 2 {
		t.Errorf("want a repeat by subject: %s", subject.Body)
	}
}
