package ledger

import (
	"context"
	"encoding/json"
	"fmt"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Retag is the wish to call a tag by another word.
type Retag struct {
	Tag         string
	To          string
	Merge       bool     // To is a tag that is used already
	Collections []string // where
	RequestID   string
}

// TagRename says what a tag is to be called.
type TagRename struct {
	// To is the new word; it must not be a tag yet, unless only its spelling differs.
	To string `json:"to" validate:"required,max=64" example:"noise-at-night"`
	// Collection is where; null for everywhere.
	Collection string `json:"collection" extensions:"x-nullable" example:"issues"`
}

// TagMerge says into which tag another goes.
type TagMerge struct {
	// Into is the tag that stays; it is used already.
	Into string `json:"into" validate:"required,max=64" example:"noise"`
	// Collection is where; null for everywhere.
	Collection string `json:"collection" extensions:"x-nullable" example:"issues"`
}

// retagLevel is the level that it takes to alter many people's records at once.
const retagLevel = authority.L5

// AskRetag holds the wish against what the caller may, and has it queued. What is
// changed is what the caller sees and may change; the rest keeps its tag.
func (l *Ledger) AskRetag(ctx context.Context, r Retag, member string, queue func(context.Context, *store.Tx) error) error {
	nouns := nounsAt(r.Collections)
	used, err := l.uses(ctx, nouns, r.Tag)
	if err != nil {
		return err
	}
	if !used {
		return fault.New(fault.NotFound, "There is no such tag, or none that you may see.")
	}
	a := authority.From(ctx)
	for _, n := range nouns {
		if err := mayAsk(a, n, authority.Write); err != nil {
			return err
		}
	}
	return l.write(ctx, false, func(ctx context.Context, tx *store.Tx) error {
		c := &change{Ledger: l, tx: tx, actor: a, at: l.at()}
		if err := c.reaches(ctx, need{retagLevel, []string{"it changes many records at once"}}); err != nil {
			return err
		}
		taken, err := l.uses(ctx, nouns, r.To)
		if err != nil {
			return err
		}
		if err := r.fits(member, taken); err != nil {
			return err
		}
		return queue(ctx, tx)
	})
}

func nounsAt(collections []string) []*register.Noun {
	nouns := make([]*register.Noun, 0, len(collections))
	for _, path := range collections {
		nouns = append(nouns, register.ByPath(path))
	}
	return nouns
}

// fits holds the new word against the tags that are used.
func (r Retag) fits(member string, taken bool) error {
	same := fold.Fold(r.To) == fold.Fold(r.Tag)
	var faults fault.Fields
	switch {
	case r.Merge && same:
		faults.At("#/"+member, "conflicts_with", "A tag cannot go into itself.")
	case r.Merge && !taken:
		faults.At("#/"+member, "reference_not_found", "There is no such tag to go into; rename it instead.")
	case !r.Merge && taken && !same:
		return fault.New(fault.Duplicate, "There is a tag %s already; merge the two instead.", r.To).With("candidates", []any{}).With("override", nil)
	}
	return faults.Err()
}

// uses reports whether a record that the caller sees has a tag.
func (l *Ledger) uses(ctx context.Context, nouns []*register.Noun, tag string) (bool, error) {
	for _, n := range nouns {
		if !may(authority.From(ctx), n, authority.Read) {
			continue
		}
		f := n.Field("tags")
		q := store.Query{
			Noun: n, Sight: store.SightOf(authority.From(ctx)), Sort: n.Field("id"), Limit: 1,
			Where: []store.Cond{{Field: f, Op: "any", Values: []any{fold.Fold(tag)}}},
		}
		if rows, _, err := l.DB.Look().List(ctx, q); err != nil || len(rows) > 0 {
			return len(rows) > 0, err
		}
	}
	return false, nil
}

// retaggedAtOnce is how many records one transaction changes.
const retaggedAtOnce = 50

// Retag carries such a wish out, some records at a time, each by the same rules
// and with the same entry as if it were changed by hand. done is what an earlier
// attempt changed already.
func (l *Ledger) Retag(ctx context.Context, r Retag, done int64, step Step) error {
	kept := int64(0)
	for _, n := range nounsAt(r.Collections) {
		for last := ""; ; {
			var some retagged
			err := l.InChunk(ctx, false, func(ctx context.Context, k *Chunk) (err error) {
				if some, err = k.retag(ctx, n, r, last); err != nil {
					return err
				}
				return step(ctx, k.Tx, done+some.changed, 0, fmt.Sprintf("%d changed, %d left as they are", done+some.changed, kept+some.kept))
			})
			if err != nil {
				return err
			}
			done, kept, last = done+some.changed, kept+some.kept, some.last
			if last == "" {
				break
			}
		}
	}
	return nil
}

// retagged is what came of some records; last is the id of the last of them, ""
// where there are no more.
type retagged struct {
	changed, kept int64
	last          string
}

func (k *Chunk) retag(ctx context.Context, n *register.Noun, r Retag, after string) (some retagged, err error) {
	all, err := k.Tx.Match(ctx, n, flow.Where{"tags": fold.Fold(r.Tag), "id >": after}, retaggedAtOnce)
	if err != nil || len(all) == 0 {
		return some, err
	}
	ids := make([]string, 0, len(all))
	for _, row := range all {
		ids = append(ids, string(row[n.Field("id").Column]))
	}
	if len(all) == retaggedAtOnce {
		some.last = ids[len(ids)-1]
	}
	seen, err := k.Rows(ctx, n, ids)
	if err != nil {
		return some, err
	}
	body := retagBody(r)
	for _, id := range ids {
		row, sees := seen[id]
		if !sees {
			continue // nothing is told of it
		}
		_, changed, refused, err := k.Update(ctx, n, row, body, Asked{RequestID: r.RequestID, Match: &Match{Any: true}})
		switch {
		case err != nil:
			return some, err
		case refused != nil:
			some.kept++
		case changed:
			some.changed++
		}
	}
	return some, nil
}

func retagBody(r Retag) register.Body {
	old, _ := json.Marshal([]string{r.Tag}) // texts
	word, _ := json.Marshal([]string{r.To})
	return register.Body{{Name: "tags_remove", Raw: old}, {Name: "tags_add", Raw: word}}
}
