package main

import (
	"fmt"
	"strings"
)

// doc is the document while it is being completed.
type doc struct {
	tree    obj
	source  structs
	samples map[string]sample
	called  map[string]string // enumerations, by the names that the annotations give them
	inputs  map[string]bool   // schemas that requests send
	records map[string]obj    // examples of records, by noun
	seen    map[string]bool   // schemas whose example is being made
}

// complete turns what swag could say into what the document must say.
func (d *doc) complete() error {
	d.tree["openapi"] = "3.1.0"
	d.tree["servers"] = []any{obj{"url": "/api/v1", "description": "This installation"}}
	d.tree["security"] = []any{obj{"BearerAuth": []any{}}, obj{"ApiKeyAuth": []any{}}, obj{"TokenAuth": []any{}}}
	asObj(d.tree["info"])["x-pagination"] = obj{"items_path": "data"}
	d.securitySchemes()

	d.findInputs()
	d.members()
	if err := d.rename(); err != nil {
		return err
	}
	walk(d.tree, settle)
	d.enumerations()
	d.problemSchema()
	d.problemAnswers()
	d.headers()
	d.makeRecords()
	paths := obj{}
	for _, path := range sortedKeys(d.paths()) {
		if err := d.path(paths, path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	d.tree["paths"] = paths
	d.partials()
	d.nameEnumerations()
	d.typedTransitions()
	d.shareParameters()
	d.chapters()
	d.prune()
	return d.webhooks()
}

func (d *doc) components() obj { return asObj(d.tree["components"]) }
func (d *doc) paths() obj      { return asObj(d.tree["paths"]) }

func (d *doc) schemas() obj { return d.part("schemas") }

// part is one kind of components, made if there is none.
func (d *doc) part(name string) obj {
	if d.components()[name] == nil {
		d.components()[name] = obj{}
	}
	return asObj(d.components()[name])
}

// securitySchemes says what swag has no words for: bearers of keys and of tokens.
func (d *doc) securitySchemes() {
	for _, name := range []string{"BearerAuth", "TokenAuth"} {
		bearer := asObj(d.part("securitySchemes")[name])
		delete(bearer, "in")
		delete(bearer, "name")
		bearer["type"], bearer["scheme"] = "http", "bearer"
	}
	asObj(d.part("securitySchemes")["TokenAuth"])["bearerFormat"] = "JWT"
}

// mark is what the annotations of a noun's operation say to this program.
type mark struct{ noun, does string }

func takeMark(op obj) mark {
	m, _ := op["x-rapport"].(obj)
	delete(op, "x-rapport")
	noun, _ := m["noun"].(string)
	does, _ := m["does"].(string)
	return mark{noun, does}
}

// path completes the operations of one path and puts them where they are served.
func (d *doc) path(paths obj, path string) error {
	item := asObj(d.paths()[path])
	root, server := false, "/"
	for _, method := range sortedKeys(item) {
		op, ok := item[method].(obj)
		if !ok {
			continue
		}
		root = root || atRoot(op, path)
		if at := asText(op["x-root"]); at != "" {
			server = at // or its path would be one of the API's, spelt alike
		}
		delete(op, "x-root")
		if err := d.operation(op, path, method, root); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
	}
	if root {
		item["servers"] = []any{obj{"url": server, "description": "This installation, beside the API"}}
	}
	paths[path] = item
	return nil
}

// besides are the first segments of paths that do not lie below the API's base.
var besides = []string{"healthz", "readyz", "metrics", "version", "openapi.json", "openapi.yaml", "docs", "console", ".well-known", "feeds", "api"}

func atRoot(op obj, path string) bool {
	if op["x-root"] != nil || path == "/" {
		return true
	}
	for _, b := range besides {
		if path == "/"+b || strings.HasPrefix(path, "/"+b+"/") {
			return true
		}
	}
	return false
}

func (d *doc) operation(op obj, path, method string, root bool) error {
	m := takeMark(op)
	if op["operationId"] == nil {
		return fmt.Errorf("it has no @ID")
	}
	if op["description"] == nil {
		op["description"] = op["summary"]
	}
	if root && op["security"] == nil || strings.HasPrefix(path, "/public/") {
		op["security"] = []any{} // nobody needs a key there
	}
	d.parameters(op)
	d.body(op, m, method)
	d.answers(op, m, path, method, root)
	return nil
}

// walk visits every object of a tree, the inner ones first.
func walk(v any, visit func(obj)) {
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			walk(e, visit)
		}
	case obj:
		for _, k := range sortedKeys(x) {
			if members, ok := x[k].(obj); ok && k == "properties" {
				for _, name := range sortedKeys(members) { // a member may be called as a keyword is
					walk(members[name], visit)
				}
				continue
			}
			walk(x[k], visit)
		}
		visit(x)
	}
}
