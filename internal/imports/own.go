package imports

import (
	"context"
	"encoding/json"
	"slices"

	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// ownHeadings are the columns by which a file shows that an export of a register
// wrote it.
var ownHeadings = []string{"id", "ref", "version"}

func isOwn(headings []string) bool {
	return !slices.ContainsFunc(ownHeadings, func(h string) bool { return !slices.Contains(headings, h) })
}

// own says what the columns of such a file are meant for: each is called as its
// field is, so nothing is guessed, and what the register keeps itself is left out.
func own(n *register.Noun, o Options, headings []string) []Column {
	columns := make([]Column, len(headings))
	for i, heading := range headings {
		columns[i] = Column{Heading: heading}
		if isTarget(n, o, heading) {
			columns[i].Target, columns[i].Confidence = heading, 1
		}
	}
	return columns
}

func isTarget(n *register.Noun, o Options, name string) bool {
	if name == "id" || name == "external_ids" && n.Field(name) != nil {
		return true
	}
	if slices.ContainsFunc(targetsOf(n, o), func(t target) bool { return t.name == name }) {
		return true
	}
	t, ok := targetNamed(n, o, name)
	return ok && t.kind == customCell
}

// idsOf are the ids that rows say they have.
func (p *plan) idsOf(items []*item) (ids []string) {
	for _, it := range items {
		if name, err := store.ParseName(p.noun, it.id); err == nil && name.ID != "" {
			it.id = name.ID
			ids = append(ids, name.ID)
		}
	}
	return ids
}

// referMany looks the records up that a row names in lists.
func (w *worker) referMany(ctx context.Context, k *ledger.Chunk, it *item, before register.Row) error {
	for i, m := range it.body {
		f := w.plan.noun.Field(m.Name)
		if f == nil || !f.Many {
			continue
		}
		var names []string
		if json.Unmarshal(m.Raw, &names) != nil {
			continue // no list: its own fault is told
		}
		ids := make([]string, 0, len(names))
		for _, name := range names {
			id, err := w.referTo(ctx, k, it, named{it.from[f.Name], name}, f, before)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		it.body[i].Raw = marshalled(ids)
	}
	return nil
}
