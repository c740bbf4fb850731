package api_test

import (
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

// Fields that nobody declared are refused, inside custom_fields too.
func TestUndeclaredCustomFieldsAreRefused(t *testing.T) {
	h := testkit.Open(t)
	h.As("l4").Post("/stakeholders", `{"name":"Quay","kind":"group","custom_fields":{"region":"north"}}`).Code(422, "validation-failed").Fault("#/custom_fields/region", "unknown_field")
}
