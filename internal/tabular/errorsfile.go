package tabular

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// ErrorColumn is the column that an errors file adds. Guess leaves it out, so
// that a mended file can be sent as it is.
const ErrorColumn = "_error"

// ErrorsWriter writes the rows that failed, as uploaded, each with what is
// wrong with it. Of a CSV it makes a CSV with the same delimiter that a
// spreadsheet opens safely, of NDJSON it makes NDJSON.
type ErrorsWriter struct {
	out   io.Writer
	csv   *csv.Writer // nil for NDJSON
	found Detected
	width int
	error int // the place of ErrorColumn in a file that was an errors file before, or -1
	begun bool
	names []string
}

// NewErrorsWriter returns a writer for rows of that reader.
func NewErrorsWriter(w io.Writer, of *Reader) *ErrorsWriter {
	e := &ErrorsWriter{out: w, found: of.found, error: -1}
	if of.found.Format == NDJSON {
		return e
	}
	e.names = of.Header()
	e.width = len(e.names)
	for i, name := range e.names {
		if name == ErrorColumn {
			e.error = i
		}
	}
	e.csv = csv.NewWriter(w)
	e.csv.Comma = rune(of.found.Delimiter[0])
	return e
}

// Write adds a row with its problems. A row that could not be read at all is
// there with nothing but them.
func (e *ErrorsWriter) Write(row Row, problems ...string) error {
	if row.Fault != nil && len(problems) == 0 {
		problems = []string{row.Fault.Detail}
	}
	text := strings.Join(problems, "; ")
	if e.csv == nil {
		return e.writeLine(row, text)
	}
	if err := e.begin(); err != nil {
		return err
	}
	return e.csv.Write(e.cells(row.Raw, text))
}

// Flush writes what is still held, and the header if there was no row.
func (e *ErrorsWriter) Flush() error {
	if e.csv == nil {
		return nil
	}
	if err := e.begin(); err != nil {
		return err
	}
	e.csv.Flush()
	return e.csv.Error()
}

// begin writes the byte order mark, without which Excel garbles UTF-8, and the
// header.
func (e *ErrorsWriter) begin() error {
	if e.begun {
		return nil
	}
	e.begun = true
	if _, err := io.WriteString(e.out, charsets[0].bom); err != nil {
		return fmt.Errorf("write the errors file: %w", err)
	}
	return e.csv.Write(e.cells(e.names, ErrorColumn))
}

// cells puts the problem behind the last column. Surplus cells follow it, so
// that the columns stay one below the other.
func (e *ErrorsWriter) cells(raw []string, problem string) []string {
	var cells []string
	for i := range max(e.width, len(raw)) {
		if i == e.width {
			cells = append(cells, problem)
		}
		if i == e.error {
			continue
		}
		cells = append(cells, e.cell(raw, i))
	}
	if len(raw) <= e.width {
		cells = append(cells, problem)
	}
	return cells
}

// cell is safe to open whether or not the upload was.
func (e *ErrorsWriter) cell(raw []string, i int) string {
	if i >= len(raw) {
		return ""
	}
	cell := strings.ToValidUTF8(raw[i], "\uFFFD")
	if e.found.Neutralised {
		cell = RestoreFormula(cell)
	}
	return NeutraliseFormula(cell)
}

// writeLine puts the problem at the end of the object, or makes an object of a
// line that is none.
func (e *ErrorsWriter) writeLine(row Row, problem string) error {
	line := ""
	if len(row.Raw) > 0 {
		line = row.Raw[0]
	}
	members := map[string]json.RawMessage{}
	if json.Unmarshal([]byte(line), &members) != nil || members == nil {
		quoted, _ := json.Marshal(line)
		line, members = fmt.Sprintf(`{"_line":%s}`, quoted), map[string]json.RawMessage{"_line": quoted}
	}
	text, _ := json.Marshal(problem)
	if _, again := members[ErrorColumn]; again {
		members[ErrorColumn] = text
		return e.writeMembers(members)
	}
	comma := ","
	if len(members) == 0 {
		comma = ""
	}
	_, err := fmt.Fprintf(e.out, "%s%s%q:%s}\n", strings.TrimSuffix(line, "}"), comma, ErrorColumn, text)
	return err
}

func (e *ErrorsWriter) writeMembers(members map[string]json.RawMessage) error {
	line, err := json.Marshal(members)
	if err != nil {
		return fmt.Errorf("write the errors file: %w", err)
	}
	_, err = fmt.Fprintf(e.out, "%s\n", line)
	return err
}
