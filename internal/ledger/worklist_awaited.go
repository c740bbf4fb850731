package ledger

import (
	"context"
	"fmt"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// awaited gathers the records of a noun that wait for the person to decide.
func (w *working) awaited(ctx context.Context, n *register.Noun) error {
	if n.Deciders == nil {
		return nil
	}
	states := make([]any, 0, len(n.Awaits))
	for _, s := range n.Awaits {
		states = append(states, string(s))
	}
	q := store.Query{Noun: n, Where: []store.Cond{{Field: n.Field("state"), Op: "in", Values: states}}, Sort: n.Field("due_on"), Sight: w.sight, Limit: mostWork}
	rows, _, err := w.tx.List(ctx, q)
	if err != nil {
		return err
	}
	mine, err := w.asked(ctx, n, rows)
	if err != nil || len(mine) == 0 {
		return err
	}
	return w.gather(ctx, q, func(n *register.Noun, row register.Row) (*[]WorkItem, string) {
		if !mine[string(row[n.Field("id").Column])] {
			return nil, ""
		}
		_, reason := w.dueItem(n, row)
		return &w.list.WaitingOnMe, "You are asked to decide. " + reason
	})
}

// asked are the ids of the rows that the person is asked to decide. What the rules ask
// about one of them is read for all at once.
func (w *working) asked(ctx context.Context, n *register.Noun, rows []register.Row) (map[string]bool, error) {
	p := &page{noun: n, rows: rows, tx: w.tx, read: map[string]map[string]register.Row{}, made: map[string]map[string]store.Act{}}
	mine, lists := map[string]bool{}, map[string][]any{}
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		c := &change{Ledger: w.Ledger, tx: w.tx, noun: n, rec: rec, before: row, actor: authority.From(ctx), at: w.now, asking: true, page: p}
		people, err := n.Deciders(ctx, rec, onceLooked{c.look(), lists})
		if err != nil {
			return nil, err
		}
		mine[rec.Meta().ID] = slices.Contains(people, w.person)
	}
	for id, is := range mine {
		if !is {
			delete(mine, id)
		}
	}
	return mine, nil
}

// onceLooked asks for the same list once.
type onceLooked struct {
	flow.Look
	lists map[string][]any
}

// List is that of the look behind, as it was when it was first asked for.
func (o onceLooked) List(ctx context.Context, noun string, where flow.Where, limit int) ([]any, error) {
	key := fmt.Sprint(noun, where, limit) // prints maps in the order of their keys
	if found, there := o.lists[key]; there {
		return found, nil
	}
	found, err := o.Look.List(ctx, noun, where, limit)
	if err == nil {
		o.lists[key] = found
	}
	return found, err
}
