package main

import (
	"slices"
	"strings"

	"rapport/internal/fault"
)

// problem is a kind of problem as an example tells it.
type problem struct {
	code   fault.Code
	title  string
	detail string
	facts  obj
}

// problemStatus is a status with the problems that are answered under it.
type problemStatus struct {
	status, name, about string
	problems            []problem
}

const exampleRequest = "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b"

func wrong(pointer, code, detail string) obj {
	return obj{"errors": []any{obj{"pointer": pointer, "code": code, "detail": detail}}}
}

func wrongParameter(name, code, detail, suggestion string) obj {
	e := obj{"parameter": name, "code": code, "detail": detail}
	if suggestion != "" {
		e["suggestion"] = suggestion
	}
	return obj{"errors": []any{e}}
}

// problemTable is every status of failure with an example of each of its problems.
var problemTable = []problemStatus{
	{"400", "BadRequest", "The request cannot be read.", []problem{
		{fault.MalformedJSON, "The body is not valid JSON", "The body ends too early.", obj{"offset": 17}},
		{fault.InvalidParameter, "A parameter is not right", "Fix the parameters listed in errors.", wrongParameter("limit", "out_of_range", "limit is a number from 1 to 200.", "")},
		{fault.UnknownParameter, "A parameter is unknown", "Parameters that are not known here are refused.", wrongParameter("stat", "unknown_field", "There is no parameter stat. Did you mean state?", "state")},
		{fault.InvalidCursor, "The cursor is not valid", "The cursor belongs to another list; begin anew without it.", nil},
		{fault.InvalidIdempotencyKey, "The Idempotency-Key is not valid", "An Idempotency-Key is 1 to 255 visible ASCII characters, sent once.", nil},
	}},
	{"401", "Unauthenticated", "It is not known who is asking.", []problem{
		{fault.Unauthenticated, "The caller is not known", "Send Authorization: Bearer with an API key.", nil},
		{fault.KeyExpired, "The key has ended", "The key has ended; ask for a new one.", nil},
		{fault.KeyRevoked, "The key was revoked", "The key was revoked; ask for a new one.", nil},
	}},
	{"403", "Forbidden", "The caller may not do this.", []problem{
		{fault.InsufficientLevel, "This takes a higher level", "This takes level 5.", obj{"required_level": 5, "your_level": 4, "because": []any{}, "escalate_to": obj{"level": 5, "user_id": exampleID("user"), "name": "Ben Okafor"}}},
		{fault.InsufficientScope, "The key does not open this", "The key does not open this.", obj{"required_scopes": []any{"stakeholders:write"}, "granted_scopes": []any{"stakeholders:read"}}},
		{fault.SamePerson, "This takes another person", "Who proposed it cannot approve it.", obj{"acted_as": "propose", "at": exampleTime}},
	}},
	{"404", "NotFound", "There is no such thing, or the caller may not see it.", []problem{
		{fault.NotFound, "There is no such thing", "There is no such record.", nil},
	}},
	{"405", "MethodNotAllowed", "The path takes other methods; Allow names them.", []problem{
		{fault.MethodNotAllowed, "The method is not allowed here", "Use one of GET, PATCH, DELETE.", obj{"allowed": []any{"GET", "PATCH", "DELETE"}}},
	}},
	{"406", "NotAcceptable", "The answer cannot be given in the form asked for.", []problem{
		{fault.NotAcceptable, "The answer cannot be given in that form", "Answers are application/json.", obj{"supported": []any{"application/json", "application/problem+json"}}},
	}},
	{"409", "Conflict", "The state of things does not allow it.", []problem{
		{fault.Duplicate, "There is one already", "There is one like it.", obj{"candidates": []any{obj{"id": exampleID("stakeholder"), "ref": "STK-7", "name": "Riverside Residents", "url": "/api/v1/stakeholders/" + exampleID("stakeholder"), "score": 0.95, "matched_on": []any{"name"}}}}},
		{fault.InvalidTransition, "The transition does not lead out of this state", "close does not lead out of open.", obj{"current_state": "open", "requested": "close", "allowed_transitions": []any{"assign"}}},
		{fault.TransitionBlocked, "The transition is blocked", "close is blocked: CAP-9 is not verified yet.", obj{"blockers": []any{obj{"code": "open_corrective_action", "detail": "CAP-9 is not verified yet.", "resource": nil}}}},
		{fault.StillReferenced, "Other records still refer to it", "Other records still refer to it.", obj{"references": []any{obj{"collection": "assessments", "count": 2, "url": "/api/v1/assessments?stakeholder_id=" + exampleID("stakeholder")}}}},
		{fault.StillResponsible, "The person is still responsible", "Hand over what the person answers for first.", obj{"references": []any{obj{"collection": "complaints", "count": 1, "url": "/api/v1/complaints?owner_id=" + exampleID("user")}}}},
		{fault.LastEscalationPoint, "It is the last escalation point", "Somebody else must stand at the top first.", nil},
		{fault.IdempotencyInFlight, "A request with this key is under way", "Wait and send it again.", nil},
	}},
	{"410", "Gone", "It was removed; those who could see it are told so.", []problem{
		{fault.Gone, "It was removed", "The record was removed.", obj{"deleted_at": exampleTime, "deleted_by": exampleMaker, "restore_url": "/api/v1/stakeholders/" + exampleID("stakeholder") + "/restore"}},
	}},
	{"412", "PreconditionFailed", "The record is no longer as the caller saw it.", []problem{
		{fault.PreconditionFailed, "The record has changed", "Read the record again.", obj{"current_version": 3, "current_etag": `"3"`, "changed_fields": []any{"description"}, "changed_by": exampleMaker, "changed_at": exampleTime}},
	}},
	{"413", "PayloadTooLarge", "The body is too large.", []problem{
		{fault.PayloadTooLarge, "The body is too large", "The body may have at most 1048576 bytes.", obj{"max_bytes": 1048576}},
	}},
	{"415", "UnsupportedMediaType", "The body is of a type that is not read here.", []problem{
		{fault.UnsupportedMediaType, "The body's media type is not read here", "Send application/json.", obj{"supported": []any{"application/json", "application/merge-patch+json"}}},
	}},
	{"422", "Unprocessable", "The request is understood and breaks a rule; errors names every field.", []problem{
		{fault.ValidationFailed, "The request breaks 1 rule", "Fix the fields listed in errors and send it again.", wrong("#/name", "required", "name is required.")},
		{fault.IdempotencyKeyReused, "The Idempotency-Key was used with another body", "Use a new key for another request.", nil},
		{fault.QueryTooBroad, "The query is too broad", "Narrow it by one of the access paths.", obj{"access_paths": []any{"state -> -updated_at"}}},
		{fault.JobFailed, "The job failed", "The job failed; job_url tells why.", obj{"job_url": "/api/v1/jobs/" + exampleID("job")}},
		{fault.ImportInvalid, "The import is not valid", "30 rows are not valid.", obj{"errors_url": "/api/v1/imports/" + exampleID("import") + "/errors"}},
	}},
	{"428", "PreconditionRequired", "This installation wants If-Match with every change.", []problem{
		{fault.PreconditionRequired, "If-Match is required", "Send If-Match with the version you saw.", obj{"current_etag": `"3"`}},
	}},
	{"429", "TooManyRequests", "The quota is used up for now.", []problem{
		{fault.QuotaExceeded, "Too many requests", "Wait for as long as Retry-After says.", obj{"violated-policies": []any{"write"}}},
	}},
	{"500", "InternalError", "Something went wrong on our side.", []problem{
		{fault.Internal, "Something went wrong on our side", "Something went wrong on our side; the log has it under the request id.", nil},
	}},
	{"503", "Unavailable", "The register is busy or not ready.", []problem{
		{fault.Busy, "The register is busy", "Try again in a moment.", nil},
		{fault.DependencyUnavailable, "Something we depend on is not available", "Try again in a moment.", nil},
		{fault.Maintenance, "The register is being maintained", "Try again in a moment.", nil},
	}},
	{"507", "StorageFull", "The disk is full; nothing was written.", []problem{
		{fault.StorageFull, "The disk is full", "Nothing was written; tell who runs the installation.", nil},
	}},
}

// problemFacts are the members that single problems have beside the common ones.
var problemFacts = obj{
	"required_level": obj{"type": "integer", "description": "The least level that it takes."},
	"your_level":     obj{"type": []any{"integer", "null"}, "description": "The caller's level; null for none."},
	"because":        obj{"type": "array", "items": obj{"type": "string"}, "description": "What raised the level."},
	"escalate_to": obj{"type": []any{"object", "null"}, "description": "Who could do it; null where nobody could.", "properties": obj{
		"level":   obj{"type": "integer", "description": "The person's level."},
		"user_id": obj{"type": "string", "description": "The person's id."},
		"name":    obj{"type": "string", "description": "What the person is called."},
	}},
	"at":                  obj{"type": []any{"string", "null"}, "description": "When they did it; null where that does not matter."},
	"required_scopes":     obj{"type": "array", "items": obj{"type": "string"}, "description": "The scopes that it takes."},
	"granted_scopes":      obj{"type": "array", "items": obj{"type": "string"}, "description": "The scopes that the key has."},
	"current_state":       obj{"type": "string", "description": "The state that the record is in."},
	"allowed_transitions": obj{"type": "array", "items": obj{"type": "string"}, "description": "The transitions that lead out of it."},
	"blockers":            obj{"type": "array", "items": obj{"$ref": schemaRef + "Blocker"}, "description": "All that stands in the way, at once."},
	"current_version":     obj{"type": "integer", "description": "The version that stands now."},
	"current_etag":        obj{"type": "string", "description": "The ETag that stands now."},
	"changed_fields":      obj{"type": "array", "items": obj{"type": "string"}, "description": "The fields that changed since, by name."},
	"changed_by":          maker("Who changed it last."),
	"deleted_by":          maker("Who removed it."),
	"restore_url":         obj{"type": "string", "description": "Where a removed record is restored."},
	"access_paths":        obj{"type": "array", "items": obj{"type": "string"}, "description": "The lists that stay fast."},
}

// exampleMaker is somebody in an example.
var exampleMaker = obj{"type": "user", "id": exampleID("user"), "name": "Ana Pop"}

// maker is the schema of who did something.
func maker(description string) obj {
	return obj{"type": "object", "description": description, "properties": obj{
		"type": obj{"type": "string", "description": "user, service or system."},
		"id":   obj{"type": []any{"string", "null"}, "description": "The person's or the key's id; null for the register itself."},
		"name": obj{"type": []any{"string", "null"}, "description": "What they are called."},
	}}
}

const problemName = "ProblemDetails"

// problemSchema completes the schema of problems: the codes, and the facts of some.
func (d *doc) problemSchema() {
	if d.schemas()[problemName] == nil {
		d.schemas()[problemName] = obj{"type": "object", "properties": obj{}}
	}
	schema := asObj(d.schemas()[problemName])
	properties := asObj(schema["properties"])
	for name, s := range problemFacts {
		if ref, ok := s.(obj)["items"].(obj); ok && ref["$ref"] != nil && d.schemas()["Blocker"] == nil {
			continue
		}
		properties[name] = clone(s)
	}
	var codes []string
	for _, s := range problemTable {
		for _, p := range s.problems {
			codes = append(codes, string(p.code))
			for name, v := range p.facts {
				if properties[name] == nil {
					properties[name] = schemaLike(v, "Of the problem "+string(p.code)+".")
				}
			}
		}
	}
	slices.Sort(codes)
	d.schemas()["ProblemCode"] = obj{"type": "string", "enum": list(codes), "description": "What went wrong: the word to switch on. More may come; read those you do not know by their status."}
	properties["code"] = obj{"$ref": schemaRef + "ProblemCode", "description": "Code names the kind of problem."}
}

// schemaLike is the schema of a value such as v.
func schemaLike(v any, about string) obj {
	out := obj{"description": about}
	switch v := v.(type) {
	case string:
		out["type"] = "string"
	case int:
		out["type"] = "integer"
	case []any:
		out["type"], out["items"] = "array", schemaLike(v[0], "An item.")
	case obj:
		out["type"], out["additionalProperties"] = "object", true
	}
	return out
}

// problemAnswers makes the shared answers, each with an example of each problem.
func (d *doc) problemAnswers() {
	answers := d.part("responses")
	for _, s := range problemTable {
		examples := obj{}
		for _, p := range s.problems {
			value := obj{
				"type": "https://rapport.example.org/problems/" + string(p.code), "title": p.title, "status": number(s.status), "detail": p.detail,
				"instance": "urn:uuid:" + exampleRequest, "code": string(p.code), "request_id": exampleRequest,
			}
			if p.code == fault.QuotaExceeded {
				value["type"] = "https://iana.org/assignments/http-problem-types#quota-exceeded" // it has a type of its own
			}
			for k, v := range p.facts {
				value[k] = v
			}
			examples[string(p.code)] = obj{"summary": p.title, "value": value}
		}
		headers := obj{"X-Request-Id": obj{"$ref": "#/components/headers/X-Request-Id"}}
		switch s.status {
		case "401":
			headers["WWW-Authenticate"] = obj{"$ref": "#/components/headers/WWW-Authenticate"}
		case "429":
			for _, name := range []string{"Retry-After", "RateLimit", "RateLimit-Policy"} {
				headers[name] = obj{"$ref": "#/components/headers/" + name}
			}
		case "503":
			headers["Retry-After"] = obj{"$ref": "#/components/headers/Retry-After"}
		}
		answers[s.name] = obj{
			"description": s.about, "headers": headers,
			"content": obj{"application/problem+json": obj{"schema": obj{"$ref": schemaRef + problemName}, "examples": examples}},
		}
	}
}

func number(status string) int {
	n := 0
	for _, c := range status {
		n = n*10 + int(c-'0')
	}
	return n
}

// problem lets an operation answer the problems of a status.
func (d *doc) problem(responses obj, status string) {
	for _, s := range problemTable {
		if s.status == status {
			responses[status] = obj{"$ref": "#/components/responses/" + s.name}
		}
	}
}

// problemsOf are the statuses of failure that an operation may answer.
func problemsOf(op obj, path, method string, root bool) []string {
	public := len(asList(op["security"])) == 0 && op["security"] != nil
	if root && public && !strings.HasPrefix(path, "/feeds/") { // which the database answers
		if strings.Contains(path, "{") {
			return []string{"400", "404", "406"}
		}
		return []string{"400", "406"}
	}
	statuses := []string{"400", "406", "429", "500", "503"}
	if !public {
		statuses = append(statuses, "401", "403")
	}
	if strings.Contains(path, "{") {
		statuses = append(statuses, "404")
	}
	if strings.Contains(path, "{id}") || strings.Contains(path, "by-external-id") {
		statuses = append(statuses, "410")
	}
	reads := method == "get" || strings.HasSuffix(path, "/search")
	if reads && method != "get" {
		statuses = append(statuses, "422")
	}
	if !reads {
		statuses = append(statuses, "409", "412", "422", "428", "507")
	}
	if method == "get" && len(asList(op["parameters"])) > 1 {
		statuses = append(statuses, "422")
	}
	if op["requestBody"] != nil {
		statuses = append(statuses, "413", "415")
	}
	return statuses
}
