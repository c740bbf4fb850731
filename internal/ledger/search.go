package ledger

import (
	"context"
	"errors"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// mostRanked is how many hits of each noun are ranked, the newest.
const mostRanked = 1000

// Findings are what a search over everything found.
type Findings struct {
	Hits      []store.Hit // the best
	RankedOf  int         // how many hits were ranked
	Truncated bool        // some noun has more hits, older than those ranked
}

// Search looks for words in the records of the nouns, of all that the actor may
// read if none are given: one question for each noun.
func (l *Ledger) Search(ctx context.Context, text string, nouns []*register.Noun, limit int) (Findings, error) {
	actor := authority.From(ctx)
	if len(nouns) == 0 {
		for _, n := range register.All() {
			if store.Searched(n) && may(actor, n, authority.Read) {
				nouns = append(nouns, n)
			}
		}
	}
	for _, n := range nouns {
		if err := mayAsk(actor, n, authority.Read); err != nil {
			return Findings{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx, found := l.DB.Look(), Findings{}
	for _, n := range nouns {
		hits, err := tx.Search(ctx, n, text, store.SightOf(actor), mostRanked+1)
		if errors.Is(err, context.DeadlineExceeded) {
			return found, fault.New(fault.QueryTooBroad, "This search took too long: give longer words, or fewer kinds of records.").With("access_paths", []string{}).Because(err)
		}
		if err != nil {
			return found, err
		}
		if len(hits) > mostRanked {
			hits, found.Truncated = hits[:mostRanked], true
		}
		found.Hits = append(found.Hits, hits...)
	}
	found.RankedOf = len(found.Hits)
	slices.SortFunc(found.Hits, store.Rank)
	found.Hits = found.Hits[:min(limit, len(found.Hits))]
	return found, nil
}
