package ledger

import (
	"context"
	"errors"
	"slices"

	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Candidate is a record that may be the same as another.
type Candidate struct {
	// ID is the record's id.
	ID string `json:"id"`
	// Ref is its short name.
	Ref string `json:"ref"`
	// Name is what it is called.
	Name string `json:"name"`
	// URL leads to it.
	URL string `json:"url"`
	// Score says how surely the two are one, from 0 to 1.
	Score float64 `json:"score" minimum:"0" maximum:"1" example:"0.95"`
	// MatchedOn are the reasons for it.
	MatchedOn []string `json:"matched_on" example:"email,name"`
}

// mostCandidates is how many an answer names.
const mostCandidates = 5

// unlike refuses a new record that is there already, or probably is, naming those
// that the caller may see. A reason overrides; the same external id never does.
func (c *change) unlike(ctx context.Context) error {
	var claims store.Claims
	if shared := c.rec.Common(); shared != nil {
		claims.External = shared.ExternalIDs
	}
	if c.noun.Alike != nil && (!c.asked.AllowDuplicate || c.asked.DuplicateReason == "") {
		claims.Values = slices.DeleteFunc(c.noun.Alike(c.rec), func(l register.Likeness) bool { return !l.Exclusive() })
	}
	owners, sharers, err := c.claimed(ctx, claims)
	if err != nil {
		return err
	}
	if c.others(owners) {
		return c.sameExternalID(ctx)
	}
	if !c.others(sharers) {
		return nil
	}
	return c.duplicate(ctx, sharers)
}

// others reports whether there is a record other than the change's own among ids.
func (c *change) others(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return id != c.rec.Meta().ID })
}

// duplicate is the refusal of a record that shares with others what few share.
func (c *change) duplicate(ctx context.Context, sharers []string) error {
	if c.asked.AllowDuplicate {
		return fault.Fields{{Pointer: c.pointer() + "/duplicate_reason", Code: "required", Detail: "Say why this is no duplicate: duplicate_reason is required with allow_duplicate."}}.Err()
	}
	candidates, err := c.weighed(ctx, c.tx, c.noun, c.rec, sharers, store.SightOf(c.actor))
	if err != nil || len(candidates) == 0 {
		return err
	}
	candidates = candidates[:min(len(candidates), mostCandidates)]
	return fault.New(fault.Duplicate, "There is probably one already: %s %s.", candidates[0].Ref, candidates[0].Name).
		With("candidates", candidates).With("override", "Send it again with ?allow_duplicate=true and a duplicate_reason in the body.")
}

func (l *Ledger) candidate(n *register.Noun, row register.Row) Candidate {
	id := string(row[n.Field("id").Column])
	out := Candidate{ID: id, Ref: n.Ref(row[n.Field("num").Column]), URL: n.URL(l.Base, id), MatchedOn: []string{}}
	if n.TitleField != nil {
		out.Name = string(row[n.TitleField.Column])
	}
	return out
}

// freeExternalIDs refuses an external id that another record has. Those that the
// record has already, nil for a new one, are not asked about.
func (c *change) freeExternalIDs(ctx context.Context, old register.Record) error {
	shared := c.rec.Common()
	if shared == nil {
		return nil
	}
	claims := store.Claims{External: slices.DeleteFunc(slices.Clone(shared.ExternalIDs), func(x register.ExternalID) bool {
		return old != nil && slices.ContainsFunc(old.Common().ExternalIDs, func(o register.ExternalID) bool { return o.System == x.System && o.Key == x.Key })
	})}
	owners, _, err := c.claimed(ctx, claims)
	if err == nil && c.others(owners) {
		return c.sameExternalID(ctx)
	}
	return err
}

// sameExternalID names the record that has the external id, if the caller may see it.
func (c *change) sameExternalID(ctx context.Context) error {
	candidates := []Candidate{}
	for _, x := range c.rec.Common().ExternalIDs {
		id, err := c.tx.ByExternalID(ctx, c.noun, x.System, x.Key)
		if err != nil || id == "" || id == c.rec.Meta().ID {
			continue
		}
		if row, err := c.tx.Get(ctx, c.noun, store.Name{ID: id}, store.SightOf(c.actor)); err == nil {
			found := c.candidate(c.noun, row)
			found.Score, found.MatchedOn = 1, []string{"external_id"}
			candidates = append(candidates, found)
		}
	}
	return fault.New(fault.Duplicate, "Another record has this external id.").With("candidates", candidates).With("override", nil)
}

// toldSame completes a rule's refusal that names the record in the way: it is told to
// who sees it.
func (c *change) toldSame(ctx context.Context, err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	same, named := refusal.Facts["candidates"].(register.Same)
	if !named {
		return err
	}
	candidates := []Candidate{}
	n := nounNamed(same.Noun)
	if row, err := c.tx.Get(ctx, n, store.Name{ID: same.ID}, store.SightOf(c.actor)); err == nil {
		found := c.candidate(n, row)
		found.Score, found.MatchedOn = 1, []string{same.On}
		candidates = append(candidates, found)
	}
	return refusal.With("candidates", candidates)
}
