package api_test

import (
	"strconv"
	"testing"

	"rapport/internal/testkit"
)

// Who worded a lesson last does not validate it, whoever entered and submitted it.
func TestLessonIsNotValidatedByWhoWordedIt(t *testing.T) {
	h := testkit.Open(t)
	path := learned(h, raised(h, nil), nil)
	h.As("l5").Patch(path, fields{"recommendation": "Do as I say."}).Want(200)
	h.As("l4").Move(path, "submit", nil).Want(200)
	if got := h.As("l5").Move(path, "validate", sound()).Code(403, "same-person"); got.Text("acted_as") != "updated" {
		t.Errorf("refused for another reason: %s", got.Body)
	}
	h.As("l5b").Move(path, "validate", sound()).Want(200)
	h.As("l5").Move(path, "publish", fields{"audience": "organisation", "personal_data_removed": true}).Want(200)
	applied := fields{"artefact_kind": "template", "artefact": "Checklist", "artefact_url": "https://wiki.example.org/checklists", "applied_on": "today-1d"}
	h.As("l4").Move(path, "apply", applied).Want(422).Fault("#/fields/applied_on", "conflicts_with")
	h.As("l4").Move(path, "apply", with(applied, "applied_on", "today")).Want(200)
}

// All who worded a lesson since it was captured are other people than who validates it,
// whoever worded it after them; who only named its owner or tagged it looks with other eyes.
func TestLessonIsValidatedByNobodyWhoEverWordedIt(t *testing.T) {
	h := testkit.Open(t)
	path := learned(h, raised(h, nil), nil)
	h.As("l5").Patch(path, fields{"recommendation": "Do as I say."}).Want(200)
	h.As("l4b").Patch(path, fields{"root_cause": "Nobody asked."}).Want(200)
	h.As("l6").Patch(path, fields{"owner_id": "me", "tags": []string{"nights"}}).Want(200)
	h.As("l4").Move(path, "submit", nil).Want(200)
	if got := h.As("l5").Move(path, "validate", sound()).Code(403, "same-person"); got.Text("acted_as") != "updated" {
		t.Errorf("refused for another reason: %s", got.Body)
	}
	for who, may := range map[string]string{"l5": "false", "l5b": "true", "l6": "true"} {
		row := h.As(who).Get("/lessons?include=transitions").Want(200)
		for i := range row.Len("data.0.transitions") {
			if at := "data.0.transitions." + strconv.Itoa(i); row.Text(at+".name") == "validate" && row.Text(at+".permitted") != may {
				t.Errorf("validate is permitted to %s: %s", who, row.Text(at+".permitted"))
			}
		}
	}
	h.As("l5").Patch(path, fields{"owner_id": h.People["l4"]}).Want(200)
	h.As("l6").Move(path, "validate", sound()).Want(200)
}

// What decides who approves a remedy is changed by level 7, and by no role alone.
func TestLimitsOfRemediesAreLevelSevens(t *testing.T) {
	h := testkit.Open(t)
	for key, value := range map[string]string{"complaint_remedy_limit_4": "1", "complaint_remedy_limit_5": "1000000000", "complaint_remedy_limit_6": "7", "currency": "HUF"} {
		h.As("admin").Patch("/settings/"+key, fields{"value": value}).Code(403, "insufficient-level")
		h.As("l7").Patch("/settings/"+key, fields{"value": value}).Want(200)
	}
	h.As("admin").Patch("/settings/complaint_repeat_days", fields{"value": "30"}).Want(200)
}

// That a time limit was missed, or a decision is reviewed, is for the register to say;
// and instructions are carried out between their decision and today.
func TestEscalationTellsWhatHappened(t *testing.T) {
	h := testkit.Open(t)
	path := ladder(h)
	for _, cause := range []string{"breach", "review"} {
		h.As("l4").Post(path+"/escalations", fields{"reason": "Now", "cause": cause}).Want(422).Fault("#/cause", "not_allowed")
	}
	esc := asked(h, path, "l4", fields{"reason": "Now", "cause": "conflict"})
	h.As("l5").Move(esc, "acknowledge", nil).Want(200)
	h.As("l5").Move(esc, "decide", fields{"decision": "Unload from 06:00.", "decision_reason": "The permit.", "instructions": "Change the rota.", "instructions_due_on": "today+3d"}).Want(200)
	h.As("l4").Move(esc, "close", fields{"carried_out": "Done", "carried_out_on": "today+1d"}).Want(422).Fault("#/fields/carried_out_on", "not_historical")
	h.As("l4").Move(esc, "close", fields{"carried_out": "Done", "carried_out_on": "today-1d"}).Want(422).Fault("#/fields/carried_out_on", "conflicts_with")
	h.As("l4").Move(esc, "close", fields{"carried_out": "Done"}).Want(200)
}

// A rung gives some time to answer, and who stands in has its level too.
func TestRungsGiveTimeAndHaveDeputiesOfTheirLevel(t *testing.T) {
	h := testkit.Open(t)
	put := func(within, deputy string) *testkit.Reply {
		return h.As("l7").Patch("/escalation-ladders/default", fields{"rungs": []fields{
			{"level": 5, "name": "Lead", "holder_id": h.People["l5"], "deputy_id": h.People[deputy], "respond_within": within}, {"level": 7, "name": "Top", "holder_id": h.People["l7"]},
		}})
	}
	for _, nothing := range []string{"P0D", "PT0H", "P0W", "P0DT0H0M"} {
		put(nothing, "l5b").Want(422).Fault("#/rungs/0/respond_within", "invalid_format")
	}
	for _, below := range []string{"none", "l4"} {
		put("PT1M", below).Want(422).Fault("#/rungs/0/deputy_id", "out_of_range")
	}
	put("PT1M", "l6").Want(200)
}

// That others have to change something is not taken back below the level that it takes.
func TestCrossUnitIsTakenBackByLevelSix(t *testing.T) {
	h := testkit.Open(t)
	path := remedy(h, raised(h, nil), fields{"cross_unit": true})
	h.As("l4").Move(path, "analyse", whys()).Want(200)
	alone := with(remedyPlan(h), "cross_unit", false)
	if got := h.As("l5").Move(path, "plan", alone).Code(403, "insufficient-level"); got.Text("required_level") != "6" {
		t.Errorf("level 6 approves it: %s", got.Body)
	}
	h.As("l4").Move(path, "plan", remedyPlan(h)).Want(200)
	h.As("l5").Move(path, "approve", fields{"side_effects": "None."}).Code(403, "insufficient-level")
	h.As("l6").Move(path, "plan", alone).Want(200)
	h.As("l5").Move(path, "approve", fields{"side_effects": "None."}).Want(200)
}

// Whom a complaint is about neither raises nor holds nor decides its escalation: the
// deputy does, or the next rung. Where somebody turns out to be concerned later, the
// escalation is taken out of their hands.
func TestEscalationPassesOverWhomItIsAbout(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	about := func(handles ...string) (ids []string) {
		for _, handle := range handles {
			ids = append(ids, h.People[handle])
		}
		return ids
	}
	raise := func(path string) *testkit.Reply {
		return h.As("l4").Post(path+"/escalations", fields{"reason": "No reply"}).Want(201)
	}
	lead := complained(h, fields{"subject_user_ids": about("l5")})
	h.As("l5").Post(lead+"/escalations", fields{"reason": "Mine"}).Code(403, "insufficient-level")
	h.As("l5").Post("/escalations", fields{"reason": "Mine", "complaint_id": lead[len("/complaints/"):]}).Code(403, "insufficient-level")
	h.As("l4").Post(lead+"/escalations", fields{"reason": "No reply", "owner_id": h.People["l5"]}).Want(422).Fault("#/owner_id", "conflicts_with")
	e := raise(lead)
	if e.Text("holder_id") != h.People["l5b"] || e.Value("deputy_id") != nil || e.Text("to_level") != "5" {
		t.Errorf("the deputy decides: %s", e.Body)
	}
	both := raise(complained(h, fields{"title": "Both of them", "subject_user_ids": about("l5", "l5b"), "complainant": fields{"name": "Ion Marin"}}))
	if both.Text("holder_id") != h.People["l6"] || both.Text("to_level") != "6" {
		t.Errorf("the next rung decides: %s", both.Body)
	}

	later := complained(h, fields{"title": "The gate", "complainant": fields{"name": "Ada Pop"}})
	esc := "/escalations/" + raise(later).Text("ref")
	h.As("l4").Move(later, "acknowledge", received()).Want(200)
	h.As("l4").Move(later, "assess", scored(3, fields{"subject_user_ids": about("l5")})).Want(200)
	for _, step := range []string{"acknowledge", "return", "withdraw", "supersede"} {
		h.As("l5").Move(esc, step, fields{"reason": "Mine"}).Code(403, "insufficient-level")
	}
	h.As("l5").Patch(esc, fields{"tags": []string{"mine"}}).Code(403, "insufficient-level")
	h.As("l6").Patch(esc, fields{"owner_id": h.People["l5"]}).Want(422).Fault("#/owner_id", "conflicts_with")
	h.As("l5b").Move(esc, "acknowledge", nil).Want(200)
}

// Nobody is given a complaint about themself, by no change and by no handover, which
// says what it left.
func TestComplaintIsGivenToNobodyItIsAbout(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := complained(h, fields{"subject_user_ids": []string{h.People["l5"]}})
	for _, place := range []string{"owner_id", "assignee_id"} {
		l4.Patch(path, fields{place: h.People["l5"]}).Want(422).Fault("#/"+place, "conflicts_with")
		l4.Patch(path, fields{place: h.People["l4b"]}).Want(200)
	}
	l4.Post("/complaints", fields{"title": "Mine", "description": "About who has it.", "channel": "email", "anonymous": true, "owner_id": h.People["l5"], "subject_user_ids": []string{h.People["l5"]}}).
		Want(422).Fault("#/owner_id", "conflicts_with")
	handOver(t, h, "l4b", map[string]any{"to_id": h.People["l5"], "reason": "Moves on."})
	told := h.As("l7").Get(person(h, "l4b") + "/handovers").Want(200)
	if told.Len("data.0.skipped") != 2 || told.Text("data.0.skipped.0.collection") != "complaints" {
		t.Errorf("it is not told what was left: %s", told.Body)
	}
	if got := l4.Get(path).Want(200); got.Text("owner_id") != h.People["l4b"] || got.Text("assignee_id") != h.People["l4b"] {
		t.Errorf("handed to whom it is about: %s", got.Body)
	}
}

// Who assessed a complaint anew does not call it unfounded alone either.
func TestUnfoundedTakesOtherEyesThanReassessment(t *testing.T) {
	h := testkit.Open(t)
	path := assessedAs(h, 3, nil)
	h.As("l5").Move(path, "reassess", scored(2, fields{"reason": "Less than it seemed."})).Want(200)
	none := with(tell(), "reason", "They were not there.")
	if got := h.As("l5").Move(path, "close_unfounded", none).Code(403, "same-person"); got.Text("acted_as") != "reassess" {
		t.Errorf("refused for another reason: %s", got.Body)
	}
	h.As("l5b").Move(path, "close_unfounded", none).Want(200)
}

// A review is decided in words of its own, by default its findings; the escalation
// keeps those.
func TestReviewSpeaksForItself(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	path := answeredBy(h, "l4", with(answer(), "decision", "We decline."), nil)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	h.As("l4").Move(path, "reject", recourse(fields{"reason": "Not content."})).Want(200)
	if got := h.As("l4").Get(path).Want(200); got.Value("decision") != nil {
		t.Errorf("the old decision stands: %s", got.Body)
	}
	h.As("l4").Move(path, "propose_response", with(answer(), "findings", "You were right.")).Want(200)
	if got := h.As("l6").Move(path, "approve", tell()).Want(200); got.Text("decision") != "You were right." {
		t.Errorf("the complainant is told something else: %s", got.Body)
	}
	if got := chain(h, path); got.Text("data.0.decision") != "You were right." {
		t.Errorf("the escalation tells something else: %s", got.Body)
	}
}

// Nothing that follows on a complaint happened before it was received.
func TestComplaintIsReceivedFirst(t *testing.T) {
	h := testkit.Open(t)
	early := "2026-11-19"
	path := assessedAs(h, 3, nil)
	h.As("l4").Move(path, "withdraw", fields{"withdrawal_evidence": "A call", "withdrawn_on": early}).Want(422).Fault("#/fields/withdrawn_on", "conflicts_with")
	h.As("l5").Move(path, "refer_external", fields{"referred_to": "Ombudsman", "reason": "?", "referred_on": early}).Want(422).Fault("#/fields/referred_on", "conflicts_with")
	h.As("l5").Move(path, "investigate", nil).Want(200)
	h.As("l5").Move(path, "extend", fields{"extended_until": "today+60d", "reason": "?", "extension_channel": "letter", "extension_told_on": early}).Want(422).Fault("#/fields/extension_told_on", "conflicts_with")
	h.As("l4").Move(path, "record_update", fields{"progress": "Half", "progress_channel": "letter", "progress_told_on": early}).Want(422).Fault("#/fields/progress_told_on", "conflicts_with")
	h.As("l4").Move(path, "propose_response", answer()).Want(200)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	h.As("l4").Move(path, "reject", recourse(fields{"reason": "No.", "recourse_told_on": early})).Want(422).Fault("#/fields/recourse_told_on", "conflicts_with")
}

// A blocker tells of no complaint that whoever meets it may not see.
func TestCausesComeBackWithoutHiddenComplaints(t *testing.T) {
	h := testkit.Open(t)
	for range 2 {
		ref := complained(h, fields{"complainant": fields{"name": "Somebody"}, "received_at": "2026-11-19T10:00:00Z"})
		h.Raw("UPDATE complaints SET cause_category = 'communication', sensitivity = 3 WHERE id = ?", []any{h.As("l7").Get(ref).Want(200).Text("id")})
	}
	path := answeredBy(h, "l4", answer(), nil)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	h.As("l4").Move(path, "accept", agreed()).Want(200)
}
