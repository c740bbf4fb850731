package api_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// handIn sends a file as CSV and returns the import once its job is done.
func handIn(t *testing.T, h *testkit.House, handle, query, file string) *testkit.Reply {
	t.Helper()
	got := h.As(handle).With("Content-Type", "text/csv").Post("/imports?collection=stakeholders&"+query, file).Want(202)
	h.RunJobs()
	return h.As(handle).Get("/imports/" + got.ID()).Want(200)
}

func counts(r *testkit.Reply) string {
	out := []string{}
	for _, name := range []string{"rows", "would_create", "would_update", "created", "updated", "unchanged", "skipped", "invalid"} {
		if n := r.Text("report." + name); n != "0" {
			out = append(out, name+"="+n)
		}
	}
	return strings.Join(out, " ")
}

func wantCounts(t *testing.T, r *testkit.Reply, state, want string) {
	t.Helper()
	if got := counts(r); r.Text("state") != state || got != want {
		t.Fatalf("want %s: %s\n got %s: %s\n%s", state, want, r.Text("state"), got, r.Body)
	}
}

// contacts is a file as an office sends it: Windows-1252, semicolons, German
// headings, an empty cell, a formula, a row twice and one that is wrong.
func contacts() string {
	return "Kennung;Bezeichnung;E-Mail-Adresse;Telefon;Art;Bemerkung\r\n" +
		"K-1;Anwohner am Fluss;fluss@example.org;+49 30 1234567;group;Treffen montags\r\n" +
		"K-2;Hafenb\xf6rde;hafen@example.org;;organisation;=HYPERLINK(\"http://example.org\")\r\n" +
		"K-3;L\xe4rminitiative;laerm@;030/99;group;\r\n" +
		"K-1;Anwohner am Fluss;fluss@example.org;+49 30 1234567;group;Treffen montags\r\n"
}

// A messy file is tried, its faults are told, its rows are written, and the same
// file a second time changes nothing.
func TestImportFromUploadToCommit(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	before := h.Register()
	im := handIn(t, h, "l4", "match=external_id,email", contacts())
	wantCounts(t, im, "checked", "rows=4 would_create=2 unchanged=1 invalid=1")
	if h.Register() != before {
		t.Errorf("a dry run changed the register")
	}
	if im.Text("detected.encoding") != "windows-1252" || im.Text("detected.delimiter") != ";" || im.Text("mapping.E-Mail-Adresse") != "email" || im.Text("mapping.Kennung") != "external_id" {
		t.Errorf("not understood: %s", im.Body)
	}
	path := "/imports/" + im.ID()
	faults := l4.Get(path + "/errors").Want(200)
	if faults.Len("data") != 1 || faults.Text("data.0.row") != "3" || faults.Text("data.0.column") != "E-Mail-Adresse" || faults.Text("data.0.value") != "laerm@" || faults.Text("data.0.field") != "email" || faults.Text("data.0.code") != "invalid_format" {
		t.Errorf("not told: %s", faults.Body)
	}
	l4.Post(path+"/commit", `{}`).Code(422, "import-invalid")
	l4.Post(path+"/commit", `{"valid_rows_only":true}`).Want(202)
	h.RunJobs()
	wantCounts(t, l4.Get(path).Want(200), "committed", "rows=4 created=2 unchanged=1 invalid=1")
	l4.Post(path+"/commit", `{}`).Code(409, "invalid-transition")
	harbour := l4.Get("/stakeholders?q=hafenborde").Want(200)
	if harbour.Text("data.0.name") != "Hafenbörde" || harbour.Text("data.0.channels.0.address") != "hafen@example.org" || harbour.Text("data.0.external_ids.0.key") != "K-2" || harbour.Text("data.0.created_by.name") != "Person l4" {
		t.Errorf("not as in the file: %s", harbour.Body)
	}
	if got := harbour.Text("data.0.description") + harbour.Text("data.0.notes"); got != `=HYPERLINK("http://example.org")` {
		t.Errorf("the text that looks like a formula became %q", got)
	}
	again := handIn(t, h, "l4", "mode=commit&match=external_id,email", contacts())
	wantCounts(t, again, "committed", "rows=4 unchanged=3 invalid=1")
}

// Rows that failed come back as a file, which is mended and sent again.
func TestImportErrorsAreMendedAndSentAgain(t *testing.T) {
	h := testkit.Open(t)
	im := handIn(t, h, "l4", "mode=commit", contacts())
	wantCounts(t, im, "committed", "rows=4 created=2 unchanged=1 invalid=1")
	file := h.As("l4").Get("/imports/" + im.ID() + "/errors.csv").Want(200)
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file.Body, []byte("\xef\xbb\xbf"))))
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil || len(lines) != 2 || lines[0][6] != "_error" || !strings.HasPrefix(lines[1][6], "E-Mail-Adresse: ") {
		t.Fatalf("not the row that failed: %q %v", lines, err)
	}
	mended := strings.Replace(string(file.Body), "laerm@;", "laerm@example.org;", 1)
	wantCounts(t, handIn(t, h, "l4", "mode=commit", mended), "committed", "rows=1 created=1")
	if n := h.As("l4").Get("/stakeholders?include_total=true").Want(200).Text("page.total"); n != "3" {
		t.Errorf("%s stakeholders, want 3", n)
	}
}

// What a column is meant for, the format of dates and the values of empty cells
// are corrected without a new upload.
func TestImportIsCorrectedWithoutUpload(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	im := handIn(t, h, "l4", "adopt=false", "Bezeichner X,Seit wann\nRiverside Residents,03/04/2026\nHarbour Board,05/04/2026\n")
	wantCounts(t, im, "checked", "rows=2 invalid=2")
	path := "/imports/" + im.ID()
	l4.Patch(path, `{"mapping":{"Bezeichner X":"nam"}}`).Code(422, "validation-failed").Fault("#/mapping/Bezeichner X", "not_in_enum")
	l4.Patch(path, `{"mapping":{"Nowhere":"name"}}`).Code(422, "validation-failed").Fault("#/mapping/Nowhere", "unknown_field")
	l4.Patch(path, `{"defaults":{"kynd":"group"}}`).Code(422, "validation-failed").Fault("#/defaults/kynd", "unknown_field")
	l4.Patch(path, `{"mappings":{}}`).Code(422, "validation-failed").Fault("#/mappings", "unknown_field")
	l4.Patch(path, `{"mapping":{"Bezeichner X":"name","Seit wann":""},"defaults":{"kind":"group"}}`).Want(202)
	l4.Patch(path, `{"date_format":"DD/MM/YYYY"}`).Code(409, "invalid-transition")
	h.RunJobs()
	wantCounts(t, l4.Get(path).Want(200), "checked", "rows=2 would_create=2")
	if warned := l4.Get(path).Want(200).Text("report.warnings.0"); !strings.Contains(warned, "Seit wann") {
		t.Errorf("nobody is told that a column is left out: %q", warned)
	}
}

// A date that can be read in two ways is a fault until its format is said.
func TestImportAmbiguousDate(t *testing.T) {
	h := testkit.Open(t)
	file := "name,kind,created_at\nRiverside Residents,group,03/04/2025\n"
	im := handIn(t, h, "l6", "adopt=true", file)
	wantCounts(t, im, "checked", "rows=1 invalid=1")
	h.As("l6").Get("/imports/" + im.ID() + "/errors").Want(200)
	h.As("l6").Patch("/imports/"+im.ID(), `{"date_format":"DD/MM/YYYY"}`).Want(202)
	h.RunJobs()
	wantCounts(t, h.As("l6").Get("/imports/"+im.ID()).Want(200), "checked", "rows=1 would_create=1")
}

// An import and its file are their owner's alone (Z12).
func TestImportIsItsOwners(t *testing.T) {
	h := testkit.Open(t)
	im := handIn(t, h, "l4", "", contacts())
	for _, other := range []string{"l4b", "l7", "admin", "service"} {
		c := h.As(other)
		for _, path := range []string{"", "/errors", "/errors.csv"} {
			c.Get("/imports/"+im.ID()+path).Code(404, "not-found")
		}
		c.Post("/imports/"+im.ID()+"/commit", `{"valid_rows_only":true}`).Code(404, "not-found")
		c.Patch("/imports/"+im.ID(), `{"mapping":{}}`).Code(404, "not-found")
	}
	h.As("l4").Get("/imports/nonsense").Code(404, "not-found")
	h.As("l4").Get("/imports/" + im.ID() + "/errors.csv").Want(200)
}

// What cannot be right is refused before anything is kept.
func TestImportRefusals(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4").With("Content-Type", "text/csv")
	l4.Post("/imports", "name\nx\n").Code(400, "invalid-parameter").Fault("collection", "required")
	l4.Post("/imports?collection=stakeholder", "name\nx\n").Code(400, "invalid-parameter").Fault("collection", "not_in_enum")
	l4.Post("/imports?collection=stakeholders&mode=wet&match=name,nose&default.kynd=group", "name\nx\n").Code(400, "invalid-parameter").
		Fault("mode", "not_in_enum").Fault("match", "not_in_enum").Fault("default.kynd", "unknown_field")
	l4.Post("/imports?collection=stakeholders&colour=red", "name\nx\n").Code(400, "unknown-parameter")
	l4.Post("/imports?collection=complaints&match=name", "title\nx\n").Code(400, "invalid-parameter").Fault("match", "conflicts_with")
	l4.Post("/imports?collection=stakeholders", "").Code(422, "import-invalid")
	l4.Post("/imports?collection=stakeholders", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00").Code(422, "import-invalid")
	l4.Post("/imports?collection=stakeholders&adopt=true", "name\nx\n").Code(403, "insufficient-level")
	h.As("l4").With("Content-Type", "application/pdf").Post("/imports?collection=stakeholders", "%PDF-").Code(415, "unsupported-media-type")
	h.As("none").With("Content-Type", "text/csv").Post("/imports?collection=stakeholders", "name\nx\n").Code(403, "insufficient-level")
	if left, _ := os.ReadDir(filepath.Join(h.Folder(), "uploads")); len(left) > 0 {
		t.Errorf("%d files of refused imports are kept", len(left))
	}
}

// The same file under the same key is handed in once.
func TestImportIdempotencyKey(t *testing.T) {
	h := testkit.Open(t)
	c := h.As("l4").With("Content-Type", "text/csv").With("Idempotency-Key", "file-1")
	first := c.Post("/imports?collection=stakeholders", contacts()).Want(202)
	again := c.Post("/imports?collection=stakeholders", contacts()).Want(202)
	if again.ID() != first.ID() || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("handed in twice: %s", again.Body)
	}
	c.Post("/imports?collection=stakeholders", "name\nx\n").Code(422, "idempotency-key-reused")
}

// A form carries the file with what its columns are meant for.
func TestImportAsForm(t *testing.T) {
	h := testkit.Open(t)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_ = form.WriteField("mapping", `{"Wer":"name","Was":"kind"}`)
	part, _ := form.CreateFormFile("file", "people.csv")
	_, _ = io.WriteString(part, "Wer,Was\nRiverside Residents,Group\n")
	_ = form.Close()
	im := h.As("l4").With("Content-Type", form.FormDataContentType()).Post("/imports?collection=stakeholders&mode=commit", b.String()).Want(202)
	h.RunJobs()
	got := h.As("l4").Get("/imports/" + im.ID()).Want(200)
	wantCounts(t, got, "committed", "rows=1 created=1")
	if got.Text("file") != "people.csv" {
		t.Errorf("the file's name is lost: %s", got.Body)
	}
}

// rows makes a file of n plain rows.
func rows(n int) string {
	var b strings.Builder
	b.WriteString("id,name,kind,email\n")
	for i := range n {
		fmt.Fprintf(&b, "S-%d,Stakeholder number %d,organisation,s%d@example.org\n", i, i, i)
	}
	return b.String()
}

// A register that is stopped between two chunks goes on where it stopped, and
// writes nothing twice.
func TestKilledImportGoesOn(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	im := h.As("l4").With("Content-Type", "text/csv").Post("/imports?collection=stakeholders&mode=commit", rows(1000)).Want(202)
	path := "/imports/" + im.ID()
	h.KillJobsAfter(3) // chunks
	h.RunJobs()
	half := h.As("l4").Get(path).Want(200)
	if half.Text("state") != "committing" || half.Text("report.created") != "600" {
		t.Fatalf("want it stopped after three chunks: %s", half.Body)
	}
	if total := h.As("l4").Get("/stakeholders?include_total=true&limit=1").Want(200).Text("page.total"); total != "600" {
		t.Errorf("%s stakeholders after three chunks", total)
	}
	h.RestartJobs()
	h.RunJobs()
	wantCounts(t, h.As("l4").Get(path).Want(200), "committed", "rows=1000 created=1000")
	if total := h.As("l4").Get("/stakeholders?include_total=true&limit=1").Want(200).Text("page.total"); total != "1000" {
		t.Errorf("%s stakeholders in the end", total)
	}
}

// Other people's changes go between the chunks of a long import.
func TestOthersWriteBetweenChunks(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	im := h.As("l4").With("Content-Type", "text/csv").Post("/imports?collection=stakeholders&mode=commit", rows(1200)).Want(202)
	if err := h.Jobs.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Jobs.Stop(context.Background()) }()
	between := 0
	for i := range 1000 {
		h.As("l4b").Post("/stakeholders", fmt.Sprintf(`{"name":"Written beside %d","kind":"group"}`, i)).Want(201)
		if state := h.As("l4").Get("/imports/" + im.ID()).Want(200).Text("state"); state != "committing" {
			break
		}
		between++
	}
	if between == 0 {
		t.Errorf("nobody could write while the import ran")
	}
	wantCounts(t, h.As("l4").Get("/imports/"+im.ID()).Want(200), "committed", "rows=1200 created=1200")
}

// Parents are found by their key or name, wherever they stand in the file; groups
// are found or, if that is asked for, entered. The second time nothing changes.
func TestImportParentsAndGroups(t *testing.T) {
	h := testkit.Open(t)
	file := "id,name,kind,parent,group\n" +
		"c1,Noise Office,organisation,p1,Neighbours;Authorities\n" +
		"p1,Harbour Board,organisation,,Authorities\n" +
		"c2,Ana Pop,individual,Harbour Board,Neighbours\n" +
		"c3,Lost Office,organisation,p9,\n"
	ask := "match=external_id&default.lawful_basis=public_task"
	im := handIn(t, h, "l4", ask, file)
	wantCounts(t, im, "checked", "rows=4 invalid=4")
	im = handIn(t, h, "l4", ask+"&create_missing=groups", file)
	wantCounts(t, im, "checked", "rows=4 would_create=3 invalid=1")
	if n := im.Text("report.relations.created"); n != "6" {
		t.Errorf("would make %s relations, want 6: %s", n, im.Body)
	}
	done := handIn(t, h, "l4", ask+"&create_missing=groups&mode=commit", file)
	wantCounts(t, done, "committed", "rows=4 created=3 invalid=1")
	if n := done.Text("report.relations.created"); n != "6" {
		t.Errorf("made %s relations, want 6: %s", n, done.Body)
	}
	board := h.As("l4").Get("/stakeholders?name=harbour%20board").Want(200).Text("data.0.id")
	below := h.As("l4").Get("/relationships?type=parent_of&from_id=" + board).Want(200)
	works := h.As("l4").Get("/relationships?type=works_for&to_id=" + board).Want(200)
	if below.Text("data.0.to.name") != "Noise Office" || works.Text("data.0.from.name") != "Ana Pop" {
		t.Errorf("not below their parent: %s %s", below.Body, works.Body)
	}
	again := handIn(t, h, "l4", ask+"&create_missing=groups&mode=commit", file)
	wantCounts(t, again, "committed", "rows=4 unchanged=3 invalid=1")
	if again.Text("report.relations.unchanged") != "6" || again.Text("report.relations.created") != "0" {
		t.Errorf("relations were made twice: %s", again.Body)
	}
}

// Old records come in as they were: with their state, their date and their ref,
// told by one entry, past the guards.
func TestImportAdopts(t *testing.T) {
	h := testkit.Open(t)
	file := "ref,name,kind,state,created_at\nSTK-900,Old Harbour Board,organisation,archived,2019-03-01\nSTK-901,Nobody,organisation,asleep,2019-03-01\n"
	wantCounts(t, handIn(t, h, "l4", "", strings.ReplaceAll(file, "ref,", "number,")), "checked", "rows=2 invalid=2")
	im := handIn(t, h, "l6", "adopt=true&mode=commit", file)
	wantCounts(t, im, "committed", "rows=2 created=1 invalid=1")
	if f := h.As("l6").Get("/imports/" + im.ID() + "/errors").Want(200); f.Text("data.0.field") != "state" || f.Text("data.0.code") != "not_in_enum" {
		t.Errorf("not told: %s", f.Body)
	}
	got := h.As("l6").Get("/stakeholders/STK-900").Want(200)
	if got.Text("state") != "archived" || got.Text("created_at") != "2019-03-01T00:00:00.000Z" {
		t.Errorf("not as it was: %s", got.Body)
	}
	lines := h.As("l6").Get("/stakeholders/STK-900/changes").Want(200)
	if lines.Len("data") != 1 || lines.Text("data.0.action") != "adopted" || !strings.Contains(lines.Text("data.0.source"), "row 1") {
		t.Errorf("not told by one entry: %s", lines.Body)
	}
	next := h.As("l4").Post("/stakeholders", `{"name":"After the old ones","kind":"group"}`).Want(201)
	if next.Text("ref") != "STK-901" {
		t.Errorf("the next ref is %s, want STK-901", next.Text("ref"))
	}
}

// Without adopt, a column that is taken for a state is a fault in every row.
func TestImportStateIsReadOnly(t *testing.T) {
	h := testkit.Open(t)
	im := handIn(t, h, "l4", "", "name,kind,State\nHarbour Board,organisation,TX\n")
	wantCounts(t, im, "checked", "rows=1 would_create=1")
	h.As("l4").Patch("/imports/"+im.ID(), `{"mapping":{"State":"state"}}`).Want(202)
	h.RunJobs()
	wantCounts(t, h.As("l4").Get("/imports/"+im.ID()).Want(200), "checked", "rows=1 invalid=1")
	if f := h.As("l4").Get("/imports/" + im.ID() + "/errors").Want(200); f.Text("data.0.code") != "read_only" || f.Text("data.0.column") != "State" {
		t.Errorf("not told: %s", f.Body)
	}
}

// A column of states says by itself that it is not written, and what would write it;
// one of something else is left out with a warning. What is said of a record as it
// stands is no change.
func TestImportOfStates(t *testing.T) {
	h := testkit.Open(t)
	im := handIn(t, h, "l4", "", "name,kind,State\nHarbour Board,organisation,\nRiverside Residents,group,Archived\n")
	wantCounts(t, im, "checked", "rows=2 would_create=1 invalid=1")
	f := h.As("l4").Get("/imports/" + im.ID() + "/errors").Want(200)
	if f.Text("data.0.code") != "read_only" || f.Text("data.0.column") != "State" || !strings.Contains(f.Text("data.0.detail"), "adopt=true") || !strings.Contains(f.Text("data.0.detail"), "prospect, ") {
		t.Errorf("not told: %s", f.Body)
	}
	h.As("l4").Patch("/imports/"+im.ID(), `{"mapping":{"State":""}}`).Want(202)
	h.RunJobs()
	wantCounts(t, h.As("l4").Get("/imports/"+im.ID()).Want(200), "checked", "rows=2 would_create=2")

	im = handIn(t, h, "l4", "", "name,kind,state,created_at\nHarbour Board,organisation,TX,2019-03-01\n")
	wantCounts(t, im, "checked", "rows=1 would_create=1")
	if told := string(im.Body); !strings.Contains(told, "The column state is left out: state is kept by the register") || !strings.Contains(told, "The column created_at is left out: created_at is kept") {
		t.Errorf("not told: %s", told)
	}

	handIn(t, h, "l4", "mode=commit", "id,name,kind\nA-1,Harbour Board,organisation\n")
	wantCounts(t, handIn(t, h, "l4", "mode=commit", "id,name,kind,state\nA-1,Harbour Board,organisation,prospect\n"), "committed", "rows=1 unchanged=1")
	wantCounts(t, handIn(t, h, "l4", "mode=commit", "id,name,kind,state\nA-1,Harbour Board,organisation,active\n"), "committed", "rows=1 invalid=1")
}

// A row that matches is left out or refused, as was chosen; one that is probably
// there already is refused unless a reason is given.
func TestImportOnMatch(t *testing.T) {
	h := testkit.Open(t)
	file := "id,name,kind,email\nA-1,Riverside Residents,group,river@example.org\n"
	wantCounts(t, handIn(t, h, "l4", "mode=commit", file), "committed", "rows=1 created=1")
	wantCounts(t, handIn(t, h, "l4", "on_match=skip", file), "checked", "rows=1 skipped=1")
	wantCounts(t, handIn(t, h, "l4", "on_match=error", file), "checked", "rows=1 invalid=1")
	changed := strings.Replace(file, "group,river", "organisation,river", 1)
	wantCounts(t, handIn(t, h, "l4", "mode=commit", changed), "committed", "rows=1 updated=1")
	wantCounts(t, handIn(t, h, "l4", "match=email", strings.Replace(file, "A-1", "A-2", 1)), "checked", "rows=1 would_update=1")
	twin := "name,kind\nRiverside Residents,group\n"
	wantCounts(t, handIn(t, h, "l4", "", twin), "checked", "rows=1 invalid=1")
	wantCounts(t, handIn(t, h, "l4", "allow_duplicate=true&duplicate_reason="+url.QueryEscape("another quarter"), twin), "checked", "rows=1 would_create=1")
	twice := handIn(t, h, "l4", "", "name,kind\n"+strings.Repeat("Hill Residents,group\n", 450))
	wantCounts(t, twice, "checked", "rows=450 would_create=1 invalid=449")
}

// Records of other nouns name what they belong to by ref, key, e-mail or name.
func TestImportOfOtherNouns(t *testing.T) {
	h := testkit.Open(t)
	h.As("l4").Post("/stakeholders", `{"name":"Riverside Residents","kind":"group","channels":[{"channel":"email","address":"river@example.org"}]}`).Want(201)
	file := "{\"title\":\"Noise at night\",\"description\":\"Ships unload at night.\",\"stakeholder\":\"river@example.org\"}\n" +
		"{\"title\":\"Dust\",\"description\":\"Coal dust.\",\"stakeholder\":\"nobody@example.org\"}\n"
	im := h.As("l4").With("Content-Type", "application/x-ndjson").Post("/imports?collection=issues&mode=commit", file).Want(202)
	h.RunJobs()
	wantCounts(t, h.As("l4").Get("/imports/"+im.ID()).Want(200), "committed", "rows=2 created=1 invalid=1")
	if f := h.As("l4").Get("/imports/" + im.ID() + "/errors").Want(200); f.Text("data.0.code") != "reference_not_found" || f.Text("data.0.column") != "stakeholder" {
		t.Errorf("not told: %s", f.Body)
	}
	if got := h.As("l4").Get("/issues").Want(200); got.Text("data.0.title") != "Noise at night" || got.Text("data.0.stakeholder.name") != "Riverside Residents" {
		t.Errorf("not as in the file: %s", got.Body)
	}
}

// A job that is cancelled leaves what it has written, and says so.
func TestImportIsCancelled(t *testing.T) {
	h := testkit.Open(t)
	im := h.As("l4").With("Content-Type", "text/csv").Post("/imports?collection=stakeholders", rows(3)).Want(202)
	h.As("l4").Post(strings.TrimPrefix(im.Text("job_url"), "/api/v1")+"/cancel", nil).Want(200)
	h.RunJobs()
	if got := h.As("l4").Get("/imports/" + im.ID()).Want(200); got.Text("state") != "cancelled" {
		t.Errorf("not cancelled: %s", got.Body)
	}
	h.As("l4").Patch("/imports/"+im.ID(), `{"mapping":{}}`).Want(202)
	h.RunJobs()
	wantCounts(t, h.As("l4").Get("/imports/"+im.ID()).Want(200), "checked", "rows=3 would_create=3")
}
