package tabular

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

const bookSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

// bookParts are the parts of a workbook of a hidden and two other sheets, as a
// spreadsheet writes them; sheet is the first that is not hidden.
func bookParts(sheet string) map[string]string {
	const rel = `<Relationship Id="%" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/$" Target="#"/>`
	link := func(id, kind, target string) string {
		return strings.NewReplacer("%", id, "$", kind, "#", target).Replace(rel)
	}
	return map[string]string{
		"_rels/.rels": `<Relationships>` + link("r1", "officeDocument", "xl/workbook.xml") + `</Relationships>`,
		"xl/workbook.xml": `<workbook ` + bookSpace + `><workbookPr/><sheets><sheet name="Notes" sheetId="9" state="hidden" r:id="r9"/>` +
			`<sheet name="People" sheetId="1" r:id="r1"/><sheet name="Größen" sheetId="2" r:id="r2"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships>` + link("r1", "worksheet", "worksheets/sheet1.xml") + link("r2", "worksheet", "/xl/worksheets/sheet2.xml") +
			link("r9", "worksheet", "worksheets/sheet9.xml") + link("r3", "styles", "styles.xml") + link("r4", "sharedStrings", "sharedStrings.xml") + `</Relationships>`,
		"xl/styles.xml": `<styleSheet ` + bookSpace + `><numFmts><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" formatCode="[$-407]d/\ mmmm\ yyyy;@"/>` +
			`<numFmt numFmtId="166" formatCode="dd.mm.yyyy\ hh:mm"/><numFmt numFmtId="167" formatCode="&quot;day &quot;0"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>` +
			`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/><xf numFmtId="167"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":     `<sst ` + bookSpace + `><si><t>name</t></si><si><r><t>Ana </t></r><r><rPr><b/></rPr><t>Pop</t></r><rPh><t>ana</t></rPh></si><si><t xml:space="preserve">say "hi",_x000a_Ana_x005F_x0041_</t></si><si/></sst>`,
		"xl/worksheets/sheet1.xml": `<worksheet ` + bookSpace + `><sheetData>` + sheet + `</sheetData></worksheet>`,
		"xl/worksheets/sheet2.xml": `<x:worksheet xmlns:x="y"><x:sheetData><x:row><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
		"xl/worksheets/sheet9.xml": `<worksheet/>`,
	}
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func copied(file []byte, sheet string) (name, csv string, err error) {
	var out bytes.Buffer
	o := SheetOptions{Sheet: sheet, UTC: func(header []string) bool { return header[0] == "utc" }, most: 16 << 20}
	name, err = CopySheet(bytes.NewReader(file), int64(len(file)), o, &out)
	return name, out.String(), err
}

// Cells come as what they are: texts as they stand, days as days, and numbers with
// the zeros that their format shows.
func TestSheetIsCopied(t *testing.T) {
	for _, c := range [][2]string{
		{`<c t="s"><v>0</v></c><c t="s"><v>1</v></c>`, `"name","Ana Pop"`},
		{`<c t="s"><v>2</v></c><c t="s"><v>3</v></c><c t="s"><v>99</v></c>`, "\"say \"\"hi\"\",\nAna_x0041_\""},
		{`<c t="inlineStr"><is><t>007</t></is></c><c t="str"><f>A1</f><v>=1</v></c><c t="e"><v>#N/A</v></c>`, `"007","=1","#N/A"`},
		{`<c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="d"><v>2026-11-22</v></c>`, `"true","false","2026-11-22"`},
		{`<c><v>0.1000000000000000055</v></c><c><v>1.5E+3</v></c><c><v>12345678901234567</v></c><c><v>-4</v></c><c/><c><v>x</v></c>`, `"0.1","1500","12345678901234567","-4",,"x"`},
		{`<c s="1"><v>46348</v></c><c s="3"><v>46348.9</v></c><c s="2"><v>1234</v></c><c s="6"><v>3</v></c>`, `"2026-11-22","2026-11-22","01234","3"`},
		{`<c s="4"><v>46348.40625</v></c><c s="5"><v>0.40625</v></c><c s="1"><v>1</v></c><c s="1"><v>61</v></c><c s="1"><v>-1</v></c><c s="1"><v>9999999</v></c>`, `"2026-11-22T09:45:00","09:45:00","1900-01-01","1900-03-01","-1","9999999"`},
		{`<c r="C1"><v>3</v></c><c><v>4</v></c><c r="A1"><v>1</v></c>`, `"1",,"3","4"`},
	} {
		name, csv, err := copied(zipped(t, bookParts(`<row r="1">`+c[0]+`</row>`)), "")
		if err != nil || name != "People" || csv != c[1]+"\n" {
			t.Errorf("%s: %s %q, want %q, %v", c[0], name, csv, c[1], err)
		}
	}
	file := zipped(t, bookParts(`<row r="2"><c t="inlineStr"><is><t>utc</t></is></c><c t="s"><v>0</v></c><c/></row><row r="3" spans="1:2"/><row r="5"><c s="4"><v>46348.406250001</v></c></row><row><c r="B6"><v>2</v></c></row>`))
	if _, csv, err := copied(file, "people"); err != nil || csv != "\n\"utc\",\"name\"\n\n\n\"2026-11-22T09:45:00Z\",\n,\"2\"\n" {
		t.Errorf("rows: %q %v", csv, err)
	}
	if name, csv, err := copied(file, "größen"); err != nil || name != "Größen" || csv != "\"7\"\n" {
		t.Errorf("by its name: %s %q %v", name, csv, err)
	}
	parts := bookParts(`<row><c s="1"><v>0</v></c></row>`)
	parts["xl/workbook.xml"] = strings.Replace(parts["xl/workbook.xml"], "<workbookPr/>", `<workbookPr date1904="1"/>`, 1)
	if _, csv, err := copied(zipped(t, parts), ""); err != nil || csv != "\"1904-01-01\"\n" {
		t.Errorf("counted from 1904: %q %v", csv, err)
	}
}

// What is no workbook, or too large a one, is refused in words.
func TestSheetIsRefused(t *testing.T) {
	good := zipped(t, bookParts(`<row><c><v>1</v></c></row>`))
	with := func(part, text string) []byte {
		parts := bookParts(`<row/>`)
		parts[part] = text
		return zipped(t, parts)
	}
	long := bytes.Clone(good)
	binary.LittleEndian.PutUint32(long[len(long)-22+12:], 2<<20)
	bomb := strings.Repeat(" ", 1<<20) + "<row/>"
	for name, c := range map[string]struct {
		file  []byte
		sheet string
		code  Code
	}{
		"no sheet of that name": {good, "Animals", NoSheet},
		"hidden, but no chart":  {good, "r1", NoSheet},
		"no zip":                {[]byte("PK\x03\x04 and so on"), "", NotText},
		"nothing":               {nil, "", NotText},
		"cut off":               {good[:len(good)-30], "", NotText},
		"another zip":           {zipped(t, map[string]string{"a.txt": "a"}), "", Empty},
		"a long list of parts":  {long, "", NotText},
		"a bomb":                {with("xl/worksheets/sheet1.xml", strings.Repeat(bomb, 17)), "", RowTooLong},
		"a bomb of texts":       {with("xl/sharedStrings.xml", "<sst>"+strings.Repeat("<si><t>"+strings.Repeat("x", 1<<20)+"</t></si>", 5)+"</sst>"), "", RowTooLong},
		"an endless cell":       {with("xl/worksheets/sheet1.xml", "<row><c><v>"+strings.Repeat("1", 5<<20)), "", CellTooLong},
		"a far column":          {with("xl/worksheets/sheet1.xml", `<row><c r="ZZZ1"><v>1</v></c></row>`), "", TooManyColumns},
		"a far row":             {with("xl/worksheets/sheet1.xml", `<row r="2000000"/>`), "", NotText},
		"rows going back":       {with("xl/worksheets/sheet1.xml", `<row r="3"/><row r="2"/>`), "", NotText},
		"broken off":            {with("xl/worksheets/sheet1.xml", `<row><c><v>1`), "", NotText},
		"another character set": {with("xl/worksheets/sheet1.xml", `<?xml version="1.0" encoding="latin1"?><row/>`), "", NotText},
		"an entity":             {with("xl/worksheets/sheet1.xml", `<!DOCTYPE x [<!ENTITY a "aaa">]><row><c><v>&a;</v></c></row>`), "", NotText},
	} {
		_, _, err := copied(c.file, c.sheet)
		var own *Error
		if !errors.As(err, &own) || own.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzSheet unpacks anything: it ends, within bounds, in words or in CSV that is read
// again.
func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c t="s"><v>1</v></c><c s="4"><v>46348.4</v></c></row>`, "xl/styles.xml", `<cellXfs><xf numFmtId="22"/></cellXfs>`)
	f.Add(`<row r="3"><c r="AB3" t="inlineStr"><is><t>a"b</t></is></c></row><row/>`, "xl/workbook.xml", `<sheet name="a" r:id="r1"/>`)
	f.Add(`<c/></row><row r="-1">`, "xl/sharedStrings.xml", `<si><t>_x0000_</t>`)
	f.Fuzz(func(t *testing.T, sheet, part, text string) {
		parts := bookParts(sheet)
		// A name with a slash at its end is a folder, which holds nothing.
		if part != "" && !strings.HasSuffix(part, "/") {
			parts[part] = text
		}
		_, csv, err := copied(zipped(t, parts), "")
		if err != nil {
			wantOwn(t, err)
			return
		}
		found, err := DetectFile(strings.NewReader(csv), Options{Format: "csv", Encoding: "utf-8", Delimiter: "comma", LineEnd: "lf", Formulas: "plain"})
		if err != nil {
			wantOwn(t, err)
			return
		}
		r, err := Open(strings.NewReader(csv), found)
		if err != nil {
			wantOwn(t, err)
			return
		}
		fuzzRows(t, r, len(csv))
	})
}
