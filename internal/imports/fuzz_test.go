package imports_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// Whatever bytes are handed in: the register refuses them in words, or tries every
// row, and every row counts once. A dry run changes nothing.
func FuzzImport(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.csv")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range seeds {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw[:min(len(raw), 3000)], false)
	}
	f.Add([]byte("id,name,kind,parent,group,tags,email,owner,created_at\n1,a,group,2,x;y,t,a@example.org,me,01/02/2026\n2,b,group,1,x,t,a@example.org,nobody,2026-13-01\n"), false)
	f.Add([]byte(`{"name":"a","kind":"group","channels":[{"channel":"email","address":"x"}],"custom_fields":{"a":1},"tags":["x"],"roles":["customer"]}`+"\n{}\n[]\n{\"name\":1}\n"), true)
	h := testkit.Open(f)
	h.Quick = true
	before := h.Register()
	f.Fuzz(func(t *testing.T, file []byte, lines bool) {
		h.T = t
		if len(file) > 1<<16 {
			t.Skip()
		}
		media := "text/csv"
		if lines {
			media = "application/x-ndjson"
		}
		c := h.As("l6").With("Content-Type", media)
		got := c.Post("/imports?collection=stakeholders&create_missing=groups&default.kind=group", file)
		if got.Status >= http.StatusInternalServerError {
			t.Fatalf("%d: %s", got.Status, got.Body)
		}
		if got.Status != http.StatusAccepted {
			return
		}
		h.RunJobs()
		im := h.As("l6").Get("/imports/" + got.ID())
		if state := im.Text("state"); state != "checked" && !strings.Contains(string(h.As("l6").Get(strings.TrimPrefix(im.Text("job_url"), "/api/v1")).Body), "import-invalid") {
			t.Fatalf("%s: %s", im.Body, h.As("l6").Get("/jobs?limit=1").Body)
		}
		r := reportOf(t, im)
		if r.Rows != r.WouldCreate+r.WouldUpdate+r.Unchanged+r.Skipped+r.Invalid {
			t.Fatalf("the rows do not add up: %s", im.Body)
		}
		if r.Invalid > 0 {
			h.As("l6").Get("/imports/" + got.ID() + "/errors").Want(http.StatusOK)
			// asked without the check by the document, which wants as many cells in each row
			asked := httptest.NewRequest(http.MethodGet, "/api/v1/imports/"+got.ID()+"/errors.csv", nil)
			asked.Header.Set("Authorization", "Bearer "+testkit.Key("l6"))
			answer := httptest.NewRecorder()
			if h.Handler.ServeHTTP(answer, asked); answer.Code != http.StatusOK {
				t.Fatalf("the errors: %d %s", answer.Code, answer.Body)
			}
		}
		if h.Register() != before {
			t.Fatal("a dry run changed the register")
		}
	})
}
