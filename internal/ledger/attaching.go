package ledger

import (
	"context"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// AttachmentInput is what is said of a file beside it.
type AttachmentInput struct {
	// Description says what it is.
	Description string `json:"description" validate:"max=1000"`
	// Sensitivity says how far it may be seen, where that is less far than its record.
	Sensitivity authority.Sensitivity `json:"sensitivity"`
}

// Upload is a file as it was received.
type Upload struct {
	*store.Taken
	AttachmentInput
	FileName string
}

// MayAttach asks, before a file is received, whether the caller may put one beside
// a record.
func (l *Ledger) MayAttach(ctx context.Context, n *register.Noun, name string) error {
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return l.hidden(ctx, n, name, err)
	}
	c := &change{Ledger: l, tx: l.DB.Look(), actor: authority.From(ctx), at: l.at()}
	if err := c.get(ctx, n, name); err != nil {
		return err
	}
	return c.mayAttach(ctx, "#/file")
}

// mayAttach asks whether the actor may change the files beside a record: whoever
// may change the record, or is the person who entered it. A closed record is closed
// for files too.
func (c *change) mayAttach(ctx context.Context, pointer string) error {
	m := c.rec.Meta()
	entered := c.actor.Person() != "" && c.actor.Person() == m.CreatedBy.ID && !c.noun.Platform
	if !entered {
		if err := c.mayUpdate(ctx, nil); err != nil {
			return err
		}
	}
	if err := c.standing(ctx); err != nil {
		return err
	}
	if !c.noun.PatchIn(m.State) {
		return fault.Fields{{Pointer: pointer, Code: "not_allowed_in_state", Detail: "The record is closed; its files stay as they are."}}.Err()
	}
	return nil
}

// Attach puts a file that was received beside a record.
func (l *Ledger) Attach(ctx context.Context, n *register.Noun, name string, up Upload, asked Asked) (a Answer, err error) {
	err = up.Placed(func() error {
		a, err = l.perform(ctx, asked, func(ctx context.Context, c *change) error {
			if err := c.get(ctx, n, name); err != nil {
				return err
			}
			if err := c.mayAttach(ctx, "#/file"); err != nil {
				return err
			}
			return c.attach(ctx, up)
		})
		return err
	})
	return a, err
}

func (c *change) attach(ctx context.Context, up Upload) error {
	id := c.rec.Meta().ID
	others, err := c.tx.Attachments(ctx, c.noun.Name, id, mostAttachments)
	if err != nil {
		return err
	}
	if len(others) >= mostAttachments {
		return fault.Fields{{Pointer: "#/file", Code: "too_many_items", Detail: "A record has at most 500 files."}}.Err()
	}
	kept := store.Attachment{
		ID: register.NewID(c.at.Time()), Kind: c.noun.Name, RecordID: id, State: store.AttachmentStanding, FileName: FileName(up.FileName),
		ContentType: http.DetectContentType(up.Head), Size: up.Size, SHA256: up.SHA256, Description: up.Description, Sensitivity: int(up.Sensitivity),
		UploaderType: string(c.actor.Type), UploaderID: c.actor.ID, CreatedAt: string(c.at),
	}
	if err := c.tx.AddAttachment(ctx, &kept); err != nil {
		return err
	}
	if err := c.noteFile(ctx, kept, "attachment_added", store.Delta{To: quoted(kept.ID)}); err != nil {
		return err
	}
	labels, err := c.labels(ctx, c.tx, map[string]map[string]bool{kept.Kind: {id: true}, "user": {c.actor.ID: true}, "api_key": {c.actor.ID: true}}, store.SightOf(c.actor))
	if err != nil {
		return err
	}
	body, err := json.Marshal(c.attachment(kept, labels))
	c.said = &said{body: body, version: 1, made: true}
	return err
}

// noteFile enters what was done with a file. Where the file has a sensitivity of its
// own, the entry is told to those alone who see the file.
func (c *change) noteFile(ctx context.Context, a store.Attachment, action string, d store.Delta) error {
	v := store.Veil{EntryID: register.NewID(c.at.Time()), Kind: a.Kind, RecordID: a.RecordID, Sensitivity: a.Sensitivity}
	if a.UploaderType == string(authority.User) {
		v.UserID = a.UploaderID
	}
	if err := c.note(ctx, v.EntryID, action, map[string]store.Delta{"attachment_id": d}, nil); err != nil || v.Sensitivity == 0 {
		return err
	}
	return c.tx.Cover(ctx, &v)
}

// Detach removes a file: who brought it may, and who may remove the record. Its row
// stays; its content goes once nothing needs it.
func (l *Ledger) Detach(ctx context.Context, id string, asked Asked) error {
	shown, err := l.Attachment(ctx, id)
	if err != nil {
		return err
	}
	n := register.ByName(shown.Subject.Type)
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return err
	}
	_, err = l.perform(ctx, asked, func(ctx context.Context, c *change) error {
		kept, _, err := l.attachmentOf(ctx, c.tx, id)
		if err != nil {
			return err
		}
		if err := c.get(ctx, n, kept.RecordID); err != nil {
			return err
		}
		if kept.UploaderType != string(c.actor.Type) || kept.UploaderID != c.actor.ID {
			if err := c.mayChange(ctx, "remove", n.Levels.Remove, nil); err != nil {
				return err
			}
		}
		if err := c.mayAttach(ctx, "#"); err != nil {
			return err
		}
		c.said = &said{}
		if err := c.tx.RemoveAttachment(ctx, id, c.at); err != nil {
			return err
		}
		return c.noteFile(ctx, kept, "attachment_removed", store.Delta{From: quoted(id)})
	})
	return err
}

// longestName is how many characters of a file's name are kept.
const longestName = 200

// FileName is a name under which a file can be kept anywhere: without folders,
// control characters and marks that turn the reading direction, and not too long.
func FileName(given string) string {
	given = strings.ToValidUTF8(given, "")
	if i := strings.LastIndexAny(given, `/\`); i >= 0 {
		given = given[i+1:]
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, norm.NFC.String(given))
	name = strings.TrimRight(strings.TrimLeft(strings.TrimSpace(name), "."), ". ")
	if name == "" {
		return "file"
	}
	letters := []rune(name)
	if len(letters) <= longestName {
		return name
	}
	end := []rune(path.Ext(name))
	if len(end) > 20 {
		end = nil
	}
	return string(letters[:longestName-len(end)]) + string(end)
}
