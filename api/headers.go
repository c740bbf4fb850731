package api

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
)

const requestIDKey = "request_id"

// everywhere are the headers of every answer. Their values are shared: a handler
// sets another, and never changes one in its place.
var everywhere = http.Header{
	"Cache-Control":           {"private, no-cache"},
	"Vary":                    {"Accept, Authorization, Origin"},
	"X-Content-Type-Options":  {"nosniff"},
	"X-Frame-Options":         {"DENY"},
	"Referrer-Policy":         {"no-referrer"},
	"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
}

// headers gives every answer its id and the headers that all have.
func headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get("X-Request-Id")
		if !visible(id, 128) {
			id = uuid.Must(uuid.NewV7()).String()
		}
		c.Set(requestIDKey, id)
		h := c.Response().Header()
		h.Set("X-Request-Id", id)
		maps.Copy(h, everywhere)
		if p := c.Request().URL.Path; p == "/" || p == Base { // found without a key, too
			h.Set("Link", `</openapi.json>; rel="service-desc", </docs>; rel="service-doc"`)
		}
		return next(c)
	}
}

// visible reports whether s is 1 to most characters of visible ASCII.
func visible(s string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func requestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

// exposed are the headers that a browser lets scripts of other origins read.
var exposed = []string{
	"X-Request-Id", "ETag", "Location", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "Idempotent-Replayed",
	"Preference-Applied", "Deprecation", "Sunset", "WWW-Authenticate", "Allow", "Accept-Patch",
}

// cors lets the listed origins in, and no others.
func (s *server) cors() echo.MiddlewareFunc {
	if len(s.config.CORSOrigins) == 0 {
		return func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	}
	return middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins:  s.config.CORSOrigins,
		AllowMethods:  []string{"GET", "HEAD", "POST", "PATCH", "DELETE"},
		AllowHeaders:  []string{"Authorization", "X-API-Key", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID", "Prefer", "Traceparent", "X-Request-Id"},
		ExposeHeaders: exposed,
		MaxAge:        7200,
	})
}

// asked reads what the headers and the query say about a change.
func asked(c echo.Context, raw []byte) (a ledger.Asked, err error) {
	a.RequestID = requestID(c)
	if a.Match, err = readMatch(c.Request().Header.Values("If-Match")); err != nil {
		return a, err
	}
	if a.ValidateOnly, err = flag(c, "validate_only"); err != nil {
		return a, err
	}
	if a.AllowDuplicate, err = flag(c, "allow_duplicate"); err != nil {
		return a, err
	}
	keys := c.Request().Header.Values("Idempotency-Key")
	if len(keys) == 0 {
		return a, nil
	}
	if len(keys) > 1 || !visible(keys[0], 255) {
		return a, fault.New(fault.InvalidIdempotencyKey, "An Idempotency-Key is 1 to 255 visible ASCII characters, sent once.")
	}
	scope := strings.Join([]string{keys[0], authority.From(c.Request().Context()).Principal(), c.Request().Method, c.Request().URL.Path}, "\x00")
	a.IdempotencyKey, a.Fingerprint = inOrder(keys[0])+digest([]byte(scope)), digest(raw)
	return a, nil
}

// inOrder is how a key begins. Kept before its digest, it lets keys that begin with
// a time (UUIDv7, ULID) stand side by side, so that each does not touch a page of
// its own.
func inOrder(key string) string { return key[:min(len(key), 13)] + ":" }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func flag(c echo.Context, name string) (bool, error) {
	if err := onceEach(url.Values{name: c.QueryParams()[name]}); err != nil {
		return false, err
	}
	switch given := c.QueryParam(name); given {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, invalid(name, "%s is true or false.", name)
	}
}

// unmatched refuses If-Match where no record stands yet that it could be held
// against: to ignore it would be to promise what is not kept.
func unmatched(ask ledger.Asked, detail string) error {
	if ask.Match == nil {
		return nil
	}
	f := fault.New(fault.InvalidParameter, "%s", detail)
	f.Fields = []fault.Field{{Header: "If-Match", Code: "conflicts_with", Detail: detail}}
	return f
}

// readMatch reads If-Match: *, or a list of strong tags. A weak tag matches
// nothing (RFC 9110, 13.1.1).
func readMatch(values []string) (*ledger.Match, error) {
	if len(values) == 0 {
		return nil, nil
	}
	given := strings.Join(values, ",")
	if strings.TrimSpace(given) == "*" {
		return &ledger.Match{Any: true}, nil
	}
	bad := fault.New(fault.InvalidParameter, `If-Match takes * or tags in quotes, such as "17".`)
	bad.Fields = []fault.Field{{Header: "If-Match", Code: "invalid_format", Detail: bad.Detail}}
	if len(given) > 2000 {
		return nil, bad
	}
	m := &ledger.Match{Versions: []int{}}
	for tag := range strings.SplitSeq(given, ",") {
		tag = strings.TrimSpace(tag)
		if strings.HasPrefix(tag, `W/"`) && strings.HasSuffix(tag, `"`) {
			m.Weak = true
			continue
		}
		if len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
			return nil, bad
		}
		if v, err := strconv.Atoi(tag[1 : len(tag)-1]); err == nil && etag(v) == tag { // "01" is a tag, and not that of version 1
			m.Versions = append(m.Versions, v)
		}
	}
	return m, nil
}
