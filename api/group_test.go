package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// enter enters a record and answers its path.
func enter(t *testing.T, c *testkit.Client, collection string, body map[string]any) string {
	t.Helper()
	return collection + "/" + c.Post(collection, body).Want(201).ID()
}

// idOf is the id at a path's end.
func idOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// stakeholder enters a stakeholder and answers its id.
func stakeholder(t *testing.T, c *testkit.Client, name, kind string) string {
	t.Helper()
	return idOf(enter(t, c, "/stakeholders", map[string]any{"name": name, "kind": kind, "lawful_basis": "legitimate_interests"}))
}

// hiddenPerson enters an individual whom only people of level 6 see, and answers its id.
func hiddenPerson(t *testing.T, c *testkit.Client, name string) string {
	t.Helper()
	return idOf(enter(t, c, "/stakeholders", map[string]any{"name": name, "kind": "individual", "lawful_basis": "contract", "sensitivity": "restricted"}))
}

// group enters a group, inside parent if one is given, and answers its id.
func group(t *testing.T, c *testkit.Client, name, parent string) string {
	t.Helper()
	body := map[string]any{"name": name}
	if parent != "" {
		body["parent_id"] = parent
	}
	return idOf(enter(t, c, "/groups", body))
}

// A group is made, archived once its subgroups are, and reopened once what it is a
// part of is in use again.
func TestGroupFromUseToArchiveAndBack(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	harbour := "/groups/" + group(t, l4, "Neighbours of the harbour", "")
	quay := "/groups/" + group(t, l4, "Along the quay", idOf(harbour))

	l4.Move(harbour, "archive", map[string]any{"reason": "over"}).Code(403, "insufficient-level")
	l5.Move(harbour, "archive", nil).Code(422, "validation-failed").Fault("#/fields/reason", "required")
	blocked := l5.Move(harbour, "archive", map[string]any{"reason": "The harbour is closed."}).Code(409, "transition-blocked")
	if blocked.Text("blockers.0.code") != "active_subgroup" || blocked.Text("blockers.0.resource.id") != idOf(quay) || blocked.Text("blockers.0.resource.url") != "/api/v1"+quay {
		t.Errorf("it does not say which subgroup: %s", blocked.Body)
	}
	l5.Move(quay, "archive", map[string]any{"reason": "The quay is closed."}).Want(200)
	l5.Move(harbour, "archive", map[string]any{"reason": "The harbour is closed."}).Want(200)
	l5.Patch(harbour, `{"name":"Once by the harbour"}`).Code(422, "validation-failed").Fault("#/name", "not_allowed_in_state")
	l4.Post("/groups", map[string]any{"name": "At the pier", "parent_id": idOf(harbour)}).Code(422, "validation-failed").Fault("#/parent_id", "conflicts_with")

	if got := l5.Move(quay, "reopen", map[string]any{"reason": "Open again."}).Code(409, "transition-blocked"); got.Text("blockers.0.code") != "parent_archived" {
		t.Errorf("it does not say that the parent is archived: %s", got.Body)
	}
	l4.Move(harbour, "reopen", map[string]any{"reason": "Open again."}).Code(403, "insufficient-level")
	l5.Move(harbour, "reopen", map[string]any{"reason": "Open again."}).Want(200)
	if got := l5.Move(quay, "reopen", map[string]any{"reason": "Open again."}).Want(200); got.Text("state") != "active" {
		t.Errorf("not in use again: %s", got.Body)
	}
}

// Two standing groups do not share a name, however it is written.
func TestGroupNamesAreEachTheirOwn(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	first := group(t, l4, "École du port", "")
	l4.Post("/groups", `{"name":"ECOLE DU PORT"}`).Code(409, "duplicate")
	second := group(t, l4, "School at the port", "")
	l4.Patch("/groups/"+second, `{"name":"ecole du port"}`).Code(409, "duplicate")
	h.As("l5").Delete("/groups/" + first).Want(204)
	l4.Patch("/groups/"+second, `{"name":"Ecole du port"}`).Want(200)
	h.As("l5").Post("/groups/"+first+"/restore", nil).Code(409, "duplicate")
	l4.Post("/groups", `{"name":"By rule","kind":"smart"}`).Code(422, "validation-failed").Fault("#/kind", "not_in_enum")
}

// A name is not refused on account of a group that is hidden from who gives it: not to
// those who enter a group or rename one, nor to those who do so as restricted as it is.
func TestNamesOfHiddenGroupsAreNotTold(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	secret := map[string]any{"name": "Buyers of the quay", "sensitivity": "restricted"}
	enter(t, l6, "/groups", secret)
	l6.Post("/groups", secret).Code(409, "duplicate")
	l6.Post("/groups", map[string]any{"name": "BUYERS of the quay"}).Code(409, "duplicate")
	own := "/groups/" + group(t, l4, "Buyers", "")
	l4.Post("/groups", secret).Want(201)
	l4.Patch(own, fields{"name": "Buyers of the quay"}).Want(200)
	l5.Post("/groups?validate_only=true", map[string]any{"name": "Buyers of the Quay", "sensitivity": "confidential"}).Code(409, "duplicate") // by the one that everybody sees
	l4.Patch(own, fields{"name": "Buyers"}).Want(200)
	l5.Post("/groups", map[string]any{"name": "Buyers of the Quay", "sensitivity": "confidential"}).Want(201)
	named := l6.Post("/groups", map[string]any{"name": "Sellers", "sensitivity": "restricted", "access_user_ids": []string{h.People["l4"]}}).Want(201)
	l4.Patch("/groups/"+named.ID(), fields{"name": "Buyers of the quay"}).Want(200)
	l6.Patch("/groups/"+named.ID(), fields{"purpose": "To be told apart."}).Want(200)

	l6.Patch("/groups/"+named.ID(), fields{"sensitivity": "internal"}).Want(200)
	l4.Patch(own, fields{"name": "buyers of the quay"}).Code(409, "duplicate")
	l6.Post("/groups", secret).Code(409, "duplicate")
}

// Groups nest three deep and never in a circle.
func TestGroupsNestThreeDeepAndNotInCircles(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	town := group(t, l4, "Town", "")
	harbour := group(t, l4, "Harbour", town)
	quay := group(t, l4, "Quay", harbour)
	refused := func(id, parent string) {
		t.Helper()
		l4.Patch("/groups/"+id, map[string]any{"parent_id": parent}).Code(422, "validation-failed").Fault("#/parent_id", "conflicts_with")
	}
	refused(town, town)
	refused(town, harbour)
	refused(town, quay)
	l4.Post("/groups", map[string]any{"name": "Stairs", "parent_id": quay}).Code(422, "validation-failed").Fault("#/parent_id", "conflicts_with")
	region := group(t, l4, "Region", "")
	refused(town, region) // region, town, harbour, quay would be four
	l4.Patch("/groups/"+harbour, map[string]any{"parent_id": nil}).Want(200)
	l4.Patch("/groups/"+harbour, map[string]any{"parent_id": region}).Want(200)
	l4.Patch("/groups/"+town, map[string]any{"parent_id": region}).Want(200)
	if n := l4.Get("/groups?parent_id=" + region + "&state=active").Want(200).Len("data"); n != 2 {
		t.Errorf("want 2 subgroups of the region, got %d", n)
	}
	h.As("l5").Delete("/groups/"+region).Code(409, "still-referenced")
}

// A blocker does not tell of a record that the caller may not see.
func TestBlockersKeepHiddenRecordsToThemselves(t *testing.T) {
	h := testkit.Open(t)
	l5, l6 := h.As("l5"), h.As("l6")
	harbour := group(t, l6, "Harbour", "")
	enter(t, l6, "/groups", map[string]any{"name": "Secret talks", "parent_id": harbour, "sensitivity": "restricted"})
	got := l5.Move("/groups/"+harbour, "archive", map[string]any{"reason": "over"}).Code(409, "transition-blocked")
	if got.Value("blockers.0.resource") != nil || strings.Contains(string(got.Body), "GRP-2") {
		t.Errorf("it tells of a hidden group: %s", got.Body)
	}
}
