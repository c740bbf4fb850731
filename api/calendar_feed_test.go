package api_test

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rapport/api"
	"rapport/internal/testkit"
)

// component is a part of a calendar, as a client reads it that takes nothing on trust.
type component struct {
	name  string
	lines map[string][]string // by the name with its parameters
	parts []*component
}

func (c *component) one(t *testing.T, name string) string {
	t.Helper()
	if len(c.lines[name]) != 1 {
		t.Fatalf("%s has %d lines %s: %v", c.name, len(c.lines[name]), name, c.lines)
	}
	return c.lines[name][0]
}

func (c *component) named(name string) (parts []*component) {
	for _, p := range c.parts {
		if p.name == name {
			parts = append(parts, p)
		}
	}
	return parts
}

// readCalendar reads a calendar as RFC 5545 says it: lines end with CRLF, none has
// more than 75 octets or a part of a character, what begins with a space goes on.
func readCalendar(t *testing.T, body string) *component {
	t.Helper()
	if strings.Count(body, "\n") != strings.Count(body, "\r\n") || !strings.HasSuffix(body, "\r\n") {
		t.Fatalf("a line does not end with CRLF: %q", body)
	}
	for line := range strings.SplitSeq(body, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("a line has %d octets, or a part of a character: %q", len(line), line)
		}
	}
	top := &component{lines: map[string][]string{}}
	open := []*component{top}
	for line := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(body, "\r\n ", ""), "\r\n"), "\r\n") {
		name, value, found := strings.Cut(line, ":")
		if !found {
			t.Fatalf("no property: %q", line)
		}
		in := open[len(open)-1]
		switch name {
		case "BEGIN":
			c := &component{name: value, lines: map[string][]string{}}
			in.parts = append(in.parts, c)
			open = append(open, c)
		case "END":
			if in.name != value {
				t.Fatalf("%s ends as %s", in.name, value)
			}
			open = open[:len(open)-1]
		default:
			in.lines[name] = append(in.lines[name], value)
		}
	}
	if len(open) != 1 || len(top.parts) != 1 || top.parts[0].name != "VCALENDAR" {
		t.Fatalf("not one calendar: %q", body)
	}
	return top.parts[0]
}

// text is a text as it was before it was escaped.
func (c *component) text(t *testing.T, name string) string {
	t.Helper()
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\,`, ",", `\;`, ";").Replace(c.one(t, name))
}

// subscribed makes somebody's calendar feed and answers its address.
func subscribed(h *testkit.House, who string, kinds ...string) string {
	h.T.Helper()
	made := h.As(who).Post("/me/calendar-feeds", fields{"kinds": kinds}).Want(201)
	if made.Header.Get("Cache-Control") != "no-store" || made.Header.Get("Location") != made.Text("url") || !strings.HasSuffix(made.Text("url"), ".ics") {
		h.T.Errorf("the feed: %s", made.Body)
	}
	return made.Text("url")
}

// A phone shows what somebody has to do: each thing on its day under a name of its
// own that stays, moved as it moves, gone when it is done, with no title able to
// break the file. What has not changed is not sent again.
func TestCalendarFeedShowsWhatIsDue(t *testing.T) {
	h := testkit.Open(t)
	h.As("l7").Patch("/settings/time_zone", fields{"value": "Europe/Bucharest"}).Want(200)
	l5, phone := h.As("l5"), h.As("")
	hostile := `Räder, "quoted"; back\slash: BEGIN:VEVENT ` + strings.Repeat("波", 40) + " END:VCALENDAR"
	l5.Post("/follow-ups", fields{"title": hostile, "due_on": "2026-11-30", "owner_id": "me"}).Want(201)
	l5.Post("/follow-ups", fields{"title": "Somebody else's", "due_on": "2026-11-30", "owner_id": h.People["l4"]}).Want(201)
	path := "/issues/" + l5.Post("/issues", fields{"title": "Dust", "owner_id": h.People["l5"], "assignee_id": h.People["l5"]}).Want(201).Text("id")
	party := residents(h, "Anglers")
	l5.Post("/interactions", with(with(with(with(call(party), "channel", "in_person"), "duration_minutes", 90), "user_ids", []string{h.People["l5"]}), "location", "Quay 3; shed, left\nring twice")).Want(201)
	l5.Post("/interactions", call(party)).Want(201)
	at := subscribed(h, "l5", "due", "meetings")

	got := phone.Get(at).Want(200)
	if got.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Errorf("it is sent as %s", got.Header.Get("Content-Type"))
	}
	cal := readCalendar(t, string(got.Body))
	if cal.one(t, "REFRESH-INTERVAL;VALUE=DURATION") != "PT1H" || cal.one(t, "VERSION") != "2.0" || cal.one(t, "METHOD") != "PUBLISH" {
		t.Errorf("the calendar: %v", cal.lines)
	}
	events := map[string]*component{}
	for _, e := range cal.named("VEVENT") {
		events[e.text(t, "SUMMARY")] = e
	}
	if got := slices.Sorted(maps.Keys(events)); !slices.Equal(got, []string{"Due: FUP-1 " + hostile, "Due: ISS-1 Dust", "Meeting: INT-1"}) {
		t.Fatalf("the calendar holds %q", got)
	}
	if day := events["Due: FUP-1 "+hostile].one(t, "DTSTART;VALUE=DATE"); day != "20261130" {
		t.Errorf("it is due on %s", day)
	}
	issue, meeting := events["Due: ISS-1 Dust"], events["Meeting: INT-1"]
	if issue.one(t, "DTSTART;VALUE=DATE") != "20261123" || issue.text(t, "DESCRIPTION") != "Assess the issue.\nState: new." || issue.one(t, "UID") != "due-"+path[len("/issues/"):]+"@rapport" {
		t.Errorf("the issue: %v", issue.lines)
	}
	if meeting.one(t, "DTSTART;TZID=Europe/Bucharest") != "20261122T090000" || meeting.one(t, "DTEND;TZID=Europe/Bucharest") != "20261122T103000" || meeting.text(t, "LOCATION") != "Quay 3; shed, left\nring twice" {
		t.Errorf("the meeting: %v", meeting.lines)
	}
	zone := cal.named("VTIMEZONE")[0]
	if zone.one(t, "TZID") != "Europe/Bucharest" || len(zone.named("DAYLIGHT")) != 4 || len(zone.named("STANDARD")) != 5 {
		t.Errorf("the zone: %d %d", len(zone.named("DAYLIGHT")), len(zone.named("STANDARD")))
	}
	if spring := zone.named("DAYLIGHT")[1]; spring.one(t, "DTSTART") != "20260329T030000" || spring.one(t, "TZOFFSETFROM") != "+0200" || spring.one(t, "TZOFFSETTO") != "+0300" {
		t.Errorf("spring: %v", spring.lines)
	}
	independently(t, got.Body, "3")

	h.Clock.Forward(time.Hour)
	phone.With("If-None-Match", got.Header.Get("ETag")).Get(at).Want(304)
	phone.With("If-None-Match", `W/"other"`).Get(at).Want(200)
	l5.Move(path, "triage", assessment(h, "medium", party)).Want(200)
	moved := phone.With("If-None-Match", got.Header.Get("ETag")).Get(at).Want(200)
	for _, e := range readCalendar(t, string(moved.Body)).named("VEVENT") {
		if e.one(t, "UID") == issue.one(t, "UID") && (e.one(t, "DTSTART;VALUE=DATE") != "20261204" || e.one(t, "SEQUENCE") <= issue.one(t, "SEQUENCE")) {
			t.Errorf("the issue did not move: %v", e.lines)
		}
	}
	l5.Move("/follow-ups/FUP-1", "complete", fields{"outcome": "Sent."}).Want(200)
	if left := readCalendar(t, string(phone.Get(at).Want(200).Body)).named("VEVENT"); len(left) != 2 {
		t.Errorf("what is done is in it still: %d", len(left))
	}
	if only := readCalendar(t, string(phone.Get(subscribed(h, "l5", "meetings")).Want(200).Body)).named("VEVENT"); len(only) != 1 {
		t.Errorf("meetings alone are %d", len(only))
	}
}

// independently lets the Python package icalendar read a calendar, where it is there.
func independently(t *testing.T, body []byte, events string) {
	t.Helper()
	python := "python3"
	if named := os.Getenv("RAPPORT_TEST_PYTHON"); named != "" {
		python = named
	}
	if exec.CommandContext(t.Context(), python, "-c", "import icalendar").Run() != nil {
		return
	}
	ask := exec.CommandContext(t.Context(), python, "-c", "import sys, icalendar\nc = icalendar.Calendar.from_ical(sys.stdin.buffer.read())\n"+
		"assert not [e for p in c.walk() for e in p.errors], c.errors\nfor z in c.walk('VTIMEZONE'): z.to_tz()\nprint(len(c.walk('VEVENT')))")
	ask.Stdin = strings.NewReader(string(body))
	out, err := ask.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != events {
		t.Errorf("icalendar reads %s: %v", out, err)
	}
}

// A calendar shows what its person may see by now, and what the key opens with which
// it was asked for. Whatever is wrong with an address is answered alike.
func TestCalendarFeedSeesWhatItsPersonMay(t *testing.T) {
	h := testkit.Open(t)
	l4, l7, phone := h.As("l4"), h.As("l7"), h.As("")
	held := "/issues/" + l4.Post("/issues", fields{"title": "Dust", "assignee_id": h.People["l4"]}).Want(201).Text("id")
	l4.Post("/follow-ups", fields{"title": "Ask", "due_on": "2026-11-25"}).Want(201)
	summaries := func(at string) (all []string) {
		t.Helper()
		for _, e := range readCalendar(t, string(phone.Get(at).Want(200).Body)).named("VEVENT") {
			all = append(all, e.text(t, "SUMMARY"))
		}
		slices.Sort(all)
		return all
	}
	at := subscribed(h, "l4", "due")
	alike(t, summaries(at), "Due: FUP-1 Ask", "Due: ISS-1 Dust")
	l7.Patch(held, fields{"assignee_id": h.People["l5"], "owner_id": h.People["l5"]}).Want(200)
	alike(t, summaries(at), "Due: FUP-1 Ask")
	h.Enlist("narrow", "l4", "none", "issues:read")
	alike(t, summaries(subscribed(h, "narrow", "due")))
	h.Enlist("capped", "l4", "public", "viewer")
	alike(t, summaries(subscribed(h, "capped", "due")))

	unknown := string(without(phone.Get("/feeds/"+strings.Repeat("A", 22)+".ics").Code(404, "not-found").Body))
	same := func(what, at string) {
		t.Helper()
		if got := string(without(phone.Get(at).Code(404, "not-found").Body)); got != unknown {
			t.Errorf("%s is told from unknown:\n%s\n%s", what, got, unknown)
		}
	}
	same("one that another took the place of", at)
	at = subscribed(h, "l4", "due")
	same("one without .ics", strings.TrimSuffix(at, ".ics"))
	same("an overlong one", "/feeds/"+strings.Repeat("A", 300)+".ics")
	same("an empty one", "/feeds/.ics")
	phone.Get(at+"?kinds=due").Code(400, "unknown-parameter")
	ticket := l4.Post("/events/tickets", nil).Want(201).Text("ticket")
	same("a token of another purpose", "/feeds/"+ticket+".ics")
	l7.Patch("/follow-ups/FUP-1", fields{"owner_id": h.People["l5"]}).Want(200)
	alike(t, summaries(at))
	h.As("admin").Move(person(h, "l4"), "disable", nil).Want(200)
	same("that of somebody who has gone", at)
	h.As("admin").Move(person(h, "l4"), "enable", nil).Want(200)
	alike(t, summaries(at))
	h.Clock.Forward(366 * day)
	same("an ended one", at)
}

// People see which tokens of theirs are about and take them back; nobody's value is
// shown, and nobody takes back another's.
func TestTokensAreListedAndRevoked(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	first := l4.Post("/me/calendar-feeds", fields{}).Want(201)
	second := l4.Post("/me/calendar-feeds", fields{"kinds": []string{"meetings", "due", "due"}[:2]}).Want(201)
	at := second.Text("url")
	l4.Post("/events/tickets", nil).Want(201)
	all := l4.Get("/tokens").Want(200)
	if all.Len("data") != 2 || all.Text("data.0.purpose") != "event_stream" || all.Text("data.1.id") != second.Text("id") || all.Text("data.1.kinds.1") != "meetings" {
		t.Errorf("the tokens: %s", all.Body)
	}
	if strings.Contains(string(all.Body), strings.TrimSuffix(at[len("/feeds/"):], ".ics")) {
		t.Errorf("the value is shown: %s", all.Body)
	}
	page := l4.Get("/tokens?limit=1").Want(200)
	if next := l4.Get("/tokens?limit=1&cursor=" + page.Text("page.next_cursor")).Want(200); next.Text("data.0.id") != second.Text("id") || next.Value("page.has_more") != false {
		t.Errorf("the second page: %s", next.Body)
	}
	if n := l5.Get("/tokens").Want(200).Len("data") + h.As("service").Get("/tokens").Want(200).Len("data"); n != 0 {
		t.Errorf("others see %d of them", n)
	}
	l5.Delete("/tokens/"+second.Text("id")).Code(404, "not-found")
	l4.Delete("/tokens/"+first.Text("id")).Code(404, "not-found")
	for _, id := range []string{"a%00b", strings.Repeat("a", 65), "USR-3"} {
		l4.Delete("/tokens/"+id).Code(404, "not-found")
	}
	l4.Delete("/tokens/" + second.Text("id")).Want(204)
	l4.Delete("/tokens/"+second.Text("id")).Code(404, "not-found")
	h.As("").Get(at).Code(404, "not-found")
	if n := l4.Get("/tokens").Want(200).Len("data"); n != 1 {
		t.Errorf("%d tokens are left", n)
	}
	h.Clock.Forward(time.Hour)
	if n := l4.Get("/tokens").Want(200).Len("data"); n != 0 {
		t.Errorf("%d tokens that ended are shown", n)
	}

	h.As("service").Post("/me/calendar-feeds", fields{}).Code(403, "insufficient-level")
	l4.Post("/me/calendar-feeds", fields{"kinds": []string{"birthdays"}}).Code(422, "validation-failed").Fault("#/kinds", "not_in_enum")
	l4.Post("/me/calendar-feeds", fields{"kinds": []string{}}).Code(422, "validation-failed").Fault("#/kinds", "required")
	l4.Post("/me/calendar-feeds", fields{"kinds": "due"}).Code(422, "validation-failed").Fault("#/kinds", "invalid_type")
	l4.Post("/me/calendar-feeds", fields{"kind": []string{"due"}}).Code(422, "validation-failed").Fault("#/kind", "unknown_field")
	h.As("").Post("/me/calendar-feeds", fields{}).Code(401, "unauthenticated")
}

// Addresses of calendars cannot be guessed.
func TestCalendarFeedsCannotBeGuessed(t *testing.T) {
	h := limited(t, api.Limits{Requests: 8, SignIns: 3})
	at := subscribed(h, "l4", "due")
	phone := h.As("")
	for range 3 {
		phone.Get("/feeds/guess.ics").Code(404, "not-found")
	}
	phone.Get(at).Code(429, "quota-exceeded")
	h.Clock.Forward(time.Minute)
	for range 8 {
		phone.Get(at).Want(200)
	}
	phone.Get(at).Code(429, "quota-exceeded")
}
