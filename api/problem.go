package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
)

// ProblemDetails are how a fault reads over HTTP (RFC 9457). Switch on code: it
// is the contract, the texts are not.
type ProblemDetails struct {
	// Type is the problem's constant URI.
	Type string `json:"type" format:"uri"`
	// Title is the problem in a few words.
	Title string `json:"title"`
	// Status is the HTTP status.
	Status int `json:"status"`
	// Detail says what to do, for a person.
	Detail string `json:"detail"`
	// Instance names this occurrence.
	Instance string `json:"instance"`
	// Code names the kind of problem.
	Code string `json:"code"`
	// RequestID is the id under which the log has it.
	RequestID string `json:"request_id"`
	// Errors are all faults found in the request, at once.
	Errors []fault.Field `json:"errors,omitempty"`

	facts fault.Facts
}

// kind is what a fault is over HTTP.
type kind struct {
	status int
	title  string
}

// kinds is the only place where a fault meets an HTTP status.
var kinds = map[fault.Code]kind{
	fault.MalformedJSON:         {http.StatusBadRequest, "The body is not valid JSON"},
	fault.UnsupportedMediaType:  {http.StatusUnsupportedMediaType, "The body's media type is not read here"},
	fault.NotAcceptable:         {http.StatusNotAcceptable, "The answer cannot be given in that form"},
	fault.PayloadTooLarge:       {http.StatusRequestEntityTooLarge, "The body is too large"},
	fault.MethodNotAllowed:      {http.StatusMethodNotAllowed, "The method is not allowed here"},
	fault.InvalidParameter:      {http.StatusBadRequest, "A parameter is not right"},
	fault.UnknownParameter:      {http.StatusBadRequest, "A parameter is unknown"},
	fault.InvalidCursor:         {http.StatusBadRequest, "The cursor is not valid"},
	fault.InvalidIdempotencyKey: {http.StatusBadRequest, "The Idempotency-Key is not valid"},
	fault.ValidationFailed:      {http.StatusUnprocessableEntity, "The request breaks rules"},
	fault.Unauthenticated:       {http.StatusUnauthorized, "The caller is not known"},
	fault.KeyExpired:            {http.StatusUnauthorized, "The key has ended"},
	fault.KeyRevoked:            {http.StatusUnauthorized, "The key was revoked"},
	fault.InsufficientScope:     {http.StatusForbidden, "The key does not open this"},
	fault.InsufficientLevel:     {http.StatusForbidden, "This takes a higher level"},
	fault.SamePerson:            {http.StatusForbidden, "This takes another person"},
	fault.NotFound:              {http.StatusNotFound, "There is no such thing"},
	fault.Gone:                  {http.StatusGone, "It was removed"},
	fault.Duplicate:             {http.StatusConflict, "There is one already"},
	fault.InvalidTransition:     {http.StatusConflict, "The transition does not lead out of this state"},
	fault.TransitionBlocked:     {http.StatusConflict, "The transition is blocked"},
	fault.StillReferenced:       {http.StatusConflict, "Other records still refer to it"},
	fault.StillResponsible:      {http.StatusConflict, "The person is still responsible"},
	fault.LastEscalationPoint:   {http.StatusConflict, "It is the last escalation point"},
	fault.IdempotencyInFlight:   {http.StatusConflict, "A request with this key is under way"},
	fault.IdempotencyKeyReused:  {http.StatusUnprocessableEntity, "The Idempotency-Key was used with another body"},
	fault.QueryTooBroad:         {http.StatusUnprocessableEntity, "The query is too broad"},
	fault.PreconditionFailed:    {http.StatusPreconditionFailed, "The record has changed"},
	fault.PreconditionRequired:  {http.StatusPreconditionRequired, "If-Match is required"},
	fault.QuotaExceeded:         {http.StatusTooManyRequests, "Too many requests"},
	fault.JobFailed:             {http.StatusUnprocessableEntity, "The job failed"},
	fault.ImportInvalid:         {http.StatusUnprocessableEntity, "The import is not valid"},
	fault.DependencyUnavailable: {http.StatusServiceUnavailable, "Something we depend on is not available"},
	fault.Maintenance:           {http.StatusServiceUnavailable, "The register is being maintained"},
	fault.Busy:                  {http.StatusServiceUnavailable, "The register is busy"},
	fault.StorageFull:           {http.StatusInsufficientStorage, "The disk is full"},
	fault.Internal:              {http.StatusInternalServerError, "Something went wrong on our side"},
}

// problemBase is what the types of problems begin with, on every installation.
const problemBase = "https://rapport.example.org/problems/"

// problemType is the constant URI of a kind of problem.
func problemType(code fault.Code) string {
	if code == fault.QuotaExceeded {
		return quotaType
	}
	return problemBase + string(code)
}

// sendProblem is the last to see any error that a handler returns.
func (s *server) sendProblem(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	f := translate(c, err)
	s.ledger.SayWho(c.Request().Context(), f)
	if f.Code == fault.Internal {
		slog.ErrorContext(c.Request().Context(), "request failed", "request_id", requestID(c), "route", c.Path(), "err", err)
	}
	k := kinds[f.Code]
	h := c.Response().Header()
	switch k.status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="rapport"`)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	case http.StatusConflict:
		if f.Code == fault.IdempotencyInFlight {
			h.Set("Retry-After", "1")
		}
	}
	h.Del("ETag")
	h.Set(echo.HeaderContentType, "application/problem+json")
	body, err := json.Marshal(problemOf(f, requestID(c)))
	if err != nil {
		body = []byte(`{"code":"internal"}`)
	}
	if wantsPretty(c, s) {
		body = indented(body)
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	c.Response().WriteHeader(k.status)
	_, _ = c.Response().Write(body) // the caller may have gone
}

// problemOf is a fault as it reads over HTTP.
func problemOf(f *fault.Error, id string) ProblemDetails {
	k := kinds[f.Code]
	title := k.title
	if n := len(f.Fields); n > 0 && f.Code == fault.ValidationFailed {
		title = "The request breaks " + strconv.Itoa(n) + " rule" + plural(n)
	}
	return ProblemDetails{
		Type: problemType(f.Code), Title: title, Status: k.status, Detail: f.Detail,
		Instance: "urn:uuid:" + id, Code: string(f.Code), RequestID: id, Errors: f.Fields, facts: f.Facts,
	}
}

// MarshalJSON writes the members of every problem, then the facts of this one.
func (p ProblemDetails) MarshalJSON() ([]byte, error) {
	type bare ProblemDetails
	raw, err := json.Marshal(bare(p))
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(p.facts)) {
		fact, err := json.Marshal(p.facts[name])
		if err != nil {
			continue
		}
		raw = append(raw[:len(raw)-1], `,"`+name+`":`...)
		raw = append(append(raw, fact...), '}')
	}
	return raw, nil
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func indented(raw []byte) []byte {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return raw
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// translate turns Echo's own errors into faults.
func translate(c echo.Context, err error) *fault.Error {
	var he *echo.HTTPError
	if !errors.As(err, &he) {
		if f := fault.Of(err); f.Code != fault.Internal || !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			return f
		}
		return fault.New(fault.Busy, "The time for this request was up.").Because(err)
	}
	switch he.Code {
	case http.StatusNotFound:
		return fault.New(fault.NotFound, "There is no such path.")
	case http.StatusMethodNotAllowed:
		allow := c.Response().Header().Get(echo.HeaderAllow)
		return fault.New(fault.MethodNotAllowed, "Use one of %s.", allow).With("allowed", strings.Split(allow, ", "))
	case http.StatusRequestEntityTooLarge:
		return tooLarge(maxBody)
	case http.StatusServiceUnavailable:
		return fault.New(fault.Busy, "The request took too long.").Because(err)
	}
	return fault.Of(err)
}

func tooLarge(most int64) *fault.Error {
	return fault.New(fault.PayloadTooLarge, "The body may have at most %d bytes.", most).With("max_bytes", most)
}

// invalid is the fault of one query parameter.
func invalid(parameter, format string, args ...any) *fault.Error {
	f := fault.New(fault.InvalidParameter, format, args...)
	f.Fields = []fault.Field{{Parameter: parameter, Code: "invalid_format", Detail: f.Detail}}
	return f
}
