package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// diary is what somebody's diary says, the newest first.
func diary(r *testkit.Reply) (lines []string) {
	r.T.Helper()
	for _, d := range r.Want(200).Value("data").([]any) {
		deed := d.(map[string]any)
		lines = append(lines, deed["kind"].(string)+" "+deed["subject"].(map[string]any)["ref"].(string)+" "+deed["summary"].(string))
	}
	return lines
}

// At the end of the day somebody reads what they did: every change, move and word
// of theirs and of nobody else, with what the record is called now; what is not for
// them any more is not named.
func TestDiaryOfADay(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	h.Clock.Forward(-day)
	anglers := residents(h, "Anglers")
	l4.Post("/follow-ups", fields{"title": "Yesterday's", "due_on": "2026-11-30"}).Want(201)
	h.Clock.Forward(day)
	if got := diary(l4.Get("/me/activity?since=today")); len(got) != 0 {
		t.Errorf("nothing was done today: %v", got)
	}
	path := "/issues/" + l4.Post("/issues", fields{"title": "Dust", "owner_id": h.People["l5"]}).Want(201).Text("id")
	l5.Move(path, "triage", assessment(h, "low", anglers)).Want(200)
	l4.Patch(path, fields{"title": "Dust on the quay"}).Want(200)
	l4.Post(path+"/comments", fields{"body": "The wind comes from the east."}).Want(201)

	today := l4.Get("/me/activity?since=today")
	alike(t, diary(today), "comment ISS-1 Person l4 commented", "change ISS-1 Person l4 changed title", "change ISS-1 Person l4 created the issue")
	if today.Text("data.2.subject.name") != "Dust on the quay" || today.Text("data.2.url") != "/api/v1"+path || today.Text("data.2.collection") != "issues" {
		t.Errorf("the record is not named: %s", today.Body)
	}
	if got := diary(l5.Get("/me/activity")); len(got) != 1 || !strings.HasPrefix(got[0], "transition ISS-1") {
		t.Errorf("the diary of another: %v", got)
	}
	if got := diary(l4.Get("/me/activity?since=today-1d&limit=200")); len(got) != 5 {
		t.Errorf("two days hold %v", got)
	}

	h.As("l7").Patch(path, fields{"sensitivity": "restricted"}).Want(200)
	if got := l4.Get("/me/activity?since=today-7d").Want(200); got.Len("data") != 2 || strings.Contains(string(got.Body), "Dust") {
		t.Errorf("the diary names what is hidden: %s", got.Body)
	}
	h.Enlist("filer", "l4", "none", "follow-ups:read")
	h.As("l7").Patch(path, fields{"sensitivity": "internal"}).Want(200)
	alike(t, diary(h.As("filer").Get("/me/activity?since=2026-11-01")), "change FUP-1 Person l4 created the follow up")
}

// A diary is read a page at a time, each item once; days are those of the zone asked for.
func TestDiaryByPages(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for _, title := range []string{"One", "Two", "Three", "Four", "Five"} {
		l4.Post("/follow-ups", fields{"title": title, "due_on": "2026-11-30"}).Want(201)
	}
	var refs []string
	for at := "/me/activity?limit=2"; at != ""; {
		page := l4.Get(at).Want(200)
		for _, line := range diary(page) {
			refs = append(refs, strings.Fields(line)[1])
		}
		at = strings.TrimPrefix(page.Text("page.next"), "/api/v1")
	}
	alike(t, refs, "FUP-5", "FUP-4", "FUP-3", "FUP-2", "FUP-1")
	if n := l4.Get("/me/activity?tz=Pacific/Kiritimati").Want(200).Len("data"); n != 5 { // it is nine in the morning, eleven at night there
		t.Errorf("the day has %d deeds", n)
	}
	if n := l4.Get("/me/activity?since=now-1h").Want(200).Len("data"); n != 5 {
		t.Errorf("the last hour has %d deeds", n)
	}
	for name, value := range map[string]string{"since": "yesterday", "tz": "Local", "limit": "0"} {
		l4.Get("/me/activity?"+name+"="+value).Code(400, "invalid-parameter")
	}
	l4.Get("/me/activity?cursor="+l4.Get("/follow-ups?limit=1").Want(200).Text("page.next_cursor")).Code(400, "invalid-cursor")
	l4.Get("/me/activity?owner=l5").Code(400, "unknown-parameter")
	h.As("").Get("/me/activity").Code(401, "unauthenticated")
	if n := h.As("service").Get("/me/activity?since=today-1d").Want(200).Len("data"); n != 0 {
		t.Errorf("a machine that did nothing did %d", n)
	}
}
