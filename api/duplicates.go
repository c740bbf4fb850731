package api

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
)

// DuplicatePage is a part of the walk for records that may be one.
type DuplicatePage struct {
	// Data are the pairs, in the order of the record that was entered later, the last one first.
	Data []ledger.DuplicatePair `json:"data"`
	// Examined is how many records this part of the walk examined.
	Examined int `json:"examined"`
	// Page says where the walk goes on; it may although there is no pair here.
	Page pageInfo `json:"page"`
}

// DuplicateList are the records that may be the same as one.
type DuplicateList struct {
	// Data are the candidates, the surest first, at most five.
	Data []ledger.Candidate `json:"data"`
}

// usualScore is from which score on pairs are told, unless the request says so.
const usualScore = 0.8

// duplicates answers which records may be one.
func (r resource) duplicates(c echo.Context) error {
	values, err := params(c, "min_score", "limit", "cursor")
	if err != nil {
		return err
	}
	least, err := readScore(values)
	if err != nil {
		return err
	}
	limit, after, err := r.readPage(values, "-num")
	if err != nil {
		return err
	}
	var from ledger.DuplicatePlace
	if after != "" {
		place, ok := ledger.ParseDuplicatePlace(after)
		if !ok {
			return fault.New(fault.InvalidCursor, "This cursor does not lead on here: start from the first page.")
		}
		from = place
	}
	walk, err := r.ledger.Duplicates(c.Request().Context(), r.noun, least, from, limit)
	if err != nil {
		return err
	}
	page := DuplicatePage{Data: walk.Pairs, Examined: walk.Examined, Page: pageInfo{Limit: limit, HasMore: walk.More}}
	if walk.More {
		r.goOn(c, &page.Page, values, "-num", walk.At.String())
	}
	return r.send(c, http.StatusOK, page)
}

// duplicatesOf answers which records may be the same as one.
func (r resource) duplicatesOf(c echo.Context) error {
	values, err := params(c, "min_score")
	if err != nil {
		return err
	}
	least, err := readScore(values)
	if err != nil {
		return err
	}
	found, err := r.ledger.LikelyDuplicates(c.Request().Context(), r.noun, c.Param("id"), least)
	if err != nil {
		return err
	}
	return r.send(c, http.StatusOK, DuplicateList{Data: append([]ledger.Candidate{}, found...)})
}

// readScore reads from which score on pairs are told.
func readScore(values url.Values) (float64, error) {
	if !values.Has("min_score") {
		return usualScore, nil
	}
	score, err := strconv.ParseFloat(values.Get("min_score"), 64)
	if err != nil || !(score >= 0 && score <= 1) { // NaN is neither
		bad := invalid("min_score", "min_score is a number from 0 to 1, such as 0.8.")
		if err == nil {
			bad.Fields[0].Code, bad.Fields[0].Params = "out_of_range", map[string]any{"min": 0, "max": 1}
		}
		return 0, bad
	}
	return score, nil
}
