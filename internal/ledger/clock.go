package ledger

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rapport/internal/calendar"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// ringing is the clock that was run out when the register acted on its account, and
// the end that it had then.
type ringing struct {
	clock string
	due   register.Instant
}

// turn turns the clocks of the change's record: it starts, pauses, moves and stops
// them as the record's new state and fields ask for, writes on the record what is
// due next, and returns the clocks that are to be kept. A noun without clocks costs
// nothing, and what is adopted has none.
func (c *change) turn(ctx context.Context) (turned []store.Clock, err error) {
	if len(c.noun.Clocks) == 0 || c.action == "adopted" {
		return nil, nil
	}
	id := c.rec.Meta().ID
	kept := map[string]store.Clock{}
	if c.before != nil {
		clocks, err := c.tx.Clocks(ctx, c.noun.Name, id)
		if err != nil {
			return nil, err
		}
		for _, k := range clocks {
			kept[k.Name] = k
		}
	}
	due, paused := store.Clock{}, 0
	for i := range c.noun.Clocks {
		k := &c.noun.Clocks[i]
		was, there := kept[k.Name]
		is, stood, err := c.turnOne(ctx, k, was, there)
		if err != nil {
			return nil, err
		}
		paused = max(paused, stood)
		if is != was {
			turned = append(turned, is)
		}
		if !k.Reminds && c.counts(is) && (due.DueAt == "" || is.DueAt < due.DueAt) {
			due = is
		}
	}
	if len(kept)+len(turned) == 0 {
		return nil, nil // adopted, and in no state since in which a clock starts
	}
	register.SetDue(c.rec, due.Name, due.DueOn, due.DueAt)
	register.TicksOf(c.rec).PausedTotal += paused
	return turned, nil
}

// counts reports whether a clock's end is one that the record has to meet.
func (c *change) counts(k store.Clock) bool {
	return k.Name != "" && k.DueAt != "" && k.PausedAt == "" && k.StoppedAt == "" && c.rec.Meta().DeletedAt == ""
}

// turnOne is a clock as the change leaves it, and for how many minutes of working
// time it stood still until now, if it goes on. was is what was kept of it, if there
// is something.
func (c *change) turnOne(ctx context.Context, k *register.Clock[register.Record], was store.Clock, there bool) (is store.Clock, stood int, err error) {
	state := c.rec.Meta().State
	runs, pauses := slices.Contains(k.Runs, state), slices.Contains(k.Pauses, state)
	is = was
	running := there && was.StoppedAt == ""
	if !runs && !pauses {
		if !running {
			return was, 0, nil
		}
		stood = c.goOn(ctx, &is)
		is.StoppedAt, is.ActAt = c.at, ""
		return is, stood, nil
	}
	if !running {
		if !runs || !c.enters(k) {
			return was, 0, nil
		}
		is = store.Clock{Kind: c.noun.Name, RecordID: c.rec.Meta().ID, Name: k.Name}
	}
	limit, err := k.Due(ctx, c.rec, c.look())
	if err != nil {
		return is, 0, err
	}
	cal := c.Calendar(ctx, limit.Calendar)
	if !running {
		is.StartedAt = c.at
		if at := c.noun.Started(c.rec, k, cal.Zone()); at != "" && !there {
			is.StartedAt = at
		}
	}
	held := pauses || c.waits(k, is)
	switch {
	case held && is.PausedAt == "":
		is.PausedAt = c.at
	case !held:
		stood = c.goOn(ctx, &is)
	}
	is.Calendar = limit.Calendar
	c.set(ctx, k, &is, limit, cal)
	return is, stood, nil
}

// waits reports whether a clock stands still because somebody above was asked. What
// was missed stays so, and reminders go on.
func (c *change) waits(k *register.Clock[register.Record], is store.Clock) bool {
	passed := is.PausedAt == "" && is.DueAt != "" && is.DueAt <= c.at
	return register.Waits(c.rec) && !k.Reminds && !passed
}

// enters reports whether the change brings the record to where a clock runs.
func (c *change) enters(k *register.Clock[register.Record]) bool {
	if c.before == nil {
		return true
	}
	from := flow.State(c.before[c.noun.Field("state").Column])
	return !slices.Contains(k.Runs, from) && !slices.Contains(k.Pauses, from)
}

// goOn ends a clock's pause, if it stands still, and counts it.
func (c *change) goOn(ctx context.Context, k *store.Clock) (minutes int) {
	if k.PausedAt == "" {
		return 0
	}
	cal := c.Calendar(ctx, k.Calendar)
	from, to := k.PausedAt.Time(), c.at.Time()
	minutes = int(cal.Between(from, to) / time.Minute)
	k.PausedAt, k.PausedMinutes = "", k.PausedMinutes+minutes
	if day := cal.WorkingDay(); day > 0 { // many short pauses add up to a day, one within a day to none
		k.PausedDays = int(time.Duration(k.PausedMinutes) * time.Minute / day)
	}
	return minutes
}

// set reckons when a clock ends, and when there is something to do about it next.
func (c *change) set(ctx context.Context, k *register.Clock[register.Record], is *store.Clock, limit register.Limit, cal *calendar.Calendar) {
	is.DueOn, is.DueAt, is.ActAt = "", "", ""
	if is.PausedAt != "" || c.rec.Meta().DeletedAt != "" {
		return
	}
	is.DueOn, is.DueAt = limit.Ends(cal, is.StartedAt.Time(), is.PausedDays, time.Duration(is.PausedMinutes)*time.Minute)
	if is.DueAt == "" {
		return
	}
	if k.Reminds {
		is.DueAt = register.At(cal.Opens(cal.Days(cal.Day(is.DueAt.Time()), 0)))
	}
	if c.rings.clock == k.Name {
		is.ToldFor = c.rings.due
	}
	soon := c.soon(ctx, is, cal)
	switch {
	case is.ToldFor == is.DueAt:
	case k.Reminds || is.WarnedFor == is.DueAt || soon == "":
		is.ActAt = is.DueAt
	default:
		is.ActAt = soon
	}
}

// soon is when people are told that a clock will end: when work begins some working
// days before, or on the last day, never before the clock started; "" for not at all.
func (c *change) soon(ctx context.Context, k *store.Clock, cal *calendar.Calendar) register.Instant {
	days, _ := strconv.Atoi(c.Setting(ctx, "due_soon_days")) // the setting's own check keeps it a number
	last := cal.Day(k.DueAt.Time().Add(-time.Millisecond))
	for _, day := range []calendar.Day{cal.DaysBack(last, days), last} {
		if at := register.At(cal.Opens(day)); at > k.StartedAt && at < k.DueAt {
			return at
		}
	}
	return ""
}

// Calendar is the calendar with a key, ready for reckoning; the organisation's where
// there is none.
func (l *Ledger) Calendar(ctx context.Context, key string) *calendar.Calendar {
	organisation := l.local(ctx).Location()
	all, err := l.calendars.get(ctx, func(ctx context.Context) (map[string]*calendar.Calendar, error) {
		all := map[string]*calendar.Calendar{}
		return all, l.all(ctx, register.Calendars, func(rec register.Record) {
			c := rec.(*register.Calendar)
			all[c.Key] = c.Reckon(organisation)
		})
	})
	if err != nil {
		l.Log.Error("the calendars could not be read; the last ones known hold", "err", err)
	}
	for _, name := range []string{key, l.Setting(ctx, "default_calendar"), register.DefaultCalendar} {
		if c := all[name]; c != nil {
			return c
		}
	}
	return register.DefaultCalendars()[0].Reckon(organisation)
}
