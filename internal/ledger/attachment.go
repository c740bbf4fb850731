package ledger

import (
	"context"
	"os"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Attachment is a file that stands beside a record.
type Attachment struct {
	// ID is the attachment's id; ids ascend as files are attached.
	ID string `json:"id" format:"uuid"`
	// URL leads to the attachment.
	URL string `json:"url" example:"/api/v1/attachments/0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b"`
	// ContentURL leads to the file itself.
	ContentURL string `json:"content_url" example:"/api/v1/attachments/0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b/content"`
	// Subject is the record that it stands beside.
	Subject Topic `json:"subject"`
	// FileName is what the file was called, without any folder.
	FileName string `json:"file_name" example:"letter.pdf"`
	// ContentType is the media type that the content shows; what the sender said of it does not count.
	ContentType string `json:"content_type" example:"application/pdf"`
	// Size is the number of bytes.
	Size int64 `json:"size"`
	// SHA256 is the digest of the content; it is its ETag.
	SHA256 string `json:"sha256" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`
	// Description says what it is, null for nothing said.
	Description *string `json:"description" extensions:"x-nullable"`
	// Sensitivity says how far it may be seen: no further than its record.
	Sensitivity string `json:"sensitivity" enums:"public,internal,confidential,restricted"`
	// CreatedAt is when it was attached.
	CreatedAt string `json:"created_at" format:"date-time"`
	// UploadedBy is who attached it.
	UploadedBy Actor `json:"uploaded_by"`
}

// mostAttachments is how many files one record has at most.
const mostAttachments = 500

// Attachments lists the files beside a record that the caller may see, the oldest
// first.
func (l *Ledger) Attachments(ctx context.Context, n *register.Noun, name string) ([]Attachment, error) {
	c, err := l.beside(ctx, n, name)
	if err != nil {
		return nil, err
	}
	found, err := c.tx.Attachments(ctx, n.Name, c.rec.Meta().ID, mostAttachments)
	if err != nil {
		return nil, err
	}
	return c.shownAttachments(ctx, found)
}

// AttachmentsByID reads attachments of one record by their ids, those that the
// caller may see.
func (l *Ledger) AttachmentsByID(ctx context.Context, n *register.Noun, name string, ids []string) (map[string]Attachment, error) {
	out := map[string]Attachment{}
	if len(ids) == 0 {
		return out, nil
	}
	c := &change{Ledger: l, tx: l.DB.Look(), actor: authority.From(ctx), at: l.at()}
	if err := c.get(ctx, n, name); err != nil {
		return nil, err
	}
	found, err := c.tx.AttachmentsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	shown, err := c.shownAttachments(ctx, found)
	for _, a := range shown {
		out[a.ID] = a
	}
	return out, err
}

// Attachment reads what there is to say of one file.
func (l *Ledger) Attachment(ctx context.Context, id string) (Attachment, error) {
	kept, n, err := l.attachmentOf(ctx, l.DB.Look(), id)
	if err != nil {
		return Attachment{}, err
	}
	c, err := l.beside(ctx, n, kept.RecordID)
	if err != nil {
		return Attachment{}, err
	}
	shown, err := c.shownAttachments(ctx, []store.Attachment{kept})
	if err != nil {
		return Attachment{}, err
	}
	if len(shown) == 0 {
		return Attachment{}, none()
	}
	return shown[0], nil
}

// Content opens a file for reading, with what there is to say of it.
func (l *Ledger) Content(ctx context.Context, id string) (Attachment, *os.File, error) {
	a, err := l.Attachment(ctx, id)
	if err != nil {
		return a, nil, err
	}
	file, err := l.DB.Files().Open(a.SHA256)
	return a, file, err
}

// attachmentOf reads an attachment with the noun of its record. Whether the caller
// sees it is the record's to say, and its own sensitivity's.
func (l *Ledger) attachmentOf(ctx context.Context, tx *store.Tx, id string) (store.Attachment, *register.Noun, error) {
	found, err := tx.AttachmentsByID(ctx, []string{id})
	if err != nil {
		return store.Attachment{}, nil, err
	}
	if len(found) == 0 || register.ByName(found[0].Kind) == nil {
		return store.Attachment{}, nil, none()
	}
	return found[0], register.ByName(found[0].Kind), nil
}

// shownAttachments are those attachments of the change's record that the caller
// may see, with the names of who made them.
func (c *change) shownAttachments(ctx context.Context, found []store.Attachment) ([]Attachment, error) {
	wanted := map[string]map[string]bool{}
	for _, a := range found {
		want(wanted, a.Kind, a.RecordID)
		wantActor(wanted, a.UploaderType, a.UploaderID)
	}
	labels, err := c.labels(ctx, c.tx, wanted, store.SightOf(c.actor))
	if err != nil {
		return nil, err
	}
	out := []Attachment{}
	for _, a := range found {
		sees, err := c.seesFile(ctx, a)
		if err != nil {
			return nil, err
		}
		if a.RecordID == c.rec.Meta().ID && sees {
			out = append(out, c.attachment(a, labels))
		}
	}
	return out, nil
}

func (c *change) attachment(a store.Attachment, labels register.Labels) Attachment {
	url := c.Base + "/attachments/" + a.ID
	return Attachment{
		ID: a.ID, URL: url, ContentURL: url + "/content", Subject: c.topic(a.Kind, a.RecordID, labels), FileName: a.FileName,
		ContentType: a.ContentType, Size: a.Size, SHA256: a.SHA256, Description: ptr(a.Description),
		Sensitivity: c.sensitivityOfFile(a).String(), CreatedAt: a.CreatedAt, UploadedBy: actorNamed(a.UploaderType, a.UploaderID, labels),
	}
}

// sensitivityOfFile is that of its record, or its own where that is the higher one.
func (c *change) sensitivityOfFile(a store.Attachment) authority.Sensitivity {
	return max(authority.Sensitivity(a.Sensitivity), sensitivityOf(c.rec))
}

// seesFile reports whether the caller, who sees the record, sees a file beside it:
// one more sensitive than its record is seen by those who would see a record as
// sensitive, by level or because they are named, and by who brought it.
func (c *change) seesFile(ctx context.Context, a store.Attachment) (bool, error) {
	sight, rank := store.SightOf(c.actor), authority.Sensitivity(a.Sensitivity)
	if sight == nil || rank <= max(sight.Clearance, sensitivityOf(c.rec)) {
		return true, nil
	}
	shared := c.rec.Common()
	if rank > sight.Cap || shared == nil {
		return false, nil
	}
	if a.UploaderType == string(c.actor.Type) && a.UploaderID == c.actor.ID {
		return true, nil
	}
	return c.namedFor(ctx, sight, rank)
}

// namedFor reports whether the caller is named on the change's record, and so would
// see it were it as sensitive as rank.
func (c *change) namedFor(ctx context.Context, sight *store.Sight, rank authority.Sensitivity) (bool, error) {
	shared := c.rec.Common()
	was := shared.Sensitivity
	shared.Sensitivity = rank
	people, err := c.people(ctx)
	shared.Sensitivity = was
	return sight.Person != "" && slices.Contains(people, sight.Person), err
}

// sightOfFiles is how far the caller, who sees a record, sees the files beside it:
// who is named on the record sees them as far as the key goes.
func (l *Ledger) sightOfFiles(ctx context.Context, tx *store.Tx, n *register.Noun, row register.Row) (*store.Sight, error) {
	sight := store.SightOf(authority.From(ctx))
	if sight == nil || sight.Person == "" || sight.Cap <= sight.Clearance {
		return sight, nil
	}
	rec, err := n.Load(row)
	if err != nil || rec.Common() == nil {
		return sight, err
	}
	if veiled, err := tx.HasVeils(ctx, n.Name, rec.Meta().ID); err != nil || !veiled {
		return sight, err
	}
	c := &change{Ledger: l, tx: tx, noun: n, rec: rec, actor: authority.From(ctx), at: l.at()}
	if named, err := c.namedFor(ctx, sight, authority.Restricted); err != nil || !named {
		return sight, err
	}
	further := *sight
	further.Clearance = sight.Cap
	return &further, nil
}
