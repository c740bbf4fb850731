package store

import (
	"database/sql"
	"fmt"
	"strconv"
	"sync"
	"unsafe"

	"rapport/internal/register"
)

// scanner takes the cells of rows. Scanners are used again: half of what a look-up
// would leave to the collector are their places.
type scanner struct{ cells, into []any }

var scanners = sync.Pool{New: func() any { return &scanner{} }}

func scannerOf(columns int) *scanner {
	s := scanners.Get().(*scanner)
	if len(s.cells) < columns {
		s.cells = make([]any, max(columns, 96))
		s.into = make([]any, len(s.cells))
		for i := range s.cells {
			s.into[i] = &s.cells[i]
		}
	}
	s.cells, s.into = s.cells[:columns], s.into[:columns]
	return s
}

func (s *scanner) scan(rows *sql.Rows) (register.Row, error) {
	if err := rows.Scan(s.into...); err != nil {
		return nil, err
	}
	row := make(register.Row, len(s.cells))
	for i, cell := range s.cells {
		row[i] = textOf(cell)
	}
	return row, nil
}

// free lets the scanner be used again, without what it held.
func (s *scanner) free() {
	clear(s.cells)
	s.cells, s.into = s.cells[:cap(s.cells)], s.into[:cap(s.into)]
	scanners.Put(s)
}

// textOf is a value of the driver as text. A string is not copied: rows are read
// and never written into.
func textOf(cell any) []byte {
	switch v := cell.(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return []byte{} // nil would be null
		}
		return unsafe.Slice(unsafe.StringData(v), len(v))
	case []byte:
		return v
	case int64:
		return strconv.AppendInt(nil, v, 10)
	case bool:
		return strconv.AppendBool(nil, v)
	}
	return fmt.Append(nil, cell)
}
