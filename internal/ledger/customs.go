package ledger

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// declared are the custom fields of all collections, at most a second old where
// another process declares them.
func (l *Ledger) declared(ctx context.Context) (*register.Declared, error) {
	return l.customs.get(ctx, func(ctx context.Context) (*register.Declared, error) { return declaredIn(ctx, l.DB.Look(), nil) })
}

func declaredIn(ctx context.Context, tx *store.Tx, where flow.Where) (*register.Declared, error) {
	rows, err := tx.Match(ctx, register.CustomFields, where, register.MostDeclared)
	if err != nil {
		return nil, err
	}
	all := make([]*register.CustomField, 0, len(rows))
	for _, row := range rows {
		rec, err := register.CustomFields.Load(row)
		if err != nil {
			return nil, err
		}
		f, _ := rec.(*register.CustomField)
		all = append(all, f)
	}
	return register.Declare(all), nil
}

// Customs are the custom fields as the actor of ctx knows them.
func (l *Ledger) Customs(ctx context.Context) (*register.Customs, error) {
	all, err := l.declared(ctx)
	if err != nil {
		return nil, err
	}
	return all.For(authority.From(ctx).Clearance()), nil
}

// CustomSchema is the JSON Schema of the custom fields of n's records.
func (l *Ledger) CustomSchema(ctx context.Context, n *register.Noun) (map[string]any, error) {
	if err := mayAsk(authority.From(ctx), register.CustomFields, authority.Read); err != nil {
		return nil, err
	}
	customs, err := l.Customs(ctx)
	return customs.Schema(n), err
}

// customReferences are the custom fields through which records of a noun are named,
// as who has a clearance knows them.
func (c *change) customReferences(ctx context.Context, clearance authority.Sensitivity) (refs []store.CustomReference, err error) {
	all, err := declaredIn(ctx, c.tx, flow.Where{"target": c.noun.Path})
	if err != nil {
		return nil, err
	}
	for _, n := range register.All() {
		for _, f := range all.For(clearance).Known(n) {
			refs = append(refs, store.CustomReference{Noun: n, Field: f.Field()})
		}
	}
	return refs, nil
}

// Asking is how the filters of the actor of ctx on records of n are read, with
// dates in the zone of now.
func (l *Ledger) Asking(ctx context.Context, n *register.Noun, now time.Time) (*register.Asking, error) {
	customs, err := l.Customs(ctx)
	return register.AskingOf(ctx, n, now, customs), err
}

// reader is how much of the fields of records somebody sees.
type reader struct {
	level   authority.Level
	customs *register.Customs
}

// reader is the actor of ctx as such.
func (l *Ledger) reader(ctx context.Context) (reader, error) {
	customs, err := l.Customs(ctx)
	return reader{seenAs(authority.From(ctx)), customs}, err
}

// writable are the custom fields that a body is held against. Where it writes some, or
// enters a record that must have some, they are read in the change's own transaction, so
// that none is written that was archived meanwhile and none missed that is required by
// now. Memory tells that nothing is required where no other process can have said so.
func (c *change) writable(ctx context.Context, body register.Body, fresh bool) (*register.Customs, error) {
	n := c.noun
	if c.customs = nil; n.Field("custom_fields") == nil {
		return nil, nil
	}
	if body.Get("custom_fields") == nil {
		if !fresh {
			return nil, nil
		}
		all, err := c.declared(ctx)
		if err != nil || !c.DB.Shared() && !all.For(c.actor.Clearance()).Demanded(n) {
			return nil, err
		}
	}
	if c.memo != nil && c.memo.customs[n] != nil {
		c.customs = c.memo.customs[n]
		return c.customs, nil
	}
	all, err := declaredIn(ctx, c.tx, flow.Where{"collection": n.Path})
	if err != nil {
		return nil, err
	}
	c.customs = all.For(c.actor.Clearance())
	if c.memo != nil {
		c.memo.customs[n] = c.customs
	}
	return c.customs, nil
}

// resolveCustoms turns the references that were written into custom fields into
// ids, as resolve does with those of the noun.
func (c *change) resolveCustoms(ctx context.Context, faults *fault.Fields) error {
	if c.customs == nil {
		return nil
	}
	was, err := c.standingCustoms()
	if err != nil {
		return err
	}
	values := c.rec.Common().CustomFields
	for _, f := range c.customs.Known(c.noun) {
		given, written := values[f.Key].(string)
		if f.Type != "reference" || !written || given == was[f.Key] {
			continue
		}
		pointer := c.pointer() + "/custom_fields/" + f.Key
		if slices.ContainsFunc(*faults, func(have fault.Field) bool { return have.Pointer == pointer }) {
			continue
		}
		id, err := c.pointTo(ctx, &register.Field{Name: f.Path(), Shape: register.Ref, Target: register.ByPath(f.Target).Name}, given, pointer, faults)
		if err != nil {
			return err
		}
		values[f.Key] = id
	}
	return nil
}

// standingCustoms are the values that the record had.
func (c *change) standingCustoms() (was register.Map, err error) {
	if c.before == nil {
		return nil, nil
	}
	err = json.Unmarshal(c.before[c.noun.Field("custom_fields").Column], &was)
	return was, err
}
