package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rapport/internal/imports"
)

// ImportFaultPage is a page of what is wrong with the rows.
type ImportFaultPage struct {
	// Data are the faults, in the order of the file.
	Data []imports.Fault `json:"data"`
	// Page says where the list goes on.
	Page pageInfo `json:"page"`
}

// importErrors answers what is wrong with the rows.
//
//	@ID			listImportErrors
//	@Summary	List the faults of an import
//	@Description	What is wrong with which cell of which row, in the order of the file. Row 1 is the one below the header.
//	@Tags		Imports
//	@Param		id		path	string	true	"the import's id"
//	@Param		limit	query	int		false	"faults on a page"	minimum(1)	maximum(200)
//	@Param		cursor	query	string	false	"the page to read"
//	@Success	200	{object}	ImportFaultPage
//	@Router		/imports/{id}/errors [get]
func (s *server) importErrors(c echo.Context) error {
	values, err := params(c, "limit", "cursor")
	if err != nil {
		return err
	}
	limit, err := readLimit(values)
	if err != nil {
		return err
	}
	place, err := readPlace(s.cursorKey, values)
	if err != nil {
		return err
	}
	im, err := s.ownImport(c, "limit", "cursor")
	if err != nil {
		return err
	}
	after, _ := strconv.Atoi(place) // signed by us; "" is the start
	faults, nums, err := s.config.Imports.Faults(c.Request().Context(), im.ID, after, limit+1)
	if err != nil {
		return err
	}
	info := pageInfo{Limit: limit, HasMore: len(faults) > limit}
	if info.HasMore {
		faults = faults[:limit]
		next := cursor{V: 1, D: "n", S: "-id", K: []any{nil, strconv.Itoa(nums[limit-1])}, F: filterDigest(values)}.sign(s.cursorKey)
		link := s.link(c, values, next)
		info.NextCursor, info.Next = &next, &link
	}
	return s.send(c, http.StatusOK, ImportFaultPage{append([]imports.Fault{}, faults...), info})
}

// importErrorsFile answers the rows that failed, as a file.
//
//	@ID			downloadImportErrors
//	@Summary	Download the rows that failed
//	@Description	The rows with faults as they were uploaded, each with what is wrong with it in the column _error: mend them in a spreadsheet and send the file again. Of ndjson it is ndjson.
//	@Tags		Imports
//	@Produce	text/csv,application/x-ndjson
//	@Param		id	path	string	true	"the import's id"
//	@Success	200	{string}	string
//	@Router		/imports/{id}/errors.csv [get]
func (s *server) importErrorsFile(c echo.Context) error {
	im, err := s.ownImport(c)
	if err != nil {
		return err
	}
	media, name := "text/csv; charset=utf-8", "errors.csv"
	if im.Read().Format == "ndjson" {
		media, name = "application/x-ndjson", "errors.ndjson"
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, media)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return s.config.Imports.WriteErrors(c.Request().Context(), im, c.Response())
}
