package api_test

import (
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// What could be read in two ways, or would be ignored, is refused by its name.
func TestNothingIsIgnored(t *testing.T) {
	h := testkit.Open(t)
	l4, l7 := h.As("l4"), h.As("l7")
	body := `{"kind":"organisation","name":"Harbour Board"}`
	l4.Post("/stakeholders?validate_only=false&validate_only=true", body).Code(400, "invalid-parameter")
	l4.With("If-Match", `"1"`).Post("/stakeholders", body).Code(400, "invalid-parameter")
	path := "/stakeholders/" + l4.Post("/stakeholders", body).Want(201).Text("id")
	l4.With("If-Match", `"1"`).Post("/stakeholders/batch", `{"operations":[]}`).Code(400, "invalid-parameter")

	l4.Patch(path, `{"tags_add":["x"],"tags":["y"]}`).Code(422, "validation-failed").Fault("#/tags_add", "conflicts_with")
	l4.Patch(path, `{"tags":["y"],"tags_remove":["x"]}`).Code(422, "validation-failed").Fault("#/tags_remove", "conflicts_with")
	l7.Post("/authority/simulate", map[string]any{"level": 5, "user_id": h.People["l4"], "action": "stakeholder.qualify"}).
		Code(422, "validation-failed").Fault("#/level", "conflicts_with")

	for _, parameter := range []string{"key_id=x", "identity_id=null", "key_id=KEY-99999"} {
		l7.Get("/audit/security?"+parameter).Code(400, "invalid-parameter")
	}
	got := l7.Patch("/settings/time_zone", `{"value":"Mars"}`).Code(422, "validation-failed").Body
	if !strings.Contains(string(got), "Europe/Berlin") {
		t.Errorf("a zone that is none is refused without an example: %s", got)
	}
}

// A machine keeps what a record is called in its own system in step, whoever
// entered the record and however far it has come; nothing else.
func TestMachineKeepsItsNamesInStep(t *testing.T) {
	h := testkit.Open(t)
	desk := h.Enlist("desk", "", "internal", "stakeholders:read", "stakeholders:write")
	id := h.As("l4").Post("/stakeholders", `{"kind":"organisation","name":"Harbour Board"}`).Want(201).Text("id")
	h.Force(register.Stakeholders, id, "active")
	path := "/stakeholders/" + id
	got := desk.Patch(path, `{"external_ids":[{"system":"desk","key":"10","status":"open"}]}`).Want(200)
	if got.Text("external_ids.0.status") != "open" {
		t.Errorf("kept: %s", got.Body)
	}
	desk.Patch(path, `{"external_ids":[],"name":"Port"}`).Code(403, "insufficient-level")
	desk.Patch(path, `{"name":"Port"}`).Code(403, "insufficient-level")
}

// Every page of a list names the first one, and the next if there is one.
func TestPagesNameTheFirst(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for _, name := range []string{"Harbour Board", "Riverside Residents"} {
		l4.Post("/stakeholders", `{"kind":"organisation","name":"`+name+`"}`).Want(201)
	}
	page := l4.Get("/stakeholders?limit=1&sort=name").Want(200)
	links := page.Header.Get("Link")
	if !strings.Contains(links, `rel="next"`) || !strings.Contains(links, `/stakeholders?limit=1&sort=name>; rel="first"`) {
		t.Errorf("links: %s", links)
	}
	last := l4.Get("/stakeholders?limit=1&sort=name&cursor=" + page.Text("page.next_cursor")).Want(200).Header.Get("Link")
	if strings.Contains(last, `rel="next"`) || !strings.Contains(last, `/stakeholders?limit=1&sort=name>; rel="first"`) {
		t.Errorf("links of the last page: %s", last)
	}
}

// How far a closed record is seen can still be changed, by level 5 and above; the
// rest of it stays as it is.
func TestClosedRecordsCanBeMadeConfidential(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	issue := h.Make(register.Issues, nil).ID()
	h.Force(register.Issues, issue, "closed")
	path := "/issues/" + issue
	l4.Patch(path, `{"sensitivity":"confidential"}`).Code(403, "insufficient-level")
	l5.Patch(path, `{"sensitivity":"confidential","title":"Another"}`).Code(422, "validation-failed").Fault("#/title", "not_allowed_in_state")
	l5.Patch(path, `{"sensitivity":"confidential","access_user_ids":["`+h.People["none"]+`"]}`).Want(200)
	l4.Get(path).Code(404, "not-found")
	h.As("none").Get(path).Want(200)

	stakeholder := "/stakeholders/" + l4.Post("/stakeholders", `{"kind":"organisation","name":"Harbour Board"}`).Want(201).Text("id")
	assessment := "/assessments/" + l4.Post(stakeholder+"/assessments", `{"power":5,"interest":5}`).Want(201).Text("id")
	l5.Patch(assessment, `{"sensitivity":"confidential"}`).Want(200)
	if got := l4.Get(stakeholder).Want(200).Text("quadrant"); got != "unknown" {
		t.Errorf("the stakeholder shows %s, of an assessment that is confidential by now", got)
	}
	call := "/interactions/" + l4.Post("/interactions", map[string]any{
		"stakeholder_ids": []string{stakeholder[len("/stakeholders/"):]}, "channel": "call", "direction": "inbound", "subject": "Noise at night",
		"summary": "They called about the noise.", "occurred_at": "2026-11-20T10:00:00Z",
	}).Want(201).Text("id")
	if l4.Get(stakeholder).Text("last_contact_at") == "" {
		t.Error("the call does not show")
	}
	l5.Patch(call, `{"sensitivity":"confidential"}`).Want(200)
	if got := l4.Get(stakeholder).Text("last_contact_at"); got != "" {
		t.Errorf("the stakeholder shows a contact of %s, which is confidential by now", got)
	}
}
