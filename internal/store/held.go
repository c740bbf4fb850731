package store

import (
	"context"
	"slices"

	"rapport/internal/register"
)

// heldMost is how many rows a change remembers; a chunk of an import reads thousands.
const heldMost = 512

// held are the rows that one change has read by their ids, or written, and the clocks
// of records. What follows from a step looks at its record again and again, and in a
// transaction that sees nothing of others it is the same row each time.
type held struct {
	rows   map[string]register.Row
	clocks map[string][]Clock
	lists  map[string]map[string][]register.Row // by noun, and what was asked of it
}

func heldKey(n *register.Noun, id string) string { return n.Name + " " + id }

// holds tells a row as the change knows it; nil if it does not.
func (tx *Tx) holds(n *register.Noun, name Name, sight *Sight) register.Row {
	if name.ID == "" || sight != nil {
		return nil
	}
	return tx.held.rows[heldKey(n, name.ID)]
}

// hold remembers a row that was read or written. Outside a change it does not: there
// somebody else may write it meanwhile.
func (tx *Tx) hold(n *register.Noun, id string, row register.Row) {
	if tx.pending == nil || id == "" {
		return
	}
	if tx.held.rows == nil || len(tx.held.rows) >= heldMost {
		tx.held.rows = map[string]register.Row{}
	}
	tx.held.rows[heldKey(n, id)] = slices.Clone(row)
}

// listed answers what was asked of a noun before in the change, if none of its records
// was written since.
func (tx *Tx) listed(n *register.Noun, asked string, ask func() ([]register.Row, error)) ([]register.Row, error) {
	if tx.pending == nil {
		return ask()
	}
	rows, known := tx.held.lists[n.Name][asked]
	if !known {
		var err error
		if rows, err = ask(); err != nil {
			return nil, err
		}
		lists := tx.held.lists[n.Name]
		if lists == nil || len(lists) >= heldMost {
			if tx.held.lists == nil {
				tx.held.lists = map[string]map[string][]register.Row{}
			}
			lists = map[string][]register.Row{}
			tx.held.lists[n.Name] = lists
		}
		lists[asked] = rows
	}
	out := make([]register.Row, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
	}
	return out, nil
}

// release forgets a row that is being written, and the lists that it may be in.
func (tx *Tx) release(n *register.Noun, id string) {
	delete(tx.held.rows, heldKey(n, id))
	delete(tx.held.lists, n.Name)
}

func clocksKey(kind, id string) string { return kind + " " + id }

// holdClocks remembers all clocks of a record.
func (tx *Tx) holdClocks(kind, id string, all []Clock) {
	if tx.pending == nil {
		return
	}
	if tx.held.clocks == nil || len(tx.held.clocks) >= heldMost {
		tx.held.clocks = map[string][]Clock{}
	}
	tx.held.clocks[clocksKey(kind, id)] = slices.Clone(all)
}

// holdClock remembers a clock that was written, if those of its record are known.
func (tx *Tx) holdClock(k Clock) {
	all, known := tx.held.clocks[clocksKey(k.Kind, k.RecordID)]
	if !known {
		return
	}
	if at := slices.IndexFunc(all, func(c Clock) bool { return c.Name == k.Name }); at >= 0 {
		all[at] = k
		return
	}
	tx.held.clocks[clocksKey(k.Kind, k.RecordID)] = append(all, k)
}

// Foresee reads the records of clocks, and all their clocks, at once instead of one
// by one.
func (tx *Tx) Foresee(ctx context.Context, due []Clock) error {
	ids := map[string][]string{}
	for _, k := range due {
		if !slices.Contains(ids[k.Kind], k.RecordID) {
			ids[k.Kind] = append(ids[k.Kind], k.RecordID)
		}
	}
	for kind, some := range ids {
		n := register.ByName(kind)
		if n == nil {
			continue
		}
		rows, err := tx.Rows(ctx, n, some, nil)
		if err != nil {
			return err
		}
		for _, row := range rows {
			tx.hold(n, string(row[n.Field("id").Column]), row)
		}
		clocks, err := tx.clocks(ctx, "WHERE kind = ? AND record_id IN ("+marks(len(some))+") ORDER BY name", append([]any{kind}, anys(some)...)...)
		if err != nil {
			return err
		}
		of := map[string][]Clock{}
		for _, k := range clocks {
			of[k.RecordID] = append(of[k.RecordID], k)
		}
		for id, all := range of {
			tx.holdClocks(kind, id, all)
		}
	}
	return nil
}
