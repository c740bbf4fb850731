// Package openapi holds the OpenAPI document, as cmd/apidoc wrote it, and the
// pages that show it. It knows nothing of what the document says.
package openapi

import _ "embed" // the files are part of the program

// JSON is the document as JSON.
//
//go:embed openapi.json
var JSON []byte

// YAML is the document as YAML.
//
//go:embed openapi.yaml
var YAML []byte
