// Package openapi holds the OpenAPI document, as cmd/apidoc wrote it, and the
// pages that show it. It knows nothing of what the document says.
package openapi

import (
	"embed"
	"html/template"
)

// JSON is the document as JSON.
//
//go:embed openapi.json
var JSON []byte

// YAML is the document as YAML.
//
//go:embed openapi.yaml
var YAML []byte

// Changelog is the project's changelog, copied here to be embedded.
//
//go:embed changelog.md
var Changelog string

//go:embed docs
var docs embed.FS

// Page is the page that shows the document.
var Page = template.Must(template.ParseFS(docs, "docs/page.html"))

// media are the files that the page loads, with their media types.
var media = map[string]string{
	"swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	"swagger-ui.css":       "text/css; charset=utf-8",
	"page.js":              "text/javascript; charset=utf-8",
	"page.css":             "text/css; charset=utf-8",
}

// File is a file that the page loads, with its media type; ok is false for any
// other name.
func File(name string) (body []byte, mediaType string, ok bool) {
	mediaType, ok = media[name]
	if !ok {
		return nil, "", false
	}
	body, err := docs.ReadFile("docs/" + name)
	return body, mediaType, err == nil
}
