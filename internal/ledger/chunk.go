package ledger

import (
	"context"
	"errors"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Chunk is a transaction in which many records are entered and changed, each by
// the same rules and with the same entry as by a request of its own. One that is
// refused leaves the others alone.
type Chunk struct {
	*Ledger
	Tx    *store.Tx
	actor authority.Actor
	at    register.Instant
	memo  *memo
	wary  bool // a record failed halfway: each is made so that it can be undone alone
}

// InChunk makes a chunk, on behalf of the actor of ctx. A dry one is undone when
// it is through: it tells what would come of it. The work may be done more than once.
func (l *Ledger) InChunk(ctx context.Context, dry bool, work func(ctx context.Context, k *Chunk) error) error {
	err := l.inChunk(ctx, dry, false, work)
	if errors.Is(err, store.ErrSpoilt) {
		err = l.inChunk(ctx, dry, true, work)
	}
	return err
}

func (l *Ledger) inChunk(ctx context.Context, dry, wary bool, work func(ctx context.Context, k *Chunk) error) error {
	err := l.DB.WriteAlone(ctx, func(ctx context.Context, tx *store.Tx) error {
		k := &Chunk{Ledger: l, Tx: tx, actor: authority.From(ctx), at: l.at(), memo: newMemo(), wary: wary}
		if err := work(ctx, k); err != nil {
			return err
		}
		if dry {
			return errDry
		}
		return nil
	})
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

// MayImport asks whether the actor of ctx may bring records of n in, and with
// them records of others.
func (l *Ledger) MayImport(ctx context.Context, adopt bool, n *register.Noun, others ...*register.Noun) error {
	a := authority.From(ctx)
	if !a.Scopes.Allow("imports", authority.Write) {
		return OutOfScope(a, "imports", authority.Write)
	}
	for _, noun := range append(others, n) {
		if err := mayAsk(a, noun, authority.Write); err != nil {
			return err
		}
	}
	if adopt {
		return mayAdopt(a)
	}
	c := &change{Ledger: l, tx: l.DB.Look(), actor: a, noun: n, rec: n.New(), at: l.at()}
	return c.mayChange(ctx, "create", n.Levels.Create, nil)
}

// mayAdopt refuses who may not enter records past their guards.
func mayAdopt(a authority.Actor) error {
	if a.Level >= authority.L6 || a.Has(authority.Admin) || a.Type == authority.System {
		return nil
	}
	return fault.New(fault.InsufficientLevel, "To adopt records as they were elsewhere takes level 6, or the role admin.").
		With("required_level", int(authority.L6)).With("your_level", a.Level.Wire()).
		With("because", []string{"guards and clocks are not run for adopted records"}).With("escalate_to", nil)
}

// Sight is how far the chunk's actor sees.
func (k *Chunk) Sight() *store.Sight { return store.SightOf(k.actor) }

// Create enters a record and returns its row. A refusal is the second result; an
// error ends the chunk.
func (k *Chunk) Create(ctx context.Context, n *register.Noun, body register.Body, asked Asked) (row register.Row, refused *fault.Error, err error) {
	return k.try(ctx, asked, func(ctx context.Context, c *change) error {
		c.fresh(n)
		return c.create(ctx, body)
	})
}

// Adopt enters a record as it was elsewhere, see change.adopt.
func (k *Chunk) Adopt(ctx context.Context, n *register.Noun, body register.Body, asked Asked) (row register.Row, refused *fault.Error, err error) {
	return k.try(ctx, asked, func(ctx context.Context, c *change) error {
		c.fresh(n)
		return c.adopt(ctx, body)
	})
}

// Update changes a record that was read before, in this chunk; changed is false
// where it came to nothing.
func (k *Chunk) Update(ctx context.Context, n *register.Noun, before register.Row, body register.Body, asked Asked) (row register.Row, changed bool, refused *fault.Error, err error) {
	row, refused, err = k.try(ctx, asked, func(ctx context.Context, c *change) (err error) {
		c.noun, c.before = n, before
		if c.rec, err = n.Load(before); err != nil {
			return err
		}
		return c.update(ctx, body)
	})
	version := n.Field("version").Column
	return row, row != nil && string(row[version]) != string(before[version]), refused, err
}

// Doubt holds a record that will not be taken, new or read before, against every
// rule: it tells what would be refused, and leaves nothing.
func (k *Chunk) Doubt(ctx context.Context, n *register.Noun, before register.Row, adopt bool, body register.Body, asked Asked) (refused *fault.Error, err error) {
	_, refused, err = k.attempt(ctx, k.Tx.Try, asked, func(ctx context.Context, c *change) (err error) {
		switch {
		case before != nil:
			c.noun, c.before = n, before
			if c.rec, err = n.Load(before); err == nil {
				err = c.update(ctx, body)
			}
		case adopt:
			c.fresh(n)
			err = c.adopt(ctx, body)
		default:
			c.fresh(n)
			err = c.create(ctx, body)
		}
		if err == nil {
			return errDry
		}
		return err
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return refused, err
}

// try makes a record's change, which stands or leaves nothing.
func (k *Chunk) try(ctx context.Context, asked Asked, work func(ctx context.Context, c *change) error) (register.Row, *fault.Error, error) {
	if k.wary {
		return k.attempt(ctx, k.Tx.Try, asked, work)
	}
	return k.attempt(ctx, k.Tx.Dare, asked, work)
}

// part makes a part of a transaction, as store.Tx's Try and Dare do.
type part func(ctx context.Context, work func(ctx context.Context) error) (failed, lost error)

func (k *Chunk) attempt(ctx context.Context, within part, asked Asked, work func(ctx context.Context, c *change) error) (register.Row, *fault.Error, error) {
	c := &change{Ledger: k.Ledger, tx: k.Tx, actor: k.actor, asked: asked, at: k.at, memo: k.memo}
	failed, lost := within(ctx, func(ctx context.Context) error { return c.saysWho(ctx, work(ctx, c)) })
	if lost != nil {
		return nil, nil, lost
	}
	if failed != nil {
		f := fault.Of(failed)
		if grave(f) {
			return nil, nil, failed
		}
		return nil, f, nil
	}
	k.memo.learn(c.noun, c.rec)
	if c.ordered {
		k.memo.rederives[c.noun] = true
	}
	return c.row, nil, nil
}

// grave are the faults that are not the record's own.
func grave(f *fault.Error) bool {
	switch f.Code {
	case fault.Internal, fault.Busy, fault.StorageFull, fault.DependencyUnavailable, fault.Maintenance:
		return true
	}
	return false
}

// Found is what the register holds of keys and values that were asked for.
type Found struct {
	External map[string]map[string]string            // system → key → id
	Values   map[*register.Field]map[string][]string // field → value → ids
}

// Expect asks in a few questions what the records to come will be asked for one by
// one: which external ids are taken, and which values others have. Of both it
// tells whatever the actor sees: Rows shows what that is.
func (k *Chunk) Expect(ctx context.Context, n *register.Noun, externalIDs map[string][]string, values map[*register.Field][]string) (f Found, err error) {
	f = Found{External: map[string]map[string]string{}, Values: map[*register.Field]map[string][]string{}}
	for system, keys := range externalIDs {
		if f.External[system], err = k.Tx.ByExternalIDs(ctx, n, system, keys); err != nil {
			return f, err
		}
		for _, key := range keys {
			k.memo.external[externalKey(n, system, key)] = f.External[system][key]
		}
	}
	for field, terms := range values {
		if f.Values[field], err = k.Tx.Holders(ctx, n, field, terms, nil); err != nil {
			return f, err
		}
		for _, term := range terms {
			k.memo.absent[valueKey(n, field, term)] = len(f.Values[field][term]) == 0
		}
	}
	return f, nil
}

// Rows reads the records with these ids that the actor sees: id → row.
func (k *Chunk) Rows(ctx context.Context, n *register.Noun, ids []string) (map[string]register.Row, error) {
	rows, err := k.Tx.Rows(ctx, n, ids, store.SightOf(k.actor))
	byID := make(map[string]register.Row, len(rows))
	for _, row := range rows {
		byID[string(row[n.Field("id").Column])] = row
	}
	return byID, err
}

// backdate gives a record that was created earlier an id of that time: lists take
// the order of ids for the order of created_at.
func (c *change) backdate() {
	if m := c.rec.Meta(); m.CreatedAt != c.at {
		m.ID = register.BackdatedID(m.CreatedAt.Time())
	}
}

// adopt enters a record as it was elsewhere: state, dates and ref are given and
// the rules of its fields hold; guards and clocks are not run, and nothing follows
// from it.
func (c *change) adopt(ctx context.Context, body register.Body) error {
	n := c.noun
	c.action = "adopted"
	if err := mayAdopt(c.actor); err != nil {
		return err
	}
	customs, err := c.writable(ctx, body, true)
	if err != nil {
		return err
	}
	faults := n.Fill(c.rec, body, register.Writing{Create: true, Adopt: true, State: c.state(), Now: c.local(ctx), Pointer: c.pointer(), Customs: customs})
	c.checkState(&faults)
	c.backdate()
	if err := c.settle(ctx, &faults); err != nil {
		return err
	}
	if err := faults.Err(); err != nil {
		return err
	}
	if err := c.freeExternalIDs(ctx, nil); err != nil {
		return err
	}
	if err := c.inherit(ctx); err != nil {
		return err
	}
	if err := c.foresee(ctx); err != nil {
		return err
	}
	return c.carry(ctx)
}

// checkState refuses a state that the noun does not have, and an entry before its time.
func (c *change) checkState(faults *fault.Fields) {
	var states []string
	for _, s := range c.noun.Flow.States() {
		if s == c.state() {
			states = nil
			break
		}
		states = append(states, string(s))
	}
	if states != nil {
		faults.Add(fault.Field{
			Pointer: c.pointer() + "/state", Code: "not_in_enum", Detail: "state must be one of " + joined(c.noun.Flow.States()) + ".",
			Suggestion: fault.Nearest(string(c.state()), states),
		})
	}
	switch created := c.rec.Meta().CreatedAt; {
	case created > c.at:
		faults.At(c.pointer()+"/created_at", "out_of_range", "created_at lies in the future.")
	case created < register.At(register.Epoch):
		faults.At(c.pointer()+"/created_at", "out_of_range", "created_at is the day of an entry in a register, from 1970 on.")
	}
}
