package ledger

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Contacts reads whom one calls at organisations: their running contact_for
// relationships, up to each of one of them, the primary ones first.
func (l *Ledger) Contacts(ctx context.Context, organisations []string, each int) ([]register.Row, [][]byte, error) {
	n := register.Relationships
	running := append(heldOn(n, l.Today(ctx), true), store.Cond{Field: n.Field("type"), Op: "is", Values: []any{"contact_for"}})
	return l.brood(ctx, store.Brood{Noun: n, By: n.Field("to_id"), Parents: organisations, Each: each, Where: running, First: n.Field("is_primary")})
}

// Members reads a page of the stakeholders who belonged to a group on a day: to it
// alone or, nested, to one of its subgroups too. Whom a rule makes a member is told
// of now alone: past says that a day was asked for.
func (l *Ledger) Members(ctx context.Context, group string, on register.Date, past, nested bool, q store.Query, only register.Only, total bool) (Listed, error) {
	n := register.Memberships
	if err := mayAsk(authority.From(ctx), n, authority.Read); err != nil {
		return Listed{}, err
	}
	shown, err := l.Get(ctx, register.Groups, group, nil)
	if err != nil {
		return Listed{}, err
	}
	rows := []register.Row{shown.Row}
	if nested {
		if rows, err = l.within(ctx, shown.Row, on); err != nil {
			return Listed{}, err
		}
	}
	groups, rules, err := l.ruled(ctx, rows, past)
	if err != nil {
		return Listed{}, err
	}
	where := append(heldOn(n, on, on >= l.Today(ctx)), store.Cond{Field: n.Field("group_id"), Op: "in", Values: groups})
	q.Among = &store.Among{Noun: n, Field: n.Field("stakeholder_id"), Where: where, Or: rules}
	return l.List(ctx, q, only, total)
}

// ruled are the ids of groups, and the conditions that the rules among them set.
func (l *Ledger) ruled(ctx context.Context, rows []register.Row, past bool) (ids []any, rules []store.Cond, err error) {
	for _, row := range rows {
		rec, err := register.Groups.Load(row)
		if err != nil {
			return nil, nil, err
		}
		g, _ := rec.(*register.Group)
		ids = append(ids, g.ID)
		if g.Kind != "rule" {
			continue
		}
		if past {
			f := fault.Fields{{Parameter: "as_of", Code: "not_historical", Detail: "Whom a rule makes a member is known of now alone; the group " + register.Groups.Ref(row[register.Groups.Field("num").Column]) + " has one."}}
			return nil, nil, f.Err()
		}
		asking, err := l.Asking(ctx, register.Stakeholders, l.local(ctx))
		if err != nil {
			return nil, nil, err
		}
		c, ok := g.Rule.Ask(asking, register.Place{Pointer: "#/rule"})
		if !ok {
			return nil, nil, asking.Faults.Err()
		}
		rules = append(rules, c)
	}
	rules, err = l.Settle(ctx, rules)
	return ids, rules, err
}

// widest is how many groups of one level are looked into.
const widest = 1000

// within lists a group and the subgroups of which it consisted on a day, as far as
// the reader sees them. How groups nest is not kept by day, only when they were
// archived.
func (l *Ledger) within(ctx context.Context, group register.Row, on register.Date) ([]register.Row, error) {
	n, tx := register.Groups, l.DB.Look()
	id := n.Field("id").Column
	all, level := []register.Row{group}, []any{string(group[id])}
	for depth := 1; depth < register.DeepestGroup && len(level) > 0; depth++ {
		rows, _, err := tx.List(ctx, store.Query{
			Noun: n, Sort: n.Field("created_at"), Limit: widest, Sight: store.SightOf(authority.From(ctx)),
			Where: []store.Cond{{Field: n.Field("parent_id"), Op: "in", Values: level}},
		})
		if err != nil {
			return nil, err
		}
		if rows, err = l.inUse(ctx, tx, rows, on); err != nil {
			return nil, err
		}
		level = nil
		for _, row := range rows {
			all, level = append(all, row), append(level, string(row[id]))
		}
	}
	return all, nil
}

// inUse are the groups that were in use on a day: one that is archived now was until
// the day on which that happened.
func (l *Ledger) inUse(ctx context.Context, tx *store.Tx, groups []register.Row, on register.Date) ([]register.Row, error) {
	n, archived := register.Groups, []string{}
	id, state := n.Field("id").Column, n.Field("state").Column
	for _, row := range groups {
		if string(row[state]) != "active" {
			archived = append(archived, string(row[id]))
		}
	}
	acts, err := tx.LastActs(ctx, n.Name, archived, "archive")
	zone := l.local(ctx).Location()
	return slices.DeleteFunc(groups, func(row register.Row) bool {
		at := acts[string(row[id])].At
		return string(row[state]) != "active" && (at == "" || on >= register.On(at.Time().In(zone)))
	}), err
}
