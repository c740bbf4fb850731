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

	rederives map[*register.Noun]bool // whose derived values a job will compute anew
}

func newMemo() *memo {
	return &memo{external: map[string]string{}, absent: map[string]bool{}, refs: map[string]string{}, customs: map[*register.Noun]*register.Customs{}, rederives: map[*register.Noun]bool{}}
}

// rederived reports whether a job that the chunk ordered computes a noun's derived values anew.
func (m *memo) rederived(n *register.Noun) bool { return m != nil && m.rederives[n] }

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
			if l.Exclusive() {
				f := n.Field(l.Field)
				delete(m.absent, valueKey(n, f, f.Term(l.Value)))
			}
		}
	}
}

// claimed finds the records that have external ids already, and sharers those that
// share one of the values, as far as the actor sees them: in one statement for what
// the chunk does not know, in none where nothing is claimed.
func (c *change) claimed(ctx context.Context, claims store.Claims) (owners, sharers []string, err error) {
	var open store.Claims
	for _, x := range claims.External {
		if id, known := c.memo.owner(c.noun, x); !known {
			open.External = append(open.External, x)
		} else if id != "" {
			owners = append(owners, id)
		}
	}
	for _, l := range claims.Values {
		if !c.memo.lacks(c.noun, l) {
			open.Values = append(open.Values, l)
		}
	}
	kin := store.Kin{Noun: c.noun, Sight: store.SightOf(c.actor), Limit: mostCandidates + 1}
	more, sharers, err := c.tx.Claimed(ctx, kin, open)
	return append(owners, more...), sharers, err
}

// owner is the record known to have an external id.
func (m *memo) owner(n *register.Noun, x register.ExternalID) (id string, known bool) {
	if m == nil {
		return "", false
	}
	id, known = m.external[externalKey(n, x.System, x.Key)]
	return id, known
}

// lacks reports whether it is known that nobody has a value.
func (m *memo) lacks(n *register.Noun, l register.Likeness) bool {
	f := n.Field(l.Field)
	return m != nil && m.absent[valueKey(n, f, f.Term(l.Value))]
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
