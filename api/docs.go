package api

import (
	"bytes"
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/openapi"
)

// DemoKey is a key of the demonstration, which everybody may know.
type DemoKey struct{ Token, Name string }

// mountDocs serves the document, and the pages that show it.
func (s *server) mountDocs(e *echo.Echo) {
	e.GET("/docs", s.docs)
	e.GET("/docs/:file", s.docsFile)
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

// pagePolicy lets the pages load what lies beside them, and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docs answers the page that shows the document.
//
//	@ID				getDocs
//	@Summary		Read this document as pages
//	@Description	Pages to read the document and to try it out. They load nothing from elsewhere. Needs no key.
//	@Tags			Service
//	@Produce		html
//	@Success		200	{string}	string
//	@Router			/docs [get]
func (s *server) docs(c echo.Context) error {
	var page bytes.Buffer
	if err := openapi.Page.Execute(&page, s.config); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", pagePolicy)
	return sendFile(c, echo.MIMETextHTMLCharsetUTF8, weak(page.Bytes()), page.Bytes())
}

// docsFile answers a file that the page loads.
//
//	@ID				getDocsFile
//	@Summary		Read a file of the pages
//	@Description	A script or a style sheet of the pages at /docs. Needs no key.
//	@Tags			Service
//	@Param			file	path	string	true	"the file's name"
//	@Produce		text/javascript,text/css
//	@Success		200	{string}	string
//	@Router			/docs/{file} [get]
func (s *server) docsFile(c echo.Context) error {
	body, media, ok := openapi.File(c.Param("file"))
	if !ok {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	return sendFile(c, media, weak(body), body)
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
