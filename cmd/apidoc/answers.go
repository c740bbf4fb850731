package main

import (
	"strconv"
	"strings"

	"rapport/internal/register"
)

// parameters settles what swag could not say of parameters.
func (d *doc) parameters(op obj) {
	list, _ := op["parameters"].([]any)
	for _, p := range list {
		param := asObj(p)
		schema, _ := param["schema"].(obj)
		if schema == nil || param["in"] == "path" {
			continue
		}
		if typed(schema, "array") {
			schema["maxItems"] = 200
		}
	}
}

// body gives a request's body its media types and an example.
func (d *doc) body(op obj, m mark, method string) {
	body, _ := op["requestBody"].(obj)
	if body == nil {
		return
	}
	content, _ := body["content"].(obj)
	for _, anything := range []string{"*/*", "application/octet-stream"} {
		if c, there := content[anything]; there && len(content) == 1 {
			delete(content, anything)
			content["application/json"] = c
			if method == "patch" {
				content["application/merge-patch+json"] = clone(c)
			}
		}
	}
	for _, media := range sortedKeys(content) {
		c := asObj(content[media])
		if c["examples"] == nil {
			c["examples"] = d.requestExamples(op, m, c["schema"], media)
		}
	}
}

// answers gives each answer its media type, its headers and an example, and adds
// the problems that the operation may answer.
func (d *doc) answers(op obj, m mark, path, method string, root bool) {
	responses := asObj(op["responses"])
	for _, status := range sortedKeys(responses) {
		answer := asObj(responses[status])
		if status[0] == '4' || status[0] == '5' || status == "default" {
			delete(responses, status) // the components say it
			d.problem(responses, status)
			continue
		}
		d.success(answer, m, status)
		if strings.HasSuffix(path, "/content") {
			answer["content"] = obj{"*/*": obj{}} // a file of any type
		}
	}
	if m.does == "create" || m.does == "createUnder" {
		responses["200"] = d.checked(m)
	}
	if method == "get" && (!root || strings.HasPrefix(path, "/feeds/")) && !strings.Contains(path, "stream") {
		responses["304"] = obj{"description": "What the caller has still stands."}
	}
	for _, status := range problemsOf(op, path, method, root) {
		d.problem(responses, status)
	}
	others, _ := op["x-answers"].(obj)
	delete(op, "x-answers")
	for status, name := range others {
		responses[status] = d.other(asText(name))
	}
}

// other is an answer that is no success and no problem either.
func (d *doc) other(name string) obj {
	schema := obj{"$ref": schemaRef + name}
	return obj{
		"description": "Not now.", "headers": obj{"X-Request-Id": obj{"$ref": "#/components/headers/X-Request-Id"}},
		"content": obj{"application/json": obj{"schema": schema, "examples": obj{"example": obj{"value": d.exampleOf(schema)}}}},
	}
}

func (d *doc) success(answer obj, m mark, status string) {
	if words := map[string]string{"200": "Done.", "201": "Entered.", "202": "Accepted; a job carries it out.", "204": "Done; there is nothing to send.", "206": "The range that was asked for.", "207": "Done in parts."}; answer["description"] == nil || answer["description"] == "" || strings.EqualFold(asText(answer["description"]), statusText(status)) {
		answer["description"] = words[status]
	}
	headers, _ := answer["headers"].(obj)
	if headers == nil {
		headers = obj{}
	}
	for _, name := range headersOf(m, status) {
		headers[name] = obj{"$ref": "#/components/headers/" + name}
	}
	answer["headers"] = headers
	content, _ := answer["content"].(obj)
	if m.does == "export" {
		d.files(register.ByName(m.noun), content)
		headers["Content-Disposition"] = obj{"$ref": "#/components/headers/Content-Disposition"}
	}
	for media, c := range content {
		if media == "*/*" {
			delete(content, media)
			content["application/json"] = c
		}
	}
	if c := content["text/csv"]; c != nil && content["application/json"] != nil {
		content["text/csv"] = obj{"schema": obj{"type": "string"}} // the same as lines
	}
	if c := asObj(content["application/json"]); c != nil && c["schema"] != nil && c["examples"] == nil {
		c["examples"] = d.answerExamples(m, c["schema"])
	}
}

// checked is the answer to a creation with validate_only=true.
func (d *doc) checked(m mark) obj {
	n := register.ByName(m.noun)
	schema, about := obj{"$ref": schemaRef + n.Type}, "With validate_only=true: what would be entered."
	if n.Alike != nil {
		candidates := obj{"type": "array", "description": "Records that may be the same, the surest first.", "items": obj{"$ref": schemaRef + "Candidate"}, "maxItems": 5}
		schema = obj{"allOf": []any{schema, obj{"type": "object", "properties": obj{"candidates": candidates}, "required": []any{"candidates"}}}}
		about = "With validate_only=true: what would be entered, and which records may be the same."
	}
	examples := d.answerExamples(m, schema)
	if n.Alike != nil {
		asObj(asObj(examples["example"])["value"])["candidates"] = []any{}
	}
	return obj{
		"description": about,
		"headers":     obj{"X-Request-Id": obj{"$ref": "#/components/headers/X-Request-Id"}},
		"content":     obj{"application/json": obj{"schema": schema, "examples": examples}},
	}
}

func statusText(status string) string {
	code, _ := strconv.Atoi(status)
	return map[int]string{200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 207: "Multi-Status"}[code]
}
