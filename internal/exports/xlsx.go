package exports

import (
	"archive/zip"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rapport/internal/register"
)

// Bounds of a workbook's sheets and cells, which are the spreadsheets' own.
const (
	mostRows = 1 << 20
	mostText = 32767
)

// The styles of cells, by their places in styles.xml. A cell of text stays text when
// it is edited, so that what begins with = is never reckoned.
const (
	asDay  = 1
	asTime = 2
	asText = 3
)

// workbook writes rows into an XLSX file as they come, and holds none of them: its
// parts are compressed into the answer one after the other, and the one that names
// the sheets comes last.
type workbook struct {
	zip     *zip.Writer
	sheet   io.Writer
	name    string
	heads   []string
	letters []string // of the columns
	rows    int      // a sheet holds at most
	row     int      // the last row written
	sheets  int
	line    []byte
}

func newWorkbook(out io.Writer, name string, columns []Column) *workbook {
	b := &workbook{zip: zip.NewWriter(out), name: name, rows: mostRows}
	b.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for i, c := range columns {
		b.heads, b.letters = append(b.heads, c.Name), append(b.letters, letters(i))
	}
	return b
}

// letters are a column's name: A to Z, then AA.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + letters(i%26)
}

const (
	contentTypes = xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`
	rootRels = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	styles = xml.Header + `<styleSheet xmlns="` + mainSpace + `">` +
		`<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
		`<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`
	sheetHead = xml.Header + `<worksheet xmlns="` + mainSpace + `"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`
	sheetEnd = `</sheetData></worksheet>`

	mainSpace  = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relsSpace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	partOfBook = `<Relationship Id="rId%d" Type="` + relsSpace + `/%s" Target="%s"/>`
)

// begin writes what stands before the sheets, and the first one's headings.
func (b *workbook) begin() error {
	for _, part := range [][2]string{{"[Content_Types].xml", contentTypes}, {"_rels/.rels", rootRels}, {"xl/styles.xml", styles}} {
		if err := b.part(part[0], part[1]); err != nil {
			return err
		}
	}
	return b.turn()
}

func (b *workbook) part(name, content string) error {
	w, err := b.zip.Create(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, content)
	return err
}

// turn ends a sheet and begins the next.
func (b *workbook) turn() (err error) {
	if err := b.leave(); err != nil {
		return err
	}
	b.sheets++
	b.row = 0
	if b.sheet, err = b.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", b.sheets)); err != nil {
		return err
	}
	if _, err := io.WriteString(b.sheet, sheetHead); err != nil {
		return err
	}
	b.start()
	for i, name := range b.heads {
		b.text(i, name)
	}
	return b.end()
}

func (b *workbook) leave() error {
	if b.sheet == nil {
		return nil
	}
	_, err := io.WriteString(b.sheet, sheetEnd)
	return err
}

// start begins a row.
func (b *workbook) start() {
	b.row++
	b.line = append(strconv.AppendInt(append(b.line[:0], `<row r="`...), int64(b.row), 10), `">`...)
}

// end writes the row.
func (b *workbook) end() error {
	_, err := b.sheet.Write(append(b.line, "</row>"...))
	return err
}

// open begins a cell of a type and a style, "" and 0 for a plain number.
func (b *workbook) open(column int, typ string, style int) {
	b.line = strconv.AppendInt(append(append(b.line, `<c r="`...), b.letters[column]...), int64(b.row), 10)
	b.line = append(b.line, '"')
	if style != 0 {
		b.line = append(strconv.AppendInt(append(b.line, ` s="`...), int64(style), 10), '"')
	}
	if typ != "" {
		b.line = append(append(append(b.line, ` t="`...), typ...), '"')
	}
	b.line = append(b.line, '>')
}

// value adds a cell of a number.
func (b *workbook) value(column int, typ, text string, style int) {
	b.open(column, typ, style)
	b.line = append(append(append(b.line, "<v>"...), text...), "</v></c>"...)
}

// coded is what spreadsheets would take for a character by its number.
var coded = regexp.MustCompile(`_(x[0-9A-Fa-f]{4}_)`)

// text adds a cell of text; what a cell cannot hold is cut off, which a … tells.
func (b *workbook) text(column int, text string) {
	if text == "" {
		return
	}
	if strings.Contains(text, "_x") {
		text = coded.ReplaceAllString(text, "_x005F_$1")
	}
	if len(text) > mostText {
		text = shortened(text)
	}
	b.open(column, "inlineStr", asText)
	b.line = append(b.line, `<is><t xml:space="preserve">`...)
	b.line = append(b.line, escaper.Replace(text)...)
	b.line = append(b.line, "</t></is></c>"...)
}

// escaper writes text as XML has it; two characters that are none for it are left out.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;", "\ufffe", "", "\uffff", "")

func shortened(text string) string {
	if utf8.RuneCountInString(text) <= mostText/2 { // no character takes more than two of theirs
		return text
	}
	units := 0
	for i, r := range text {
		if units++; r > 0xffff {
			units++
		}
		if units >= mostText {
			return text[:i] + "…"
		}
	}
	return text
}

// cell adds a cell as its field's values are: numbers, yes and no, days and times in
// UTC are such to the spreadsheet; all else is text.
func (b *workbook) cell(column int, c Column, text string) {
	if text == "" {
		return
	}
	if c.kind == plain {
		switch c.Field.Shape {
		case register.Whole:
			b.value(column, "", text, 0)
			return
		case register.Truth:
			b.value(column, "b", map[bool]string{true: "1", false: "0"}[text == "true" || text == "1"], 0)
			return
		case register.Day, register.Moment:
			if serial, style, ok := serialOf(text); ok {
				b.value(column, "", serial, style)
				return
			}
		}
	}
	b.text(column, text)
}

// epoch is the day that spreadsheets count from; for those before March 1900 they
// count otherwise.
var (
	epoch    = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	earliest = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)
)

// serialOf is a day or a time as spreadsheets count it.
func serialOf(text string) (serial string, style int, ok bool) {
	style, layout := asTime, time.RFC3339
	if len(text) == len(time.DateOnly) {
		style, layout = asDay, time.DateOnly
	}
	at, err := time.Parse(layout, text)
	if err != nil || at.Before(earliest) {
		return "", 0, false
	}
	return strconv.FormatFloat(float64(at.UnixMilli()-epoch.UnixMilli())/float64(24*time.Hour/time.Millisecond), 'f', -1, 64), style, true
}

// close ends the last sheet and names all of them.
func (b *workbook) close() error {
	if err := b.leave(); err != nil {
		return err
	}
	var sheets, rels strings.Builder
	for i := 1; i <= b.sheets; i++ {
		name := b.name
		if i > 1 {
			name += " " + strconv.Itoa(i)
		}
		fmt.Fprintf(&sheets, `<sheet name="%.31s" sheetId="%d" r:id="rId%d"/>`, name, i, i)
		fmt.Fprintf(&rels, partOfBook, i, "worksheet", fmt.Sprintf("worksheets/sheet%d.xml", i))
	}
	fmt.Fprintf(&rels, partOfBook, b.sheets+1, "styles", "styles.xml")
	book := xml.Header + `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relsSpace + `"><sheets>` + sheets.String() + `</sheets></workbook>`
	if err := b.part("xl/workbook.xml", book); err != nil {
		return err
	}
	if err := b.part("xl/_rels/workbook.xml.rels", xml.Header+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+rels.String()+`</Relationships>`); err != nil {
		return err
	}
	return b.zip.Close()
}
