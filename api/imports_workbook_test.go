package api_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// workbook is a workbook whose sheets hold the rows given, as a spreadsheet writes
// them: style 1 is a day, style 2 a number of five digits.
func workbook(t *testing.T, sheets ...[2]string) []byte {
	t.Helper()
	const spaces = ` xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	parts := map[string]string{
		"_rels/.rels":   `<Relationships><Relationship Id="r1" Type="` + kind + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
	}
	names, rels := "", `<Relationship Id="s" Type="`+kind+`styles" Target="styles.xml"/>`
	for i, sheet := range sheets {
		names += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="r%d"/>`, sheet[0], i, i)
		rels += fmt.Sprintf(`<Relationship Id="r%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`, i, kind, i)
		parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", i)] = `<worksheet` + spaces + `><sheetData>` + sheet[1] + `</sheetData></worksheet>`
	}
	parts["xl/workbook.xml"] = `<workbook` + spaces + `><sheets>` + names + `</sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships>` + rels + `</Relationships>`
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range parts {
		if w, err := z.Create(name); err != nil {
			t.Fatal(err)
		} else if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sheetRow is a row of cells that hold texts; what begins with < is a cell as it is.
func sheetRow(row int, cells ...string) string {
	line := fmt.Sprintf(`<row r="%d">`, row)
	for _, cell := range cells {
		if strings.HasPrefix(cell, "<") {
			line += cell
			continue
		}
		line += `<c t="inlineStr"><is><t>` + cell + `</t></is></c>`
	}
	return line + "</row>"
}

// An office sends its workbook: the sheet that is meant is found, days and numbers
// are what the cells show, what is wrong is told by row and column, and the rest is
// written.
func TestImportOfAWorkbook(t *testing.T) {
	h := testkit.Open(t)
	h.As("l7").Post("/custom-fields", `{"collection":"stakeholders","key":"postcode","type":"text"}`).Want(201)
	h.As("l7").Post("/custom-fields", `{"collection":"stakeholders","key":"since","type":"date"}`).Want(201)
	people := sheetRow(2, "name", "kind", "custom_fields.postcode", "custom_fields.since") +
		sheetRow(3, "Riverside Residents", "group", `<c s="2"><v>1067</v></c>`, `<c s="1"><v>46348</v></c>`) +
		sheetRow(5, "Harbour Board", "organisation", "007", "<c/>") +
		sheetRow(6, "Night Watch", "herd", "1", "soon")
	file := workbook(t, [2]string{"Read me", sheetRow(1, "Names of people are on the other sheet.")}, [2]string{"People", people})
	l4 := h.As("l4").With("Content-Type", workbookType)
	l4.Post("/imports?collection=stakeholders&sheet=Animals", file).Code(400, "invalid-parameter").Fault("sheet", "not_in_enum")

	l4.Post("/imports?collection=stakeholders", "PK").Code(422, "import-invalid")
	l4.Post("/imports?collection=stakeholders", "PK\x03\x04 and no more").Code(422, "import-invalid")
	l4.With("Content-Type", "text/csv").Post("/imports?collection=stakeholders&sheet=People", "name\nx\n").Code(400, "invalid-parameter").Fault("sheet", "invalid_format")

	made := l4.Post("/imports?collection=stakeholders&mode=commit&sheet=people", file).Want(202)
	h.RunJobs()
	im := h.As("l4").Get("/imports/" + made.ID()).Want(200)
	wantCounts(t, im, "committed", "rows=3 created=2 invalid=1")
	if im.Text("detected.format") != "xlsx" || im.Text("detected.sheet") != "People" {
		t.Errorf("read as %s", im.Text("detected"))
	}
	list := h.As("l4").Get("/stakeholders?sort=name").Want(200)
	if got := list.Text("data.1.custom_fields.postcode") + " " + list.Text("data.1.custom_fields.since") + " " + list.Text("data.0.custom_fields.postcode"); got != "01067 2026-11-22 007" {
		t.Errorf("the cells became %s", got)
	}
	wrong := h.As("l4").Get("/imports/" + made.ID() + "/errors").Want(200)
	for i := range wrong.Len("data") {
		at := fmt.Sprintf("data.%d.", i)
		if got := wrong.Text(at+"row") + " " + wrong.Text(at+"column"); got != "4 kind" && got != "4 custom_fields.since" {
			t.Errorf("a fault at %s", got)
		}
	}
	if csv := h.As("l4").Get("/imports/" + made.ID() + "/errors.csv").Want(200); !strings.Contains(string(csv.Body), "Night Watch") || strings.Contains(string(csv.Body), "Harbour") {
		t.Errorf("the rows that failed: %s", csv.Body)
	}
	files, err := os.ReadDir(filepath.Join(h.Folder(), "uploads"))
	if err != nil || len(files) != 1 {
		t.Errorf("%d files are kept: %v", len(files), err)
	}
}

// What is taken out as a workbook comes back whole: handed in again it changes
// nothing, and a cell that was changed in between is all that changes.
func TestWorkbookComesBackWhole(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/stakeholders", fields{"name": "=1+1", "kind": "group", "description": "Two\r\nlines, \"quoted\"; _x0041_ <b>", "tags": []string{"a;b", "c"}, "verify_every_days": 30}).Want(201)
	l4.Post("/stakeholders", fields{"name": "Ωmega Board", "kind": "organisation", "channels": []fields{{"channel": "email", "address": "quay@example.org", "preferred": true}}}).Want(201)
	file := l4.Get("/stakeholders/export?format=xlsx").Want(200)
	back(t, h, "l4", register.Stakeholders, file, 2)
}
