package store

import (
	"context"
	"fmt"
	"slices"

	"rapport/internal/authority"
)

// Veil is over an entry that tells of a file with a sensitivity of its own: whoever
// does not see the file is not told that there is one, when it came or from whom.
type Veil struct {
	EntryID     string
	Kind        string
	RecordID    string
	Sensitivity int
	UserID      string // who brought the file; "" for a machine
}

// Cover puts a veil over an entry.
func (tx *Tx) Cover(ctx context.Context, v *Veil) error {
	if err := tx.ORM(ctx).Table("veiled").Create(v).Error; err != nil {
		return fmt.Errorf("veil an entry: %w", tx.db.understand(err))
	}
	return nil
}

// HasVeils reports whether any entry of a record is veiled.
func (tx *Tx) HasVeils(ctx context.Context, kind, recordID string) (bool, error) {
	var count int
	_, err := tx.one(ctx, []any{&count}, "SELECT count(*) FROM veiled WHERE kind = ? AND record_id = ?", kind, recordID)
	return count > 0, err
}

// Veils reads the veils over entries, by the entries' ids.
func (tx *Tx) Veils(ctx context.Context, entries []Entry) (map[string]*Veil, error) {
	var ids []string
	for i := range entries {
		if slices.Contains(ofFiles, entries[i].Action) {
			ids = append(ids, entries[i].ID)
		}
	}
	veils := map[string]*Veil{}
	for some := range slices.Chunk(ids, chunk) {
		var found []Veil
		if err := tx.ORM(ctx).Table("veiled").Where("entry_id IN ?", some).Find(&found).Error; err != nil {
			return nil, tx.db.understand(err)
		}
		for i := range found {
			veils[found[i].EntryID] = &found[i]
		}
	}
	return veils, nil
}

// ofFiles are the actions of entries that tell of files.
var ofFiles = []string{"attachment_added", "attachment_removed"}

// unveiled is the condition under which who sees the record of an entry sees the
// entry too; "" for always. A file is never less sensitive than its record, so that
// whoever sees a record as sensitive as the file sees the file.
func (s *Sight) unveiled() (cond string, args []any) {
	if s == nil || s.Clearance >= authority.Restricted {
		return "", nil
	}
	cond = "(entries.action NOT IN ('attachment_added', 'attachment_removed') OR NOT EXISTS (SELECT 1 FROM veiled v WHERE v.entry_id = entries.id AND v.sensitivity > ?" +
		" AND NOT (v.user_id <> '' AND v.user_id = ? AND v.sensitivity <= ?)" +
		" AND NOT EXISTS (SELECT 1 FROM guarded WHERE guarded.kind = v.kind AND guarded.record_id = v.record_id AND guarded.sensitivity >= v.sensitivity)))"
	return cond, []any{int(s.Clearance), s.Person, int(s.Cap)}
}

// told is the condition under which entries are told, by their records and by what
// they tell of; "" for all of them.
func (s *Sight) told() (cond string, args []any) {
	cond, args = s.entries("entries")
	veil, more := s.unveiled()
	if cond == "" || veil == "" {
		return cond + veil, append(args, more...)
	}
	return cond + " AND " + veil, append(args, more...)
}

// Unveils is what unveiled says in SQL, for one entry whose record is seen; nil is
// an entry without a veil.
func (s *Sight) Unveils(v *Veil, g *Guard) bool {
	if s == nil || v == nil {
		return true
	}
	rank := authority.Sensitivity(v.Sensitivity)
	return rank <= s.Clearance || v.UserID != "" && v.UserID == s.Person && rank <= s.Cap || g != nil && g.Sensitivity >= rank
}
