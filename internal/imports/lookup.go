package imports

import (
	"context"
	"errors"
	"slices"
	"strings"

	"rapport/internal/fold"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// ahead stands for a record that is not in the register: one that stands further
// down in the file or, with its id behind it, one that an earlier chunk of a dry
// run entered before it was undone.
const ahead = "ahead"

func isAhead(id string) bool { return strings.HasPrefix(id, ahead) }

// known are the keys of a file's records: what the register holds of them, found
// in a few questions per chunk, and what the file itself has brought since.
type known struct {
	keys   map[register.ExternalID]string // → id
	emails map[string][]string            // folded → ids
	names  map[string][]string            // folded → ids
	rows   map[string]register.Row        // id → the record as the chunk left it
}

func newKnown() *known {
	return &known{map[register.ExternalID]string{}, map[string][]string{}, map[string][]string{}, map[string]register.Row{}}
}

// learn notes what a row has brought in under an id.
func (k *known) learn(it *item, p *plan, id string) {
	for _, x := range it.keys {
		k.keys[x.ExternalID] = id
	}
	for _, e := range it.emails(p) {
		k.emails[e] = once(k.emails[e], id)
	}
	if t := it.title(p); t != "" {
		k.names[t] = once(k.names[t], id)
	}
}

func once(ids []string, id string) []string {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// lookUp asks the register about all keys of a chunk's rows and of the parents
// that they name.
func (p *plan) lookUp(ctx context.Context, k *ledger.Chunk, items []*item) (*known, error) {
	keys, values := map[string][]string{}, map[*register.Field][]string{}
	title := p.noun.TitleField
	for _, it := range items {
		for _, x := range it.keys {
			keys[x.System] = append(keys[x.System], x.Key)
		}
		if p.email != nil {
			values[p.email] = append(values[p.email], it.emails(p)...)
		}
		if t := it.title(p); t != "" && p.asksNames() {
			values[title] = append(values[title], t)
		}
		if it.parent != nil {
			keys[p.options.ExternalSystem] = append(keys[p.options.ExternalSystem], it.parent.cell)
			values[title] = append(values[title], fold.Fold(it.parent.cell))
		}
	}
	for system := range keys {
		slices.Sort(keys[system])
		keys[system] = slices.Compact(keys[system])
	}
	for f := range values {
		slices.Sort(values[f])
		values[f] = slices.Compact(values[f])
	}
	found, err := k.Expect(ctx, p.noun, keys, values)
	if err != nil {
		return nil, err
	}
	return p.visible(ctx, k, found, p.idsOf(items))
}

// asksNames reports whether it matters which records are called as a row is: where
// rows are matched by names, and where few records share one. Complaints about the
// same are all called alike.
func (p *plan) asksNames() bool {
	return p.noun.Alike != nil || slices.Contains(p.options.Match, "name")
}

// visible keeps of what was found those records that the actor sees, with their rows.
func (p *plan) visible(ctx context.Context, k *ledger.Chunk, found ledger.Found, ids []string) (*known, error) {
	for _, byKey := range found.External {
		for _, id := range byKey {
			ids = append(ids, id)
		}
	}
	for _, byValue := range found.Values {
		for _, some := range byValue {
			ids = append(ids, some...)
		}
	}
	slices.Sort(ids)
	rows, err := k.Rows(ctx, p.noun, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	out := newKnown()
	out.rows = rows
	for system, byKey := range found.External {
		for key, id := range byKey {
			if rows[id] != nil {
				out.keys[register.ExternalID{System: system, Key: key}] = id
			}
		}
	}
	for f, byValue := range found.Values {
		into := out.names
		if f == p.email {
			into = out.emails
		}
		for value, some := range byValue {
			for _, id := range some {
				if rows[id] != nil {
					into[value] = append(into[value], id)
				}
			}
		}
	}
	return out, nil
}

// errSeveral says that a name means more than one record.
var errSeveral = errors.New("several records are called so")

// matched finds the record that a row means, by the keys that were chosen, in
// their order; "" if there is none.
func (w *worker) matched(ctx context.Context, k *ledger.Chunk, it *item) (string, error) {
	for _, by := range w.plan.options.Match {
		ids := w.candidates(by, it)
		if by == "id" && w.chunk.rows[it.id] != nil {
			return it.id, nil
		}
		if by == "ref" && it.ref != "" && !w.plan.options.Adopt {
			id, err := w.byName(ctx, k, w.plan.noun, it.ref)
			if err != nil {
				return "", err
			}
			return id, nil
		}
		switch len(ids) {
		case 0:
		case 1:
			return ids[0], nil
		default:
			return "", errSeveral
		}
	}
	return "", nil
}

func (w *worker) candidates(by string, it *item) (ids []string) {
	for _, k := range []*known{w.chunk, w.carried} {
		switch by {
		case "external_id":
			for _, x := range it.keys {
				if id := k.keys[x.ExternalID]; id != "" {
					ids = once(ids, id)
				}
			}
		case "email":
			for _, e := range it.emails(w.plan) {
				for _, id := range k.emails[e] {
					ids = once(ids, id)
				}
			}
		case "name":
			for _, id := range k.names[it.title(w.plan)] {
				ids = once(ids, id)
			}
		}
		if len(ids) > 0 {
			break
		}
	}
	return ids
}

// byName is the id of a record of n by its id, ref or key.
func (w *worker) byName(ctx context.Context, k *ledger.Chunk, n *register.Noun, name string) (string, error) {
	parsed, err := store.ParseName(n, name)
	if err != nil {
		return "", err
	}
	row, err := k.Tx.Get(ctx, n, parsed, k.Sight())
	if err != nil {
		return "", err
	}
	w.chunk.rows[string(row[n.Field("id").Column])] = row
	return string(row[n.Field("id").Column]), nil
}

// reference finds the record of another noun that a cell names: by id or ref, by
// its key in the other system, by e-mail address or by name. What is found stays
// known for the rest of the file.
func (w *worker) reference(ctx context.Context, k *ledger.Chunk, n *register.Noun, by, cell string) (string, error) {
	memo := n.Name + "\x00" + by + "\x00" + cell
	if id, known := w.named[memo]; known {
		return id, nil
	}
	id, err := w.findReference(ctx, k, n, by, cell)
	if err == nil {
		w.named[memo], w.learnt = id, append(w.learnt, memo)
	}
	return id, err
}

// unlearn forgets what was found by a chunk that is made again: its own records, for
// instance, have other ids then.
func (w *worker) unlearn() {
	for _, memo := range w.learnt {
		delete(w.named, memo)
	}
	w.learnt = nil
}

func (w *worker) findReference(ctx context.Context, k *ledger.Chunk, n *register.Noun, by, cell string) (string, error) {
	if n.Name == "user" && cell == "me" {
		return "me", nil
	}
	if by == "" || by == "id" || by == "ref" {
		if id, err := w.byName(ctx, k, n, cell); err == nil || !errors.Is(err, store.ErrNone) {
			return id, err
		}
	}
	if (by == "" || by == "external_id") && n.Field("external_ids") != nil {
		found, err := k.Tx.ByExternalIDs(ctx, n, w.plan.options.ExternalSystem, []string{cell})
		if err != nil {
			return "", err
		}
		if id, err := w.byName(ctx, k, n, found[cell]); err == nil || !errors.Is(err, store.ErrNone) {
			return id, err // one that is not seen is none
		}
	}
	for _, f := range []*register.Field{n.Field("email"), n.Field("channels"), n.TitleField} {
		mail := f != nil && f != n.TitleField
		if f == nil || by == "email" && !mail || by == "name" && mail || by != "" && by != "email" && by != "name" || !f.Folded() && !f.Terms {
			continue
		}
		found, err := k.Tx.Holders(ctx, n, f, []string{f.Term(cell)}, k.Sight())
		if err != nil {
			return "", err
		}
		switch ids := found[f.Term(cell)]; len(ids) {
		case 0:
		case 1:
			return ids[0], nil
		default:
			return "", errSeveral
		}
	}
	return "", store.ErrNone
}
