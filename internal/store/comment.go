package store

import (
	"context"
	"fmt"
)

// Comment is a row of what was said about a record.
type Comment struct {
	ID         string
	Kind       string
	RecordID   string
	State      string // one of the states below
	Version    int
	Body       string
	Visibility string
	ReplyToID  string
	Mentions   string // JSON: [{id, handle}]
	AuthorType string
	AuthorID   string
	CreatedAt  string
	EditedAt   string
	DeletedAt  string
}

// The states of a comment. Its text stays in the row, whoever took it back: what
// is removed is a state here and never a lost row.
const (
	CommentStanding  = "standing"
	CommentStub      = "stub"      // its place is shown, its text is not
	CommentWithdrawn = "withdrawn" // taken back at once: nothing is shown
)

// AddComment keeps a new comment.
func (tx *Tx) AddComment(ctx context.Context, c *Comment) error {
	if err := tx.ORM(ctx).Table("comments").Create(c).Error; err != nil {
		return fmt.Errorf("keep a comment: %w", tx.db.understand(err))
	}
	return nil
}

// PutComment keeps a comment as it stands now; a StaleError if somebody else
// changed it first.
func (tx *Tx) PutComment(ctx context.Context, c *Comment) error {
	changed, err := tx.exec(ctx, "UPDATE comments SET state = ?, version = ?, body = ?, visibility = ?, mentions = ?, edited_at = ?, deleted_at = ? WHERE id = ? AND version = ?",
		c.State, c.Version, c.Body, c.Visibility, c.Mentions, c.EditedAt, c.DeletedAt, c.ID, c.Version-1)
	if err == nil && changed == 0 {
		err = &StaleError{c.ID}
	}
	return err
}

// CommentsByID reads comments by their ids, in no order.
func (tx *Tx) CommentsByID(ctx context.Context, ids []string) (found []Comment, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = tx.ORM(ctx).Table("comments").Where("id IN ?", ids).Find(&found).Error
	return found, tx.db.understand(err)
}

// Comments reads the comments about a record, the oldest first, after one.
func (tx *Tx) Comments(ctx context.Context, kind, recordID, after string, limit int) (found []Comment, err error) {
	err = tx.ORM(ctx).Table("comments").Where("kind = ? AND record_id = ? AND id > ? AND state <> ?", kind, recordID, after, CommentWithdrawn).
		Order("id").Limit(limit).Find(&found).Error
	return found, tx.db.understand(err)
}

// Answered reports whether a comment has replies that are shown.
func (tx *Tx) Answered(ctx context.Context, id string) (answered bool, err error) {
	var count int
	_, err = tx.one(ctx, []any{&count}, "SELECT count(*) FROM comments WHERE reply_to_id = ? AND state <> 'withdrawn'", id)
	return count > 0, err
}
