package ledger

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Notification is something that a person is told.
type Notification struct {
	// ID is the notification's id; ids ascend as they are made.
	ID string `json:"id" format:"uuid"`
	// Type says what happened: mentioned.
	Type string `json:"type" example:"mentioned"`
	// Subject is the record that it is about.
	Subject Topic `json:"subject"`
	// CommentID is the comment that it is about, null for none.
	CommentID *string `json:"comment_id" format:"uuid" extensions:"x-nullable"`
	// Actor is who brought it about.
	Actor Actor `json:"actor"`
	// Read says whether it was acknowledged.
	Read bool `json:"read"`
	// CreatedAt is when it happened.
	CreatedAt string `json:"created_at" format:"date-time"`
	// ReadAt is when it was acknowledged, null before that.
	ReadAt *string `json:"read_at" format:"date-time" extensions:"x-nullable"`
}

// notify tells people of something about the change's record. Nobody is told of
// what they did themself.
func (c *change) notify(ctx context.Context, people []string, what, commentID string) error {
	all := make([]store.Notification, 0, len(people))
	people = slices.Clone(people)
	slices.Sort(people)
	for _, id := range slices.Compact(people) {
		if id == "" || id == c.actor.Person() {
			continue
		}
		all = append(all, store.Notification{
			ID: register.NewID(c.at.Time()), UserID: id, Type: what, Kind: c.noun.Name, RecordID: c.rec.Meta().ID, CommentID: commentID,
			ActorType: string(c.actor.Type), ActorID: c.actor.ID, CreatedAt: string(c.at),
		})
	}
	return c.tx.Notify(ctx, all)
}

// Notifications reads a page of what the caller is told, the newest first. What
// is about a record that the caller sees no more is left out. read narrows to
// those that were acknowledged, or were not; nil for all.
func (l *Ledger) Notifications(ctx context.Context, read *bool, before string, limit int) (page []Notification, more bool, err error) {
	q, err := ownNotifications(ctx, authority.Read)
	if err != nil || q.UserID == "" {
		return []Notification{}, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	q.Read, q.Before, q.Limit = read, before, limit+1
	found, err := tx.Notices(ctx, q)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	page, err = l.shownNotifications(ctx, tx, found)
	return page, more, err
}

// ownNotifications asks for those of the caller, of what the caller may see.
func ownNotifications(ctx context.Context, verb authority.Verb) (store.NotificationQuery, error) {
	a := authority.From(ctx)
	if !a.Scopes.Allow("notifications", verb) {
		return store.NotificationQuery{}, OutOfScope(a, "notifications", verb)
	}
	return store.NotificationQuery{UserID: a.Person(), Kinds: kindsFor(a, nil), Sight: store.SightOf(a)}, nil
}

// Acknowledge notes that the caller has read a notification.
func (l *Ledger) Acknowledge(ctx context.Context, id string) (out Notification, err error) {
	q, err := ownNotifications(ctx, authority.Write)
	if err != nil {
		return out, err
	}
	q.ID, q.Limit = id, 1
	err = l.write(ctx, false, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Acknowledge(ctx, q, string(l.at())); err != nil {
			return err
		}
		found, err := tx.Notices(ctx, q)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return none()
		}
		all, err := l.shownNotifications(ctx, tx, found)
		if err == nil {
			out = all[0]
		}
		return err
	})
	return out, err
}

func (l *Ledger) shownNotifications(ctx context.Context, tx *store.Tx, found []store.Notification) ([]Notification, error) {
	wanted := map[string]map[string]bool{}
	for _, n := range found {
		want(wanted, n.Kind, n.RecordID)
		wantActor(wanted, n.ActorType, n.ActorID)
	}
	labels, err := l.labels(ctx, tx, wanted, store.SightOf(authority.From(ctx)))
	if err != nil {
		return nil, err
	}
	out := make([]Notification, 0, len(found))
	for _, n := range found {
		out = append(out, Notification{
			ID: n.ID, Type: n.Type, Subject: l.topic(n.Kind, n.RecordID, labels), CommentID: ptr(n.CommentID),
			Actor: actorNamed(n.ActorType, n.ActorID, labels), Read: n.ReadAt != "", CreatedAt: n.CreatedAt, ReadAt: ptr(n.ReadAt),
		})
	}
	return out, nil
}
