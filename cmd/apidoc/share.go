package main

import (
	"encoding/json"
	"fmt"
)

// shareParameters writes a parameter that several operations take once.
func (d *doc) shareParameters() {
	uses := map[string]int{}
	d.eachParameter(func(_, p obj) any {
		uses[fingerprint(p)]++
		return p
	})
	shared, called := d.part("parameters"), map[string]string{}
	d.eachParameter(func(op, p obj) any {
		key := fingerprint(p)
		if uses[key] < 2 {
			return p
		}
		if called[key] == "" {
			called[key] = d.freeName(shared, op, p)
			shared[called[key]] = p
		}
		return obj{"$ref": "#/components/parameters/" + called[key]}
	})
	if len(shared) == 0 {
		delete(d.components(), "parameters")
	}
}

func (d *doc) eachParameter(replace func(op, p obj) any) {
	for _, path := range sortedKeys(d.paths()) {
		item := asObj(d.paths()[path])
		for _, method := range sortedKeys(item) {
			op, ok := item[method].(obj)
			if !ok {
				continue
			}
			list := asList(op["parameters"])
			for i, p := range list {
				if o := asObj(p); o["$ref"] == nil {
					list[i] = replace(op, o)
				}
			}
		}
	}
}

func fingerprint(p obj) string {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Sprint(p)
	}
	return string(raw)
}

// freeName is what a shared parameter is called: by its name and where it stands,
// and by the first operation too where another has that name. No schema is called
// so: clients have one room for all names.
func (d *doc) freeName(shared obj, op, p obj) string {
	name := pascal(asText(p["name"])) + pascal(asText(p["in"]))
	for shared[name] != nil || d.schemas()[name] != nil {
		name = pascal(asText(op["operationId"])) + name
	}
	return name
}

// prune drops the components that nothing refers to.
func (d *doc) prune() {
	for {
		used := map[string]bool{}
		walk(d.tree, func(o obj) {
			if ref, ok := o["$ref"].(string); ok {
				used[ref] = true
			}
		})
		dropped := false
		for _, kind := range []string{"schemas", "parameters", "headers", "responses"} {
			part, _ := d.components()[kind].(obj)
			for name := range part {
				if !used["#/components/"+kind+"/"+name] {
					delete(part, name)
					dropped = true
				}
			}
		}
		if !dropped {
			return
		}
	}
}

// clone copies a tree.
func clone(v any) any {
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = clone(e)
		}
		return out
	case obj:
		out := obj{}
		for k, e := range x {
			out[k] = clone(e)
		}
		return out
	}
	return v
}
