package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// grounds is one reason for which the residents are stakeholders.
func grounds(subject string) []any {
	return []any{map[string]any{"basis": "perceives_affected", "subject_type": "activity", "subject": subject}}
}

// active takes a stakeholder of a seniority from entry to the active state, with
// person l7b as its contact, and answers its path.
func active(h *testkit.House, name, seniority string) string {
	h.T.Helper()
	l7 := h.As("l7")
	made := l7.Post("/stakeholders", map[string]any{"name": name, "kind": "group", "seniority": seniority, "basis": grounds("Unloading at night"), "owner_id": "me"}).Want(201)
	l7.Post("/stakeholders/"+made.ID()+"/assessments", map[string]any{"power": 3, "interest": 5}).Want(201)
	contact(h, made.ID(), "l7b")
	path := "/stakeholders/" + made.ID()
	l7.Move(path, "qualify", nil).Want(200)
	return path
}

// A stakeholder is entered as a prospect, taken up once there are a basis, an
// owner, an assessment and a contact, rests, wakes, and is archived with nothing
// open; whoever was the contact is so no longer.
func TestStakeholderFromProspectToArchive(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	made := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group","roles":["community"],"identified_via":"interview"}`).Want(201)
	if made.Text("state") != "prospect" || made.Text("identified_by.name") != "Person l4" || made.Text("identified_via") != "interview" {
		t.Fatalf("not as entered: %s", made.Body)
	}
	path := "/stakeholders/" + made.Text("ref")

	l4.Move(path, "qualify", nil).Code(403, "insufficient-level")
	l5.Move(path, "qualify", nil).Code(422, "validation-failed").Fault("#/fields/basis", "required").Fault("#/fields/owner_id", "required")
	l4.Patch(path, map[string]any{"basis": grounds("Unloading at night"), "owner_id": "me"}).Want(200)
	blocked := l5.Move(path, "qualify", nil).Code(409, "transition-blocked")
	if got := codes(blocked); !slices.Equal(got, []string{"no_contact", "not_assessed"}) {
		t.Fatalf("qualify is blocked by %v", got)
	}
	l4.Post(path+"/assessments", `{"power":2,"interest":5}`).Want(201)
	spoc := contact(h, made.ID(), "l4")
	qualified := l5.Move(path, "qualify", nil).Want(200)
	if qualified.Text("state") != "active" || qualified.Text("owner.name") != "Person l4" {
		t.Errorf("not taken up: %s", qualified.Body)
	}
	l5.Move(path, "qualify", nil).Code(409, "invalid-transition")

	h.Clock.Forward(time.Hour)
	l4.Move(path, "go_dormant", map[string]any{"reason": "quiet"}).Code(403, "insufficient-level")
	l5.Move(path, "go_dormant", nil).Code(422, "validation-failed").Fault("#/fields/reason", "required")
	rested := l5.Move(path, "go_dormant", map[string]any{"reason": "No unloading in winter."}).Want(200)
	if rested.Text("rested_at") != "2026-11-22T10:00:00.000Z" || rested.Text("state") != "dormant" {
		t.Errorf("not at rest: %s", rested.Body)
	}
	entries := h.Entries()
	archived := l5.Move(path, "archive", nil).Want(200)
	if archived.Text("state") != "archived" || archived.Text("verify_due_on") != "" {
		t.Errorf("not archived: %s", archived.Body)
	}
	if got := l4.Get(spoc).Want(200).Text("state"); got != "ended" {
		t.Errorf("the contact of an archived stakeholder is %s", got)
	}
	if got := h.Entries() - entries; got != 2 {
		t.Errorf("archiving made %d entries, want that of the stakeholder and that of the contact", got)
	}
	l4.Patch(path, `{"notes":"late"}`).Code(422, "validation-failed").Fault("#/notes", "not_allowed_in_state")
}

// codes are the codes of a refusal's blockers, in order.
func codes(r *testkit.Reply) (out []string) {
	list, _ := r.Value("blockers").([]any)
	for _, b := range list {
		out = append(out, b.(map[string]any)["code"].(string))
	}
	slices.Sort(out)
	return out
}

// A contact whose level the stakeholder's seniority has outgrown does not carry it.
func TestContactMustFitTheSeniority(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	made := l7.Post("/stakeholders", map[string]any{"name": "Harbour Board", "kind": "organisation", "basis": grounds("Quay hours"), "owner_id": "me"}).Want(201)
	path := "/stakeholders/" + made.ID()
	l7.Post(path+"/assessments", `{"power":5,"interest":4}`).Want(201)
	spoc := contact(h, made.ID(), "l5")
	l7.Patch(path, `{"seniority":"most_senior"}`).Want(200)
	blocked := l7.Move(path, "qualify", nil).Code(409, "transition-blocked")
	if blocked.Text("blockers.0.code") != "no_contact" || !strings.HasSuffix(blocked.Text("blockers.0.resource.url"), spoc) {
		t.Errorf("the unfit contact is not pointed at: %s", blocked.Body)
	}
	l7.Patch(path, `{"seniority":"operational"}`).Want(200)
	l7.Move(path, "qualify", nil).Want(200)
}

// A prospect that is no stakeholder is rejected with the reason.
func TestProspectIsRejected(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := "/stakeholders/" + stakeholder(t, l4, "Circus Bellini", "organisation")
	h.As("none").Move(path, "reject", map[string]any{"reason": "gone"}).Code(403, "insufficient-level")
	l4.Move(path, "reject", nil).Code(422, "validation-failed").Fault("#/fields/reason", "required")
	got := l4.Move(path, "reject", map[string]any{"reason": "They have left the town."}).Want(200)
	if got.Text("state") != "archived" || got.Text("rested_at") == "" {
		t.Errorf("not rejected: %s", got.Body)
	}
}

// What is taken up again needs something new: a contact since, or a new reason.
// From the archive it takes a level more.
func TestRestingStakeholderWakesOnSomethingNew(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	path := active(h, "Riverside Residents", "operational")
	l5.Move(path, "go_dormant", map[string]any{"reason": "quiet"}).Want(200)
	blocked := l4.Move(path, "reactivate", nil).Code(409, "transition-blocked")
	if got := codes(blocked); !slices.Equal(got, []string{"nothing_new"}) {
		t.Errorf("reactivate is blocked by %v", got)
	}
	same := append(grounds("Unloading at night"), grounds("Unloading at night")...)
	l4.Move(path, "reactivate", map[string]any{"basis": same}).Code(409, "transition-blocked")

	h.Clock.Forward(24 * time.Hour)
	l4.Post("/interactions", map[string]any{
		"stakeholder_ids": []any{idOf(path)}, "channel": "call", "direction": "inbound",
		"occurred_at": "2026-11-23T08:30:00Z", "summary": "The noise is back.",
	}).Want(201)
	woken := l4.Move(path, "reactivate", nil).Want(200)
	if woken.Text("state") != "active" || woken.Text("last_contact_at") != "2026-11-23T08:30:00.000Z" {
		t.Errorf("not woken: %s", woken.Body)
	}

	l5.Move(path, "archive", nil).Want(200)
	fresh := append(grounds("Unloading at night"), grounds("The new crane")...)
	refused := l4.Move(path, "reactivate", map[string]any{"basis": fresh}).Code(403, "insufficient-level")
	if refused.Text("required_level") != "5" || refused.Text("because.0") != "the stakeholder is archived" {
		t.Errorf("not told why: %s", refused.Body)
	}
	l5.Move(path, "reactivate", nil).Code(409, "transition-blocked")
	if got := l5.Move(path, "reactivate", map[string]any{"basis": fresh}).Want(200); got.Len("basis") != 2 || got.Text("state") != "active" {
		t.Errorf("not taken up for the new reason: %s", got.Body)
	}
}

// A relation is not ended while something is open in it, nor below the level that
// the seniority asks for.
func TestArchiveWaitsForWhatIsOpen(t *testing.T) {
	h := testkit.Open(t)
	l5, l6, l7 := h.As("l5"), h.As("l6"), h.As("l7")
	path := active(h, "Riverside Residents", "operational")
	issue := h.As("l4").Post("/issues", map[string]any{"title": "Noise at night", "stakeholder_id": idOf(path)}).Want(201)
	blocked := l5.Move(path, "archive", nil).Code(409, "transition-blocked")
	if codes(blocked)[0] != "still_open" || blocked.Text("blockers.0.resource.ref") != issue.Text("ref") || blocked.Text("blockers.0.resource.url") != issue.Text("url") {
		t.Errorf("the open issue is not pointed at: %s", blocked.Body)
	}
	h.As("l6").Patch("/issues/"+issue.ID(), `{"sensitivity":"restricted"}`).Want(200)
	if hidden := l5.Move(path, "archive", nil).Code(409, "transition-blocked"); hidden.Value("blockers.0.resource") != nil || !strings.HasSuffix(hidden.Text("blockers.0.detail"), "It is hidden from you: ask somebody of level 6.") {
		t.Errorf("an issue that the caller may not see is named, or nobody to ask: %s", hidden.Body)
	}

	senior := active(h, "Harbour Board", "senior")
	if got := l5.Move(senior, "archive", nil).Code(403, "insufficient-level"); got.Text("required_level") != "6" {
		t.Errorf("archiving somebody senior takes %s", got.Text("required_level"))
	}
	l6.Move(senior, "archive", nil).Want(200)
	top := active(h, "Ministry of Ports", "most_senior")
	if got := l6.Move(top, "archive", nil).Code(403, "insufficient-level"); got.Text("required_level") != "7" {
		t.Errorf("archiving one of the most senior takes %s", got.Text("required_level"))
	}
	l7.Move(top, "archive", nil).Want(200)
}

// The details are verified today or on a day named, and due again a cadence later.
func TestVerificationMovesTheNextOne(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := "/stakeholders/" + stakeholder(t, l4, "Harbour Board", "organisation")
	due := func(want string) {
		t.Helper()
		if got := l4.Get(path).Want(200).Text("verify_due_on"); got != want {
			t.Errorf("due on %s, want %s", got, want)
		}
	}
	due("2027-11-22")
	l4.Patch(path, `{"verify_every_days":30}`).Want(200)
	due("2026-12-22")
	l4.Patch(path, `{"verified_on":"2026-11-22"}`).Code(422, "validation-failed").Fault("#/verified_on", "not_allowed_in_state")
	l4.Move(path, "verify", map[string]any{"verified_on": "2026-11-23"}).Code(422, "validation-failed").Fault("#/fields/verified_on", "out_of_range")
	h.As("none").Move(path, "verify", nil).Code(403, "insufficient-level")
	got := l4.Move(path, "verify", map[string]any{"verified_on": "2026-11-20"}).Want(200)
	if got.Text("state") != "prospect" || got.Text("verified_on") != "2026-11-20" {
		t.Errorf("not verified: %s", got.Body)
	}
	due("2026-12-20")
	h.Clock.Forward(48 * time.Hour)
	l4.Move(path, "verify", nil).Want(200) // no day means today, not the last time
	due("2026-12-24")
	if n := l4.Get("/stakeholders?verify_due_on.lte=2026-12-31").Want(200).Len("data"); n != 1 {
		t.Errorf("%d are due by the end of the year, want 1", n)
	}
	active := active(h, "Riverside Residents", "operational")
	l4.Move(active, "verify", nil).Want(200)
	h.As("l5").Move(active, "go_dormant", map[string]any{"reason": "quiet"}).Want(200)
	if got := l4.Move(active, "verify", nil).Want(200); got.Text("state") != "dormant" {
		t.Errorf("verifying woke the stakeholder: %s", got.Body)
	}
}

// Persons are kept on a lawful ground, addresses in one form, and lists find
// stakeholders by their reasons, roles and addresses.
func TestStakeholderFieldsAreHeldAgainstTheirRules(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/stakeholders", `{"name":"Ana Pop","kind":"individual"}`).Code(422, "validation-failed").Fault("#/lawful_basis", "required")
	bad := l4.Post("/stakeholders", `{"name":"Ana Pop","kind":"individual","lawful_basis":"consent","country":"Holland","language":"dutch!","website":"riverside",
		"roles":["customer","neighbour"],"basis":[{"basis":"affects"}],"channels":[{"channel":"email","address":"ana at home"},{"channel":"phone","address":"+31 1"},{"channel":"phone","address":"call me"}]}`)
	for at, code := range map[string]string{
		"#/roles/1": "not_in_enum", "#/country": "invalid_format", "#/language": "invalid_format", "#/website": "invalid_format",
		"#/basis/0/subject": "required", "#/basis/0/subject_type": "required",
		"#/channels/0/address": "invalid_format", "#/channels/1/address": "invalid_format", "#/channels/2/address": "invalid_format",
	} {
		bad.Code(422, "validation-failed").Fault(at, code)
	}
	made := l4.Post("/stakeholders", `{"name":"Ana Pop","kind":"individual","lawful_basis":"consent","country":"NL","language":"nl-NL","roles":["community","customer"],
		"basis":[{"basis":"perceives_affected","subject_type":"activity","subject":"Unloading at night"},{"basis":"affected","subject_type":"service","subject":"The ferry"}],
		"channels":[{"channel":"email","address":"Ana.Pop@Example.org","preferred":true,"consent":"granted","consent_on":"2026-10-01","lawful_basis":"consent"},
		{"channel":"phone","address":"+31 (0)20 624 1111"},{"channel":"phone","address":"020 624 1111"}]}`).Want(201)
	if made.Text("channels.1.address") != "+31206241111" || made.Text("channels.2.address") != "020 624 1111" || made.Value("channels.1.consent_on") != nil {
		t.Errorf("the numbers are not as they should be kept: %s", made.Body)
	}
	stakeholder(t, l4, "Harbour Board", "organisation")
	for _, found := range []string{
		"basis=perceives_affected", "basis.any=perceives_affected,affects", "basis.all=affected,perceives_affected", "channels.any=ana.pop@example.org",
		"channels=%2B31206241111", "roles=customer", "q=ana.pop@example.org", "q=ferry", "language=nl-nl", "country=nl", "seniority=operational&kind=individual",
	} {
		if got := l4.Get("/stakeholders?" + found).Want(200); got.Len("data") != 1 || got.Text("data.0.id") != made.ID() {
			t.Errorf("%s finds %d", found, got.Len("data"))
		}
	}
	l4.Patch("/stakeholders/"+made.ID(), `{"lawful_basis":null}`).Code(422, "validation-failed").Fault("#/lawful_basis", "required")
}

// One who is probably there already is named, to those who may see them.
func TestStakeholderEnteredTwiceIsFoundOut(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	first := l4.Post("/stakeholders", `{"name":"École du Port","kind":"organisation","channels":[{"channel":"email","address":"info@ecole.example.org"}]}`).Want(201)
	byName := l4.Post("/stakeholders", `{"name":"ecole du port","kind":"organisation"}`).Code(409, "duplicate")
	if byName.Text("candidates.0.ref") != first.Text("ref") || byName.Text("candidates.0.matched_on.0") != "name" {
		t.Errorf("not found by name: %s", byName.Body)
	}
	byMail := `{"name":"Harbour School","kind":"organisation","channels":[{"channel":"email","address":"INFO@ecole.example.org"}]`
	if got := l4.Post("/stakeholders", byMail+`}`).Code(409, "duplicate"); got.Text("candidates.0.matched_on.0") != "email" {
		t.Errorf("not found by e-mail: %s", got.Body)
	}
	l4.Post("/stakeholders?allow_duplicate=true", byMail+`}`).Code(422, "validation-failed").Fault("#/duplicate_reason", "required")
	l4.Post("/stakeholders?allow_duplicate=true", byMail+`,"duplicate_reason":"The school for adults."}`).Want(201)

	l6.Post("/stakeholders", `{"name":"Secret Bidder","kind":"organisation","sensitivity":"restricted"}`).Want(201)
	l4.Post("/stakeholders", `{"name":"Secret Bidder","kind":"organisation"}`).Want(201)
}
