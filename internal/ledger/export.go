package ledger

import (
	"context"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// exportPage is how many records of an export are in memory at once.
const exportPage = 500

// Exported is a stretch of an export as its reader sees it.
type Exported struct {
	Rows   []register.Row
	Labels register.Labels
	Level  authority.Level
}

// Export is what a file of records is asked for with.
type Export struct {
	Query     store.Query
	Format    string
	Fields    []*register.Field // what the file shows
	Columns   []string          // as their headings call them; nil = all
	Filters   []string          // by what the records were chosen, without the values
	RequestID string
}

// MayExport asks whether the actor of ctx may take records of n away in a file.
func (l *Ledger) MayExport(ctx context.Context, n *register.Noun) error {
	a := authority.From(ctx)
	if err := mayAsk(a, n, authority.Read); err != nil {
		return err
	}
	if !a.Scopes.Allow("exports", authority.Read) {
		return OutOfScope(a, "exports", authority.Read)
	}
	return nil
}

// Export hands all records that match to page, stretch by stretch, as its caller
// sees them then: no transaction and no connection is held between two of them.
// An export of personal data is written down before its first record goes out.
func (l *Ledger) Export(ctx context.Context, e Export, page func(Exported) error) error {
	if err := l.MayExport(ctx, e.Query.Noun); err != nil {
		return err
	}
	actor, q := authority.From(ctx), e.Query
	q.Limit = exportPage
	for first := true; ; first = false {
		if !first {
			var err error
			if actor, _, err = l.Recheck(ctx, actor); err != nil {
				return err
			}
		}
		part, more, err := l.exportPage(authority.With(ctx, actor), &q, e.Fields)
		if err != nil {
			return err
		}
		if first && slices.ContainsFunc(e.Fields, func(f *register.Field) bool { return f.Personal }) {
			if err := l.noteExport(ctx, e); err != nil {
				return err
			}
		}
		if err := page(part); err != nil || !more {
			return err
		}
	}
}

// exportPage reads the next stretch and moves q behind it.
func (l *Ledger) exportPage(ctx context.Context, q *store.Query, fields []*register.Field) (Exported, bool, error) {
	actor := authority.From(ctx)
	out := Exported{Level: seenAs(actor)}
	if err := mayAsk(actor, q.Noun, authority.Read); err != nil {
		return out, false, err
	}
	customs, err := l.Customs(ctx)
	if err != nil {
		return out, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	q.Sight = store.SightOf(actor)
	rows, more, err := tx.List(ctx, *q)
	if err != nil {
		return out, false, tooBroad(q.Noun, err)
	}
	wanted := map[string]map[string]bool{}
	for _, row := range rows {
		if f := q.Noun.Field("custom_fields"); f != nil {
			row[f.Column] = customs.Shown(q.Noun, row[f.Column])
		}
		for _, f := range fields {
			for _, id := range f.Names(row) {
				if wanted[f.Target] == nil {
					wanted[f.Target] = map[string]bool{}
				}
				wanted[f.Target][id] = true
			}
		}
	}
	out.Rows = rows
	if out.Labels, err = l.labels(ctx, tx, wanted, q.Sight); err == nil && more {
		q.After = q.Behind(rows[len(rows)-1])
	}
	return out, more, err
}

// noteExport writes down who took a file of personal data, on the person's or the
// key's own history.
func (l *Ledger) noteExport(ctx context.Context, e Export) error {
	a := authority.From(ctx)
	kind := map[authority.ActorType]string{authority.User: "user", authority.Service: "api_key"}[a.Type]
	if kind == "" {
		return nil // the register itself
	}
	source := e.Query.Noun.Plural + " as " + e.Format
	if len(e.Filters) > 0 {
		source += ", by " + strings.Join(e.Filters, ", ")
	}
	if e.Columns != nil {
		source += ", only " + strings.Join(e.Columns, ", ")
	}
	return l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		at := l.at()
		return tx.Enter(ctx, &store.Entry{
			ID: register.NewID(at.Time()), Kind: kind, RecordID: a.ID, Action: "exported", ActorType: string(a.Type), ActorID: a.ID,
			At: at, Changes: "{}", RequestID: e.RequestID, KeyID: a.Principal(), Source: source,
		})
	})
}
