package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"maps"
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
	if a.Likely == nil {
		return s.sendJSON(c, status, a.Body)
	}
	likely, err := json.Marshal(a.Likely)
	if err != nil {
		return err
	}
	return s.sendJSON(c, status, slices.Concat(a.Body[:len(a.Body)-1], []byte(`,"candidates":`), likely, []byte("}")))
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

// mergePatch is the media type of what PATCH takes.
const mergePatch = "application/merge-patch+json"

// bodyTypes are the media types of bodies that we read as JSON.
var bodyTypes = []string{"application/json", mergePatch}

// mediaOf is the media type of a body, "" if it says none. One that is packed is
// refused: nothing is unpacked here.
func mediaOf(r *http.Request) (string, error) {
	if packed := strings.Join(r.Header.Values("Content-Encoding"), ","); packed != "" && !strings.EqualFold(packed, "identity") {
		return "", fault.New(fault.UnsupportedMediaType, "Send the body as it is, without a Content-Encoding.").With("supported", []string{"identity"})
	}
	given := slices.Compact(slices.Clone(r.Header.Values(echo.HeaderContentType))) // said twice word for word it is one
	if len(given) != 1 {
		return "", nil
	}
	media, about, err := mime.ParseMediaType(given[0])
	if err != nil {
		return "", nil //nolint:nilerr // what cannot be read is no type that we know
	}
	if set := about["charset"]; set != "" && !strings.EqualFold(set, "utf-8") && slices.Contains(bodyTypes, media) {
		return "", fault.New(fault.UnsupportedMediaType, "JSON is sent in UTF-8; leave the charset out.").With("supported", bodyTypes)
	}
	return media, nil
}

// readBody reads a JSON object from the request, strictly and within bounds.
func readBody(c echo.Context) (register.Body, []byte, error) { return readBodyUpTo(c, maxBody) }

func readBodyUpTo(c echo.Context, most int64) (register.Body, []byte, error) {
	r := c.Request()
	if r.ContentLength > most {
		c.Response().Header().Set("Connection", "close") // the rest is not read
		return nil, nil, tooLarge(most)
	}
	media, err := mediaOf(r)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Contains(bodyTypes, media) {
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

// readInto reads a body whose members are known into a value.
func readInto(c echo.Context, into any, known ...string) error {
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	var faults fault.Fields
	for _, m := range body {
		if !contains(known, m.Name) {
			register.Unknown(&faults, "#", m.Name, func() []string { return known })
		}
	}
	var mistyped *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, into); errors.As(err, &mistyped) {
		faults.At("#/"+strings.ReplaceAll(mistyped.Field, ".", "/"), "invalid_type", "A %s does not fit here.", mistyped.Value)
	} else if err != nil {
		faults.At("#", "invalid_type", "The body does not fit.")
	}
	return faults.Err()
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
		register.Unknown(&faults, "#", m.Name, func() []string { return nil })
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
	var faults fault.Fields
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, name) {
			unknownParameter(&faults, name, func() []string { return known })
		}
	}
	if len(faults) > 0 {
		f := fault.New(fault.UnknownParameter, "Parameters that are not known here are refused.")
		f.Fields = faults
		return nil, f
	}
	if _, err := flag(c, "pretty"); err != nil {
		return nil, err
	}
	return values, onceEach(values)
}

// several are the parameters that list things, whose values add up when they are repeated.
var several = []string{"fields", "include", "kinds", "types"}

// onceEach refuses parameters sent twice of which one would be ignored.
func onceEach(values url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) > 1 && !slices.Contains(several, name) {
			f := invalid(name, "%s is sent once.", name)
			f.Fields[0].Code = "too_many_items"
			return f
		}
	}
	return nil
}

// unknownParameter keeps the fault of a parameter that is not known; valid are the
// names of those that are.
func unknownParameter(faults *fault.Fields, name string, valid func() []string) {
	if len(name) > 100 {
		name = strings.ToValidUTF8(name[:100], "") + "…"
	}
	faults.Guess(fault.Field{Parameter: name, Code: "unknown_field", Detail: "There is no parameter " + name + "."}, name, valid)
}

// query decodes the query string; one that cannot be decoded is refused.
func query(c echo.Context) (url.Values, error) {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.InvalidParameter, "The query string is not properly encoded.").Because(err)
	}
	return values, nil
}
