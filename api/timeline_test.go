package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// A timeline of some kinds has full pages of them, however much lies between, and
// every line is of one kind.
func TestTimelinePagesKinds(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7 := h.As("l7")
	path := "/stakeholders/" + l7.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	for i := range 10 {
		l7.Patch(path, fmt.Sprintf(`{"description":"As of day %d"}`, i)).Want(200)
	}
	l7.Move(path, "reject", map[string]any{"reason": "No stakeholder"}).Want(200)
	first := l7.Get(path + "/timeline?kinds=transition&limit=1").Want(200)
	if first.Len("data") != 1 || first.Text("data.0.kind") != "transition" || first.Value("page.has_more") != false {
		t.Errorf("want the one transition and no more: %s", first.Body)
	}
	seen, at := []string{}, path+"/timeline?kinds=change&limit=4"
	for at != "" {
		page := l7.Get(at).Want(200)
		for i := range page.Len("data") {
			seen = append(seen, page.Text(fmt.Sprintf("data.%d.kind", i)))
		}
		next := page.Text("page.next_cursor")
		if at = ""; next != "" {
			if page.Len("data") != 4 {
				t.Errorf("a page in the middle has %d lines", page.Len("data"))
			}
			at = path + "/timeline?kinds=change&limit=4&cursor=" + url.QueryEscape(next)
		}
	}
	if len(seen) != 11 || slices.ContainsFunc(seen, func(kind string) bool { return kind != "change" }) {
		t.Errorf("want the eleven changes, got %s", strings.Join(seen, ", "))
	}
	all := l7.Get(path + "/timeline?limit=200").Want(200).Len("data")
	each := 0
	for _, kind := range []string{"change", "transition", "comment", "attachment", "event"} {
		each += l7.Get(path + "/timeline?limit=200&kinds=" + kind).Want(200).Len("data")
	}
	if all != each {
		t.Errorf("there are %d lines, by kinds %d", all, each)
	}
}

// moments are the kinds and times of a timeline, page by page.
func moments(c *testkit.Client, at string, limit int) (list []string) {
	c.T.Helper()
	join := "?"
	if strings.Contains(at, "?") {
		join = "&"
	}
	next := at + join + fmt.Sprintf("limit=%d", limit)
	for next != "" {
		page := c.Get(next).Want(200)
		for i := range page.Len("data") {
			list = append(list, page.Text(fmt.Sprintf("data.%d.at", i))+" "+page.Text(fmt.Sprintf("data.%d.kind", i))+" "+page.Text(fmt.Sprintf("data.%d.id", i)))
		}
		cursor := page.Text("page.next_cursor")
		if next = ""; cursor != "" {
			next = at + join + fmt.Sprintf("limit=%d&cursor=%s", limit, url.QueryEscape(cursor))
		}
	}
	return list
}

// A stakeholder's timeline tells of the calls with them, their issues and complaints
// among what was done to the record, newest first by when it happened; an issue's of
// its escalations. Whoever does not see one of them does not find it there.
func TestTimelineTellsOfWhatHappenedAround(t *testing.T) {
	h := testkit.Open(t)
	path := ladder(h) // an issue of STK-1
	party, l4, l6 := "/stakeholders/STK-1", h.As("l4"), h.As("l6")
	call := func(subject, at, sensitivity string) string {
		return l6.Post("/interactions", fields{
			"stakeholder_ids": []string{"STK-1"}, "channel": "call", "direction": "inbound", "occurred_at": at, "subject": subject, "summary": subject, "sensitivity": sensitivity,
		}).Want(201).ID()
	}
	old := call("Lorries at night", "2026-11-20T10:00:00Z", "internal")
	hidden := call("An offer", "2026-11-21T10:00:00Z", "restricted")
	now := call("Noise at night", "2026-11-22T09:00:00Z", "internal") // in the very millisecond of entries
	l4.Post("/interactions", fields{"draft": true, "stakeholder_ids": []string{"STK-1"}}).Want(201)
	complaint := l6.Post("/complaints", fields{"title": "Dust", "description": "Dust on the washing.", "channel": "letter", "stakeholder_id": "STK-1"}).Want(201).ID()
	h.Clock.Forward(time.Minute)
	l4.Patch(party, fields{"description": "They live by the river."}).Want(200)

	first := l4.Get(party + "/timeline?kinds=interaction").Want(200)
	if first.Len("data") != 2 || first.Text("data.0.id") != now || first.Text("data.1.id") != old || first.Text("data.0.summary") != "Interaction: Noise at night" ||
		first.Text("data.0.data.channel") != "call" || first.Text("data.0.actor.name") != "Person l6" || first.Text("data.0.at") != "2026-11-22T09:00:00.000Z" {
		t.Errorf("the calls are %s", first.Body)
	}
	all := moments(l6, party+"/timeline", 200)
	if !slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(b[:24], a[:24]) }) || len(all) < 6 {
		t.Errorf("not newest first: %q", all)
	}
	for _, want := range []string{" interaction " + old, " interaction " + hidden, " interaction " + now, " issue ", " complaint " + complaint, " change "} {
		if n := len(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !strings.Contains(s, want) })); n == 0 {
			t.Errorf("%q is not in it: %q", want, all)
		}
	}
	for _, limit := range []int{1, 2, 3} {
		if paged := moments(l6, party+"/timeline", limit); !slices.Equal(paged, all) {
			t.Errorf("by pages of %d it is %q, want %q", limit, paged, all)
		}
	}
	if seen := moments(l4, party+"/timeline", 2); len(seen) != len(all)-1 || strings.Contains(strings.Join(seen, " "), hidden) {
		t.Errorf("l4 sees %q of %q", seen, all)
	}
	narrow := h.Enlist("narrow", "l6", "none", "stakeholders:read")
	for _, s := range moments(narrow, party+"/timeline", 200) {
		if strings.Contains(s, "interaction") || strings.Contains(s, "issue") || strings.Contains(s, "complaint") {
			t.Errorf("a key for stakeholders alone reads %s", s)
		}
	}

	raised := l4.Post(path+"/escalations", fields{"reason": "No reply in 5 days", "cause": "request"}).Want(201).ID()
	up := l4.Get(path + "/timeline?kinds=escalation,transition").Want(200)
	if party := moments(l4, party+"/timeline?kinds=escalation", 1); len(party) != 1 || !strings.HasSuffix(party[0], " escalation "+raised) {
		t.Errorf("the stakeholder's timeline tells %q", party)
	}
	if up.Text("data.0.id") != raised || up.Text("data.0.kind") != "escalation" || up.Text("data.0.data.to_level") != "5" {
		t.Errorf("the issue's timeline says %s", up.Body)
	}
	if n := l4.Get(path + "/timeline?kinds=interaction").Want(200).Len("data"); n != 0 {
		t.Errorf("an issue has %d calls of its own", n)
	}
	f := l4.Get(path+"/timeline?kinds=interactoin").Code(400, "invalid-parameter")
	if f.Text("errors.0.suggestion") != "interaction" {
		t.Errorf("it suggests %s", f.Body)
	}
	l4.Get(party+"/timeline?kinds=issue&cursor="+url.QueryEscape(l4.Get(party+"/timeline?limit=1").Want(200).Text("page.next_cursor"))).Code(400, "invalid-cursor")
}

// However many calls, issues and entries there are, a timeline takes as many statements.
func TestTimelineTakesTheSameStatementsHoweverMuchThereIs(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l4 := h.As("l4")
	party := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	grow := func(n int) int {
		for i := range n {
			l4.Post("/interactions", fields{"stakeholder_ids": []string{party}, "channel": "call", "direction": "inbound", "occurred_at": "2026-11-20T10:00:00Z", "summary": fmt.Sprint("Call ", i)}).Want(201)
			l4.Post("/issues", fields{"title": fmt.Sprint("Issue ", i), "stakeholder_id": party}).Want(201)
		}
		_, asked := l4.Statements("GET", "/stakeholders/"+party+"/timeline?limit=200", nil)
		return len(asked)
	}
	if few, many := grow(2), grow(30); few != many {
		t.Errorf("%d statements with few, %d with many", few, many)
	}
}

// An escalation keeps the stakeholder of what is escalated, and follows it to another: it
// stands in the timeline of whom the matter is about, as far as the reader sees it.
func TestEscalationsStandInTheTimelineOfTheirStakeholder(t *testing.T) {
	h := testkit.Open(t)
	path := ladder(h)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	e := "/escalations/" + l4.Post(path+"/escalations", fields{"reason": "No reply in 5 days", "cause": "request"}).Want(201).ID()
	if got := l4.Get(e).Want(200); got.Text("stakeholder.name") != "Riverside Residents" {
		t.Errorf("it is about %s", got.Text("stakeholder.name"))
	}
	other := residents(h, "Harbour Board")
	l5.Move(path, "reassess", fields{"stakeholder_id": other, "reason": "The quay is theirs"}).Want(200)
	if got := l4.Get(e).Want(200); got.Text("stakeholder.name") != "Harbour Board" {
		t.Errorf("it stayed with %s", got.Text("stakeholder.name"))
	}
	told := func(c *testkit.Client, party string) int {
		return len(moments(c, "/stakeholders/"+party+"/timeline?kinds=escalation", 5))
	}
	if told(l4, "STK-1") != 0 || told(l4, other) != 1 || l4.Get("/escalations?stakeholder_id="+other).Want(200).Len("data") != 1 {
		t.Error("it follows its issue")
	}
	l6.Patch(e, fields{"sensitivity": "restricted"}).Want(200)
	if told(h.As("l4b"), other) != 0 || told(l6, other) != 1 {
		t.Error("whoever does not see it does not find it there")
	}
	l6.Patch(e, fields{"stakeholder_id": "STK-1"}).Want(422)
	at := "/complaints/" + l4.Post("/complaints", fields{"title": "Dust", "description": "Dust on the washing.", "channel": "letter", "complainant": fields{"name": "A neighbour"}}).Want(201).ID()
	up := "/escalations/" + l4.Post(at+"/escalations", fields{"reason": "Nobody answers", "cause": "request"}).Want(201).ID()
	if got := l4.Get(up).Want(200); got.Value("stakeholder_id") != nil {
		t.Errorf("nobody knows yet whom it is about: %s", got.Body)
	}
}
