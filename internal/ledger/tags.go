package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Tag is a word that records are found by.
type Tag struct {
	// Tag is the word, as the newest record that has it writes it.
	Tag string `json:"tag" example:"noise"`
	// Count is how many records have it, of those that the caller sees.
	Count int64 `json:"count"`
	// Collections are those counts by collection.
	Collections []TagUse `json:"collections"`
}

// TagUse is how often a tag is used in a collection.
type TagUse struct {
	// Collection is where it is used.
	Collection string `json:"collection" example:"issues"`
	// Count is how many records have it there, of those that the caller sees.
	Count int64 `json:"count"`
}

// Tagged are the nouns whose records have tags, in their order.
func Tagged() []*register.Noun {
	return slices.DeleteFunc(slices.Clone(register.All()), func(n *register.Noun) bool { return n.Field("tags") == nil })
}

// Tags reads a page of the tags of some nouns that stand behind a folded one in
// the order of the folded tags. Every count is the caller's own.
func (l *Ledger) Tags(ctx context.Context, nouns []*register.Noun, after string, limit int) (page []Tag, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx, sight := l.DB.Look(), store.SightOf(authority.From(ctx))
	tags := map[string]*Tag{}
	for _, n := range nouns {
		counts, err := tx.TagCounts(ctx, n, sight)
		if err != nil {
			return nil, false, tooBroad(n, err)
		}
		for tag, count := range counts {
			if tag <= after {
				continue
			}
			if tags[tag] == nil {
				tags[tag] = &Tag{}
			}
			tags[tag].Count += count
			tags[tag].Collections = append(tags[tag].Collections, TagUse{n.Path, count})
		}
	}
	order := slices.Sorted(maps.Keys(tags))
	if more = len(order) > limit; more {
		order = order[:limit]
	}
	spelt, err := spelling(ctx, tx, nouns, order, sight)
	page = make([]Tag, 0, len(order))
	for _, folded := range order {
		tags[folded].Tag = cmp.Or(spelt[folded], folded)
		page = append(page, *tags[folded])
	}
	return page, more, err
}

// newestUse is the newest record that has a tag.
type newestUse struct {
	noun *register.Noun
	id   string
}

// spelling tells how the newest records that have tags write them.
func spelling(ctx context.Context, tx *store.Tx, nouns []*register.Noun, folded []string, sight *store.Sight) (map[string]string, error) {
	newest := map[string]newestUse{}
	for _, n := range nouns {
		found, err := tx.NewestTagged(ctx, n, folded, sight)
		if err != nil {
			return nil, tooBroad(n, err)
		}
		for tag, id := range found {
			if id > newest[tag].id {
				newest[tag] = newestUse{n, id}
			}
		}
	}
	ids := map[*register.Noun][]string{}
	for _, use := range newest {
		ids[use.noun] = append(ids[use.noun], use.id)
	}
	spelt := map[string]string{}
	for n, some := range ids {
		slices.Sort(some)
		rows, err := tx.Rows(ctx, n, slices.Compact(some), sight)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			rec, err := n.Load(row)
			if err != nil {
				return nil, err
			}
			for _, tag := range rec.Common().Tags {
				if at := newest[fold.Fold(tag)]; at.id == rec.Meta().ID {
					spelt[fold.Fold(tag)] = tag
				}
			}
		}
	}
	return spelt, nil
}
