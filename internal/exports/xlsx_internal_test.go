package exports

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"rapport/internal/register"
)

// read is a part of a workbook.
func read(t *testing.T, book *bytes.Buffer, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book.Bytes()), int64(book.Len()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(raw)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return string(raw)
		} else if err != nil {
			t.Fatalf("%s is no XML: %v", name, err)
		}
	}
}

func TestWorkbookGoesOnOnAnotherSheet(t *testing.T) {
	var out bytes.Buffer
	b := newWorkbook(&out, "stakeholders", []Column{{Name: "name"}})
	b.rows = 3
	if err := b.begin(); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if b.row >= b.rows {
			if err := b.turn(); err != nil {
				t.Fatal(err)
			}
		}
		b.start()
		b.text(0, fmt.Sprint("row ", i))
		if err := b.end(); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.close(); err != nil {
		t.Fatal(err)
	}
	for i, last := range []string{"row 1", "row 3", "row 4"} {
		sheet := read(t, &out, fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
		if !strings.Contains(sheet, ">name<") || !strings.Contains(sheet, ">"+last+"<") {
			t.Errorf("sheet %d is %s", i+1, sheet)
		}
	}
	if book := read(t, &out, "xl/workbook.xml"); strings.Count(book, "<sheet ") != 3 || !strings.Contains(book, `name="stakeholders 3"`) {
		t.Errorf("the book names %s", book)
	}
	read(t, &out, "xl/_rels/workbook.xml.rels")
	read(t, &out, "[Content_Types].xml")
	read(t, &out, "xl/styles.xml")
}

func TestWorkbookCells(t *testing.T) {
	of := func(shape register.Shape) Column { return Column{Field: &register.Field{Shape: shape}} }
	for _, c := range []struct {
		column Column
		text   string
		want   string
	}{
		{of(register.Text), "=1+1 <&> \"x\"\tand\nmore", `<c r="B7" s="3" t="inlineStr"><is><t xml:space="preserve">=1+1 &lt;&amp;&gt; "x"` + "\tand\nmore</t></is></c>"},
		{of(register.Text), "a _x0041_ b", `<c r="B7" s="3" t="inlineStr"><is><t xml:space="preserve">a _x005F_x0041_ b</t></is></c>`},
		{of(register.Text), "", ""},
		{of(register.Whole), "-12", `<c r="B7"><v>-12</v></c>`},
		{of(register.Truth), "true", `<c r="B7" t="b"><v>1</v></c>`},
		{of(register.Day), "2026-11-22", `<c r="B7" s="1"><v>46348</v></c>`},
		{of(register.Moment), "2026-11-22T12:00:00.000Z", `<c r="B7" s="2"><v>46348.5</v></c>`},
		{of(register.Day), "1900-02-01", `<c r="B7" s="3" t="inlineStr"><is><t xml:space="preserve">1900-02-01</t></is></c>`},
	} {
		b := &workbook{letters: []string{"A", "B"}, row: 7}
		if b.cell(1, c.column, c.text); string(b.line) != c.want {
			t.Errorf("%q: got %s, want %s", c.text, b.line, c.want)
		}
	}
	if got := letters(0) + " " + letters(25) + " " + letters(26) + " " + letters(701) + " " + letters(702); got != "A Z AA ZZ AAA" {
		t.Errorf("columns are called %s", got)
	}
	for text, units := range map[string]int{strings.Repeat("x", 40_000): mostText, strings.Repeat("😀", 20_000): mostText - 1} {
		cut := shortened(text)
		have := 0
		for _, r := range cut {
			if have++; r > 0xffff {
				have++
			}
		}
		if have > mostText || have < units-2 || !strings.HasSuffix(cut, "…") {
			t.Errorf("%.3s… is cut to %d", text, have)
		}
	}
	if whole := strings.Repeat("ä", 20_000); shortened(whole) != whole {
		t.Error("what fits is cut")
	}
}
