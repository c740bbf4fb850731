package ledger

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// pick is a condition of a figure, which the wire can ask of a list in the same words.
type pick struct {
	field, op string
	values    []string
}

func is(field string, words ...string) pick { return pick{field, "in", words} }

func filled(field string) pick { return pick{field, "null", []string{"false"}} }

func absent(field string) pick { return pick{field, "null", []string{"true"}} }

func atLeast(field, number string) pick { return pick{field, "gte", []string{number}} }

func upToNow(field string) pick { return pick{field, "lte", []string{"now"}} }

// figure declares a number of a report.
type figure struct {
	name, label, formula, source string

	on   string // the moment by which a record belongs to the period; "" = as things stand now
	of   []pick // which of these it rests on
	hits []pick // a share: which of those it counts

	from     string  // a time: the moment from which it runs to on
	quantile float64 // of the times
	worked   bool    // in hours of work without pauses, in place of days
}

// cond is a pick as the store asks it.
func (r *reckoning) cond(p pick) store.Cond {
	f := r.noun.Field(p.field)
	c := store.Cond{Field: f, Op: p.op}
	for _, text := range p.values {
		switch {
		case p.op == "null" || f.Shape == register.Truth:
			c.Values = append(c.Values, text == "true")
		case f.Shape == register.Whole:
			c.Values = append(c.Values, number([]byte(text)))
		case text == "now":
			c.Values = append(c.Values, string(r.now))
		default:
			c.Values = append(c.Values, text)
		}
	}
	return c
}

func (r *reckoning) conds(picks []pick) (all []store.Cond) {
	for _, p := range picks {
		all = append(all, r.cond(p))
	}
	return all
}

// within are the picks of the records that belong to a period by a moment.
func within(on string, p ReportPeriod) []pick {
	return []pick{{on, "gte", []string{string(p.FromAt)}}, {on, "lt", []string{string(p.ToAt)}}}
}

// drill is the URL of the list of the records that meet all picks. Of two on the same
// field the later one holds: what a share counts is narrower than what it rests on.
func (r *reckoning) drill(n *register.Noun, picks ...pick) string {
	var names, values []string
	for _, p := range picks {
		name, value := p.wire(r.now)
		if i := slices.Index(names, name); i >= 0 {
			values[i] = value
			continue
		}
		names, values = append(names, name), append(values, value)
	}
	query := make([]string, len(names))
	for i, name := range names {
		query[i] = name + "=" + strings.ReplaceAll(url.QueryEscape(values[i]), "%2C", ",")
	}
	return r.Base + "/" + n.Path + "?" + strings.Join(query, "&")
}

// wire is a pick as a parameter of lists.
func (p pick) wire(now register.Instant) (name, value string) {
	if name = p.field; p.op != "in" {
		name += "." + p.op
	}
	if value = strings.Join(p.values, ","); value == "now" {
		value = string(now)
	}
	return name, value
}

// picks are those of the figure's records in a period, or now.
func (f figure) picks(p ReportPeriod) (all []pick) {
	if f.on != "" {
		all = within(f.on, p)
	}
	return append(all, f.of...)
}

// periods are those that the figures of a moment are counted in.
func (r *reckoning) periods(on string) []ReportPeriod {
	if on == "" || r.prev == nil {
		return []ReportPeriod{r.cur}
	}
	return []ReportPeriod{r.cur, *r.prev}
}

// tallied is what is counted of a figure in a period.
type tallied struct {
	n, counted int64
	value      *measure.Number
}

// reckon counts all figures, with one reading of each period for those that go by the
// same moment. Figures as things stand go by the states that open names.
func (r *reckoning) reckon(ctx context.Context, figures []figure, open pick) ([]Figure, error) {
	found := make([][]tallied, len(figures)) // the present period, then the one before
	for _, on := range moments(figures) {
		for _, p := range r.periods(on) {
			among := within(on, p)
			if on == "" {
				among = []pick{open}
			}
			if err := r.count(ctx, among, on, figures, found); err != nil {
				return nil, err
			}
		}
	}
	if err := r.reckonTimes(ctx, figures, found); err != nil {
		return nil, err
	}
	out := make([]Figure, len(figures))
	for i, f := range figures {
		out[i] = r.shown(f, found[i])
	}
	return out, nil
}

// count counts the figures that go by a moment among some records, each set of these once.
func (r *reckoning) count(ctx context.Context, among []pick, on string, figures []figure, found [][]tallied) error {
	var cases [][]store.Cond
	at := map[string]int{}
	of := func(picks []pick) int {
		key := r.drill(r.noun, picks...)
		i, known := at[key]
		if !known {
			i = len(cases)
			at[key], cases = i, append(cases, r.conds(picks))
		}
		return i
	}
	type places struct{ figure, n, counted int }
	var all []places
	for i, f := range figures {
		if f.on == on {
			all = append(all, places{i, of(f.of), of(slices.Concat(f.of, f.hits))})
		}
	}
	counts, err := r.tx.Tally(ctx, store.Query{Noun: r.noun, Sight: r.sight, Where: r.conds(among)}, cases)
	if err != nil {
		return err
	}
	for _, p := range all {
		found[p.figure] = append(found[p.figure], tallied{n: counts[p.n], counted: counts[p.counted]})
	}
	return nil
}

// moments are the moments by which figures go, each once.
func moments(figures []figure) (all []string) {
	seen := map[string]bool{}
	for _, f := range figures {
		if !seen[f.on] {
			seen[f.on] = true
			all = append(all, f.on)
		}
	}
	return all
}

// unit is what the figure's value counts.
func (f figure) unit() string {
	switch {
	case f.worked:
		return "working_hours"
	case f.from != "":
		return "days"
	case f.hits != nil:
		return "share"
	}
	return "count"
}

// valued completes what was counted with the value.
func (f figure) valued(t tallied) tallied {
	switch f.unit() {
	case "share":
		t.value = measure.Share(int(t.counted), int(t.n))
	case "count":
		t.value = new(measure.Number(t.n))
	}
	return t
}

func (r *reckoning) shown(f figure, found []tallied) Figure {
	t := f.valued(found[0])
	out := Figure{
		Name: f.name, Label: f.label, Unit: f.unit(), Value: t.value, N: t.n, Formula: f.formula, Source: f.source,
		DrillURL: r.drill(r.noun, f.picks(r.cur)...),
	}
	if f.hits != nil {
		out.Counted, out.Interval = &t.counted, measure.Wilson(int(t.counted), int(t.n))
		out.CountedURL = new(r.drill(r.noun, append(f.picks(r.cur), f.hits...)...))
	}
	if len(found) > 1 {
		out.Previous = before(f, f.valued(found[1]))
	}
	return out.compared()
}

func before(f figure, t tallied) *FigureBefore {
	b := &FigureBefore{Value: t.value, N: t.n}
	if f.hits != nil {
		b.Counted = &t.counted
	}
	return b
}

// compared says why there is no value, or how far it lies from the one before.
func (f Figure) compared() Figure {
	switch {
	case f.Value == nil && f.Reason == nil && f.N > mostTimes:
		f.Reason = new("there are too many records to put their times into order: ask for a shorter period")
	case f.Value == nil && f.Reason == nil:
		f.Reason = new("there are no such records")
	case f.Value != nil && f.Previous != nil && f.Previous.Value != nil:
		f.Change = new(*f.Value - *f.Previous.Value)
	}
	return f
}
