package calendar

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
)

// Regions are the codes of countries, and of parts of them, whose holidays are
// known: GB, DE-BY.
func Regions() []string { return slices.Sorted(maps.Keys(regions)) }

// Known reports whether the holidays of a region are known.
func Known(region string) bool { return regions[region] != nil }

// romanian are the holidays that Romania keeps since 2024 and the library lacks.
var romanian = []*cal.Holiday{
	{Name: "Botezul Domnului", Type: cal.ObservancePublic, Month: time.January, Day: 6, Func: cal.CalcDayOfMonth, StartYear: 2024},
	{Name: "Soborul Sfântului Ioan Botezătorul", Type: cal.ObservancePublic, Month: time.January, Day: 7, Func: cal.CalcDayOfMonth, StartYear: 2024},
}

// holidaysOf are the days off of a year, by region.
var holidaysOf sync.Map

type regionYear struct {
	region string
	year   int
}

// Holiday names the holiday that a region keeps on a day, "" for none: one that
// falls on a weekend is kept on the day that stands in for it.
func Holiday(region string, d Day) string {
	key := regionYear{region, d.Year}
	days, known := holidaysOf.Load(key)
	if !known {
		days, _ = holidaysOf.LoadOrStore(key, kept(region, d.Year))
	}
	return days.(map[Day]string)[d]
}

// kept are the days off of a region in a year. The years beside it are looked at
// too: a New Year's Day on a Saturday may be kept in the old year.
func kept(region string, year int) map[Day]string {
	days := map[Day]string{}
	for _, h := range regions[region] {
		if h.Type != cal.ObservancePublic && h.Type != cal.ObservanceBank && h.Type != cal.ObservanceUnknown {
			continue
		}
		for y := year - 1; y <= year+1; y++ {
			_, observed := h.Calc(y)
			if d := DayOf(observed); !observed.IsZero() && d.Year == year {
				days[d] = h.Name
			}
		}
	}
	return days
}
