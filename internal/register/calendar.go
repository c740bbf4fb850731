package register

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/internal/calendar"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// A Calendar says when the organisation, or a part of it, works: the hours of each
// weekday in one zone, the holidays of a region, and further days off. Time limits
// run by it.
type Calendar struct {
	Head
	CalendarFields
}

// CalendarFields are what is written of a calendar.
type CalendarFields struct {
	// Key names the calendar; the one called default always exists.
	Key string `json:"key" validate:"required,max=40,alphanum" set:"create" list:"filter,sort" example:"harbour"`
	// Name says whose calendar it is.
	Name string `json:"name" validate:"required,max=200" list:"filter,sort,title" example:"The harbour office"`
	// Zone is the time zone of the hours; null = that of the organisation.
	Zone string `json:"zone" validate:"max=64" example:"Europe/London"`
	// Hours are the stretches of work of each weekday; a weekday without any is free.
	Hours List[Opening] `json:"hours" validate:"required,min=1,max=50,dive"`
	// HolidayRegion is the ISO 3166 code of the country, or of its part, whose holidays are kept; null = none.
	HolidayRegion string `json:"holiday_region" validate:"max=10" example:"GB"`
	// DaysOff are further days on which nobody works.
	DaysOff List[DayOff] `json:"days_off" validate:"max=500,dive"`
}

// Opening is a stretch of work of a weekday.
type Opening struct {
	// Weekday is the day of the week.
	Weekday string `json:"weekday" validate:"required" enum:"weekday" example:"monday"`
	// From is when work begins, on the clock of the zone.
	From string `json:"from" validate:"required,max=5" example:"09:00"`
	// To is when it ends; 24:00 is the end of the day.
	To string `json:"to" validate:"required,max=5" example:"17:00"`
}

// DayOff is a day on which nobody works.
type DayOff struct {
	// On is the day.
	On Date `json:"on" validate:"required" example:"2026-12-24"`
	// Name says what for.
	Name string `json:"name" validate:"max=100" example:"Harbour feast"`
}

// DefaultCalendar is the key of the calendar that always exists.
const DefaultCalendar = "default"

// Calendars say when there is work.
var Calendars = Define(Kind[Calendar]{
	Name: "calendar", Plural: "calendars", Prefix: "CAL", Group: "Platform",
	Doc:      "When the organisation works, in which time limits run: hours by weekday in a zone, holidays of a region, further days off.",
	Platform: true, Reads: "all", Key: "key", Sort: "key",
	Flow:    flow.Table[*Calendar]{Start: "active", Ends: flow.From("active")},
	Open:    flow.From("active"),
	Unique:  []string{"key"},
	Check:   checkCalendar,
	Changed: calendarStays,
})

// DefaultCalendars are the calendars that a register begins with.
func DefaultCalendars() []Calendar {
	c := Calendar{CalendarFields: CalendarFields{Key: DefaultCalendar, Name: "Office hours"}}
	for _, weekday := range Enums["weekday"][:5] {
		c.Hours = append(c.Hours, Opening{Weekday: weekday, From: "09:00", To: "17:00"})
	}
	return []Calendar{c}
}

// checkCalendar refuses hours, zones and regions that there are not.
func checkCalendar(_ context.Context, c *Calendar, _ flow.Look) (faults fault.Fields, err error) {
	for i, o := range c.Hours {
		at := "#/hours/" + strconv.Itoa(i)
		from, fine := minutes(o.From)
		to, sound := minutes(o.To)
		switch {
		case !fine:
			faults.At(at+"/from", "invalid_format", "%s takes a time of day such as 09:00.", Spoken(at+"/from"))
		case !sound:
			faults.At(at+"/to", "invalid_format", "%s takes a time of day such as 17:00.", Spoken(at+"/to"))
		case from >= to:
			faults.At(at+"/to", "out_of_range", "%s lies behind from: work over midnight takes two stretches.", Spoken(at+"/to"))
		}
	}
	if c.Zone != "" {
		if _, unknown := time.LoadLocation(c.Zone); unknown != nil || c.Zone == "Local" {
			faults.At("#/zone", "invalid_format", "zone takes a time zone such as Europe/London.")
		}
	}
	if known := calendar.Regions(); c.HolidayRegion != "" && !slices.Contains(known, c.HolidayRegion) {
		faults.Add(fault.Field{
			Pointer: "#/holiday_region", Code: "not_in_enum", Detail: "holiday_region takes one of " + strings.Join(known, ", ") + ".",
			Suggestion: fault.Nearest(c.HolidayRegion, known), Params: map[string]any{"allowed": known},
		})
	}
	return faults, nil
}

// minutes are those from midnight to a time of day such as 09:00.
func minutes(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	h, err := strconv.ParseUint(s[:2], 10, 8)
	m, wrong := strconv.ParseUint(s[3:], 10, 8)
	at := int(h)*60 + int(m)
	return at, err == nil && wrong == nil && m < 60 && at <= 24*60
}

// calendarStays keeps the calendar from being removed by which time limits run.
func calendarStays(ctx context.Context, _, c *Calendar, do flow.Do) error {
	if c.DeletedAt != "" && (c.Key == DefaultCalendar || c.Key == do.Setting(ctx, "default_calendar")) {
		return fault.New(fault.StillReferenced, "This calendar stays: time limits run by it.").With("references", []any{})
	}
	return nil
}

// Reckon is the calendar ready for reckoning; organisation is the zone that holds
// where it names none.
func (c *Calendar) Reckon(organisation *time.Location) *calendar.Calendar {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil || c.Zone == "" {
		zone = organisation
	}
	var hours [7][]calendar.Span
	for _, o := range c.Hours {
		from, _ := minutes(o.From) // the calendar's own check keeps them times of day
		to, _ := minutes(o.To)
		weekday := (slices.Index(Enums["weekday"], o.Weekday) + 1) % 7
		hours[weekday] = append(hours[weekday], calendar.Span{From: from, To: to})
	}
	off := map[calendar.Day]bool{}
	for _, d := range c.DaysOff {
		off[d.On.day()] = true
	}
	region := c.HolidayRegion
	return calendar.New(zone, hours, func(d calendar.Day) bool { return off[d] || region != "" && calendar.Holiday(region, d) != "" })
}
