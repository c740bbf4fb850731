// Package fault is the vocabulary of what can go wrong. Every package may speak
// it; only package api translates it into an HTTP status.
package fault

import (
	"errors"
	"fmt"
)

// Code says what went wrong, in the words that clients switch on.
type Code string

// The codes that a caller may meet. They are the contract; their texts are not.
const (
	MalformedJSON         Code = "malformed-json"
	UnsupportedMediaType  Code = "unsupported-media-type"
	NotAcceptable         Code = "not-acceptable"
	PayloadTooLarge       Code = "payload-too-large"
	MethodNotAllowed      Code = "method-not-allowed"
	InvalidParameter      Code = "invalid-parameter"
	UnknownParameter      Code = "unknown-parameter"
	InvalidCursor         Code = "invalid-cursor"
	InvalidIdempotencyKey Code = "invalid-idempotency-key"
	ValidationFailed      Code = "validation-failed"
	Unauthenticated       Code = "unauthenticated"
	KeyExpired            Code = "key-expired"
	KeyRevoked            Code = "key-revoked"
	InsufficientScope     Code = "insufficient-scope"
	InsufficientLevel     Code = "insufficient-level"
	SamePerson            Code = "same-person"
	NotFound              Code = "not-found"
	Gone                  Code = "gone"
	Duplicate             Code = "duplicate"
	InvalidTransition     Code = "invalid-transition"
	TransitionBlocked     Code = "transition-blocked"
	StillReferenced       Code = "still-referenced"
	StillResponsible      Code = "still-responsible"
	LastEscalationPoint   Code = "last-escalation-point"
	IdempotencyInFlight   Code = "idempotency-in-flight"
	IdempotencyKeyReused  Code = "idempotency-key-reused"
	QueryTooBroad         Code = "query-too-broad"
	PreconditionFailed    Code = "precondition-failed"
	PreconditionRequired  Code = "precondition-required"
	QuotaExceeded         Code = "quota-exceeded"
	JobFailed             Code = "job-failed"
	ImportInvalid         Code = "import-invalid"
	DependencyUnavailable Code = "dependency-unavailable"
	Maintenance           Code = "maintenance"
	Busy                  Code = "busy"
	StorageFull           Code = "storage-full"
	Internal              Code = "internal"
)

// Field is what is wrong with one part of the request: a member of the body
// (Pointer), a query or path parameter, or a header.
type Field struct {
	Pointer    string         `json:"pointer,omitempty"`
	Parameter  string         `json:"parameter,omitempty"`
	Header     string         `json:"header,omitempty"`
	Code       string         `json:"code"`
	Detail     string         `json:"detail"`
	Suggestion string         `json:"suggestion,omitempty"`
	Params     map[string]any `json:"params,omitempty"`
}

// Facts are members that a fault carries beside its text, under their wire names.
type Facts map[string]any

// Error is a failure that a caller may be told about.
type Error struct {
	Code   Code
	Detail string
	Fields []Field
	Facts  Facts
	cause  error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.cause)
	}
	return string(e.Code) + ": " + e.Detail
}

// Unwrap gives the cause, which is for the log and never for the caller.
func (e *Error) Unwrap() error { return e.cause }

// With adds a fact and returns e, so that it reads in one line.
func (e *Error) With(name string, value any) *Error {
	if e.Facts == nil {
		e.Facts = Facts{}
	}
	e.Facts[name] = value
	return e
}

// Because keeps the cause for the log.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// New returns a fault with a formatted detail, written for the caller to read.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Of finds the fault in err's chain. Any other error is Internal, and its text
// stays out of the result.
func Of(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return &Error{Code: Internal, Detail: "Something went wrong on our side; the log has it under the request id.", cause: err}
}

// Is reports whether err is a fault of the given code.
func Is(err error, code Code) bool {
	var f *Error
	return errors.As(err, &f) && f.Code == code
}

// most is how many faults one answer names, guesses how many of the first of them
// come with the nearest name: looking for that costs more than all the rest.
const (
	most    = 100
	guesses = 20
)

// Fields collects the faults of one request, so that all are told at once.
type Fields []Field

// Add keeps one more fault.
func (f *Fields) Add(field Field) {
	if len(*f) < most {
		*f = append(*f, field)
	}
}

// Guess keeps a fault of a name that was given, with the nearest of those that
// would be right. They are asked for only where the nearest is looked for.
func (f *Fields) Guess(field Field, given string, right func() []string) {
	if f.Guessing() {
		field.Suggestion = Nearest(given, right())
	}
	if field.Suggestion != "" && field.Code == "unknown_field" {
		field.Detail += " Did you mean " + field.Suggestion + "?"
	}
	f.Add(field)
}

// Guessing reports whether the nearest name is still looked for.
func (f Fields) Guessing() bool { return len(f) < guesses }

// At keeps a fault of the body's member at pointer.
func (f *Fields) At(pointer, code, format string, args ...any) {
	f.Add(Field{Pointer: pointer, Code: code, Detail: fmt.Sprintf(format, args...)})
}

// Err is nil without faults, else the validation failure that names them all.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Code: ValidationFailed, Detail: "Fix the fields listed in errors and send it again.", Fields: f}
}
