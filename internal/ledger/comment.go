package ledger

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Comment is what somebody said about a record.
type Comment struct {
	// ID is the comment's id; ids ascend as comments are made.
	ID string `json:"id" format:"uuid"`
	// URL leads to the comment.
	URL string `json:"url" example:"/api/v1/comments/0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b"`
	// Version counts the changes of the comment; it is its ETag.
	Version int `json:"version" example:"1"`
	// Subject is the record that it is about.
	Subject Topic `json:"subject"`
	// Body is the text, Markdown; null once the comment was taken back.
	Body *string `json:"body" extensions:"x-nullable" example:"The Harbour Board asks for a call."`
	// Visibility says for whom it is meant: internal for us, shared for the people concerned too.
	Visibility string `json:"visibility" enums:"internal,shared"`
	// ReplyToID is the comment that it answers, null for none.
	ReplyToID *string `json:"reply_to_id" format:"uuid" extensions:"x-nullable"`
	// Mentions are the people whom the text names by their handle.
	Mentions []Mention `json:"mentions"`
	// CreatedAt is when it was said.
	CreatedAt string `json:"created_at" format:"date-time"`
	// CreatedBy is who said it.
	CreatedBy Actor `json:"created_by"`
	// EditableUntil is until when its author may change it.
	EditableUntil string `json:"editable_until" format:"date-time"`
	// EditedAt is when it was last changed, null for never.
	EditedAt *string `json:"edited_at" format:"date-time" extensions:"x-nullable"`
	// DeletedAt is when it was taken back, null while it stands.
	DeletedAt *string `json:"deleted_at" format:"date-time" extensions:"x-nullable"`
}

// Topic is the record that something stands beside.
type Topic struct {
	// Type is the record's noun.
	Type string `json:"type" example:"issue"`
	// ID is the record's id.
	ID string `json:"id" format:"uuid"`
	// Ref is the record's short name.
	Ref string `json:"ref" example:"ISS-3"`
	// Name is what the record is called, null where it has no name.
	Name *string `json:"name" extensions:"x-nullable" example:"Noise at night"`
	// URL leads to the record.
	URL string `json:"url" example:"/api/v1/issues/0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b"`
}

// Mention is a person whom a text names.
type Mention struct {
	// ID is the person's id.
	ID string `json:"id" format:"uuid"`
	// Handle is the handle as the text has it.
	Handle string `json:"handle" example:"ana"`
}

// CommentInput is what is said.
type CommentInput struct {
	// Body is the text, Markdown; @handle mentions a person who may see the record, and notifies them.
	Body string `json:"body" validate:"required,max=10000" example:"The Harbour Board asks for a call."`
	// Visibility says for whom it is meant: internal for us, shared for the people concerned too.
	Visibility string `json:"visibility" enum:"comment_visibility" default:"internal" enums:"internal,shared" example:"internal"`
	// ReplyToID is the comment on the same record that this one answers; null for none.
	ReplyToID string `json:"reply_to_id" extensions:"x-nullable"`
}

// CommentPatch is what changes of a comment.
type CommentPatch struct {
	// Body is the text; people whom it did not name before are notified.
	Body string `json:"body" validate:"required,max=10000" example:"The Harbour Board asks for a call before Friday."`
	// Visibility says for whom it is meant.
	Visibility string `json:"visibility" enum:"comment_visibility" default:"internal" enums:"internal,shared"`
}

// Editable is how long an author may change a comment, and take it back without a trace.
const Editable = 15 * time.Minute

// Comments reads a page of what was said about a record, the oldest first.
func (l *Ledger) Comments(ctx context.Context, n *register.Noun, name, after string, limit int) (page []Comment, more bool, err error) {
	c, err := l.beside(ctx, n, name)
	if err != nil {
		return nil, false, err
	}
	found, err := c.tx.Comments(ctx, n.Name, c.rec.Meta().ID, after, limit+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	page, err = l.shownComments(ctx, c.tx, found)
	return page, more, err
}

// beside finds the record that something stands beside, for reading.
func (l *Ledger) beside(ctx context.Context, n *register.Noun, name string) (*change, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Read); err != nil {
		return nil, err
	}
	c := &change{Ledger: l, tx: l.DB.Look(), actor: authority.From(ctx), at: l.at()}
	if err := c.get(ctx, n, name); err != nil {
		return nil, err
	}
	return c, c.standing(ctx)
}

// Comment reads one comment.
func (l *Ledger) Comment(ctx context.Context, id string) (Comment, error) {
	kept, n, err := l.commentOf(ctx, l.DB.Look(), id)
	if err != nil {
		return Comment{}, err
	}
	c, err := l.beside(ctx, n, kept.RecordID)
	if err != nil {
		return Comment{}, err
	}
	return l.shownComment(ctx, c.tx, kept)
}

// CommentsByID reads comments of a record that the caller was found to see, those
// that are shown.
func (l *Ledger) CommentsByID(ctx context.Context, ids []string) (map[string]Comment, error) {
	tx := l.DB.Look()
	found, err := tx.CommentsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(c store.Comment) bool { return c.State == store.CommentWithdrawn })
	shown, err := l.shownComments(ctx, tx, found)
	out := make(map[string]Comment, len(shown))
	for _, c := range shown {
		out[c.ID] = c
	}
	return out, err
}

// commentOf reads a comment that is shown at all, with the noun of its record.
// Whether the caller sees it is the record's to say.
func (l *Ledger) commentOf(ctx context.Context, tx *store.Tx, id string) (store.Comment, *register.Noun, error) {
	found, err := tx.CommentsByID(ctx, []string{id})
	if err != nil {
		return store.Comment{}, nil, err
	}
	if len(found) == 0 || found[0].State == store.CommentWithdrawn || register.ByName(found[0].Kind) == nil {
		return store.Comment{}, nil, none()
	}
	return found[0], register.ByName(found[0].Kind), nil
}

func (l *Ledger) shownComment(ctx context.Context, tx *store.Tx, kept store.Comment) (Comment, error) {
	all, err := l.shownComments(ctx, tx, []store.Comment{kept})
	if err != nil {
		return Comment{}, err
	}
	return all[0], nil
}

// shownComments gives comments the names of who made them and of their records,
// which the caller was found to see.
func (l *Ledger) shownComments(ctx context.Context, tx *store.Tx, found []store.Comment) ([]Comment, error) {
	wanted := map[string]map[string]bool{}
	for _, c := range found {
		want(wanted, c.Kind, c.RecordID)
		wantActor(wanted, c.AuthorType, c.AuthorID)
	}
	labels, err := l.labels(ctx, tx, wanted, store.SightOf(authority.From(ctx)))
	if err != nil {
		return nil, err
	}
	out := make([]Comment, 0, len(found))
	for _, c := range found {
		out = append(out, l.comment(c, labels))
	}
	return out, nil
}

func (l *Ledger) comment(c store.Comment, labels register.Labels) Comment {
	out := Comment{
		ID: c.ID, URL: l.Base + "/comments/" + c.ID, Version: c.Version, Subject: l.topic(c.Kind, c.RecordID, labels),
		Visibility: c.Visibility, ReplyToID: ptr(c.ReplyToID), Mentions: []Mention{}, CreatedAt: c.CreatedAt,
		CreatedBy:     actorNamed(c.AuthorType, c.AuthorID, labels),
		EditableUntil: string(editableUntil(c)), EditedAt: ptr(c.EditedAt), DeletedAt: ptr(c.DeletedAt),
	}
	if c.State == store.CommentStanding {
		out.Body = &c.Body
		_ = json.Unmarshal([]byte(c.Mentions), &out.Mentions) // our own JSON
	}
	return out
}

func editableUntil(c store.Comment) register.Instant {
	return register.At(register.Instant(c.CreatedAt).Time().Add(Editable))
}

func want(wanted map[string]map[string]bool, noun, id string) {
	if wanted[noun] == nil {
		wanted[noun] = map[string]bool{}
	}
	wanted[noun][id] = true
}

// wantActor wants the name of a person or of a machine's key.
func wantActor(wanted map[string]map[string]bool, typ, id string) {
	switch authority.ActorType(typ) {
	case authority.User:
		want(wanted, "user", id)
	case authority.Service:
		want(wanted, "api_key", id)
	case authority.System:
	}
}

func actorNamed(typ, id string, labels register.Labels) Actor {
	return actorOf(&store.Entry{ActorType: typ, ActorID: id}, labels)
}

// topic names a record by its label.
func (l *Ledger) topic(kind, id string, labels register.Labels) Topic {
	label := labels[kind][id]
	return Topic{Type: kind, ID: id, Ref: label.Ref, Name: ptr(label.Name), URL: register.ByName(kind).URL(l.Base, id)}
}

// heldTo holds a version of what stands beside a record against If-Match.
func (c *change) heldTo(version int, by Actor, at string) error {
	etag := strconv.Quote(strconv.Itoa(version))
	switch {
	case c.asked.Match == nil && c.RequireIfMatch:
		return fault.New(fault.PreconditionRequired, "Send If-Match: %s with this change.", etag).With("current_etag", etag)
	case c.asked.Match == nil || c.asked.Match.holds(version):
		return nil
	}
	return fault.New(fault.PreconditionFailed, "It is at version %d, not the one you saw.", version).
		With("current_version", version).With("current_etag", etag).With("changed_fields", []string{"body"}).
		With("changed_by", map[string]any{"type": by.Type, "id": by.ID}).With("changed_at", at)
}
