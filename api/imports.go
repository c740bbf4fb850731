package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/imports"
)

// ImportCorrection changes how a file is understood.
type ImportCorrection struct {
	// Mapping says what columns are meant for: a field, external_id, email, phone, owner.email, parent, group.name, custom_fields.x; an empty text leaves a column out.
	Mapping map[string]string `json:"mapping"`
	// Defaults are the values of fields in rows that leave them empty.
	Defaults map[string]string `json:"defaults"`
	// DateFormat is how dates are written, or auto.
	DateFormat *string `json:"date_format"`
	// Decimal is the mark before the fraction of numbers, or auto.
	Decimal *string `json:"decimal"`
}

// ImportCommit asks for the rows to be written.
type ImportCommit struct {
	// ValidRowsOnly says that rows with faults may be left out.
	ValidRowsOnly bool `json:"valid_rows_only"`
}

// createImport takes a file in.
//
//	@ID			createImport
//	@Summary	Hand in a file of records
//	@Description	Send text/csv, application/x-ndjson or an XLSX workbook as the body, or multipart/form-data with a part file and, if need be, a part mapping (a JSON object, column to field). The encoding, the delimiter, the format of dates and the meaning of columns are found out. Of a workbook the first sheet is read that is not hidden, or the one that is named: days and times as such, of formulas their last values. A dry run tries every row as if it were written and changes nothing; see the report, correct the mapping by PATCH, then commit. Values for empty cells are given as default.kind=organisation and so on. Needs the scope imports:write and the collection's write.
//	@Tags		Imports
//	@Param		collection		query	string	true	"what the file brings, such as stakeholders"
//	@Param		mode			query	string	false	"dry_run tries, commit writes"	Enums(dry_run,commit)	default(dry_run)
//	@Param		match			query	[]string	false	"by what a row is matched to a record: id, external_id, email, name, ref"	collectionFormat(csv)
//	@Param		on_match		query	string	false	"what becomes of a row whose record is there"	Enums(update,skip,error)	default(update)
//	@Param		delimiter		query	string	false	"auto, comma, semicolon, tab, pipe, or the character"
//	@Param		encoding		query	string	false	"auto, utf-8, windows-1252 and others"
//	@Param		date_format		query	string	false	"auto, or such as DD.MM.YYYY"
//	@Param		decimal			query	string	false	"auto, or the mark before the fraction"
//	@Param		create_missing	query	[]string	false	"what may be entered with the records: tags, groups"	collectionFormat(csv)
//	@Param		adopt			query	bool	false	"enter records as they were elsewhere, with state and dates; level 6 or admin"
//	@Param		sheet			query	string	false	"the sheet of a workbook, by its name"
//	@Param		parent			query	string	false	"what a parent is to its child"	Enums(auto,parent_of,member_of,works_for,reports_to)
//	@Param		external_system	query	string	false	"the short name of the system whose keys the file holds"
//	@Param		allow_duplicate	query	bool	false	"enter records although similar ones are there"
//	@Param		duplicate_reason	query	string	false	"why these are no duplicates"
//	@Param		Prefer			header	string	false	"wait=n, in seconds, at most 10"
//	@Param		body			body	string	true	"the file"
//	@Accept		text/csv,application/x-ndjson,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
//	@Success	202	{object}	Import
//	@Router		/imports [post]
func (s *server) createImport(c echo.Context) error {
	values, err := importParams(c)
	if err != nil {
		return err
	}
	ask, err := asked(c, nil)
	if err != nil {
		return err
	}
	customs, err := s.ledger.Customs(c.Request().Context())
	if err != nil {
		return err
	}
	noun, options, err := imports.ReadOptions(values, customs)
	if err != nil {
		return err
	}
	options.RequestID = ask.RequestID
	up := imports.Upload{Noun: noun, Options: options, IdempotencyKey: ask.IdempotencyKey, Query: values.Encode()}
	if err := s.readUpload(c, &up); err != nil {
		return err
	}
	im, replayed, err := s.config.Imports.Take(c.Request().Context(), up)
	if fault.Is(err, fault.PayloadTooLarge) {
		c.Response().Header().Set("Connection", "close") // the rest is not read
	}
	if err != nil {
		return err
	}
	if replayed {
		c.Response().Header().Set("Idempotent-Replayed", "true")
	}
	return s.acceptedImport(c, im)
}

// acceptedImport answers with an import whose job was ordered.
func (s *server) acceptedImport(c echo.Context, im imports.Import) error {
	j, err := s.config.Jobs.Get(c.Request().Context(), im.JobID)
	if err != nil {
		return err
	}
	return s.accepted(c, j, func() (any, error) {
		now, err := s.config.Imports.Get(c.Request().Context(), im.ID)
		return s.importOf(now), err
	})
}

// importParams reads the query of an import; default.x is known for any x.
func importParams(c echo.Context) (url.Values, error) {
	values, err := query(c)
	if err != nil {
		return nil, err
	}
	known := slices.Clone(imports.Parameters)
	for name := range values {
		if strings.HasPrefix(name, imports.DefaultPrefix) {
			known = append(known, name)
		}
	}
	return params(c, known...)
}

// importID is the id in the path; what cannot be one names nothing.
func importID(c echo.Context) (string, error) {
	id, err := uuid.Parse(c.Param("id"))
	if err != nil {
		return "", fault.New(fault.NotFound, "There is no such import, or none of yours.")
	}
	return id.String(), nil
}

func (s *server) ownImport(c echo.Context, known ...string) (imports.Import, error) {
	if _, err := params(c, known...); err != nil {
		return imports.Import{}, err
	}
	id, err := importID(c)
	if err != nil {
		return imports.Import{}, err
	}
	return s.config.Imports.Get(c.Request().Context(), id)
}

// getImport answers an import.
//
//	@ID			getImport
//	@Summary	Read an import
//	@Description	How far the file has come, how it is read, what its columns are taken for, and the report. An import is its owner's alone: anybody else's is a 404.
//	@Tags		Imports
//	@Param		id	path	string	true	"the import's id"
//	@Success	200	{object}	Import
//	@Router		/imports/{id} [get]
func (s *server) getImport(c echo.Context) error {
	im, err := s.ownImport(c)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, s.importOf(im))
}

// updateImport changes how a file is understood.
//
//	@ID			updateImport
//	@Accept		json
//	@Summary	Correct an import
//	@Description	Changes what columns are meant for, the values of empty cells and the formats of dates and numbers, and has the file checked again without a new upload.
//	@Tags		Imports
//	@Param		id		path	string				true	"the import's id"
//	@Param		body	body	ImportCorrection	true	"what is changed"
//	@Success	202	{object}	Import
//	@Router		/imports/{id} [patch]
func (s *server) updateImport(c echo.Context) error {
	var given ImportCorrection
	if err := readInto(c, &given, "mapping", "defaults", "date_format", "decimal"); err != nil {
		return err
	}
	im, err := s.ownImport(c)
	if err != nil {
		return err
	}
	change := imports.Correction{Mapping: given.Mapping, Defaults: given.Defaults, DateFormat: given.DateFormat, Decimal: given.Decimal}
	if im, err = s.config.Imports.Correct(c.Request().Context(), im.ID, change); err != nil {
		return err
	}
	return s.acceptedImport(c, im)
}

// commitImport writes the rows of a file.
//
//	@ID			commitImport
//	@Accept		json
//	@Summary	Write a checked import
//	@Description	Writes the rows of a file that was checked, in chunks; a crash neither tears nor doubles them. Rows with faults are an error unless valid_rows_only is true.
//	@Tags		Imports
//	@Param		id		path	string			true	"the import's id"
//	@Param		body	body	ImportCommit	true	"whether rows with faults may be left out"
//	@Param		Prefer	header	string			false	"wait=n, in seconds, at most 10"
//	@Success	202	{object}	Import
//	@Router		/imports/{id}/commit [post]
func (s *server) commitImport(c echo.Context) error {
	var given ImportCommit
	if err := readInto(c, &given, "valid_rows_only"); err != nil {
		return err
	}
	im, err := s.ownImport(c)
	if err != nil {
		return err
	}
	if im, err = s.config.Imports.Commit(c.Request().Context(), im.ID, given.ValidRowsOnly); err != nil {
		return err
	}
	return s.acceptedImport(c, im)
}
