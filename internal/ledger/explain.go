package ledger

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
)

// Explained is a transition out of a record's present state: who may make it and
// what stands in its way.
type Explained struct {
	Name          string           `json:"name"`
	Label         string           `json:"label"`
	Description   string           `json:"description"`
	To            *string          `json:"to"`
	Permitted     bool             `json:"permitted"`
	RequiredLevel int              `json:"required_level"`
	Because       []string         `json:"because"`
	Blockers      []flow.Blocker   `json:"blockers"`
	Fields        []ExplainedField `json:"fields"`

	guarded bool // rules look at more than level and fields
}

// ExplainedField is a field that a transition may fill, or must.
type ExplainedField struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Required bool     `json:"required"`
	Enum     []string `json:"enum"`
}

// Transitions explains every transition out of the record's present state, with
// its guards run dry.
func (l *Ledger) Transitions(ctx context.Context, n *register.Noun, name string) ([]Explained, error) {
	actor := authority.From(ctx)
	if err := mayAsk(actor, n, authority.Read); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	c := &change{Ledger: l, tx: l.DB.Look(), actor: actor, at: l.at(), asking: true}
	if err := c.get(ctx, n, name); err != nil {
		return nil, err
	}
	if err := c.standing(ctx); err != nil {
		return nil, err
	}
	return c.explainAll(ctx, true)
}

func (c *change) explainAll(ctx context.Context, guards bool) ([]Explained, error) {
	out := []Explained{}
	for i := range c.noun.Flow.Rows {
		row := &c.noun.Flow.Rows[i]
		if !row.Leaves(c.state()) {
			continue
		}
		e, err := c.explain(ctx, row, guards)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (c *change) explain(ctx context.Context, row *flow.Transition[register.Record], guards bool) (e Explained, err error) {
	e = Explained{Name: row.Name, Label: register.Wording(row.Name), Description: row.Doc, Because: []string{}, Fields: FieldsOf(c.noun, row), guarded: len(row.Guards) > 0}
	if row.To != "" && len(row.Or) == 0 {
		to := string(row.To)
		e.To = &to
	}
	n, err := c.needMove(ctx, row)
	if err != nil {
		return e, err
	}
	e.RequiredLevel, e.Because = int(n.Level), n.Because
	if c.noun.Platform {
		e.RequiredLevel = int(authority.L7)
	}
	if e.Permitted, err = c.permitted(ctx, row, n); err != nil || !guards {
		return e, err
	}
	e.Blockers, err = c.hindrances(ctx, row)
	e.Permitted = e.Permitted && len(e.Blockers) == 0
	for i, f := range e.Fields { // what a guard asks for that lets pass is there, or not asked of this record
		e.Fields[i].Required = f.Required && (f.Name == "reason" || row.Asks(f.Name, e.Blockers))
	}
	return e, err
}

// hindrances are all that stands in the way here and now: that the actor is the
// person whom somebody else has to look after, and what the guards find.
func (c *change) hindrances(ctx context.Context, row *flow.Transition[register.Record]) ([]flow.Blocker, error) {
	same := c.otherEyes(ctx, row)
	if same != nil && !fault.Is(same, fault.SamePerson) {
		return nil, same
	}
	dry, err := c.unsaid(row)
	if err != nil {
		return nil, err
	}
	found, err := dry.blockers(ctx, row)
	barred := c.barred(ctx)
	if barred != nil && !fault.Is(barred, fault.InsufficientLevel) {
		return nil, barred
	}
	if barred != nil {
		found = append([]flow.Blocker{{Code: "barred", Detail: fault.Of(barred).Detail}}, found...)
	}
	if same != nil {
		found = append([]flow.Blocker{{Code: "same_person", Detail: fault.Of(same).Detail}}, found...)
	}
	return found, err
}

// unsaid is the change as a transition's guards find it before anything is said: without
// what has to be said anew.
func (c *change) unsaid(row *flow.Transition[register.Record]) (*change, error) {
	if len(row.Anew) == 0 {
		return c, nil
	}
	dry := *c
	var err error
	if dry.rec, err = c.noun.Load(c.before); err == nil {
		c.noun.Forget(dry.rec, row)
	}
	return &dry, err
}

// permitted reports whether scope, level and four eyes let the actor through: what
// mayMove asks, of a row whose level is known, without a look for who could instead.
func (c *change) permitted(ctx context.Context, row *flow.Transition[register.Record], n need) (bool, error) {
	if !may(c.actor, c.noun, authority.Act) {
		return false, nil
	}
	err := error(nil)
	switch {
	case c.actor.Type == authority.System:
	case c.noun.Platform:
		err = c.governs(ctx)
	case !c.holds(n):
		return false, nil
	default:
		if err = c.barred(ctx); err == nil {
			err = c.otherEyes(ctx, row)
		}
	}
	if fault.Is(err, fault.InsufficientLevel) || fault.Is(err, fault.SamePerson) {
		return false, nil
	}
	return err == nil, err
}

// FieldsOf lists what a transition writes: what it must, then what it may.
func FieldsOf(n *register.Noun, row *flow.Transition[register.Record]) []ExplainedField {
	out := []ExplainedField{}
	if row.Reason {
		out = append(out, ExplainedField{Name: "reason", Type: "string", Required: true, Enum: []string{}})
	}
	for _, t := range n.FieldsOf(row) {
		out = append(out, ExplainedField{t.Field.Name, t.Field.WireType(), t.Required, append([]string{}, t.Field.Values()...)})
	}
	return out
}
