package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// back hands an exported file in again and wants every row to change nothing.
func back(t *testing.T, h *testkit.House, who string, n *register.Noun, file *testkit.Reply, rows int) {
	t.Helper()
	for _, mode := range []string{"dry_run", "commit"} {
		before := h.Entries()
		im := handInAs(t, h, who, n, mode, file)
		if im.Text("report.unchanged") != fmt.Sprint(rows) || im.Text("report.rows") != fmt.Sprint(rows) || h.Entries() != before {
			t.Errorf("%s of %d %s taken out changes something (%d entries): %s\n%.3000s\n%s", mode, rows, n.Plural, h.Entries()-before, im.Text("report"), file.Body,
				h.As(who).Get("/imports/"+im.ID()+"/errors").Body)
		}
	}
}

func handInAs(t *testing.T, h *testkit.House, who string, n *register.Noun, mode string, file *testkit.Reply) *testkit.Reply {
	t.Helper()
	media, _, _ := strings.Cut(file.Header.Get("Content-Type"), ";")
	made := h.As(who).With("Content-Type", media).Post("/imports?mode="+mode+"&collection="+n.Path, file.Body).Want(202)
	h.RunJobs()
	return h.As(who).Get("/imports/" + made.ID()).Want(200)
}

// What is taken out and handed in again changes nothing, whatever the noun and the
// form of the file.
func TestContractExports(t *testing.T) {
	for _, n := range register.All() {
		t.Run(n.Name, func(t *testing.T) {
			sample, _, _ := seeds.SampleOf(n.Name)
			if sample.Create == nil || n.Platform {
				t.Skip("no file brings these")
			}
			t.Parallel()
			h := testkit.Open(t).Contract()
			h.Quick = true
			bare := h.Make(n, nil)
			h.Make(n, map[string]any{"tags": []string{"one", "two, three"}, "owner_id": h.People["l5"], "access_user_ids": []string{h.People["l4"], h.People["l6"]}, "external_ids": []fields{{"system": "crm", "key": "=1", "status": "open"}}})
			rows := h.As("l7").Get("/" + n.Path + "?include_total=true&limit=1").Want(200).Text("page.total")
			count := 0
			_, _ = fmt.Sscan(rows, &count)
			for _, format := range []string{"csv", "csv-excel", "ndjson", "xlsx"} {
				file := h.As("l7").Get("/" + n.Path + "/export?format=" + format).Want(200)
				if format != "xlsx" && !strings.Contains(string(file.Body), bare.ID()) {
					t.Errorf("%s lacks %s", format, bare.ID())
				}
				back(t, h, "l7", n, file, count)
			}
		})
	}
}

// A file holds what the caller may list, as the filters say, and its bytes are safe
// for those who open it.
func TestExportOfWhatIsSeen(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/stakeholders", fields{"name": "=1+1", "kind": "group", "description": "Two\r\nlines, \"quoted\"; '=x", "tags": []string{"a;b", "c"}, "owner_id": "me"}).Want(201)
	l4.Post("/stakeholders", fields{"name": "'=quoted", "kind": "organisation", "notes": "[1, 2]", "channels": []fields{{"channel": "email", "address": "quay@example.org", "preferred": true}}}).Want(201)
	hidden := h.As("l6").Post("/stakeholders", fields{"name": "Buyer", "kind": "organisation", "sensitivity": "restricted"}).Want(201)
	stakeholder := register.ByName("stakeholder")
	for _, format := range []string{"csv", "csv-excel", "ndjson"} {
		file := l4.Get("/stakeholders/export?format=" + format).Want(200)
		if strings.Contains(string(file.Body), hidden.ID()) || strings.Contains(string(file.Body), "Buyer") {
			t.Errorf("%s tells of what is hidden", format)
		}
		if excel := strings.HasPrefix(string(file.Body), "\ufeffid,ref,version,state,name,"); excel != (format == "csv-excel") {
			t.Errorf("%s begins with %.40q", format, file.Body)
		}
		if safe := strings.Contains(string(file.Body), ",'=1+1,"); safe != (format == "csv-excel") {
			t.Errorf("%s holds %s", format, file.Body)
		}
		if !strings.HasPrefix(file.Header.Get("Content-Disposition"), `attachment; filename="stakeholders-2026-11-22.`) {
			t.Errorf("the file is called %s", file.Header.Get("Content-Disposition"))
		}
		back(t, h, "l4", stakeholder, file, 2)
	}
	few := l4.Get("/stakeholders/export?fields=name,owner,owner_id&kind=group&format=ndjson").Want(200)
	var line map[string]any
	if err := json.Unmarshal(few.Body, &line); err != nil || len(line) != 6 || line["name"] != "=1+1" || line["owner_id"] != h.People["l4"] || !strings.HasPrefix(fmt.Sprint(line["owner"]), "USR-") {
		t.Errorf("asked for less, it holds %s", few.Body)
	}
	l4.Get("/stakeholders/export?fields=nom").Code(400, "invalid-parameter").Fault("fields", "not_in_enum")
	l4.Get("/stakeholders/export?format=xls").Code(400, "invalid-parameter").Fault("format", "not_in_enum")
	l4.Get("/stakeholders/export?limit=5").Code(400, "unknown-parameter").Fault("limit", "unknown_field")
	l4.Get("/stakeholders/export?kidn=group").Code(400, "unknown-parameter")
	h.Enlist("narrow", "l4", "none", "stakeholders:read").Get("/stakeholders/export").Code(403, "insufficient-scope")
	if got := l4.Get("/stakeholders/export?kind=individual").Want(200); strings.Count(string(got.Body), "\n") != 1 {
		t.Errorf("of nothing it holds %q", got.Body)
	}
}

// What is structured comes back whole: a line of JSON that was edited inside such a
// value changes that, and nothing else.
func TestExportComesBackWhole(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	issue := l4.Post("/issues", fields{"title": "Noise at night", "reporter_contact": fields{"name": "Ioana Marin", "email": "ioana@example.org"}}).Want(201)
	group := l4.Post("/groups", fields{"name": "Neighbours", "kind": "rule", "rule": fields{"field": "tags", "op": "any", "value": []string{"noise"}}}).Want(201)
	for _, c := range []struct{ noun, id, from, to, at string }{
		{"issue", issue.ID(), "Ioana Marin", "Ioana Popescu", "reporter_contact.name"},
		{"group", group.ID(), `["noise"]`, `["lorries"]`, "rule.value.0"},
	} {
		n := register.ByName(c.noun)
		file := l4.Get("/" + n.Path + "/export?format=ndjson").Want(200)
		back(t, h, "l4", n, file, 1)
		file.Body = []byte(strings.Replace(string(file.Body), c.from, c.to, 1))
		im := handInAs(t, h, "l4", n, "commit", file)
		if im.Text("report.updated") != "1" {
			t.Errorf("an edited %s: %s\n%s", c.noun, im.Body, file.Body)
		}
		if got := l4.Get("/" + n.Path + "/" + c.id).Want(200); !strings.Contains(c.to, got.Text(c.at)) || got.Text("version") != "2" {
			t.Errorf("the edited %s is %s", c.noun, got.Body)
		}
	}
	if got := l4.Get("/issues/" + issue.ID()).Text("reporter_contact.email"); got != "ioana@example.org" {
		t.Errorf("the address beside it became %q", got)
	}
}

// A workbook holds what the other forms do, and no text in it is a formula.
func TestExportAsWorkbook(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/stakeholders", fields{"name": "=1+1", "kind": "group", "tags": []string{"a", "b"}, "owner_id": "me", "verify_every_days": 90}).Want(201)
	h.As("l6").Post("/stakeholders", fields{"name": "Buyer", "kind": "organisation", "sensitivity": "restricted"}).Want(201)
	file := l4.Get("/stakeholders/export?format=xlsx&fields=name,kind,tags,owner,verify_every_days,created_at").Want(200)
	if name := file.Header.Get("Content-Disposition"); name != `attachment; filename="stakeholders-2026-11-22.xlsx"` {
		t.Errorf("the file is called %s", name)
	}
	z, err := zip.NewReader(bytes.NewReader(file.Body), int64(len(file.Body)))
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := fs.ReadFile(z, "xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`t="inlineStr"><is><t xml:space="preserve">=1+1</t>`, `<v>90</v>`, `>a; b<`, `>USR-`, `<c r="I2" s="2"><v>46348.375</v>`, `<row r="2">`} {
		if !strings.Contains(string(sheet), part) {
			t.Errorf("the sheet lacks %s:\n%s", part, sheet)
		}
	}
	for _, part := range []string{"<f>", "Buyer", `<row r="3">`} {
		if strings.Contains(string(sheet), part) {
			t.Errorf("the sheet has %s:\n%s", part, sheet)
		}
	}
	l4.Do("HEAD", "/stakeholders/export?format=xlsx", nil).Want(200)
}

// A reference to what the caller may not see goes out as an id, and comes back.
func TestExportKeepsReferencesToTheHidden(t *testing.T) {
	h := testkit.Open(t)
	buyer := h.As("l6").Post("/stakeholders", fields{"name": "Buyer", "kind": "organisation"}).Want(201).ID()
	path := raised(h, fields{"affected_stakeholder_ids": []string{buyer}})
	h.As("l6").Patch("/stakeholders/"+buyer, fields{"sensitivity": "restricted"}).Want(200)
	issue := h.As("l6").Get(path).Want(200)
	h.As("l6").Patch(path, fields{"access_user_ids": []string{h.People["l4"]}}).Want(200)
	file := h.As("l4").Get("/issues/export?format=ndjson").Want(200)
	if !strings.Contains(string(file.Body), issue.ID()) || !strings.Contains(string(file.Body), buyer) {
		t.Fatalf("the file is %s", file.Body)
	}
	back(t, h, "l4", register.ByName("issue"), file, 1)
}

// Who takes personal data away leaves a line; of other data none is left.
func TestExportOfPersonalDataIsNoted(t *testing.T) {
	h := testkit.Open(t)
	residents(h, "Riverside Residents")
	before := h.Told(register.ByName("user"), h.People["l4"], "exported")
	h.As("l4").Get("/stakeholders/export?kind=group").Want(200)
	h.As("l4").Get("/stakeholders/export?fields=state,kind").Want(200)
	if got := h.Told(register.ByName("user"), h.People["l4"], "exported") - before; got != 1 {
		t.Errorf("%d lines tell of one file of personal data", got)
	}
	line := h.As("l7").Get("/users/" + h.People["l4"] + "/changes").Want(200)
	if line.Text("data.0.source") != "stakeholders as csv, by kind" || line.Value("data.0.version") != nil {
		t.Errorf("the line is %s", line.Body)
	}
	h.Enlist("machine", "", "internal", "*:read").Get("/stakeholders/export").Want(200)
}

// A file of many records is whole and in order, and an edited one brings in what
// was edited and nothing else.
func TestExportGoesOnBehindAPage(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	const all = 1103
	for at := 0; at < all; at += 200 {
		var operations []fields
		for i := at; i < min(at+200, all); i++ {
			operations = append(operations, fields{"op": "create", "body": fields{"name": fmt.Sprintf("Group number %d", i), "purpose": strings.Repeat("x", i%7)}})
		}
		h.As("l4").Post("/groups/batch?allow_duplicate=true", batchOf(true, operations...)).Want(200)
	}
	for _, sort := range []string{"", "&sort=-name", "&sort=updated_at"} {
		file := h.As("l4").Get("/groups/export?format=ndjson&fields=name" + sort).Want(200)
		names := map[string]bool{}
		for line := range strings.Lines(string(file.Body)) {
			var r struct{ Name string }
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			names[r.Name] = true
		}
		if len(names) != all || strings.Count(string(file.Body), "\n") != all {
			t.Errorf("sorted by %q it holds %d of %d", sort, len(names), all)
		}
	}
	file := h.As("l4").Get("/groups/export?fields=name,purpose").Want(200)
	file.Body = []byte(strings.Replace(string(file.Body), "Group number 77,", "Neighbours of the harbour,", 1))
	im := handInAs(t, h, "l4", register.ByName("group"), "commit", file)
	if im.Text("report.updated") != "1" || im.Text("report.unchanged") != fmt.Sprint(all-1) {
		t.Errorf("one edited row came to %s", im.Text("report"))
	}
	if got := h.As("l4").Get("/groups?name=neighbours%20of%20the%20harbour").Want(200).Len("data"); got != 1 {
		t.Errorf("the edited group is there %d times", got)
	}
}
