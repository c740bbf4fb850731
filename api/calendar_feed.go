package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/store"
)

// CalendarFeedAsked says what a calendar feed is to hold.
type CalendarFeedAsked struct {
	// Kinds are what it holds: days on which something is due, and meetings; both if left out.
	Kinds []string `json:"kinds" enums:"due,meetings" example:"due,meetings"`
}

// CalendarFeed is a calendar feed just made, with its address, which is shown this once.
type CalendarFeed struct {
	// ID is the token's id, by which it is revoked.
	ID string `json:"id" format:"uuid"`
	// URL is the address to subscribe to; who has it reads the calendar.
	URL string `json:"url" format:"uri-reference" example:"/feeds/Zk3x9QpLm2v8RtYw1c5b7A.ics"`
	// Kinds are what it holds.
	Kinds []string `json:"kinds" enums:"due,meetings"`
	// CreatedAt is when it was made.
	CreatedAt string `json:"created_at" format:"date-time"`
	// ExpiresAt is when it ends.
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

// createCalendarFeed makes the address of the caller's calendar.
//
//	@ID			createCalendarFeed
//	@Summary	Make the address of your calendar
//	@Description	A secret address to which a calendar subscribes, without a key: what is due to you, from 90 days back to a year ahead, and the contacts of the last 90 days in person, by video or at events on which you are named. Of each sort the first 200 that you may see when it is read, by the key or identity with which you ask now; it ends with that, after a year, when it is revoked, or when you make another one: you have one. Clients poll it as they like: it suggests an hour, phones mostly keep to it, and Google Calendar looks on a schedule of its own, often once a day, whatever it is told. Takes a person.
//	@Tags		Account
//	@Param		body	body	CalendarFeedAsked	true	"what it is to hold"
//	@Success	201	{object}	CalendarFeed
//	@Header		201	{string}	Location	"Where it is read."
//	@Router		/me/calendar-feeds [post]
func (s *server) createCalendarFeed(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	var asked CalendarFeedAsked
	if err := readInto(c, &asked, "kinds"); err != nil {
		return err
	}
	kinds, err := calendarKinds(asked.Kinds)
	if err != nil {
		return err
	}
	secret, t, err := s.ledger.OpenCalendar(c.Request().Context(), kinds)
	if err != nil {
		return err
	}
	at := strings.TrimSuffix(s.ledger.Base, Base) + "/feeds/" + secret + ".ics"
	c.Response().Header().Set("Location", at)
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.send(c, http.StatusCreated, CalendarFeed{t.ID, at, kinds, string(t.CreatedAt), string(t.ExpiresAt)})
}

// calendarKinds are the kinds that a feed is to hold, each once; all if none is said.
func calendarKinds(given []string) ([]string, error) {
	if given == nil {
		return ledger.CalendarKinds, nil
	}
	var faults fault.Fields
	if len(given) == 0 {
		faults.At("#/kinds", "required", "Say what the calendar is to hold: %s.", strings.Join(ledger.CalendarKinds, ", "))
	}
	if len(given) > len(ledger.CalendarKinds) {
		faults.At("#/kinds", "too_many_items", "kinds takes each kind once.")
		return nil, faults.Err()
	}
	for _, k := range given {
		if !slices.Contains(ledger.CalendarKinds, k) {
			faults.At("#/kinds", "not_in_enum", "kinds are %s.", strings.Join(ledger.CalendarKinds, ", "))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(given))), faults.Err()
}

// calendarFeed answers a calendar to who has its address.
//
//	@ID			getCalendarFeed
//	@Summary	Read a calendar by its address
//	@Description	What a person has in the calendar, as iCalendar (RFC 5545). An address that is unknown, has ended, was revoked or is of somebody who has gone is answered alike. Needs no key; an address on the network may ask so often a minute, and fewer times for what is not there.
//	@Tags		Account
//	@Param		file	path	string	true	"the secret, and .ics"	maxLength(104)
//	@Produce	text/calendar
//	@Param		If-None-Match	header	string	false	"the tag of the calendar that the client has"
//	@Success	200	{string}	string
//	@Header		200	{string}	ETag	"The calendar's tag, the same as long as nothing in it changes."
//	@Router		/feeds/{file} [get]
func (s *server) calendarFeed(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	secret, named := strings.CutSuffix(c.Param("file"), ".ics")
	if !named {
		secret = "" // which is nobody's
	}
	agenda, err := s.ledger.CalendarFeed(c.Request().Context(), secret, c.RealIP())
	if err != nil {
		return err
	}
	body, err := iCalendar(agenda, s.ledger.Now())
	if err != nil {
		return err
	}
	tag := weak(body)
	c.Response().Header().Set("ETag", tag)
	if fresh(c, tag) {
		return notModified(c)
	}
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", body)
}

// Token is what lets its person, or a client of theirs, in for one purpose.
type Token struct {
	// ID is the token's id; of the token itself nothing is shown.
	ID string `json:"id" format:"uuid"`
	// Purpose is what it is good for: the address of a calendar, or a ticket for the stream of events.
	Purpose string `json:"purpose" enums:"calendar,event_stream"`
	// Kinds are what a calendar holds.
	Kinds []string `json:"kinds"`
	// KeyID is the key by which it was asked for and with which it ends, null for an identity.
	KeyID *string `json:"key_id" extensions:"x-nullable"`
	// IdentityID is the identity by which it was asked for and with which it ends, null for a key.
	IdentityID *string `json:"identity_id" extensions:"x-nullable"`
	// CreatedAt is when it was made.
	CreatedAt string `json:"created_at" format:"date-time"`
	// ExpiresAt is when it ends.
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

// TokenPage is a page of tokens.
type TokenPage struct {
	// Data are the tokens, newest first.
	Data []Token `json:"data"`
	// Page says where the list goes on.
	Page pageInfo `json:"page"`
}

// listTokens answers the caller's tokens.
//
//	@ID			listTokens
//	@Summary	List your tokens
//	@Description	What lets you, or clients of yours, in without a key: your calendar's address and tickets for the stream of events, as long as they are good, newest first. The tokens themselves are not shown. A machine has none that it could list.
//	@Tags		Account
//	@Param		limit	query	int		false	"tokens on a page"	minimum(1)	maximum(200)
//	@Param		cursor	query	string	false	"the page to read"
//	@Success	200	{object}	TokenPage
//	@Router		/tokens [get]
func (s *server) listTokens(c echo.Context) error {
	values, err := params(c, "limit", "cursor")
	if err != nil {
		return err
	}
	limit, err := readLimit(values)
	if err != nil {
		return err
	}
	after, err := readPlace(s.cursorKey, values)
	if err != nil {
		return err
	}
	tokens, more, err := s.ledger.OwnTokens(c.Request().Context(), after, limit)
	if err != nil {
		return err
	}
	page := TokenPage{Data: make([]Token, 0, len(tokens)), Page: pageInfo{Limit: limit, HasMore: more}}
	for _, t := range tokens {
		page.Data = append(page.Data, tokenOf(t))
	}
	if more {
		next := cursor{V: 1, D: "n", S: "-id", K: []any{nil, tokens[len(tokens)-1].ID}, F: filterDigest(values)}.sign(s.cursorKey)
		link := s.link(c, values, next)
		page.Page.NextCursor, page.Page.Next = &next, &link
	}
	return s.send(c, http.StatusOK, page)
}

func tokenOf(t store.Token) Token {
	return Token{
		ID: t.ID, Purpose: t.Purpose, Kinds: append([]string{}, splitNames(t.Kinds)...), KeyID: orNull(t.KeyID), IdentityID: orNull(t.IdentityID),
		CreatedAt: string(t.CreatedAt), ExpiresAt: string(t.ExpiresAt),
	}
}

// revokeToken ends a token of the caller's.
//
//	@ID			deleteToken
//	@Summary	Revoke a token of yours
//	@Description	The token is not taken any more. That of another is not found.
//	@Tags		Account
//	@Param		id	path	string	true	"the token's id"	maxLength(64)
//	@Success	204
//	@Router		/tokens/{id} [delete]
func (s *server) revokeToken(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	if err := noBody(c); err != nil {
		return err
	}
	if err := s.ledger.RevokeToken(c.Request().Context(), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
