package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// mostMentioned is how many lines a breakdown by a list of references has.
const mostMentioned = 50

// mentions parts the records that came in a period by those that a list of references
// names, as far as the reader sees these, in one reading of each period.
func (r *reckoning) mentions(ctx context.Context, on, field string) (Breakdown, error) {
	f, out := r.noun.Field(field), Breakdown{By: field, Lines: []BreakdownLine{}}
	if target := register.ByName(f.Target); !may(authority.From(ctx), target, authority.Read) {
		out.Reason = new("your key does not open " + target.Path)
		return out, nil
	}
	periods, ids := r.periods(on), map[string]bool{}
	counts, totals := make([]map[string]int64, len(periods)), make([]int64, len(periods))
	for i, p := range periods {
		var err error
		if counts[i], totals[i], err = r.naming(ctx, within(on, p), f); err != nil {
			return out, err
		}
		for id := range counts[i] {
			ids[id] = true
		}
	}
	labels, err := r.labels(ctx, r.tx, map[string]map[string]bool{f.Target: ids}, r.sight)
	for id, label := range labels[f.Target] {
		line := r.line(on, field, id, countsOf(counts, id))
		line.Label, line.Share = &label.Name, measure.Share(int(line.Count), int(totals[0]))
		out.Lines = append(out.Lines, line)
	}
	slices.SortFunc(out.Lines, func(a, b BreakdownLine) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(*a.Label, *b.Label), cmp.Compare(a.Value, b.Value))
	})
	out.Lines = out.Lines[:min(mostMentioned, len(out.Lines))]
	return out, err
}

// naming counts the records by each that a list of theirs names, and all of them. Many
// have the same list: the store groups by it as it stands.
func (r *reckoning) naming(ctx context.Context, picks []pick, f *register.Field) (counts map[string]int64, total int64, err error) {
	q := store.Query{Noun: r.noun, Sight: r.sight, Where: r.conds(picks)}
	sums, err := r.tx.Aggregate(ctx, q, []store.Dimension{{Field: f}}, nil, mostSlots)
	counts = map[string]int64{}
	for _, s := range sums {
		var ids []string
		_ = json.Unmarshal([]byte(*s.Values[0]), &ids) // our own JSON, never null
		total += s.Count
		for _, id := range ids {
			counts[id] += s.Count
		}
	}
	return counts, total, err
}
