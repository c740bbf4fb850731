package ledger

import (
	"context"
	"encoding/json"
	"errors"
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
	row, err := c.called(ctx, c.tx, n, x)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return err
	}
	if row == nil {
		if c.asked.Match != nil {
			return fault.New(fault.PreconditionFailed, "No record has this external id; If-Match asks for one.")
		}
		// Where one that is not seen has the external id, this ends as entering any
		// other record with it does.
		c.fresh(n)
		if err := c.create(ctx, withExternalID(body, nil, x)); err != nil {
			return err
		}
		return c.track(ctx)
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

// called is the row of the record that another system calls x, as far as the actor
// sees it.
func (l *Ledger) called(ctx context.Context, tx *store.Tx, n *register.Noun, x register.ExternalID) (register.Row, error) {
	id, err := tx.ByExternalID(ctx, n, x.System, x.Key)
	if err != nil {
		return nil, err
	}
	if id == "" {
		return nil, store.ErrNone
	}
	return tx.Get(ctx, n, store.Name{ID: id}, store.SightOf(authority.From(ctx)))
}

// Called is the id of the record that another system calls x.
func (l *Ledger) Called(ctx context.Context, n *register.Noun, x register.ExternalID) (string, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Read); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	row, err := l.called(ctx, l.DB.Look(), n, x)
	if err != nil {
		return "", found(err)
	}
	return string(row[n.Field("id").Column]), nil
}
