package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"

	"rapport/internal/store"
)

// Client asks the register as one of the cast.
type Client struct {
	*House
	handle  string
	headers map[string]string
}

// As is a client for a member of the cast: l4, l5, l6, l7, none, admin, dpo,
// service, or "" for nobody.
func (h *House) As(handle string) *Client { return &Client{House: h, handle: handle} }

// With is the client with one more header.
func (c *Client) With(name, value string) *Client {
	headers := map[string]string{name: value}
	for k, v := range c.headers {
		if _, set := headers[k]; !set {
			headers[k] = v
		}
	}
	return &Client{c.House, c.handle, headers}
}

// Get asks for a path below the API's base.
func (c *Client) Get(path string) *Reply { return c.Do(http.MethodGet, path, nil) }

// Post sends a body to a path: JSON text, or a value that becomes JSON.
func (c *Client) Post(path string, body any) *Reply { return c.Do(http.MethodPost, path, body) }

// Patch changes what lies at a path.
func (c *Client) Patch(path string, body any) *Reply { return c.Do(http.MethodPatch, path, body) }

// Delete removes what lies at a path.
func (c *Client) Delete(path string) *Reply { return c.Do(http.MethodDelete, path, nil) }

// Move makes a transition. fields may be nil.
func (c *Client) Move(path, transition string, fields map[string]any) *Reply {
	body := map[string]any{"transition": transition}
	if fields != nil {
		body["fields"] = fields
	}
	return c.Post(path+"/transitions", body)
}

// Do sends a request and checks what holds for all requests.
func (c *Client) Do(method, path string, body any) *Reply {
	c.T.Helper()
	if !strings.HasPrefix(path, "/") {
		c.T.Fatalf("path %q does not begin with a slash", path)
	}
	url := path
	if !outside(path) {
		url = "/api/v1" + path
	}
	req := httptest.NewRequest(method, url, reader(body))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.handle != "" {
		req.Header.Set("Authorization", "Bearer "+Key(c.handle))
	}
	for k, v := range c.headers {
		req.Header.Set(k, v)
	}
	watched := method != http.MethodGet && !c.Quick
	var before store.Picture
	if watched {
		before = c.picture()
	}
	rec := httptest.NewRecorder()
	c.Handler.ServeHTTP(rec, req)
	r := &Reply{House: c.House, Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes(), asked: method + " " + url}
	if watched {
		c.compare(r, before, c.picture())
	}
	c.conforms(req, body, r)
	c.spoken(r)
	c.attest(req, r, body)
	return r
}

// explained are the paths at which the API explains its problems, "quota-exceeded",
// beside the register's own collection of that name.
var explained = regexp.MustCompile(`^/problems/[a-z]+(-[a-z]+)+$`)

// outside are the paths that do not lie below the API's base.
func outside(path string) bool {
	for _, p := range []string{"/healthz", "/readyz", "/version", "/metrics", "/openapi", "/docs", "/feeds/", "/api/", "/.well-known"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return path == "/" || explained.MatchString(path)
}

func reader(body any) io.Reader {
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(b)
	case []byte:
		return bytes.NewReader(b)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(raw)
}

// Reply is an answer.
type Reply struct {
	*House
	Status int
	Header http.Header
	Body   []byte
	asked  string
}

// Want stops the test unless the status is as expected.
func (r *Reply) Want(status int) *Reply {
	r.T.Helper()
	if r.Status != status {
		r.T.Fatalf("%s: want %d, got %d\n%s", r.asked, status, r.Status, r.Body)
	}
	return r
}

// Code stops the test unless the answer is a problem of the given code.
func (r *Reply) Code(status int, code string) *Reply {
	r.T.Helper()
	r.Want(status)
	if got := r.Text("code"); got != code {
		r.T.Fatalf("%s: want the problem %s, got %s\n%s", r.asked, code, got, r.Body)
	}
	return r
}

// Fault stops the test unless the answer names a fault with this code at this
// pointer or parameter.
func (r *Reply) Fault(at, code string) *Reply {
	r.T.Helper()
	var p struct {
		Errors []struct{ Pointer, Parameter, Header, Code string }
	}
	_ = json.Unmarshal(r.Body, &p)
	for _, e := range p.Errors {
		if (e.Pointer == at || e.Parameter == at || e.Header == at) && e.Code == code {
			return r
		}
	}
	r.T.Fatalf("%s: no fault %s at %s\n%s", r.asked, code, at, r.Body)
	return r
}

// Value is the value at a path such as "data.0.owner.name", nil if there is none.
func (r *Reply) Value(path string) any {
	var v any
	if json.Unmarshal(r.Body, &v) != nil {
		return nil
	}
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// Text is the value at a path as text; "" for null and for nothing.
func (r *Reply) Text(path string) string {
	switch v := r.Value(path).(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// Len is the number of items of the array at a path.
func (r *Reply) Len(path string) int {
	items, _ := r.Value(path).([]any)
	return len(items)
}

// ID is the id of the record answered with.
func (r *Reply) ID() string { return r.Text("id") }
