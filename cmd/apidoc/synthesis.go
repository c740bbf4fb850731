package main

import (
	"slices"
	"strings"
)

// exampleOf makes an example of a schema: what it says itself, else by its type.
func (d *doc) exampleOf(schema any) any {
	s, _ := schema.(obj)
	if s == nil {
		return nil
	}
	if given := asList(s["examples"]); len(given) > 0 {
		return given[0]
	}
	if words := asList(s["enum"]); len(words) > 0 {
		return words[0]
	}
	if v, there := s["default"]; there {
		return v
	}
	if ref, ok := s["$ref"].(string); ok {
		return d.exampleNamed(strings.TrimPrefix(ref, schemaRef))
	}
	if name, ok := s["x-enum"].(string); ok && !typed(s, "array") {
		return d.exampleNamed(d.called[name])
	}
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		if all := asList(s[key]); len(all) > 0 {
			return d.exampleOf(all[0])
		}
	}
	return d.exampleByType(s)
}

func (d *doc) exampleNamed(name string) any {
	if d.seen[name] {
		return nil // it contains itself
	}
	if name == "FilterNode" {
		return obj{"field": "created_at", "op": "gte", "value": "now-90d"}
	}
	d.seen[name] = true
	defer delete(d.seen, name)
	return d.exampleOf(d.schemas()[name])
}

func (d *doc) exampleByType(s obj) any {
	switch {
	case typed(s, "object") || s["properties"] != nil:
		out := obj{}
		properties, _ := s["properties"].(obj)
		required := asList(s["required"])
		for name, p := range properties {
			if len(required) == 0 || slices.Contains(required, any(name)) || asObj(p)["examples"] != nil {
				out[name] = d.exampleOf(p)
			}
		}
		return out
	case typed(s, "array"):
		if s["minItems"] != nil {
			return []any{d.exampleOf(s["items"])}
		}
		return []any{}
	case typed(s, "integer"), typed(s, "number"):
		if least := s["minimum"]; least != nil {
			return least
		}
		return 1
	case typed(s, "boolean"):
		return false
	case typed(s, "string"):
		return exampleText(s)
	}
	return nil
}

func exampleText(s obj) any {
	switch s["format"] {
	case "date-time":
		return exampleTime
	case "date":
		return exampleDate
	case "uuid":
		return exampleID("")
	case "uri":
		return "https://rapport.example.org/"
	case "uri-reference":
		return "/api/v1/"
	case "email":
		return "ana.pop@example.org"
	}
	if typed(s, "null") {
		return nil
	}
	return "Riverside Residents"
}
