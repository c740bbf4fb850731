package api

import (
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
	// Format is csv, ndjson or xlsx.
	Format string `json:"format" enums:"csv,ndjson,xlsx"`
	// Sheet is the sheet that is read of a workbook, null for other files.
	Sheet *string `json:"sheet" extensions:"x-nullable" example:"Stakeholders"`
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

func (s *server) importOf(im imports.Import) Import {
	base, read, t := s.ledger.Base+"/imports/"+im.ID, im.Read(), im.Counts()
	out := Import{
		ID: im.ID, URL: base, State: im.State, Collection: im.Collection, File: orNull(im.FileName), Size: im.Size, JobURL: s.ledger.Base + "/jobs/" + im.JobID,
		Detected: ImportReading{
			Format: string(read.Format), Sheet: orNull(read.Sheet), Encoding: read.Encoding, Delimiter: orNull(read.Delimiter), Header: read.Header,
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
