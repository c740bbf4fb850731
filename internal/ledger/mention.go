package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// handles are the words behind an @ that begins a word: in an address it does not.
var handles = regexp.MustCompile(`(?:^|[^\pL\pN_@./+-])@([\pL\pN]{1,40})`)

// mostMentions is how many people one comment names.
const mostMentions = 50

// mention finds the people whom a text names. A word that is nobody's handle is
// just a word. A person who may not see the record is refused: a mention gives
// no sight of it.
func (c *change) mention(ctx context.Context, kept *store.Comment, faults *fault.Fields) error {
	names := map[string]string{} // folded → as written
	var order []string
	for _, m := range handles.FindAllStringSubmatch(kept.Body, -1) {
		folded := fold.Fold(m[1])
		if names[folded] == "" {
			names[folded], order = m[1], append(order, folded)
		}
	}
	if len(order) > mostMentions {
		faults.At("#/body", "too_many_items", "A comment mentions at most %d people.", mostMentions)
		return nil
	}
	people, err := c.byHandle(ctx, order)
	if err != nil {
		return err
	}
	all := []Mention{}
	for _, folded := range order {
		u := people[folded]
		if u == nil {
			continue
		}
		sees, err := c.seenBy(ctx, u)
		if err != nil {
			return err
		}
		if !sees {
			faults.Add(fault.Field{
				Pointer: "#/body", Code: "conflicts_with", Params: map[string]any{"handle": u.Handle},
				Detail: "body: @" + u.Handle + " may not see this record, and a mention gives no sight of it: leave the @ out, or have the record shown to them first.",
			})
			continue
		}
		all = append(all, Mention{ID: u.ID, Handle: names[folded]})
	}
	raw, err := json.Marshal(all)
	kept.Mentions = string(raw)
	return err
}

// byHandle reads the people with the given handles, which are folded.
func (c *change) byHandle(ctx context.Context, folded []string) (map[string]*register.User, error) {
	if len(folded) == 0 {
		return nil, nil
	}
	held, err := c.tx.Holders(ctx, register.Users, register.Users.Field("handle"), folded, nil)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, of := range held {
		ids = append(ids, of...)
	}
	slices.Sort(ids)
	rows, err := c.tx.Rows(ctx, register.Users, ids, nil)
	if err != nil {
		return nil, err
	}
	people := map[string]*register.User{}
	for _, row := range rows {
		rec, err := register.Users.Load(row)
		if err != nil {
			return nil, err
		}
		u := rec.(*register.User)
		people[fold.Fold(u.Handle)] = u
	}
	return people, nil
}

// seenBy reports whether a person has access and may see the change's record, by
// their level or because they are named on it.
func (c *change) seenBy(ctx context.Context, u *register.User) (bool, error) {
	if u.State != "active" {
		return false, nil
	}
	reader := authority.Actor{Type: authority.User, ID: u.ID, Level: u.Level(), Roles: u.Roles, Scopes: authority.Everything(), Cap: authority.Restricted}
	if !may(reader, c.noun, authority.Read) {
		return false, nil
	}
	_, err := c.tx.Get(ctx, c.noun, store.Name{ID: c.rec.Meta().ID}, store.SightOf(reader))
	if errors.Is(err, store.ErrNone) {
		return false, nil
	}
	return err == nil, err
}
