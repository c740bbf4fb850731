package main

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rapport/internal/register"
)

// What examples are made with where nothing better is known.
const (
	exampleTime  = "2026-11-22T09:15:04.123Z"
	exampleToday = "2026-11-22"
	exampleDate  = "2026-12-04"
)

// exampleID is the id that a noun's example has, the same in every example.
func exampleID(noun string) string {
	h := sha256.Sum256([]byte(noun))
	return fmt.Sprintf("0193523c-7b1e-7%03x-9f%02x-%012x", int(h[0])<<4|int(h[1])>>4, h[2], h[3:9])
}

// makeRecords makes an example of each noun's record, of its sample where there
// is one.
func (d *doc) makeRecords() {
	d.records, d.seen = map[string]obj{}, map[string]bool{}
	for _, n := range register.All() {
		made, _ := d.exampleOf(d.schemas()[n.Type]).(obj)
		if made == nil {
			continue
		}
		d.fillRecord(n, made)
		d.records[n.Name] = made
	}
}

// fillRecord writes what is known of a noun's example over what was made up.
func (d *doc) fillRecord(n *register.Noun, made obj) {
	made["id"], made["ref"], made["version"] = exampleID(n.Name), n.Prefix+"-7", 1
	made["url"], made["state"] = n.URL("/api/v1", exampleID(n.Name)), string(n.Flow.Start)
	made["created_by"] = obj{"type": "user", "id": exampleID("user"), "name": "Ana Pop"}
	made["updated_by"] = made["created_by"]
	for name, v := range d.samples[n.Name].Create {
		if _, shown := made[name]; shown {
			properties, _ := d.schemas()[n.Type].(obj)["properties"].(obj)
			made[name] = d.whole(properties[name], v)
		}
	}
	for _, f := range n.Fields {
		if _, shown := made[f.Name]; !shown {
			continue
		}
		_, sampled := d.samples[n.Name].Create[f.Name]
		switch {
		case f.Shape == register.Ref:
			d.fillReference(n, f, made, sampled)
		case f.Name == "deleted_at", f.Nullable && !sampled && f.Writable():
			made[f.Name] = nil
		case f.Writable() && f.Default != "" && !sampled:
			made[f.Name] = worded(f, f.Default)
		}
	}
}

// whole gives a sample's value the members that an answer always has.
func (d *doc) whole(schema, value any) any {
	s, _ := schema.(obj)
	if ref, ok := s["$ref"].(string); ok {
		return d.whole(d.schemas()[strings.TrimPrefix(ref, schemaRef)], value)
	}
	if all := asList(s["anyOf"]); len(all) > 0 {
		return d.whole(all[0], value)
	}
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = d.whole(s["items"], v[i])
		}
		return out
	case obj:
		out := obj{}
		maps.Copy(out, v)
		properties, _ := s["properties"].(obj)
		for _, name := range asList(s["required"]) {
			if member := asText(name); out[member] == nil {
				out[member] = empty(properties[member])
			}
		}
		for member, p := range properties {
			if out[member] != nil {
				out[member] = d.whole(p, out[member])
			}
		}
		return out
	}
	return value
}

// empty is the value of a member that was left out.
func empty(schema any) any {
	s, _ := schema.(obj)
	switch {
	case typed(s, "null"):
		return nil
	case typed(s, "string"):
		return ""
	case typed(s, "integer"), typed(s, "number"):
		return 0
	case typed(s, "boolean"):
		return false
	case typed(s, "array"):
		return []any{}
	case typed(s, "object"):
		return obj{}
	}
	return nil
}

// worded is a default as the wire has it.
func worded(f *register.Field, word string) any {
	switch f.Shape {
	case register.Whole:
		return number(word)
	case register.Truth:
		return word == "true"
	case register.Day:
		return exampleDate
	case register.Moment:
		return exampleTime
	}
	return word
}

// fillReference makes a reference whole: the id, and the record that it names.
func (d *doc) fillReference(n *register.Noun, f *register.Field, made obj, sampled bool) {
	_, needed := d.samples[n.Name].Needs[f.Name]
	if !sampled && !needed && !f.Required {
		made[f.Name], made[f.Relation()] = nil, nil
		return
	}
	target := register.ByName(f.Target)
	made[f.Name] = exampleID(f.Target)
	made[f.Relation()] = obj{"id": exampleID(f.Target), "ref": target.Prefix + "-7", "name": d.nameOf(target)}
}

// nameOf is what a noun's example is called.
func (d *doc) nameOf(n *register.Noun) any {
	if n.TitleField == nil {
		return nil
	}
	if name, ok := d.samples[n.Name].Create[n.TitleField.Name]; ok {
		return name
	}
	if n.TitleField.Example != "" {
		return n.TitleField.Example
	}
	return register.Wording(n.Name)
}

// creation is the example of a body that enters a record.
func (d *doc) creation(n *register.Noun) obj {
	s := d.samples[n.Name]
	body := obj{}
	maps.Copy(body, s.Create)
	for member, nouns := range s.Needs {
		var refs []any
		for noun := range strings.SplitSeq(nouns, ",") {
			if other := register.ByName(noun); other != nil {
				refs = append(refs, fmt.Sprintf("%s-%d", other.Prefix, 7+len(refs)))
			}
		}
		if len(refs) == 0 {
			continue
		}
		if body[member] = refs[0]; n.Field(member) != nil && n.Field(member).Many {
			body[member] = refs
		}
	}
	if len(body) > 0 {
		return body
	}
	made, _ := d.exampleOf(d.schemas()[n.Type+"Create"]).(obj)
	for _, f := range n.Fields {
		if _, there := made[f.Name]; there && f.Example != "" && f.Shape == register.Text {
			made[f.Name] = f.Example
		}
	}
	return made
}

// requestExamples are the examples of a body.
func (d *doc) requestExamples(op obj, m mark, schema any, media string) obj {
	n := register.ByName(m.noun)
	one := func(summary string, value any) obj { return obj{"example": obj{"summary": summary, "value": value}} }
	switch m.does {
	case "create", "upsert":
		return one("Enter "+article(n.Name), d.creation(n))
	case "createUnder":
		body := d.creation(n)
		for _, by := range n.Under {
			delete(body, by.Name)
		}
		return one("Enter "+article(n.Name), body)
	case "update":
		return one("Change one field", d.alteration(n))
	case "transition":
		return d.moves(n)
	case "batch":
		return d.batches(n)
	case "search":
		return one("Those in their first state, or changed of late", searchExample(n))
	}
	if media == "multipart/form-data" {
		return one("A letter", obj{"file": "letter.pdf", "description": "What the residents wrote on 20 November."})
	}
	if media != "application/json" && media != "application/merge-patch+json" {
		return obj{"example": obj{"value": textOf(media)}}
	}
	summary, _ := op["summary"].(string)
	return one(summary, d.exampleOf(schema))
}

// searchExample asks any noun for a list by a filter of two nodes.
func searchExample(n *register.Noun) obj {
	return obj{
		"filter": obj{"or": []any{
			obj{"field": "state", "op": "eq", "value": string(n.Flow.Start)},
			obj{"field": "updated_at", "op": "gte", "value": "now-30d"},
		}},
		"sort": []any{n.Sort}, "limit": 20, "include_total": true,
	}
}

func textOf(media string) string {
	switch {
	case strings.HasPrefix(media, "text/csv"):
		return "name,kind\nRiverside Residents,group\n"
	case strings.HasSuffix(media, "ndjson"):
		return `{"name":"Riverside Residents","kind":"group"}` + "\n"
	}
	return ""
}

// alteration is the example of a PATCH: a text that may be changed and by which
// nothing is found.
func (d *doc) alteration(n *register.Noun) obj {
	create := d.creation(n)
	free := func(f *register.Field) bool {
		return f.Shape == register.Text && f.Writable() && len(f.Set) == 0 && !f.Title && !slices.Contains(n.Unique, f.Name)
	}
	for _, f := range n.Fields {
		if value, sampled := create[f.Name]; sampled && free(f) {
			return obj{f.Name: value}
		}
	}
	if n.New().Common() != nil {
		return obj{"tags_add": []any{"noise"}}
	}
	for _, f := range n.Fields {
		if free(f) && f.Nullable {
			return obj{f.Name: nil}
		}
	}
	return obj{}
}

// moves are examples of the transitions out of the first state.
func (d *doc) moves(n *register.Noun) obj {
	out := obj{}
	for i := range n.Flow.Rows {
		row := &n.Flow.Rows[i]
		if out[row.Name] != nil || !row.Leaves(n.Flow.Start) && len(n.Flow.Names(n.Flow.Start)) > 0 {
			continue
		}
		body := obj{"transition": row.Name}
		fields := obj{}
		if row.Reason {
			fields["reason"] = "It was agreed in the meeting of 20 November."
		}
		properties, _ := d.schemas()[n.Type+"TransitionFields"].(obj)["properties"].(obj)
		for _, t := range n.FieldsOf(row) {
			if s := properties[t.Field.Name]; t.Required && s != nil {
				fields[t.Field.Name] = d.exampleFor(t.Field, s)
			}
		}
		if len(fields) > 0 {
			body["fields"] = fields
		}
		out[row.Name] = obj{"summary": register.Wording(row.Name), "value": body}
	}
	if len(out) == 0 {
		out["example"] = obj{"value": obj{"transition": "none"}}
	}
	return out
}

// exampleFor is an example of a field that must be filled.
func (d *doc) exampleFor(f *register.Field, schema any) any {
	switch {
	case f.Shape == register.Ref:
		return register.ByName(f.Target).Prefix + "-7"
	case f.Many:
		return []any{register.ByName(f.Target).Prefix + "-7"}
	case f.Example != "" && f.Shape == register.Text:
		return f.Example
	case f.Shape == register.Text:
		return "Agreed with the residents in the meeting of 20 November."
	case f.Shape == register.Truth:
		return true
	case f.Shape == register.Day && ahead(f.Name):
		return exampleDate
	case f.Shape == register.Day:
		return exampleToday
	}
	made := d.exampleOf(schema)
	if l, ok := made.([]any); ok && len(l) == 0 {
		return []any{d.exampleOf(asObj(schema)["items"])}
	}
	return made
}

// ahead reports whether a date's name tells of what is still to come.
func ahead(name string) bool {
	for _, word := range []string{"due", "review", "until", "next", "planned", "target", "by_", "expires", "ends"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// answerExamples are the examples of an answer of success.
func (d *doc) answerExamples(m mark, schema any) obj {
	value := d.exampleOf(schema)
	if n := register.ByName(m.noun); n != nil && d.records[n.Name] != nil {
		switch m.does {
		case "list", "listUnder", "search":
			value = obj{"data": []any{d.records[n.Name]}, "page": d.exampleOf(d.schemas()["PageInfo"])}
		case "create", "createUnder":
			whole := obj{}
			maps.Copy(whole, asObj(value)) // it may hold more than the record
			maps.Copy(whole, d.records[n.Name])
			value = whole
		case "batch":
			value = outcomes(n)
		case "get", "update", "restore", "transition", "upsert":
			value = d.records[n.Name]
		}
	}
	return obj{"example": obj{"summary": "An answer", "value": value}}
}
