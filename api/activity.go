package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
	"rapport/internal/register"
)

// Activity is something that the caller did, as a diary shows it.
type Activity struct {
	// ID is the entry's id.
	ID string `json:"id" format:"uuid"`
	// Kind says what it is: change, transition, comment, attachment or event.
	Kind string `json:"kind" enums:"change,transition,comment,attachment,event"`
	// At is when it happened.
	At string `json:"at" format:"date-time"`
	// Summary tells it in a few words.
	Summary string `json:"summary" example:"Ana Pop: Triage"`
	// Collection is where the record stands.
	Collection string `json:"collection" example:"issues"`
	// Subject is the record that it was done to, as it is called now.
	Subject Ref `json:"subject"`
	// URL leads to the record.
	URL string `json:"url" format:"uri-reference"`
	// Data is the line of the audit trail.
	Data ledger.ChangeLine `json:"data"`
}

// ActivityPage is a page of a diary.
type ActivityPage struct {
	// Data are the items, newest first.
	Data []Activity `json:"data"`
	// Page says where the diary goes on.
	Page pageInfo `json:"page"`
}

// activitySort is the order of a diary, as its cursors name it.
const activitySort = "-at,-id"

// activity answers what the caller did.
//
//	@ID			listMyActivity
//	@Summary	Read what you did, as a diary
//	@Description	What you changed, moved on, said and attached since a moment, newest first, with the record as it is called now. What followed from it by itself is in the record's own timeline. Records that you may not see any more, and those of collections that your key does not open, are left out.
//	@Tags		Account
//	@Param		since	query	string	false	"from when: a date, which begins at its midnight, a time, today, today-7d or now-8h; today if left out"
//	@Param		tz		query	string	false	"the zone in which days are read, such as Europe/Bucharest; the organisation's if left out"
//	@Param		limit	query	int		false	"items on a page"	minimum(1)	maximum(200)
//	@Param		cursor	query	string	false	"the page to read"
//	@Success	200	{object}	ActivityPage
//	@Router		/me/activity [get]
func (s *server) activity(c echo.Context) error {
	values, err := params(c, "since", "tz", "limit", "cursor")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	zone, err := s.zoneOf(ctx, values)
	if err != nil {
		return err
	}
	given := values.Get("since")
	if given == "" {
		given = "today"
	}
	since, ok := register.ParseMoment(given, s.ledger.Now().In(zone))
	if !ok {
		return invalid("since", "since is a time such as 2026-11-22T09:15:04Z, a date, now-8h, today or today-7d.")
	}
	limit, err := readLimit(values)
	if err != nil {
		return err
	}
	after, err := readPosition(s.cursorKey, values, activitySort)
	if err != nil {
		return err
	}
	deeds, more, err := s.ledger.Deeds(ctx, since, after, limit)
	if err != nil {
		return err
	}
	page := ActivityPage{Data: make([]Activity, 0, len(deeds)), Page: pageInfo{Limit: limit, HasMore: more}}
	for _, d := range deeds {
		page.Data = append(page.Data, s.activityOf(d))
	}
	if more {
		last := deeds[len(deeds)-1].Line
		next := cursor{V: 1, D: "n", S: activitySort, K: []any{last.At, last.ID}, F: filterDigest(values)}.sign(s.cursorKey)
		link := s.link(c, values, next)
		page.Page.NextCursor, page.Page.Next = &next, &link
	}
	return s.send(c, http.StatusOK, page)
}

func (s *server) activityOf(d ledger.Deed) Activity {
	item := itemOf(d.Noun, d.Line)
	return Activity{
		ID: item.ID, Kind: item.Kind, At: item.At, Summary: item.Summary, Collection: d.Noun.Path,
		Subject: Ref{ID: d.ID, Ref: orNull(d.As.Ref), Name: orNull(d.As.Name)}, URL: d.Noun.URL(s.ledger.Base, d.ID), Data: d.Line,
	}
}
