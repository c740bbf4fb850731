package api_test

import (
	"fmt"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// What was said at an earlier time does not stand for what is to be said now: the second
// question to a complainant, the second extension, the second use of a lesson.
func TestNothingOldIsSaidAgain(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	path := assessedAs(h, 3, nil)
	l4.Move(path, "investigate", nil).Want(200)
	ask := fields{"question": "Which ship was it?", "question_channel": "email"}
	l4.Move(path, "await", ask).Want(200)
	l4.Move(path, "resume", nil).Want(200)
	l4.Move(path, "await", nil).Want(422).Fault("#/fields/question", "required")
	blocked(l4.Move(path, "await", fields{"question": "Which night?"}), "complainant_not_told")
	if got := l4.Get(path + "/transitions").Want(200); !strings.Contains(string(got.Body), "what is asked: question_channel") {
		t.Errorf("GET takes the old question for the new one: %s", got.Body)
	}
	l4.Move(path, "await", ask).Want(200) // the same words, said anew
	l4.Move(path, "resume", nil).Want(200)

	l4.Move(path, "record_update", fields{"progress": "We asked the watch.", "progress_channel": "call"}).Want(200)
	l4.Move(path, "record_update", nil).Want(422).Fault("#/fields/progress", "required")
	blocked(l4.Move(path, "record_update", fields{"progress": "The watch has answered."}), "complainant_not_told")

	more := func(until string) fields { return fields{"extended_until": until, "reason": "The log is at sea."} }
	l5.Move(path, "extend", merged(more("2027-01-15"), fields{"extension_channel": "email"})).Want(200)
	blocked(l6.Move(path, "extend", more("2027-02-15")), "complainant_not_told")
	l6.Move(path, "extend", fields{"reason": "Still.", "extension_channel": "call"}).Want(422).Fault("#/fields/extended_until", "required")

	lesson := learned(h, raised(h, nil), nil)
	published(h, lesson)
	l4.Move(lesson, "apply", fields{"artefact_kind": "template", "artefact": "Checklist", "artefact_url": "https://wiki.example.org/shifts"}).Want(200)
	l4.Move(lesson, "apply", nil).Want(422).Fault("#/fields/artefact", "required").Fault("#/fields/artefact_url", "required")
	l5.Move(lesson, "confirm", fields{"review_note": "It holds."}).Want(200)
	l5.Move(lesson, "confirm", nil).Want(422).Fault("#/fields/review_note", "required")
	if got := l4.Get(lesson).Want(200); got.Text("applied_count") != "1" {
		t.Errorf("applied to nothing: %s", got.Body)
	}
}

// An action that missed its criterion begins with the cause again, and work is extended to
// a later day.
func TestFailureLeadsBackToACauseThatIsSaid(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	path := remedy(h, raised(h, nil), nil)
	remedyApproved(h, path)
	l5.Move(path, "extend", fields{"reason": "Ships are late."}).Want(422).Fault("#/fields/due_on", "required")
	for _, day := range []string{"today+1d", "today+5d"} {
		blocked(l5.Move(path, "extend", fields{"reason": "Ships are late.", "due_on": day}), "not_later")
	}
	l5.Move(path, "extend", fields{"reason": "Ships are late.", "due_on": "today+8d"}).Want(200)
	remedyMeasured(h, path, "9")
	l4.Move(path, "analyse", nil).Want(422).Fault("#/fields/root_cause", "required")
	l4.Move(path, "analyse", whys()).Want(200)
	l4.Move(path, "analyse", fields{"cause_category": "process"}).Want(200) // what is not planned yet may be put right
}

// The party answers once it was asked, an issue does not wait for ever, and what was
// assessed stays so.
func TestIssueTellsWhatHappened(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	path := proposed(h, "medium")
	l5.Move(path, "accept_resolution", with(accepted(), "party_answered_on", "2026-11-21")).Want(422).Fault("#/fields/party_answered_on", "conflicts_with")
	l5.Move(path, "reject_resolution", fields{"reason": "No.", "party_answered_on": "2020-01-01"}).Want(422).Fault("#/fields/party_answered_on", "conflicts_with")
	l5.Move(path, "reject_resolution", fields{"reason": "No.", "party_answered_on": "today"}).Want(200)
	blocked(l5.Move(path, "wait", fields{"waiting_on": "The board", "waiting_until": "2199-01-01"}), "waits_too_long")
	for _, name := range []string{"category", "urgency"} {
		l5.Patch(path, fields{name: "unknown"}).Want(422).Fault("#/"+name, "conflicts_with")
	}
	l5.Patch(path, fields{"owner_id": nil}).Want(422).Fault("#/owner_id", "conflicts_with")
	l5.Patch(path, fields{"category": "safety", "urgency": "low"}).Want(200)
	l5.Move(path, "refer_external", fields{"reason": "It is theirs.", "referred_to": "The port authority", "referred_on": "2020-01-01"}).Want(422).Fault("#/fields/referred_on", "conflicts_with")
	board := h.As("l7").Post("/stakeholders", fields{"name": "Harbour Board", "kind": "group", "seniority": "most_senior"}).Want(201).Text("ref")
	party := residents(h, "Riverside Residents")
	about := raised(h, fields{"stakeholder_id": board})
	left := h.As("l4").Move(about, "triage", with(assessment(h, "low", party), "stakeholder_id", party)).Code(403, "insufficient-level")
	if left.Text("required_level") != "5" || left.Text("because.0") != "a party of the issue is senior, and is left out" {
		t.Errorf("left out below level 5: %s", left.Body)
	}
	h.As("l4").Move(about, "triage", assessment(h, "low", party)).Want(200)
	early := raised(h, nil)
	l5.Move(early, "close_no_basis", fields{"reason": "There is none.", "told_channel": "call", "told_raiser_on": "2020-01-01"}).Want(422).Fault("#/fields/told_raiser_on", "conflicts_with")

	simple := assessedAs(h, 2, nil)
	h.As("l4").Move(simple, "resolve_frontline", nil).Want(200)
	old := merged(agreed(), groundsFound(), fields{"remedies": []fields{{"remedy": "apologise"}}, "answered_on": "2026-11-19", "remedy_done_on": "2026-11-19"})
	h.As("l4").Move(simple, "accept_frontline", old).Want(422).Fault("#/fields/answered_on", "conflicts_with").Fault("#/fields/remedy_done_on", "conflicts_with")
}

// What level 7 let lie, or instructed, is not removed in silence either.
func TestMatterAtTheTopIsNotRemoved(t *testing.T) {
	h := testkit.Open(t)
	path := ladder(h)
	l7 := h.As("l7")
	top := asked(h, path, "l5", fields{"reason": "Regulator called", "to_level": 7, "override": true})
	h.Clock.Forward(5 * day)
	h.Tick()
	blocked(l7.Delete(top), "unanswered")
	before(h, path, 7)
	l7.Move(top, "acknowledge", nil).Want(200)
	l7.Move(top, "decide", fields{"decision": "Close the quay.", "decision_reason": "It is too loud.", "instructions": "Close it.", "instructions_due_on": "today+2d"}).Want(200)
	blocked(l7.Delete(top), "instructions_open")
	h.As("l4").Move(top, "close", fields{"carried_out": "It is closed."}).Want(200)
	l7.Delete(top).Want(204)
}

// Whoever is refused by level hears who can, and that is nobody who is barred too.
func TestRefusalNamesWhoCan(t *testing.T) {
	h := testkit.Open(t)
	path := complained(h, fields{"subject_user_ids": []string{h.People["l4"], h.People["l4b"], h.People["l5"]}})
	h.As("l4").Patch(path, fields{"title": "Nothing"}).Code(403, "insufficient-level")
	for _, r := range []*testkit.Reply{h.As("l4").Patch(path, fields{"title": "Nothing"}), h.As("none").Move(path, "acknowledge", received())} {
		who := r.Code(403, "insufficient-level").Text("escalate_to.user_id")
		if who == "" || who == h.People["l4"] || who == h.People["l4b"] || who == h.People["l5"] {
			t.Errorf("named: %s", r.Body)
		}
	}
	if r := h.As("l4").Patch(raised(h, nil), fields{"sensitivity": "restricted"}).Code(403, "insufficient-level"); r.Text("escalate_to.level") != "6" {
		t.Errorf("nobody named: %s", r.Body)
	}
	board := h.As("l7").Post("/stakeholders", fields{"name": "Harbour Board", "kind": "group", "seniority": "most_senior"}).Want(201).ID()
	top := complained(h, fields{"stakeholder_id": board, "subject_user_ids": []string{h.People["l7"], h.People["l7b"]}})
	if r := h.As("l4").Move(top, "identify", fields{"stakeholder_id": board}).Code(403, "insufficient-level"); r.Value("required_level") != 7.0 || r.Value("escalate_to") != nil {
		t.Errorf("named is somebody whom it is about: %s", r.Body)
	}
	guarded := h.As("l6").Post("/complaints", fields{"title": "Quiet word", "description": "Not for all.", "channel": "call", "anonymous": true, "sensitivity": "confidential", "subject_user_ids": []string{h.People["l5"]}}).Want(201)
	if r := h.As("l5").Patch("/complaints/"+guarded.ID(), fields{"title": "Nothing"}).Code(403, "insufficient-level"); r.Text("escalate_to.user_id") != h.People["l5b"] {
		t.Errorf("named is somebody who does not see it: %s", r.Body)
	}
	for _, path := range []string{"/audit/security", "/backups"} { // refused before anything is looked at
		if r := h.As("l4").Get(path).Code(403, "insufficient-level"); r.Text("escalate_to.level") != "7" {
			t.Errorf("nobody named: %s", r.Body)
		}
	}
}

// What is done while somebody above is asked counts as in time, for the time limit stands
// still, and does not drop out of the figures; nor is the first limit lost by an extension.
func TestAskingAboveHidesNoTimeLimit(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	l4 := h.As("l4")
	early := complained(h, nil)
	asked(h, early, "l4", fields{"reason": "May I?"})
	if got := l4.Move(early, "acknowledge", received()).Want(200); got.Text("acknowledged_in_time") != "in_time" || got.Text("acknowledge_due_at") == "" {
		t.Errorf("neither in time nor late: %s", got.Body)
	}
	path := answeredBy(h, "l4", answer(), fields{"title": "Another night"})
	asked(h, path, "l4", fields{"reason": "May I?"})
	if got := h.As("l5").Move(path, "approve", tell()).Want(200); got.Text("decided_in_time") != "in_time" || got.Text("decision_due_at") == "" {
		t.Errorf("neither in time nor late: %s", got.Body)
	}
	slow := assessedAs(h, 3, fields{"title": "A third night"})
	l4.Move(slow, "investigate", nil).Want(200)
	asked(h, slow, "l4", fields{"reason": "May I?"})
	blocked(h.As("l5").Move(slow, "extend", fields{"extended_until": "2027-01-15", "reason": "The log is at sea.", "extension_channel": "email"}), "not_later")
}

// A parameter that is sent twice is refused where one of the two would be ignored.
func TestParametersAreSentOnce(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for _, path := range []string{"/worklist?owner=me&owner=USR-1", "/reports/complaints?period=2026&period=2025", "/me/activity?since=today&since=now-1h", "/lessons/suggestions?for=ISS-1&for=ISS-2"} {
		l4.Get(path).Code(400, "invalid-parameter")
	}
	l4.Get("/events?types=issue.created&types=complaint.created").Want(200)
}

// What is adopted did not end in the future; what a file says to have ended before it began
// took no time, and not less than none.
func TestAdoptedComplaintsEndInThePast(t *testing.T) {
	h := testkit.Open(t)
	l6 := h.As("l6")
	rows := strings.Join([]string{
		`{"title":"a","description":"b","channel":"email","anonymous":true,"state":"closed_accepted","received_at":"2026-03-02T10:00:00Z","decided_at":"2026-03-01T10:00:00Z","closed_at":"2026-03-01T10:00:00Z"}`,
		`{"title":"c","description":"d","channel":"email","anonymous":true,"state":"closed_accepted","received_at":"2026-03-02T10:00:00Z","closed_at":"2030-03-01T10:00:00Z"}`,
	}, "\n")
	im := l6.With("Content-Type", "application/x-ndjson").Post("/imports?collection=complaints&adopt=true&mode=commit&date_format=iso", rows).Want(202)
	h.RunJobs()
	if got := l6.Get("/imports/" + im.ID()).Want(200); got.Text("report.created") != "1" || got.Text("report.invalid") != "1" {
		t.Errorf("not one of each: %s", got.Body)
	}
	if f := l6.Get("/imports/" + im.ID() + "/errors").Want(200); f.Text("data.0.column") != "closed_at" || f.Text("data.0.code") != "not_historical" {
		t.Errorf("not told what is wrong: %s", f.Body)
	}
	report := l6.Get("/reports/complaints?period=2026-03").Want(200)
	for i := range report.Len("figures") {
		f := report.Value(fmt.Sprintf("figures.%d", i)).(map[string]any)
		if took, _ := f["value"].(float64); strings.HasPrefix(f["name"].(string), "days_to_") && took < 0 {
			t.Errorf("it took less than no time: %v", f)
		}
	}
}
