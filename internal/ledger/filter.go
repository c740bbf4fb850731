package ledger

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Settle makes conditions ready to be asked: the caller may look at the
// collections that they lead to, and what is named by a ref is found, as far as
// the caller sees it, in one query for each noun. What is not found has no id, and
// so nothing equals it.
func (l *Ledger) Settle(ctx context.Context, where []store.Cond) ([]store.Cond, error) {
	actor := authority.From(ctx)
	names := map[*register.Noun][]store.Name{}
	if err := eachCond(where, func(c *store.Cond) error {
		for _, v := range c.Values {
			if named, is := v.(register.Named); is {
				names[named.Noun] = append(names[named.Noun], named.Name)
			}
		}
		if c.Noun == nil {
			return nil
		}
		return mayAsk(actor, c.Noun, authority.Read)
	}); err != nil || len(names) == 0 {
		return where, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	found := map[*register.Noun]map[store.Name]string{}
	for n, named := range names {
		ids, err := l.DB.Look().IDs(ctx, n, named, store.SightOf(actor))
		if err != nil {
			return nil, tooBroad(n, err)
		}
		found[n] = ids
	}
	return where, eachCond(where, func(c *store.Cond) error {
		for i, v := range c.Values {
			if named, is := v.(register.Named); is {
				c.Values[i] = found[named.Noun][named.Name]
			}
		}
		return nil
	})
}

// eachCond visits the comparisons of conditions.
func eachCond(where []store.Cond, visit func(c *store.Cond) error) error {
	for i := range where {
		if where[i].Field == nil {
			if err := eachCond(where[i].Of, visit); err != nil {
				return err
			}
			continue
		}
		if err := visit(&where[i]); err != nil {
			return err
		}
	}
	return nil
}
