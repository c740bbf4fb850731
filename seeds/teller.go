package seeds

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// teller tells the story through the ledger: each deed by the person who did it,
// at the time at which it was done.
type teller struct {
	ctx    context.Context
	ledger *ledger.Ledger
	today  time.Time // the present moment
	start  time.Time // the present day, from which the story counts back
	now    time.Time
	actors map[string]authority.Actor
	ids    map[string]string // the story's own names → ids
	dice   *rand.Rand
	err    error // the first thing that went wrong; after it nothing more is told
}

func newTeller(ctx context.Context, l *ledger.Ledger, now time.Time) *teller {
	return &teller{
		ctx: ctx, ledger: l, today: now, start: now.Truncate(24 * time.Hour), actors: map[string]authority.Actor{}, ids: map[string]string{},
		dice: rand.New(rand.NewPCG(2026, 11)),
	}
}

// at moves to an hour of a day so many days before the present one.
func (t *teller) at(daysAgo, hour int) *teller {
	t.now = t.start.AddDate(0, 0, -daysAgo).Add(time.Duration(hour)*time.Hour + time.Duration(t.dice.IntN(3600))*time.Second)
	if latest := t.start.Add(-time.Minute); t.now.After(latest) {
		t.now = latest
	}
	return t
}

// day is the date so many days before the present one.
func (t *teller) day(daysAgo int) string {
	return t.start.AddDate(0, 0, -daysAgo).Format(register.DateLayout)
}

// fields are what is written of a record. A value "@name" stands for the id of
// what the story calls so.
type fields map[string]any

func (t *teller) body(f fields) register.Body {
	if t.err != nil {
		return nil
	}
	raw, err := json.Marshal(t.resolved(map[string]any(f)))
	if err != nil {
		t.err = err
		return nil
	}
	body, err := register.ParseBody(raw)
	if err != nil {
		t.err = err
	}
	return body
}

func (t *teller) resolved(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) > 1 && v[0] == '@' {
			return t.ids[v[1:]]
		}
		return v
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = t.resolved(s)
		}
		return out
	case []fields:
		out := make([]any, len(v))
		for i, f := range v {
			out[i] = t.resolved(map[string]any(f))
		}
		return out
	case fields:
		return t.resolved(map[string]any(v))
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, inner := range v {
			out[k] = t.resolved(inner)
		}
		return out
	}
	return v
}

// enter has somebody enter a record, which the story then calls by name.
func (t *teller) enter(who, noun, name string, f fields) {
	body := t.body(f)
	if t.err != nil {
		return
	}
	a, err := t.ledger.Create(t.as(who), register.ByName(noun), body, ledger.Asked{AllowDuplicate: true, DuplicateReason: "told apart by hand"})
	if err != nil {
		t.err = fmt.Errorf("%s enters the %s %s: %w %v", who, noun, name, err, fault.Of(err).Fields)
		return
	}
	if name != "" {
		t.ids[name] = a.ID
	}
}

// move has somebody make a transition.
func (t *teller) move(who, noun, name, transition string, f fields) {
	body := t.body(f)
	if t.err != nil {
		return
	}
	if _, err := t.ledger.Transition(t.as(who), register.ByName(noun), t.ids[name], ledger.Move{Name: transition, Fields: body}, ledger.Asked{}); err != nil {
		f := fault.Of(err)
		t.err = fmt.Errorf("%s: %s of the %s %s: %w %v %v", who, transition, noun, name, err, f.Fields, f.Facts)
	}
}

// alter has somebody change fields of a record, named by id or key.
func (t *teller) alter(who, noun, name string, f fields) {
	body := t.body(f)
	if t.err != nil {
		return
	}
	if _, err := t.ledger.Update(t.as(who), register.ByName(noun), name, body, ledger.Asked{}); err != nil {
		t.err = fmt.Errorf("%s changes the %s %s: %w %v", who, noun, name, err, fault.Of(err).Fields)
	}
}

// as is the context of a person at the story's time.
func (t *teller) as(who string) context.Context {
	t.ledger.Now = func() time.Time { return t.now }
	return authority.With(t.ctx, t.actors[who])
}

func pick[T any](t *teller, list []T) T { return list[t.dice.IntN(len(list))] }
