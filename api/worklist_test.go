package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// work is a section of somebody's worklist: ref and reason of each item.
func work(r *testkit.Reply, section string) (lines []string) {
	r.T.Helper()
	items, _ := r.Value(section).([]any)
	for _, i := range items {
		item := i.(map[string]any)
		lines = append(lines, item["ref"].(string)+" "+item["reason"].(string))
	}
	return lines
}

// Somebody's day: what is overdue, due today and this week, what waits for a
// decision, and whom nobody spoke with for too long; each once, with its reason and
// with the requests to make next.
func TestWorklistOfADay(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	anglers := active(h, "Anglers", "operational")
	h.As("l7").Patch(anglers, fields{"owner_id": h.People["l5"]}).Want(200)
	path := ladder(h)
	l5.Post("/follow-ups", fields{"title": "Send the noise report", "due_on": "2026-11-21", "owner_id": "me"}).Want(201)
	l5.Post("/follow-ups", fields{"title": "Ask for the timetable", "due_on": "2026-11-22", "owner_id": "me"}).Want(201)
	l5.Post("/follow-ups", fields{"title": "Visit the quay", "due_on": "2026-12-24", "owner_id": "me"}).Want(201)
	h.As("l4").Post("/issues", fields{"title": "Dust", "assignee_id": h.People["l5"], "owner_id": h.People["l5"]}).Want(201)
	asked(h, path, "l4", fields{"reason": "No reply in 5 days"})
	l5.Post(anglers+"/assessments", fields{"current_engagement": "resistant", "desired_engagement": "supportive", "rationale": "They sleep badly."}).Want(201)

	day := l5.Get("/worklist?owner=me&tz=Europe/Bucharest").Want(200)
	alike(t, work(day, "overdue"), "FUP-1 It was due on 2026-11-21.")
	alike(t, work(day, "due_today"), "FUP-2 It is due today.")
	alike(t, work(day, "due_this_week"), "ISS-2 Assess the issue. It is due on 2026-11-23.")
	alike(t, work(day, "waiting_on_me"), "ESC-1 Take the matter in hand. It is due on 2026-11-23.")
	alike(t, work(day, "engagement_gaps"), "STK-1 Engagement is resistant and should be supportive.")
	if day.Text("waiting_on_me.0.actions.0.body.transition") != "acknowledge" || day.Text("waiting_on_me.0.actions.0.method") != "POST" || !strings.HasSuffix(day.Text("waiting_on_me.0.actions.0.href"), "/transitions") {
		t.Errorf("no request to make next: %s", day.Body)
	}
	href := strings.TrimPrefix(day.Text("waiting_on_me.0.actions.0.href"), "/api/v1")
	l5.Post(href, day.Value("waiting_on_me.0.actions.0.body")).Want(200)
	if got := work(h.As("l4").Get("/worklist?owner=USR-3").Want(200), "due_today"); len(got) != 1 {
		t.Errorf("the work of another is %v", got)
	}
	h.As("none").Get("/worklist?owner=USR-99").Code(400, "invalid-parameter").Fault("owner", "invalid_format")
	h.As("l4").Get("/worklist?tz=Mars").Code(400, "invalid-parameter").Fault("tz", "invalid_format")
	h.As("service").Get("/worklist").Code(400, "invalid-parameter").Fault("owner", "invalid_format")
}

// What waits for others is told again on its day, in the worklist and in the calendar: an
// issue that waits, a decision to which nobody answers, a problem that was watched.
func TestWorklistRemindsOfWhatWaits(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	party := residents(h, "Riverside Residents")
	path := raised(h, fields{"stakeholder_id": party})
	l5.Move(path, "triage", assessment(h, "low", party)).Want(200)
	l5.Move(path, "start", nil).Want(200)
	l5.Move(path, "wait", fields{"waiting_on": "The board", "waiting_until": "2026-12-02"}).Want(200)
	told := answeredBy(h, "l4", answer(), nil)
	l5.Move(told, "approve", tell()).Want(200)
	for _, section := range []string{"overdue", "due_today", "due_this_week"} {
		if got := work(l5.Get("/worklist").Want(200), section); len(got) != 0 {
			t.Errorf("%s too early: %v", section, got)
		}
	}
	feed := h.As("").Get(subscribed(h, "l5", "due")).Want(200)
	if !strings.Contains(string(feed.Body), "DTSTART;VALUE=DATE:20261202") {
		t.Errorf("the calendar does not tell of it: %s", feed.Body)
	}
	h.Clock.Forward(4 * day)
	h.Tick()
	alike(t, work(l5.Get("/worklist").Want(200), "due_this_week"), "ISS-1 Look again at what the work waits on. You are to look at it again on 2026-12-02.")
	h.Clock.Forward(6 * day)
	h.Tick()
	alike(t, work(l5.Get("/worklist").Want(200), "due_today"), "ISS-1 Look again at what the work waits on. You are to look at it again today.")
	h.Clock.Forward(12 * day)
	h.Tick()
	alike(t, work(l5.Get("/worklist").Want(200), "overdue"), "ISS-1 Look again at what the work waits on. You were to look at it again on 2026-12-02.")
	l4 := work(h.As("l4").Get("/worklist").Want(200), "overdue")
	alike(t, l4, "CMP-1 Ask the complainant for an answer to the decision. You were to look at it again on 2026-12-12.")
}
