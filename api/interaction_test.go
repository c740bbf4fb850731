package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// call is what somebody writes down after a call with a stakeholder.
func call(party string) fields {
	return fields{
		"stakeholder_ids": []string{party}, "channel": "call", "direction": "inbound", "occurred_at": "now-2h",
		"summary": "Lorries at the quay from 23:00 on.", "sentiment": "negative",
		"discussion_points": []fields{{"topic": "Noise at night", "text": "Three nights in a row."}},
	}
}

// with is a body with one more member.
func with(body fields, name string, value any) fields {
	body[name] = value
	return body
}

// called logs a call of somebody with a stakeholder and answers its path.
func called(h *testkit.House, who, party string) string {
	h.T.Helper()
	return "/interactions/" + h.As(who).Post("/interactions", call(party)).Want(201).Text("ref")
}

// After a call, one request logs it and enters the step to take afterwards.
func TestInteractionLoggedWithItsFollowUpInOneRequest(t *testing.T) {
	h := testkit.Open(t)
	party := residents(h, "Riverside Residents")
	before := h.Entries()
	body := with(call(party), "follow_up", fields{"title": "Send the noise report", "due_on": "today+3d"})
	made := h.As("l4").With("Idempotency-Key", "call-1").Post("/interactions", body).Want(201)
	if made.Text("state") != "logged" || made.Text("formality") != "informal" || made.Text("sentiment_score") != "-1" || made.Text("is_late") != "false" || made.Text("logged_at") == "" {
		t.Errorf("not as logged: %s", made.Body)
	}
	if shown := h.As("l4").Get("/interactions/" + made.ID()).Want(200); made.Len("follow_up_ids") != 1 || shown.Text("follow_up_ids.0") != made.Text("follow_up_ids.0") ||
		h.As("l4").Get("/follow-ups/"+made.Text("follow_up_ids.0")).Want(200).Text("title") != "Send the noise report" {
		t.Errorf("the answer does not name the step: %s", made.Body)
	}
	again := h.As("l4").With("Idempotency-Key", "call-1").Post("/interactions", body).Want(201)
	if again.ID() != made.ID() || h.Entries() != before+2 {
		t.Errorf("one interaction and one follow-up make 2 entries, not %d", h.Entries()-before)
	}
	steps := h.As("l4").Get("/interactions/" + made.Text("ref") + "/follow-ups").Want(200)
	if steps.Len("data") != 1 || steps.Text("data.0.due_on") != "2026-11-25" || steps.Text("data.0.owner.name") != "Person l4" || steps.Text("data.0.stakeholder.ref") != party {
		t.Errorf("not the step that was asked for: %s", steps.Body)
	}
	if n := h.As("l4").Get("/interactions?stakeholder_ids.any=" + party + "&sentiment_score.lt=0&q=lorries").Want(200).Len("data"); n != 1 {
		t.Errorf("found %d by party, sentiment and word, want 1", n)
	}
}

// What the log needs is asked for at once; nothing is entered by halves.
func TestInteractionLacksAreToldAtOnce(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/interactions", `{"subject":"A call"}`).Want(422).Fault("#/stakeholder_ids", "required").Fault("#/channel", "required").
		Fault("#/direction", "required").Fault("#/occurred_at", "required").Fault("#/summary", "required")
	party := residents(h, "Riverside Residents")
	l4.Post("/interactions", with(call(party), "occurred_at", "now+1h")).Want(422).Fault("#/occurred_at", "not_historical")
	l4.Post("/interactions", with(call(party), "follow_up", fields{"title": "Write"})).Want(422).Fault("#/follow_up/due_on", "required")
	l4.Post("/interactions", with(call(party), "follow_up", fields{"title": "Write", "due_on": "today", "owner_id": "USR-999"})).
		Want(422).Fault("#/follow_up/owner_id", "reference_not_found")
	h.As("service").Post("/interactions", with(call(party), "follow_up", fields{"title": "Write", "due_on": "today"})).
		Want(422).Fault("#/follow_up/owner_id", "required")
	l4.Post("/interactions", with(call(party), "follow_ups", fields{})).Want(422).Fault("#/follow_ups", "unknown_field")
}

// A draft is written on until it is complete, and then logged: by its author, or
// by somebody of level 4.
func TestInteractionDraftedAndLogged(t *testing.T) {
	h := testkit.Open(t)
	none, l4 := h.As("none"), h.As("l4")
	party := residents(h, "Riverside Residents")
	made := none.Post("/interactions", `{"draft":true,"subject":"A call","channel":"call"}`).Want(201)
	path := "/interactions/" + made.Text("ref")
	if made.Text("state") != "drafted" || made.Text("logged_at") != "" || made.Value("draft") != nil {
		t.Errorf("no draft: %s", made.Body)
	}
	if got := blocked(none.Move(path, "log", nil), "incomplete"); got.Len("blockers") != 4 {
		t.Errorf("want four lacks: %s", got.Body)
	}
	l4.Patch(path, fields{"stakeholder_ids": []string{party}, "direction": "inbound", "occurred_at": "now-1h", "summary": "They called."}).Want(200)
	l4.Patch(path, `{"draft":true}`).Want(422).Fault("#/draft", "immutable")
	l4.Patch(path, `{"follow_up":{"title":"Write","due_on":"today"}}`).Want(422).Fault("#/follow_up", "not_allowed_in_state")
	second := "/interactions/" + none.Post("/interactions", with(call(party), "draft", true)).Want(201).Text("ref")
	l4.Move(second, "log", nil).Want(200)
	h.Clock.Forward(6 * 24 * time.Hour)
	if got := none.Move(path, "log", nil).Want(200); got.Text("state") != "logged" || got.Text("is_late") != "true" {
		t.Errorf("not logged, or not late: %s", got.Body)
	}
	h.As("service").Move(path, "log", nil).Code(403, "insufficient-scope")
}

// What was logged is amended only, by its author or one level up, with a reason;
// every version stays readable.
func TestInteractionLogIsAppendOnly(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party, board := residents(h, "Riverside Residents"), residents(h, "Harbour Board")
	path := called(h, "l4", party)
	l4.Patch(path, `{"summary":"Another story."}`).Want(422).Fault("#/summary", "not_allowed_in_state")
	l4.Patch(path, `{"tags_add":["quay"]}`).Want(200)
	l4.Move(path, "amend", fields{"summary": "Another story."}).Want(422).Fault("#/fields/reason", "required")
	l4.Move(path, "amend", fields{"summary": nil, "reason": "?"}).Want(422).Fault("#/fields/summary", "required")
	why := fields{"summary": "Lorries from 22:00 on.", "stakeholder_ids": []string{board}, "reason": "They corrected themselves."}
	refused := h.As("l4b").Move(path, "amend", why).Code(403, "insufficient-level")
	if refused.Text("required_level") != "5" {
		t.Errorf("somebody else needs level 5: %s", refused.Body)
	}
	if got := l4.Move(path, "amend", why).Want(200); got.Text("state") != "amended" || got.Text("version") != "3" {
		t.Errorf("not amended: %s", got.Body)
	}
	h.As("l5").Move(path, "amend", fields{"duration_minutes": 20, "reason": "The log of calls says so."}).Want(200)
	lines := l4.Get(path + "/changes").Want(200)
	if lines.Len("data") != 4 || lines.Text("data.1.reason") != "They corrected themselves." {
		t.Errorf("the history does not tell of each version: %s", lines.Body)
	}
	found := false
	diff, _ := lines.Value("data.1.diff").([]any)
	for _, d := range diff {
		found = found || d.(fields)["field"] == "summary" && d.(fields)["from"] == "Lorries at the quay from 23:00 on."
	}
	if !found {
		t.Errorf("what was said before is not to be read: %s", lines.Body)
	}
}

// From what was logged, follow-ups and issues are entered as records of their own.
func TestInteractionLeadsToFollowUpAndIssue(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party := residents(h, "Riverside Residents")
	path := called(h, "l4", party)
	h.As("none").Move(path, "require_follow_up", fields{"follow_up": fields{"title": "Write", "due_on": "today+1d"}}).Code(403, "insufficient-level")
	l4.Move(path, "require_follow_up", nil).Want(422).Fault("#/fields/follow_up", "required")
	entries := h.Entries()
	l4.Move(path, "require_follow_up", fields{"follow_up": fields{"title": "Write to them", "due_on": "today+1d", "owner_id": h.People["l5"]}}).Want(200)
	steps := l4.Get(path + "/follow-ups").Want(200)
	if steps.Text("data.0.owner.name") != "Person l5" || h.Entries() != entries+2 {
		t.Errorf("not the step that was asked for, or not 2 entries: %s", steps.Body)
	}

	l4.Move(path, "raise_issue", fields{"issue": fields{}}).Want(422).Fault("#/fields/issue/title", "required")
	l4.Move(path, "raise_issue", fields{"issue": fields{"discussion_point": 1}}).Want(422).Fault("#/fields/issue/discussion_point", "out_of_range")
	l4.Move(path, "raise_issue", fields{"issue": fields{"discussion_point": 0, "severity": "high"}}).Want(200)
	raised := l4.Get("/issues?interaction_id=" + l4.Get(path).ID()).Want(200)
	if raised.Len("data") != 1 || raised.Text("data.0.title") != "Noise at night" || raised.Text("data.0.description") != "Three nights in a row." ||
		raised.Text("data.0.stakeholder.ref") != party || raised.Text("data.0.severity") != "high" || raised.Text("data.0.channel") != "call" {
		t.Errorf("not the issue that came up: %s", raised.Body)
	}
	l4.Move(path, "raise_issue", fields{"issue": fields{"title": "Nobody picks up the telephone"}}).Want(200)
}

// An interaction names the steps that follow from it, however they came about, and
// names them without a version of its own.
func TestInteractionNamesItsFollowUps(t *testing.T) {
	h := testkit.Open(t)
	l4, party := h.As("l4"), residents(h, "Riverside Residents")
	path, other := called(h, "l4", party), called(h, "l4", party)
	named := func(path string, want ...string) {
		t.Helper()
		got := l4.Get(path).Want(200)
		if ids := texts(got.Value("follow_up_ids")); !slices.Equal(ids, want) {
			t.Errorf("%s names %v, want %v", path, ids, want)
		}
	}
	named(path)
	moved := l4.Move(path, "require_follow_up", fields{"follow_up": fields{"title": "Write to them", "due_on": "today+1d"}}).Want(200)
	first := moved.Text("follow_up_ids.0")
	if moved.Text("version") != "2" || l4.Get("/follow-ups/"+first).Want(200).Text("title") != "Write to them" {
		t.Errorf("the answer does not name the step: %s", moved.Body)
	}
	second := l4.Post(path+"/follow-ups", fields{"title": "Call them", "due_on": "today+2d"}).Want(201).ID()
	named(path, first, second)
	l4.Patch("/follow-ups/"+second, fields{"interaction_id": l4.Get(other).ID()}).Want(200)
	named(path, first)
	named(other, second)
	h.As("l5").Delete("/follow-ups/" + first).Want(204)
	named(path)
	h.As("l5").Post("/follow-ups/"+first+"/restore", nil).Want(200)
	named(path, first)
	if got := l4.Get(path).Text("version"); got != "2" {
		t.Errorf("what follows is no change of the contact, which is at version %s", got)
	}
}

// Nobody is sought out in a way that they refused; what happened before, or came
// from them, is logged all the same.
func TestInteractionSeeksNobodyAgainstTheirWill(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	channels := []fields{{"channel": "phone", "address": "+40 21 555 0100", "consent": "withdrawn", "consent_on": "2026-11-21"}, {"channel": "email", "address": "board@harbour.example"}}
	party := l4.Post("/stakeholders", fields{"name": "Harbour Board", "kind": "group", "channels": channels}).Want(201).Text("ref")
	outbound := func(channel, at string) fields {
		return with(with(with(call(party), "direction", "outbound"), "channel", channel), "occurred_at", at)
	}
	l4.Post("/interactions", outbound("call", "now-1h")).Want(422).Fault("#/stakeholder_ids/0", "conflicts_with")
	l4.Post("/interactions", outbound("email", "now-1h")).Want(201)
	l4.Post("/interactions", outbound("call", "2026-11-20T10:00:00Z")).Want(201)
	l4.Post("/interactions", call(party)).Want(201)
	path := "/interactions/" + l4.Post("/interactions", with(outbound("call", "now-1h"), "draft", true)).Want(201).Text("ref")
	if got := blocked(l4.Move(path, "log", nil), "contact_not_permitted"); got.Text("blockers.0.resource.ref") != party {
		t.Errorf("the blocker does not say who: %s", got.Body)
	}
	l4.Patch(path, `{"channel":"video"}`).Want(200)
	l4.Move(path, "log", nil).Want(200)
}

// The last contact with a stakeholder follows the log: a new line, an amendment,
// a removal; a draft is no contact.
func TestInteractionMovesTheLastContact(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party, board := residents(h, "Riverside Residents"), residents(h, "Harbour Board")
	last := func(ref, want string) {
		t.Helper()
		if got := l4.Get("/stakeholders/" + ref).Text("last_contact_at"); got != want {
			t.Errorf("last contact with %s at %q, want %q", ref, got, want)
		}
	}
	version := l4.Get("/stakeholders/" + party).Text("version")
	l4.Post("/interactions", with(call(party), "draft", true)).Want(201)
	last(party, "")
	first := "/interactions/" + l4.Post("/interactions", with(call(party), "occurred_at", "2026-11-20T10:00:00Z")).Want(201).Text("ref")
	last(party, "2026-11-20T10:00:00.000Z")
	second := called(h, "l4", party)
	last(party, "2026-11-22T07:00:00.000Z")
	l4.Move(second, "amend", fields{"stakeholder_ids": []string{board}, "reason": "It was the board that called."}).Want(200)
	last(party, "2026-11-20T10:00:00.000Z")
	last(board, "2026-11-22T07:00:00.000Z")
	h.As("l5").Delete(first).Want(204)
	last(party, "")
	if now := l4.Get("/stakeholders/" + party).Text("version"); now != version {
		t.Errorf("a contact is no change of the stakeholder: version %s, was %s", now, version)
	}
}

// A sensitive interaction is gone for those who may not see it, with its past and
// its follow-ups; its author and the people on it keep it.
func TestSensitiveInteractionIsAbsent(t *testing.T) {
	h := testkit.Open(t)
	l4, other := h.As("l4"), h.As("l4b")
	party := residents(h, "Riverside Residents")
	body := with(call(party), "follow_up", fields{"title": "Write to them", "due_on": "today", "owner_id": h.People["l6"]})
	path := "/interactions/" + l4.Post("/interactions", body).Want(201).Text("ref")
	step := "/follow-ups/" + l4.Get(path+"/follow-ups").Text("data.0.ref")
	l4.Move(path, "mark_sensitive", nil).Want(422).Fault("#/fields/reason", "required")
	entries := h.Entries()
	if got := l4.Move(path, "mark_sensitive", fields{"reason": "They named a person."}).Want(200); got.Text("sensitivity") != "confidential" {
		t.Errorf("not confidential: %s", got.Body)
	}
	if h.Entries() != entries+2 {
		t.Errorf("the interaction and its follow-up make 2 entries, not %d", h.Entries()-entries)
	}
	other.Get(path).Code(404, "not-found")
	other.Get(step).Code(404, "not-found")
	other.Get(path+"/changes").Code(404, "not-found")
	if n := other.Get("/interactions").Want(200).Len("data"); n != 0 {
		t.Errorf("it is in the list of whoever may not see it")
	}
	l4.Get(path).Want(200)
	h.As("l6").Get(step).Want(200)
	l4.Move(path, "lift_sensitivity", fields{"reason": "They said it in public."}).Code(403, "insufficient-level")
	h.As("l5").Move(path, "lift_sensitivity", fields{"reason": "They said it in public."}).Want(200)
	other.Get(path).Want(200)
}

// Machines file contacts too; each channel has its formality.
func TestInteractionIntakeAndFormality(t *testing.T) {
	h := testkit.Open(t)
	party := residents(h, "Riverside Residents")
	for channel, want := range map[string]string{"letter": "formal", "portal": "formal", "video": "informal"} {
		made := h.As("service").Post("/interactions", with(call(party), "channel", channel)).Want(201)
		if got := made.Text("formality"); got != want {
			t.Errorf("%s is %s, want %s", channel, got, want)
		}
		h.As("service").Patch("/interactions/"+made.ID(), `{"summary":"Another story."}`).Code(403, "insufficient-level")
	}
}

// The contacts with one stakeholder come in the order of time, page by page, forwards
// and back, drafts without a time last; what is moved in time or to others moves in
// the list, and what is hidden or removed is not in it.
func TestContactsWithOneStakeholderInTheirOrder(t *testing.T) {
	h := testkit.Open(t)
	l4, l7 := h.As("l4"), h.As("l7")
	board, residents := stakeholder(t, l4, "Harbour Board", "organisation"), stakeholder(t, l4, "Riverside Residents", "group")
	log := func(c *testkit.Client, summary, at string, more map[string]any) string {
		body := map[string]any{"stakeholder_ids": []any{board}, "channel": "call", "direction": "inbound", "occurred_at": at, "summary": summary}
		for name, value := range more {
			body[name] = value
		}
		return "/interactions/" + c.Post("/interactions", body).Want(201).ID()
	}
	log(l4, "b", "2026-11-02T08:00:00Z", nil)
	log(l4, "a", "2026-11-01T08:00:00Z", map[string]any{"stakeholder_ids": []any{board, residents}})
	log(l4, "c", "2026-11-03T08:00:00Z", nil)
	gone := log(l4, "gone", "2026-11-03T09:00:00Z", nil)
	log(l7, "hidden", "2026-11-03T10:00:00Z", map[string]any{"sensitivity": "restricted"})
	log(l4, "other", "2026-11-03T11:00:00Z", map[string]any{"stakeholder_ids": []any{residents}})
	l4.Post("/interactions", map[string]any{"stakeholder_ids": []any{board}, "draft": true, "summary": "draft"}).Want(201)
	h.As("l5").Delete(gone).Want(204)

	order := func(c *testkit.Client, query string) (out string) {
		t.Helper()
		path := "/interactions?limit=2&" + query
		var back []string
		for at := path; at != ""; {
			page := c.Get(at).Want(200)
			for i := range page.Len("data") {
				out += page.Text(fmt.Sprintf("data.%d.summary", i)) + " "
			}
			at = ""
			if next := page.Text("page.next_cursor"); next != "" {
				at = path + "&cursor=" + next
			}
			if prev := page.Text("page.prev_cursor"); prev != "" {
				back = append(back, path+"&cursor="+prev)
			}
		}
		for _, at := range back {
			if c.Get(at).Want(200).Len("data") == 0 {
				t.Errorf("nothing before a later page: %s", at)
			}
		}
		return strings.TrimSpace(out)
	}
	for query, want := range map[string]string{
		"stakeholder_ids=" + board:                                         "c b a draft",
		"sort=occurred_at&stakeholder_ids=" + board:                        "a b c draft",
		"sort=occurred_at&stakeholder_ids.any=" + board + "&state=logged":  "a b c",
		"stakeholder_ids=" + residents:                                     "other a",
		"stakeholder_ids.any=" + board + "," + residents:                   "other c b a draft",
		"stakeholder_ids.all=" + board + "," + residents:                   "a",
		"stakeholder_ids=" + board + "&occurred_at.gte=2026-11-02":         "c b",
		"sort=created_at&stakeholder_ids=" + board + "&state=logged":       "b a c",
		"sort=occurred_at&stakeholder_ids.none=" + board + "&state=logged": "other",
	} {
		if got := order(l4, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if got := order(l7, "stakeholder_ids="+board); got != "hidden c b a draft" {
		t.Errorf("who sees all: %s", got)
	}
	moved := log(l4, "m", "2026-11-02T12:00:00Z", map[string]any{"draft": true})
	for _, step := range []struct {
		change any
		want   string
	}{
		{`{"summary":"m","sentiment":"negative"}`, "c m b a draft | other a"},
		{`{"occurred_at":"2026-11-01T06:00:00Z"}`, "c b a m draft | other a"},
		{map[string]any{"stakeholder_ids": []any{residents}}, "c b a draft | other a m"},
		{`{"occurred_at":null}`, "c b a draft | other a m"},
		{map[string]any{"stakeholder_ids": []any{residents, board}, "occurred_at": "2026-11-03T08:30:00Z"}, "m c b a draft | other m a"},
	} {
		l4.Patch(moved, step.change).Want(200)
		if got := order(l4, "stakeholder_ids="+board) + " | " + order(l4, "stakeholder_ids="+residents); got != step.want {
			t.Errorf("after %v: %s, want %s", step.change, got, step.want)
		}
	}
	h.As("l5").Post(gone+"/restore", nil).Want(200)
	if got := order(l4, "stakeholder_ids="+board); got != "gone m c b a draft" {
		t.Errorf("restored: %s", got)
	}
}
