package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// A stakeholder is entered, found, changed, removed and restored; the history
// tells of each step.
func TestStakeholderFromEntryToRestoration(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")

	made := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group","tags":["Noise"]}`).Want(201)
	path := "/stakeholders/" + made.Text("ref")
	if made.Text("state") != "prospect" || made.Text("created_by.name") != "Person l4" || made.Header.Get("ETag") != `"1"` {
		t.Errorf("not as entered: %s", made.Body)
	}
	if n := l4.Get("/stakeholders?name=riverside%20residents&tags.any=noise&include_total=true").Want(200).Text("page.total"); n != "1" {
		t.Errorf("found %s by name and tag, want 1", n)
	}
	if n := l4.Get("/stakeholders?q=RIVER").Want(200).Len("data"); n != 1 {
		t.Errorf("found %d by the beginning of a word, want 1", n)
	}
	l4.With("If-Match", `"1"`).Patch(path, `{"description":"They live by the river."}`).Want(200)
	l4.With("If-Match", `"1"`).Patch(path, `{"description":"late"}`).Code(412, "precondition-failed")
	l4.Delete(path).Code(403, "insufficient-level")
	l5.Delete(path).Want(204)
	l5.Delete(path).Want(204)
	l4.Get(path).Code(410, "gone")
	if n := l4.Get("/stakeholders").Want(200).Len("data"); n != 0 {
		t.Errorf("a removed stakeholder is in the list")
	}
	l5.Post(path+"/restore", nil).Want(200)
	if got := l4.Get(path + "/changes").Want(200); got.Len("data") != 4 {
		t.Errorf("want 4 lines of history, got %s", got.Body)
	}
}

// Who comes late is told what changed meanwhile, in the order of the names, and who
// changed it, by name; so is who asks for what was removed.
func TestLateWriterIsToldWhatChangedAndByWhom(t *testing.T) {
	h := testkit.Open(t)
	path := "/stakeholders/" + h.As("l4").Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).Text("ref")
	h.As("l5").Patch(path, `{"name":"Residents of the riverside","website":"https://riverside.example","description":"By the river.","country":"GB","tags":["noise"]}`).Want(200)
	late := h.As("l4").With("If-Match", `"1"`).Patch(path, `{"description":"late"}`).Code(412, "precondition-failed")
	want := `["country","description","name","tags","website"]`
	if got, _ := json.Marshal(late.Value("changed_fields")); string(got) != want {
		t.Errorf("changed_fields are %s, want %s", got, want)
	}
	if late.Text("changed_by.name") != "Person l5" || late.Text("changed_by.type") != "user" || late.Text("changed_by.id") != h.People["l5"] {
		t.Errorf("it does not say who changed it: %s", late.Body)
	}
	h.As("l5b").Delete(path).Want(204)
	for _, gone := range []*testkit.Reply{h.As("l4").Get(path), h.As("l4").Patch(path, `{"tags":[]}`)} {
		if gone.Code(410, "gone").Text("deleted_by.name") != "Person l5b" || gone.Text("deleted_by.id") != h.People["l5b"] {
			t.Errorf("it does not say who removed it: %s", gone.Body)
		}
	}
	made := h.As("service").Post("/issues", `{"title":"Ticket 4711"}`).Want(201)
	if got := h.As("service").With("If-Match", `"7"`).Patch("/issues/"+made.ID(), `{"urgency":"high"}`).Code(412, "precondition-failed"); got.Text("changed_by.name") != "key of service" {
		t.Errorf("a machine has a name too: %s", got.Body)
	}
}

// A record is not restored while what it refers to is removed, nor against its own
// rules; an empty object is no body.
func TestRestoredOnlyWithWhatItStandsOn(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	party := "/stakeholders/" + l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).Text("ref")
	child := "/assessments/" + l4.Post(party+"/assessments", `{"power":3,"interest":4}`).Want(201).Text("ref")
	l5.Delete(child).Want(204)
	l5.Delete(party).Want(204)
	refused := l5.Post(child+"/restore", nil).Code(409, "transition-blocked")
	if refused.Len("blockers") != 1 || refused.Text("blockers.0.code") != "reference_removed" || "/stakeholders/"+refused.Text("blockers.0.resource.ref") != party {
		t.Errorf("it does not say what to restore first: %s", refused.Body)
	}
	l5.Get(child).Code(410, "gone")
	l5.Post(party+"/restore", `{"name":"Another"}`).Code(422, "validation-failed").Fault("#/name", "unknown_field")
	l5.Post(party+"/restore", `{`).Code(400, "malformed-json")
	l5.Post(party+"/restore", `{}`).Want(200)
	l5.Post(child+"/restore?validate_only=true", ` { } `).Want(200)
	l5.Get(child).Code(410, "gone")
	l5.Post(child+"/restore", `{}`).Want(200)

	town := group(t, l4, "Town", "")
	quay := group(t, l4, "Quay", town)
	l5.Delete("/groups/" + quay).Want(204)
	l5.Move("/groups/"+town, "archive", fields{"reason": "The town is gone."}).Want(200)
	l5.Post("/groups/"+quay+"/restore", nil).Code(422, "validation-failed").Fault("#/parent_id", "conflicts_with")
	l5.Move("/groups/"+town, "reopen", fields{"reason": "It is there."}).Want(200)
	l5.Post("/groups/"+quay+"/restore", nil).Want(200)

	secret := h.As("l6").Post("/stakeholders", `{"name":"Prospective buyer","kind":"organisation","sensitivity":"restricted"}`).Want(201).ID()
	plain := "/groups/" + group(t, l4, "Buyers", "")
	belongs := "/memberships/" + h.As("l6").Post("/memberships", fields{"group_id": plain[8:], "stakeholder_id": secret, "access_user_ids": []string{h.People["l5"]}}).Want(201).ID()
	h.As("l6").Delete(belongs).Want(204)
	h.As("l6").Delete("/stakeholders/" + secret).Want(204)
	if got := l5.Post(belongs+"/restore", nil).Code(409, "transition-blocked"); got.Value("blockers.0.resource") != nil || strings.Contains(got.Text("detail"), "STK") {
		t.Errorf("it tells of a hidden stakeholder: %s", got.Body)
	}
}

// The refusal to remove a record counts what the caller sees; that more is left it
// says, and not how much.
func TestRemovalTellsOfVisibleReferencesOnly(t *testing.T) {
	h := testkit.Open(t)
	party := h.As("l4").Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	h.As("l6").Post("/issues", fields{"title": "Noise", "stakeholder_id": party, "sensitivity": "restricted"}).Want(201)
	refused := h.As("l5").Delete("/stakeholders/"+party).Code(409, "still-referenced")
	if refused.Len("references") != 0 || !strings.Contains(refused.Text("detail"), "more than you may see") {
		t.Errorf("nothing of it is seen: %s", refused.Body)
	}
	if all := h.As("l6").Delete("/stakeholders/"+party).Code(409, "still-referenced"); all.Text("references.0.count") != "1" || strings.Contains(all.Text("detail"), "more") {
		t.Errorf("level 6 sees it: %s", all.Body)
	}
}

// Whoever enters or changes a record learns that an external id is taken, and of a
// record that they may not see nothing else: the answer is the same to the letter
// as for any other that is not named, and no reason overrides it.
func TestTakenExternalIDTellsNothingOfAHiddenRecord(t *testing.T) {
	h := testkit.Open(t)
	body := func(name, key string) fields {
		return fields{"name": name, "kind": "organisation", "external_ids": []fields{{"system": "crm", "key": key, "url": "https://crm.example/" + key}}}
	}
	hidden := h.As("l6").Post("/stakeholders", with(body("Prospective buyer", "k-1"), "sensitivity", "restricted")).Want(201)
	seen := h.As("l6").Post("/stakeholders", body("Harbour Board", "k-2")).Want(201)
	own := h.As("l4").Post("/stakeholders", body("Quay Logistics", "k-3")).Want(201)
	l4 := h.As("l4")
	ways := []func(key string) *testkit.Reply{
		func(key string) *testkit.Reply { return l4.Post("/stakeholders", body("Somebody else", key)) },
		func(key string) *testkit.Reply {
			return l4.Post("/stakeholders?allow_duplicate=true", with(body("Somebody else", key), "duplicate_reason", "told apart"))
		},
		func(key string) *testkit.Reply {
			return l4.Post("/stakeholders?validate_only=true", body("Somebody else", key))
		},
		func(key string) *testkit.Reply {
			return l4.Patch("/stakeholders/"+own.ID(), fields{"external_ids": body("", key)["external_ids"]})
		},
	}
	for i, way := range ways {
		known, taken := way("k-2").Code(409, "duplicate"), way("k-1").Code(409, "duplicate")
		if known.Text("candidates.0.id") != seen.ID() || known.Text("detail") != taken.Text("detail") || known.Text("title") != taken.Text("title") {
			t.Errorf("way %d: one that is seen is named, in the same words: %s", i, known.Body)
		}
		if taken.Len("candidates") != 0 || taken.Value("override") != nil || taken.Value("errors") != nil {
			t.Errorf("way %d: no candidate, no override: %s", i, taken.Body)
		}
		for _, tell := range []string{hidden.ID(), hidden.Text("ref"), "Prospective", "crm.example"} {
			if strings.Contains(string(taken.Body), tell) {
				t.Errorf("way %d tells %s of the hidden one: %s", i, tell, taken.Body)
			}
		}
	}
	l4.Patch("/stakeholders/"+own.ID(), fields{"external_ids": body("", "k-4")["external_ids"]}).Want(200)
}

// The same request under the same key is answered once more and made once.
func TestIdempotencyKeyMakesOneRecord(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4").With("Idempotency-Key", "k-1")
	body := `{"name":"Harbour Board","kind":"organisation"}`
	first := l4.Post("/stakeholders", body).Want(201)
	entries := h.Entries()
	again := l4.Post("/stakeholders", body).Want(201)
	if again.ID() != first.ID() || again.Header.Get("Idempotent-Replayed") != "true" || h.Entries() != entries {
		t.Errorf("made twice: %s", again.Body)
	}
	l4.Post("/stakeholders", `{"name":"Another","kind":"organisation"}`).Code(422, "idempotency-key-reused")
}

// What is told about a restricted stakeholder is as restricted, in whatever noun
// it is told, and what was told before is lifted with it.
func TestWhatIsToldOfTheRestrictedIsRestricted(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	id := l6.Post("/stakeholders", `{"name":"Prospective buyer","kind":"organisation"}`).Want(201).ID()
	issue := l6.Post("/issues", `{"title":"Asks for silence","stakeholder_id":"`+id+`"}`).Want(201)
	l4.Get("/issues/" + issue.ID()).Want(200)

	l6.Patch("/stakeholders/"+id, `{"sensitivity":"restricted"}`).Want(200)
	l4.Get("/issues/"+issue.ID()).Code(404, "not-found")
	talk := l6.Post("/interactions", `{"channel":"call","direction":"inbound","occurred_at":"now-1h","summary":"About the price.","stakeholder_ids":["`+id+`"]}`).Want(201)
	if got := talk.Text("sensitivity"); got != "restricted" {
		t.Errorf("a talk with a restricted stakeholder is %s", got)
	}
	l4.Get("/interactions/"+talk.ID()).Code(404, "not-found")
	if n := l4.Get("/interactions?include_total=true").Want(200).Text("page.total"); n != "0" {
		t.Errorf("level 4 counts %s interactions, want 0", n)
	}
}

// Looking after keys and people gives nobody the level or the sight of others.
func TestAnAdminGainsNoLevel(t *testing.T) {
	h := testkit.Open(t)
	admin := h.As("admin")
	made := admin.Post("/api-keys", `{"name":"borrowed","scopes":["manager"],"user_id":"`+h.People["l7"]+`"}`).Code(403, "insufficient-level")
	if made.Text("required_level") != "7" {
		t.Errorf("not the level of the person: %s", made.Body)
	}
	admin.Post("/api-keys", `{"name":"own","scopes":["viewer"],"user_id":"`+h.People["none"]+`"}`).Want(201)
	admin.Post("/users/"+h.People["l5"]+"/handovers", `{"to_id":"`+h.People["admin"]+`","reason":"leaving"}`).Code(422, "validation-failed").Fault("#/to_id", "conflicts_with")
}

// What is not served is refused by method, and OPTIONS needs no key.
func TestMethodsThatAreNotServed(t *testing.T) {
	h := testkit.Open(t)
	if allow := h.As("l4").Do("PUT", "/stakeholders", nil).Code(405, "method-not-allowed").Header.Get("Allow"); allow == "" {
		t.Error("405 names no method that is allowed")
	}
	h.As("l4").Get("/nothing").Code(404, "not-found")
	h.As("").Get("/nothing").Code(401, "unauthenticated")
}
