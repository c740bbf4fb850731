package api_test

import (
	"fmt"
	"strings"
	"testing"

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
	s := hiddenPerson(t, l6, "Ana Pop")
	made := l6.Post("/memberships", map[string]any{"group_id": g, "stakeholder_id": s}).Want(201)
	if made.Text("sensitivity") != "restricted" {
		t.Errorf("want it restricted: %s", made.Body)
	}
	path := "/memberships/" + made.ID()
	l6.Patch(path, `{"sensitivity":"public","note":"by hand"}`).Code(422, "validation-failed").Fault("#/sensitivity", "conflicts_with")
	l4.Get(path).Code(404, "not-found")
}

// What was said of a stakeholder becomes as restricted as the stakeholder, each
// record with an entry of its own; nothing becomes less so by itself.
func TestSensitivitySpreadsToWhatIsSaid(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	g, s, board := group(t, l4, "Neighbours of the harbour", ""), stakeholder(t, l4, "Riverside Residents", "group"), stakeholder(t, l4, "Harbour Board", "organisation")
	member := join(t, l4, g, s, "2026-01-01")
	opposes, funds := relate(t, l4, s, "opposes", board, nil), relate(t, l4, board, "funds", s, nil)
	l5.Delete(funds).Want(204)
	l6.Patch("/stakeholders/"+s, `{"sensitivity":"confidential"}`).Want(200)
	for _, path := range []string{member, opposes} {
		got := l6.Get(path).Want(200)
		if got.Text("sensitivity") != "confidential" || got.Text("version") != "2" || got.Text("updated_by.type") != "system" {
			t.Errorf("not lifted: %s", got.Body)
		}
		l4.Get(path).Code(404, "not-found")
	}
	if got := l6.Post(funds+"/restore", nil).Want(200); got.Text("sensitivity") != "confidential" {
		t.Errorf("restored below its end: %s", got.Body)
	}
	l6.Patch("/stakeholders/"+s, `{"sensitivity":"internal"}`).Want(200)
	if got := l6.Get(member).Want(200).Text("sensitivity"); got != "confidential" {
		t.Errorf("lowered by itself to %s", got)
	}
	l6.Patch("/groups/"+g, `{"sensitivity":"restricted"}`).Want(200)
	if got := l6.Get(member).Want(200).Text("sensitivity"); got != "restricted" {
		t.Errorf("not lifted with its group: %s", got)
	}
}

// join enters a membership and answers its path.
func join(t *testing.T, c *testkit.Client, group, stakeholder, from string) string {
	t.Helper()
	return enter(t, c, "/memberships", map[string]any{"group_id": group, "stakeholder_id": stakeholder, "from_on": from})
}

// The members of a group are those of the day that is asked about, its subgroups'
// among them unless the caller wants the group alone.
func TestMembersOfAGroupOnADay(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	harbour := group(t, l4, "Neighbours of the harbour", "")
	quay := group(t, l4, "Along the quay", harbour)
	stairs := group(t, l4, "By the stairs", quay)
	ana, residents, board := stakeholder(t, l4, "Ana Pop", "individual"), stakeholder(t, l4, "Riverside Residents", "group"), stakeholder(t, l4, "Harbour Board", "organisation")
	left := join(t, l4, harbour, ana, "2026-03-01")
	join(t, l4, quay, residents, "2026-06-01")
	join(t, l4, stairs, board, "2026-09-01")
	join(t, l4, harbour, residents, "2026-10-01")
	l4.Move(left, "end", map[string]any{"to_on": "2026-08-31"}).Want(200)

	members := func(query, want string) {
		t.Helper()
		if got := names(l4.Get("/groups/" + harbour + "/members?sort=name&" + query).Want(200)); got != want {
			t.Errorf("%s: want %s; got %s", query, want, got)
		}
	}
	members("as_of=2026-02-28", "")
	members("as_of=2026-03-01", "Ana Pop")
	members("as_of=2026-08-31", "Ana Pop, Riverside Residents")
	members("as_of=2026-08-31&nested=false", "Ana Pop")
	members("as_of=2026-09-01", "Harbour Board, Riverside Residents")
	members("", "Harbour Board, Riverside Residents")
	members("nested=false", "Riverside Residents")
	members("kind=organisation", "Harbour Board")
	l4.Get("/groups/"+harbour+"/members?as_of=yesterday").Code(400, "invalid-parameter").Fault("as_of", "invalid_format")
	l4.Get("/groups/"+harbour+"/members?nested=yes").Code(400, "invalid-parameter").Fault("nested", "invalid_format")
	l4.Get("/groups/"+harbour+"/members?kynd=group").Code(400, "unknown-parameter")
	l4.Get("/groups/GRP-99/members").Code(404, "not-found")

	first := l4.Get("/groups/" + harbour + "/members?sort=name&limit=1&as_of=today&include_total=true").Want(200)
	if names(first) != "Harbour Board" || first.Text("page.total") != "2" {
		t.Errorf("not the first page: %s", first.Body)
	}
	if second := l4.Get(strings.TrimPrefix(first.Text("page.next"), "/api/v1")).Want(200); names(second) != "Riverside Residents" || second.Text("page.has_more") != "false" {
		t.Errorf("not the second page: %s", second.Body)
	}

	l5.Move("/groups/"+stairs, "archive", map[string]any{"reason": "The stairs are gone."}).Want(200)
	members("", "Riverside Residents")
	members("as_of=2026-11-21", "Harbour Board, Riverside Residents")
}

// Nobody learns from a group who its hidden members are, or its hidden subgroups.
func TestMembersKeepHiddenOnesToThemselves(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	harbour := group(t, l6, "Neighbours of the harbour", "")
	talks := idOf(enter(t, l6, "/groups", map[string]any{"name": "Secret talks", "parent_id": harbour, "sensitivity": "restricted"}))
	plain, inTalks := stakeholder(t, l6, "Riverside Residents", "group"), stakeholder(t, l6, "Harbour Board", "organisation")
	hidden := hiddenPerson(t, l6, "Whistleblower")
	discreet := stakeholder(t, l6, "Ana Pop", "individual")
	join(t, l6, harbour, plain, "2026-01-01")
	join(t, l6, harbour, hidden, "2026-01-01")
	join(t, l6, talks, inTalks, "2026-01-01")
	l6.Patch(join(t, l6, harbour, discreet, "2026-01-01"), `{"sensitivity":"restricted"}`).Want(200)
	path := "/groups/" + harbour + "/members?sort=name&include_total=true"
	if got := l6.Get(path).Want(200); names(got) != "Ana Pop, Harbour Board, Riverside Residents, Whistleblower" {
		t.Errorf("level 6 sees %s", names(got))
	}
	if got := l4.Get(path).Want(200); names(got) != "Riverside Residents" || got.Text("page.total") != "1" {
		t.Errorf("level 4 sees %s of %s", names(got), got.Text("page.total"))
	}
	l4.Get("/groups/"+talks+"/members").Code(404, "not-found")
}

// A page of groups brings the memberships of each in one go, a hundred of each at
// most, and says when there are more.
func TestIncludedChildrenOfSeveralParents(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l4 := h.As("l4")
	var groups, all []string
	for i := range 102 {
		all = append(all, stakeholder(t, l4, fmt.Sprint("Household ", i), "group"))
	}
	sizes := map[string]int{"Harbour": 102, "Pier": 3, "Quay": 100}
	for _, name := range []string{"Harbour", "Pier", "Quay"} {
		groups = append(groups, group(t, l4, name, ""))
		for _, s := range all[:sizes[name]] {
			join(t, l4, groups[len(groups)-1], s, "2026-01-01")
		}
	}
	ask := func(path string) (*testkit.Reply, map[string]int) {
		r, count := l4.Get(path).Want(200), map[string]int{}
		list, _ := r.Value("included.memberships").([]any)
		for _, m := range list {
			count[m.(map[string]any)["group_id"].(string)]++
		}
		return r, count
	}
	r, count := ask("/groups?include=memberships")
	if count[groups[0]] != 100 || count[groups[1]] != 3 || count[groups[2]] != 100 || r.Value("included_truncated") != true {
		t.Errorf("included %v, truncated %v", count, r.Value("included_truncated"))
	}
	if first := r.Text("included.memberships.0.stakeholder_id"); first != all[0] {
		t.Errorf("the oldest does not come first")
	}
	r, count = ask("/groups/" + groups[2] + "?include=memberships")
	if count[groups[2]] != 100 || r.Value("included_truncated") != nil {
		t.Errorf("of one: included %v, truncated %v", count, r.Value("included_truncated"))
	}
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
