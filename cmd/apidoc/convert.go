package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/yaml"
	"github.com/swaggo/swag"
)

// obj is a JSON object of the document.
type obj = map[string]any

// written is the document in both spellings.
type written struct{ json, yaml []byte }

// document reads all annotations and makes the document of them.
func document(root string) (written, error) {
	dirs, err := packageDirs(root, "internal")
	if err != nil {
		return written{}, err
	}
	dirs = append([]string{filepath.Join(root, "api")}, dirs...)
	tree, err := swagger(dirs)
	if err != nil {
		return written{}, err
	}
	source, err := readStructs(dirs)
	if err != nil {
		return written{}, err
	}
	samples, err := readSamples(root)
	if err != nil {
		return written{}, err
	}
	d := &doc{tree: tree, source: source, samples: samples}
	if err := d.complete(); err != nil {
		return written{}, err
	}
	return encode(d.tree)
}

// overrides are types of libraries that swag does not look into.
var overrides = map[string]string{"json.RawMessage": "any", "jsontext.Value": "any", "time.Duration": "integer"}

// swagger reads the annotations in the folders as Swagger 2.0 and converts them
// to OpenAPI 3.
func swagger(dirs []string) (obj, error) {
	p := swag.New(swag.SetDebugger(log.New(io.Discard, "", 0)), swag.SetOverrides(overrides))
	if err := p.ParseAPIMultiSearchDir(dirs, "openapi.go", 100); err != nil {
		return nil, fmt.Errorf("read the annotations: %w", err)
	}
	raw, err := json.Marshal(p.GetSwagger())
	if err != nil {
		return nil, err
	}
	var two openapi2.T
	if err := json.Unmarshal(raw, &two); err != nil {
		return nil, fmt.Errorf("read what swag made: %w", err)
	}
	three, err := openapi2conv.ToV3(&two)
	if err != nil {
		return nil, fmt.Errorf("convert to OpenAPI 3: %w", err)
	}
	if raw, err = three.MarshalJSON(); err != nil {
		return nil, err
	}
	var tree obj
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&tree)
	return tree, err
}

// encode writes the document in both spellings, after it was held against the
// rules of OpenAPI.
func encode(tree obj) (out written, err error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(tree); err != nil {
		return out, err
	}
	out.json = b.Bytes()
	loaded, err := openapi3.NewLoader().LoadFromData(out.json)
	if err != nil {
		return out, fmt.Errorf("the document cannot be read back: %w", err)
	}
	if err := loaded.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return out, fmt.Errorf("the document is not valid: %w", err)
	}
	out.yaml, err = yaml.JSONToYAML(out.json)
	return out, err
}
