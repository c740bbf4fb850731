package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Moment is an item of a timeline: a line of the record's own history, or another
// record that has to do with it.
type Moment struct {
	Kind string // of a record: interaction, escalation, issue, complaint
	At   string
	ID   string
	Line *ChangeLine // nil for a record

	Noun *register.Noun // nil for a line
	Body []byte         // the record as its list shows it
}

// nearby are the records that timelines tell of beside entries: by which field they
// name the timeline's record, and when they happened.
var nearby = []struct{ noun, by, at string }{
	{"interaction", "stakeholder_ids", "occurred_at"},
	{"issue", "stakeholder_id", "created_at"},
	{"complaint", "stakeholder_id", "created_at"},
	{"escalation", "issue_id", "created_at"},
	{"escalation", "complaint_id", "created_at"},
	{"escalation", "stakeholder_id", "created_at"},
}

// Timeline reads what happened to a record and around it, newest first, from after a
// place on: its own entries, and the records that have to do with it, each as far as
// the reader sees it. kinds keeps some; none means all.
func (l *Ledger) Timeline(ctx context.Context, n *register.Noun, name string, after *store.Position, limit int, kinds []string) (moments []Moment, more bool, err error) {
	if err := mayAsk(authority.From(ctx), n, authority.Read); err != nil {
		return nil, false, err
	}
	row, err := l.find(ctx, l.DB.Look(), n, name)
	if err != nil {
		return nil, false, err
	}
	id := string(row[n.Field("id").Column])
	own := slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return register.ByName(kind) != nil })
	if len(kinds) == 0 || len(own) > 0 {
		lines, further, err := l.Changes(ctx, n, id, idBefore(after), limit, own)
		if err != nil {
			return nil, false, err
		}
		more = further
		for i := range lines {
			moments = append(moments, Moment{Kind: "entry", At: lines[i].At, ID: lines[i].ID, Line: &lines[i]})
		}
	}
	for _, t := range nearby {
		if len(kinds) > 0 && !slices.Contains(kinds, t.noun) {
			continue
		}
		found, further, err := l.around(ctx, n, id, register.ByName(t.noun), t.by, t.at, after, limit)
		if err != nil {
			return nil, false, err
		}
		moments, more = append(moments, found...), more || further
	}
	slices.SortFunc(moments, func(a, b Moment) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID)) })
	if len(moments) > limit {
		moments, more = moments[:limit], true
	}
	return moments, more, nil
}

// around reads the records of other that name a record through a field, along the
// access path that there is for it.
func (l *Ledger) around(ctx context.Context, n *register.Noun, id string, other *register.Noun, by, at string, after *store.Position, limit int) (moments []Moment, more bool, err error) {
	if other == nil || other.Field(by).Target != n.Name || !may(authority.From(ctx), other, authority.Read) {
		return nil, false, nil
	}
	field, when := other.Field(by), other.Field(at)
	q := store.Query{Noun: other, Where: []store.Cond{{Field: field, Op: "eq", Values: []any{id}}}, Sort: when, Desc: true, Limit: limit}
	if field.Many {
		q.Where[0].Op = "any"
	}
	if q.After = after; after != nil && at == "created_at" { // ids are in its order
		q.After = &store.Position{Value: after.Value, ID: idBefore(after)}
	}
	page, err := l.List(ctx, q, nil, false)
	if err != nil {
		return nil, false, err
	}
	for i, row := range page.Rows {
		if row[when.Column] == nil { // of what did not take place yet there is nothing to tell
			return moments, false, nil
		}
		moments = append(moments, Moment{Kind: other.Name, At: string(row[when.Column]), ID: string(row[other.Field("id").Column]), Noun: other, Body: page.Bodies[i]})
	}
	return moments, page.More, nil
}

// idBefore is the id before which those stand that follow a place in the order of
// time and id, where ids tell the time: those of the same millisecond by their id.
// "" is the start.
func idBefore(after *store.Position) string {
	if after == nil {
		return ""
	}
	at := register.Instant(after.Value.(string)).Time()
	return max(register.FirstID(at), min(register.FirstID(at.Add(time.Millisecond)), after.ID))
}
