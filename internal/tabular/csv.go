package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvRows reads rows of CSV.
type csvRows struct {
	*window
	*parser
	found Detected
	names []string
	named int // the columns up to the last with a name of its own
	count int // rows so far, empty ones too
	line  int // of the row to come
	long  bool
	row   []byte // the bytes of the row taken last, until the next is taken
}

func openCSV(w *window, found Detected) (*csvRows, error) {
	if len(found.Delimiter) != 1 || !canDelimit(found.Delimiter[0]) {
		return nil, problem(BadOption, "the delimiter is %q; allowed are , ; | and tab", shown(found.Delimiter))
	}
	c := &csvRows{window: w, parser: newParser(found.Delimiter[0], found.LineEnd), found: found, line: 1}
	if err := c.passSepLine(); err != nil {
		return nil, readFailed(err)
	}
	return c, c.readHeader()
}

func (c *csvRows) header() []string { return c.names }

func (c *csvRows) passSepLine() error {
	if !c.found.SepLine {
		return nil
	}
	if len(c.window.bytes()) == 0 {
		if err := c.more(); err != nil {
			return err
		}
	}
	if end, _ := sepLine(c.window.bytes()); end > 0 {
		c.drop(end)
		c.line++
	}
	return nil
}

// readHeader takes the names off the first row, or counts its cells and leaves
// it where it is.
func (c *csvRows) readHeader() error {
	line, length, fault, err := c.find()
	switch {
	case errors.Is(err, io.EOF):
		return problem(Empty, "the file is empty")
	case err != nil:
		return readFailed(err)
	case tooLongFault(fault) || fault != nil && c.found.Header:
		return problem(fault.Code, "line %d, the first with text: %s", line, fault.Detail)
	}
	cells := c.firstNames()
	if c.names, fault = columnNames(cells); fault != nil {
		return fault
	}
	c.columns, c.named = len(cells), lastFilled(cells)
	if c.found.Header {
		c.takeRow(length)
		c.count = 0
	}
	return nil
}

func (c *csvRows) firstNames() []string {
	cells := c.cells()
	switch {
	case !c.found.Header:
		return make([]string, len(cells))
	case c.found.Neutralised:
		return restoreAll(cells)
	}
	return cells
}

// lastFilled counts the cells up to the last that is not empty; a header may
// end in delimiters that its rows do not have. Without a header all count.
func lastFilled(cells []string) int {
	for n := len(cells); n > 0; n-- {
		if tidied(cells[n-1]) != "" {
			return n
		}
	}
	return len(cells)
}

// find scans the next row that is not empty, and passes over empty ones.
func (c *csvRows) find() (line, length int, fault *Error, err error) {
	for {
		length, fault, err = c.scan()
		if err != nil {
			return 0, 0, nil, err
		}
		if fault != nil || !c.blank() {
			return c.line, length, fault, nil
		}
		c.takeRow(length)
	}
}

// scan finds the extent of the next row, reading on as far as needed.
func (c *csvRows) scan() (int, *Error, error) {
	if c.long {
		if err := c.passRest(); err != nil {
			return 0, nil, err
		}
	}
	for {
		text := c.window.bytes()
		if len(text) == 0 && c.done {
			return 0, nil, io.EOF
		}
		if length, fault := c.parser.next(text, c.done); length > 0 {
			return length, fault, nil
		}
		if err := c.more(); err != nil {
			return 0, nil, err
		}
	}
}

// passRest drops what is left of a row that was too long.
func (c *csvRows) passRest() error {
	for {
		if end := c.lineLength(c.window.bytes()); end > 0 {
			c.line += c.lines(c.window.bytes()[:end])
			c.drop(end)
			c.long = false
			return nil
		}
		c.drop(len(c.window.bytes()))
		if err := c.more(); err != nil {
			return err
		}
	}
}

// takeRow passes over the row that scan found.
func (c *csvRows) takeRow(length int) {
	c.row = c.window.bytes()[:length]
	c.line += c.lines(c.row)
	c.count++
	c.drop(length)
}

func (c *csvRows) skipTo(n int) error {
	for {
		_, length, fault, err := c.find()
		if err != nil {
			return readFailed(err)
		}
		if c.count+1 >= n {
			return nil
		}
		c.takeRow(length)
		c.long = tooLongFault(fault)
	}
}

func (c *csvRows) next() (Row, error) {
	line, length, fault, err := c.find()
	if err != nil {
		return Row{}, readFailed(err)
	}
	c.takeRow(length)
	c.long = tooLongFault(fault)
	row := Row{Number: c.count, Line: line, Names: c.names, Fault: fault}
	if !tooLongFault(fault) {
		row.Raw = c.cells()
	}
	if row.Fault == nil {
		row.Fault = c.faultOf(row.Raw)
	}
	if row.Fault == nil {
		row.Cells = c.meant(row.Raw)
	}
	return row, nil
}

func tooLongFault(fault *Error) bool { return fault != nil && fault.Code == RowTooLong }

// faultOf checks a row that parsed well.
func (c *csvRows) faultOf(raw []string) *Error {
	if !c.rightCount(raw) {
		return problem(WrongCellCount, "the row has %s, the header %d", cellCount(c.seen), c.columns)
	}
	if c.longest() > MaxCell {
		return problem(CellTooLong, "a cell of the row is longer than %d MiB", MaxCell>>20)
	}
	nul := bytes.IndexByte(c.row, 0) >= 0
	if valid := utf8.Valid(c.row); nul || !valid {
		return unusable(valid, raw)
	}
	return nil
}

func cellCount(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return fmt.Sprintf("%d cells", n)
}

// rightCount forgives empty cells behind the last column, and the lack of
// cells for columns that have no name.
func (c *csvRows) rightCount(raw []string) bool {
	if c.seen == c.columns {
		return true
	}
	if c.seen < c.columns {
		return c.seen >= c.named
	}
	for _, cell := range raw[c.columns:] {
		if cell != "" {
			return false
		}
	}
	return c.seen <= MaxColumns
}

// meant returns one cell for each name, formulas restored.
func (c *csvRows) meant(raw []string) []string {
	cells := raw[:min(len(raw), c.columns)]
	if len(cells) < c.columns {
		cells = append(cells[:len(cells):len(cells)], make([]string, c.columns-len(cells))...)
	}
	if c.found.Neutralised {
		return restoreAll(cells)
	}
	return cells
}
