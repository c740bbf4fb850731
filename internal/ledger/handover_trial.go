package ledger

import (
	"context"
	"errors"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// HandoverTrial tells what a handover would do, as far as the asker sees.
type HandoverTrial struct {
	// FromID is the person whose places would be handed over.
	FromID string `json:"from_id"`
	// ToID is who would take over.
	ToID string `json:"to_id"`
	// SpocToID is who would take the contacts over, null for the same.
	SpocToID *string `json:"spoc_to_id" extensions:"x-nullable"`
	// References are the records that would be gone through, by collection and field.
	References []Pointing `json:"references"`
	// More says that there are records besides that you may not see.
	More bool `json:"more"`
	// Skipped are the records that a rule would keep; null where there are too many records to try them here.
	Skipped []Skipped `json:"skipped" extensions:"x-nullable"`
}

// mostTried is how many records a trial goes through one by one.
const mostTried = 500

// TryHandover tells what would come of a handover, and changes nothing.
func (l *Ledger) TryHandover(ctx context.Context, name string, h Handover) (HandoverTrial, error) {
	if err := mayAsk(authority.From(ctx), register.Users, authority.Act); err != nil {
		return HandoverTrial{}, err
	}
	c := &change{Ledger: l, tx: l.DB.Look(), noun: register.Users, actor: authority.From(ctx), at: l.at()}
	reading, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	if err := c.mayHandOver(reading, name, &h); err != nil {
		return HandoverTrial{}, err
	}
	t := HandoverTrial{FromID: h.FromID, ToID: h.ToID, SpocToID: ptr(h.SpocToID), References: []Pointing{}}
	total, err := c.answersFor(reading, &t)
	if err != nil || total > mostTried {
		return t, err
	}
	t.Skipped, err = l.tryAll(ctx, h)
	return t, err
}

// answersFor counts what a person answers for, and lists what the actor sees of it.
func (c *change) answersFor(ctx context.Context, t *HandoverTrial) (total int64, err error) {
	for _, r := range register.Responsibilities() {
		all, err := c.tx.Count(ctx, r.Noun, r.Standing(t.FromID))
		if err != nil {
			return 0, err
		}
		seen, err := c.tx.CountSeen(ctx, r.Noun, r.Standing(t.FromID), store.SightOf(c.actor))
		if err != nil {
			return 0, err
		}
		if seen > 0 {
			t.References = append(t.References, c.pointing(r.Noun, r.Field, seen, furtherOf(r)))
		}
		total, t.More = total+all, t.More || seen < all
	}
	return total, nil
}

// tryAll hands everything over, some records at a time, and takes it back.
func (l *Ledger) tryAll(ctx context.Context, h Handover) ([]Skipped, error) {
	duties, err := l.duties(ctx, h.FromID)
	if err != nil {
		return nil, err
	}
	skipped, undone := []Skipped{}, func(context.Context, *store.Tx, int64, int64, string) error { return errDry }
	for some := range slices.Chunk(duties, handedAtOnce) {
		_, kept, err := l.handSome(ctx, h, some, 0, 0, undone)
		if ruled(err) {
			kept, err = l.tryEach(ctx, h, some, undone)
		}
		if err != nil && !errors.Is(err, errDry) {
			return nil, err
		}
		skipped = append(skipped, kept...)
	}
	err = l.unseen(ctx, l.DB.Look(), authority.From(ctx), []HandoverLine{{Skipped: skipped}})
	return slices.DeleteFunc(skipped, func(s Skipped) bool { return s.Ref == "" }), err
}

// tryEach tries records one by one.
func (l *Ledger) tryEach(ctx context.Context, h Handover, some []duty, undone Step) (kept []Skipped, err error) {
	for _, d := range some {
		_, more, err := l.handSome(ctx, h, []duty{d}, 0, 0, undone)
		switch {
		case ruled(err):
			kept = append(kept, Skipped{d.Noun.Path, d.Field.Name, d.ref, told(err)})
		case err != nil && !errors.Is(err, errDry):
			return nil, err
		}
		kept = append(kept, more...)
	}
	return kept, nil
}
