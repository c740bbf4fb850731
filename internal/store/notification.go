package store

import (
	"context"
	"fmt"
)

// Notification is a row of what somebody is told.
type Notification struct {
	ID        string
	UserID    string
	Type      string
	Kind      string // the record that it is about
	RecordID  string
	CommentID string
	ActorType string
	ActorID   string
	CreatedAt string
	ReadAt    string
}

var noticesOutlet = outletOf("notifications", "id, user_id, type, kind, record_id, comment_id, actor_type, actor_id, created_at, read_at", "")

// Notify keeps what people are told.
func (tx *Tx) Notify(ctx context.Context, all []Notification) error {
	for _, n := range all {
		if err := tx.put(ctx, noticesOutlet, n.ID, n.ID, n.UserID, n.Type, n.Kind, n.RecordID, n.CommentID, n.ActorType, n.ActorID, n.CreatedAt, n.ReadAt); err != nil {
			return fmt.Errorf("keep notifications: %w", err)
		}
	}
	return nil
}

// NotificationQuery says which notifications to read.
type NotificationQuery struct {
	UserID string
	ID     string // this one alone
	Read   *bool  // only those that were read, or were not
	Kinds  []string
	Before string // older than this one
	Limit  int
	Sight  *Sight // what is about a record that the person sees no more is not told
}

// Notices reads what somebody is told, the newest first.
func (tx *Tx) Notices(ctx context.Context, q NotificationQuery) (found []Notification, err error) {
	list := tx.ORM(ctx).Table("notifications").Where("user_id = ?", q.UserID).Where("kind IN ?", q.Kinds)
	if cond, args := q.Sight.entries("notifications"); cond != "" {
		list = list.Where(cond, args...)
	}
	if q.ID != "" {
		list = list.Where("id = ?", q.ID)
	}
	if q.Before != "" {
		list = list.Where("id < ?", q.Before)
	}
	if q.Read != nil && *q.Read {
		list = list.Where("read_at <> ''")
	} else if q.Read != nil {
		list = list.Where("read_at = ''")
	}
	err = list.Order("id DESC").Limit(q.Limit).Find(&found).Error
	return found, tx.db.understand(err)
}

// Acknowledge notes that somebody read what they were told; a second time
// changes nothing.
func (tx *Tx) Acknowledge(ctx context.Context, q NotificationQuery, at string) error {
	_, err := tx.exec(ctx, "UPDATE notifications SET read_at = ? WHERE id = ? AND user_id = ? AND read_at = ''", at, q.ID, q.UserID)
	return err
}
