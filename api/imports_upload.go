package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/imports"
)

// fileTypes are the media types of files that are read, with their formats.
var fileTypes = map[string]string{
	"text/csv": "csv", "application/x-ndjson": "ndjson", "application/ndjson": "ndjson", "text/tab-separated-values": "csv", workbookType: "xlsx",
}

// workbookType is the media type of XLSX.
const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// uploadTypes are the media types that are asked for.
var uploadTypes = []string{"text/csv", "application/x-ndjson", workbookType, echo.MIMEMultipartForm}

// readUpload finds the file in the request: the body itself, or a part of it.
func (s *server) readUpload(c echo.Context, up *imports.Upload) error {
	r := c.Request()
	if r.ContentLength > s.config.Imports.Limit+maxBody {
		c.Response().Header().Set("Connection", "close")
		return tooLarge(s.config.Imports.Limit)
	}
	media, err := mediaOf(r)
	if err != nil {
		return err
	}
	if media == echo.MIMEMultipartForm {
		return readParts(c, up)
	}
	format, known := fileTypes[media]
	if !known {
		return fault.New(fault.UnsupportedMediaType, "Send text/csv, application/x-ndjson, a workbook, or multipart/form-data with a part file.").
			With("supported", uploadTypes)
	}
	up.Body, up.Options.Format = r.Body, format
	return nil
}

// readParts reads the parts of a form up to the file, which comes last: what
// stands behind it is not read.
func readParts(c echo.Context, up *imports.Upload) error {
	form, err := c.Request().MultipartReader()
	if err != nil {
		return fault.New(fault.UnsupportedMediaType, "The form cannot be read: %v.", err).With("supported", uploadTypes)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return fault.Fields{{Pointer: "#/file", Code: "required", Detail: "The form has no part file."}}.Err()
		}
		if err != nil {
			return fault.Fields{{Pointer: "#", Code: "invalid_format", Detail: "The form breaks off."}}.Err()
		}
		switch part.FormName() {
		case "file":
			up.Body, up.Name = part, part.FileName()
			if media, _, err := mime.ParseMediaType(part.Header.Get(echo.HeaderContentType)); err == nil {
				up.Options.Format = fileTypes[media]
			}
			return nil
		case "mapping":
			raw, err := io.ReadAll(io.LimitReader(part, maxBody))
			if err != nil || json.Unmarshal(raw, &up.Mapping) != nil {
				return fault.Fields{{Pointer: "#/mapping", Code: "invalid_type", Detail: "mapping takes a JSON object: column to field. It stands before the file."}}.Err()
			}
			up.Query += "&mapping=" + digest(raw)
		default:
			return fault.Fields{{Pointer: "#/" + part.FormName(), Code: "unknown_field", Detail: "There is no part of that name.", Suggestion: fault.Nearest(part.FormName(), []string{"file", "mapping"})}}.Err()
		}
	}
}
