package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Move is a transition as it was asked for.
type Move struct {
	Name    string
	Fields  register.Body
	Comment string
}

// Transition takes a record along its workflow, filling fields on the way.
func (l *Ledger) Transition(ctx context.Context, n *register.Noun, name string, move Move, asked Asked) (Answer, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Act); err != nil {
		return Answer{}, l.hidden(ctx, n, name, err)
	}
	return l.perform(ctx, asked, func(ctx context.Context, c *change) error { return c.moveNamed(ctx, n, name, move) })
}

func (c *change) moveNamed(ctx context.Context, n *register.Noun, name string, move Move) error {
	if err := c.get(ctx, n, name); err != nil {
		return err
	}
	if err := c.known(move.Name); err != nil {
		return err
	}
	if err := c.mayMove(ctx, move.Name); err != nil {
		return err
	}
	if err := c.standing(ctx); err != nil {
		return err
	}
	if err := c.matched(ctx); err != nil {
		return err
	}
	return c.move(ctx, move)
}

// known refuses a transition that the noun does not have.
func (c *change) known(name string) error {
	names := c.noun.Flow.Names("")
	for _, n := range names {
		if n == name {
			return nil
		}
	}
	f := fault.Field{
		Pointer: "#/transition", Code: "not_in_enum", Detail: "transition must be one of " + strings.Join(names, ", ") + ".",
		Suggestion: fault.Nearest(name, names), Params: map[string]any{"allowed": names},
	}
	return fault.Fields{f}.Err()
}

// move makes a transition whose authority was settled: state, fields, guards.
func (c *change) move(ctx context.Context, m Move) error {
	row, leaves := c.noun.Flow.Find(c.state(), m.Name)
	if !leaves {
		return fault.New(fault.InvalidTransition, "%s does not lead out of %s.", m.Name, c.state()).
			With("current_state", c.state()).With("requested", m.Name).With("allowed_transitions", c.noun.Flow.Names(c.state()))
	}
	c.action, c.step = "transition", m.Name
	if err := c.fill(ctx, row, m); err != nil {
		return err
	}
	blockers, err := c.blockers(ctx, row)
	if err != nil {
		return err
	}
	if len(blockers) > 0 {
		return fault.New(fault.TransitionBlocked, "%s is blocked: %s", m.Name, blockers[0].Detail).With("blockers", blockers)
	}
	if err := c.first(ctx, row); err != nil {
		return err
	}
	c.rec.Meta().State = target(row, c.rec)
	if row.Keep != nil {
		row.Keep(c.rec, c.actor.Person(), c.at.Time())
	}
	if err := c.inherit(ctx); err != nil {
		return err
	}
	if err := c.carry(ctx); err != nil {
		return err
	}
	if err := c.derive(ctx); err != nil || row.Then == nil {
		return err
	}
	return c.follow(ctx, func(ctx context.Context, do *doing) error { return row.Then(ctx, c.rec, do) })
}

// first does what comes before the record is saved; its entry is named already,
// so that what is changed on its account can point at it.
func (c *change) first(ctx context.Context, row *flow.Transition[register.Record]) error {
	if row.First == nil {
		return nil
	}
	c.entry = register.NewID(c.at.Time())
	return c.follow(ctx, func(ctx context.Context, do *doing) error { return row.First(ctx, c.rec, do) })
}

func target(row *flow.Transition[register.Record], rec register.Record) flow.State {
	switch {
	case row.Pick != nil:
		return row.Pick(rec)
	case row.To == "":
		return rec.Meta().State
	}
	return row.To
}

// fill writes the transition's fields and checks them all.
func (c *change) fill(ctx context.Context, row *flow.Transition[register.Record], m Move) error {
	pointer := c.pointer() + "/fields"
	c.asked.Pointer = pointer
	body := m.Fields
	comment, given := strings.TrimSpace(m.Comment), body.Get("reason")
	if row.Reason {
		c.reason = text(given)
		body = body.Without("reason")
	}
	customs, err := c.writable(ctx, body, false)
	if err != nil {
		return err
	}
	faults := c.noun.Fill(c.rec, body, register.Writing{Transition: row, State: c.state(), Now: c.local(ctx), Pointer: pointer, Current: c.current(ctx), Customs: customs})
	switch {
	case row.Reason && given != nil && given.Kind() != 'n' && given.Kind() != '"':
		faults.At(pointer+"/reason", "invalid_type", "reason takes text.")
	case row.Reason && c.reason == "" && comment == "": // a comment says why, too
		faults.At(pointer+"/reason", "required", "Say why: reason is required here.")
	}
	merge(&faults, c.noun.Missing(c.rec, row.Needs, pointer))
	if err := c.settle(ctx, &faults); err != nil {
		return err
	}
	if astray(faults) {
		return m.Fields.Refused(faults, pointer)
	}
	if err := c.mayWrite(ctx, row); err != nil {
		return err
	}
	c.reason = strings.TrimSpace(c.reason + "\n" + comment)
	return m.Fields.Refused(faults, pointer)
}

func text(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

// blockers runs a transition's guards and gathers all that stands in its way.
func (c *change) blockers(ctx context.Context, row *flow.Transition[register.Record]) ([]flow.Blocker, error) {
	all := []flow.Blocker{}
	for _, g := range row.Guards {
		found, err := g.Check(ctx, c.rec, c.look())
		var refusal *fault.Error
		if errors.As(err, &refusal) {
			err = c.addressed(ctx, refusal)
		}
		switch {
		case errors.As(err, &refusal) && c.asking:
			found = flow.Block("%s", refusal.Detail)
		case err != nil:
			return nil, err
		}
		for _, b := range found {
			b.Code = g.Code
			all = append(all, b)
		}
	}
	return all, c.pointed(ctx, all)
}

// pointed completes what blockers point at. What the reader may not see is not
// named, though it stands in the way all the same: it is told who sees it.
func (c *change) pointed(ctx context.Context, blockers []flow.Blocker) error {
	wanted := map[string]map[string]bool{}
	for _, b := range blockers {
		if r := b.Resource; r != nil {
			want(wanted, r.Type, r.ID)
		}
	}
	seen, err := c.tx.Labels(ctx, wanted, store.SightOf(c.eyes()))
	for i := range blockers {
		r := blockers[i].Resource
		if r == nil || err != nil {
			continue
		}
		r.URL = nounNamed(r.Type).URL(c.Base, r.ID)
		if _, shown := seen[r.Type][r.ID]; !shown {
			blockers[i].Resource = nil
			err = c.askAbout(ctx, r, &blockers[i])
		}
	}
	return err
}

// askAbout says whom to ask about what stands in the way and is hidden: those of the
// level that sees it, whoever they are.
func (c *change) askAbout(ctx context.Context, r *flow.Resource, b *flow.Blocker) error {
	rec, err := c.record(ctx, nounNamed(r.Type), r.ID)
	if err != nil {
		return err
	}
	switch level := authority.Clears(sensitivityOf(rec)); {
	case level > c.eyes().Level:
		b.Detail += " It is hidden from you: ask somebody of level " + strconv.Itoa(int(level)) + "."
	default:
		b.Detail += " It is hidden from your key: ask by one that opens more."
	}
	return nil
}
