package api

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
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
	lines, info, err := r.history(c, values)
	if err != nil {
		return err
	}
	return r.send(c, http.StatusOK, historyPage{lines, info})
}

func (r resource) history(c echo.Context, values url.Values) ([]ledger.ChangeLine, pageInfo, error) {
	limit, err := readLimit(values)
	if err != nil {
		return nil, pageInfo{}, err
	}
	before, err := readPlace(r.cursorKey, values)
	if err != nil {
		return nil, pageInfo{}, err
	}
	lines, more, err := r.ledger.Changes(c.Request().Context(), r.noun, c.Param("id"), before, limit, nil)
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
