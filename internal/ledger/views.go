package ledger

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/internal/authority"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// mostViews is how many views of one name are looked through for the caller's own.
const mostViews = 50

// longestSlug is the length in bytes that no slug exceeds: 60 characters.
const longestSlug = 60 * utf8.UTFMax

// ViewOf finds the view of a collection that the caller means by a slug: one's own
// before those of others, the newest first. It is nil if there is none that the
// caller may see.
func (l *Ledger) ViewOf(ctx context.Context, n *register.Noun, slug string) (view *register.View, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	actor, views := authority.From(ctx), register.Views
	if err := mayAsk(actor, n, authority.Read); err != nil {
		return nil, err
	}
	if len(slug) > longestSlug || !utf8.ValidString(slug) || strings.ContainsFunc(slug, unicode.IsControl) {
		return nil, nil // no view can be called so
	}
	rows, _, err := l.DB.Look().List(ctx, store.Query{
		Noun: views, Sort: views.Field("created_at"), Desc: true, Limit: mostViews, Sight: store.SightOf(actor),
		Where: []store.Cond{
			{Field: views.Field("collection"), Op: "eq", Values: []any{fold.Fold(n.Path)}},
			{Field: views.Field("slug"), Op: "eq", Values: []any{fold.Fold(slug)}},
		},
	})
	if err != nil {
		return nil, tooBroad(views, err)
	}
	for _, row := range rows {
		rec, err := views.Load(row)
		if err != nil {
			return nil, err
		}
		v, _ := rec.(*register.View)
		if own := v.OwnerID != "" && v.OwnerID == actor.Person(); own || view == nil {
			view = v
			if own {
				break
			}
		}
	}
	return view, nil
}
