package api_test

import (
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Custom fields go out in columns of their own, and what is handed in again
// changes nothing, whatever their type and though some are archived or hidden.
func TestCustomFieldsGoOutAndComeBack(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	declare(h, "region", "enum", fields{"options": []string{"north", "East side"}})
	declare(h, "berths", "number", nil)
	declare(h, "member", "boolean", nil)
	declare(h, "since", "date", nil)
	declare(h, "seen", "datetime", nil)
	declare(h, "moods", "multi_enum", fields{"options": []string{"calm", "so so", "tired"}})
	declare(h, "site", "url", nil)
	declare(h, "voice", "reference", fields{"target": "users"})
	declare(h, "notes", "text", nil)
	declare(h, "retainer", "number", fields{"sensitivity": "restricted"})
	old := declare(h, "old", "text", nil)
	path := of(h, "Ana", fields{
		"region": "East side", "berths": 4.125, "member": false, "since": "2026-02-03", "seen": "2026-11-22T09:15:04Z", "moods": []string{"tired", "so so"},
		"site": "https://example.org/a?b=c;d", "voice": "USR-2", "notes": "=1+1, \"quoted\"; [x]", "old": "stays",
	})
	of(h, "Ben", nil)
	h.As("l6").Patch(path, `{"custom_fields":{"retainer":7}}`).Want(200)
	h.As("l7").Delete(old).Want(204)
	for _, format := range []string{"csv", "csv-excel", "ndjson"} {
		file := l4.Get("/stakeholders/export?format=" + format).Want(200)
		for _, word := range []string{"custom_fields.region", "East side", "4.125", "2026-02-03", "stays"} {
			if !strings.Contains(string(file.Body), word) {
				t.Errorf("%s lacks %s: %s", format, word, file.Body)
			}
		}
		if strings.Contains(string(file.Body), "retainer") {
			t.Errorf("%s tells of what is hidden: %s", format, file.Body)
		}
		back(t, h, "l4", register.ByName("stakeholder"), file, 2)
	}
	if file := l4.Get("/stakeholders/export?fields=name,custom_fields.berths&custom_fields.berths.gt=1").Want(200); !strings.Contains(string(file.Body), "Ana,4.125") || strings.Contains(string(file.Body), "Ben") {
		t.Errorf("chosen columns: %s", file.Body)
	}
	if file := h.As("l6").Get("/stakeholders/export").Want(200); !strings.Contains(string(file.Body), "custom_fields.retainer") {
		t.Errorf("who is cleared is not told: %s", file.Body)
	}
}

// The columns of somebody's file are found by the labels, and read as the types
// have it; what does not fit is told at its row and column.
func TestImportOfCustomFields(t *testing.T) {
	h := testkit.Open(t)
	declare(h, "region", "enum", fields{"options": []string{"north", "south"}, "label": "Side of the harbour"})
	declare(h, "berths", "number", fields{"label": "Berths"})
	declare(h, "since", "date", fields{"label": "Member since"})
	declare(h, "retainer", "number", fields{"sensitivity": "restricted", "label": "Retainer"})
	file := "Name;Kind;Side of the harbour;Berths;Member since;Retainer;custom_fields.retainer\r\nAna;group;North;4,5;31.01.2026;7;7\r\nBen;group;south;1;13.02.2026;;\r\n"
	im := handIn(t, h, "l4", "mode=commit", file)
	wantCounts(t, im, "committed", "rows=2 created=2")
	if got := listed(h.As("l4"), "custom_fields.region=north&custom_fields.berths=4.5&custom_fields.since=2026-01-31"); got != "Ana" {
		t.Errorf("what was brought in: %q %s", got, im.Body)
	}
	if r := h.As("l6").Get("/stakeholders?custom_fields.retainer.null=false").Want(200); r.Len("data") != 0 {
		t.Errorf("who does not know the field wrote it: %s", r.Body)
	}
	im = handIn(t, h, "l4", "mode=dry_run", "Name;Kind;Side of the harbour;Berths;Member since\r\nCleo;group;west;;\r\nDan;group;;many;yesterday\r\n")
	wantCounts(t, im, "checked", "rows=2 invalid=2")
	errors := string(h.As("l4").Get("/imports/" + im.ID() + "/errors").Want(200).Body)
	for _, word := range []string{"custom_fields.region", "not_in_enum", "custom_fields.berths", "invalid_format", "custom_fields.since", "Side of the harbour"} {
		if !strings.Contains(errors, word) {
			t.Errorf("the faults lack %s: %s", word, errors)
		}
	}
	refused := h.As("l4").Patch("/imports/"+im.ID(), `{"mapping":{"Berths":"custom_fields.retainer"}}`).Want(422)
	other := h.As("l4").Patch("/imports/"+im.ID(), `{"mapping":{"Berths":"custom_fields.retaines"}}`).Want(422)
	if strings.ReplaceAll(string(without(refused.Body)), "retainer", "retaines") != string(without(other.Body)) {
		t.Errorf("the refusals differ: %s %s", refused.Body, other.Body)
	}
}

// A batch and an upsert hold custom fields against the same rules.
func TestCustomFieldsInBatchesAndUpserts(t *testing.T) {
	h := testkit.Open(t)
	declare(h, "region", "enum", fields{"options": []string{"north", "south"}, "required": true})
	l4 := h.As("l4")
	l4.Post("/stakeholders/batch", fields{"atomic": true, "operations": []fields{
		{"op": "create", "body": fields{"name": "Ana", "kind": "group", "custom_fields": fields{"region": "north"}}},
		{"op": "create", "body": fields{"name": "Ben", "kind": "group", "custom_fields": fields{"regoin": "north"}}},
	}}).Want(422).Fault("#/operations/1/body/custom_fields/regoin", "unknown_field")
	l4.Patch("/stakeholders/by-external-id/crm/7", `{"name":"Ana","kind":"group"}`).Code(422, "validation-failed").Fault("#/custom_fields/region", "required")
	l4.Patch("/stakeholders/by-external-id/crm/7", `{"name":"Ana","kind":"group","custom_fields":{"region":"north"}}`).Want(201)
	l4.Patch("/stakeholders/by-external-id/crm/7", `{"custom_fields":{"region":"south"}}`).Want(200)
	l4.Patch("/stakeholders/by-external-id/crm/7?validate_only=true", `{"custom_fields":{"region":"west"}}`).Want(422).Fault("#/custom_fields/region", "not_in_enum")
}

// Records that are adopted are held to what is declared, and so is what a
// transition writes; what the register enters by itself is not.
func TestCustomFieldsOfAdoptedRecordsAndTransitions(t *testing.T) {
	h := testkit.Open(t)
	declare(h, "region", "enum", fields{"options": []string{"north", "south"}, "required": true})
	im := handIn(t, h, "l6", "adopt=true&mode=commit", "name,kind,state,custom_fields.region\nOld Board,organisation,archived,South\nNobody,organisation,archived,\nWest,organisation,archived,west\n")
	wantCounts(t, im, "committed", "rows=3 created=1 invalid=2")
	if got := listed(h.As("l4"), "custom_fields.region=south"); got != "Old Board" {
		t.Errorf("what was adopted: %q", got)
	}
	l7 := h.As("l7")
	l7.Post("/custom-fields", `{"collection":"interactions","key":"room","type":"text","filterable":true}`).Want(201)
	l7.Post("/custom-fields", `{"collection":"issues","key":"berth","type":"number","required":true}`).Want(201)
	l4 := h.As("l4")
	party := of(h, "Residents", fields{"region": "north"})[len("/stakeholders/"):]
	call := "/interactions/" + l4.Post("/interactions", fields{
		"channel": "call", "direction": "inbound", "occurred_at": "2026-11-22T08:00:00Z", "subject": "Noise", "summary": "They called.", "sentiment": "negative", "stakeholder_ids": []string{party}, "custom_fields": fields{"room": "7"},
	}).Want(201).Text("ref")
	l4.Move(call, "amend", fields{"reason": "another room", "custom_fields": fields{"roon": "8"}}).Code(422, "validation-failed").Fault("#/fields/custom_fields/roon", "unknown_field")
	l4.Move(call, "amend", fields{"reason": "another room", "custom_fields": fields{"room": "8"}}).Want(200)
	if r := l4.Get("/interactions?custom_fields.room=8").Want(200); r.Len("data") != 1 {
		t.Errorf("what was amended is not found: %s", r.Body)
	}
	l4.Move(call, "raise_issue", fields{"issue": fields{"title": "Noise at night"}}).Want(200)
	l4.Post("/issues", fields{"title": "Noise at dawn"}).Code(422, "validation-failed").Fault("#/custom_fields/berth", "required")
	l4.Post("/issues", fields{"title": "Noise at dawn", "custom_fields": fields{"berth": 3}}).Want(201)
}
