package imports_test

import (
	"bytes"
	"mime/multipart"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// nasa says which columns of NASA's file of lessons are meant for what.
const nasa = `{"LessonId":"external_id","Abstract":"what_happened","Lesson":"recommendation","LessonDate":"published_at","Categories":"applies_to_tags","Organization":"tags","Title":"title","SafetyIssue":"","Topic":"","Category":""}`

// Lessons of NASA come in as their file is, with the days of their publication, as
// what was learned in the meeting in which they were read.
func TestLessonsOfOthers(t *testing.T) {
	h := testkit.Open(t)
	lines := readLines(t, "lessons-nasa.cp1252.csv")
	raw, err := os.ReadFile(filepath.Join("testdata", "lessons-nasa.cp1252.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("mapping", nasa) // into memory
	part, _ := form.CreateFormFile("file", "llis.csv")
	_, _ = part.Write(raw)
	_ = form.Close()
	made := h.As("l6").With("Content-Type", form.FormDataContentType()).
		Post("/imports?adopt=true&mode=commit&collection=lessons&external_system=llis&default.state=published&default.kind=negative&default.applies_to_tags=nasa&default.what_happened=See+the+lesson.&default.interaction_ids="+h.Some("interaction"), body.String()).Want(202)
	h.RunJobs()
	im := h.As("l6").Get("/imports/" + made.ID()).Want(200)
	years := map[string]int{}
	for _, l := range lines {
		if !slices.ContainsFunc(strings.Split(l["Categories"], ","), func(tag string) bool { return len(strings.TrimSpace(tag)) > 64 }) {
			years[l["LessonDate"][:4]]++ // one has a category that is too long for a tag
		}
	}
	if r := reportOf(t, im); r.Created != len(lines)-1 || r.Invalid != 1 || im.Text("detected.encoding") != "windows-1252" {
		t.Fatalf("of %d rows: %s %s", len(lines), im.Body, h.As("l6").Get("/imports/"+made.ID()+"/errors").Body)
	}
	if f := h.As("l6").Get("/imports/" + made.ID() + "/errors").Want(200); f.Text("data.0.column") != "Categories" || len(f.Text("data.0.value")) <= 64 || strings.Contains(f.Text("data.0.value"), ",") {
		t.Errorf("it is not told which category is too long: %s", f.Body)
	}
	for year, want := range years {
		if n, counted := figure(t, h, "/reports/lessons?tz=UTC&period="+year, "lesson_use"); n != want || counted != 0 {
			t.Errorf("%s: the report says %d of %d, the file has %d", year, counted, n, want)
		}
	}
}
