package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
)

// mountTalk serves what stands beside records, and the words they are found by.
func (s *server) mountTalk(g *echo.Group) {
	g.GET("/attachments/:id", s.getAttachment)
	g.DELETE("/attachments/:id", s.removeAttachment)
	g.GET("/attachments/:id/content", s.downloadAttachment)
	g.GET("/comments/:id", s.getComment)
	g.PATCH("/comments/:id", s.updateComment)
	g.DELETE("/comments/:id", s.removeComment)
	g.GET("/notifications", s.listNotifications)
	g.POST("/notifications/:id/acknowledge", s.acknowledge)
	g.GET("/tags", s.listTags)
	g.POST("/tags/:tag/merge", s.mergeTag)
	g.POST("/tags/:tag/rename", s.renameTag)
}

// CommentPage is a page of what was said about a record.
type CommentPage struct {
	// Data are the comments, the oldest first.
	Data []ledger.Comment `json:"data"`
	// Page says where the list goes on.
	Page pageInfo `json:"page"`
}

// comments answers what was said about a record, the oldest first.
func (r resource) comments(c echo.Context) error {
	values, err := params(c, "limit", "cursor")
	if err != nil {
		return err
	}
	limit, after, err := r.readPage(values, "id")
	if err != nil {
		return err
	}
	list, more, err := r.ledger.Comments(c.Request().Context(), r.noun, c.Param("id"), after, limit)
	if err != nil {
		return err
	}
	page := CommentPage{Data: list, Page: pageInfo{Limit: limit, HasMore: more}}
	if more {
		r.goOn(c, &page.Page, values, "id", list[len(list)-1].ID)
	}
	return r.send(c, http.StatusOK, page)
}

// readPage reads how many items are asked for, and after which one, in a list
// whose one order is that of the ids.
func (s *server) readPage(values url.Values, sort string) (limit int, after string, err error) {
	if limit, err = readLimit(values); err != nil || values.Get("cursor") == "" {
		return limit, "", err
	}
	place, err := readCursor(s.cursorKey, values.Get("cursor"), sort, filterDigest(values))
	if err != nil {
		return limit, "", err
	}
	return limit, place.position().ID, nil
}

// goOn says where such a list goes on.
func (s *server) goOn(c echo.Context, page *pageInfo, values url.Values, sort, last string) {
	next := cursor{V: 1, D: "n", S: sort, K: []any{nil, last}, F: filterDigest(values)}.sign(s.cursorKey)
	link := s.link(c, values, next)
	page.NextCursor, page.Next = &next, &link
	s.linkPages(c, page.Next, values)
}

// comment enters a comment.
func (r resource) comment(c echo.Context) error {
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	ask, err := asked(c, raw)
	if err != nil {
		return err
	}
	a, err := r.ledger.Say(c.Request().Context(), r.noun, c.Param("id"), body, ask)
	if err != nil {
		return err
	}
	return r.sendSaid(c, a, ask.ValidateOnly)
}

// sendSaid answers a change of what stands beside a record.
func (s *server) sendSaid(c echo.Context, a ledger.Answer, validateOnly bool) error {
	h, status := c.Response().Header(), http.StatusOK
	h.Set("ETag", etag(a.Version))
	if a.Replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	if a.Created && !validateOnly {
		status = http.StatusCreated
		var made struct{ URL string }
		_ = json.Unmarshal(a.Body, &made) // our own JSON
		h.Set("Location", made.URL)
	}
	return s.sendJSON(c, status, a.Body)
}

// besideID reads the id in the path of something that is no record.
func besideID(c echo.Context) (string, error) {
	if id, err := uuid.Parse(c.Param("id")); err == nil && len(c.Param("id")) == 36 {
		return strings.ToLower(id.String()), nil
	}
	return "", fault.New(fault.NotFound, "There is no such record, or none that you may see.")
}

// getComment answers one comment.
//
//	@ID			getComment
//	@Summary	Read a comment
//	@Description	One comment, if the caller may see its record. The key needs the read scope of the record's collection.
//	@Tags		Comments
//	@Param		id	path	string	true	"the comment's id"
//	@Success	200	{object}	ledger.Comment
//	@Router		/comments/{id} [get]
func (s *server) getComment(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	id, err := besideID(c)
	if err != nil {
		return err
	}
	comment, err := s.ledger.Comment(c.Request().Context(), id)
	if err != nil {
		return err
	}
	tag := etag(comment.Version)
	c.Response().Header().Set("ETag", tag)
	if fresh(c, tag) {
		return notModified(c)
	}
	return s.send(c, http.StatusOK, comment)
}

// updateComment changes a comment.
//
//	@ID			updateComment
//	@Summary	Change a comment
//	@Description	Its author may, for 15 minutes. Whom the text did not name before is notified. Writes the event of the record's noun with the word comment_edited.
//	@Tags		Comments
//	@Param		id				path	string				true	"the comment's id"
//	@Param		body			body	ledger.CommentPatch	true	"only what is to change"
//	@Param		If-Match		header	string				false	"the version you saw, in quotes; another one answers 412"
//	@Param		validate_only	query	bool				false	"run all checks and change nothing"
//	@Param		Idempotency-Key	header	string				false	"a key of your own: the same request under it is carried out once"	maxLength(255)
//	@Accept		json,application/merge-patch+json
//	@Success	200	{object}	ledger.Comment
//	@Router		/comments/{id} [patch]
func (s *server) updateComment(c echo.Context) error {
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	id, err := besideID(c)
	if err != nil {
		return err
	}
	ask, err := asked(c, raw)
	if err != nil {
		return err
	}
	a, err := s.ledger.Reword(c.Request().Context(), id, body, ask)
	if err != nil {
		return err
	}
	return s.sendSaid(c, a, ask.ValidateOnly)
}

// removeComment takes a comment back.
//
//	@ID			removeComment
//	@Summary	Take a comment back
//	@Description	Its author may. Within 15 minutes, and while nobody has replied, it is gone; later a stub stays in its place. Writes the event of the record's noun with the word comment_deleted.
//	@Tags		Comments
//	@Param		id				path	string	true	"the comment's id"
//	@Param		If-Match		header	string	false	"the version you saw, in quotes; another one answers 412"
//	@Param		validate_only	query	bool	false	"run all checks and change nothing"
//	@Success	204
//	@Router		/comments/{id} [delete]
func (s *server) removeComment(c echo.Context) error {
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	id, err := besideID(c)
	if err != nil {
		return err
	}
	ask, err := asked(c, nil)
	if err != nil {
		return err
	}
	if err := s.ledger.TakeBack(c.Request().Context(), id, ask); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
