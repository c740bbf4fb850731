package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Bounds of a board's columns.
const (
	defaultCards = 20
	maxCards     = 50
)

// boardColumn is one column of a board; what holds for all nouns alike.
type boardColumn struct {
	Value      string     `json:"value"`
	Label      string     `json:"label"`
	Color      string     `json:"color"`
	Terminal   bool       `json:"terminal"`
	Total      int64      `json:"total"`
	Items      []jsonBody `json:"items"`
	NextCursor *string    `json:"next_cursor"`
}

type jsonBody []byte

// MarshalJSON hands on what is JSON already.
func (b jsonBody) MarshalJSON() ([]byte, error) { return b, nil }

type board struct {
	GroupBy string        `json:"group_by"`
	Columns []boardColumn `json:"columns"`
}

// board answers a whole kanban: a column per value of a field of words, each with
// its total, its first records and the cursor that leads on in the list filtered
// by that value. It asks once for all totals and once per column that holds something.
func (r resource) board(c echo.Context) error {
	values, err := query(c)
	if err != nil {
		return err
	}
	if err := forbid(values, "cursor", "include_total", "fields"); err != nil {
		return err
	}
	if asked := names(values, "include"); len(asked) > 0 && (len(asked) > 1 || asked[0] != "transitions") {
		return invalid("include", "A board includes transitions, and nothing else.")
	}
	by, cards, err := r.boardOf(values)
	if err != nil {
		return err
	}
	filters := without(values, "group_by", "limit")
	ask, err := r.readListing(c.Request().Context(), r.noun, filters)
	if err != nil {
		return err
	}
	totals, err := r.totals(c, ask, by)
	if err != nil {
		return err
	}
	columns, err := r.columns(c, by, filters, totals, cards)
	if err != nil {
		return err
	}
	return r.send(c, http.StatusOK, board{GroupBy: by.Name, Columns: columns})
}

// columns reads the first records of each column, as the list filtered by its value
// has them.
func (r resource) columns(c echo.Context, by *register.Field, filters url.Values, totals map[string]int64, cards int) ([]boardColumn, error) {
	columns, asks, queries := []boardColumn{}, []listing{}, []store.Query{}
	for _, value := range r.columnsOf(by, filters) {
		column := boardColumn{Value: value, Label: register.Wording(value), Total: totals[value], Items: []jsonBody{}, Color: neutral}
		if by.Name == "state" {
			column.Color, column.Terminal = colour(r.noun, value), ended(r.noun, value)
		}
		columns = append(columns, column)
		if column.Total == 0 {
			continue
		}
		own := without(filters, by.Name)
		own.Set(by.Name, value)
		ask, err := r.readListing(c.Request().Context(), r.noun, own)
		if err != nil {
			return nil, err
		}
		ask.query.Limit = cards
		asks, queries = append(asks, ask), append(queries, ask.query)
	}
	pages, err := r.ledger.Lists(c.Request().Context(), r.noun, queries)
	if err != nil {
		return nil, err
	}
	return columns, r.fill(c, columns, asks, pages)
}

const neutral = "#6b7280"

// boardOf reads by what field the board is parted, and how many cards a column shows.
func (r resource) boardOf(values url.Values) (*register.Field, int, error) {
	name, cards := values.Get("group_by"), defaultCards
	if name == "" {
		name = "state"
	}
	var allowed []string
	for _, f := range r.noun.Fields {
		if f.Shape == register.Choice && f.Filter {
			allowed = append(allowed, f.Name)
		}
	}
	if !slices.Contains(allowed, name) || len(values["group_by"]) > 1 {
		return nil, 0, &fault.Error{Code: fault.InvalidParameter, Detail: "Fix the parameters listed in errors.", Fields: fault.Fields{notAmong("group_by", name, allowed)}}
	}
	if given := values.Get("limit"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 {
			return nil, 0, invalid("limit", "limit is a number from 1 to %d.", maxCards)
		}
		cards = min(n, maxCards)
	}
	return r.noun.Field(name), cards, nil
}

// totals counts the records of each column.
func (r resource) totals(c echo.Context, ask listing, by *register.Field) (map[string]int64, error) {
	lines, err := r.ledger.Aggregate(c.Request().Context(), ledger.Aggregation{
		Query: ask.query, By: []ledger.Grouping{{Name: "value", Field: by}}, Metrics: []ledger.Metric{{Name: "count", Of: "count"}},
	})
	totals := map[string]int64{}
	for _, l := range lines {
		value, _ := l["value"].(string)
		totals[value], _ = l["count"].(int64)
	}
	return totals, err
}

// columnsOf are the values that the filters leave, in the order of the workflow or
// of the enumeration.
func (r resource) columnsOf(by *register.Field, filters url.Values) (list []string) {
	if by.Name == "state" {
		for _, s := range r.noun.Flow.States() {
			list = append(list, string(s))
		}
	} else {
		list = by.Values()
	}
	if !filters.Has(by.Name) {
		return list
	}
	asked := names(filters, by.Name)
	return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return !slices.Contains(asked, v) })
}

// fill puts the records into the columns that hold some.
func (r resource) fill(c echo.Context, columns []boardColumn, asks []listing, pages []ledger.Listed) error {
	if len(asks) == 0 {
		return nil
	}
	all := ledger.Listed{}
	for _, page := range pages {
		all.Rows, all.Bodies = append(all.Rows, page.Rows...), append(all.Bodies, page.Bodies...)
	}
	extra, err := r.itemExtras(c, asks[0], all)
	if err != nil {
		return err
	}
	done, filled := 0, 0
	for i := range columns {
		if columns[i].Total == 0 {
			continue
		}
		ask, page := asks[filled], pages[filled]
		filled++
		for _, b := range page.Bodies {
			if extra != nil {
				b = append(append(append(slices.Clone(b[:len(b)-1]), `,"transitions":`...), extra[done]...), '}')
			}
			columns[i].Items, done = append(columns[i].Items, b), done+1
		}
		if page.More {
			last := page.Rows[len(page.Rows)-1]
			next := at("n", ask.sort, ask.digest, ask.query.Sort, last, last[r.noun.Field("id").Column]).sign(r.cursorKey)
			columns[i].NextCursor = &next
		}
	}
	return nil
}

func ended(n *register.Noun, state string) bool {
	for _, s := range n.Flow.States() {
		if string(s) == state {
			return n.Flow.Ended(s)
		}
	}
	return false
}
