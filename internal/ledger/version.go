package ledger

import (
	"context"
	"slices"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// GetVersion reads one record as it stood at a version. It is told to whom the
// record is told now. What is derived from other records, and what those are
// called, is that of now; personal data that was erased stays absent.
func (l *Ledger) GetVersion(ctx context.Context, n *register.Noun, name string, version int, only register.Only) (Shown, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Read); err != nil {
		return Shown{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	row, err := l.find(ctx, tx, n, name)
	if err != nil {
		return Shown{}, err
	}
	rec, err := n.Load(row)
	if err != nil {
		return Shown{}, err
	}
	m := rec.Meta()
	if m.DeletedAt != "" {
		return Shown{}, l.gone(ctx, tx, n, m)
	}
	if version < 1 || version > m.Version {
		return Shown{}, fault.New(fault.NotFound, "There is no version %d: the record is at version %d.", version, m.Version)
	}
	if row, err = l.back(ctx, tx, n, row, m, version); err != nil {
		return Shown{}, err
	}
	body, err := l.render(ctx, tx, n, row, only)
	return Shown{ID: m.ID, Version: version, Body: body, Row: row}, err
}

// versionsAtOnce is how many entries are read at once on the way back.
const versionsAtOnce = 500

// back undoes, from the newest on, what entries tell of the changes after version.
func (l *Ledger) back(ctx context.Context, tx *store.Tx, n *register.Noun, row register.Row, m *register.Head, version int) (register.Row, error) {
	row = slices.Clone(row)
	for at := m.Version; at >= version; {
		entries, err := tx.Versions(ctx, n.Name, m.ID, version, at, versionsAtOnce)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			e := &entries[i]
			if *e.Version == version {
				stampVersion(n, row, e)
				return row, nil
			}
			if err := undo(n, row, e); err != nil {
				return nil, err
			}
			at = *e.Version - 1
		}
		if len(entries) == 0 {
			break
		}
	}
	return nil, fault.New(fault.NotFound, "What version %d was is not on record.", version)
}

// undo takes one change back. Where the personal half of its entry was erased
// nobody knows any more what personal fields held before.
func undo(n *register.Noun, row register.Row, e *store.Entry) error {
	if e.Personal == nil && e.PersonalDigest != "" {
		for _, f := range n.Fields {
			if f.Personal {
				row[f.Column] = f.Nothing()
			}
		}
	}
	for name, d := range deltas(e) {
		f := n.Field(name)
		if f == nil || f.Secret || f.Circle == register.Derived {
			continue
		}
		cell, err := f.Cell(d.From)
		if err != nil {
			return err
		}
		if cell == nil {
			cell = f.Nothing()
		}
		row[f.Column] = cell
	}
	return nil
}

// stampVersion writes the version, and who made it when.
func stampVersion(n *register.Noun, row register.Row, e *store.Entry) {
	row[n.Field("version").Column] = strconv.AppendInt(nil, int64(*e.Version), 10)
	row[n.Field("updated_at").Column] = []byte(e.At)
	at := len(n.Fields)
	row[at+2], row[at+3] = []byte(e.ActorType), []byte(e.ActorID)
}
