package register

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rapport/internal/calendar"
	"rapport/internal/flow"
)

// Clock is a time limit that runs while a record is in some states. It is declared
// beside the rows of the workflow, on a noun whose struct holds Clocked, or Ticking
// where clients write due_on themselves.
//
// A clock starts when its record enters one of the states in which it runs, and is
// reckoned from the field that Start names. It stands still in the states of Pauses,
// stops in all others, and starts anew, from then on, when the record comes back.
// Due is asked at every change of the record, so that what it reads moves the clock,
// and when the calendar by which it runs is changed.
type Clock[R any] struct {
	Name    string // "triage"
	Doc     string // what must be done by then
	Runs    []flow.State
	Pauses  []flow.State
	Start   string // the field that says when it began, however later that was entered; "" = on entering the state
	Due     func(ctx context.Context, rec R, look flow.Look) (Limit, error)
	Reminds bool // nothing is due: people are told, and Then follows, when the day begins
	// Tells lists who is told; nil = the owner and the assignee.
	Tells func(rec R) []string
	// Keep writes what the register keeps about a record whose limit was missed, in the
	// same version. May be nil.
	Keep func(rec R)
	// Then carries out what follows from running out.
	Then func(ctx context.Context, rec R, do flow.Do) error
}

// Limit is how much time a clock gives. The zero Limit gives no end.
type Limit struct {
	Days     int           // so many working days after the day of the start; ends with the last one's work
	Work     time.Duration // so much working time, after the days if there are any
	On       Date          // or with the work of this day, whatever was paused
	Calendar string        // the key of the calendar; "" = the organisation's
}

// None reports whether the limit has no end.
func (l Limit) None() bool { return l.Days <= 0 && l.Work <= 0 && l.On == "" }

// Ends is when the limit is over for a clock that started then and stood still for
// so many working days, or for so much working time.
func (l Limit) Ends(cal *calendar.Calendar, start time.Time, pausedDays int, paused time.Duration) (Date, Instant) {
	var at time.Time
	switch {
	case l.None():
		return "", ""
	case l.On != "":
		at = cal.Closes(l.On.day())
	case l.Days > 0:
		at = cal.Add(cal.Closes(cal.Days(cal.Day(start), l.Days+pausedDays)), l.Work)
	default:
		at = cal.Add(start, l.Work+paused)
	}
	if l.On != "" {
		return l.On, At(at)
	}
	return Date(cal.Day(at).String()), At(at)
}

// day is the date as calendars reckon with it.
func (d Date) day() calendar.Day { return calendar.DayOf(d.Time()) }

// Ticking is what the register keeps of a record's clocks.
type Ticking struct {
	// DueAt is the moment at which the next time limit ends, null while none runs.
	DueAt Instant `json:"due_at" list:"sort"`
	// DueFor names the clock that ends then.
	DueFor string `json:"due_for"`
	// PausedTotal counts the minutes of working time for which clocks stood still.
	PausedTotal int `json:"paused_total"`
	// BreachedAt is the end of the last time limit that was missed, null while none was.
	BreachedAt Instant `json:"breached_at"`
	// IsOverdue says whether due_at is over, as of the reading.
	IsOverdue Reckoned `json:"is_overdue" past:"due_at"`
}

// Clocked is Ticking with the day that people see.
type Clocked struct {
	// DueOn is the day by whose end of work something must be done, null while no time limit runs.
	DueOn Date `json:"due_on" list:"sort"`
	Ticking
}

// Reckoned is a member that has no value of its own: it is reckoned when a record
// is shown, from the moment that the tag past names, and true once that is over.
type Reckoned struct{}

func (t *Ticking) ticking() *Ticking { return t }

func (c *Clocked) setDueOn(d Date) { c.DueOn = d }

type ticking interface{ ticking() *Ticking }

// TicksOf is what a record keeps of its clocks, nil for a noun without any.
func TicksOf(rec Record) *Ticking {
	if t, ok := rec.(ticking); ok {
		return t.ticking()
	}
	return nil
}

// DueByHand reports whether clients write due_on themselves: a time limit may then end
// on another day.
func (n *Noun) DueByHand() bool {
	rec := n.New()
	_, kept := rec.(interface{ setDueOn(d Date) })
	return TicksOf(rec) != nil && !kept
}

// SetDue writes which clock ends next.
func SetDue(rec Record, name string, on Date, at Instant) {
	t := TicksOf(rec)
	t.DueFor, t.DueAt = name, at
	if c, ok := rec.(interface{ setDueOn(d Date) }); ok {
		c.setDueOn(on)
	}
}

// Started is when a clock began by its field, "" if that is empty.
func (n *Noun) Started(rec Record, k *Clock[Record], zone *time.Location) Instant {
	text := n.Text(rec, k.Start)
	if f := n.Field(k.Start); f == nil || f.Shape != Day || text == "" {
		return Instant(text)
	}
	d := Date(text).Time()
	return At(time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone))
}

// ClockNamed is the noun's clock of that name, nil if there is none.
func (n *Noun) ClockNamed(name string) *Clock[Record] {
	for i := range n.Clocks {
		if n.Clocks[i].Name == name {
			return &n.Clocks[i]
		}
	}
	return nil
}

// Reminds reports whether a clock of the noun only reminds.
func (n *Noun) Reminds() bool {
	for _, k := range n.Clocks {
		if k.Reminds {
			return true
		}
	}
	return false
}

// OnlyReminded are the states in which nothing is due, and a clock reminds somebody to go
// on: without it a record could lie there for ever.
func (n *Noun) OnlyReminded() (states []any) {
	due := map[flow.State]bool{}
	for _, k := range n.Clocks {
		for _, s := range k.Runs {
			due[s] = due[s] || !k.Reminds
		}
	}
	for _, s := range n.Flow.States() {
		reminds := slices.ContainsFunc(n.Clocks, func(k Clock[Record]) bool { return k.Reminds && k.Then == nil && slices.Contains(k.Runs, s) })
		if reminds && !due[s] {
			states = append(states, string(s))
		}
	}
	return states
}

// eraseClock leaves the type of a clock's records out.
func eraseClock[T any](k Clock[*T], as func(Record) *T) Clock[Record] {
	out := Clock[Record]{
		Name: k.Name, Doc: k.Doc, Runs: k.Runs, Pauses: k.Pauses, Start: k.Start, Reminds: k.Reminds,
		Due: func(ctx context.Context, rec Record, look flow.Look) (Limit, error) { return k.Due(ctx, as(rec), look) },
	}
	if k.Tells != nil {
		out.Tells = func(rec Record) []string { return k.Tells(as(rec)) }
	}
	if k.Keep != nil {
		out.Keep = func(rec Record) { k.Keep(as(rec)) }
	}
	if k.Then != nil {
		out.Then = func(ctx context.Context, rec Record, do flow.Do) error { return k.Then(ctx, as(rec), do) }
	}
	return out
}

// checkClocks refuses clocks that could not run.
func (n *Noun) checkClocks() error {
	if len(n.Clocks) > 0 && TicksOf(n.New()) == nil {
		return fmt.Errorf("it has clocks and holds neither Clocked nor Ticking")
	}
	states := map[flow.State]bool{}
	for _, s := range n.Flow.States() {
		states[s] = true
	}
	seen := map[string]bool{}
	for _, k := range n.Clocks {
		if k.Name == "" || seen[k.Name] || k.Doc == "" || len(k.Runs) == 0 {
			return fmt.Errorf("clock %q needs a name of its own, a sentence and states in which it runs", k.Name)
		}
		seen[k.Name] = true
		for _, s := range append(append([]flow.State{}, k.Runs...), k.Pauses...) {
			if !states[s] {
				return fmt.Errorf("clock %s runs or pauses in %q, which is no state", k.Name, s)
			}
		}
		if f := n.Field(k.Start); k.Start != "" && (f == nil || f.Shape != Moment && f.Shape != Day) {
			return fmt.Errorf("clock %s starts at %q, which is no moment and no day", k.Name, k.Start)
		}
	}
	return nil
}
