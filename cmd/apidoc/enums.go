package main

import (
	"fmt"
	"slices"
	"strings"

	"rapport/internal/register"
)

// DeletedFilter and TimelineKind are the words of parameters that are no field's.
var parameterWords = map[string][]string{
	"DeletedFilter": {"exclude", "include", "only"},
	"TimelineKind":  {"change", "transition", "comment", "attachment", "event", "interaction", "escalation", "issue", "complaint"},
}

// enumerations puts every list of words into the document under its own name, so
// that no generator has to invent one.
func (d *doc) enumerations() {
	named := map[string][]string{}
	describe := map[string]string{}
	add := func(name, about string, words []string) {
		named[name], describe[name] = words, about
	}
	for name, words := range register.Enums {
		add(pascal(name), "A word for "+spoken(name)+".", words)
	}
	for name, words := range parameterWords {
		add(name, "A word of a parameter.", words)
	}
	for _, n := range register.All() {
		var states []string
		for _, s := range n.Flow.States() {
			states = append(states, string(s))
		}
		add(n.Type+"State", "A stage in the workflow of "+article(n.Name)+".", states)
		add(n.Type+"TransitionName", "A transition in the workflow of "+article(n.Name)+".", n.Flow.Names(""))
		add(n.Type+"Include", "What can be sent along with "+article(n.Name)+".", n.Includes())
		var sorts []string
		for _, name := range n.Sorts() {
			sorts = append(sorts, name, "-"+name)
		}
		add(n.Type+"Sort", "An order of "+spoken(n.Plural)+"; - turns it round.", sorts)
	}
	d.called = map[string]string{}
	for _, name := range sortedKeys(named) {
		words, free := named[name], name
		for d.schemas()[free] != nil || free != name && named[free] != nil {
			free += "Word" // a struct has the name
		}
		if len(words) > 0 {
			d.schemas()[free] = obj{"type": "string", "enum": list(words), "description": describe[name] + " More may come; read those you do not know as text."}
			d.called[name] = free
		}
	}
}

// nameEnumerations replaces every inline list of words by a reference to its name.
func (d *doc) nameEnumerations() {
	byWords := map[string]string{}
	for _, name := range sortedKeys(register.Enums) {
		byWords[strings.Join(register.Enums[name], ",")] = d.called[pascal(name)]
	}
	for _, name := range sortedKeys(parameterWords) {
		byWords[strings.Join(parameterWords[name], ",")] = d.called[name]
	}
	for _, name := range sortedKeys(d.schemas()) {
		properties, _ := d.schemas()[name].(obj)["properties"].(obj)
		for _, member := range sortedKeys(properties) {
			d.refer(asObj(properties[member]), byWords, name+pascal(member))
		}
	}
	for _, path := range sortedKeys(d.paths()) {
		for _, op := range asObj(d.paths()[path]) {
			o, ok := op.(obj)
			if !ok {
				continue
			}
			parameters, _ := o["parameters"].([]any)
			for _, p := range parameters {
				param := asObj(p)
				schema, _ := param["schema"].(obj)
				if schema == nil {
					continue
				}
				if e, there := param["x-enum"]; there {
					schema["x-enum"] = e
					delete(param, "x-enum")
				}
				d.refer(schema, byWords, pascal(asText(o["operationId"]))+pascal(asText(param["name"])))
			}
		}
	}
}

// refer makes a schema, or its items, refer to the enumeration of its words.
func (d *doc) refer(schema obj, byWords map[string]string, invented string) {
	at := schema
	if items, ok := schema["items"].(obj); ok {
		at = items
		if e, there := schema["x-enum"]; there {
			at["x-enum"] = e
			delete(schema, "x-enum")
		}
	}
	name, _ := at["x-enum"].(string)
	if as := d.called[name]; as != "" {
		name = as
	}
	words, inline := at["enum"].([]any)
	orNull := at["x-or-null"] == true
	delete(at, "x-enum")
	delete(at, "x-or-null")
	if name == "" && inline {
		joined := fmt.Sprint(words...)
		if texts := texts(words); texts != nil {
			joined = strings.Join(texts, ",")
		}
		if name = byWords[joined]; name == "" {
			name = invented
			byWords[joined] = name
			d.schemas()[name] = obj{"type": at["type"], "enum": words}
		}
	}
	if name == "" || d.schemas()[name] == nil {
		return
	}
	delete(at, "enum")
	delete(at, "type")
	if orNull {
		at["anyOf"] = []any{obj{"$ref": schemaRef + name}, obj{"type": "null"}}
		return
	}
	at["$ref"] = schemaRef + name
}

func texts(words []any) (out []string) {
	for _, w := range words {
		s, ok := w.(string)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}

func list(words []string) (out []any) {
	for _, w := range slices.Compact(words) {
		out = append(out, w)
	}
	return out
}
