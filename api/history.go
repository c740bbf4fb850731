package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// historyPage is a page of a history; its cursor is the id of the last line.
type historyPage struct {
	Data any      `json:"data"`
	Page pageInfo `json:"page"`
}

// changes answers the audit trail of a record, newest first.
func (r resource) changes(c echo.Context) error {
	values, err := params(c, "limit", "cursor")
	if err != nil {
		return err
	}
	lines, info, err := r.history(c, values, nil)
	if err != nil {
		return err
	}
	return r.send(c, http.StatusOK, historyPage{lines, info})
}

func (r resource) history(c echo.Context, values url.Values, kinds []string) ([]ledger.ChangeLine, pageInfo, error) {
	limit, err := readLimit(values)
	if err != nil {
		return nil, pageInfo{}, err
	}
	before, err := readPlace(r.cursorKey, values)
	if err != nil {
		return nil, pageInfo{}, err
	}
	lines, more, err := r.ledger.Changes(c.Request().Context(), r.noun, c.Param("id"), before, limit, kinds)
	if err != nil {
		return nil, pageInfo{}, err
	}
	info := pageInfo{Limit: limit, HasMore: more}
	if more {
		next := cursor{V: 1, D: "n", S: "-id", K: []any{nil, lines[len(lines)-1].ID}, F: filterDigest(values)}.sign(r.cursorKey)
		link := r.link(c, values, next)
		info.NextCursor, info.Next = &next, &link
	}
	return lines, info, nil
}

func readLimit(values url.Values) (int, error) {
	given := values.Get("limit")
	if given == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		return 0, invalid("limit", "limit is a number from 1 to 200.")
	}
	return min(n, maxLimit), nil
}

// readPlace is the entry after which a history goes on; "" for the start.
func readPlace(key []byte, values url.Values) (string, error) {
	place, err := readPosition(key, values, "-id")
	if place == nil {
		return "", err
	}
	return place.ID, err
}

// readPosition is where a list in its one order goes on; nil for the start.
func readPosition(key []byte, values url.Values, sort string) (*store.Position, error) {
	given := values.Get("cursor")
	if given == "" {
		return nil, nil
	}
	c, err := readCursor(key, given, sort, filterDigest(values))
	if err != nil {
		return nil, err
	}
	return c.position(), nil
}

// timelineItem is one item of a record's timeline.
type timelineItem struct {
	// ID is the item's entry.
	ID string `json:"id"`
	// Kind says what it is: change, transition, comment, attachment or event.
	Kind string `json:"kind" enums:"change,transition,comment,attachment,event"`
	// At is when it happened.
	At string `json:"at" format:"date-time"`
	// Actor is who did it.
	Actor ledger.Actor `json:"actor"`
	// Summary tells it in a few words.
	Summary string `json:"summary"`
	// Data is the line of the audit trail.
	Data ledger.ChangeLine `json:"data"`
	// Comment is the comment as it stands now, null where the item is none.
	Comment *ledger.Comment `json:"comment" extensions:"x-nullable"`
	// Attachment is the file, null where the item is none, or where it was removed or is not for the caller.
	Attachment *ledger.Attachment `json:"attachment" extensions:"x-nullable"`
}

// timelineKinds are what the timeline shows.
var timelineKinds = []string{"change", "transition", "comment", "attachment", "event"}

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
	lines, info, err := r.history(c, values, kinds)
	if err != nil {
		return err
	}
	items := make([]timelineItem, 0, len(lines))
	for _, line := range lines {
		items = append(items, itemOf(r.noun, line))
	}
	if err := r.tellBeside(c, items); err != nil {
		return err
	}
	return r.send(c, http.StatusOK, historyPage{items, info})
}

// tellBeside gives the items the comments and the files that they tell of.
func (r resource) tellBeside(c echo.Context, items []timelineItem) error {
	var said, put []string
	for i := range items {
		switch items[i].Kind {
		case "comment":
			said = append(said, items[i].Data.Beside("comment_id"))
		case "attachment":
			put = append(put, items[i].Data.Beside("attachment_id"))
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
		if comment, there := comments[items[i].Data.Beside("comment_id")]; there && items[i].Kind == "comment" {
			items[i].Comment = &comment
		}
		if file, there := files[items[i].Data.Beside("attachment_id")]; there && items[i].Kind == "attachment" {
			items[i].Attachment = &file
		}
	}
	return nil
}

func itemOf(n *register.Noun, line ledger.ChangeLine) timelineItem {
	item := timelineItem{ID: line.ID, Kind: "change", At: line.At, Actor: line.Actor, Data: line}
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
