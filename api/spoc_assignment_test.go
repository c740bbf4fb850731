package api_test

import (
	"context"
	"testing"
	"time"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/testkit"
)

// spocSubject is a stakeholder of a seniority, "" for none said; it answers the id.
func spocSubject(h *testkit.House, seniority string) string {
	h.T.Helper()
	s := h.Make(register.Stakeholders, nil)
	if seniority != "" {
		h.As("l7").Patch("/stakeholders/"+s.ID(), map[string]any{"seniority": seniority}).Want(200)
	}
	return s.ID()
}

// contact makes a person the active contact of a stakeholder; it answers the path.
func contact(h *testkit.House, stakeholder, handle string) string {
	h.T.Helper()
	made := h.As("l7").Post("/spoc-assignments", map[string]any{"stakeholder_id": stakeholder, "user_id": h.People[handle]}).Want(201)
	path := "/spoc-assignments/" + made.ID()
	h.As(handle).Move(path, "accept", map[string]any{"open_items_acknowledged": true}).Want(200)
	return path
}

var acknowledged = map[string]any{"open_items_acknowledged": true}

// The residents' contact changes: the new one is asked, accepts, and in the same
// moment the old one's assignment ends. There is no day without a contact and none
// with two.
func TestSpocHandsOverWithoutGapOrOverlap(t *testing.T) {
	h := testkit.Open(t)
	l5, stk := h.As("l5"), spocSubject(h, "")

	h.As("l4").Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l4"]}).Code(403, "insufficient-level")
	l5.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l4"], "deputy_id": h.People["l4"]}).
		Code(422, "validation-failed").Fault("#/deputy_id", "conflicts_with")
	l5.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["none"]}).Code(403, "insufficient-level")

	first := l5.Post("/stakeholders/"+stk+"/spoc-assignments", map[string]any{"user_id": h.People["l4"], "deputy_id": h.People["l4b"]}).Want(201)
	if first.Text("state") != "proposed" || first.Text("from_on") != "2026-11-22" {
		t.Fatalf("not as proposed: %s", first.Body)
	}
	one := "/spoc-assignments/" + first.Text("ref")
	l5.Move(one, "end", nil).Code(409, "invalid-transition")
	h.As("l4b").Move(one, "accept", acknowledged).Code(403, "insufficient-level") // it was not proposed to them
	h.As("l4").Move(one, "accept", map[string]any{"open_items_acknowledged": false}).Code(422, "validation-failed").Fault("#/fields/open_items_acknowledged", "required")
	got := h.As("l4").Move(one, "accept", acknowledged).Want(200)
	if got.Text("state") != "active" || got.Text("active_from") != "2026-11-22" || got.Text("version") != "2" {
		t.Errorf("accepting did not activate: %s", got.Body)
	}
	l5.Move(one, "end", nil).Code(409, "transition-blocked")
	if l5.Get(one+"/transitions").Want(200).Text("data.0.blockers.0.code") != "no_successor" {
		t.Error("the missing successor is not told beforehand")
	}
	l5.Delete(one).Code(409, "invalid-transition")

	second := l5.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l5b"]}).Want(201)
	two := "/spoc-assignments/" + second.ID()
	entries := h.Entries()
	h.As("l5b").Move(two, "accept", acknowledged).Want(200)
	if made := h.Entries() - entries; made != 2 {
		t.Errorf("one accepted and one ended make 2 entries, got %d", made)
	}
	old, fresh := l5.Get(one).Want(200), l5.Get(two).Want(200)
	if old.Text("state") != "ended" || fresh.Text("state") != "active" || old.Text("ended_on") != fresh.Text("active_from") {
		t.Errorf("a gap or an overlap:\n%s\n%s", old.Body, fresh.Body)
	}
	if got := l5.Get("/stakeholders/" + stk).Want(200); got.Text("spoc.name") != "Person l5b" || l5.Get("/stakeholders?spoc_id="+h.People["l5b"]).Want(200).Len("data") != 1 {
		t.Errorf("the stakeholder does not show its contact: %s", got.Body)
	}
	cause := l5.Get(one + "/changes?limit=1").Want(200).Text("data.0.cause_id")
	if cause != l5.Get(two+"/changes?limit=1").Want(200).Text("data.0.id") {
		t.Error("the predecessor's end does not point at the successor's acceptance")
	}
	if n := l5.Get("/spoc-assignments?state=active&stakeholder_id=" + stk).Want(200).Len("data"); n != 1 {
		t.Errorf("%d active contacts", n)
	}
}

// A successor from next month on waits as accepted, is let in by hand, or follows
// when the present contact ends.
func TestSpocSuccessorWaitsForItsDay(t *testing.T) {
	h := testkit.Open(t)
	l5, stk := h.As("l5"), spocSubject(h, "")
	one := contact(h, stk, "l4")
	later := func(handle string) string {
		made := l5.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People[handle], "from_on": "today+30d"}).Want(201)
		path := "/spoc-assignments/" + made.ID()
		if got := h.As(handle).Move(path, "accept", acknowledged).Want(200); got.Text("state") != "accepted" {
			t.Fatalf("it is not its day: %s", got.Body)
		}
		return path
	}
	two := later("l5b")
	if h.As("l5").Get(one).Text("state") != "active" {
		t.Error("the present contact ended before the day")
	}
	h.As("l4").Move(two, "activate", nil).Code(403, "insufficient-level")
	l5.Move(two, "activate", nil).Want(200)
	if l5.Get(one).Text("state") != "ended" {
		t.Error("two contacts at once")
	}
	three := later("l4b")
	l5.Move(two, "end", nil).Want(200)
	if l5.Get(two).Text("state") != "ended" || l5.Get(three).Text("state") != "active" {
		t.Error("no contact at all")
	}
}

// Who is asked may decline, who asked may think better of it, both with a reason.
func TestSpocDeclinedAndWithdrawn(t *testing.T) {
	h := testkit.Open(t)
	l5, stk := h.As("l5"), spocSubject(h, "")
	propose := func() string {
		return "/spoc-assignments/" + l5.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l4"]}).Want(201).ID()
	}
	one, two := propose(), propose()
	h.As("l4b").Move(one, "decline", map[string]any{"reason": "not mine"}).Code(403, "insufficient-level")
	h.As("l4").Move(one, "decline", nil).Code(422, "validation-failed").Fault("#/fields/reason", "required")
	h.As("l4").Move(one, "decline", map[string]any{"reason": "I know them too well."}).Want(200)
	h.As("l4").Move(two, "withdraw", map[string]any{"reason": "no"}).Code(403, "insufficient-level")
	l5.Move(two, "withdraw", map[string]any{"reason": "Somebody else will do it."}).Want(200)
	l5.Move(two, "activate", nil).Code(409, "invalid-transition")
}

// Between the proposal and the acceptance the person left, or lost the level.
func TestSpocWhoDoesNotFitAnyMore(t *testing.T) {
	h := testkit.Open(t)
	l5, l7, stk := h.As("l5"), h.As("l7"), spocSubject(h, "")
	made := l5.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l5b"], "from_on": "today+7d"}).Want(201)
	path := "/spoc-assignments/" + made.ID()
	person := "/users/" + h.People["l5b"]

	l7.Patch(person, map[string]any{"rlmt_level": nil}).Want(200)
	blocked(l7.Move(path, "accept", acknowledged), "level_too_low")
	l7.Patch(person, map[string]any{"rlmt_level": 5}).Want(200)
	h.As("l5b").Move(path, "accept", acknowledged).Want(200)
	l7.Patch(person, map[string]any{"rlmt_level": nil}).Want(200)
	blocked(l5.Move(path, "activate", nil), "level_too_low")
}

// Whatever the guards oversee, the database holds no second active contact.
func TestSpocIndexAllowsOneActive(t *testing.T) {
	h := testkit.Open(t)
	stk := spocSubject(h, "")
	contact(h, stk, "l4")
	made := h.As("l5").Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l5"]}).Want(201)
	ctx := authority.With(context.Background(), authority.Register())
	err := h.DB.Look().ORM(ctx).Exec("UPDATE spoc_assignments SET state = 'active' WHERE id = ?", made.ID()).Error
	if err == nil {
		t.Error("two active contacts of one stakeholder")
	}
}

// The contact of a senior stakeholder has level 6, of one of the most senior 7;
// proposing one, and being one, takes as much.
func TestSpocFitsTheSeniority(t *testing.T) {
	h := testkit.Open(t)
	for _, c := range []struct {
		seniority, below, fit, other string
		level                        string
	}{{"senior", "l5", "l6", "l5b", "6"}, {"most_senior", "l6", "l7b", "l6b", "7"}} {
		stk := spocSubject(h, c.seniority)
		propose := func(by, whom string) *testkit.Reply {
			return h.As(by).Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People[whom], "deputy_id": h.People["l4"]})
		}
		refused := propose("l7", c.below).Code(403, "insufficient-level")
		if refused.Text("required_level") != c.level || refused.Len("because") != 1 {
			t.Errorf("%s: the receiver's level is not told: %s", c.seniority, refused.Body)
		}
		if got := propose(c.below, c.fit).Code(403, "insufficient-level"); got.Text("required_level") != c.level {
			t.Errorf("%s: the proposer's level is not told: %s", c.seniority, got.Body)
		}
		made := propose("l7", c.fit).Want(201)
		path := "/spoc-assignments/" + made.ID()
		h.As(c.other).Move(path, "accept", acknowledged).Code(403, "insufficient-level")
		h.As(c.fit).Move(path, "accept", acknowledged).Want(200)
	}
}

// Somebody left before the assignment was taken on: it cannot be, by anybody.
func TestSpocWhoLeftIsNoContact(t *testing.T) {
	h := testkit.Open(t)
	l5, stk := h.As("l5"), spocSubject(h, "")
	made := l5.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l4b"], "from_on": "today+7d"}).Want(201)
	path := "/spoc-assignments/" + made.ID()
	h.Raw("UPDATE users SET state = 'disabled' WHERE handle = ?", []any{"l4b"})
	blocked(l5.Move(path, "accept", acknowledged), "person_disabled")
	h.Raw("UPDATE users SET state = 'active' WHERE handle = ?", []any{"l4b"})
	h.Clock.Forward(2 * time.Second)
	h.As("l5b").Move(path, "accept", acknowledged).Want(200)
	h.Raw("UPDATE users SET state = 'disabled' WHERE handle = ?", []any{"l4b"})
	blocked(l5.Move(path, "activate", nil), "person_disabled")
	l5.Move(path, "withdraw", map[string]any{"reason": "They left."}).Want(200)
	l5.Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l4b"]}).Code(422, "validation-failed").Fault("#/user_id", "conflicts_with")
}

// The relation ends, and its contact with it; nobody is proposed for it any more.
func TestSpocEndsWithTheRelation(t *testing.T) {
	h := testkit.Open(t)
	stk := spocSubject(h, "")
	path := contact(h, stk, "l4")
	h.As("l5").Move("/stakeholders/"+stk, "reject", map[string]any{"reason": "No stakeholder after all."}).Want(200)
	if got := h.As("l5").Get(path).Want(200); got.Text("state") != "ended" {
		t.Errorf("a contact without a relation: %s", got.Body)
	}
	h.As("l5").Post("/spoc-assignments", map[string]any{"stakeholder_id": stk, "user_id": h.People["l4"]}).Code(422, "validation-failed").Fault("#/stakeholder_id", "conflicts_with")
}

// The contact and the deputy see what is confidential about their stakeholder,
// from the day of the handover the new ones and no longer the old.
func TestSpocSeesTheStakeholder(t *testing.T) {
	h := testkit.Open(t)
	stk := spocSubject(h, "")
	contact(h, stk, "l4")
	h.As("l7").Patch("/stakeholders/"+stk, map[string]any{"sensitivity": "confidential"}).Want(200)
	h.As("l4").Get("/stakeholders/" + stk).Want(200)
	h.As("l4b").Get("/stakeholders/"+stk).Code(404, "not-found")
	contact(h, stk, "l4b")
	h.As("l4b").Get("/stakeholders/" + stk).Want(200)
	h.As("l4").Get("/stakeholders/"+stk).Code(404, "not-found")
}
