package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// carry is the only way a record changes. It puts the record back with the entry
// that tells of it, and carries out what follows.
func (c *change) carry(ctx context.Context) error {
	m := c.rec.Meta()
	m.UpdatedAt, m.UpdatedBy = c.at, register.By{Type: c.actor.Type, ID: c.actor.ID}
	if err := c.write(ctx); err != nil {
		return err
	}
	if err := c.orderJobs(ctx); err != nil {
		return err
	}
	c.tx.After(func() { c.forget(c.noun.Name) })
	if c.before != nil {
		if err := c.spread(ctx); err != nil {
			return err
		}
	}
	return c.depend(ctx)
}

// write puts the record and its entry.
func (c *change) write(ctx context.Context) error {
	turned, err := c.turn(ctx)
	if err != nil {
		return err
	}
	c.rec.Meta().Version++
	row, err := c.noun.Row(c.rec)
	if err != nil {
		return err
	}
	if c.entry == "" {
		c.entry = register.NewID(c.at.Time())
	}
	e := &store.Entry{
		ID: c.entry, Action: c.action, Transition: c.step, ActorType: string(c.actor.Type), ActorID: c.actor.ID,
		At: c.at, RequestID: c.asked.RequestID, KeyID: c.actor.Principal(), CauseID: c.cause, Source: c.asked.Source,
	}
	changes, private := store.Diff(c.noun, c.before, row)
	if c.rings.clock != "" {
		changes["clock"] = store.Delta{To: quoted(c.rings.clock)}
	}
	if e.Changes, e.Personal, err = c.halves(changes, private); err != nil {
		return err
	}
	people, err := c.people(ctx)
	if err != nil {
		return err
	}
	if c.row, err = c.tx.Put(ctx, c.noun, c.rec, c.before, row, people, e); err != nil {
		return c.conflict(ctx, err)
	}
	for _, k := range turned {
		if err := c.tx.PutClock(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// personal is the half of an entry that can be erased: values of personal fields
// and what was said. The salt keeps its digest from telling what stood there.
type personal struct {
	Salt    string                 `json:"salt"`
	Changes map[string]store.Delta `json:"changes,omitempty"`
	Reason  string                 `json:"reason,omitempty"`
}

func (c *change) halves(changes, private map[string]store.Delta) (string, *string, error) {
	open := string(appendDeltas(nil, changes))
	reason := strings.TrimSpace(c.reason + " " + c.asked.DuplicateReason)
	if len(private) == 0 && reason == "" {
		return open, nil, nil
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	closed := hex.AppendEncode([]byte(`{"salt":"`), salt)
	closed = append(closed, '"')
	if len(private) > 0 {
		closed = appendDeltas(append(closed, `,"changes":`...), private)
	}
	if reason != "" {
		said, err := json.Marshal(reason)
		if err != nil {
			return "", nil, err
		}
		closed = append(append(closed, `,"reason":`...), said...)
	}
	text := string(append(closed, '}'))
	return open, &text, nil
}

// appendDeltas writes changes as JSON, in the order of their names. The values are
// JSON already, of our own making.
func appendDeltas(dst []byte, changes map[string]store.Delta) []byte {
	dst = append(dst, '{')
	for i, name := range slices.Sorted(maps.Keys(changes)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		d := changes[name]
		dst = append(append(append(dst, '"'), name...), `":{"from":`...)
		dst = append(appendValue(dst, d.From), `,"to":`...)
		dst = append(appendValue(dst, d.To), '}')
	}
	return append(dst, '}')
}

func appendValue(dst []byte, raw json.RawMessage) []byte {
	if raw == nil {
		return append(dst, "null"...)
	}
	return append(dst, raw...)
}

// conflict turns what the database refused into what the caller can understand.
func (c *change) conflict(ctx context.Context, err error) error {
	var unique *store.UniqueError
	var late *store.StaleError
	switch {
	case errors.As(err, &late):
		return fault.New(fault.PreconditionFailed, "Somebody else changed the record first; read it again.").Because(err)
	case errors.As(err, &unique) && strings.Contains(unique.Constraint, "external_ids"):
		return c.sameExternalID(ctx)
	case errors.As(err, &unique):
		return c.alreadyThere(unique)
	}
	return err
}

// alreadyThere says which field there may be only one of.
func (c *change) alreadyThere(unique *store.UniqueError) error {
	for _, set := range c.noun.Unique {
		if first, _, _ := strings.Cut(set, ","); strings.Contains(unique.Constraint, c.noun.Field(first).Name) {
			words := strings.NewReplacer("_", " ", ",", " and").Replace(set)
			return fault.New(fault.Duplicate, "There is one with this %s already.", words).
				With("candidates", []any{}).With("override", nil).Because(unique)
		}
	}
	return fault.New(fault.Duplicate, "There is one like it already.").With("candidates", []any{}).With("override", nil).Because(unique)
}

// people are those who see the record whatever their level: they are worked out
// only where that matters.
func (c *change) people(ctx context.Context) ([]string, error) {
	shared := c.rec.Common()
	if shared == nil || shared.Sensitivity <= authority.Internal {
		return nil, nil
	}
	people := c.noun.People(c.rec)
	if c.noun.Named != nil {
		more, err := c.noun.Named(ctx, c.rec, c.look())
		if err != nil {
			return nil, err
		}
		people = append(people, more...)
	}
	if c.noun.Escalates != nil {
		above, err := register.Above(ctx, c.rec, c.look())
		if err != nil {
			return nil, err
		}
		people = append(people, above...)
	}
	contacts, err := c.contacts(ctx, c.noun.Stakeholders(c.rec))
	if err != nil {
		return nil, err
	}
	people = append(people, contacts...)
	if c.noun.Concerned != nil {
		about := c.noun.Concerned(c.rec)
		people = slices.DeleteFunc(people, func(id string) bool { return slices.Contains(about, id) && !slices.Contains(shared.AccessUserIDs, id) })
	}
	slices.Sort(people)
	return slices.DeleteFunc(slices.Compact(people), func(id string) bool { return id == "" }), nil
}

// contacts are the single points of contact of stakeholders, and their deputies,
// as far as somebody else made them so: nobody lets himself in.
func (c *change) contacts(ctx context.Context, stakeholders []string) (people []string, err error) {
	n := register.ByName("spoc_assignment")
	if n == nil || len(stakeholders) == 0 {
		return nil, nil
	}
	rows, err := c.tx.Match(ctx, n, map[string]any{"stakeholder_id": stakeholders, "state": "active"}, 100)
	for _, row := range rows {
		for _, name := range []string{"user_id", "deputy_id"} {
			if who := string(row[n.Field(name).Column]); who != n.Maker(row) {
				people = append(people, who)
			}
		}
	}
	return people, err
}

// follow carries out what follows from a change, in the same transaction.
func (c *change) follow(ctx context.Context, then func(ctx context.Context, do *doing) error) error {
	if then == nil {
		return nil
	}
	if c.depth >= deepest {
		return fmt.Errorf("consequences of %s %s go deeper than %d", c.noun.Name, c.rec.Meta().ID, deepest)
	}
	if c.touched == nil {
		c.touched = map[string]bool{}
	}
	if err := then(ctx, &doing{looking: looking{c}}); err != nil || c.depth > 0 || !c.touched[c.rec.Meta().ID] {
		return err
	}
	return c.reread(ctx)
}

// reread brings a record that its own consequences took further, so that its
// answer shows it as it is.
func (c *change) reread(ctx context.Context) error {
	row, err := c.tx.Get(ctx, c.noun, store.Name{ID: c.rec.Meta().ID}, nil)
	if err != nil {
		return err
	}
	c.row = row
	c.rec, err = c.noun.Load(row)
	return err
}

// deepest is how far consequences may have consequences.
const deepest = 4
