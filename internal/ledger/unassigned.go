package ledger

import (
	"context"
	"slices"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// standby are who is told of a record that nobody was given: the stakeholder's contact,
// or, where there is none, those who stand by for its noun.
func (c *change) standby(ctx context.Context) ([]string, error) {
	if f := c.noun.AboutStakeholder(); f != nil {
		party, err := maybeParty(ctx, c.look(), c.noun.Text(c.rec, f.Name))
		if err != nil {
			return nil, err
		}
		if party != nil && party.SpocID != "" {
			return []string{party.SpocID}, nil
		}
	}
	by, err := register.StandbyFor(ctx, c.look(), c.noun.Name)
	return by.Of(c.rec.Common().Sensitivity), err
}

// maybeParty finds a stakeholder; nil for none.
func maybeParty(ctx context.Context, look flow.Look, id string) (*register.Stakeholder, error) {
	found, err := register.FindAll[register.Stakeholder](ctx, look, flow.Where{"id": id}, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// mostUnassigned is how many records that nobody was given are looked at of one noun.
const mostUnassigned = 200

// unassignedOf asks for the records of a noun that are due by a day and that nobody was
// given, the earliest first.
func unassignedOf(n *register.Noun, by register.Date) store.Query {
	on := n.Field("due_on")
	where := append(undone(n), store.Cond{Field: on, Op: "lte", Values: []any{string(by)}})
	nobody := store.Cond{Op: "nobody"}
	for _, place := range places(n) {
		nobody.Of = append(nobody.Of, store.Cond{Field: place})
	}
	return store.Query{Noun: n, Where: append(where, nobody), Sort: on, Limit: mostUnassigned}
}

// undone is the condition of the records of a noun that are not done with. Where there
// is one such state it is named: an index by state then serves.
func undone(n *register.Noun) []store.Cond {
	var ends, others []any
	for _, s := range n.Flow.States() {
		if n.Flow.Ended(s) {
			ends = append(ends, string(s))
		} else {
			others = append(others, string(s))
		}
	}
	switch state := n.Field("state"); {
	case len(ends) == 0:
		return nil
	case len(others) == 1:
		return []store.Cond{{Field: state, Op: "eq", Values: others}}
	default:
		return []store.Cond{{Field: state, Op: "nin", Values: ends}}
	}
}

// unassigned gathers what nobody was given and falls to the person: as the contact of
// the stakeholder whom it is about, or as one who stands by.
func (w *working) unassigned(ctx context.Context, n *register.Noun) error {
	q := unassignedOf(n, w.today.Days(weekAhead))
	q.Sight = w.sight
	rows, more, err := w.tx.List(ctx, q)
	if err != nil || len(rows) == 0 {
		return err
	}
	contacts, err := w.contactsOf(ctx, n, rows)
	if err != nil {
		return err
	}
	look := looking{&change{Ledger: w.Ledger, tx: w.tx, actor: authority.Register(), at: w.now}}
	standby, err := register.StandbyFor(ctx, look, n.Name)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(row register.Row) bool {
		if contact := contactOf(n, row, contacts); contact != "" {
			return contact != w.person
		}
		return !slices.Contains(standby.Of(rankOf(n, row)), w.person)
	})
	w.list.Complete = w.list.Complete && !more && len(rows) <= mostWork
	return w.put(ctx, n, rows[:min(len(rows), mostWork)], func(n *register.Noun, row register.Row) (*[]WorkItem, string) {
		section, reason := w.dueItem(n, row)
		return section, reason + " Nobody was given it."
	})
}

// contactsOf are the contacts of the stakeholders whom rows are about, by stakeholder.
func (w *working) contactsOf(ctx context.Context, n *register.Noun, rows []register.Row) (map[string]string, error) {
	f, contacts := n.AboutStakeholder(), map[string]string{}
	if f == nil {
		return contacts, nil
	}
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		if row[f.Column] != nil {
			ids = append(ids, string(row[f.Column]))
		}
	}
	slices.Sort(ids)
	parties, err := w.tx.Rows(ctx, register.Stakeholders, slices.Compact(ids), nil)
	for _, party := range parties {
		contacts[string(party[register.Stakeholders.Field("id").Column])] = string(party[register.Stakeholders.Field("spoc_id").Column])
	}
	return contacts, err
}

func contactOf(n *register.Noun, row register.Row, contacts map[string]string) string {
	if f := n.AboutStakeholder(); f != nil {
		return contacts[string(row[f.Column])]
	}
	return ""
}

func rankOf(n *register.Noun, row register.Row) authority.Sensitivity {
	rank, _ := strconv.Atoi(string(row[n.Field("sensitivity").Column])) // our own number
	return authority.Sensitivity(rank)
}
