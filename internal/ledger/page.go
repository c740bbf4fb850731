package ledger

import (
	"context"
	"fmt"
	"slices"

	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// page is what the rows of a list share while they are explained: what the rules
// ask about one of them is read for all at once.
type page struct {
	noun *register.Noun
	rows []register.Row
	tx   *store.Tx
	read map[string]map[string]register.Row // by noun and id; nil = there is none
	made map[string]map[string]store.Act    // by transition and id, who made it last

	matched map[string][]register.Row            // by question
	told    map[string]map[string][]register.Row // those that name the rows, by noun and field, and id
}

func newPage(n *register.Noun, rows []register.Row, tx *store.Tx) *page {
	return &page{
		noun: n, rows: rows, tx: tx, read: map[string]map[string]register.Row{}, made: map[string]map[string]store.Act{},
		matched: map[string][]register.Row{}, told: map[string]map[string][]register.Row{},
	}
}

// ids are those of the rows.
func (p *page) ids() []string {
	ids := make([]string, len(p.rows))
	for i, row := range p.rows {
		ids[i] = string(row[p.noun.Field("id").Column])
	}
	return ids
}

// row is a record of n. The first that is asked for brings all to which the rows refer.
func (p *page) row(ctx context.Context, n *register.Noun, id string) (register.Row, error) {
	if p.read[n.Name] == nil {
		p.read[n.Name] = map[string]register.Row{}
		if err := p.bring(ctx, n, p.refs(n)); err != nil {
			return nil, err
		}
	}
	row, asked := p.read[n.Name][id]
	if !asked {
		if err := p.bring(ctx, n, []string{id}); err != nil {
			return nil, err
		}
		row = p.read[n.Name][id]
	}
	if row == nil {
		return nil, store.ErrNone
	}
	return row, nil
}

// refs are the ids of the records of n to which the rows refer.
func (p *page) refs(n *register.Noun) (ids []string) {
	seen := map[string]bool{}
	for _, row := range p.rows {
		for _, f := range p.noun.Fields {
			if f.Target != n.Name {
				continue
			}
			for _, id := range f.Names(row) {
				if !seen[id] {
					seen[id], ids = true, append(ids, id)
				}
			}
		}
	}
	return ids
}

func (p *page) bring(ctx context.Context, n *register.Noun, ids []string) error {
	for _, id := range ids {
		p.read[n.Name][id] = nil
	}
	rows, err := p.tx.Rows(ctx, n, ids, nil)
	for _, row := range rows {
		p.read[n.Name][string(row[n.Field("id").Column])] = row
	}
	return err
}

// match answers, for the rules about the row with an id, what records meet where: the
// same question is put once, and those that name the row are read for all rows at once.
func (p *page) match(id string) func(ctx context.Context, n *register.Noun, where flow.Where, limit int) ([]register.Row, error) {
	return func(ctx context.Context, n *register.Noun, where flow.Where, limit int) ([]register.Row, error) {
		for name, value := range where {
			if f := n.Field(name); value == id && f != nil && f.Target == p.noun.Name && !f.Many && plain(n, where) {
				return p.naming(ctx, n, f, id, where, limit)
			}
		}
		key := fmt.Sprint(n.Name, where, limit) // prints maps in the order of their keys
		found, asked := p.matched[key]
		if asked {
			return found, nil
		}
		found, err := p.tx.Match(ctx, n, where, limit)
		if err == nil {
			p.matched[key] = found
		}
		return found, err
	}
}

// mostNaming bounds what is read at once of the records that name rows of a page.
const mostNaming = 1000

// naming are the records that name the row in a field and meet where. They are read by
// that field alone, since of two lists of values a database may take the wrong one to be
// the shorter. Where they are more than is read at once, each row is asked for by itself.
func (p *page) naming(ctx context.Context, n *register.Noun, f *register.Field, id string, where flow.Where, limit int) ([]register.Row, error) {
	key := n.Name + "." + f.Name
	by, asked := p.told[key]
	if !asked {
		rows, err := p.tx.Match(ctx, n, flow.Where{f.Name: p.ids()}, mostNaming)
		if err != nil {
			return nil, err
		}
		if len(rows) < mostNaming {
			by = map[string][]register.Row{}
			for _, row := range rows {
				by[string(row[f.Column])] = append(by[string(row[f.Column])], row)
			}
		}
		p.told[key] = by
	}
	if by == nil {
		return p.tx.Match(ctx, n, where, limit)
	}
	found := slices.DeleteFunc(slices.Clone(by[id]), func(row register.Row) bool { return !meets(n, row, where) })
	return found[:min(limit, len(found))], nil
}

// plain reports whether all of where are words, one or several, that columns are to have.
func plain(n *register.Noun, where flow.Where) bool {
	for name, value := range where {
		if f := n.Field(name); f == nil || f.Many || f.Terms || wordsOf(value) == nil {
			return false
		}
	}
	return true
}

// meets reports whether a row meets where, which is plain.
func meets(n *register.Noun, row register.Row, where flow.Where) bool {
	for name, value := range where {
		if !slices.Contains(wordsOf(value), string(row[n.Field(name).Column])) {
			return false
		}
	}
	return true
}

// wordsOf are the words of a condition's value, nil if it has none.
func wordsOf(value any) (words []string) {
	switch v := value.(type) {
	case string:
		words = []string{v}
	case flow.State:
		words = []string{string(v)}
	case []string:
		words = v
	case []flow.State:
		for _, s := range v {
			words = append(words, string(s))
		}
	}
	return words
}
