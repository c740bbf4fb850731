package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// ListSearch asks for a list with a filter as JSON.
type ListSearch struct {
	// Filter is which records are meant: and, or, not over comparisons, nested at most 5 deep, of at most 50 nodes.
	Filter *FilterNode `json:"filter,omitempty"`
	// Q are words to look for; the last one may be a beginning.
	Q *string `json:"q,omitempty"`
	// Sort is the order: one name, - before it turns it round.
	Sort []string `json:"sort,omitempty" maxItems:"1"`
	// Limit is how many records a page holds at most.
	Limit *int `json:"limit,omitempty" minimum:"1" maximum:"200"`
	// Cursor says where to go on, from next_cursor or prev_cursor of the same search.
	Cursor *string `json:"cursor,omitempty"`
	// IncludeTotal counts all records that match.
	IncludeTotal *bool `json:"include_total,omitempty"`
	// Deleted says whether removed records are listed.
	Deleted *string `json:"deleted,omitempty" enums:"exclude,include,only"`
	// Include names related records to send along, at most 5.
	Include []string `json:"include,omitempty"`
	// Fields names the members to send, with one level into references as in owner.name; all if left out.
	Fields []string `json:"fields,omitempty"`
	// TZ is the IANA zone in which dates of the filter are read.
	TZ *string `json:"tz,omitempty"`
}

// FilterNode is a node of a filter: either and, or, not alone, or field, op and
// value. A comparison with an absent value does not hold, but ne and nin do; not
// holds where its node does not.
type FilterNode struct {
	// And holds where each of its nodes does.
	And []FilterNode `json:"and,omitempty"`
	// Or holds where one of its nodes does.
	Or []FilterNode `json:"or,omitempty"`
	// Not holds where its node does not.
	Not *FilterNode `json:"not,omitempty"`
	// Field is the name of a filter of the collection, or relation.field.
	Field string `json:"field,omitempty" example:"state"`
	// Op is eq, or an operator that the field takes: ne, in, nin, gt, gte, lt, lte, contains, starts, null, any, all, none.
	Op string `json:"op,omitempty" example:"eq"`
	// Value is of the field's type; in, nin, any, all and none take an array of such, null takes true or false.
	Value any `json:"value,omitempty"`
}

// search answers a page of the records that a filter in the body describes.
func (r resource) search(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	body, _, err := readBody(c)
	if err != nil {
		return err
	}
	ask, err := r.readSearch(c.Request().Context(), r.noun, body)
	if err != nil {
		return err
	}
	page, err := r.ledger.List(c.Request().Context(), ask.query, ask.only, ask.total)
	if err != nil {
		return err
	}
	answer, err := r.pageBody(c, ask, page, nil)
	if err != nil {
		return err
	}
	return r.sendJSON(c, http.StatusOK, answer)
}

// searchWords are the members of a search.
var searchWords = []string{"filter", "q", "sort", "limit", "cursor", "include_total", "deleted", "include", "fields", "tz"}

// readSearch reads the members of a body as the parameters of a list, and the
// filter beside them.
func (s *server) readSearch(ctx context.Context, n *register.Noun, body register.Body) (listing, error) {
	params, faults := url.Values{}, fault.Fields{}
	for _, m := range body {
		switch {
		case !slices.Contains(searchWords, m.Name):
			register.Unknown(&faults, "#", m.Name, func() []string { return searchWords })
		case m.Name == "filter" || m.Raw.Kind() == 'n':
		default:
			text, want := scalar(m)
			if want != "" {
				faults.At("#/"+m.Name, "invalid_type", "%s takes %s.", m.Name, want)
				continue
			}
			params.Set(m.Name, text)
		}
	}
	r, err := s.reading(ctx, n, params)
	if err != nil {
		return listing{}, err
	}
	r.body, r.asking.Beside = true, nil
	r.asking.Faults = faults
	r.own()
	filter := body.Get("filter")
	if filter != nil && filter.Kind() != 'n' {
		r.filter(register.Place{Pointer: "#/filter"}, filter)
	}
	return s.finish(ctx, r, searchDigest(params, filter))
}

// filter reads a filter as JSON.
func (r *queryReader) filter(at register.Place, raw jsontext.Value) {
	if c, ok := r.asking.Filter(at, raw); ok {
		r.out.query.Where = append(r.out.query.Where, store.Cond{Op: "and", Of: []store.Cond{c}})
	}
}

// searchDigest is what a cursor keeps of a search: the same for the same filter,
// however it is spaced and whichever of its members comes first.
func searchDigest(params url.Values, filter jsontext.Value) string {
	digested := url.Values{}
	for name, v := range params {
		digested[name] = v
	}
	if filter != nil {
		same := slices.Clone(filter)
		_ = same.Format(jsontext.ReorderRawObjects(true)) // it was read already
		digested.Set("filter", string(same))
	}
	return filterDigest(digested)
}

// scalar is a member as the text of a parameter; want says what it should be.
func scalar(m register.Member) (text, want string) {
	switch kind := m.Raw.Kind(); m.Name {
	case "limit":
		if kind != '0' {
			return "", "a whole number"
		}
		return string(m.Raw), ""
	case "include_total":
		if kind != 't' && kind != 'f' {
			return "", "true or false"
		}
		return string(m.Raw), ""
	case "sort", "include", "fields":
		var names []string
		if json.Unmarshal(m.Raw, &names) != nil {
			return "", "an array of names"
		}
		if m.Name == "sort" && len(names) > 1 {
			return "", "one name"
		}
		return strings.Join(names, ","), ""
	default:
		if json.Unmarshal(m.Raw, &text) != nil {
			return "", "text"
		}
		return text, ""
	}
}
