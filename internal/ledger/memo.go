package ledger

import (
	"context"
	"strings"

	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// memo is what the changes of one chunk know already, so that they need not ask
// the database one by one. What it does not hold is asked.
type memo struct {
	external map[string]string // noun, system, key → id; "" = nobody has it
	absent   map[string]bool   // noun, field, value → whether no other record has it
	refs     map[string]string // noun, name → id
	customs  map[*register.Noun]*register.Customs
}

func newMemo() *memo {
	return &memo{external: map[string]string{}, absent: map[string]bool{}, refs: map[string]string{}, customs: map[*register.Noun]*register.Customs{}}
}

func externalKey(n *register.Noun, system, key string) string {
	return n.Name + "\x00" + system + "\x00" + key
}

func valueKey(n *register.Noun, f *register.Field, term string) string {
	return n.Name + "\x00" + f.Name + "\x00" + term
}

// learn notes what a record that was just saved takes.
func (m *memo) learn(n *register.Noun, rec register.Record) {
	if shared := rec.Common(); shared != nil {
		for _, x := range shared.ExternalIDs {
			m.external[externalKey(n, x.System, x.Key)] = rec.Meta().ID
		}
	}
	if n.Alike != nil {
		for _, l := range n.Alike(rec) {
			f := n.Field(l.Field)
			delete(m.absent, valueKey(n, f, f.Term(l.Value)))
		}
	}
}

// byExternalID is the record that another system calls so; "" if there is none.
func (c *change) byExternalID(ctx context.Context, x register.ExternalID) (string, error) {
	if c.memo != nil {
		if id, known := c.memo.external[externalKey(c.noun, x.System, x.Key)]; known {
			return id, nil
		}
	}
	return c.tx.ByExternalID(ctx, c.noun, x.System, x.Key)
}

// alike are the standing records that share a value with the change's own.
func (c *change) alike(ctx context.Context, l register.Likeness) ([]register.Row, error) {
	f := c.noun.Field(l.Field)
	if c.memo != nil && c.memo.absent[valueKey(c.noun, f, f.Term(l.Value))] {
		return nil, nil
	}
	return c.tx.Alike(ctx, c.noun, l, c.rec.Meta().ID, store.SightOf(c.actor), mostCandidates)
}

// referred is target, asked once for each name in a chunk.
func (c *change) referred(ctx context.Context, f *register.Field, given string) (string, error) {
	if c.memo == nil || c.depth > 0 {
		return c.target(ctx, f, given)
	}
	key := f.Target + "\x00" + given
	if id, known := c.memo.refs[key]; known {
		return id, nil
	}
	id, err := c.target(ctx, f, given)
	if err == nil {
		c.memo.refs[key] = id
	}
	return id, err
}

func joined(states []flow.State) string {
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
