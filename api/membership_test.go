package api_test

import (
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// A stakeholder belongs to a group once at a time; the membership ends and another
// may begin.
func TestMembershipFromJoiningToLeaving(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	g, s := group(t, l4, "Neighbours of the harbour", ""), stakeholder(t, l4, "Riverside Residents", "group")

	made := l4.Post("/groups/"+g+"/memberships", map[string]any{"stakeholder_id": s, "role": "speaker"}).Want(201)
	if made.Text("from_on") != "2026-11-22" || made.Text("group.name") != "Neighbours of the harbour" || made.Text("to_on") != "" {
		t.Errorf("not as entered: %s", made.Body)
	}
	path := "/memberships/" + made.ID()
	l4.Post("/memberships", map[string]any{"group_id": g, "stakeholder_id": s}).Code(409, "duplicate")
	l4.Patch(path, `{"to_on":"2026-11-22"}`).Code(422, "validation-failed").Fault("#/to_on", "not_allowed_in_state")
	l4.Patch(path, map[string]any{"stakeholder_id": stakeholder(t, l4, "Harbour Board", "organisation")}).Code(422, "validation-failed").Fault("#/stakeholder_id", "immutable")
	l4.Patch(path, `{"from_on":"2026-11-10"}`).Want(200)

	end := func(day string) *testkit.Reply { return l4.Move(path, "end", map[string]any{"to_on": day}) }
	h.As("none").Move(path, "end", map[string]any{"to_on": "2026-11-20"}).Code(403, "insufficient-level")
	end("2026-11-09").Code(422, "validation-failed").Fault("#/fields/to_on", "invalid_order")
	end("2026-11-23").Code(422, "validation-failed").Fault("#/fields/to_on", "out_of_range")
	end("2026-11-20").Want(200)
	end("2026-11-20").Code(409, "invalid-transition")
	again := l4.Post("/memberships", map[string]any{"group_id": g, "stakeholder_id": s}).Want(201)
	if got := l4.Move("/memberships/"+again.ID(), "end", nil).Want(200); got.Text("to_on") != "2026-11-22" {
		t.Errorf("want it ended today: %s", got.Body)
	}
	if n := l4.Get("/memberships?stakeholder_id=" + s + "&sort=-created_at").Want(200).Len("data"); n != 2 {
		t.Errorf("want both memberships on record, got %d", n)
	}
}

// Two who enter the same membership at once make one.
func TestMembershipIsMadeOnceByTwoAtOnce(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l4 := h.As("l4")
	g, s := group(t, l4, "Neighbours of the harbour", ""), stakeholder(t, l4, "Riverside Residents", "group")
	made := make(chan int, 4)
	for range cap(made) {
		go func() { made <- l4.Post("/memberships", map[string]any{"group_id": g, "stakeholder_id": s}).Status }()
	}
	created := 0
	for range cap(made) {
		switch status := <-made; status {
		case 201:
			created++
		case 409:
		default:
			t.Errorf("want 201 or 409, got %d", status)
		}
	}
	if created != 1 {
		t.Errorf("made %d memberships, want 1", created)
	}
}

// Nobody joins a group that is out of use.
func TestNobodyJoinsAnArchivedGroup(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	g, s := group(t, l4, "Neighbours of the harbour", ""), stakeholder(t, l4, "Riverside Residents", "group")
	h.As("l5").Move("/groups/"+g, "archive", map[string]any{"reason": "over"}).Want(200)
	l4.Post("/memberships", map[string]any{"group_id": g, "stakeholder_id": s}).Code(422, "validation-failed").Fault("#/group_id", "conflicts_with")
}

// What is said of a restricted stakeholder in a group is as restricted, and stays so.
func TestMembershipIsAsSensitiveAsBothEnds(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	g := group(t, l6, "Neighbours of the harbour", "")
	s := idOf(enter(t, l6, "/stakeholders", map[string]any{"name": "Ana Pop", "kind": "individual", "lawful_basis": "contract", "sensitivity": "restricted"}))
	made := l6.Post("/memberships", map[string]any{"group_id": g, "stakeholder_id": s}).Want(201)
	if made.Text("sensitivity") != "restricted" {
		t.Errorf("want it restricted: %s", made.Body)
	}
	path := "/memberships/" + made.ID()
	if got := l6.Patch(path, `{"sensitivity":"public","note":"by hand"}`).Want(200); got.Text("sensitivity") != "restricted" {
		t.Errorf("lowered below its stakeholder: %s", got.Body)
	}
	l4.Get(path).Code(404, "not-found")
}

// today moves the clock to the middle of a day.
func today(h *testkit.House, day string) {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		h.T.Fatal(err)
	}
	h.Clock.Forward(at.Add(12 * time.Hour).Sub(h.Clock.Now()))
}

// names are the names of a list's records, in their order.
func names(r *testkit.Reply) string {
	items, _ := r.Value("data").([]any)
	list := make([]string, 0, len(items))
	for _, item := range items {
		name, _ := item.(map[string]any)["name"].(string)
		list = append(list, name)
	}
	return strings.Join(list, ", ")
}
