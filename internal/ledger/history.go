package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"sort"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Actor is who made a change, as histories and events show it.
type Actor struct {
	Type string  `json:"type"`
	ID   *string `json:"id"`
	Name *string `json:"name"`
}

// FieldChange is one field's change in the audit trail.
type FieldChange struct {
	Field string          `json:"field"`
	From  json.RawMessage `json:"from"`
	To    json.RawMessage `json:"to"`
}

// ChangeLine is one line of the audit trail.
type ChangeLine struct {
	ID         string        `json:"id"`
	Version    *int          `json:"version"`
	Action     string        `json:"action"`
	Transition *string       `json:"transition"`
	At         string        `json:"at"`
	Actor      Actor         `json:"actor"`
	Reason     *string       `json:"reason"`
	RequestID  *string       `json:"request_id"`
	CauseID    *string       `json:"cause_id"`
	Source     *string       `json:"source"`
	Erased     bool          `json:"erased"`
	Diff       []FieldChange `json:"diff"`
}

// Beside is the id of what the line tells of beside the record, as under comment_id.
func (c ChangeLine) Beside(field string) (id string) {
	for _, d := range c.Diff {
		if d.Field == field {
			_ = json.Unmarshal(d.To, &id) // our own JSON
		}
	}
	return id
}

// Changes reads the audit trail of a record, newest first: before is the id of
// the line after which to go on, "" for the first page. kinds are those of the
// timeline; none means all.
func (l *Ledger) Changes(ctx context.Context, n *register.Noun, name, before string, limit int, kinds []string) (lines []ChangeLine, more bool, err error) {
	if err := mayAsk(authority.From(ctx), n, authority.Read); err != nil {
		return nil, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	row, err := l.find(ctx, tx, n, name)
	if err != nil {
		return nil, false, err
	}
	id := string(row[n.Field("id").Column])
	sight, err := l.sightOfFiles(ctx, tx, n, row)
	if err != nil {
		return nil, false, err
	}
	entries, err := tx.Entries(ctx, store.EntryQuery{Kind: n.Name, RecordID: id, Before: before, Limit: limit + 1, Sorts: kinds, Sight: sight})
	if err != nil {
		return nil, false, err
	}
	if more = len(entries) > limit; more {
		entries = entries[:limit]
	}
	names, err := l.actors(ctx, tx, entries)
	if err != nil {
		return nil, false, err
	}
	sees, err := l.reader(ctx)
	lines = make([]ChangeLine, 0, len(entries))
	for i := range entries {
		lines = append(lines, sees.line(n, &entries[i], names))
	}
	return lines, more, err
}

func (r reader) line(n *register.Noun, e *store.Entry, names register.Labels) ChangeLine {
	line := ChangeLine{
		ID: e.ID, Version: e.Version, Action: e.Action, Transition: ptr(e.Transition), At: string(e.At), Actor: actorOf(e, names),
		RequestID: ptr(e.RequestID), CauseID: ptr(e.CauseID), Source: ptr(e.Source), Diff: []FieldChange{},
		Erased: e.Personal == nil && e.PersonalDigest != "",
	}
	if e.Personal != nil {
		var half personal
		_ = json.Unmarshal([]byte(*e.Personal), &half) // our own JSON
		line.Reason = ptr(half.Reason)
	}
	changes := seen(r, n, deltas(e))
	for name, d := range changes {
		line.Diff = append(line.Diff, FieldChange{name, d.From, d.To})
	}
	sort.Slice(line.Diff, func(i, j int) bool { return line.Diff[i].Field < line.Diff[j].Field })
	return line
}

// asideOf are what entries tell of things that stand beside a record.
var asideOf = []string{"attachment_id", "clock", "comment_id", "mention_ids"}

// seen leaves out the fields that take a higher level than the reader's, and the
// custom fields that the reader does not know of.
func seen(r reader, n *register.Noun, all map[string]store.Delta) map[string]store.Delta {
	for name := range all {
		if f := n.Field(name); f == nil && !slices.Contains(asideOf, name) || f != nil && (f.Secret || f.Seen > r.level) {
			delete(all, name)
		}
	}
	if d, changed := all["custom_fields"]; changed {
		shown := store.Delta{From: r.customs.Shown(n, d.From), To: r.customs.Shown(n, d.To)}
		if all["custom_fields"] = shown; bytes.Equal(shown.From, shown.To) {
			delete(all, "custom_fields")
		}
	}
	return all
}

func ptr(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// actors reads the names of those who made entries.
func (l *Ledger) actors(ctx context.Context, tx *store.Tx, entries []store.Entry) (register.Labels, error) {
	wanted := map[string]map[string]bool{"user": {}, "api_key": {}}
	for _, e := range entries {
		wantActor(wanted, e.ActorType, e.ActorID)
	}
	return l.labels(ctx, tx, wanted, store.SightOf(authority.From(ctx)))
}

func actorOf(e *store.Entry, names register.Labels) Actor {
	a := Actor{Type: e.ActorType, ID: ptr(e.ActorID)}
	switch authority.ActorType(e.ActorType) {
	case authority.User:
		a.Name = ptr(names["user"][e.ActorID].Name)
	case authority.Service:
		a.Name = ptr(names["api_key"][e.ActorID].Name)
	case authority.System:
		a.Name = ptr("Rapport")
	}
	return a
}
