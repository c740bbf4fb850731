package tabular

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// sheetRows are the rows of a sheet on their way into CSV.
type sheetRows struct {
	*book
	o     SheetOptions
	out   *bufio.Writer
	zone  string // behind times
	cells []string
	row   int // the last that was written
	width int // of the header
}

// copySheet writes the rows of a sheet as they come, and holds one at a time.
func (b *book) copySheet(sheet sheetPart, o SheetOptions, out io.Writer) error {
	r := &sheetRows{book: b, o: o, out: bufio.NewWriter(out)}
	err := b.walk(sheet.part, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "row" {
			return nil
		}
		return r.copyRow(d, e)
	})
	if err != nil {
		return err
	}
	return r.out.Flush()
}

// copyRow writes a row, and an empty one for each that is left out before it.
func (r *sheetRows) copyRow(d *xml.Decoder, e xml.StartElement) error {
	number := r.row + 1
	if given := attribute(e, "r"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < number || n > mostSheetRows {
			return problem(NotText, "the workbook's rows do not stand in their order")
		}
		number = n
	}
	for ; r.row < number-1; r.row++ {
		if err := r.out.WriteByte('\n'); err != nil {
			return err
		}
	}
	r.row = number
	if err := r.readRow(d); err != nil {
		return err
	}
	return r.write()
}

// readRow reads a row's cells up to its end.
func (r *sheetRows) readRow(d *xml.Decoder) error {
	r.cells = r.cells[:0]
	held := 0
	for next := 0; ; {
		token, err := d.RawToken()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			if at := attribute(t, "r"); at != "" {
				next = columnAt(at)
			}
			text, err := r.cell(d, t)
			if err != nil {
				return err
			}
			if held += len(text); held > MaxRow {
				return problem(RowTooLong, "row %d is longer than %d MiB", r.row, MaxRow>>20)
			}
			if err := r.put(next, text); err != nil {
				return err
			}
			next++
		}
	}
}

// put notes a cell's text; an empty one needs no place.
func (r *sheetRows) put(column int, text string) error {
	if text == "" {
		return nil
	}
	if column < 0 || column >= MaxColumns {
		return problem(TooManyColumns, "row %d has more than %d columns", r.row, MaxColumns)
	}
	for len(r.cells) <= column {
		r.cells = append(r.cells, "")
	}
	r.cells[column] = text
	return nil
}

// columnAt is the column of a place such as AB12, from 0; -1 for none.
func columnAt(place string) int {
	column := 0
	for _, c := range strings.ToUpper(place) {
		if c < 'A' || c > 'Z' || column > MaxColumns {
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	return column - 1
}

// cell reads a cell up to its end, as what its type says.
func (r *sheetRows) cell(d *xml.Decoder, c xml.StartElement) (string, error) {
	typ, value := attribute(c, "t"), ""
	for inside := ""; ; {
		token, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if inside = t.Name.Local; inside == "is" {
				if value, err = textIn(d, "is"); err != nil {
					return "", err
				}
			}
		case xml.CharData:
			if inside == "v" {
				value += string(t)
			}
		case xml.EndElement:
			if inside = ""; t.Name.Local == "c" {
				return r.meant(typ, value, attribute(c, "s")), nil
			}
		}
	}
}

// meant is what a cell's value stands for.
func (r *sheetRows) meant(typ, value, styled string) string {
	switch typ {
	case "s":
		return r.shared.get(value)
	case "str":
		return decoded16(value)
	case "b":
		return map[string]string{"1": "true", "0": "false"}[strings.TrimSpace(value)]
	case "inlineStr", "e", "d":
		return value
	}
	return r.number(value, styled, r.zone)
}

// write writes the row's cells, as many as the header has at least.
func (r *sheetRows) write() error {
	if len(r.cells) > 0 && r.width == 0 {
		r.width = len(r.cells)
		if r.o.UTC != nil && r.o.UTC(r.cells) {
			r.zone = "Z"
		}
	}
	var wrong error
	for i, n := 0, max(len(r.cells), r.width); i < n && len(r.cells) > 0; i++ {
		if i > 0 {
			wrong = errors.Join(wrong, r.out.WriteByte(','))
		}
		if i < len(r.cells) && r.cells[i] != "" {
			_, err := r.out.WriteString(`"` + strings.ReplaceAll(r.cells[i], `"`, `""`) + `"`)
			wrong = errors.Join(wrong, err)
		}
	}
	return errors.Join(wrong, r.out.WriteByte('\n'))
}
