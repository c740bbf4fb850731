package api_test

import (
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
