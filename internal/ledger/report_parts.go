package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// breakdowns part the records that came in a period by fields of few words, all in
// one reading of each period.
func (r *reckoning) breakdowns(ctx context.Context, on string, fields ...string) ([]Breakdown, error) {
	periods := r.periods(on)
	counts := make([]map[[2]string]int64, len(periods)) // by field and word
	for i, p := range periods {
		counted, err := r.words(ctx, within(on, p), fields)
		if err != nil {
			return nil, err
		}
		counts[i] = counted
	}
	out := make([]Breakdown, len(fields))
	for i, name := range fields {
		out[i] = Breakdown{By: name, Lines: r.lines(on, name, counts)}
	}
	return out, nil
}

// words counts the records by field and word.
func (r *reckoning) words(ctx context.Context, picks []pick, fields []string) (map[[2]string]int64, error) {
	by := make([]store.Dimension, len(fields))
	for i, name := range fields {
		by[i] = store.Dimension{Field: r.noun.Field(name)}
	}
	sums, err := r.tx.Aggregate(ctx, store.Query{Noun: r.noun, Sight: r.sight, Where: r.conds(picks)}, by, nil, mostSlots)
	counts := map[[2]string]int64{}
	for _, s := range sums {
		for i, name := range fields {
			counts[[2]string{name, *s.Values[i]}] += s.Count // words are never null
		}
	}
	return counts, err
}

func (r *reckoning) lines(on, field string, counts []map[[2]string]int64) []BreakdownLine {
	lines, total := []BreakdownLine{}, int64(0)
	for _, word := range register.Enums[r.noun.Field(field).Enum] {
		each := countsOf(counts, [2]string{field, word})
		if total += each[0]; slices.Max(each) > 0 {
			lines = append(lines, r.line(on, field, word, each))
		}
	}
	for i := range lines {
		lines[i].Share = measure.Share(int(lines[i].Count), int(total))
	}
	slices.SortStableFunc(lines, func(a, b BreakdownLine) int { return cmp.Compare(b.Count, a.Count) })
	return lines
}

// line is that of a value that so many records of each period have.
func (r *reckoning) line(on, field, value string, each []int64) BreakdownLine {
	line := BreakdownLine{Value: value, Count: each[0], DrillURL: r.drill(r.noun, append(within(on, r.cur), is(field, value))...)}
	if len(each) > 1 {
		line.Previous = &each[1]
	}
	return line
}

// countsOf are the counts of one key in each period.
func countsOf[K comparable](counts []map[K]int64, key K) []int64 {
	each := make([]int64, len(counts))
	for i := range counts {
		each[i] = counts[i][key]
	}
	return each
}

// chartMonths is how many months a control chart shows.
const chartMonths = 24

// chart counts the records of each whole month before the period's end, from the
// first month that has one.
func (r *reckoning) chart(ctx context.Context, name, on string) (Chart, error) {
	c := Chart{
		Name: name, Kind: "c", Points: []ChartPoint{},
		Formula: "limits = c̄ ± 3·√c̄ over the whole months before the end of the period, at most 24, from the first that has a record; they need 12",
	}
	months := r.months()
	all := Aggregation{
		Query: store.Query{Noun: r.noun, Where: r.conds(within(on, ReportPeriod{FromAt: months[0].FromAt, ToAt: months[len(months)-1].ToAt}))},
		By:    []Grouping{{Name: "month", Field: r.noun.Field(on), Part: "month"}}, Zone: r.query.Zone,
	}
	groups, err := r.groups(ctx, all)
	if err != nil {
		return c, err
	}
	counts := map[string]int{}
	for _, g := range groups {
		counts[*g.Values[0]] = int(g.Count)
	}
	var row []int
	for _, m := range months {
		if count := counts[*m.Label]; count > 0 || len(row) > 0 {
			row = append(row, count)
			c.Points = append(c.Points, ChartPoint{Month: *m.Label, Count: count, DrillURL: r.drill(r.noun, within(on, m)...)})
		}
	}
	c.ChartLimits = measure.CChart(row)
	for i := range c.Points {
		c.Points[i].Outside = c.Outside(c.Points[i].Count)
	}
	return c, nil
}

// months are the whole months before the end of the period, or before now.
func (r *reckoning) months() []ReportPeriod {
	end := r.cur.To.Time()
	if today := r.now.Time().In(r.query.Zone); register.On(today) < r.cur.To {
		end = today
	}
	first := time.Date(end.Year(), end.Month(), 1, 0, 0, 0, 0, time.UTC)
	out := make([]ReportPeriod, chartMonths)
	for i := range out {
		from := first.AddDate(0, i-chartMonths, 0)
		out[i] = periodOf(Span{Label: from.Format("2006-01"), From: register.On(from), To: register.On(from.AddDate(0, 1, 0))}, r.query.Zone)
	}
	return out
}
