package tabular

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep objects are flattened; what lies deeper stays JSON.
const maxDepth = 8

// lineRows reads NDJSON, one object a line.
type lineRows struct {
	*window
	names []string
	known map[string]bool
	whole []string // what is not parted
	count int
	long  bool
}

// openLines learns the names from the lines that are in memory at the start.
func openLines(w *window, whole []string) (*lineRows, error) {
	l := &lineRows{window: w, known: map[string]bool{}, whole: whole}
	if err := w.more(); err != nil && !errors.Is(err, io.EOF) {
		return nil, readFailed(err)
	}
	held := w.bytes()
	for len(held) > 0 {
		line, rest, ended := bytes.Cut(held, []byte("\n"))
		if names, _, fault := flattened(line, l.whole); fault == nil && (ended || w.done) {
			_ = l.learn(names) // the line itself tells its faults when it is read
		}
		held = rest
	}
	return l, nil
}

func (l *lineRows) header() []string { return l.names }

// learn adds the names that were not there yet.
func (l *lineRows) learn(names []string) *Error {
	for _, name := range names {
		if l.known[name] {
			continue
		}
		if len(l.names) == MaxColumns {
			return problem(TooManyColumns, "the lines up to this one have more than %d names together", MaxColumns)
		}
		l.known[name] = true
		l.names = append(l.names, name)
	}
	return nil
}

// line returns the next line that is not empty, without its end, and its
// length with it. A line that is too long comes in part.
func (l *lineRows) line() (text []byte, length int, err error) {
	for {
		held := l.window.bytes()
		end := bytes.IndexByte(held, '\n')
		switch {
		case end < 0 && !l.done && len(held) < MaxRow:
			if err := l.more(); err != nil {
				return nil, 0, err
			}
			continue
		case end < 0 && len(held) == 0:
			return nil, 0, io.EOF
		case end < 0:
			end = len(held) - 1
		}
		text = bytes.TrimSpace(held[:end+1])
		if len(text) > 0 && !l.long {
			return text, end + 1, nil
		}
		l.passLine(end + 1)
	}
}

// passLine passes over length bytes; the rest of a long line does not count
// once more.
func (l *lineRows) passLine(length int) {
	if !l.long {
		l.count++
	}
	ended := l.window.bytes()[length-1] == '\n'
	l.long = !ended && !(l.done && length == len(l.window.bytes()))
	l.drop(length)
}

func (l *lineRows) skipTo(n int) error {
	for {
		_, length, err := l.line()
		if err != nil {
			return readFailed(err)
		}
		if l.count+1 >= n {
			return nil
		}
		l.passLine(length)
	}
}

func (l *lineRows) next() (Row, error) {
	text, length, err := l.line()
	if err != nil {
		return Row{}, readFailed(err)
	}
	whole := string(text)
	l.passLine(length)
	row := Row{Number: l.count, Line: l.count}
	if l.long || len(whole) > MaxRow {
		row.Fault = tooLong()
		return row, nil
	}
	row.Raw = []string{whole}
	names, cells, fault := flattened([]byte(whole), l.whole)
	if fault == nil {
		fault = l.learn(names)
	}
	if row.Fault = fault; fault == nil {
		row.Names, row.Cells = names, cells
	}
	return row, nil
}

// flattened reads an object: {"a":{"b":1}} is a column a.b. Arrays and the members
// named in whole stay JSON, null is empty.
func flattened(line []byte, whole []string) (names, cells []string, fault *Error) {
	if !utf8.Valid(line) {
		return nil, nil, unusable(false, nil)
	}
	if line = bytes.TrimSpace(line); !json.Valid(line) {
		return nil, nil, problem(BadJSON, "the line is not valid JSON")
	}
	if line[0] != '{' {
		return nil, nil, problem(BadJSON, "the line is JSON, but not an object")
	}
	f := flat{taken: map[string]bool{}, whole: whole}
	if fault := f.object("", line, 1); fault != nil {
		return nil, nil, fault
	}
	return f.names, f.cells, unusable(true, f.cells)
}

// flat collects the columns of one line.
type flat struct {
	names []string
	cells []string
	taken map[string]bool
	whole []string
}

func (f *flat) object(prefix string, text []byte, depth int) *Error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return problem(BadJSON, "the line is not valid JSON")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return problem(BadJSON, "the line is not valid JSON")
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return problem(BadJSON, "the line is not valid JSON")
		}
		key, _ := name.(string)
		if fault := f.member(prefix+key, value, depth); fault != nil {
			return fault
		}
	}
	return nil
}

func (f *flat) member(name string, value []byte, depth int) *Error {
	if value[0] == '{' && depth < maxDepth && !slices.Contains(f.whole, name) {
		return f.object(name+".", value, depth+1)
	}
	switch {
	case f.taken[name]:
		return problem(DuplicateName, "the name %q is there twice", shown(name))
	case len(f.names) == MaxColumns:
		return problem(TooManyColumns, "the line has more than %d names", MaxColumns)
	case utf8.RuneCountInString(name) > MaxName:
		return problem(NameTooLong, "the name %q is longer than %d characters", shown(name), MaxName)
	}
	cell := cellOf(value)
	if len(cell) > MaxCell {
		return problem(CellTooLong, "the value of %q is longer than %d MiB", shown(name), MaxCell>>20)
	}
	f.taken[name] = true
	f.names, f.cells = append(f.names, name), append(f.cells, cell)
	return nil
}

// cellOf is the text of a JSON value.
func cellOf(value []byte) string {
	switch value[0] {
	case '"':
		var text string
		if json.Unmarshal(value, &text) == nil {
			return text
		}
	case 'n':
		return ""
	case '[', '{':
		var short bytes.Buffer
		if json.Compact(&short, value) == nil {
			return short.String()
		}
	}
	return strings.TrimSpace(string(value))
}
