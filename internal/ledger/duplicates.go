package ledger

import (
	"context"
	"slices"

	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Candidate is a record that may be the same as the one being entered.
type Candidate struct {
	ID        string   `json:"id"`
	Ref       string   `json:"ref"`
	Name      string   `json:"name"`
	URL       string   `json:"url"`
	Score     float64  `json:"score"`
	MatchedOn []string `json:"matched_on"`
}

// mostCandidates is how many an answer names.
const mostCandidates = 5

// unlike refuses a new record that is probably there already, naming those that
// the caller may see. A reason overrides; the same external id never does.
func (c *change) unlike(ctx context.Context) error {
	if err := c.freeExternalIDs(ctx, nil); err != nil {
		return err
	}
	if c.noun.Alike == nil || c.asked.AllowDuplicate && c.asked.DuplicateReason != "" {
		return nil
	}
	candidates, err := c.candidates(ctx)
	if err != nil || len(candidates) == 0 {
		return err
	}
	if c.asked.AllowDuplicate {
		return fault.Fields{{Pointer: c.pointer() + "/duplicate_reason", Code: "required", Detail: "Say why this is no duplicate: duplicate_reason is required with allow_duplicate."}}.Err()
	}
	return fault.New(fault.Duplicate, "There is probably one already: %s %s.", candidates[0].Ref, candidates[0].Name).
		With("candidates", candidates).With("override", "Send it again with ?allow_duplicate=true and a duplicate_reason in the body.")
}

func (c *change) candidates(ctx context.Context) ([]Candidate, error) {
	byID, order := map[string]*Candidate{}, []string{}
	for _, l := range c.noun.Alike(c.rec) {
		rows, err := c.alike(ctx, l)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			id := string(row[c.noun.Field("id").Column])
			if byID[id] == nil {
				byID[id] = c.candidate(row)
				order = append(order, id)
			}
			if have := byID[id]; !slices.Contains(have.MatchedOn, l.On) {
				have.MatchedOn = append(have.MatchedOn, l.On)
			}
		}
	}
	out := []Candidate{}
	for _, id := range order {
		if len(out) < mostCandidates {
			out = append(out, *byID[id])
		}
	}
	return out, nil
}

func (c *change) candidate(row register.Row) *Candidate {
	n, id := c.noun, string(row[c.noun.Field("id").Column])
	out := &Candidate{ID: id, Ref: n.Ref(row[n.Field("num").Column]), URL: n.URL(c.Base, id), Score: 1, MatchedOn: []string{}}
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
	for _, x := range shared.ExternalIDs {
		if old != nil && slices.ContainsFunc(old.Common().ExternalIDs, func(o register.ExternalID) bool { return o.System == x.System && o.Key == x.Key }) {
			continue
		}
		id, err := c.byExternalID(ctx, x)
		if err != nil {
			return err
		}
		if id != "" && id != c.rec.Meta().ID {
			return c.sameExternalID(ctx)
		}
	}
	return nil
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
			found := c.candidate(row)
			found.MatchedOn = []string{"external_id"}
			candidates = append(candidates, *found)
		}
	}
	return fault.New(fault.Duplicate, "Another record has this external id.").With("candidates", candidates).With("override", nil)
}
