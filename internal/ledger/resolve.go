package ledger

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// resolve turns the references that were written, by id, ref or "me", into ids,
// and refuses those to what is not there for the actor to see.
func (c *change) resolve(ctx context.Context, faults *fault.Fields) error {
	kept := c.standingReferences()
	var failed error
	c.noun.Refs(c.rec, func(f *register.Field, at int, id *string) {
		if *id == "" || kept[f.Name][*id] || failed != nil {
			return
		}
		pointer := c.pointer() + "/" + f.Name
		if at >= 0 {
			pointer += "/" + strconv.Itoa(at)
		}
		*id, failed = c.pointTo(ctx, f, *id, pointer, faults)
	})
	if failed != nil {
		return failed
	}
	return c.resolveCustoms(ctx, faults)
}

// pointTo is the id of the record that a reference at pointer names; what names
// none stays as it is, with its fault.
func (c *change) pointTo(ctx context.Context, f *register.Field, given, pointer string, faults *fault.Fields) (string, error) {
	found, err := c.referred(ctx, f, given)
	switch {
	case errors.Is(err, store.ErrNone) && c.elsewhere(f, given):
		faults.At(pointer, "reference_wrong_type", "%s names a %s.", register.Spoken(pointer), strings.ReplaceAll(f.Target, "_", " "))
	case errors.Is(err, store.ErrNone):
		faults.At(pointer, "reference_not_found", "%s: there is no such %s.", register.Spoken(pointer), strings.ReplaceAll(f.Target, "_", " "))
	case err != nil:
		return given, err
	default:
		return found, nil
	}
	return given, nil
}

// standingReferences are the references that stand already and are not asked about
// again: what a record refers to may have become invisible since.
func (c *change) standingReferences() map[string]map[string]bool {
	kept := map[string]map[string]bool{}
	if c.before == nil {
		return kept
	}
	old, err := c.noun.Load(c.before)
	if err != nil {
		return kept
	}
	c.noun.Refs(old, func(f *register.Field, _ int, id *string) {
		if kept[f.Name] == nil {
			kept[f.Name] = map[string]bool{}
		}
		kept[f.Name][*id] = true
	})
	return kept
}

// target is the id of the record meant, if it stands and the actor sees it.
func (c *change) target(ctx context.Context, f *register.Field, given string) (string, error) {
	if me := c.actor.Person(); f.Target == "user" && me != "" && (given == "me" || given == me) {
		return me, nil
	}
	n := register.ByName(f.Target)
	name, err := store.ParseName(n, given)
	if err != nil {
		return "", err
	}
	sight := store.SightOf(c.actor)
	if c.depth > 0 {
		sight = nil // a consequence: nobody's eyes but the register's
	}
	row, err := c.tx.Get(ctx, n, name, sight)
	if err != nil {
		return "", err
	}
	if row[n.Field("deleted_at").Column] != nil {
		return "", store.ErrNone
	}
	return string(row[n.Field("id").Column]), nil
}

// elsewhere reports whether what was given is the ref of another noun.
func (c *change) elsewhere(f *register.Field, given string) bool {
	prefix, _, found := strings.Cut(strings.ToUpper(given), "-")
	n := register.ByPrefix(prefix)
	return found && n != nil && n.Name != f.Target
}
