package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// unheld are the escalations that governance flags because nobody is named to decide them.
func unheld(h *testkit.House) (refs []string) {
	h.T.Helper()
	items, _ := h.As("none").Get("/health/governance").Want(200).Value("red_flags").([]any)
	for _, item := range items {
		if flag := item.(map[string]any); flag["code"] == "escalation_unheld" {
			refs = append(refs, flag["resource"].(map[string]any)["ref"].(string))
		}
	}
	return refs
}

// seventh is somebody of level 7 at work.
func seventh(h *testkit.House, id string) *testkit.Client {
	h.T.Helper()
	_, who := issue(h, fields{"name": "At work", "user_id": id, "scopes": []string{"manager"}})
	return who
}

// last is what somebody was told last, "" for nothing.
func last(h *testkit.House, handle string) string {
	h.T.Helper()
	if all := told(h, handle); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// A complaint about everybody on the top rung stands before level 7 with nobody named:
// governance shows it in red until somebody else of level 7, who was told, takes it in
// hand and decides. Nobody whom it is about is told.
func TestMatterAboutThoseOnTheTopRungIsFlagged(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	other := h.As("l7").Post("/users", fields{"name": "Third of level 7", "handle": "third", "rlmt_level": 7}).Want(201).ID()
	path := complained(h, fields{"subject_user_ids": []string{h.People["l7"], h.People["l7b"]}})
	e := h.As("l5").Post(path+"/escalations", fields{"reason": "It is about the board.", "to_level": 7, "override": true}).Want(201)
	esc := "/escalations/" + e.Text("ref")
	if e.Value("holder_id") != nil || e.Value("deputy_id") != nil {
		t.Errorf("somebody barred holds it: %s", e.Body)
	}
	alike(t, unheld(h), e.Text("ref"))
	if got := h.As("none").Get("/health/governance").Text("red_flags.0.remedy"); !strings.Contains(got, "POST /api/v1/escalations/"+e.ID()+"/transitions") {
		t.Errorf("no request is named that mends it: %q", got)
	}
	third := seventh(h, other)
	if got := third.Get("/notifications").Want(200); got.Text("data.0.type") != "escalated" || got.Text("data.0.subject.ref") != e.Text("ref") {
		t.Errorf("who can decide is not told: %s", got.Body)
	}
	if l, b := last(h, "l7"), last(h, "l7b"); l == "escalated" || b == "escalated" {
		t.Errorf("those whom it is about are told: %s, %s", l, b)
	}
	h.As("l7").Move(esc, "acknowledge", nil).Code(403, "insufficient-level")
	if got := third.Move(esc, "acknowledge", nil).Want(200); got.Text("holder_id") != other {
		t.Errorf("who took it in hand does not hold it: %s", got.Body)
	}
	if got := unheld(h); len(got) != 0 {
		t.Errorf("still flagged: %v", got)
	}
	third.Move(esc, "decide", fields{"decision": "It goes outside.", "decision_reason": "It is about the board."}).Want(200)
}

// Where the ladder of complaints has its own top rung, the ultimate escalation point and
// its deputy are told of what nobody there may decide.
func TestUltimatePointIsToldOfWhatNobodyHolds(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	third := h.As("l7").Post("/users", fields{"name": "Third of level 7", "handle": "third", "rlmt_level": 7}).Want(201).ID()
	h.As("l7").Post("/escalation-ladders", fields{"key": "complaint", "name": "Complaints", "rungs": []fields{{"level": 7, "name": "Ombudsperson", "holder_id": third}}}).Want(201)
	path := complained(h, fields{"subject_user_ids": []string{third, h.People["l7b"]}})
	h.As("l5").Post(path+"/escalations", fields{"reason": "It is about the ombudsperson."}).Want(201)
	if l, b := last(h, "l7"), last(h, "l7b"); l != "escalated" || b == "escalated" {
		t.Errorf("told are %q and %q", l, b)
	}
}

// Whoever turns out to be a subject of a complaint loses the rung before which it stands:
// the deputy decides, and where nobody is left the flag says so.
func TestRungLosesThoseTheComplaintTurnsOutToBeAbout(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	path := complained(h, nil)
	esc := asked(h, path, "l5", fields{"reason": "The regulator called.", "to_level": 7, "override": true})
	h.As("l4").Move(path, "acknowledge", received()).Want(200)
	about := func(handles ...string) fields {
		ids := []string{}
		for _, handle := range handles {
			ids = append(ids, h.People[handle])
		}
		return fields{"subject_user_ids": ids}
	}
	h.As("l6").Move(path, "assess", scored(3, about("l7"))).Want(200)
	if got := h.As("l6").Get(esc).Want(200); got.Text("holder_id") != h.People["l7b"] || got.Value("deputy_id") != nil {
		t.Errorf("the deputy does not stand in: %s", got.Body)
	}
	if got := unheld(h); len(got) != 0 {
		t.Errorf("flagged though the deputy holds it: %v", got)
	}
	h.As("l6").Move(path, "reassess", with(about("l7", "l7b"), "reason", "The deputy was there too.")).Want(200)
	alike(t, unheld(h), strings.TrimPrefix(esc, "/escalations/"))
}
