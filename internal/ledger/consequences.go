package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// looking is what guards may ask, inside the change's transaction. They see
// everything: a guard must not pass because its caller sees less.
type looking struct{ c *change }

func (c *change) look() flow.Look { return looking{c} }

func nounNamed(name string) *register.Noun {
	n := register.ByName(name)
	if n == nil {
		panic("ledger: a rule asks about " + name + ", which is no noun")
	}
	return n
}

// newborn reports whether records are sought that name the one being entered:
// there are none yet, and the database need not be asked.
func (l looking) newborn(where flow.Where) bool {
	if l.c.before != nil || l.c.born || l.c.rec == nil {
		return false
	}
	id := l.c.rec.Meta().ID
	for _, value := range where {
		if value == id {
			return true
		}
	}
	return false
}

func (l looking) Count(ctx context.Context, noun string, where flow.Where) (int64, error) {
	if l.newborn(where) {
		return 0, nil
	}
	return l.c.tx.Count(ctx, nounNamed(noun), where)
}

func (l looking) Get(ctx context.Context, noun, id string) (any, error) {
	n := nounNamed(noun)
	if id == "" {
		return nil, store.ErrNone
	}
	return l.c.record(ctx, n, id)
}

func (l looking) List(ctx context.Context, noun string, where flow.Where, limit int) ([]any, error) {
	if l.newborn(where) {
		return nil, nil
	}
	n := nounNamed(noun)
	match := l.c.tx.Match
	if l.c.page != nil {
		match = l.c.page.match(l.c.rec.Meta().ID)
	}
	rows, err := match(ctx, n, where, limit)
	if err != nil {
		return nil, err
	}
	return loaded(n, rows)
}

func (l looking) Newest(ctx context.Context, noun string, where flow.Where, by string, limit int) ([]any, error) {
	if l.newborn(where) {
		return nil, nil
	}
	n := nounNamed(noun)
	rows, err := l.c.tx.Newest(ctx, n, where, by, limit)
	if err != nil {
		return nil, err
	}
	return loaded(n, rows)
}

func (l looking) Earlier(ctx context.Context, noun string, anyOf []flow.Where, by string, place [2]string, limit int) (count int, last string, err error) {
	return l.c.tx.Earlier(ctx, nounNamed(noun), slices.DeleteFunc(anyOf, l.newborn), by, place, limit)
}

func (l looking) AnyOf(ctx context.Context, noun string, anyOf []flow.Where, by string, limit int) ([]string, error) {
	return l.c.tx.AnyOf(ctx, nounNamed(noun), slices.DeleteFunc(anyOf, l.newborn), by, limit)
}

func loaded(n *register.Noun, rows []register.Row) ([]any, error) {
	out := make([]any, 0, len(rows))
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

func (l looking) Now() time.Time { return l.c.at.Time() }

func (l looking) Setting(ctx context.Context, key string) string { return l.c.Setting(ctx, key) }

func (l looking) Level(ctx context.Context, key string, otherwise authority.Level) authority.Level {
	return l.c.Rules(ctx).Level(key, otherwise)
}

// doing carries consequences out. In them the register itself acts, on behalf of
// who made the change; the cause is the entry of that change.
type doing struct {
	looking
	lifts bool // it only makes records as sensitive as that which brought it about
}

// next begins a consequence.
func (d *doing) next(n *register.Noun) *change {
	c := d.c
	return &change{
		Ledger: c.Ledger, tx: c.tx, noun: n, actor: authority.Register(), at: c.at,
		asked: Asked{RequestID: c.asked.RequestID}, cause: c.entry, depth: c.depth + 1, touched: c.touched, lifted: d.lifts,
	}
}

func (d *doing) Before() (any, error) {
	if d.c.before == nil {
		return nil, nil
	}
	return d.c.noun.Load(d.c.before)
}

func (d *doing) Enter(ctx context.Context, rec any) error {
	c := d.next(register.Of(rec))
	given := rec.(register.Record)
	c.rec = given
	m := given.Meta()
	m.ID, m.State, m.CreatedAt = register.NewID(c.at.Time()), c.noun.Flow.Start, c.at
	m.CreatedBy = register.By{Type: authority.System}
	c.noun.DefaultsWhereEmpty(given)
	return c.enter(ctx)
}

// bring reads the record that a consequence changes.
func (d *doing) bring(ctx context.Context, noun, id string) (*change, error) {
	c := d.next(nounNamed(noun))
	c.touched[id] = true
	row, err := c.tx.Get(ctx, c.noun, store.Name{ID: id}, nil)
	if err != nil {
		return nil, fmt.Errorf("a consequence for %s %s: %w", noun, id, err)
	}
	c.before = row
	c.rec, err = c.noun.Load(row)
	return c, err
}

func (d *doing) Take(ctx context.Context, noun, id, transition string, fields map[string]any) error {
	c, err := d.bring(ctx, noun, id)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	body := register.Body{}
	if len(fields) > 0 {
		if body, err = register.ParseBody(raw); err != nil {
			return err
		}
	}
	return c.move(ctx, Move{Name: transition, Fields: body})
}

func (d *doing) Keep(ctx context.Context, noun, id string, alter func(rec any)) error {
	return d.Mark(ctx, noun, id, "updated", alter)
}

func (d *doing) Tell(ctx context.Context, people []string, what string) error {
	return d.c.notify(ctx, people, what, "")
}

func (d *doing) Mark(ctx context.Context, noun, id, what string, alter func(rec any)) error {
	c, err := d.bring(ctx, noun, id)
	if err != nil {
		return err
	}
	c.action = what
	alter(c.rec)
	if same, err := c.unaltered(); err != nil || same {
		return err
	}
	return c.carry(ctx)
}

func (d *doing) Derive(ctx context.Context, noun, id string) error {
	c, err := d.bring(ctx, noun, id)
	if err != nil {
		return err
	}
	c.row = c.before
	return c.derive(ctx)
}

// Sight works out anew who is named on the guarded records about a stakeholder:
// the stakeholder itself, and what refers to it.
func (d *doing) Sight(ctx context.Context, stakeholderID string) error {
	return d.c.tx.EachGuarded(ctx, stakeholderID, func(n *register.Noun, row register.Row) error {
		c := d.next(n)
		rec, err := n.Load(row)
		if err != nil {
			return err
		}
		c.rec = rec
		people, err := c.people(ctx)
		if err != nil {
			return err
		}
		return c.tx.PutSight(ctx, n, rec, people)
	})
}

// deriveIfMoved computes the derived values anew where something of the record's own
// changed that they rest on.
func (c *change) deriveIfMoved(ctx context.Context) error {
	moved := len(c.noun.DerivedFrom) == 0 || store.Changed(c.noun.Field("deleted_at"), c.before, c.row)
	for _, name := range c.noun.DerivedFrom {
		moved = moved || store.Changed(c.noun.Field(name), c.before, c.row)
	}
	if !moved {
		return nil
	}
	return c.derive(ctx)
}

// derive computes the record's derived values anew. A change of class is told by
// an entry that changes no version.
func (c *change) derive(ctx context.Context) error {
	if c.noun.Derive == nil {
		return nil
	}
	if err := c.noun.Derive(ctx, c.rec, c.look()); err != nil {
		return err
	}
	row, err := c.noun.Rederive(c.rec, c.row)
	if err != nil {
		return err
	}
	if err := c.tx.PutDerived(ctx, c.noun, c.rec.Meta().ID, c.row, row); err != nil {
		return err
	}
	was := c.row
	c.row = row
	return c.tellClasses(ctx, was)
}

// tellClasses writes an entry for each derived class that changed.
func (c *change) tellClasses(ctx context.Context, was register.Row) error {
	classes := map[string]store.Delta{}
	for _, f := range c.noun.Fields {
		if f.Class == "" || !store.Changed(f, was, c.row) {
			continue
		}
		d := store.Delta{From: f.JSON(was[f.Column]), To: f.JSON(c.row[f.Column])}
		opened, closed, both := strings.Cut(f.Class, ",")
		if !both {
			classes[f.Name] = d
			continue
		}
		action := closed
		if slices.Equal(c.row[f.Column], []byte("true")) {
			action = opened
		}
		if err := c.tell(ctx, action, map[string]store.Delta{f.Name: d}); err != nil {
			return err
		}
	}
	if len(classes) == 0 {
		return nil
	}
	return c.tell(ctx, "class_changed", classes)
}

// tell writes an entry that changes no record.
func (c *change) tell(ctx context.Context, action string, changes map[string]store.Delta) error {
	text, _, err := c.halves(changes, nil)
	if err != nil {
		return err
	}
	cause := c.cause
	if cause == "" {
		cause = c.entry
	}
	return c.tx.Enter(ctx, &store.Entry{
		ID: register.NewID(c.at.Time()), Kind: c.noun.Name, RecordID: c.rec.Meta().ID, Action: action,
		ActorType: string(authority.System), At: c.at, Changes: text, RequestID: c.asked.RequestID, CauseID: cause,
	})
}
