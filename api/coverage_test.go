package api_test

import (
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// activeSubject is a stakeholder of a seniority that was taken up.
func activeSubject(h *testkit.House, seniority string) string {
	h.T.Helper()
	id := spocSubject(h, seniority)
	h.Force(register.Stakeholders, id, "active")
	return id
}

// Of three active stakeholders one has a contact with a deputy, one a contact below
// its seniority by now, and one, which not everybody may see, has none.
func TestReportOfSpocCoverage(t *testing.T) {
	h := testkit.Open(t)
	plain, senior, hidden := activeSubject(h, ""), activeSubject(h, "senior"), activeSubject(h, "")
	spocSubject(h, "") // a prospect does not count
	h.As("l7").Patch("/stakeholders/"+hidden, map[string]any{"sensitivity": "restricted"}).Want(200)
	contact(h, plain, "l4")
	h.As("l7").Patch(contact(h, plain, "l5"), map[string]any{"deputy_id": h.People["l4"]}).Want(200)
	contact(h, senior, "l6b")
	h.As("l7").Patch(person(h, "l6b"), map[string]any{"rlmt_level": 5}).Want(200)

	got := h.As("l6").Get("/reports/spoc-coverage").Want(200)
	if got.Text("active") != "3" || got.Text("covered") != "1" || got.Text("n") != "3" || got.Text("as_of") != "2026-11-22" || got.Text("formula") == "" {
		t.Errorf("one of three is covered: %s", got.Body)
	}
	why := map[string]string{}
	for i := range got.Len("uncovered") {
		at := "uncovered." + string(rune('0'+i))
		why[got.Text(at+".id")] = got.Text(at + ".why")
	}
	if len(why) != 2 || why[hidden] != "no_active_spoc" || why[senior] != "level_below_required" {
		t.Errorf("why they are not covered: %v", why)
	}
	if got.Text("by_seniority.0.seniority") != "senior" || got.Text("by_seniority.0.covered") != "0" || got.Text("by_seniority.1.covered") != "1" {
		t.Errorf("by seniority: %s", got.Body)
	}
	if got.Text("deputies.with_deputy") != "1" || got.Text("deputies.n") != "2" || got.Len("load") != 2 || got.Text("continuity.handovers") != "1" {
		t.Errorf("deputies, load, continuity: %s", got.Body)
	}

	sees := h.As("l4").Get("/reports/spoc-coverage").Want(200)
	if sees.Text("active") != "2" || sees.Len("inputs") != 2 {
		t.Errorf("level 4 counts what it may not see: %s", sees.Body)
	}
	if past := h.As("l6").Get("/reports/spoc-coverage?as_of=2026-11-01").Want(200); past.Text("covered") != "0" {
		t.Errorf("nobody was covered then: %s", past.Body)
	}
	page := h.As("l6").Get("/reports/spoc-coverage?limit=1").Want(200)
	if page.Len("uncovered") != 1 || page.Text("uncovered_count") != "2" || page.Text("active") != "3" || page.Text("page.has_more") != "true" {
		t.Errorf("the first of those without a contact: %s", page.Body)
	}
	next := h.As("l6").Get(strings.TrimPrefix(page.Text("page.next"), "/api/v1")).Want(200)
	if next.Len("uncovered") != 1 || next.Text("uncovered.0.id") <= page.Text("uncovered.0.id") || next.Text("page.has_more") != "false" || next.Text("active") != "3" {
		t.Errorf("the second: %s", next.Body)
	}
	h.As("l6").Get("/reports/spoc-coverage?as_of=today%2B1d").Code(400, "invalid-parameter")
	h.As("l6").Get("/reports/spoc-coverage?as_of=soon").Code(400, "invalid-parameter")
	h.As("l6").Get("/reports/spoc-coverage?from=2026-02-01&to=2026-01-01").Code(400, "invalid-parameter")
	h.Enlist("narrow", "l6", "none", "stakeholders:read").Get("/reports/spoc-coverage").Code(403, "insufficient-scope")
}

// Groups have contacts of level 5 and above, one at a time, and count if asked.
func TestGroupHasItsContact(t *testing.T) {
	h := testkit.Open(t)
	l5, grp := h.As("l5"), h.Make(register.Groups, nil).ID()
	body := func(whom string) map[string]any { return map[string]any{"group_id": grp, "user_id": h.People[whom]} }
	l5.Post("/spoc-assignments", map[string]any{"user_id": h.People["l5"]}).Code(422, "validation-failed").Fault("#/stakeholder_id", "required")
	both := body("l5")
	both["stakeholder_id"] = spocSubject(h, "")
	l5.Post("/spoc-assignments", both).Code(422, "validation-failed").Fault("#/group_id", "conflicts_with")
	l5.Post("/spoc-assignments", body("l4")).Code(403, "insufficient-level")
	if got := h.As("l6").Get("/reports/spoc-coverage?include_groups=true").Want(200); got.Text("active") != "1" || got.Text("covered") != "0" {
		t.Errorf("a group without a contact: %s", got.Body)
	}

	one := "/spoc-assignments/" + l5.Post("/spoc-assignments", body("l5b")).Want(201).ID()
	h.As("l4").Move(one, "accept", acknowledged).Code(403, "insufficient-level")
	h.As("l5b").Move(one, "accept", acknowledged).Want(200)
	two := "/spoc-assignments/" + l5.Post("/spoc-assignments", body("l5")).Want(201).ID()
	l5.Move(two, "accept", acknowledged).Want(200)
	if l5.Get(one).Text("state") != "ended" || l5.Get(two).Text("state") != "active" {
		t.Error("a gap or an overlap")
	}
	if got := h.As("l6").Get("/reports/spoc-coverage?include_groups=true").Want(200); got.Text("active") != "1" || got.Text("covered") != "1" {
		t.Errorf("a group with a contact: %s", got.Body)
	}
	blocked(l5.Move(two, "end", nil), "no_successor")
	handOver(t, h, "l5", map[string]any{"to_id": h.People["l5b"], "reason": "Leaves."})
	if got := h.As("l6").Get("/spoc-assignments?state=active&group_id=" + grp).Want(200); got.Text("data.0.user_id") != h.People["l5b"] {
		t.Errorf("not handed over: %s", got.Body)
	}
	h.As("l7").Move("/groups/"+grp, "archive", map[string]any{"reason": "Nobody is in it."}).Want(200)
	if n := h.As("l6").Get("/spoc-assignments?state=active&group_id=" + grp).Want(200).Len("data"); n != 0 {
		t.Error("an archived group has a contact")
	}
	l5.Post("/spoc-assignments", body("l5")).Code(422, "validation-failed").Fault("#/group_id", "conflicts_with")
}
