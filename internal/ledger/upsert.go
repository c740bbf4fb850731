package ledger

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Upsert changes the record that another system calls x, or enters it if there is
// none.
func (l *Ledger) Upsert(ctx context.Context, n *register.Noun, x register.ExternalID, body register.Body, asked Asked) (Answer, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return Answer{}, err
	}
	return l.perform(ctx, asked, func(ctx context.Context, c *change) error { return c.upsert(ctx, n, x, body) })
}

func (c *change) upsert(ctx context.Context, n *register.Noun, x register.ExternalID, body register.Body) error {
	c.noun = n
	id, err := c.byExternalID(ctx, x)
	if err != nil {
		return err
	}
	if id == "" {
		if c.asked.Match != nil {
			return fault.New(fault.PreconditionFailed, "No record has this external id; If-Match asks for one.")
		}
		c.fresh(n)
		return c.create(ctx, withExternalID(body, nil, x))
	}
	row, err := c.tx.Get(ctx, n, store.Name{ID: id}, store.SightOf(c.actor))
	if err == store.ErrNone { //nolint:errorlint // the store returns it bare
		// Whoever enters a record with this external id is told the same.
		return fault.New(fault.Duplicate, "Another record has this external id.").With("candidates", []Candidate{}).With("override", nil)
	}
	if err != nil {
		return err
	}
	c.before = row
	if c.rec, err = n.Load(row); err != nil {
		return err
	}
	if c.asked.CreateOnly {
		return fault.New(fault.PreconditionFailed, "There is a record with this external id; If-None-Match: * asks for none.").
			With("current_version", c.rec.Meta().Version).With("current_etag", strconv.Quote(strconv.Itoa(c.rec.Meta().Version)))
	}
	return c.update(ctx, withExternalID(body.Without("duplicate_reason"), c.rec.Common().ExternalIDs, x))
}

// withExternalID is a body in whose list of external ids x stands. A body that
// does not write the list leaves it alone where the record has x already.
func withExternalID(body register.Body, have []register.ExternalID, x register.ExternalID) register.Body {
	same := func(e register.ExternalID) bool { return e.System == x.System && e.Key == x.Key }
	given := body.Get("external_ids")
	if given == nil && slices.ContainsFunc(have, same) {
		return body
	}
	var list []json.RawMessage
	if given != nil && json.Unmarshal(given, &list) != nil {
		return body // no list: its own fault is told
	}
	for _, item := range list {
		var e register.ExternalID
		if json.Unmarshal(item, &e) == nil && same(e) {
			return body
		}
	}
	own, _ := json.Marshal(map[string]string{"system": x.System, "key": x.Key}) // texts
	raw, _ := json.Marshal(append(slices.Clone(list), json.RawMessage(own)))    // JSON already
	return append(body.Without("external_ids"), register.Member{Name: "external_ids", Raw: raw})
}
