package ledger

import (
	"context"
	"encoding/json"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// said is what a change answers in place of the record, where it changed only
// what stands beside it.
type said struct {
	body    []byte
	version int
	made    bool
}

// Say enters a comment. Whoever sees a record may: a person without a level and a
// service key too, and on a closed record as well. On records of the platform only
// who looks after it does.
func (l *Ledger) Say(ctx context.Context, n *register.Noun, name string, body register.Body, asked Asked) (Answer, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return Answer{}, l.hidden(ctx, n, name, err)
	}
	return l.perform(ctx, asked, func(ctx context.Context, c *change) error {
		if err := c.atBeside(ctx, n, name); err != nil {
			return err
		}
		in := CommentInput{Visibility: "internal"}
		faults := register.Decode(body, &in)
		kept := store.Comment{
			ID: register.NewID(c.at.Time()), Kind: n.Name, RecordID: c.rec.Meta().ID, State: store.CommentStanding, Version: 1, Body: in.Body,
			Visibility: in.Visibility, AuthorType: string(c.actor.Type), AuthorID: c.actor.ID, CreatedAt: string(c.at),
		}
		if err := c.replyTo(ctx, in.ReplyToID, &kept, &faults); err != nil {
			return err
		}
		if err := c.mention(ctx, &kept, &faults); err != nil {
			return err
		}
		if err := faults.Err(); err != nil {
			return err
		}
		if err := c.tx.AddComment(ctx, &kept); err != nil {
			return err
		}
		if err := c.tellMentions(ctx, kept, nil); err != nil {
			return err
		}
		return c.sayComment(ctx, kept, true)
	})
}

// atBeside brings the record beside which something is put.
func (c *change) atBeside(ctx context.Context, n *register.Noun, name string) error {
	if err := c.get(ctx, n, name); err != nil {
		return err
	}
	if n.Platform {
		if err := c.governs(ctx); err != nil {
			return err
		}
	}
	return c.standing(ctx)
}

// replyTo holds the comment that is answered against what stands on the record.
func (c *change) replyTo(ctx context.Context, id string, kept *store.Comment, faults *fault.Fields) error {
	if id == "" {
		return nil
	}
	found, n, err := c.commentOf(ctx, c.tx, id)
	if fault.Is(err, fault.NotFound) || err == nil && (n != c.noun || found.RecordID != kept.RecordID) {
		faults.At("#/reply_to_id", "reference_not_found", "reply_to_id: there is no such comment on this record.")
		return nil
	}
	kept.ReplyToID = found.ID
	return err
}

// Reword changes a comment: its author may, for a while.
func (l *Ledger) Reword(ctx context.Context, id string, body register.Body, asked Asked) (Answer, error) {
	return l.alterComment(ctx, id, asked, func(ctx context.Context, c *change, kept store.Comment) error {
		var faults fault.Fields
		if c.at > editableUntil(kept) || kept.State != store.CommentStanding {
			faults.At("#", "not_allowed_in_state", "A comment can be changed for %d minutes, until %s; say more in another one.", int(Editable.Minutes()), editableUntil(kept))
			return faults.Err()
		}
		before := kept
		in := CommentPatch{Body: kept.Body, Visibility: kept.Visibility}
		faults = register.Decode(body, &in)
		kept.Body, kept.Visibility = in.Body, in.Visibility
		if err := c.mention(ctx, &kept, &faults); err != nil {
			return err
		}
		if err := faults.Err(); err != nil {
			return err
		}
		if kept == before {
			return c.sayComment(ctx, kept, false)
		}
		kept.EditedAt = string(c.at)
		kept.Version++
		if err := c.tx.PutComment(ctx, &kept); err != nil {
			return c.conflict(ctx, err)
		}
		if err := c.tellMentions(ctx, kept, &before); err != nil {
			return err
		}
		return c.sayComment(ctx, kept, false)
	})
}

// TakeBack removes a comment: at once and without replies it is as if it had not
// been said, later its place stays. Its author may.
func (l *Ledger) TakeBack(ctx context.Context, id string, asked Asked) error {
	_, err := l.alterComment(ctx, id, asked, func(ctx context.Context, c *change, kept store.Comment) error {
		c.said = &said{}
		if kept.State != store.CommentStanding {
			return nil
		}
		answered, err := c.tx.Answered(ctx, kept.ID)
		if err != nil {
			return err
		}
		kept.State = store.CommentWithdrawn
		if answered || c.at > editableUntil(kept) {
			kept.State = store.CommentStub
		}
		kept.DeletedAt = string(c.at)
		kept.Version++
		if err := c.tx.PutComment(ctx, &kept); err != nil {
			return c.conflict(ctx, err)
		}
		return c.note(ctx, register.NewID(c.at.Time()), "comment_deleted", map[string]store.Delta{"comment_id": {From: quoted(kept.ID)}}, nil)
	})
	return err
}

// alterComment opens the change of a comment by its author.
func (l *Ledger) alterComment(ctx context.Context, id string, asked Asked, alter func(context.Context, *change, store.Comment) error) (Answer, error) {
	kept, n, err := l.commentOf(ctx, l.DB.Look(), id)
	if err != nil {
		return Answer{}, err
	}
	if err := mayAsk(authority.From(ctx), n, authority.Write); err != nil {
		return Answer{}, l.hidden(ctx, n, kept.RecordID, err)
	}
	return l.perform(ctx, asked, func(ctx context.Context, c *change) error {
		kept, n, err := l.commentOf(ctx, c.tx, id)
		if err != nil {
			return err
		}
		if err := c.get(ctx, n, kept.RecordID); err != nil {
			return err
		}
		if err := c.standing(ctx); err != nil {
			return err
		}
		if kept.AuthorType != string(c.actor.Type) || kept.AuthorID != c.actor.ID {
			return notAuthor(c.actor, "Only who wrote a comment changes it or takes it back.")
		}
		by := actorNamed(kept.AuthorType, kept.AuthorID, nil)
		if err := c.heldTo(kept.Version, by, max(kept.CreatedAt, kept.EditedAt)); err != nil {
			return err
		}
		return alter(ctx, c, kept)
	})
}

// notAuthor is the refusal of whom something does not belong to: no level helps.
func notAuthor(a authority.Actor, why string) error {
	return fault.New(fault.InsufficientLevel, "%s", why).
		With("your_level", a.Level.Wire()).With("because", []string{"it is another's"}).With("escalate_to", nil)
}

// sayComment has the change answer with a comment.
func (c *change) sayComment(ctx context.Context, kept store.Comment, made bool) error {
	shown, err := c.shownComment(ctx, c.tx, kept)
	if err != nil {
		return err
	}
	body, err := json.Marshal(shown)
	c.said = &said{body: body, version: kept.Version, made: made}
	return err
}

// tellMentions writes the entry of a comment, and notifies those whom it names
// and did not name before. Nobody is told of what they said themself.
func (c *change) tellMentions(ctx context.Context, kept store.Comment, before *store.Comment) error {
	action, told := "commented", map[string]store.Delta{"comment_id": {To: quoted(kept.ID)}}
	var was []string
	if before != nil {
		action, was = "comment_edited", mentioned(*before)
		told["comment_id"] = store.Delta{From: quoted(kept.ID), To: quoted(kept.ID)}
	}
	now := mentioned(kept)
	if !slices.Equal(was, now) {
		told["mention_ids"] = store.Delta{From: quotedList(was), To: quotedList(now)}
	}
	if err := c.note(ctx, register.NewID(c.at.Time()), action, told, nil); err != nil {
		return err
	}
	people := slices.DeleteFunc(now, func(id string) bool { return slices.Contains(was, id) })
	return c.notify(ctx, people, "mentioned", kept.ID)
}

func mentioned(kept store.Comment) (ids []string) {
	var all []Mention
	_ = json.Unmarshal([]byte(kept.Mentions), &all) // our own JSON
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return ids
}

func quoted(s string) json.RawMessage {
	raw, _ := json.Marshal(s) // a text
	return raw
}

func quotedList(list []string) json.RawMessage {
	raw, _ := json.Marshal(append([]string{}, list...)) // texts
	return raw
}
