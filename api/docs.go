package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/openapi"
)

// mountDocs serves the document.
func (s *server) mountDocs(e *echo.Echo) {
	e.GET("/openapi.json", s.documentJSON)
	e.GET("/openapi.yaml", s.documentYAML)
}

// documentJSON answers the document as JSON.
//
//	@ID				getDocument
//	@Summary		Read this document as JSON
//	@Description	The OpenAPI 3.1 document of the program that answers. Needs no key.
//	@Tags			Service
//	@Success		200	{object}	object
//	@Router			/openapi.json [get]
func (s *server) documentJSON(c echo.Context) error {
	return sendFile(c, "application/json", weak(openapi.JSON), openapi.JSON)
}

// documentYAML answers the document as YAML.
//
//	@ID				getDocumentYAML
//	@Summary		Read this document as YAML
//	@Description	The same OpenAPI 3.1 document, for who reads YAML. Needs no key.
//	@Tags			Service
//	@Produce		application/yaml
//	@Success		200	{string}	string
//	@Router			/openapi.yaml [get]
func (s *server) documentYAML(c echo.Context) error {
	return sendFile(c, "application/yaml", weak(openapi.YAML), openapi.YAML)
}

// sendFile answers with a file that is part of the program: it changes with the
// program only, so a client asks whether it still stands.
func sendFile(c echo.Context, media, tag string, body []byte) error {
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=300")
	h.Del("Vary")
	if fresh(c, tag) {
		return notModified(c)
	}
	return c.Blob(http.StatusOK, media, body)
}
