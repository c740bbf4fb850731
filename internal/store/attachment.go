package store

import (
	"context"
	"fmt"

	"rapport/internal/register"
)

// Attachment is a row of a file that stands beside a record.
type Attachment struct {
	ID           string
	Kind         string
	RecordID     string
	State        string // standing, removed
	FileName     string
	ContentType  string
	Size         int64
	SHA256       string `gorm:"column:sha256"`
	Description  string
	Sensitivity  int
	UploaderType string
	UploaderID   string
	CreatedAt    string
	DeletedAt    string
}

// The states of an attachment. Of one that was removed the row stays: that it was
// there, and its digest.
const (
	AttachmentStanding = "standing"
	AttachmentRemoved  = "removed"
)

// AddAttachment keeps a new attachment.
func (tx *Tx) AddAttachment(ctx context.Context, a *Attachment) error {
	if err := tx.ORM(ctx).Table("attachments").Create(a).Error; err != nil {
		return fmt.Errorf("keep an attachment: %w", tx.db.understand(err))
	}
	return nil
}

// RemoveAttachment notes that an attachment was removed.
func (tx *Tx) RemoveAttachment(ctx context.Context, id string, at register.Instant) error {
	_, err := tx.exec(ctx, "UPDATE attachments SET state = 'removed', deleted_at = ? WHERE id = ?", string(at), id)
	return err
}

// AttachmentsByID reads the attachments with the given ids that stand, in no order.
func (tx *Tx) AttachmentsByID(ctx context.Context, ids []string) (found []Attachment, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = tx.ORM(ctx).Table("attachments").Where("id IN ? AND state = 'standing'", ids).Find(&found).Error
	return found, tx.db.understand(err)
}

// Attachments reads the attachments of a record that stand, the oldest first.
func (tx *Tx) Attachments(ctx context.Context, kind, recordID string, limit int) (found []Attachment, err error) {
	err = tx.ORM(ctx).Table("attachments").Where("kind = ? AND record_id = ? AND state = 'standing'", kind, recordID).
		Order("id").Limit(limit).Find(&found).Error
	return found, tx.db.understand(err)
}

// content is what an attachment holds: its digest and its size.
type content struct {
	sha256 string
	size   int64
}

// contents are those of all attachments that stand.
func (tx *Tx) contents(ctx context.Context) (all []content, err error) {
	rows, err := tx.query(ctx, "SELECT DISTINCT sha256, size FROM attachments WHERE state = 'standing' ORDER BY sha256")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c content
		if err := rows.Scan(&c.sha256, &c.size); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// needed reports whether an attachment stands, or stood until lately, that has
// this content.
func (tx *Tx) needed(ctx context.Context, sha256 string, since register.Instant) (bool, error) {
	var count int
	_, err := tx.one(ctx, []any{&count}, "SELECT count(*) FROM attachments WHERE sha256 = ? AND (state = 'standing' OR deleted_at > ?)", sha256, string(since))
	return count > 0, err
}
