package measure

import (
	"cmp"
	"slices"
	"time"
)

// continuity measures how long contacts stay and how often they change.
func continuity(in []Subject, asOf time.Time, w Window) ContinuityResult {
	w.To = earlier(day(w.To), day(asOf).AddDate(0, 0, 1))
	running, ended := tenures(in, asOf, w)
	r := ContinuityResult{
		Basis: Basis{
			N: len(running), Inputs: some(tenureIDs(running, ended)),
			Formula: "median_tenure_days = median of as_of − from over active assignments; median_ended_tenure_days = median of to − from over those ended in the window; handovers_per_year = changes of person in the window / (days / 365.25); per stakeholder: / active stakeholders",
			Source:  coverageSource,
		},
		From: date(w.From), To: date(w.To), NEnded: len(ended),
		MedianTenureDays: medianTenure(running), MedianEndedTenureDays: medianTenure(ended),
	}
	if r.MedianTenureDays == nil {
		r.because("median_tenure_days", "there are no active assignments")
	}
	if r.MedianEndedTenureDays == nil {
		r.because("median_ended_tenure_days", "no assignment ended in the window")
	}
	r.countHandovers(in, w)
	return r
}

func (r *ContinuityResult) countHandovers(in []Subject, w Window) {
	why := ""
	switch {
	case len(in) == 0:
		why = "there are no active stakeholders"
	case w.Days() == 0:
		why = "the window holds no day up to as_of"
	}
	if why != "" {
		for _, field := range []string{"handovers", "handovers_per_year", "handovers_per_stakeholder_year"} {
			r.because(field, why)
		}
		return
	}
	n := 0
	for _, s := range in {
		n += s.handovers(w)
	}
	perYear := float64(n) / (float64(w.Days()) / DaysPerYear)
	r.Handovers = &n
	r.HandoversPerYear = new(Number(perYear))
	r.HandoversPerStakeholderYear = new(Number(perYear / float64(len(in))))
}

// handovers counts the assignments that begin in the window and follow one of
// another person, whether or not there was a time without anybody between.
func (s Subject) handovers(w Window) int {
	in := slices.DeleteFunc(slices.Clone(s.Assignments), Assignment.reversed)
	slices.SortFunc(in, func(a, b Assignment) int {
		return cmp.Or(day(a.From).Compare(day(b.From)), cmp.Compare(a.ID, b.ID), cmp.Compare(a.UserID, b.UserID))
	})
	n := 0
	for i := 1; i < len(in); i++ {
		if in[i].UserID != in[i-1].UserID && w.holds(in[i].From) {
			n++
		}
	}
	return n
}

type tenure struct {
	id   string
	days int
}

// tenures parts the assignments running on the day from those ended in the
// window; the rest are of another time.
func tenures(in []Subject, asOf time.Time, w Window) (running, ended []tenure) {
	for _, s := range in {
		for _, a := range s.Assignments {
			switch {
			case a.runs(asOf):
				running = append(running, tenure{a.ID, daysBetween(a.From, asOf)})
			case a.To != nil && !a.reversed() && w.holds(*a.To):
				ended = append(ended, tenure{a.ID, daysBetween(a.From, *a.To)})
			}
		}
	}
	return running, ended
}

// reversed keeps an assignment that ends before it begins from counting as
// time served.
func (a Assignment) reversed() bool { return a.To != nil && daysBetween(a.From, *a.To) < 0 }

func tenureIDs(groups ...[]tenure) []string {
	out := []string{}
	for _, t := range slices.Concat(groups...) {
		out = append(out, t.id)
	}
	slices.Sort(out)
	return out
}

// medianTenure is the middle one, or the mean of the middle two.
func medianTenure(in []tenure) *Number {
	if len(in) == 0 {
		return nil
	}
	days := make([]int, 0, len(in))
	for _, t := range in {
		days = append(days, t.days)
	}
	slices.Sort(days)
	low, high := days[(len(days)-1)/2], days[len(days)/2]
	return new(Number(float64(low+high) / 2))
}
