package ledger

import (
	"context"
	"slices"

	"rapport/internal/register"
	"rapport/internal/store"
)

// mostReminded is how many records in which nothing is due are looked at of one noun for
// one of the places that somebody has on it.
const mostReminded = 200

// A reminder says on which day somebody is to look at a record again, and for what.
type reminder struct {
	on  register.Date
	doc string
}

// reminders are the records of a noun on which a person has a place and in which nothing
// is due, with the day on which they are to be looked at again: else what waits for others
// would be told of once, and never again.
func (l *Ledger) reminders(ctx context.Context, tx *store.Tx, sight *store.Sight, n *register.Noun, person string) (rows []register.Row, by map[string]reminder, more bool, err error) {
	states := n.OnlyReminded()
	if len(states) == 0 {
		return nil, nil, false, nil
	}
	by = map[string]reminder{}
	var ids []string
	for _, place := range places(n) {
		where := []store.Cond{{Field: place, Op: "eq", Values: []any{person}}, {Field: n.Field("state"), Op: "in", Values: states}}
		found, further, err := tx.List(ctx, store.Query{Noun: n, Where: where, Sort: n.Field("updated_at"), Limit: mostReminded, Sight: sight})
		if err != nil {
			return nil, nil, false, err
		}
		for _, row := range found {
			if id := string(row[n.Field("id").Column]); !slices.Contains(ids, id) {
				rows, ids = append(rows, row), append(ids, id)
			}
		}
		more = more || further
	}
	clocks, err := tx.RunningOf(ctx, n.Name, ids)
	for _, c := range clocks {
		if k := n.ClockNamed(c.Name); k != nil && k.Reminds && c.DueOn != "" && (by[c.RecordID].on == "" || c.DueOn < by[c.RecordID].on) {
			by[c.RecordID] = reminder{c.DueOn, k.Doc}
		}
	}
	return rows, by, more, err
}

// reminded gathers the records of a noun that the person is to look at again by the end of
// the week.
func (w *working) reminded(ctx context.Context, n *register.Noun) error {
	rows, by, more, err := w.reminders(ctx, w.tx, w.sight, n, w.person)
	if err != nil {
		return err
	}
	w.list.Complete = w.list.Complete && !more
	of := func(row register.Row) reminder { return by[string(row[n.Field("id").Column])] }
	rows = slices.DeleteFunc(rows, func(row register.Row) bool { return of(row).on == "" || of(row).on > w.today.Days(weekAhead) })
	return w.put(ctx, n, rows, func(_ *register.Noun, row register.Row) (*[]WorkItem, string) {
		switch r := of(row); {
		case r.on < w.today:
			return &w.list.Overdue, r.doc + " You were to look at it again on " + string(r.on) + "."
		case r.on == w.today:
			return &w.list.DueToday, r.doc + " You are to look at it again today."
		default:
			return &w.list.DueThisWeek, r.doc + " You are to look at it again on " + string(r.on) + "."
		}
	})
}
