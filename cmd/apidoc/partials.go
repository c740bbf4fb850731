package main

import (
	"strings"

	"rapport/internal/register"
)

// partials says what an operation answers that was asked for some members alone,
// by fields: the same with nothing required. 200 stands for the answer without
// fields, 2XX for the one with them.
func (d *doc) partials() {
	for _, path := range sortedKeys(d.paths()) {
		for _, op := range asObj(d.paths()[path]) {
			o, ok := op.(obj)
			if !ok || !takesFields(o) {
				continue
			}
			responses := asObj(o["responses"])
			whole := asObj(responses["200"])
			content := asObj(asObj(whole["content"])["application/json"])
			name := strings.TrimPrefix(asText(asObj(content["schema"])["$ref"]), schemaRef)
			partial := d.partial(name)
			if partial == "" {
				continue
			}
			responses["2XX"] = obj{
				"description": "With fields, or a view that has some: the members that were asked for.", "headers": clone(whole["headers"]),
				"content": obj{"application/json": obj{"schema": obj{"$ref": schemaRef + partial}}},
			}
		}
	}
}

func takesFields(op obj) bool {
	for _, p := range asList(op["parameters"]) {
		if asObj(p)["name"] == "fields" {
			return true
		}
	}
	body := asObj(asObj(asObj(op["requestBody"])["content"])["application/json"])
	return asObj(body["schema"])["$ref"] == schemaRef+"ListSearch"
}

// partial is the schema of a record, or a page of records, of which nothing is
// required; "" for another.
func (d *doc) partial(name string) string {
	noun, paged := strings.CutSuffix(name, "Page")
	for _, n := range register.All() {
		if n.Type != noun {
			continue
		}
		record := d.loosen(n.Type, "The members of "+article(n.Name)+" that were asked for.")
		if !paged {
			return record
		}
		page := asObj(clone(d.schemas()[name]))
		asObj(asObj(page["properties"])["data"])["items"] = obj{"$ref": schemaRef + record}
		d.schemas()[record+"Page"] = page
		return record + "Page"
	}
	return ""
}

// loosen writes the schema of which nothing is required, nor of what it names.
func (d *doc) loosen(name, about string) string {
	loose := name + "Partial"
	if d.schemas()[loose] != nil {
		return loose
	}
	schema := asObj(clone(d.schemas()[name]))
	schema["description"] = about
	delete(schema, "required")
	d.schemas()[loose] = schema
	for _, part := range []string{"Ref", "Maker"} {
		if d.schemas()[part+"Partial"] == nil {
			inner := asObj(clone(d.schemas()[part]))
			delete(inner, "required")
			d.schemas()[part+"Partial"] = inner
		}
	}
	walk(schema, func(o obj) {
		if ref := asText(o["$ref"]); ref == schemaRef+"Ref" || ref == schemaRef+"Maker" {
			o["$ref"] = ref + "Partial"
		}
	})
	return loose
}
