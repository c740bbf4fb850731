package api

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"rapport/internal/ledger"
)

// The forms in which iCalendar writes days and times (RFC 5545, 3.3).
const (
	icsDay   = "20060102"
	icsLocal = "20060102T150405"
)

// iCalendar writes an agenda as a calendar to subscribe to. It says nothing of when
// it was read, so that what has not changed has the same tag.
func iCalendar(a *ledger.Agenda, now time.Time) ([]byte, error) {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Rapport//Calendar feed//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName("Rapport: " + a.Person)
	cal.SetXWRCalName("Rapport: " + a.Person)
	cal.SetXWRTimezone(a.Zone.String())
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	cal.AddVTimezone(timeZone(a.Zone, now.Year()-1, now.Year()+2))
	for _, appointment := range a.Appointments {
		addEvent(cal, a.Zone, appointment)
	}
	var out bytes.Buffer
	err := cal.SerializeTo(&out, ics.WithNewLineWindows)
	return out.Bytes(), err
}

func addEvent(cal *ics.Calendar, zone *time.Location, a ledger.Appointment) {
	e := cal.AddEvent(a.UID)
	e.SetDtStampTime(a.Changed.Time())
	e.SetModifiedAt(a.Changed.Time())
	e.SetSequence(a.Revision)
	e.SetSummary(a.Sort + ": " + a.Title)
	e.SetDescription(a.About)
	e.AddCategory(a.Sort)
	e.SetClass(ics.ClassificationPrivate)
	if strings.HasPrefix(a.URL, "http") { // a path leads nowhere from a calendar
		e.SetURL(a.URL)
	}
	if a.Place != "" {
		e.SetLocation(a.Place)
	}
	if a.At == "" {
		e.SetProperty(ics.ComponentPropertyDtStart, a.On.Time().Format(icsDay), ics.WithValue(string(ics.ValueDataTypeDate)))
		e.SetTimeTransparency(ics.TransparencyTransparent)
		return
	}
	begins := a.At.Time().In(zone)
	e.SetProperty(ics.ComponentPropertyDtStart, begins.Format(icsLocal), ics.WithTZID(zone.String()))
	if a.For > 0 {
		e.SetProperty(ics.ComponentPropertyDtEnd, begins.Add(a.For).Format(icsLocal), ics.WithTZID(zone.String()))
	}
}

// timeZone tells by how much a zone is off UTC from one year to another, change by
// change: the rules by which zones change are not to be had in Go.
func timeZone(zone *time.Location, from, to int) *ics.VTimezone {
	tz := ics.NewTimezone(zone.String())
	at, end := time.Date(from, time.January, 1, 0, 0, 0, 0, zone), time.Date(to+1, time.January, 1, 0, 0, 0, 0, zone)
	_, before := at.Zone()
	for at.Before(end) {
		name, offset := at.Zone()
		onset := at.UTC().Add(time.Duration(before) * time.Second) // as clocks had shown it until then
		observed := ics.ComponentBase{}
		observed.SetProperty(ics.ComponentPropertyDtStart, onset.Format(icsLocal))
		observed.SetProperty("TZOFFSETFROM", utcOffset(before))
		observed.SetProperty("TZOFFSETTO", utcOffset(offset))
		observed.SetProperty("TZNAME", name)
		if at.IsDST() {
			tz.Components = append(tz.Components, &ics.Daylight{ComponentBase: observed})
		} else {
			tz.Components = append(tz.Components, &ics.Standard{ComponentBase: observed})
		}
		_, next := at.ZoneBounds()
		if next.IsZero() {
			break
		}
		at, before = next, offset
	}
	return tz
}

// utcOffset writes seconds east of Greenwich as iCalendar does.
func utcOffset(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
}
