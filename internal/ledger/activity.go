package ledger

import (
	"context"
	"errors"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Deed is something that somebody did, with the record that it was done to.
type Deed struct {
	Noun *register.Noun
	ID   string // the record's
	As   register.Label
	Line ChangeLine
}

// Deeds are what the caller did since a moment, newest first, from after a place
// on. What the caller may not see any more is left out, whoever did it.
func (l *Ledger) Deeds(ctx context.Context, since register.Instant, after *store.Position, limit int) (deeds []Deed, more bool, err error) {
	actor := authority.From(ctx)
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	kinds := kindsFor(actor, nil)
	if len(kinds) == 0 {
		return nil, false, nil
	}
	tx := l.DB.Look()
	entries, err := tx.Deeds(ctx, actor.ID, since, after, store.SightOf(actor), kinds, limit+1)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, false, fault.New(fault.QueryTooBroad, "This took too long: ask for what happened since a later moment.").Because(err)
	}
	if err != nil {
		return nil, false, err
	}
	if more = len(entries) > limit; more {
		entries = entries[:limit]
	}
	deeds, err = l.deeds(ctx, tx, entries)
	return deeds, more, err
}

func (l *Ledger) deeds(ctx context.Context, tx *store.Tx, entries []store.Entry) ([]Deed, error) {
	subjects, err := l.labels(ctx, tx, subjectsOf(entries), store.SightOf(authority.From(ctx)))
	if err != nil {
		return nil, err
	}
	names, err := l.actors(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	sees, err := l.reader(ctx)
	if err != nil {
		return nil, err
	}
	deeds := make([]Deed, 0, len(entries))
	for i := range entries {
		e, n := &entries[i], register.ByName(entries[i].Kind)
		deeds = append(deeds, Deed{n, e.RecordID, subjects[e.Kind][e.RecordID], sees.line(n, e, names)})
	}
	return deeds, nil
}
