package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// mostOperations is how many changes one batch makes.
const mostOperations = 200

// BatchRequest is many changes of one collection's records.
type BatchRequest struct {
	// Atomic says whether all are made or none; false makes those that can be made.
	Atomic bool `json:"atomic,omitempty" default:"true"`
	// Operations are the changes, in the order in which they are made.
	Operations []BatchOperation `json:"operations" validate:"required,min=1,max=200"`
}

// BatchOperation is one change of a batch.
type BatchOperation struct {
	// Op says what is done.
	Op string `json:"op" enums:"create,update,upsert,transition,delete" validate:"required"`
	// ID is the id or the ref of the record: of update, transition and delete.
	ID string `json:"id,omitempty" maxLength:"64"`
	// System is the other system's short name: of upsert.
	System string `json:"system,omitempty" maxLength:"60"`
	// Key is the record's key in the other system: of upsert.
	Key string `json:"key,omitempty" maxLength:"200"`
	// IfMatch is the version you saw, as If-Match has it; the quotes may be left out. With another one the operation fails: precondition-failed.
	IfMatch string `json:"if_match,omitempty"`
	// Body is what the request for this one change would send; delete has none.
	Body map[string]any `json:"body,omitempty"`
}

// BatchAnswer says what came of a batch.
type BatchAnswer struct {
	// Data are the operations in their order. An answer that is repeated under its Idempotency-Key has only the summary.
	Data []BatchRow `json:"data"`
	// Summary counts them.
	Summary BatchSummary `json:"summary"`
}

// BatchRow says what came of one operation.
type BatchRow struct {
	// Index is the operation's place in the request, from 0.
	Index int `json:"index"`
	// Status is what the request for this one change would be answered with.
	Status int `json:"status"`
	// ID is the record's id; null where there is none.
	ID *string `json:"id" format:"uuid"`
	// Ref is the record's short name; null where there is none.
	Ref *string `json:"ref"`
	// ETag is the version that the operation left; null where there is none.
	ETag *string `json:"etag"`
	// TrackingToken is what the complainant follows a complaint by that was entered; shown this once.
	TrackingToken string `json:"tracking_token,omitempty"`
	// TrackingURL leads to what it shows.
	TrackingURL string `json:"tracking_url,omitempty"`
	// Problem says why it was refused, null unless it was.
	Problem *ProblemDetails `json:"problem" extensions:"x-nullable"`
}

// BatchSummary counts the operations of a batch.
type BatchSummary struct {
	// Succeeded is how many were made.
	Succeeded int `json:"succeeded"`
	// Failed is how many were refused.
	Failed int `json:"failed"`
}

// batch makes many changes in one commit.
func (r resource) batch(c echo.Context) error {
	ctx := c.Request().Context()
	body, raw, err := readBodyUpTo(c, maxBatch)
	if err != nil {
		return err
	}
	if _, err := params(c, "validate_only", "allow_duplicate"); err != nil {
		return err
	}
	ask, err := asked(c, raw)
	if err != nil {
		return err
	}
	if err := unmatched(ask, "Each operation of a batch says for itself which version it saw, in if_match."); err != nil {
		return err
	}
	if err := r.ledger.MayBatch(ctx, r.noun); err != nil {
		return err
	}
	operations, atomic, err := readBatch(body, r.noun)
	if err != nil {
		return err
	}
	done, err := r.ledger.Batch(ctx, r.noun, operations, atomic, ask)
	if err != nil {
		return err
	}
	return r.sendBatch(c, done, atomic, ask.ValidateOnly)
}

func (r resource) sendBatch(c echo.Context, done ledger.BatchAnswer, atomic, validateOnly bool) error {
	answer := BatchAnswer{Data: make([]BatchRow, len(done.Outcomes)), Summary: BatchSummary{done.Succeeded, done.Failed}}
	for i := range done.Outcomes {
		answer.Data[i] = rowOf(i, &done.Outcomes[i], validateOnly, requestID(c))
		if token := done.Outcomes[i].Token; token != "" {
			answer.Data[i].TrackingToken, answer.Data[i].TrackingURL = token, r.trackingURL(token)
			c.Response().Header().Set("Cache-Control", "no-store")
		}
	}
	if done.Replayed {
		c.Response().Header().Set("Idempotent-Replayed", "true")
	}
	if atomic {
		return r.send(c, http.StatusOK, answer)
	}
	return r.send(c, http.StatusMultiStatus, answer)
}

// rowOf is an operation's outcome as it is told. A record that is not entered has
// no id that anybody could use.
func rowOf(i int, o *ledger.Outcome, validateOnly bool, request string) BatchRow {
	row := BatchRow{Index: i, Status: http.StatusOK}
	switch {
	case o.Refused != nil:
		p := problemOf(o.Refused, request)
		row.Status, row.Problem = p.Status, &p
		return row
	case o.Created && validateOnly:
		return row
	case o.Created:
		row.Status = http.StatusCreated
	case o.Removed:
		row.Status = http.StatusNoContent
	}
	tag := etag(o.Version)
	row.ID, row.Ref, row.ETag = &o.ID, &o.Ref, &tag
	return row
}

// readBatch reads {atomic, operations}. What is wrong with one operation of a
// batch that is not atomic is that operation's fault alone.
func readBatch(body register.Body, n *register.Noun) (list []ledger.Operation, atomic bool, err error) {
	var faults fault.Fields
	var items []json.RawMessage
	atomic = true
	for _, m := range body {
		switch m.Name {
		case "atomic":
			if m.Raw.Kind() != 't' && m.Raw.Kind() != 'f' {
				faults.At("#/atomic", "invalid_type", "atomic is true or false.")
			}
			atomic = m.Raw.Kind() != 'f'
		case "operations":
			if m.Raw.Kind() != '[' || json.Unmarshal(m.Raw, &items) != nil {
				faults.At("#/operations", "invalid_type", "operations takes a list.")
			}
		default:
			faults.Add(unknownMember("#/", m.Name, "atomic", "operations"))
		}
	}
	if len(items) > mostOperations {
		faults.At("#/operations", "too_many_items", "A batch takes at most %d operations.", mostOperations)
	} else if len(items) == 0 && len(faults) == 0 {
		faults.At("#/operations", "required", "Say what is to be done: operations is required.")
	}
	if len(faults) > 0 {
		return nil, atomic, faults.Err()
	}
	for i, item := range items {
		op, wrong := readOperation("#/operations/"+strconv.Itoa(i), item, n)
		if op.Wrong = wrong.Err(); atomic {
			for _, f := range wrong {
				faults.Add(f)
			}
		}
		list = append(list, op)
	}
	return list, atomic, faults.Err()
}

// operationMembers are what each operation takes, the first of them always.
var operationMembers = map[string]struct{ needs, takes []string }{
	"create":     {[]string{"body"}, nil},
	"update":     {[]string{"id", "body"}, []string{"if_match"}},
	"upsert":     {[]string{"system", "key", "body"}, []string{"if_match"}},
	"transition": {[]string{"id", "body"}, []string{"if_match"}},
	"delete":     {[]string{"id"}, []string{"if_match"}},
}

// operationNames are the operations, in the order of their telling.
var operationNames = []string{"create", "update", "upsert", "transition", "delete"}

func readOperation(at string, raw []byte, n *register.Noun) (op ledger.Operation, faults fault.Fields) {
	members, err := register.ParseBody(raw)
	if err != nil {
		faults.At(at, "invalid_type", "An operation is an object.")
		return op, faults
	}
	texts := map[string]*string{"op": &op.Op, "id": &op.Name, "system": &op.External.System, "key": &op.External.Key, "if_match": new(string)}
	for _, m := range members {
		if into := texts[m.Name]; into != nil && json.Unmarshal(m.Raw, into) != nil {
			faults.At(at+"/"+m.Name, "invalid_type", "%s takes text.", m.Name)
		}
	}
	names := operationNames
	if n.New().Common() == nil { // it has no external ids
		names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "upsert" })
	}
	if !slices.Contains(names, op.Op) {
		faults.Add(fault.Field{Pointer: at + "/op", Code: "not_in_enum", Detail: "op is one of " + strings.Join(names, ", ") + ".", Suggestion: fault.Nearest(op.Op, names), Params: map[string]any{"allowed": names}})
		return op, faults
	}
	checkMembers(at, op.Op, members, &faults)
	for _, name := range []string{"system", "key"} {
		var ok bool
		if *texts[name], ok = register.Cleaned(*texts[name]); !ok {
			faults.At(at+"/"+name, "invalid_format", "%s holds a control character.", name)
		}
	}
	op.Match = readVersion(at, *texts["if_match"], &faults)
	readOperationBody(at, members.Get("body"), &op, &faults)
	return op, faults
}

// checkMembers refuses members that an operation does not take, and wants those it needs.
func checkMembers(at, name string, members register.Body, faults *fault.Fields) {
	of := operationMembers[name]
	known := slices.Concat([]string{"op"}, of.needs, of.takes)
	for _, m := range members {
		if !slices.Contains(known, m.Name) {
			faults.Add(unknownMember(at+"/", m.Name, known...))
		}
	}
	for _, need := range of.needs {
		if raw := members.Get(need); raw == nil || string(raw) == "null" || string(raw) == `""` {
			faults.At(at+"/"+need, "required", "%s is required for %s.", need, name)
		}
	}
}

func unknownMember(at, name string, known ...string) fault.Field {
	return fault.Field{Pointer: at + name, Code: "unknown_field", Detail: "Unknown field " + name + ".", Suggestion: fault.Nearest(name, known)}
}

// readVersion reads if_match: a tag as If-Match has it, or the bare number in it.
func readVersion(at, given string, faults *fault.Fields) *ledger.Match {
	if given == "" {
		return nil
	}
	if _, err := strconv.Atoi(given); err == nil {
		given = strconv.Quote(given)
	}
	m, err := readMatch([]string{given})
	if err != nil {
		faults.At(at+"/if_match", "invalid_format", `if_match takes a version such as 17, or *.`)
	}
	return m
}

func readOperationBody(at string, raw []byte, op *ledger.Operation, faults *fault.Fields) {
	if raw == nil || op.Op == "delete" {
		return
	}
	body, err := register.ParseBody(raw)
	if err != nil {
		faults.At(at+"/body", "invalid_type", "body takes an object.")
		return
	}
	op.Body = body
	if op.Op != "transition" {
		return
	}
	if op.Move, err = readMove(body); err != nil {
		for _, f := range fault.Of(err).Fields {
			f.Pointer = at + "/body" + strings.TrimPrefix(f.Pointer, "#")
			faults.Add(f)
		}
	}
}
