package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"rapport/api"
	"rapport/openapi"
)

// conforms holds an answer against the OpenAPI document: the status must be one
// that the operation documents, the media type and the body as it says. Requests
// are not held against it, since many tests send what the document forbids.
func (c *Client) conforms(req *http.Request, body any, r *Reply) {
	c.T.Helper()
	document, err := documented()
	if err != nil {
		c.T.Fatalf("read the OpenAPI document: %v", err)
	}
	route := document.find(req.Method, req.URL.EscapedPath())
	if route == nil {
		if !beside(req, r) {
			c.T.Errorf("%s answered %d, and the document does not know it", r.asked, r.Status)
		}
		return
	}
	if err := fits(req, body, r, route); err != nil {
		c.T.Errorf("%s answered %d, not as the document says: %v\n%.2000s", r.asked, r.Status, err, r.Body)
	}
}

// beside reports whether an answer belongs to no operation: to a path or a method
// that is not served (nobody is told so without a key), or to a redirection.
func beside(req *http.Request, r *Reply) bool {
	switch r.Status {
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusPermanentRedirect:
		return true
	}
	return req.Method == http.MethodOptions || req.Method == http.MethodHead
}

func fits(req *http.Request, body any, r *Reply, route *routers.Route) error {
	if partly(req, body) {
		route = loosened(route)
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, Route: route, Options: options},
		Status:                 r.Status, Header: r.Header, Body: io.NopCloser(bytes.NewReader(r.Body)), Options: options,
	})
	var wrong *openapi3filter.ResponseError
	if errors.As(err, &wrong) && wrong.Err == nil {
		return errors.New(wrong.Reason)
	}
	return err
}

// partly reports whether a request asks for some members of records alone, by
// fields in its query or in its body, or by a view that may have some.
func partly(req *http.Request, body any) bool {
	if asked := req.URL.Query(); asked.Has("fields") || asked.Has("view") {
		return true
	}
	if !strings.HasSuffix(req.URL.Path, "/search") || req.Method != http.MethodPost || body == nil {
		return false
	}
	raw, err := io.ReadAll(reader(body))
	var asked struct{ Fields []string }
	return err == nil && json.Unmarshal(raw, &asked) == nil && asked.Fields != nil
}

// loosened is a route whose success is what the document says of requests with
// fields.
func loosened(route *routers.Route) *routers.Route {
	partial := route.Operation.Responses.Value("2XX")
	if partial == nil {
		return route
	}
	other, op := *route, *route.Operation
	op.Responses = openapi3.NewResponses()
	for status, answer := range route.Operation.Responses.Map() {
		op.Responses.Set(status, answer)
	}
	op.Responses.Set("200", partial)
	other.Operation = &op
	return &other
}

// operations are the operations of the document, by the number of segments of
// their paths.
type operations map[int][]operation

type operation struct {
	segments []string // "" for one that is a parameter
	route    *routers.Route
}

// find is the operation that serves a path, nil if there is none. A segment that
// is spelt out wins over a parameter, whatever the method.
func (o operations) find(method, path string) (best *routers.Route) {
	segments, most := strings.Split(path, "/"), -1
	for _, op := range o[len(segments)] {
		switch spelt := op.matches(segments); {
		case spelt > most && op.route.Method != method:
			best, most = nil, spelt
		case spelt > most, spelt == most && spelt >= 0 && op.route.Method == method:
			best, most = op.route, spelt
		}
	}
	return best
}

// matches counts the segments that are spelt out, -1 if the path is another.
func (o operation) matches(segments []string) (spelt int) {
	for i, s := range o.segments {
		switch s {
		case "":
		case segments[i]:
			spelt++
		default:
			return -1
		}
	}
	return spelt
}

// files are media types of answers that are not looked into.
var files = []string{
	"text/calendar", "text/html", "text/vcard", "text/css", "text/javascript", "text/event-stream", "image/png", "image/svg+xml", "application/yaml",
	"application/x-ndjson", "application/octet-stream", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// documented reads the document, once for all tests of a process.
var documented = sync.OnceValues(func() (operations, error) {
	for _, media := range files {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
	}
	doc, err := openapi3.NewLoader().LoadFromData(openapi.JSON)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	// For 3.1 the library compiles a schema anew for every value, and then, where
	// the schema refers to others, judges by its own visitor after all. Told that
	// this is 3.0, it goes there at once: a hundred times faster, the same verdict.
	doc.OpenAPI = "3.0.3"
	for _, schema := range doc.Components.Schemas {
		if err := schema.WalkSubtree(anything); err != nil {
			return nil, err
		}
	}
	all := operations{}
	for path, item := range doc.Paths.Map() {
		full := api.Base + path
		if len(item.Servers) > 0 {
			full = strings.TrimSuffix(item.Servers[0].URL, "/") + path
		}
		segments := strings.Split(full, "/")
		for i, s := range segments {
			if strings.HasPrefix(s, "{") {
				segments[i] = ""
			}
		}
		for method, op := range item.Operations() {
			route := &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
			all[len(segments)] = append(all[len(segments)], operation{segments, route})
		}
	}
	return all, nil
})

// anything lets a schema that says nothing hold null too, which in 3.0 it has to say.
func anything(_ string, ref *openapi3.SchemaRef) error {
	if s := ref.Value; s.Type == nil && len(s.AnyOf)+len(s.OneOf)+len(s.AllOf) == 0 && len(s.Properties) == 0 && s.Enum == nil {
		s.Nullable = true
	}
	return nil
}
