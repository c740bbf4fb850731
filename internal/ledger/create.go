package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Create enters a new record.
func (l *Ledger) Create(ctx context.Context, n *register.Noun, body register.Body, asked Asked) (Answer, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return Answer{}, err
	}
	var rec register.Record
	answer, err := l.perform(ctx, asked, func(ctx context.Context, c *change) error {
		c.fresh(n)
		rec = c.rec
		if err := c.create(ctx, body); err != nil {
			return err
		}
		return c.track(ctx)
	})
	if err == nil && asked.ValidateOnly && n.Alike != nil {
		answer.Likely, err = l.likelyNew(ctx, n, rec)
	}
	return answer, err
}

func (c *change) create(ctx context.Context, body register.Body) error {
	n := c.noun
	c.action = "created"
	if err := c.mayChange(ctx, "create", n.Levels.Create, nil); err != nil {
		return err
	}
	sent := body
	body, faults := c.takeDuplicateReason(body)
	merge(&faults, c.asked.Wrong)
	customs, err := c.writable(ctx, body, true)
	if err != nil {
		return err
	}
	merge(&faults, n.Fill(c.rec, body, register.Writing{Create: true, State: c.state(), Now: c.local(ctx), Pointer: c.pointer(), Customs: customs}))
	if err := c.settle(ctx, &faults); err != nil {
		return err
	}
	if astray(faults) {
		return sent.Refused(faults, c.pointer())
	}
	if err := c.mayChange(ctx, "create", n.Levels.Create, n.Raise); err != nil {
		return err
	}
	if n.May != nil {
		if err := n.May(c.actor, nil, c.rec); err != nil {
			return err
		}
	}
	if err := sent.Refused(faults, c.pointer()); err != nil {
		return err
	}
	if err := c.unlike(ctx); err != nil {
		return err
	}
	return c.bear(ctx)
}

// bear saves a new record that was found to be in order, and carries out what follows.
func (c *change) bear(ctx context.Context) error {
	n := c.noun
	if n.First != nil {
		if err := n.First(ctx, c.rec, c.look()); err != nil {
			return err
		}
	}
	if err := c.inherit(ctx); err != nil {
		return err
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	if err := c.carry(ctx); err != nil {
		return err
	}
	c.born = true
	if n.Born == nil {
		return nil
	}
	return c.follow(ctx, func(ctx context.Context, do *doing) error { return n.Born(ctx, c.rec, do) })
}

func (c *change) pointer() string {
	if c.asked.Pointer == "" {
		return "#"
	}
	return c.asked.Pointer
}

// takeDuplicateReason takes the reason for entering a likely duplicate out of the
// body: it is said of the change, not of the record.
func (c *change) takeDuplicateReason(body register.Body) (register.Body, fault.Fields) {
	raw := body.Get("duplicate_reason")
	if raw == nil {
		return body, nil
	}
	var faults fault.Fields
	var reason *string
	switch {
	case json.Unmarshal(raw, &reason) != nil:
		faults.At(c.pointer()+"/duplicate_reason", "invalid_type", "duplicate_reason takes text.")
	case reason != nil:
		c.asked.DuplicateReason = strings.TrimSpace(*reason)
	}
	return body.Without("duplicate_reason"), faults
}

// begin puts a new record into the state in which it begins; one that was put
// elsewhere already stays there.
func (c *change) begin(ctx context.Context) error {
	if m := c.rec.Meta(); c.noun.Begins != nil && m.State == c.noun.Flow.Start {
		m.State = c.noun.Begins(c.rec)
	}
	return c.foresee(ctx)
}

// foresee completes a record that is not entered yet: by what the register keeps of
// others, and by the derived values. These rest on other records, none of which names it,
// so they hold once it stands.
func (c *change) foresee(ctx context.Context) error {
	if c.noun.Keep != nil {
		if err := c.noun.Keep(ctx, c.rec, c.look()); err != nil {
			return err
		}
	}
	if c.noun.Derive == nil {
		return nil
	}
	return c.noun.Derive(ctx, c.rec, c.look())
}

// settle completes what was written and holds it against every rule: references,
// the rules of single fields, and those across fields.
func (c *change) settle(ctx context.Context, faults *fault.Fields) error {
	tidy(c.rec)
	c.noun.Stamp(c.rec, c.actor.Person(), c.local(ctx))
	if err := c.resolve(ctx, faults); err != nil {
		return err
	}
	if c.noun.Prepare != nil {
		c.noun.Prepare(c.rec, c.at)
	}
	merge(faults, register.Validate(c.rec, c.pointer()))
	merge(faults, c.repeated())
	return c.check(ctx, faults)
}

// astray reports whether a reference leads nowhere. Neither rules nor levels are asked
// about such a record: they would look at what is not there, or is not the actor's to
// see, and their answer would tell of it.
func astray(faults fault.Fields) bool {
	return slices.ContainsFunc(faults, func(f fault.Field) bool { return strings.HasPrefix(f.Code, "reference_") })
}

// check holds the record against the rules across its fields too, so that all that
// is wrong is told at once. Of a record with faults they tell about single members
// alone: about the whole they might be misled. Where a list is at fault they are not
// asked: they count on its being there.
func (c *change) check(ctx context.Context, faults *fault.Fields) error {
	wrong := len(*faults) > 0
	if astray(*faults) || c.listAtFault(*faults) {
		return nil
	}
	found, err := c.checked(ctx)
	var refusal *fault.Error
	if wrong && (errors.As(err, &refusal) || errors.Is(err, store.ErrNone)) {
		return nil // it was asked about half a record
	}
	if wrong {
		found = slices.DeleteFunc(found, func(f fault.Field) bool { return f.Pointer == c.pointer() })
	}
	merge(faults, found)
	return err
}

// listAtFault reports whether one of the faults is in a list or an object.
func (c *change) listAtFault(faults fault.Fields) bool {
	return slices.ContainsFunc(faults, func(f fault.Field) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, c.pointer()+"/"), "/")
		field := c.noun.Input(name)
		return field != nil && field.Shape == register.JSON
	})
}

// repeated finds the external ids that are said twice: they are one record's.
func (c *change) repeated() (faults fault.Fields) {
	shared := c.rec.Common()
	if shared == nil {
		return nil
	}
	for i, x := range shared.ExternalIDs {
		same := func(y register.ExternalID) bool { return y.System == x.System && y.Key == x.Key }
		if slices.ContainsFunc(shared.ExternalIDs[:i], same) {
			at := c.pointer() + "/external_ids/" + strconv.Itoa(i)
			faults.At(at, "duplicate", "%s stands in the list already.", register.Spoken(at))
		}
	}
	return faults
}

// checked holds the record against the rules across its fields.
func (c *change) checked(ctx context.Context) (fault.Fields, error) {
	if c.noun.Check == nil {
		return nil, nil
	}
	found, err := c.noun.Check(ctx, c.rec, c.look())
	for i := range found {
		found[i].Pointer = c.pointer() + strings.TrimPrefix(found[i].Pointer, "#")
	}
	return found, c.toldSame(ctx, err)
}

// merge adds faults of members about which nothing was said yet.
func merge(into *fault.Fields, more fault.Fields) {
	for _, f := range more {
		if !slices.ContainsFunc(*into, func(have fault.Field) bool { return have.Pointer == f.Pointer }) {
			into.Add(f)
		}
	}
}

// tidy writes the shared lists as they are kept: tags in lower case, each once.
func tidy(rec register.Record) {
	shared := rec.Common()
	if shared == nil {
		return
	}
	seen, tags := map[string]bool{}, shared.Tags[:0:0]
	for _, tag := range shared.Tags {
		if folded := fold.Fold(tag); !seen[folded] {
			seen[folded], tags = true, append(tags, strings.ToLower(tag))
		}
	}
	shared.Tags = tags
}

// enter is create for a record that a consequence brings about.
func (c *change) enter(ctx context.Context) error {
	c.action = "created"
	var faults fault.Fields
	if err := c.settle(ctx, &faults); err != nil {
		return err
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return c.bear(ctx)
}

var _ flow.Do = (*doing)(nil)
