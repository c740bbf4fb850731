package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"rapport/internal/register"
)

// Entry is one line of a record's history, and the event that goes out for it.
type Entry struct {
	ID             string
	Seq            *int64 // given by sealing
	Hash           string // the link to the entry before, given by sealing
	Kind           string
	RecordID       string
	Version        *int   // nil for an entry that changes no record
	Action         string // created, updated, transition, removed, restored, adopted, …
	Transition     string // the name of the transition, if it was one
	ActorType      string
	ActorID        string
	At             register.Instant
	Changes        string  // JSON: field → {from, to}, of fields that are not personal
	Personal       *string // the same of personal fields and of what was said, with salt; nil once erased
	PersonalDigest string  // SHA-256 of Personal, which outlives its erasure
	RequestID      string
	KeyID          string // the key, or the identity, by which the actor had signed in
	CauseID        string // the entry whose consequence this one is
	Source         string // where an adopted record came from
}

const entryColumns = "id, seq, hash, kind, record_id, version, action, transition, actor_type, actor_id, at, changes, personal, personal_digest, request_id, key_id, cause_id, source"

var entriesOutlet = outletOf("entries", entryColumns, "")

// Enter writes an entry. On SQLite it is sealed here, where the one writer knows
// the chain's head; on PostgreSQL the sealer does that after the commit.
func (tx *Tx) Enter(ctx context.Context, e *Entry) error {
	if e.Personal != nil {
		e.PersonalDigest = digest(*e.Personal)
	}
	if tx.head != nil {
		tx.db.seal(tx.head, e)
	}
	err := tx.put(ctx, entriesOutlet, e.ID, e.ID, e.Seq, null(e.Hash), e.Kind, e.RecordID, e.Version, e.Action, null(e.Transition), e.ActorType,
		null(e.ActorID), string(e.At), e.Changes, e.Personal, null(e.PersonalDigest), null(e.RequestID), null(e.KeyID), null(e.CauseID), null(e.Source))
	if err != nil {
		return fmt.Errorf("enter %s %s: %w", e.Kind, e.RecordID, err)
	}
	return nil
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// EntryQuery says which entries to read.
type EntryQuery struct {
	Kind, RecordID string
	Cause          string
	Actions        []string
	Sorts          []string // words of sorts; none = all
	VersionsOnly   bool
	Before         string // entries older than this entry id
	Limit          int
	Sight          *Sight // of who sees the record: entries of files that they do not see are left out
}

// sorts are what a timeline tells apart: conditions of entries, of which each
// entry meets one.
var sorts = map[string]string{
	"transition": "transition IS NOT NULL",
	"comment":    "transition IS NULL AND action = 'commented'",
	"attachment": "transition IS NULL AND action = 'attachment_added'",
	"event":      "transition IS NULL AND version IS NULL AND action NOT IN ('commented', 'attachment_added')",
	"change":     "transition IS NULL AND version IS NOT NULL AND action NOT IN ('commented', 'attachment_added')",
}

// Entries reads the entries of a record, newest first.
func (tx *Tx) Entries(ctx context.Context, q EntryQuery) (entries []Entry, err error) {
	where, args := []string{"kind = ?", "record_id = ?"}, []any{q.Kind, q.RecordID}
	if q.Before != "" {
		where, args = append(where, "id < ?"), append(args, q.Before)
	}
	if len(q.Sorts) > 0 {
		conds := make([]string, 0, len(q.Sorts))
		for _, s := range q.Sorts {
			conds = append(conds, "("+sorts[s]+")")
		}
		where = append(where, "("+strings.Join(conds, " OR ")+")")
	}
	if len(q.Actions) > 0 {
		where = append(where, "action IN (?"+strings.Repeat(", ?", len(q.Actions)-1)+")")
		for _, a := range q.Actions {
			args = append(args, a)
		}
	}
	if cond, more := q.Sight.unveiled(); cond != "" {
		where, args = append(where, cond), append(args, more...)
	}
	return tx.entries(ctx, "WHERE "+strings.Join(where, " AND ")+" ORDER BY id DESC"+upTo(q.Limit), args...)
}

// Deeds reads the entries of what somebody did since a moment, newest first: those
// that a reader sees, of some nouns, from after a place on.
func (tx *Tx) Deeds(ctx context.Context, actor string, since register.Instant, after *Position, s *Sight, kinds []string, limit int) ([]Entry, error) {
	tail, args := deedsSQL(actor, since, after, s, kinds, limit)
	return tx.entries(ctx, tail, args...)
}

func deedsSQL(actor string, since register.Instant, after *Position, s *Sight, kinds []string, limit int) (tail string, args []any) {
	tail, args = "WHERE actor_id = ? AND at >= ? AND kind || '' IN ("+marks(len(kinds))+")", []any{actor, string(since)}
	for _, k := range kinds {
		args = append(args, k)
	}
	if after != nil {
		tail, args = tail+" AND (at, id) < (?, ?)", append(args, after.Value, after.ID)
	}
	if cond, more := s.told(); cond != "" {
		tail, args = tail+" AND "+cond, append(args, more...)
	}
	return tail + " ORDER BY at DESC, id DESC" + upTo(limit), args
}

// Versions reads the entries of a record's versions from one to another, the
// newest first.
func (tx *Tx) Versions(ctx context.Context, kind, id string, from, to, limit int) ([]Entry, error) {
	return tx.entries(ctx, "WHERE kind = ? AND record_id = ? AND version >= ? AND version <= ? ORDER BY version DESC"+upTo(limit), kind, id, from, to)
}

// Transitions reads the entries of all transitions of a noun's records, and of
// their creation, in the order in which they were made.
func (tx *Tx) Transitions(ctx context.Context, kind string) (entries []Entry, err error) {
	return tx.entries(ctx, "WHERE kind = ? AND (transition IS NOT NULL OR action = 'created') ORDER BY record_id, version", kind)
}

// Act is who made a transition, and when.
type Act struct {
	ActorID string
	At      register.Instant
}

// LastActs are, by the records' ids, who last made a transition of each ("created"
// for their creation). Where nobody has, there is none. Adopted records answer nothing:
// nobody here acted.
func (tx *Tx) LastActs(ctx context.Context, kind string, ids []string, transition string) (map[string]Act, error) {
	condition := "transition = ?"
	if transition == "created" {
		condition = "action = ?"
	}
	acts := map[string]Act{}
	for some := range slices.Chunk(ids, chunk) {
		err := tx.each(ctx, 3, func(r register.Row) error {
			acts[string(r[0])] = Act{ActorID: string(r[1]), At: register.Instant(r[2])}
			return nil
		}, "SELECT record_id, actor_id, at FROM entries WHERE kind = ? AND record_id IN ("+marks(len(some))+") AND "+condition+" ORDER BY record_id, version",
			append(append([]any{kind}, anys(some)...), transition)...)
		if err != nil {
			return nil, err
		}
	}
	return acts, nil
}

// Updates reads the entries of the changes of fields that somebody made of records, the
// oldest of each first.
func (tx *Tx) Updates(ctx context.Context, kind string, ids []string, actor string) (all []Entry, err error) {
	for some := range slices.Chunk(ids, chunk) {
		found, err := tx.entries(ctx, "WHERE kind = ? AND record_id IN ("+marks(len(some))+") AND action = 'updated' AND actor_id || '' = ? ORDER BY record_id, version",
			append(append([]any{kind}, anys(some)...), actor)...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func (tx *Tx) entries(ctx context.Context, tail string, args ...any) (entries []Entry, err error) {
	rows, err := tx.query(ctx, "SELECT "+entryColumns+" FROM entries "+tail, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Entry
		var hash, transition, actor, personalDigest, request, key, cause, source *string
		err := rows.Scan(&e.ID, &e.Seq, &hash, &e.Kind, &e.RecordID, &e.Version, &e.Action, &transition, &e.ActorType, &actor, &e.At,
			&e.Changes, &e.Personal, &personalDigest, &request, &key, &cause, &source)
		if err != nil {
			return nil, err
		}
		e.Hash, e.Transition, e.ActorID, e.PersonalDigest = plain(hash), plain(transition), plain(actor), plain(personalDigest)
		e.RequestID, e.KeyID, e.CauseID, e.Source = plain(request), plain(key), plain(cause), plain(source)
		entries = append(entries, e)
	}
	return entries, tx.db.understand(rows.Err())
}

func plain(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
