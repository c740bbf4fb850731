package ledger

import (
	"context"

	"rapport/internal/authority"
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
// alone or, nested, to one of its subgroups too.
func (l *Ledger) Members(ctx context.Context, group string, on register.Date, nested bool, q store.Query, total bool) (Listed, error) {
	n := register.Memberships
	if err := mayAsk(authority.From(ctx), n, authority.Read); err != nil {
		return Listed{}, err
	}
	shown, err := l.Get(ctx, register.Groups, group, nil)
	if err != nil {
		return Listed{}, err
	}
	groups := []any{shown.ID}
	if nested {
		if groups, err = l.within(ctx, shown.ID, on); err != nil {
			return Listed{}, err
		}
	}
	where := append(heldOn(n, on, on >= l.Today(ctx)), store.Cond{Field: n.Field("group_id"), Op: "in", Values: groups})
	q.Among = &store.Among{Noun: n, Field: n.Field("stakeholder_id"), Where: where}
	return l.List(ctx, q, nil, total)
}

// widest is how many groups of one level are looked into.
const widest = 1000

// within lists a group and the subgroups of which it consisted on a day, as far as
// the reader sees them. How groups nest is not kept by day, only when they were
// archived.
func (l *Ledger) within(ctx context.Context, group string, on register.Date) ([]any, error) {
	n, tx := register.Groups, l.DB.Look()
	all, level := []any{group}, []any{group}
	for depth := 1; depth < register.DeepestGroup && len(level) > 0; depth++ {
		rows, _, err := tx.List(ctx, store.Query{
			Noun: n, Sort: n.Field("created_at"), Limit: widest, Sight: store.SightOf(authority.From(ctx)),
			Where: []store.Cond{{Field: n.Field("parent_id"), Op: "in", Values: level}},
		})
		if err != nil {
			return nil, err
		}
		level = nil
		for _, row := range rows {
			used, err := l.inUse(ctx, tx, row, on)
			if err != nil {
				return nil, err
			}
			if used {
				level = append(level, string(row[n.Field("id").Column]))
			}
		}
		all = append(all, level...)
	}
	return all, nil
}

// inUse reports whether a group was in use on a day: one that is archived now was
// until the day on which that happened.
func (l *Ledger) inUse(ctx context.Context, tx *store.Tx, row register.Row, on register.Date) (bool, error) {
	n := register.Groups
	if string(row[n.Field("state").Column]) == "active" {
		return true, nil
	}
	_, at, err := tx.LastActor(ctx, n.Name, string(row[n.Field("id").Column]), "archive")
	return at != "" && on < register.On(at.Time().In(l.local(ctx).Location())), err
}
