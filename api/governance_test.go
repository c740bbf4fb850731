package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// flags are the codes of the red flags that governance shows.
func flags(h *testkit.House) map[string]bool {
	h.T.Helper()
	got := h.As("none").Get("/health/governance").Want(200)
	codes := map[string]bool{}
	for i := range got.Len("red_flags") {
		codes[got.Text("red_flags."+string(rune('0'+i))+".code")] = true
	}
	if (got.Text("ok") == "true") != (len(codes) == 0) {
		h.T.Errorf("ok does not agree with the flags: %s", got.Body)
	}
	return codes
}

// A fresh register has nobody to decide last and says so; level 7 appoints
// somebody and a deputy, and the flags go.
func TestGovernanceFindsItsPoint(t *testing.T) {
	h := testkit.Open(t)
	if !flags(h)["no_holder"] {
		t.Error("nobody decides last and no flag says so")
	}
	if got := h.As("none").Get("/health/governance").Text("red_flags.0.remedy"); !strings.Contains(got, "PATCH /api/v1/escalation-ladders/") {
		t.Errorf("no request is named that mends it: %q", got)
	}
	seat(h, "l7", "").Want(200)
	if f := flags(h); !f["no_deputy"] || f["no_holder"] {
		t.Errorf("want no_deputy alone, got %v", f)
	}
	seat(h, "l7", "l6").Want(422).Fault("#/rungs/1/deputy_id", "out_of_range")
	seat(h, "l7", "l7b").Want(200)
	got := h.As("none").Get("/health/governance").Want(200)
	if got.Text("ok") != "true" || got.Text("ultimate_escalation_point.holder.name") != "Person l7" || got.Text("ultimate_escalation_point.deputy.id") != h.People["l7b"] {
		t.Errorf("not as appointed: %s", got.Body)
	}
	h.As("").Get("/health/governance").Code(401, "unauthenticated")

	h.As("l7").Patch(person(h, "l5b"), map[string]any{"rlmt_level": 4}).Want(200)
	if !flags(h)["rung_holder_level_too_low"] {
		t.Error("a rung is held below its level")
	}
	h.Raw("UPDATE users SET state = 'disabled' WHERE handle = ?", []any{"l7b"})
	if !flags(h)["deputy_disabled"] {
		t.Error("the deputy has gone and no flag says so")
	}
	h.Raw("UPDATE users SET state = 'disabled', rlmt_level = 6 WHERE handle IN (?, ?)", []any{"l7", "l7b"})
	if f := flags(h); !f["holder_disabled"] || !f["holder_not_level_7"] || !f["no_level_7"] {
		t.Errorf("the point was lost behind the register's back; got %v", f)
	}
}

// Who stands in and was lowered since is flagged, on the top rung and below.
func TestGovernanceFindsDeputiesWithoutTheirLevel(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	l7.Patch("/escalation-ladders/default", fields{"rungs": []fields{
		{"level": 5, "name": "Lead", "holder_id": h.People["l5"], "deputy_id": h.People["l5b"]},
		{"level": 7, "name": "Top", "holder_id": h.People["l7"], "deputy_id": h.People["l7b"]},
	}}).Want(200)
	if f := flags(h); len(f) != 0 {
		t.Errorf("all is well, yet %v", f)
	}
	l7.Patch(person(h, "l7b"), fields{"rlmt_level": 4}).Want(200)
	l7.Patch(person(h, "l5b"), fields{"rlmt_level": 4}).Want(200)
	if f := flags(h); !f["deputy_level_too_low"] || !f["rung_deputy_level_too_low"] || len(f) != 2 {
		t.Errorf("deputies are below their rungs; got %v", f)
	}
	h.Raw("UPDATE users SET state = 'disabled' WHERE handle = ?", []any{"l5b"})
	if f := flags(h); !f["rung_deputy_disabled"] {
		t.Errorf("a deputy has gone; got %v", f)
	}
}

// Nobody gives themself a role, whatever they govern; another does, and what one has
// can be laid down.
func TestNobodyGivesThemselfARole(t *testing.T) {
	h := testkit.Open(t)
	admin, l7 := h.As("admin"), h.As("l7")
	admin.Patch(person(h, "admin"), fields{"roles": []string{"admin", "data_protection"}}).Code(403, "same-person")
	l7.Patch(person(h, "l7"), fields{"roles": []string{"admin"}}).Code(403, "same-person")
	admin.Patch(person(h, "l7"), fields{"roles": []string{"admin"}}).Want(200)
	l7.Patch(person(h, "admin"), fields{"roles": []string{"admin", "data_protection"}}).Want(200)
	admin.Patch(person(h, "admin"), fields{"roles": []string{"admin"}}).Want(200)
	admin.Patch(person(h, "admin"), fields{"roles": []string{"data_protection"}}).Code(403, "same-person")
}

// The ladder is level 7's; its rungs ascend, are held by people of their level,
// and the top one is never given up.
func TestLadderRungs(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	rung := func(level int, holder, deputy any) map[string]any {
		return map[string]any{"level": level, "name": "Rung", "holder_id": holder, "deputy_id": deputy}
	}
	put := func(rungs ...any) *testkit.Reply {
		return l7.Patch("/escalation-ladders/default", map[string]any{"rungs": rungs})
	}
	people := h.People
	h.As("admin").Patch("/escalation-ladders/default", map[string]any{"name": "Mine"}).Code(403, "insufficient-level")
	h.As("l6").Patch("/escalation-ladders/default", map[string]any{"name": "Mine"}).Code(403, "insufficient-scope")
	put(rung(6, nil, nil), rung(5, nil, nil)).Code(422, "validation-failed").Fault("#/rungs/1/level", "out_of_range")
	put(rung(6, nil, nil)).Code(422, "validation-failed").Fault("#/rungs/0/level", "out_of_range")
	put(rung(7, people["l6"], nil)).Code(422, "validation-failed").Fault("#/rungs/0/holder_id", "out_of_range")
	put(rung(7, people["l7"], people["l7"])).Code(422, "validation-failed").Fault("#/rungs/0/deputy_id", "conflicts_with")
	put(rung(7, "USR-99999", nil)).Code(422, "validation-failed").Fault("#/rungs/0/holder_id", "reference_not_found")
	put(map[string]any{"level": 7, "name": "Top", "respond_within": "two days"}).Code(422, "validation-failed").Fault("#/rungs/0/respond_within", "invalid_format")

	ref := l7.Get(person(h, "l7b")).Text("ref")
	if got := put(rung(7, ref, "me")).Want(200); got.Text("rungs.0.holder_id") != people["l7b"] || got.Text("rungs.0.deputy_id") != people["l7"] {
		t.Errorf("refs and me are not read: %s", got.Body)
	}
	put(rung(7, nil, nil)).Code(409, "last-escalation-point")
	l7.Delete("/escalation-ladders/default").Code(409, "last-escalation-point")
	h.As("admin").Delete(person(h, "l7b")).Code(409, "still-referenced")
	if got := h.As("none").Get("/escalation-ladders/default").Want(200); got.Text("key") != "default" {
		t.Errorf("the ladder is not read by its key: %s", got.Body)
	}
}
