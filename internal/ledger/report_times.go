package ledger

import (
	"context"
	"time"

	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// mostTimes bounds the records whose times are put into order.
const mostTimes = 100_000

// lapse is how long something took: from a moment to another, less the minutes of
// work for which the clocks stood still.
type lapse struct {
	from, to time.Time
	paused   time.Duration
}

// reckonTimes adds the medians and the like: the times that run between the same two
// moments are read and reckoned once.
func (r *reckoning) reckonTimes(ctx context.Context, figures []figure, found [][]tallied) error {
	type run struct {
		from, on string
		worked   bool
	}
	read, reckoned := map[run][][]lapse{}, map[run][][]float64{}
	for i, f := range figures {
		if f.from == "" {
			continue
		}
		both, own := run{f.from, f.on, false}, run{f.from, f.on, f.worked}
		if read[both] == nil {
			lapses, err := r.lapses(ctx, f)
			if err != nil {
				return err
			}
			read[both] = lapses
		}
		if reckoned[own] == nil {
			for _, lapses := range read[both] {
				reckoned[own] = append(reckoned[own], r.lengths(ctx, f, lapses))
			}
		}
		for k, lengths := range reckoned[own] {
			if len(lengths) <= mostTimes {
				found[i][k].value = measure.Quantile(lengths, f.quantile)
			}
		}
	}
	return nil
}

// lapses reads how long it took in each of the periods.
func (r *reckoning) lapses(ctx context.Context, f figure) ([][]lapse, error) {
	periods := r.periods(f.on)
	out := make([][]lapse, len(periods))
	for i, p := range periods {
		fields := []*register.Field{r.noun.Field(f.from), r.noun.Field(f.on), r.noun.Field("paused_total")}
		err := r.tx.Cells(ctx, store.Query{Noun: r.noun, Sight: r.sight, Where: r.conds(f.picks(p))}, fields, mostTimes+1, func(cells register.Row) error {
			out[i] = append(out[i], lapse{register.Instant(cells[0]).Time(), register.Instant(cells[1]).Time(), time.Duration(number(cells[2])) * time.Minute})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lengths are the lapses as the figure counts them.
func (r *reckoning) lengths(ctx context.Context, f figure, lapses []lapse) []float64 {
	out := make([]float64, len(lapses))
	if !f.worked {
		for i, s := range lapses {
			out[i] = max(s.to.Sub(s.from).Hours(), 0) / 24 // files of others tell of ends before the beginning
		}
		return out
	}
	if len(lapses) == 0 {
		return out
	}
	first, last := lapses[0].from, lapses[0].to
	for _, s := range lapses {
		if s.from.Before(first) {
			first = s.from
		}
		if last.Before(s.to) {
			last = s.to
		}
	}
	worked := r.Calendar(ctx, "").Worked(first, last) // a span that ends before it begins has no work
	for i, s := range lapses {
		out[i] = max(worked.Between(s.from, s.to)-s.paused, 0).Hours()
	}
	return out
}
