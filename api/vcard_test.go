package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// Stakeholders go out as cards for address books: who they are and how to reach them,
// and nothing of what is thought of them.
func TestStakeholdersAsCards(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/stakeholders", `{"name":"Ana Pop; \"Böard\", Ltd","kind":"organisation","notes":"Hard to please","website":"https://harbour.example/a,b","language":"en","tags":["noise","quay; west"],
		"channels":[{"channel":"email","address":"ana@harbour.example","preferred":true},{"channel":"phone","address":"+40 21 555 01 00"},{"channel":"post","address":"Quay 1\nBEGIN:VCARD\n`+strings.Repeat("ö", 60)+`"},{"channel":"social","address":"@board"}]}`).Want(201)
	h.As("l6").Post("/stakeholders", `{"name":"Hidden Board","kind":"group","sensitivity":"restricted"}`).Want(201)
	r := l4.Get("/stakeholders/export?format=vcard").Want(200)
	if got := r.Header.Get("Content-Type") + " " + r.Header.Get("Content-Disposition"); got != `text/vcard; charset=utf-8 attachment; filename="stakeholders-2026-11-22.vcf"` {
		t.Errorf("it comes as %s", got)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(r.Body), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("no line of a card: %q", line)
		}
	}
	card := strings.ReplaceAll(string(r.Body), "\r\n ", "")
	for _, want := range []string{
		"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:", "\r\nKIND:org\r\nORG:Ana Pop\\; \"Böard\"\\, Ltd\r\nFN:Ana Pop\\; \"Böard\"\\, Ltd\r\n", "\r\nEMAIL;PREF=1:ana@harbour.example\r\n",
		"\r\nTEL:+40215550100\r\n", "\r\nADR:;;Quay 1\\nBEGIN:VCARD\\n" + strings.Repeat("ö", 60) + ";;;;\r\n", "\r\nURL:https://harbour.example/a,b\r\n", "\r\nLANG:en\r\n",
		"\r\nCATEGORIES:noise,quay\\; west\r\n", "\r\nREV:20261122T090000Z\r\nEND:VCARD\r\n",
	} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q:\n%s", want, card)
		}
	}
	if strings.Count(card, "\r\nEND:VCARD\r\n") != 1 || strings.Contains(card, "Hard to please") || strings.Contains(card, "@board") {
		t.Errorf("the file holds more:\n%s", card)
	}
	if got := l4.Get("/stakeholders/export?format=vcard&kind=individual").Want(200); len(got.Body) != 0 {
		t.Errorf("nobody has a card: %s", got.Body)
	}
	l4.Get("/stakeholders/export?format=vcard&fields=name").Code(400, "invalid-parameter")
	l4.Get("/issues/export?format=vcard").Code(400, "invalid-parameter")
}

// What falls due goes out as days for calendars; what does not has none.
func TestDueDaysAsACalendar(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/interactions", `{"channel":"call","direction":"inbound","stakeholder_ids":["`+stakeholder(t, l4, "Riverside Residents", "group")+`"],"occurred_at":"now-1h","summary":"They ask for the counts.",
		"sentiment":"neutral","follow_up":{"title":"Send the counts; all, at once","due_on":"2026-11-25"}}`).Want(201)
	id := l4.Get("/follow-ups").Want(200).Text("data.0.id")
	r := l4.Get("/follow-ups/export?format=ics").Want(200)
	if got := r.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		t.Errorf("it comes as %s", got)
	}
	const around, end = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Rapport//Export//EN\r\n", "END:VCALENDAR\r\n"
	want := around + "BEGIN:VEVENT\r\nUID:due-" + id + "@rapport\r\nDTSTAMP:20261122T090000Z\r\nSEQUENCE:1\r\nDTSTART;VALUE=DATE:20261125\r\n" +
		"SUMMARY:FUP-1 Send the counts\\; all\\, at once\r\nDESCRIPTION:State: open.\r\nCLASS:PRIVATE\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n" + end
	if got := strings.ReplaceAll(string(r.Body), "\r\n ", ""); got != want {
		t.Errorf("the calendar is\n%s\nwant\n%s", got, want)
	}
	if got := l4.Get("/follow-ups/export?format=ics&due_on.lt=today").Want(200); string(got.Body) != around+end {
		t.Errorf("nothing is due: %s", got.Body)
	}
	l4.Get("/stakeholders/export?format=ics").Code(400, "invalid-parameter")
	l4.Get("/follow-ups/export?format=ics&fields=title").Code(400, "invalid-parameter")
}
