package api

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// sendJSON answers with a body that is JSON already.
func (s *server) sendJSON(c echo.Context, status int, body []byte) error {
	if wantsPretty(c, s) {
		body = indented(body)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/json")
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	c.Response().WriteHeader(status)
	_, err := c.Response().Write(body)
	return err
}

// send answers with a value.
func (s *server) send(c echo.Context, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.sendJSON(c, status, body)
}

func wantsPretty(c echo.Context, s *server) bool {
	return s.config.Demo || strings.Contains(c.Request().URL.RawQuery, "pretty=true")
}

// sendAnswer answers a change with the record as it left it.
func (s *server) sendAnswer(c echo.Context, a ledger.Answer, validateOnly bool) error {
	h, status := c.Response().Header(), http.StatusOK
	h.Set("ETag", etag(a.Version))
	if a.Replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	if a.Created && !validateOnly {
		status = http.StatusCreated
		h.Set("Location", a.Noun.URL(s.ledger.Base, a.ID))
	}
	return s.sendJSON(c, status, a.Body)
}

func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// weak is the tag of a representation that is good for caching only.
func weak(body []byte) string {
	return `W/"` + strconv.FormatUint(uint64(crc32.Checksum(body, castagnoli)), 16) + "-" + strconv.Itoa(len(body)) + `"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// fresh reports whether the caller has this representation already.
func fresh(c echo.Context, tag string) bool {
	for _, given := range c.Request().Header.Values("If-None-Match") {
		for t := range strings.SplitSeq(given, ",") {
			if t = strings.TrimSpace(t); t == tag || t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}

// notModified answers 304.
func notModified(c echo.Context) error { return c.NoContent(http.StatusNotModified) }

// bodyTypes are the media types of bodies that we read as JSON.
var bodyTypes = []string{"application/json", "application/merge-patch+json"}

// readBody reads a JSON object from the request, strictly and within bounds.
func readBody(c echo.Context) (register.Body, []byte, error) { return readBodyUpTo(c, maxBody) }

func readBodyUpTo(c echo.Context, most int64) (register.Body, []byte, error) {
	r := c.Request()
	if r.ContentLength > most {
		c.Response().Header().Set("Connection", "close") // the rest is not read
		return nil, nil, tooLarge(most)
	}
	media, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || !slices.Contains(bodyTypes, media) {
		return nil, nil, fault.New(fault.UnsupportedMediaType, "Send application/json.").With("supported", bodyTypes)
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		return nil, nil, fault.New(fault.MalformedJSON, "The body could not be read to its end.").With("offset", len(raw)).Because(err)
	}
	if int64(len(raw)) > most {
		c.Response().Header().Set("Connection", "close")
		return nil, nil, tooLarge(most)
	}
	body, err := register.ParseBody(raw)
	return body, raw, err
}

// noBody refuses a body where none is read, but for an empty object, which some
// clients send with every POST.
func noBody(c echo.Context) error {
	raw, err := io.ReadAll(io.LimitReader(c.Request().Body, maxBody+1))
	if err != nil || len(bytes.TrimSpace(raw)) == 0 {
		return nil //nolint:nilerr // nothing of it is needed
	}
	body, err := register.ParseBody(raw)
	if err != nil {
		return err
	}
	var faults fault.Fields
	for _, m := range body {
		faults.At("#/"+m.Name, "unknown_field", "This request takes no fields.")
	}
	return faults.Err()
}

// params reads the query; only the named parameters are known.
func params(c echo.Context, known ...string) (url.Values, error) {
	values, err := query(c)
	if err != nil {
		return nil, err
	}
	known = append(known, "pretty")
	f := fault.New(fault.UnknownParameter, "Parameters that are not known here are refused.")
	for name := range values {
		if !slices.Contains(known, name) {
			f.Fields = append(f.Fields, fault.Field{Parameter: name, Code: "unknown_field", Detail: "There is no parameter " + name + " here.", Suggestion: fault.Nearest(name, known)})
		}
	}
	if len(f.Fields) > 0 {
		slices.SortFunc(f.Fields, func(a, b fault.Field) int { return strings.Compare(a.Parameter, b.Parameter) })
		return nil, f
	}
	return values, nil
}

// query decodes the query string; one that cannot be decoded is refused.
func query(c echo.Context) (url.Values, error) {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.InvalidParameter, "The query string is not properly encoded.").Because(err)
	}
	return values, nil
}
