package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"rapport/internal/authority"
	"rapport/internal/fold"
	"rapport/internal/register"
)

// Saved is a record as Put left it.
type Saved struct {
	Row    register.Row
	Before register.Row // nil for a new record
}

// Put saves rec and writes e down with it: there is no other way to change a
// record, so there is no change without its entry. before is the row as it was
// read, nil for a new record, row as it is to be, with its new version; named are
// the people who see the record whatever their level. A record that somebody else changed meanwhile is a StaleError.
func (tx *Tx) Put(ctx context.Context, n *register.Noun, rec register.Record, before, row register.Row, named []string, e *Entry) (register.Row, error) {
	m := rec.Meta()
	tx.release(n, m.ID)
	var err error
	if before == nil {
		err = tx.insert(ctx, n, rec, row)
	} else {
		err = tx.update(ctx, n, m, before, row)
	}
	if err != nil {
		return nil, fmt.Errorf("put %s %s: %w", n.Name, m.ID, err)
	}
	tx.hold(n, m.ID, row)
	if err := tx.putSides(ctx, n, rec, before, row, named); err != nil {
		return nil, fmt.Errorf("put %s %s: %w", n.Name, m.ID, err)
	}
	e.Kind, e.RecordID, e.Version = n.Name, m.ID, &m.Version
	return row, tx.Enter(ctx, e)
}

// putSides keeps what stands beside the record's row: links, external ids, who
// may see it, and its words.
func (tx *Tx) putSides(ctx context.Context, n *register.Noun, rec register.Record, before, row register.Row, named []string) error {
	if err := tx.putLinks(ctx, n, rec, before, row); err != nil {
		return err
	}
	if err := tx.putSortedLinks(ctx, n, rec, before, row); err != nil {
		return err
	}
	if err := tx.putRemoved(ctx, n, rec.Meta().ID, before, row); err != nil {
		return err
	}
	if shared := rec.Common(); shared != nil {
		if err := tx.putExternalIDs(ctx, n, rec.Meta().ID, shared, before, row); err != nil {
			return err
		}
		if err := tx.putCustomValues(ctx, n, rec.Meta().ID, before, row); err != nil {
			return err
		}
	}
	if n.Guarded() && !openStill(n, before, row) {
		if err := tx.putSight(ctx, n.Name, rec.Meta().ID, rankOf(n, rec, sensitivityOf(n, row)), named, before == nil); err != nil {
			return err
		}
	}
	tx.putTexts(n, before, row)
	return nil
}

// putRemoved keeps the table of removed records.
func (tx *Tx) putRemoved(ctx context.Context, n *register.Noun, id string, before, row register.Row) error {
	at := n.Field("deleted_at").Column
	was, is := before != nil && before[at] != nil, row[at] != nil
	if was == is {
		return nil
	}
	query := "INSERT INTO removed (kind, record_id) VALUES (?, ?)"
	if was {
		query = "DELETE FROM removed WHERE kind = ? AND record_id = ?"
	}
	_, err := tx.exec(ctx, query, n.Name, id)
	return err
}

// sensitivityOf is how far a row may be seen.
func sensitivityOf(n *register.Noun, row register.Row) authority.Sensitivity {
	rank, _ := strconv.Atoi(string(row[n.Field("sensitivity").Column])) // our own number
	return authority.Sensitivity(rank)
}

// openStill reports that everybody who may read the noun saw the record before and
// sees it now: no row of the tables of guarded records tells of it, and none will.
func openStill(n *register.Noun, before, row register.Row) bool {
	return before != nil && n.Private == nil && sensitivityOf(n, before) <= authority.Internal && sensitivityOf(n, row) <= authority.Internal
}

// private is the rank, in the table of guarded records alone, of those that only the
// people named on them see.
const private = authority.Restricted + 1

// rankOf is the rank of a record in the table of guarded records.
func rankOf(n *register.Noun, rec register.Record, s authority.Sensitivity) authority.Sensitivity {
	if n.Private != nil && n.Private(rec) {
		return private
	}
	return s
}

// StaleError says that a record was changed by somebody else since it was read.
type StaleError struct{ ID string }

func (e *StaleError) Error() string { return "somebody else changed " + e.ID + " first" }

// statements are the noun's SQL, made once.
type statements struct {
	insert  string
	columns string // of a Row, with the table's alias t
	folded  []*register.Field
}

var statementsOf sync.Map // noun's name → *statements

func sqlOf(n *register.Noun) *statements {
	if s, made := statementsOf.Load(n.Name); made {
		return s.(*statements)
	}
	s := &statements{}
	var names []string
	for _, c := range n.Columns() {
		s.columns += ", t." + c
		if c != "num" {
			names = append(names, c)
		}
	}
	s.columns = s.columns[2:]
	for _, f := range n.Fields {
		if f.Folded() {
			s.folded = append(s.folded, f)
			names = append(names, f.SQLColumn())
		}
	}
	s.insert = "INSERT INTO " + n.Table + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
	statementsOf.Store(n.Name, s)
	return s
}

func (tx *Tx) insert(ctx context.Context, n *register.Noun, rec register.Record, row register.Row) error {
	s, m := sqlOf(n), rec.Meta()
	query := s.insert
	args := make([]any, 0, len(row)+len(s.folded))
	for i, cell := range row {
		switch {
		case i >= len(n.Fields):
			args = append(args, textArg(cell))
		case n.Fields[i].Name != "num":
			args = append(args, n.Fields[i].Arg(cell))
		}
	}
	for _, f := range s.folded {
		args = append(args, foldedArg(row[f.Column]))
	}
	adopted := m.Num != 0 // with the number it had elsewhere
	if adopted {
		query = strings.Replace(query, "(id,", "(num, id,", 1)
		query = strings.Replace(query, "VALUES (", "VALUES (?, ", 1)
		args = slices.Insert(args, 0, any(m.Num))
	}
	if err := tx.numbered(ctx, &m.Num, query, args); err != nil {
		return err
	}
	row[n.Field("num").Column] = strconv.AppendInt(nil, m.Num, 10)
	if adopted && tx.db.config.URL != "" {
		// numbers go on behind the highest; SQLite sees to that by itself
		_, err := tx.exec(ctx, "SELECT setval(pg_get_serial_sequence('"+n.Table+"', 'num'), (SELECT max(num) FROM "+n.Table+"))")
		return err
	}
	return nil
}

// numbered inserts a row and tells the number that it was given. On SQLite that is
// the row's own, which the driver knows.
func (tx *Tx) numbered(ctx context.Context, num *int64, query string, args []any) error {
	tx.wrote = true
	if tx.db.config.URL != "" {
		_, err := tx.one(ctx, []any{num}, query+" RETURNING num", args...)
		return err
	}
	res, err := tx.q.ExecContext(ctx, query, args...)
	if err != nil {
		return tx.db.understand(err)
	}
	*num, err = res.LastInsertId()
	return err
}

func textArg(cell []byte) any {
	if cell == nil {
		return nil
	}
	return string(cell)
}

func foldedArg(cell []byte) any {
	if cell == nil {
		return nil
	}
	return fold.Fold(string(cell))
}

// update writes the columns that changed, and no others.
func (tx *Tx) update(ctx context.Context, n *register.Noun, m *register.Head, before, row register.Row) error {
	columns, cells := changedCells(n, before, row)
	if tx.later != nil && tx.later.gathers {
		tx.wrote = true
		tx.later.gather(n, m.ID, int64(m.Version-1), columns, cells)
		return nil
	}
	var set []string
	var args []any
	for i, column := range columns {
		set, args = append(set, column+" = ?"), append(args, cells[i].value)
	}
	args = append(args, m.ID, m.Version-1)
	changed, err := tx.exec(ctx, "UPDATE "+n.Table+" SET "+strings.Join(set, ", ")+" WHERE id = ? AND version = ?", args...)
	if err != nil {
		return err
	}
	if changed == 0 {
		return &StaleError{m.ID}
	}
	return nil
}

// changedCells are the columns in which a row changed, and what they are to hold.
func changedCells(n *register.Noun, before, row register.Row) (columns []string, cells []cell) {
	for i, now := range row {
		if equalCells(before[i], now) {
			continue
		}
		if i >= len(n.Fields) {
			columns, cells = append(columns, n.Columns()[i]), append(cells, cell{typeText, textArg(now)})
			continue
		}
		f := n.Fields[i]
		columns, cells = append(columns, f.Name), append(cells, cell{kindOf(f), f.Arg(now)})
		if f.Folded() {
			columns, cells = append(columns, f.SQLColumn()), append(cells, cell{typeText, foldedArg(now)})
		}
	}
	return columns, cells
}

func equalCells(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

// Changed reports whether f's value differs between two rows.
func Changed(f *register.Field, before, row register.Row) bool {
	return before == nil && row[f.Column] != nil && string(row[f.Column]) != "[]" || before != nil && !equalCells(before[f.Column], row[f.Column])
}

// putLinks keeps the links of lists: references to many, tags and other terms.
// The row holds what is read, the links hold what is filtered and counted.
func (tx *Tx) putLinks(ctx context.Context, n *register.Noun, rec register.Record, before, row register.Row) error {
	for _, f := range n.Fields {
		if !f.Many && !f.Terms || !Changed(f, before, row) {
			continue
		}
		if before != nil {
			if err := tx.unlink(ctx, n, f, rec.Meta().ID, before); err != nil {
				return err
			}
		}
		terms := n.Terms(rec, f)
		if len(terms) == 0 {
			continue
		}
		args := make([]any, 0, 4*len(terms))
		for _, target := range terms {
			args = append(args, n.Name, f.Name, target, rec.Meta().ID)
		}
		if _, err := tx.exec(ctx, "INSERT INTO links (kind, field, target, record_id) VALUES (?, ?, ?, ?)"+strings.Repeat(", (?, ?, ?, ?)", len(terms)-1)+" ON CONFLICT DO NOTHING", args...); err != nil {
			return err
		}
	}
	return nil
}

// unlink removes the links that a record had through a field, one by one as its
// row names them: that spares an index by record.
func (tx *Tx) unlink(ctx context.Context, n *register.Noun, f *register.Field, id string, before register.Row) error {
	old, err := n.Load(before)
	if err != nil {
		return err
	}
	terms := n.Terms(old, f)
	if len(terms) == 0 {
		return nil
	}
	args := append([]any{n.Name, f.Name, id}, anys(terms)...)
	_, err = tx.exec(ctx, "DELETE FROM links WHERE kind = ? AND field = ? AND record_id = ? AND target IN ("+marks(len(terms))+")", args...)
	return err
}

func (tx *Tx) putExternalIDs(ctx context.Context, n *register.Noun, id string, shared *register.Shared, before, row register.Row) error {
	f := n.Field("external_ids")
	if !Changed(f, before, row) {
		return nil
	}
	if before != nil {
		if _, err := tx.exec(ctx, "DELETE FROM external_ids WHERE kind = ? AND record_id = ?", n.Name, id); err != nil {
			return err
		}
	}
	for _, x := range shared.ExternalIDs {
		if _, err := tx.exec(ctx, "INSERT INTO external_ids (kind, system, key, record_id) VALUES (?, ?, ?, ?)", n.Name, x.System, x.Key, id); err != nil {
			return err
		}
	}
	return nil
}

// putSight keeps the tables of confidential and restricted records and of who is
// named on them.
func (tx *Tx) putSight(ctx context.Context, kind, id string, s authority.Sensitivity, named []string, fresh bool) error {
	if !fresh {
		for _, table := range []string{"guarded", "named"} {
			if _, err := tx.exec(ctx, "DELETE FROM "+table+" WHERE kind = ? AND record_id = ?", kind, id); err != nil {
				return err
			}
		}
	}
	if s <= authority.Internal {
		return nil
	}
	if _, err := tx.exec(ctx, "INSERT INTO guarded (kind, record_id, sensitivity) VALUES (?, ?, ?)", kind, id, int(s)); err != nil {
		return err
	}
	for _, person := range named {
		if _, err := tx.exec(ctx, "INSERT INTO named (kind, record_id, user_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", kind, id, person); err != nil {
			return err
		}
	}
	return nil
}

// PutSight keeps anew who is named on a record that stays as it is.
func (tx *Tx) PutSight(ctx context.Context, n *register.Noun, rec register.Record, named []string) error {
	return tx.putSight(ctx, n.Name, rec.Meta().ID, rankOf(n, rec, rec.Common().Sensitivity), named, false)
}

// PutDerived saves the derived values of a record, without a version and without
// an entry: they are computed from other records, whose entries tell of them.
func (tx *Tx) PutDerived(ctx context.Context, n *register.Noun, id string, before, row register.Row) error {
	var set []string
	var args []any
	for _, f := range n.Fields {
		if f.Circle == register.Derived && !equalCells(before[f.Column], row[f.Column]) {
			set, args = append(set, f.Name+" = ?"), append(args, f.Arg(row[f.Column]))
			if f.Folded() {
				set, args = append(set, f.SQLColumn()+" = ?"), append(args, foldedArg(row[f.Column]))
			}
		}
	}
	if len(set) == 0 {
		return nil
	}
	tx.release(n, id)
	_, err := tx.exec(ctx, "UPDATE "+n.Table+" SET "+strings.Join(set, ", ")+" WHERE id = ?", append(args, id)...)
	return err
}

// Diff is what changed between two rows, field by field, as JSON: those fields
// that are not personal, and those that are; empty where nothing changed.
func Diff(n *register.Noun, before, row register.Row) (changes, personal map[string]Delta) {
	changes, personal = map[string]Delta{}, map[string]Delta{}
	for _, f := range n.Fields {
		if f.Secret || f.Circle == register.OfHead && f.Name != "state" && f.Name != "deleted_at" || !Changed(f, before, row) {
			continue
		}
		d := Delta{To: f.JSON(row[f.Column])}
		if before != nil {
			d.From = f.JSON(before[f.Column])
		}
		if f.Personal {
			personal[f.Name] = d
		} else {
			changes[f.Name] = d
		}
	}
	return changes, personal
}

// Delta is a field's value before and after a change.
type Delta struct {
	From json.RawMessage `json:"from"`
	To   json.RawMessage `json:"to"`
}
