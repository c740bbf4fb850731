package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// timelineItem is one item of a record's timeline.
type timelineItem struct {
	// ID is the item's entry, or the record that it tells of.
	ID string `json:"id"`
	// Kind says what it is.
	Kind string `json:"kind" enums:"change,transition,comment,attachment,event,interaction,escalation,issue,complaint"`
	// At is when it happened.
	At string `json:"at" format:"date-time"`
	// Actor is who did it.
	Actor ledger.Actor `json:"actor"`
	// Summary tells it in a few words.
	Summary string `json:"summary"`
	// Data is the line of the audit trail; of an interaction, escalation, issue or complaint it is the record as its own list shows it.
	Data any `json:"data" swaggertype:"object"`
	// Comment is the comment as it stands now, null where the item is none.
	Comment *ledger.Comment `json:"comment" extensions:"x-nullable"`
	// Attachment is the file, null where the item is none, or where it was removed or is not for the caller.
	Attachment *ledger.Attachment `json:"attachment" extensions:"x-nullable"`

	line *ledger.ChangeLine // nil for a record
}

// timelineKinds are what the timeline shows.
var timelineKinds = []string{"change", "transition", "comment", "attachment", "event", "interaction", "escalation", "issue", "complaint"}

// timeline answers what happened to a record, newest first, for people.
func (r resource) timeline(c echo.Context) error {
	values, err := params(c, "limit", "cursor", "kinds")
	if err != nil {
		return err
	}
	kinds := splitNames(values.Get("kinds"))
	for _, k := range kinds {
		if !slices.Contains(timelineKinds, k) {
			f := invalid("kinds", "kinds takes %s.", strings.Join(timelineKinds, ", "))
			f.Fields[0].Code, f.Fields[0].Suggestion = "not_in_enum", fault.Nearest(k, timelineKinds)
			return f
		}
	}
	items, info, err := r.moments(c, values, kinds)
	if err != nil {
		return err
	}
	if err := r.tellBeside(c, items); err != nil {
		return err
	}
	return r.send(c, http.StatusOK, historyPage{items, info})
}

// moments are the items of a page of the timeline.
func (r resource) moments(c echo.Context, values url.Values, kinds []string) ([]timelineItem, pageInfo, error) {
	limit, err := readLimit(values)
	if err != nil {
		return nil, pageInfo{}, err
	}
	after, err := readPosition(r.cursorKey, values, timelineSort)
	if err != nil {
		return nil, pageInfo{}, err
	}
	found, more, err := r.ledger.Timeline(c.Request().Context(), r.noun, c.Param("id"), after, limit, kinds)
	if err != nil {
		return nil, pageInfo{}, err
	}
	items, info := make([]timelineItem, 0, len(found)), pageInfo{Limit: limit, HasMore: more}
	for _, m := range found {
		if m.Line != nil {
			items = append(items, itemOf(r.noun, *m.Line))
		} else {
			items = append(items, recordItem(m))
		}
	}
	if more {
		last := found[len(found)-1]
		next := cursor{V: 1, D: "n", S: timelineSort, K: []any{last.At, last.ID}, F: filterDigest(values)}.sign(r.cursorKey)
		link := r.link(c, values, next)
		info.NextCursor, info.Next = &next, &link
	}
	return items, info, nil
}

// timelineSort is the order of a timeline, as its cursors name it.
const timelineSort = "-at,-id"

// recordItem is the item of a record that has to do with the timeline's.
func recordItem(m ledger.Moment) timelineItem {
	item := timelineItem{ID: m.ID, Kind: m.Kind, At: m.At, Data: json.RawMessage(m.Body)}
	var shown map[string]json.RawMessage
	_ = json.Unmarshal(m.Body, &shown) // our own JSON
	_ = json.Unmarshal(shown["created_by"], &item.Actor)
	title := ""
	if m.Noun.TitleField != nil {
		_ = json.Unmarshal(shown[m.Noun.TitleField.Name], &title)
	}
	if title == "" {
		_ = json.Unmarshal(shown["ref"], &title)
	}
	item.Summary = register.Wording(m.Kind) + ": " + title
	return item
}

// tellBeside gives the items the comments and the files that they tell of.
func (r resource) tellBeside(c echo.Context, items []timelineItem) error {
	var said, put []string
	for i := range items {
		switch items[i].Kind {
		case "comment":
			said = append(said, items[i].line.Beside("comment_id"))
		case "attachment":
			put = append(put, items[i].line.Beside("attachment_id"))
		}
	}
	comments, err := r.ledger.CommentsByID(c.Request().Context(), said)
	if err != nil {
		return err
	}
	files, err := r.ledger.AttachmentsByID(c.Request().Context(), r.noun, c.Param("id"), put)
	if err != nil {
		return err
	}
	for i := range items {
		switch items[i].Kind {
		case "comment":
			if comment, there := comments[items[i].line.Beside("comment_id")]; there {
				items[i].Comment = &comment
			}
		case "attachment":
			if file, there := files[items[i].line.Beside("attachment_id")]; there {
				items[i].Attachment = &file
			}
		}
	}
	return nil
}

func itemOf(n *register.Noun, line ledger.ChangeLine) timelineItem {
	item := timelineItem{ID: line.ID, Kind: "change", At: line.At, Actor: line.Actor, Data: line, line: &line}
	who := "Somebody"
	if line.Actor.Name != nil {
		who = *line.Actor.Name
	}
	noun := strings.ReplaceAll(n.Name, "_", " ")
	switch {
	case line.Transition != nil:
		item.Kind, item.Summary = "transition", who+": "+register.Wording(*line.Transition)
	case line.Action == "commented":
		item.Kind, item.Summary = "comment", who+" commented"
	case line.Action == "attachment_added":
		item.Kind, item.Summary = "attachment", who+" attached a file"
	case line.Version == nil:
		item.Kind, item.Summary = "event", register.Wording(line.Action)
	case line.Action == "updated" && len(line.Diff) == 0: // what the reader does not see
		item.Summary = who + " changed the " + noun
	case line.Action == "updated":
		fields := make([]string, 0, len(line.Diff))
		for _, d := range line.Diff {
			fields = append(fields, strings.ReplaceAll(d.Field, "_", " "))
		}
		item.Summary = who + " changed " + strings.Join(fields, ", ")
	default:
		item.Summary = who + " " + line.Action + " the " + noun
	}
	return item
}
