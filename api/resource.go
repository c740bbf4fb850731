package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// resource serves one noun.
type resource struct {
	*server
	noun *register.Noun
}

// list answers a page of the noun's records.
func (r resource) list(c echo.Context) error {
	return r.listWhere(c, func() ([]store.Cond, error) { return nil, nil })
}

// listWhere answers a page of the noun's records, those that more keeps. It is
// asked once the request has been read.
func (r resource) listWhere(c echo.Context, more func() ([]store.Cond, error)) error {
	values, err := query(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	ask, err := r.readListing(ctx, r.noun, values)
	if err != nil {
		return err
	}
	where, err := more()
	if err != nil {
		return err
	}
	ask.query.Where = append(ask.query.Where, where...)
	page, err := r.ledger.List(ctx, ask.query, ask.only, ask.total)
	if err != nil {
		return err
	}
	return r.sendPage(c, ask, page, values)
}

// sendPage answers a page with what it includes and the way to the next one.
func (r resource) sendPage(c echo.Context, ask listing, page ledger.Listed, values url.Values) error {
	body, err := r.pageBody(c, ask, page, values)
	if err != nil {
		return err
	}
	tag := weak(body)
	c.Response().Header().Set("ETag", tag)
	if fresh(c, tag) {
		return notModified(c)
	}
	return r.sendJSON(c, http.StatusOK, body)
}

// pageInfo is what a list says about its pages.
type pageInfo struct {
	// Limit is how many records a page holds at most.
	Limit int `json:"limit"`
	// HasMore says whether records follow.
	HasMore bool `json:"has_more"`
	// NextCursor leads to the page after this one.
	NextCursor *string `json:"next_cursor"`
	// PrevCursor leads to the page before this one.
	PrevCursor *string `json:"prev_cursor"`
	// Next is the URL of the page after this one; null where the filter stands in the body.
	Next *string `json:"next"`
	// Total is the number of all records that match, if it was asked for.
	Total *int64 `json:"total"`
}

func (r resource) pageBody(c echo.Context, ask listing, page ledger.Listed, values url.Values) ([]byte, error) {
	info := r.pageInfo(c, ask, page, values)
	raw, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	size := len(raw) + 32
	for _, b := range page.Bodies {
		size += len(b) + 1
	}
	body := append(make([]byte, 0, size), `{"data":[`...)
	extra, err := r.itemExtras(c, ask, page)
	if err != nil {
		return nil, err
	}
	for i, b := range page.Bodies {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, b...)
		if extra != nil {
			body = append(append(append(body[:len(body)-1], `,"transitions":`...), extra[i]...), '}')
		}
	}
	body = append(append(body, `],"page":`...), raw...)
	included, err := r.included(c, ask.include, page.Rows)
	if err != nil {
		return nil, err
	}
	return append(append(body, included...), '}'), nil
}

// pageInfo says where a list goes on, in its header too; without values, of a search
// that has its conditions in a body, no URL leads to another page.
func (r resource) pageInfo(c echo.Context, ask listing, page ledger.Listed, values url.Values) pageInfo {
	info := r.places(ask, page)
	if values == nil {
		return info
	}
	if info.NextCursor != nil {
		link := r.link(c, values, *info.NextCursor)
		info.Next = &link
	}
	r.linkPages(c, info.Next, values)
	return info
}

// places are the cursors before and behind a page.
func (r resource) places(ask listing, page ledger.Listed) pageInfo {
	q, id := ask.query, r.noun.Field("id").Column
	info := pageInfo{Limit: q.Limit, HasMore: page.More, Total: page.Total}
	back := q.After != nil && q.After.Back
	if back {
		info.HasMore = true
	}
	if len(page.Rows) == 0 {
		return info
	}
	first, last := page.Rows[0], page.Rows[len(page.Rows)-1]
	if info.HasMore {
		next := at("n", ask.sort, ask.digest, q.Sort, last, last[id]).sign(r.cursorKey)
		info.NextCursor = &next
	}
	if q.After != nil && (!back || page.More) {
		prev := at("p", ask.sort, ask.digest, q.Sort, first, first[id]).sign(r.cursorKey)
		info.PrevCursor = &prev
	}
	return info
}

// link is the URL of this list at another cursor.
// link is the address of another page of the same list; without a cursor that of
// its first.
func (s *server) link(c echo.Context, values url.Values, cursor string) string {
	other := maps.Clone(values)
	if other.Del("cursor"); cursor != "" {
		other.Set("cursor", cursor)
	}
	link := s.ledger.Base + c.Request().URL.Path[len(Base):]
	if len(other) > 0 {
		link += "?" + other.Encode()
	}
	return link
}

// linkPages names the next page and the first one in the header.
func (s *server) linkPages(c echo.Context, next *string, values url.Values) {
	links := "<" + s.link(c, values, "") + `>; rel="first"`
	if next != nil {
		links = "<" + *next + `>; rel="next", ` + links
	}
	c.Response().Header().Add("Link", links)
}

func (r resource) get(c echo.Context) error {
	values, err := params(c, "include", "fields", "version")
	if err != nil {
		return err
	}
	include := splitNames(values.Get("include"))
	if bad := checkIncludes(r.noun, include); bad != nil {
		return bad
	}
	customs, err := r.ledger.Customs(c.Request().Context())
	if err != nil {
		return err
	}
	only, wrong := readFields(r.noun, customs, values)
	if len(wrong) > 0 {
		return &fault.Error{Code: fault.InvalidParameter, Detail: "Fix the parameters listed in errors.", Fields: wrong}
	}
	shown, err := r.shown(c, values, only)
	if err != nil {
		return err
	}
	body, tag := shown.Body, etag(shown.Version)
	if len(include) > 0 {
		if body, err = r.withIncluded(c, include, shown); err != nil {
			return err
		}
	}
	if len(include) > 0 || only != nil {
		tag = partly(shown.Version, body)
	}
	c.Response().Header().Set("ETag", tag)
	if fresh(c, tag) {
		return notModified(c)
	}
	return r.sendJSON(c, http.StatusOK, body)
}

// shown is the record that a path names, as it stands or as it stood at a version.
func (r resource) shown(c echo.Context, values url.Values, only register.Only) (ledger.Shown, error) {
	given := values.Get("version")
	if !values.Has("version") {
		return r.ledger.Get(c.Request().Context(), r.noun, c.Param("id"), only)
	}
	version, err := strconv.Atoi(given)
	if err != nil || version < 1 {
		return ledger.Shown{}, invalid("version", "version is the number of a version, from 1.")
	}
	return r.ledger.GetVersion(c.Request().Context(), r.noun, c.Param("id"), version, only)
}

func (r resource) create(c echo.Context) error {
	body, ask, err := readEntry(c)
	if err != nil {
		return err
	}
	return r.enter(c, body, ask)
}

// readEntry reads a request to enter a record.
func readEntry(c echo.Context) (body register.Body, ask ledger.Asked, err error) {
	body, raw, err := readBody(c)
	if err != nil {
		return nil, ask, err
	}
	if _, err := params(c, "validate_only", "allow_duplicate"); err != nil {
		return nil, ask, err
	}
	if ask, err = asked(c, raw); err != nil {
		return nil, ask, err
	}
	return body, ask, unmatched(ask, "There is no version yet of what is entered.")
}

func (r resource) enter(c echo.Context, body register.Body, ask ledger.Asked) error {
	if r.noun == register.APIKeys {
		return r.issueKey(c, body, ask)
	}
	a, err := r.ledger.Create(c.Request().Context(), r.noun, body, ask)
	if err != nil {
		return err
	}
	return r.sendEntered(c, a, ask.ValidateOnly)
}

// issueKey answers a new key with its token, which is shown this once.
func (r resource) issueKey(c echo.Context, body register.Body, ask ledger.Asked) error {
	a, token, err := r.ledger.IssueKey(c.Request().Context(), body, ask)
	if err != nil {
		return err
	}
	return r.sendKey(c, a, token, ask.ValidateOnly)
}

func (r resource) update(c echo.Context) error {
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
	a, err := r.ledger.Update(c.Request().Context(), r.noun, c.Param("id"), body, ask)
	if err != nil {
		return err
	}
	return r.sendAnswer(c, a, ask.ValidateOnly)
}

func (r resource) remove(c echo.Context) error {
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	ask, err := asked(c, nil)
	if err != nil {
		return err
	}
	if err := r.ledger.Remove(c.Request().Context(), r.noun, c.Param("id"), ask); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (r resource) restore(c echo.Context) error {
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	if err := noBody(c); err != nil {
		return err
	}
	ask, err := asked(c, nil)
	if err != nil {
		return err
	}
	a, err := r.ledger.Restore(c.Request().Context(), r.noun, c.Param("id"), ask)
	if err != nil {
		return err
	}
	return r.sendAnswer(c, a, ask.ValidateOnly)
}

// childOf serves the records of a noun that stand under those of another.
type childOf struct {
	resource
	by *register.Field // names the parent
}

// listUnder lists the records of one parent.
func (r childOf) listUnder(c echo.Context) error {
	return r.listWhere(c, func() ([]store.Cond, error) {
		parent, err := r.parent(c)
		return []store.Cond{{Field: r.by, Op: "eq", Values: []any{parent}}}, err
	})
}

// createUnder enters a record with its parent filled in.
func (r childOf) createUnder(c echo.Context) error {
	body, ask, err := readEntry(c)
	if err != nil {
		return err
	}
	parent, err := r.parent(c)
	if err != nil {
		return err
	}
	name := r.by.Name
	if given := body.Get(name); given != nil && string(given) != strconv.Quote(parent) {
		ask.Wrong.At("#/"+name, "conflicts_with", "%s is given by the path; leave it out.", name)
	}
	body = body.With(name, []byte(strconv.Quote(parent)))
	return r.enter(c, body, ask)
}

// parent is the id of the path's parent, if the caller may see it.
func (r childOf) parent(c echo.Context) (string, error) {
	shown, err := r.ledger.Get(c.Request().Context(), register.ByName(r.by.Target), c.Param("id"), nil)
	return shown.ID, err
}

func (r resource) transitions(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	explained, err := r.ledger.Transitions(c.Request().Context(), r.noun, c.Param("id"))
	if err != nil {
		return err
	}
	return r.send(c, http.StatusOK, map[string]any{"data": explained})
}

func (r resource) transition(c echo.Context) error {
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
	move, err := readMove(body)
	if err != nil {
		return err
	}
	a, err := r.ledger.Transition(c.Request().Context(), r.noun, c.Param("id"), move, ask)
	if err != nil {
		return err
	}
	return r.sendAnswer(c, a, ask.ValidateOnly)
}

// readMove reads {transition, fields, comment}.
func readMove(body register.Body) (m ledger.Move, err error) {
	var faults fault.Fields
	for _, member := range body {
		switch member.Name {
		case "transition", "comment":
			into := &m.Name
			if member.Name == "comment" {
				into = &m.Comment
			}
			if member.Raw.Kind() != 'n' && json.Unmarshal(member.Raw, into) != nil {
				faults.At("#/"+member.Name, "invalid_type", "%s takes text.", member.Name)
			}
		case "fields":
			if member.Raw.Kind() == 'n' {
				continue
			}
			if m.Fields, err = register.ParseBody(member.Raw); err != nil {
				faults.At("#/fields", "invalid_type", "fields takes an object.")
			}
		default:
			known := []string{"transition", "fields", "comment"}
			register.Unknown(&faults, "#", member.Name, func() []string { return known })
		}
	}
	if given := body.Get("transition"); m.Name == "" && (given == nil || given.Kind() == 'n' || given.Kind() == '"') {
		faults.At("#/transition", "required", "Say which transition: transition is required.")
	}
	if len(m.Comment) > 4000 {
		faults.At("#/comment", "too_long", "comment has at most 4000 characters.")
	}
	return m, faults.Err()
}
