package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Remove takes a record out of the lists; it can be restored. A record that
// others refer to stays. Removing twice is no error.
func (l *Ledger) Remove(ctx context.Context, n *register.Noun, name string, asked Asked) error {
	if err := mayAsk(authority.From(ctx), n, authority.Delete); err != nil {
		return l.hidden(ctx, n, name, err)
	}
	_, err := l.perform(ctx, asked, func(ctx context.Context, c *change) error { return c.removeNamed(ctx, n, name) })
	return err
}

func (c *change) removeNamed(ctx context.Context, n *register.Noun, name string) error {
	if err := c.get(ctx, n, name); err != nil {
		return err
	}
	if err := c.mayRemove(ctx); err != nil {
		return err
	}
	if c.rec.Meta().DeletedAt != "" {
		c.row = c.before
		return nil
	}
	if n.Retire != "" {
		return c.retire(ctx, n.Retire)
	}
	if err := c.mayTouch(); err != nil {
		return err
	}
	if err := c.matched(ctx); err != nil {
		return err
	}
	return c.remove(ctx)
}

// mayTouch holds removal and restoration against who may change the record's fields:
// what is in somebody's hands is taken away by nobody else either.
func (c *change) mayTouch() error {
	if c.noun.May == nil {
		return nil
	}
	return c.noun.May(c.actor, c.rec, c.rec)
}

// retire takes a record out of use that is never removed. Once it is so nothing
// more is done.
func (c *change) retire(ctx context.Context, step string) error {
	if _, leaves := c.noun.Flow.Find(c.state(), step); !leaves {
		c.row = c.before
		return nil
	}
	if err := c.matched(ctx); err != nil {
		return err
	}
	return c.move(ctx, Move{Name: step})
}

func (c *change) remove(ctx context.Context) error {
	customs, err := c.customReferences(ctx, authority.Restricted)
	if err != nil {
		return err
	}
	counts, err := c.tx.References(ctx, c.noun.Name, c.rec.Meta().ID, customs, nil)
	if err != nil {
		return err
	}
	if len(counts) > 0 {
		return c.stillReferenced(ctx, counts)
	}
	c.action = "removed"
	return c.mark(ctx, c.at)
}

// mark says since when the record is removed, "" for not at all.
func (c *change) mark(ctx context.Context, deleted register.Instant) error {
	old, err := c.noun.Load(c.before)
	if err != nil {
		return err
	}
	c.rec.Meta().DeletedAt = deleted
	if deleted == "" {
		if err := c.inherit(ctx); err != nil {
			return err
		}
	}
	return c.carryChanged(ctx, old)
}

// Pointing says how many records of a collection refer to a record, and lists them.
type Pointing struct {
	Collection string `json:"collection"`
	Field      string `json:"field"`
	Count      int64  `json:"count"`
	URL        string `json:"url"`
}

// moreUnseen says that more stands in the way than the caller sees, and not how much.
const moreUnseen = " There is more than you may see; ask somebody who sees more."

// stillReferenced tells what keeps a record, as far as the actor sees it.
func (c *change) stillReferenced(ctx context.Context, all []store.ReferenceCount) error {
	customs, err := c.customReferences(ctx, c.actor.Clearance())
	if err != nil {
		return err
	}
	seen, err := c.tx.References(ctx, c.noun.Name, c.rec.Meta().ID, customs, store.SightOf(c.actor))
	if err != nil {
		return err
	}
	detail, out := "Other records still refer to this one.", make([]Pointing, 0, len(seen))
	for _, r := range seen {
		out = append(out, c.pointing(r.Noun, r.Field, r.Count, ""))
	}
	if !slices.EqualFunc(seen, all, func(a, b store.ReferenceCount) bool {
		return a.Noun == b.Noun && a.Field.Name == b.Field.Name && a.Count == b.Count
	}) {
		detail += moreUnseen
	}
	return fault.New(fault.StillReferenced, "%s", detail).With("references", out)
}

// pointing leads to the records that name the change's own through a field.
func (c *change) pointing(n *register.Noun, f *register.Field, count int64, further string) Pointing {
	url := c.Base + "/" + n.Path
	switch {
	case f.Many:
		url += "?" + f.Name + ".any=" + c.rec.Meta().ID + further
	case f.Filter && f.Holds == "":
		url += "?" + f.Name + "=" + c.rec.Meta().ID + further
	}
	return Pointing{n.Path, f.Name, count, url}
}

// addressed completes a guard's own fault: guards count what somebody answers for
// with the register's eyes. The actor is told of what the actor sees.
func (c *change) addressed(ctx context.Context, refusal *fault.Error) error {
	all, ok := refusal.Facts["references"].([]register.Held)
	if !ok {
		return refusal
	}
	out, more := make([]Pointing, 0, len(all)), ""
	for _, h := range all {
		r := register.Reference{Noun: h.Noun, Field: h.Field}
		seen, err := c.tx.CountSeen(ctx, h.Noun, r.Standing(c.rec.Meta().ID), store.SightOf(c.eyes()))
		if err != nil {
			return err
		}
		if seen < h.Count {
			more = moreUnseen
		}
		if seen > 0 {
			out = append(out, c.pointing(h.Noun, h.Field, seen, furtherOf(r)))
		}
	}
	refusal.Detail += more
	return refusal.With("references", out)
}

// furtherOf narrows a list to what somebody answers for, and to what is not at an end.
func furtherOf(r register.Reference) (further string) {
	for _, but := range slices.Sorted(maps.Keys(r.Noun.Duties)) {
		further += "&" + strings.TrimSuffix(but, " <>") + fmt.Sprintf(".ne=%v", r.Noun.Duties[but])
	}
	ends, some := r.Standing("")["state <>"].([]flow.State)
	if !some {
		return further
	}
	words := make([]string, len(ends))
	for i, s := range ends {
		words[i] = string(s)
	}
	return further + "&state.nin=" + strings.Join(words, ",")
}
