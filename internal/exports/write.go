package exports

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/tabular"
)

// Format is the form of a file.
type Format struct {
	Name, Media, Suffix string
	table, excel, book  bool
	of                  string // the field that records must have to be written so, "" for none
	cards, days         bool
}

// Formats are the forms that are written: csv for programs, csv-excel with a
// byte-order mark and without formulas for spreadsheets, a workbook, ndjson; cards for
// address books, and due days for calendars.
var Formats = []Format{
	{Name: "csv", Media: "text/csv; charset=utf-8; header=present", Suffix: "csv", table: true},
	{Name: "csv-excel", Media: "text/csv; charset=utf-8; header=present", Suffix: "csv", table: true, excel: true},
	{Name: "xlsx", Media: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Suffix: "xlsx", table: true, book: true},
	{Name: "ndjson", Media: "application/x-ndjson", Suffix: "ndjson"},
	{Name: "vcard", Media: "text/vcard; charset=utf-8", Suffix: "vcf", of: "channels", cards: true},
	{Name: "ics", Media: "text/calendar; charset=utf-8", Suffix: "ics", of: "due_on", days: true},
}

// FormatsOf are the forms in which n's records are written: only who can be reached
// has a card, and only what falls due a day.
func FormatsOf(n *register.Noun) []Format {
	return slices.DeleteFunc(slices.Clone(Formats), func(f Format) bool { return f.of != "" && n.Field(f.of) == nil })
}

// FormatNamed is the form of n's records that is called so.
func FormatNamed(n *register.Noun, name string) (Format, bool) {
	list := FormatsOf(n)
	i := slices.IndexFunc(list, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return list[i], true
}

// FormatNames lists their names.
func FormatNames(n *register.Noun) (names []string) {
	for _, f := range FormatsOf(n) {
		names = append(names, f.Name)
	}
	return names
}

// Whole reports whether the form says itself what it holds of a record.
func (f Format) Whole() bool { return f.of != "" }

// Writer writes records into a file.
type Writer struct {
	out     *bufio.Writer
	format  Format
	columns []Column
	noun    *register.Noun
	prefix  string // of the noun's refs
	line    []byte
	book    *workbook // nil unless it is one
}

// NewWriter begins a file of n's records.
func NewWriter(out io.Writer, f Format, n *register.Noun, columns []Column) *Writer {
	w := &Writer{out: bufio.NewWriterSize(out, 64<<10), format: f, columns: columns, noun: n, prefix: n.Prefix + "-"}
	if f.book {
		w.book = newWorkbook(w.out, n.Path, columns)
	}
	return w
}

// Begin writes what stands before the first record.
func (w *Writer) Begin() error {
	switch {
	case w.book != nil:
		return w.book.begin()
	case w.format.days:
		return w.frame("BEGIN")
	case !w.format.table:
		return nil
	case w.format.excel:
		if _, err := w.out.WriteString("\ufeff"); err != nil {
			return err
		}
	}
	w.line = w.line[:0]
	for i, c := range w.columns {
		w.cell(i, c.Name)
	}
	return w.flushLine("\r\n")
}

// Record writes one record, with the relations as labels name them and without
// what takes a higher level than the reader's.
func (w *Writer) Record(row register.Row, labels register.Labels, level authority.Level) error {
	w.line = w.line[:0]
	switch {
	case w.book != nil:
		return w.bookRow(row, labels, level)
	case w.format.cards:
		return w.card(row, level)
	case w.format.days:
		return w.day(row, level)
	case !w.format.table:
		return w.object(row, labels, level)
	}
	for i, c := range w.columns {
		w.cell(i, w.shown(c, row, labels, level))
	}
	return w.flushLine("\r\n")
}

// shown is what a table shows of a record in a column; nothing of what takes a
// higher level than the reader's.
func (w *Writer) shown(c Column, row register.Row, labels register.Labels, level authority.Level) string {
	if cell := row[c.Field.Column]; cell != nil && c.Field.Seen <= level {
		return w.text(c, cell, labels)
	}
	return ""
}

// bookRow writes a record as a row of a workbook, on a new sheet where one is full.
func (w *Writer) bookRow(row register.Row, labels register.Labels, level authority.Level) error {
	if w.book.row >= w.book.rows {
		if err := w.book.turn(); err != nil {
			return err
		}
	}
	w.book.start()
	for i, c := range w.columns {
		w.book.cell(i, c, w.shown(c, row, labels, level))
	}
	return w.book.end()
}

// End writes what stands behind the last record.
func (w *Writer) End() error {
	var err error
	switch {
	case w.book != nil:
		err = w.book.close()
	case w.format.days:
		err = w.frame("END")
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

// Flush hands over what was written so far.
func (w *Writer) Flush() error { return w.out.Flush() }

func (w *Writer) flushLine(end string) error {
	w.line = append(w.line, end...)
	_, err := w.out.Write(w.line)
	return err
}

// cell appends a cell as RFC 4180 has it.
func (w *Writer) cell(i int, text string) {
	if i > 0 {
		w.line = append(w.line, ',')
	}
	if w.format.excel {
		text = tabular.NeutraliseFormula(text)
	}
	if text == "" || !strings.ContainsAny(text, "\",;\t\r\n") && text[0] != ' ' && text[len(text)-1] != ' ' {
		w.line = append(w.line, text...)
		return
	}
	w.line = append(append(append(w.line, '"'), strings.ReplaceAll(text, `"`, `""`)...), '"')
}

// text is a value as a table shows it. An empty list is an empty cell.
func (w *Writer) text(c Column, cell []byte, labels register.Labels) string {
	switch c.kind {
	case ref:
		return w.prefix + string(cell)
	case relation:
		return named(labels, c.Field.Target, string(cell))
	case several, words:
		return joined(w.list(c, cell, labels))
	case member:
		return memberText(register.CustomValue(cell, c.key))
	}
	switch c.Field.Shape {
	case register.Rank:
		i, _ := strconv.Atoi(string(cell)) // our own number
		return authority.Sensitivity(i).String()
	case register.JSON:
		if text := string(cell); text != "[]" && text != "{}" && text != "null" {
			return text
		}
		return ""
	}
	return string(cell)
}

// memberText is a custom field's value as a table shows it.
func memberText(raw jsontext.Value) string {
	switch raw.Kind() {
	case '"':
		text, _ := jsontext.AppendUnquote(nil, raw) // our own JSON
		return string(text)
	case '[':
		var list []string
		_ = json.Unmarshal(raw, &list) // options
		return joined(list)
	}
	return string(raw)
}

// named is the ref of a record; its id where the reader may not see more.
func named(labels register.Labels, noun, id string) string {
	if label := labels[noun][id]; label.Ref != "" {
		return label.Ref
	}
	return id
}

func (w *Writer) list(c Column, cell []byte, labels register.Labels) []string {
	list := []string{}
	_ = json.Unmarshal(cell, &list) // our own JSON
	if c.kind == several {
		for i, id := range list {
			list[i] = named(labels, c.Field.Target, id)
		}
	}
	return list
}

// joined writes a list with semicolons between, or as JSON where a word would not
// come back whole.
func joined(list []string) string {
	for _, word := range list {
		if word == "" || strings.ContainsAny(word, ",;|\n") || word[0] == '[' || strings.TrimSpace(word) != word {
			raw, _ := json.Marshal(list) // texts
			return string(raw)
		}
	}
	return strings.Join(list, "; ")
}

// object writes a record as a line of JSON with the columns as members.
func (w *Writer) object(row register.Row, labels register.Labels, level authority.Level) error {
	w.line = append(w.line, '{')
	for i, c := range w.columns {
		if i > 0 {
			w.line = append(w.line, ',')
		}
		w.line = append(append(append(w.line, '"'), c.Name...), `":`...)
		cell := row[c.Field.Column]
		if c.Field.Seen > level {
			cell = nil
		}
		w.value(c, cell, labels)
	}
	w.line = append(w.line, '}')
	return w.flushLine("\n")
}

func (w *Writer) value(c Column, cell []byte, labels register.Labels) {
	switch {
	case c.kind == member:
		raw := register.CustomValue(cell, c.key)
		if raw == nil {
			raw = jsontext.Value("null")
		}
		w.line = append(w.line, raw...)
	case cell == nil || c.kind == plain:
		w.line = append(w.line, c.Field.JSON(cell)...)
	case c.kind == ref || c.kind == relation:
		w.line, _ = jsontext.AppendQuote(w.line, w.text(c, cell, labels))
	default:
		raw, _ := json.Marshal(w.list(c, cell, labels)) // texts
		w.line = append(w.line, raw...)
	}
}
