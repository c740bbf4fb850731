package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
)

// NotificationPage is a page of what the caller is told.
type NotificationPage struct {
	// Data are the notifications, the newest first.
	Data []ledger.Notification `json:"data"`
	// Page says where the list goes on.
	Page pageInfo `json:"page"`
}

// listNotifications answers what the caller is told.
//
//	@ID			listNotifications
//	@Summary	List your notifications
//	@Description	What you are told of, the newest first: your own and nobody else's, and only about records that you may see now. A service key has none. The key needs the scope notifications:read.
//	@Tags		Notifications
//	@Param		read	query	bool	false	"false for those that wait, true for those acknowledged"
//	@Param		limit	query	int		false	"how many at most"	minimum(1)	maximum(200)
//	@Param		cursor	query	string	false	"where to go on, from next_cursor"
//	@Success	200	{object}	NotificationPage
//	@Router		/notifications [get]
func (s *server) listNotifications(c echo.Context) error {
	values, err := params(c, "read", "limit", "cursor")
	if err != nil {
		return err
	}
	var read *bool
	if values.Has("read") {
		given, err := flag(c, "read")
		if err != nil {
			return err
		}
		read = &given
	}
	limit, before, err := s.readPage(values, "-id")
	if err != nil {
		return err
	}
	list, more, err := s.ledger.Notifications(c.Request().Context(), read, before, limit)
	if err != nil {
		return err
	}
	page := NotificationPage{Data: list, Page: pageInfo{Limit: limit, HasMore: more}}
	if more {
		s.goOn(c, &page.Page, values, "-id", list[len(list)-1].ID)
	}
	return s.send(c, http.StatusOK, page)
}

// acknowledge notes that the caller has read something.
//
//	@ID			acknowledgeNotification
//	@Summary	Acknowledge a notification
//	@Description	Notes that you have read it; a second time changes nothing. Another's is a 404. The key needs the scope notifications:write.
//	@Tags		Notifications
//	@Param		id	path	string	true	"the notification's id"
//	@Success	200	{object}	ledger.Notification
//	@Router		/notifications/{id}/acknowledge [post]
func (s *server) acknowledge(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	if err := noBody(c); err != nil {
		return err
	}
	id, err := besideID(c)
	if err != nil {
		return err
	}
	n, err := s.ledger.Acknowledge(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, n)
}
