// Package tabular turns an uploaded file, CSV in any usual shape or NDJSON,
// into rows of named text cells, and helps to read those cells as dates,
// numbers and yes or no. It knows nothing about nouns, databases or HTTP.
//
// The usual way through it:
//
//	found, err := tabular.DetectFile(file, tabular.Options{})
//	rows, err := tabular.Open(file, found)
//	mapping := tabular.Guess(rows.Header(), targets)
//	for {
//		row, err := rows.Next() // io.EOF after the last one
//		if row.Fault != nil {   // this row cannot be read, the next one can
//			continue
//		}
//		…
//	}
package tabular

// The bounds of what is read. Whatever goes over one is refused with an Error
// that says so; none of them is reached by a file that a person made.
const (
	MaxColumns = 500     // cells of a row, names of a header
	MaxCell    = 1 << 20 // bytes of one cell
	MaxRow     = 4 << 20 // bytes of one row, all cells together
	MaxName    = 200     // characters of a column's name
	SampleSize = 128 << 10
)

// Format is the shape of a file.
type Format string

// The formats that are read.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
	XLSX   Format = "xlsx" // a workbook, of which a sheet was copied as CSV: see CopySheet
)

// LineEnd is what parts the lines of a file.
type LineEnd string

// The line ends that are told apart. A file of LF and CRLF lines mixed is read
// as LF, where a CR before the LF is dropped anyway.
const (
	LF   LineEnd = "lf"
	CRLF LineEnd = "crlf"
	CR   LineEnd = "cr"
)

// Detected is how a file is to be read. It can be stored as JSON and used
// again, so that an interrupted import reads the same rows a second time.
type Detected struct {
	Format    Format  `json:"format"`
	Encoding  string  `json:"encoding"`
	BOM       bool    `json:"bom"`
	Delimiter string  `json:"delimiter,omitempty"`
	SepLine   bool    `json:"sep_line,omitempty"` // the file opens with Excel's "sep=;"
	Sheet     string  `json:"sheet,omitempty"`    // of a workbook
	Header    bool    `json:"header"`
	LineEnd   LineEnd `json:"line_end"`
	// Neutralised says that a cell's leading ' before = + - @ was put there by
	// an export, and is taken off again.
	Neutralised bool `json:"formulas_neutralised"`
}

// Row is one row of the data.
type Row struct {
	Number int      // 1 is the row below the header; empty rows count, as in a spreadsheet
	Line   int      // the line of the file on which the row begins, 1 is the first
	Names  []string // the columns; of NDJSON only those that the line has
	Cells  []string // one for each name, or none when there is a Fault
	Raw    []string // the cells as uploaded, however many; of NDJSON the whole line
	Fault  *Error   // why the row cannot be used, or nil
}

// Get finds a cell by the name of its column. Of a name that stands twice in
// the header, the second carries a number.
func (r Row) Get(name string) (string, bool) {
	for i, n := range r.Names {
		if n == name && i < len(r.Cells) {
			return r.Cells[i], true
		}
	}
	return "", false
}
