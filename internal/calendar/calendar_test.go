package calendar

import (
	"math/rand/v2"
	"testing"
	"time"
)

// office works from Monday to Friday, with a break at noon where it has one.
func office(t testing.TB, zone string, off func(Day) bool, spans ...Span) *Calendar {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var hours [7][]Span
	for day := time.Monday; day <= time.Friday; day++ {
		hours[day] = spans
	}
	return New(loc, hours, off)
}

var nineToFive = Span{9 * 60, 17 * 60}

func day(s string) Day {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return DayOf(t)
}

func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWorkingDays(t *testing.T) {
	kept := func(d Day) bool { return Holiday("GB", d) != "" }
	c := office(t, "Europe/London", kept, nineToFive)
	for _, v := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-11-20", 1, "2026-11-23"}, // over a weekend
		{"2026-11-22", 1, "2026-11-23"}, // what comes in on a Sunday is counted from there
		{"2026-11-22", 0, "2026-11-23"},
		{"2026-11-23", 0, "2026-11-23"},
		{"2024-02-28", 1, "2024-02-29"}, // a leap day
		{"2026-02-27", 1, "2026-03-02"},
		{"2026-12-24", 1, "2026-12-29"}, // Boxing Day on a Saturday is kept on the Monday
		{"2027-12-31", 1, "2028-01-04"}, // New Year's Day on a Saturday is kept on the Monday
		{"2026-11-20", 20, "2026-12-18"},
		{"2199-12-20", 6, "2200-01-02"}, // years far ahead
	} {
		if got := c.Days(day(v.from), v.n).String(); got != v.want {
			t.Errorf("%d working days after %s: want %s, got %s", v.n, v.from, v.want, got)
		}
	}
	if got := c.DaysBack(day("2026-12-29"), 1).String(); got != "2026-12-24" {
		t.Errorf("a working day before the 29th: %s", got)
	}
}

// A working day's hours are those on the wall, whatever the zone did over night,
// and a night shift is as long as it lasts.
func TestClocksPutForwardAndBack(t *testing.T) {
	london := office(t, "Europe/London", nil, nineToFive)
	if got := london.Closes(day("2026-03-27")); !got.Equal(moment("2026-03-27T17:00:00Z")) {
		t.Errorf("Friday before: %s", got)
	}
	if got := london.Closes(day("2026-03-30")); !got.Equal(moment("2026-03-30T16:00:00Z")) {
		t.Errorf("Monday after: %s", got)
	}
	if got := london.Add(moment("2026-03-27T16:00:00Z"), 2*time.Hour); !got.Equal(moment("2026-03-30T09:00:00Z")) {
		t.Errorf("two hours from Friday four o'clock: %s", got.UTC())
	}
	always := [7][]Span{}
	for d := range always {
		always[d] = []Span{{0, 24 * 60}}
	}
	for _, v := range []struct {
		zone, day string
		want      time.Duration
	}{
		{"Europe/London", "2026-03-29", 23 * time.Hour},
		{"Europe/London", "2026-10-25", 25 * time.Hour},
		{"Australia/Lord_Howe", "2026-10-04", 23*time.Hour + 30*time.Minute},
		{"Asia/Kathmandu", "2026-10-04", 24 * time.Hour},
		{"America/Sao_Paulo", "2018-11-04", 23 * time.Hour}, // put forward at midnight: it has none
		{"Pacific/Apia", "2011-12-30", 0},                   // a day that never was
	} {
		loc, err := time.LoadLocation(v.zone)
		if err != nil {
			t.Fatal(err)
		}
		c, d := New(loc, always, nil), day(v.day)
		if got := c.Closes(d).Sub(c.Opens(d)); got != v.want {
			t.Errorf("%s in %s lasts %s, want %s", v.day, v.zone, got, v.want)
		}
		if got := c.Between(c.Opens(d.Plus(-3)), c.Opens(d.Plus(3))); got != c.Opens(d.Plus(3)).Sub(c.Opens(d.Plus(-3))) {
			t.Errorf("around %s in %s who always works does for %s", v.day, v.zone, got)
		}
	}
	night := office(t, "Europe/London", nil, Span{90, 150}) // 01:30 to 02:30
	if got := night.Between(moment("2026-11-22T00:00:00Z"), moment("2026-11-24T00:00:00Z")); got != time.Hour {
		t.Errorf("a night shift: %s", got)
	}
}

func TestSpansAreJoined(t *testing.T) {
	c := office(t, "UTC", nil, Span{13 * 60, 17 * 60}, Span{9 * 60, 12 * 60}, Span{11 * 60, 12*60 + 30}, Span{18 * 60, 18 * 60}, Span{-5, -1})
	if got := c.Between(moment("2026-11-23T00:00:00Z"), moment("2026-11-24T00:00:00Z")); got != 7*time.Hour+30*time.Minute {
		t.Errorf("a Monday has %s of work", got)
	}
	if got := c.Add(moment("2026-11-23T12:00:00Z"), time.Hour); !got.Equal(moment("2026-11-23T13:30:00Z")) {
		t.Errorf("an hour over the break ends at %s", got)
	}
}

// A calendar without any work has an answer too.
func TestNobodyEverWorks(t *testing.T) {
	c := New(time.UTC, [7][]Span{}, nil)
	at := moment("2026-11-23T12:00:00Z")
	if got := c.Add(at, time.Hour); !got.Equal(at) {
		t.Errorf("work ends at %s", got)
	}
	if got := c.Days(DayOf(at), 3); got.Before(DayOf(at)) {
		t.Errorf("three days later is %s", got)
	}
}

var zones = []string{
	"UTC", "Europe/London", "Europe/Bucharest", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe",
	"Pacific/Chatham", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Antarctica/Troll", "Asia/Gaza",
}

// holds is what must be so of every calendar, moment and time of work.
func holds(t *testing.T, c *Calendar, at time.Time, work, more time.Duration) {
	t.Helper()
	end := c.Add(at, work)
	if got := c.Between(at, end); got != work {
		t.Errorf("%s of work after %s end at %s, between which lie %s", work, at, end, got)
	}
	if further := c.Add(at, work+more); further.Before(end) {
		t.Errorf("more work from %s ends earlier: %s, %s", at, end, further)
	}
	if there := c.Add(end, more); !there.Equal(c.Add(at, work+more)) {
		t.Errorf("from %s, %s and then %s of work end at %s, both at once at %s", at, work, more, there, c.Add(at, work+more))
	}
	if later := c.Add(at.Add(more), work); later.Before(end) {
		t.Errorf("what begins later ends earlier: %s, %s", end, later)
	}
	d, n := c.Day(at), int(more.Hours())%30
	reached := c.Days(d, n)
	if got := c.DaysBetween(d, reached); n > 0 && got != n {
		t.Errorf("%d working days after %s is %s, between which lie %d", n, d, reached, got)
	}
	if c.Closes(reached).Before(c.Opens(reached)) || !c.Works(reached) {
		t.Errorf("%s ends before it begins, or nobody works then", reached)
	}
	if back := c.DaysBack(reached, n); d.Before(back) && n > 0 && c.Works(d) || c.Works(d) && n > 0 && back != d {
		t.Errorf("%d working days before %s is %s, not %s", n, reached, back, d)
	}
}

func TestAddThenBetween(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	regions := append(Regions(), "")
	for range 3000 {
		region := regions[rng.IntN(len(regions))]
		from := rng.IntN(1300)
		c := office(t, zones[rng.IntN(len(zones))], func(d Day) bool { return Holiday(region, d) != "" },
			Span{from, from + 1 + rng.IntN(1440-from)}, Span{rng.IntN(700), 700 + rng.IntN(741)})
		at := time.Date(2000+rng.IntN(60), 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rng.Int64N(int64(366 * 24 * time.Hour)))).Truncate(time.Millisecond)
		holds(t, c, at, time.Duration(rng.IntN(200*60))*time.Minute, time.Duration(rng.IntN(100*60))*time.Minute)
	}
}

func FuzzAddThenBetween(f *testing.F) {
	f.Add(uint8(3), int64(1_774_747_800), uint16(0), uint16(1440), uint16(600), uint16(90))
	f.Add(uint8(10), int64(1_325_203_200), uint16(60), uint16(200), uint16(9000), uint16(1))
	f.Fuzz(func(t *testing.T, zone uint8, unix int64, from, to, work, more uint16) {
		if from%1440 >= to%1441 || unix < -2_000_000_000 || unix > 7_000_000_000 {
			t.Skip()
		}
		c := office(t, zones[int(zone)%len(zones)], nil, Span{int(from) % 1440, int(to) % 1441})
		holds(t, c, time.Unix(unix, 0), time.Duration(work%6000)*time.Minute, time.Duration(more%6000)*time.Minute)
	})
}

func TestHolidays(t *testing.T) {
	for _, v := range []struct{ region, day, want string }{
		{"RO", "2023-01-06", ""},
		{"RO", "2026-01-06", "Botezul Domnului"},
		{"RO", "2026-01-07", "Soborul Sfântului Ioan Botezătorul"},
		{"GB", "2026-12-28", "Boxing Day"},
		{"GB", "2026-12-26", ""},
		{"GB", "2022-09-19", ""},
		{"DE-BY", "2026-01-06", "Heilige Drei Könige"},
		{"DE-HH", "2026-01-06", ""},
		{"US", "2027-12-31", "New Year's Day"},
	} {
		if got := Holiday(v.region, day(v.day)); got != v.want {
			t.Errorf("%s in %s: want %q, got %q", v.day, v.region, v.want, got)
		}
	}
	if Known("XX") || !Known("RO") {
		t.Error("not the regions that there are")
	}
}
