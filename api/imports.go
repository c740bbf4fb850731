package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/imports"
)

// Import is a file that was handed in.
type Import struct {
	// ID is the import's id.
	ID string `json:"id" format:"uuid"`
	// URL leads to the import.
	URL string `json:"url"`
	// State is how far it has come.
	State string `json:"state" enums:"checking,checked,committing,committed,failed,cancelled"`
	// Collection is what the file brings.
	Collection string `json:"collection" example:"stakeholders"`
	// File is what the upload was called, null if it had no name.
	File *string `json:"file" extensions:"x-nullable"`
	// Size is the number of bytes of the upload.
	Size int64 `json:"size"`
	// JobURL leads to the job that checks or writes the file.
	JobURL string `json:"job_url"`
	// Detected is how the file is read.
	Detected ImportReading `json:"detected"`
	// Mapping says what each column is meant for; an empty text leaves a column out.
	Mapping map[string]string `json:"mapping"`
	// Confidence says how sure the guess of a column is, 0 to 1; what was chosen is 1.
	Confidence map[string]float64 `json:"confidence"`
	// Report counts what became of the rows, or would become of them.
	Report ImportReport `json:"report"`
	// ErrorsURL leads to what is wrong with the rows.
	ErrorsURL string `json:"errors_url"`
	// CreatedAt is when the file was handed in.
	CreatedAt string `json:"created_at" format:"date-time"`
	// UpdatedAt is when something last changed.
	UpdatedAt string `json:"updated_at" format:"date-time"`
	// ExpiresAt is until when the file and the report are kept.
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

// ImportReading is how a file is read.
type ImportReading struct {
	// Format is csv or ndjson.
	Format string `json:"format" enums:"csv,ndjson"`
	// Encoding is the character set.
	Encoding string `json:"encoding" example:"windows-1252"`
	// Delimiter parts the cells, null for ndjson.
	Delimiter *string `json:"delimiter" extensions:"x-nullable" example:";"`
	// Header says whether the first line names the columns.
	Header bool `json:"header"`
	// DateFormat is how dates are written, null if there are none; ambiguous if they do not show it.
	DateFormat *string `json:"date_format" extensions:"x-nullable" example:"DD.MM.YYYY"`
	// Decimal is the mark before the fraction of numbers, null if there are none.
	Decimal *string `json:"decimal" extensions:"x-nullable" example:","`
}

// ImportReport counts what became of the rows: every row counts once, beside relations.
type ImportReport struct {
	// Rows is the number of rows taken so far.
	Rows int `json:"rows"`
	// WouldCreate is how many records a dry run would enter.
	WouldCreate int `json:"would_create"`
	// WouldUpdate is how many records a dry run would change.
	WouldUpdate int `json:"would_update"`
	// Created is how many records were entered.
	Created int `json:"created"`
	// Updated is how many records were changed.
	Updated int `json:"updated"`
	// Unchanged is how many rows say what the register holds already.
	Unchanged int `json:"unchanged"`
	// Skipped is how many rows were left out because their record is there.
	Skipped int `json:"skipped"`
	// Invalid is how many rows have faults and are not written.
	Invalid int `json:"invalid"`
	// Relations counts the relations to parents and groups.
	Relations imports.Relation `json:"relations"`
	// Warnings are what should be known of the file as a whole.
	Warnings []string `json:"warnings"`
}

// ImportFaultPage is a page of what is wrong with the rows.
type ImportFaultPage struct {
	// Data are the faults, in the order of the file.
	Data []imports.Fault `json:"data"`
	// Page says where the list goes on.
	Page pageInfo `json:"page"`
}

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

func (s *server) importOf(im imports.Import) Import {
	base, read, t := s.ledger.Base+"/imports/"+im.ID, im.Read(), im.Counts()
	out := Import{
		ID: im.ID, URL: base, State: im.State, Collection: im.Collection, File: orNull(im.FileName), Size: im.Size, JobURL: s.ledger.Base + "/jobs/" + im.JobID,
		Detected: ImportReading{
			Format: string(read.Format), Encoding: read.Encoding, Delimiter: orNull(read.Delimiter), Header: read.Header,
			DateFormat: orNull(read.DateFormat), Decimal: orNull(read.Decimal),
		},
		Mapping: map[string]string{}, Confidence: map[string]float64{}, ErrorsURL: base + "/errors",
		CreatedAt: string(im.CreatedAt), UpdatedAt: string(im.UpdatedAt), ExpiresAt: string(im.ExpiresAt),
		Report: ImportReport{Rows: t.Rows, Unchanged: t.Unchanged, Skipped: t.Skipped, Invalid: t.Invalid, Relations: t.Relations, Warnings: append([]string{}, t.Warnings...)},
	}
	if t.Dry {
		out.Report.WouldCreate, out.Report.WouldUpdate = t.Created, t.Updated
	} else {
		out.Report.Created, out.Report.Updated = t.Created, t.Updated
	}
	for _, c := range im.Mapping() {
		out.Mapping[c.Heading], out.Confidence[c.Heading] = c.Target, c.Confidence
	}
	return out
}

// fileTypes are the media types of files that are read, with their formats.
var fileTypes = map[string]string{"text/csv": "csv", "application/x-ndjson": "ndjson", "application/ndjson": "ndjson", "text/tab-separated-values": "csv"}

// createImport takes a file in.
//
//	@ID			createImport
//	@Summary	Hand in a file of records
//	@Description	Send text/csv or application/x-ndjson as the body, or multipart/form-data with a part file and, if need be, a part mapping (a JSON object, column to field). The encoding, the delimiter, the format of dates and the meaning of columns are found out. A dry run tries every row as if it were written and changes nothing; see the report, correct the mapping by PATCH, then commit. Values for empty cells are given as default.kind=organisation and so on. Needs the scope imports:write and the collection's write.
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
//	@Param		parent			query	string	false	"what a parent is to its child"	Enums(auto,parent_of,member_of,works_for,reports_to)
//	@Param		external_system	query	string	false	"the short name of the system whose keys the file holds"
//	@Param		allow_duplicate	query	bool	false	"enter records although similar ones are there"
//	@Param		duplicate_reason	query	string	false	"why these are no duplicates"
//	@Param		Prefer			header	string	false	"wait=n, in seconds, at most 10"
//	@Param		body			body	string	true	"the file"
//	@Accept		text/csv,application/x-ndjson
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
	noun, options, err := imports.ReadOptions(values)
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

// readUpload finds the file in the request: the body itself, or a part of it.
func (s *server) readUpload(c echo.Context, up *imports.Upload) error {
	r := c.Request()
	if r.ContentLength > s.config.Imports.Limit+maxBody {
		c.Response().Header().Set("Connection", "close")
		return tooLarge(s.config.Imports.Limit)
	}
	media, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err == nil && media == echo.MIMEMultipartForm {
		return readParts(c, up)
	}
	format, known := fileTypes[media]
	if err != nil || !known {
		return fault.New(fault.UnsupportedMediaType, "Send text/csv, application/x-ndjson, or multipart/form-data with a part file.").
			With("supported", []string{"text/csv", "application/x-ndjson", echo.MIMEMultipartForm})
	}
	up.Body, up.Options.Format = r.Body, format
	return nil
}

// readParts reads the parts of a form up to the file, which comes last: what
// stands behind it is not read.
func readParts(c echo.Context, up *imports.Upload) error {
	form, err := c.Request().MultipartReader()
	if err != nil {
		return fault.New(fault.UnsupportedMediaType, "The form cannot be read: %v.", err).With("supported", []string{"text/csv", "application/x-ndjson", echo.MIMEMultipartForm})
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
	im, err := s.ownImport(c)
	if err != nil {
		return err
	}
	var given ImportCorrection
	if err := s.readInto(c, &given, "mapping", "defaults", "date_format", "decimal"); err != nil {
		return err
	}
	change := imports.Correction{Mapping: given.Mapping, Defaults: given.Defaults, DateFormat: given.DateFormat, Decimal: given.Decimal}
	if im, err = s.config.Imports.Correct(c.Request().Context(), im.ID, change); err != nil {
		return err
	}
	return s.acceptedImport(c, im)
}

// readInto reads a body whose members are known into a value.
func (s *server) readInto(c echo.Context, into any, known ...string) error {
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	var faults fault.Fields
	for _, m := range body {
		if !contains(known, m.Name) {
			faults.Add(fault.Field{Pointer: "#/" + m.Name, Code: "unknown_field", Detail: "Unknown field " + m.Name + ".", Suggestion: fault.Nearest(m.Name, known)})
		}
	}
	var mistyped *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, into); errors.As(err, &mistyped) {
		faults.At("#/"+strings.ReplaceAll(mistyped.Field, ".", "/"), "invalid_type", "A %s does not fit here.", mistyped.Value)
	} else if err != nil {
		faults.At("#", "invalid_type", "The body does not fit.")
	}
	return faults.Err()
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
	im, err := s.ownImport(c)
	if err != nil {
		return err
	}
	var given ImportCommit
	if err := s.readInto(c, &given, "valid_rows_only"); err != nil {
		return err
	}
	if im, err = s.config.Imports.Commit(c.Request().Context(), im.ID, given.ValidRowsOnly); err != nil {
		return err
	}
	return s.acceptedImport(c, im)
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
	im, err := s.ownImport(c, "limit", "cursor")
	if err != nil {
		return err
	}
	values, err := query(c)
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
	after, _ := strconv.Atoi(place) // signed by us; "" is the start
	faults, nums, err := s.config.Imports.Faults(c.Request().Context(), im.ID, after, limit+1)
	if err != nil {
		return err
	}
	info := pageInfo{Limit: limit, HasMore: len(faults) > limit}
	if info.HasMore {
		faults = faults[:limit]
		next := cursor{V: 1, D: "n", S: "-id", K: []any{nil, strconv.Itoa(nums[limit-1])}, F: filterDigest(values)}.sign(s.cursorKey)
		link := resource{server: s}.link(c, values, next)
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
