package main

import (
	"fmt"
	"slices"
	"strings"
)

const schemaRef = "#/components/schemas/"

// refs lists the schemas that v refers to, through others too.
func (d *doc) refs(v any, into map[string]bool) {
	walk(v, func(o obj) {
		ref, _ := o["$ref"].(string)
		name, found := strings.CutPrefix(ref, schemaRef)
		if found && !into[name] {
			into[name] = true
			d.refs(d.schemas()[name], into)
		}
	})
}

// findInputs notes the schemas that requests send. What they require is theirs to
// say; everything else is always there.
func (d *doc) findInputs() {
	d.inputs = map[string]bool{}
	for _, item := range d.paths() {
		for _, op := range asObj(item) {
			if o, ok := op.(obj); ok {
				d.refs(o["requestBody"], d.inputs)
			}
		}
	}
}

// members says of each schema's members which may be null and which are always
// there. A pointer may be null; omitempty may be missing.
func (d *doc) members() {
	for name, s := range d.schemas() {
		schema := asObj(s)
		properties, _ := schema["properties"].(obj)
		if properties == nil {
			continue
		}
		var required []any
		for _, f := range d.source.flat(name) {
			p, _ := properties[f.name].(obj)
			if p == nil {
				continue
			}
			if f.pointer {
				p["nullable"] = true
			}
			if about, ok := p["description"].(string); ok && strings.HasPrefix(about, f.goName+" ") {
				p["description"] = f.name + strings.TrimPrefix(about, f.goName)
			}
			if !f.optional {
				required = append(required, f.name)
			}
		}
		if !d.inputs[name] && len(required) > 0 {
			schema["required"] = required
		}
	}
}

// rename gives the schemas the names that clients see: without packages, and
// PageOfThing as ThingPage.
func (d *doc) rename() error {
	from, schemas := map[string]string{}, obj{}
	for _, old := range sortedKeys(d.schemas()) {
		name := goodName(old)
		if other, taken := from[name]; taken {
			return fmt.Errorf("%s and %s are both called %s in the document: rename one of them", other, old, name)
		}
		from[name], schemas[name] = old, d.schemas()[old]
	}
	inputs := map[string]bool{}
	for name := range d.inputs {
		inputs[goodName(name)] = true
	}
	d.inputs = inputs
	d.components()["schemas"] = schemas
	walk(d.tree, func(o obj) {
		if ref, ok := o["$ref"].(string); ok {
			if name, found := strings.CutPrefix(ref, schemaRef); found {
				o["$ref"] = schemaRef + goodName(name)
			}
		}
	})
	return nil
}

func goodName(name string) string {
	bare := func(s string) string {
		s = s[strings.LastIndexAny(s, "._")+1:]
		return strings.ToUpper(s[:1]) + s[1:]
	}
	outer, inner, generic := strings.Cut(name, "-")
	if !generic {
		return bare(name)
	}
	return bare(inner) + bare(outer)
}

// settle turns the words of Swagger 2.0 and OpenAPI 3.0 into those of 3.1.
func settle(o obj) {
	for _, noise := range []string{"x-originalParamName", "x-formData-name", "x-enum-comments", "x-enum-varnames", "x-enum-descriptions"} {
		delete(o, noise)
	}
	if o["type"] == "number" && o["format"] == nil {
		o["format"] = "double" // or clients get half the digits
	}
	if o["type"] == "object" && o["properties"] == nil && o["additionalProperties"] == nil && o["allOf"] == nil {
		o["additionalProperties"] = true // or clients get an object that holds nothing
	}
	if all, ok := o["allOf"].([]any); ok && len(all) == 1 {
		if ref := asObj(all[0])["$ref"]; ref != nil {
			delete(o, "allOf")
			o["$ref"] = ref
		}
	}
	if e, there := o["example"]; there && (o["type"] != nil || o["$ref"] != nil) {
		delete(o, "example")
		o["examples"] = []any{e}
	}
	null(o)
}

// null says in the words of 3.1 that a value may be null.
func null(o obj) {
	marked := o["nullable"] == true || o["x-nullable"] == true
	delete(o, "nullable")
	delete(o, "x-nullable")
	if !marked {
		return
	}
	switch {
	case o["$ref"] != nil:
		o["anyOf"] = []any{obj{"$ref": o["$ref"]}, obj{"type": "null"}}
		delete(o, "$ref")
	case o["x-enum"] != nil, o["enum"] != nil: // becomes a reference to an enumeration
		o["x-or-null"] = true
	default:
		if t, ok := o["type"].(string); ok && t != "null" {
			o["type"] = []any{t, "null"}
		}
	}
}

// typed reports whether a schema's type is, or may be, t.
func typed(o obj, t string) bool {
	if all, ok := o["type"].([]any); ok {
		return slices.Contains(all, any(t))
	}
	return o["type"] == t
}
