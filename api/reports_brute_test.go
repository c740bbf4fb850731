package api_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// bruteFigure is what a figure says, by going through all records one by one.
type bruteFigure struct {
	on    string // the moment; "" = now
	of    func(r fields) bool
	hits  func(r fields) bool
	from  string
	q     float64
	hours bool
}

func word(name string, words ...string) func(fields) bool {
	return func(r fields) bool { return slices.Contains(words, fmt.Sprint(r[name])) }
}

func atLeast(name string, n float64) func(fields) bool {
	return func(r fields) bool { v, ok := r[name].(float64); return ok && v >= n }
}

func any1(fields) bool { return true }

func timely(at, due string) (known, good func(fields) bool) {
	return func(r fields) bool { return r[at] != nil && r[due] != nil }, func(r fields) bool { return r[at].(string) <= r[due].(string) }
}

func bruteComplaints() map[string]bruteFigure {
	acked, ackedWell := timely("acknowledged_at", "acknowledge_due_at")
	decided, decidedWell := timely("decided_at", "decision_due_at")
	open := word("state", "received", "investigating")
	figures := map[string]bruteFigure{
		"received":                         {on: "received_at", of: any1},
		"acknowledged_in_time":             {on: "acknowledge_due_at", of: acked, hits: ackedWell},
		"acknowledged_in_time_of_received": {on: "received_at", of: acked, hits: ackedWell},
		"frontline_resolution": {on: "closed_at", of: any1, hits: func(r fields) bool {
			return r["state"] == "closed_accepted" && r["frontline_at"] != nil && r["investigated_at"] == nil && r["decided_at"] == nil
		}},
		"decided_in_time":             {on: "decided_at", of: decided, hits: decidedWell},
		"decided_in_time_of_received": {on: "received_at", of: decided, hits: decidedWell},
		"extended":                    {on: "decided_at", of: any1, hits: atLeast("extensions", 1)},
		"wrongly_prioritised":         {on: "assessed_at", of: any1, hits: word("reprioritised", "true")},
		"accepted_by_complainant":     {on: "closed_at", of: word("state", "closed_accepted", "closed_rejected"), hits: word("state", "closed_accepted")},
		"upheld":                      {on: "decided_at", of: any1, hits: word("upheld", "upheld")},
		"partly_upheld":               {on: "decided_at", of: any1, hits: word("upheld", "partly")},
		"not_upheld":                  {on: "decided_at", of: any1, hits: word("upheld", "not_upheld")},
		"to_internal_review":          {on: "decided_at", of: any1, hits: atLeast("reviews", 1)},
		"to_external_body":            {on: "decided_at", of: any1, hits: word("state", "referred_external")},
		"repeated":                    {on: "received_at", of: any1, hits: atLeast("repeat_count", 1)},
		"improvement_yield":           {on: "decided_at", of: word("upheld", "upheld", "partly"), hits: atLeast("effective_actions", 1)},
		"process_satisfaction":        {on: "closed_at", of: atLeast("satisfaction", 1), hits: atLeast("satisfaction", 4)},
		"backlog":                     {of: open},
		"backlog_overdue":             {of: open, hits: word("is_overdue", "true")},
	}
	for what, on := range map[string]string{"decide": "decided_at", "close": "closed_at"} {
		for name, q := range map[string]float64{"median": 0.5, "p90": 0.9} {
			figures["hours_to_"+what+"_"+name] = bruteFigure{on: on, of: any1, from: "received_at", q: q, hours: true}
			figures["days_to_"+what+"_"+name] = bruteFigure{on: on, of: any1, from: "received_at", q: q}
		}
	}
	return figures
}

func bruteLessons() map[string]bruteFigure {
	applied := func(r fields) bool { return r["first_applied_at"] != nil }
	return map[string]bruteFigure{
		"captured":                         {on: "created_at", of: any1},
		"published":                        {on: "published_at", of: any1},
		"lesson_use":                       {on: "published_at", of: any1, hits: applied},
		"first_applied":                    {on: "first_applied_at", of: any1},
		"days_to_first_application_median": {on: "first_applied_at", of: func(r fields) bool { return r["published_at"] != nil }, from: "published_at", q: 0.5},
		"days_to_first_application_p90":    {on: "first_applied_at", of: func(r fields) bool { return r["published_at"] != nil }, from: "published_at", q: 0.9},
		"in_use":                           {of: word("state", "published", "applied"), hits: word("state", "applied")},
		"awaiting_validation":              {of: word("state", "captured", "under_validation"), hits: word("is_overdue", "true")},
	}
}

// partedBy counts the records of a period by a word, or by the groups of a list that are
// seen, and all of them.
func partedBy(records []fields, by, from, to string, groups map[string]bool) (counts map[string]float64, total float64) {
	counts = map[string]float64{}
	for _, r := range records {
		if at := r["received_at"].(string); at < from || at >= to {
			continue
		}
		total++
		if word, ok := r[by].(string); ok {
			counts[word]++
			continue
		}
		for _, id := range texts(r[by]) {
			if groups[id] {
				counts[id]++
			}
		}
	}
	return counts, total
}

// joiners enters stakeholders that joined and left groups over the years, and answers
// their ids.
func joiners(h *testkit.House, dice *rand.Rand) (parties []string) {
	h.T.Helper()
	l6, groups := h.As("l6"), []string{}
	for i, sensitivity := range []string{"public", "internal", "internal", "confidential", "restricted"} {
		groups = append(groups, l6.Post("/groups", fields{"name": fmt.Sprint("Group ", i), "sensitivity": sensitivity}).Want(201).ID())
	}
	for i := range 5 {
		party := l6.Post("/stakeholders", fields{"name": fmt.Sprint("Household ", i), "kind": "group"}).Want(201).ID()
		parties = append(parties, party)
		for range 12 {
			from := time.Date(2024, 9, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, dice.IntN(700))
			joined := l6.Post("/memberships", fields{"group_id": oneOf(dice, groups...), "stakeholder_id": party, "from_on": register.On(from)})
			if joined.Status == 201 && dice.IntN(4) > 0 {
				l6.Move("/memberships/"+joined.ID(), "end", fields{"to_on": register.On(from.AddDate(0, 0, dice.IntN(90)))}).Want(200)
			}
		}
	}
	return parties
}

// holdGroups holds the groups that complaints keep against all memberships, one by one.
func holdGroups(h *testkit.House) {
	h.T.Helper()
	rank := map[any]int{"public": 0, "internal": 1, "confidential": 2, "restricted": 3}
	memberships, kept := all(h, "l6", "memberships"), 0
	for _, c := range all(h, "l6", "complaints") {
		on, want := string(register.On(register.Instant(c["received_at"].(string)).Time().In(bucharest))), []string{}
		for _, m := range memberships {
			ended, _ := m["to_on"].(string)
			if m["stakeholder_id"] == c["stakeholder_id"] && m["from_on"].(string) <= on && (ended == "" || ended >= on) && rank[m["sensitivity"]] <= rank[c["sensitivity"]] {
				want = append(want, m["group_id"].(string))
			}
		}
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(texts(c["group_ids"]), want) {
			h.T.Errorf("%v keeps %v, want %v", c["ref"], c["group_ids"], want)
		}
		kept += len(want)
	}
	if kept < 50 {
		h.T.Errorf("only %d groups are kept", kept)
	}
}

// quantile is the value at a share of the sorted ones, in proportion between two.
func quantile(values []float64, q float64) float64 {
	slices.Sort(values)
	at := q * float64(len(values)-1)
	low, rest := math.Modf(at)
	if rest == 0 {
		return values[int(low)]
	}
	return values[int(low)]*(1-rest) + values[int(low)+1]*rest
}

// reckoned is a figure over the records of a period.
func (b bruteFigure) reckoned(records []fields, from, to string) (n, counted int, value any) {
	office := register.DefaultCalendars()[0].Reckon(bucharest)
	var lengths []float64
	for _, r := range records {
		at, _ := r[b.on].(string)
		if b.on != "" && (at == "" || at < from || at >= to) || !b.of(r) {
			continue
		}
		n++
		if b.hits != nil && b.hits(r) {
			counted++
		}
		if b.from != "" {
			begin, end := register.Instant(r[b.from].(string)).Time(), register.Instant(at).Time()
			if b.hours {
				lengths = append(lengths, math.Max(office.Between(begin, end).Hours()-r["paused_total"].(float64)/60, 0))
			} else {
				lengths = append(lengths, end.Sub(begin).Hours()/24)
			}
		}
	}
	switch {
	case b.hits == nil && b.from == "":
		return n, counted, float64(n)
	case n == 0:
		return n, counted, nil
	case b.from != "":
		return n, counted, quantile(lengths, b.q)
	}
	return n, counted, float64(counted) / float64(n)
}
