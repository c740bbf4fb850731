package measure

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// GapPoint is one assessment: from its date on, current and desired hold until
// the next one. Of several on one day the latest time counts, and of equal
// times the greater id.
type GapPoint struct {
	ID      string
	Date    time.Time
	Current string
	Desired string
}

// GapStep is a run of days inside the window over which one assessment held.
type GapStep struct {
	Input   string `json:"input"`
	From    string `json:"from"`
	To      string `json:"to"`
	Days    int    `json:"days"`
	Current string `json:"current"`
	Desired string `json:"desired"`
	Gap     *int   `json:"gap"`
	GapDays *int   `json:"gap_days"`
	Support *int   `json:"support"`

	from, to time.Time
}

// GapSeriesResult is the engagement gap over a window. Days counts the days on
// which the gap was known, UnknownDays the others; only known days make the
// mean. N counts the assessments with a known gap.
type GapSeriesResult struct {
	Basis
	From        string    `json:"from"`
	To          string    `json:"to"`
	Days        int       `json:"days"`
	UnknownDays int       `json:"unknown_days"`
	Steps       []GapStep `json:"steps"`

	GapDays      *int    `json:"gap_days"`
	MeanGap      *Number `json:"mean_gap"`
	GapStart     *int    `json:"gap_start"`
	GapEnd       *int    `json:"gap_end"`
	ClosureSpeed *Number `json:"closure_speed_per_month"`

	SupportStart      *int `json:"support_start"`
	SupportEnd        *int `json:"support_end"`
	SupportChange     *int `json:"support_change"`
	AwarenessOnlyMove bool `json:"awareness_only_move"`

	DaysPerMonth Number `json:"days_per_month"`
}

// GapSeries measures the engagement gap (PMBOK matrix) as a step function of
// time over [w.From, w.To):
//
//	gap_days      = Σ max(gap, 0)·days
//	mean_gap      = gap_days / days
//	closure_speed = (gap_start − gap_end) / months, a month being 30.4375 days
//
// Days before the first assessment are unknown and not guessed. The last
// assessment holds to the end of the window, so a caller who does not want to
// look ahead ends it today. Start and end are the first and last known step,
// and with one assessment alone nothing moved that anybody saw: the speed and
// the change of support are then null.
func GapSeries(points []GapPoint, w Window) GapSeriesResult {
	r := GapSeriesResult{
		Basis: Basis{
			Inputs:  []string{},
			Formula: fmt.Sprintf("gap_days = Σ max(gap, 0)·days; mean_gap = gap_days / days; closure_speed = (gap_start − gap_end) / months, months = days from start to end / %g", DaysPerMonth),
			Source:  gapSource,
		},
		From: date(w.From), To: date(w.To), Steps: steps(points, w), DaysPerMonth: DaysPerMonth,
	}
	r.sum(w)
	r.move()
	r.moveSupport()
	return r
}

// steps cuts the points into the runs of days that lie in the window.
func steps(points []GapPoint, w Window) []GapStep {
	out := []GapStep{}
	counting := onePerDay(points)
	for i, p := range counting {
		from, to := later(day(p.Date), day(w.From)), day(w.To)
		if i+1 < len(counting) {
			to = earlier(to, day(counting[i+1].Date))
		}
		if from.Before(to) {
			out = append(out, newStep(p, from, to))
		}
	}
	return out
}

func newStep(p GapPoint, from, to time.Time) GapStep {
	s := GapStep{
		Input: p.ID, From: date(from), To: date(to), Days: daysBetween(from, to),
		Current: p.Current, Desired: p.Desired,
		Gap: Gap(p.Current, p.Desired), Support: Support(p.Current),
		from: from, to: to,
	}
	if s.Gap != nil {
		s.GapDays = new(max(*s.Gap, 0) * s.Days)
	}
	return s
}

// onePerDay sorts the points by date and keeps the last of each day.
func onePerDay(points []GapPoint) []GapPoint {
	in := slices.Clone(points)
	slices.SortFunc(in, func(a, b GapPoint) int {
		return cmp.Or(day(a.Date).Compare(day(b.Date)), a.Date.Compare(b.Date), cmp.Compare(a.ID, b.ID),
			cmp.Compare(a.Current, b.Current), cmp.Compare(a.Desired, b.Desired))
	})
	out := in[:0]
	for i, p := range in {
		if i+1 == len(in) || !day(p.Date).Equal(day(in[i+1].Date)) {
			out = append(out, p)
		}
	}
	return out
}

// sum fills what adds up over the known steps.
func (r *GapSeriesResult) sum(w Window) {
	total := 0
	for _, s := range r.Steps {
		if s.Gap == nil {
			continue
		}
		r.N++
		r.Inputs = append(r.Inputs, s.Input)
		r.Days += s.Days
		total += *s.GapDays
	}
	slices.Sort(r.Inputs)
	r.UnknownDays = w.Days() - r.Days
	if r.Days == 0 {
		why := "no day of the window has an assessment with both current and desired engagement"
		if w.Days() == 0 {
			why = "the window holds no day"
		}
		for _, field := range []string{"gap_days", "mean_gap", "gap_start", "gap_end"} {
			r.because(field, why)
		}
		return
	}
	r.GapDays = &total
	r.MeanGap = share(total, r.Days)
}

// move fills start, end and speed of the gap.
func (r *GapSeriesResult) move() {
	first, last := ends(r.Steps, func(s GapStep) bool { return s.Gap != nil })
	if first == nil {
		r.because("closure_speed_per_month", r.Reasons["gap_start"])
		return
	}
	r.GapStart, r.GapEnd = first.Gap, last.Gap
	if first == last {
		r.because("closure_speed_per_month", "one assessment in the window, nothing to compare it with")
		return
	}
	months := float64(daysBetween(first.from, last.to)) / DaysPerMonth
	r.ClosureSpeed = new(Number(float64(*first.Gap-*last.Gap) / months))
}

// moveSupport fills start, end and change of the support. It needs only the
// current word, so it may know more steps than the gap does.
func (r *GapSeriesResult) moveSupport() {
	first, last := ends(r.Steps, func(s GapStep) bool { return s.Support != nil })
	if first == nil {
		for _, field := range []string{"support_start", "support_end", "support_change"} {
			r.because(field, "no day of the window has an assessment of the current engagement")
		}
		return
	}
	r.SupportStart, r.SupportEnd = first.Support, last.Support
	if first == last {
		r.because("support_change", "one assessment in the window, nothing to compare it with")
		return
	}
	r.SupportChange = new(*last.Support - *first.Support)
	r.AwarenessOnlyMove = AwarenessOnlyMove(first.Current, last.Current)
}

// ends finds the first and the last step that counts.
func ends(steps []GapStep, counts func(GapStep) bool) (first, last *GapStep) {
	for i := range steps {
		if !counts(steps[i]) {
			continue
		}
		if first == nil {
			first = &steps[i]
		}
		last = &steps[i]
	}
	return first, last
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
