package imports_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"rapport/internal/testkit"
)

// report is what an import says of its rows.
type report struct {
	Rows, Unchanged, Skipped, Invalid, Created, Updated int
	WouldCreate                                         int `json:"would_create"`
	WouldUpdate                                         int `json:"would_update"`
	Relations                                           struct{ Created, Unchanged, Invalid int }
}

// hand hands a file in, has it worked on and reads what came of it.
func hand(t testing.TB, h *testkit.House, query, media string, file []byte) (report, *testkit.Reply) {
	t.Helper()
	id := h.As("l4").With("Content-Type", media).Post("/imports?collection=stakeholders&"+query, file).Want(202).ID()
	h.RunJobs()
	im := h.As("l4").Get("/imports/" + id).Want(200)
	r := reportOf(t, im)
	if r.Rows != r.WouldCreate+r.WouldUpdate+r.Created+r.Updated+r.Unchanged+r.Skipped+r.Invalid {
		t.Fatalf("the rows do not add up: %s", im.Body)
	}
	return r, im
}

func reportOf(t testing.TB, im *testkit.Reply) report {
	t.Helper()
	var said struct{ Report report }
	if err := json.Unmarshal(im.Body, &said); err != nil {
		t.Fatal(err)
	}
	return said.Report
}

// publicly says that those bodies are organisations and that the same name occurs
// in several places.
const publicly = "match=external_id&external_system=publicbodies&default.kind=organisation&allow_duplicate=true&duplicate_reason=a+public+register"

var files = []struct {
	name, query, encoding    string
	rows, created, updated   int
	invalid, relations, lost int
	restless                 int // rows that spell the name of one record in several ways
}{
	{"publicbodies-ch.csv", publicly, "utf-8", 39, 37, 0, 2, 31, 1, 0},
	{"publicbodies-de.csv", publicly, "utf-8", 10, 8, 0, 2, 0, 0, 0},
	{"publicbodies-gr.csv", publicly, "utf-8", 7, 0, 0, 7, 0, 0, 0},
	{"dotgov.csv", "match=name&default.kind=organisation&allow_duplicate=true&duplicate_reason=one+security+contact", "utf-8", 25, 23, 1, 0, 0, 0, 2},
	{"agencies.csv", "match=name&default.kind=organisation", "utf-8", 40, 28, 0, 0, 0, 0, 0},
	{"salesforce-latin1.csv", "external_system=salesforce&default.kind=organisation", "windows-1252", 8, 8, 0, 0, 0, 0, 0},
	{"salesforce-utf8.csv", "match=name&default.kind=organisation&default.name=somebody", "utf-8", 2, 1, 0, 0, 0, 0, 0},
	{"salesforce-utf16le.csv", "match=name&default.kind=organisation&default.name=somebody", "utf-16le", 2, 1, 0, 0, 0, 0, 0},
	{"salesforce-utf16be.csv", "match=name&default.kind=organisation&default.name=somebody", "utf-16be", 2, 1, 0, 0, 0, 0, 0},
	{"google-contacts.csv", "default.kind=individual&default.lawful_basis=consent", "utf-8", 16, 16, 0, 0, 0, 0, 0},
}

// Files as others publish them come in as they are. The dry run says what the real
// one then does, and the second real one changes nothing.
func TestFilesOfOthers(t *testing.T) {
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			h := testkit.Open(t)
			file, err := os.ReadFile(filepath.Join("testdata", f.name))
			if err != nil {
				t.Fatal(err)
			}
			dry, im := hand(t, h, f.query, "text/csv", file)
			if got := im.Text("detected.encoding"); got != f.encoding {
				t.Errorf("read as %s, want %s", got, f.encoding)
			}
			wrote, im := hand(t, h, f.query+"&mode=commit", "text/csv", file)
			if wrote.Rows != f.rows || wrote.Created != f.created || wrote.Updated != f.updated || wrote.Invalid != f.invalid || wrote.Relations.Created != f.relations || wrote.Relations.Invalid != f.lost {
				t.Errorf("not as expected: %+v\n%s", wrote, h.As("l4").Get("/imports/"+im.ID()+"/errors").Body)
			}
			if dry.WouldCreate, dry.WouldUpdate, dry.Created, dry.Updated = 0, 0, dry.WouldCreate, dry.WouldUpdate; dry != wrote {
				t.Errorf("the dry run said %+v, the real one did %+v", dry, wrote)
			}
			again, _ := hand(t, h, f.query+"&mode=commit", "text/csv", file)
			if again.Created != 0 || again.Updated != f.restless || again.Relations.Created != 0 || again.Invalid != wrote.Invalid {
				t.Errorf("the second time: %+v", again)
			}
		})
	}
}
