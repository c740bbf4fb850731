package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Bounds of aggregates: what is answered, and what is read to get there.
const (
	mostGroups = 10_000
	mostSlots  = 200_000
)

// Parts are the parts of time by which moments and days are grouped, in the
// caller's zone: year 2026, quarter 2026-Q3, month 2026-07, week 2026-W27 (ISO
// 8601, from Monday), day 2026-07-01.
var Parts = []string{"year", "quarter", "month", "week", "day"}

// Grouping is one dimension of an aggregate.
type Grouping struct {
	Name  string // as it was asked for, and as it is answered
	Field *register.Field
	Part  string // one of Parts for moments and days, else ""
}

// Metric is one figure of each group: count, or sum or avg of a whole number over
// the records of the group that have one.
type Metric struct {
	Name  string
	Of    string // count, sum, avg
	Field *register.Field
}

// Aggregation is a question for figures.
type Aggregation struct {
	Query   store.Query
	By      []Grouping
	Metrics []Metric
	Zone    *time.Location
}

// Aggregate counts the records that the caller may see in groups: a line per
// group, with a member per dimension and per metric, in the order of the dimensions' values; no value comes last.
func (l *Ledger) Aggregate(ctx context.Context, a Aggregation) ([]map[string]any, error) {
	groups, err := l.groups(ctx, a)
	if err != nil {
		return nil, err
	}
	labels, err := l.groupNames(ctx, a, groups)
	if err != nil {
		return nil, err
	}
	lines := make([]map[string]any, 0, len(groups))
	for _, g := range groups {
		line := map[string]any{}
		for i, by := range a.By {
			line[by.Name] = shownValue(by, g.Values[i])
			if by.Field.Shape == register.Ref {
				line[by.Field.Relation()] = named(labels, by.Field.Target, g.Values[i])
			}
		}
		for _, m := range a.Metrics {
			line[m.Name] = m.of(a, g)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// groups asks the store and joins what its slots of time have in common.
func (l *Ledger) groups(ctx context.Context, a Aggregation) ([]store.Sum, error) {
	actor := authority.From(ctx)
	if err := mayAsk(actor, a.Query.Noun, authority.Read); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	a.Query.Sight = store.SightOf(actor)
	by := make([]store.Dimension, len(a.By))
	for i, g := range a.By {
		by[i] = store.Dimension{Field: g.Field, Digits: g.digits(a.Zone, l.Now())}
	}
	sums, err := l.DB.Look().Aggregate(ctx, a.Query, by, a.summed(), mostSlots+1)
	if err != nil {
		return nil, tooBroad(a.Query.Noun, err)
	}
	groups := merged(a, sums)
	if len(groups) > mostGroups || len(sums) > mostSlots {
		return nil, fault.New(fault.QueryTooBroad, "This makes more than %d groups. Filter, or group by something coarser.", mostGroups)
	}
	return groups, nil
}

// summed are the fields of all metrics but count, each once.
func (a Aggregation) summed() (fields []*register.Field) {
	for _, m := range a.Metrics {
		if m.Field != nil && !slices.Contains(fields, m.Field) {
			fields = append(fields, m.Field)
		}
	}
	return fields
}

func (m Metric) of(a Aggregation, s store.Sum) any {
	if m.Of == "count" {
		return s.Count
	}
	i := slices.Index(a.summed(), m.Field)
	switch {
	case m.Of == "sum":
		return s.Sums[i]
	case s.Having[i] == 0:
		return nil
	}
	return float64(s.Sums[i]) / float64(s.Having[i])
}

// merged adds up the groups whose slots of time lie in the same part of it, and
// puts them into order.
func merged(a Aggregation, sums []store.Sum) []store.Sum {
	at := map[string]int{}
	groups := make([]store.Sum, 0, min(len(sums), mostGroups))
	for _, s := range sums {
		key := make([]byte, 0, 64)
		for i, by := range a.By {
			s.Values[i] = by.label(s.Values[i], a.Zone)
			if key = append(key, 0); s.Values[i] != nil {
				key = strconv.AppendQuote(key, *s.Values[i])
			}
		}
		k, known := at[string(key)]
		if !known {
			at[string(key)] = len(groups)
			groups = append(groups, s)
			continue
		}
		groups[k].Count += s.Count
		for i := range s.Sums {
			groups[k].Sums[i] += s.Sums[i]
			groups[k].Having[i] += s.Having[i]
		}
	}
	slices.SortFunc(groups, a.compare)
	return groups
}

func (a Aggregation) compare(x, y store.Sum) int {
	for i, by := range a.By {
		v, w := x.Values[i], y.Values[i]
		switch {
		case v == nil && w == nil:
			continue
		case v == nil:
			return 1
		case w == nil:
			return -1
		}
		if c := by.compare(*v, *w); c != 0 {
			return c
		}
	}
	return 0
}

func (g Grouping) compare(v, w string) int {
	if g.Field.Shape == register.Whole || g.Field.Shape == register.Rank {
		x, _ := strconv.Atoi(v) // whole numbers of ours
		y, _ := strconv.Atoi(w)
		return cmp.Compare(x, y)
	}
	return cmp.Compare(v, w)
}

// digits is how much of a moment the store may group by so that each group lies in
// one part of time: the day if days begin at midnight UTC, the hour if they begin
// at a full one, else the minute.
func (g Grouping) digits(zone *time.Location, now time.Time) int {
	switch {
	case g.Part == "":
		return 0
	case g.Field.Shape == register.Day || zone == time.UTC:
		return len("2026-11-22")
	}
	for year := 1970; year <= now.Year()+1; year++ {
		for _, month := range []time.Month{time.January, time.July} {
			if _, offset := time.Date(year, month, 1, 0, 0, 0, 0, zone).Zone(); offset%3600 != 0 {
				return len("2026-11-22T09:15")
			}
		}
	}
	return len("2026-11-22T09")
}

// label is the part of time in which a slot lies; other values stay.
func (g Grouping) label(value *string, zone *time.Location) *string {
	if value == nil || g.Part == "" {
		return value
	}
	layouts := map[int]string{10: "2006-01-02", 13: "2006-01-02T15", 16: "2006-01-02T15:04"}
	at, err := time.Parse(layouts[len(*value)], *value)
	if err != nil {
		return nil // not a time that the register writes
	}
	if g.Field.Shape != register.Day {
		at = at.In(zone)
	}
	text := partOf(at, g.Part)
	return &text
}

func partOf(at time.Time, part string) string {
	switch part {
	case "year":
		return at.Format("2006")
	case "quarter":
		return fmt.Sprintf("%d-Q%d", at.Year(), (int(at.Month())+2)/3)
	case "month":
		return at.Format("2006-01")
	case "week":
		year, week := at.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week)
	}
	return at.Format(time.DateOnly)
}

// shownValue is a value as the wire shows it.
func shownValue(g Grouping, v *string) any {
	if v == nil {
		return nil
	}
	switch g.Field.Shape {
	case register.Choice:
		return spelt(g.Field, *v)
	case register.Whole:
		return json.Number(*v)
	case register.Truth:
		return *v == "1" || *v == "true" || *v == "t"
	case register.Rank:
		rank, _ := strconv.Atoi(*v) // the register's own
		return authority.Sensitivity(rank)
	}
	return *v
}

// spelt is a word as its field declares it: those of custom fields are compared
// folded.
func spelt(f *register.Field, word string) string {
	if f.Custom == nil {
		return word
	}
	for _, option := range f.Custom.Options {
		if register.CustomTerm(option) == word {
			return option
		}
	}
	return word // an option that was taken off
}

// named is the record that a group stands for; ref and name are null where the
// reader may not see it.
func named(labels register.Labels, target string, id *string) any {
	if id == nil {
		return nil
	}
	label := OwnerLabel{ID: *id}
	if known, ok := labels[target][*id]; ok {
		label.Ref, label.Name = &known.Ref, &known.Name
	}
	return label
}

func (l *Ledger) groupNames(ctx context.Context, a Aggregation, groups []store.Sum) (register.Labels, error) {
	wanted := map[string]map[string]bool{}
	for i, by := range a.By {
		if by.Field.Shape != register.Ref {
			continue
		}
		ids := map[string]bool{}
		for _, g := range groups {
			if g.Values[i] != nil {
				ids[*g.Values[i]] = true
			}
		}
		wanted[by.Field.Target] = ids
	}
	return l.labels(ctx, l.DB.Look(), wanted, store.SightOf(authority.From(ctx)))
}
