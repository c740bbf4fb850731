package tabular

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Reader reads the rows of a file one after the other, and holds no more of it
// than a row or two.
type Reader struct {
	found Detected
	rows  rows
}

// rows is what a format has to offer.
type rows interface {
	header() []string
	next() (Row, error)
	skipTo(n int) error
}

// Open reads the header of the file, whose start r is at. The members of NDJSON that
// are named in whole stay JSON where they are objects; of others each part is a column.
func Open(r io.Reader, found Detected, whole ...string) (*Reader, error) {
	text, err := decoder(r, found.Encoding)
	if err != nil {
		return nil, err
	}
	w := newWindow(text)
	if err := w.dropPrefix(charsets[0].bom); err != nil {
		return nil, readFailed(err)
	}
	opened, err := openRows(w, found, whole)
	if err != nil {
		return nil, err
	}
	return &Reader{found: found, rows: opened}, nil
}

func openRows(w *window, found Detected, whole []string) (rows, error) {
	switch found.Format {
	case CSV, XLSX:
		return openCSV(w, found)
	case NDJSON:
		return openLines(w, whole)
	}
	return nil, problem(BadOption, "the format is %q; allowed are csv, ndjson", shown(string(found.Format)))
}

// Detected returns what the reader was opened with.
func (r *Reader) Detected() Detected { return r.found }

// Header returns the names of the columns. Each is there once; a column without
// a name is called "column 3". The lines of NDJSON may bring names as they
// come, which are then added at the end.
func (r *Reader) Header() []string { return r.rows.header() }

// Next returns the next row that is not empty, and io.EOF after the last. A
// row that cannot be used has a Fault; the reading goes on behind it. Any
// error means that it does not.
func (r *Reader) Next() (Row, error) { return r.rows.next() }

// SkipTo passes over the rows with a smaller number, so that Next returns row
// number n or the first behind it. It returns io.EOF if there is none.
func (r *Reader) SkipTo(n int) error { return r.rows.skipTo(n) }

func readFailed(err error) error {
	var own *Error
	if errors.As(err, &own) || errors.Is(err, io.EOF) {
		return err
	}
	return fmt.Errorf("read the file: %w", err)
}

// unusable finds what no column can take, however the row is mapped.
func unusable(valid bool, cells []string) *Error {
	if !valid {
		return problem(BadEncoding, "the row has bytes that are no characters of the file's encoding")
	}
	for _, cell := range cells {
		if strings.IndexByte(cell, 0) >= 0 {
			return problem(BadCharacter, "the row has a NUL character")
		}
	}
	return nil
}
