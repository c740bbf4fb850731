package imports_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"rapport/internal/testkit"
)

// line is a row of a file by its headings.
type line map[string]string

// readLines reads a file of the test data.
func readLines(t testing.TB, name string) (lines []line) {
	t.Helper()
	return readAt(t, filepath.Join("testdata", name))
}

// readAt reads a file by its path.
func readAt(t testing.TB, name string) (lines []line) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(name, "cp1252") {
		if raw, err = charmap.Windows1252.NewDecoder().Bytes(raw); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		l := line{}
		for i, heading := range rows[0] {
			l[heading] = row[i]
		}
		lines = append(lines, l)
	}
	return lines
}

// orNone is the first of the texts that says something.
func orNone(texts ...string) string {
	for _, text := range texts {
		if text != "" && text != "None" && text != "N/A" {
			return text
		}
	}
	return ""
}

// cfpb tells a complaint to the Consumer Financial Protection Bureau in our words. The
// day of the answer is not in the file; whether it came in time is.
func cfpb(l line) line {
	channels := map[string]string{"Web": "portal", "Phone": "call", "Postal mail": "letter", "Fax": "letter", "Referral": "unknown"}
	states := map[string]string{"In progress": "investigating"}
	state := orNone(states[l["Company response to consumer"]], "closed_accepted")
	if l["Consumer disputed?"] == "Yes" {
		state = "closed_rejected"
	}
	return line{
		"title": l["Issue"], "description": orNone(l["Consumer complaint narrative"], l["Sub-issue"], l["Issue"]), "subject": orNone(l["Sub-product"], l["Product"]),
		"unit": l["Company"], "channel": channels[l["Submitted via"]], "received_at": l["Date received"], "external_id": l["Complaint ID"], "state": state,
		"decided_in_time": map[string]string{"Yes": "in_time", "No": "late"}[l["Timely response?"]],
	}
}

// nyc tells a request to the service line of New York in our words.
func nyc(l line) line {
	states := map[string]string{"Assigned": "investigating", "Pending": "received", "Closed": "closed_accepted"}
	return line{
		"title": l["Complaint Type"] + ": " + l["Descriptor"], "description": orNone(l["Location Type"], l["Descriptor"]), "subject": l["Descriptor"], "unit": l["Agency"],
		"channel": "unknown", "category": "environment", "received_at": l["Created Date"], "external_id": l["Unique Key"], "state": states[l["Status"]],
		"decided_at": l["Closed Date"], "closed_at": l["Closed Date"], "decision_due_at": l["Due Date"], "decision": l["Resolution Description"],
	}
}

// told is a file of such lines.
func told(t testing.TB, lines []line, tell func(line) line) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	var headings []string
	for _, l := range lines {
		words := tell(l)
		if headings == nil {
			for name := range words {
				headings = append(headings, name)
			}
			_ = w.Write(headings) // into memory
		}
		row := make([]string, len(headings))
		for i, name := range headings {
			row[i] = words[name]
		}
		_ = w.Write(row)
	}
	w.Flush()
	return out.Bytes()
}

// adopt hands in a file of records as they were elsewhere.
func adopt(t testing.TB, h *testkit.House, query string, file []byte) report {
	t.Helper()
	id := h.As("l6").With("Content-Type", "text/csv").Post("/imports?adopt=true&mode=commit&"+query, file).Want(202).ID()
	h.RunJobs()
	im := h.As("l6").Get("/imports/" + id).Want(200)
	if r := reportOf(t, im); im.Text("state") == "committed" {
		return r
	}
	t.Fatalf("not committed: %s", im.Body)
	return report{}
}

// shares counts, by the year of a column, how many rows there are of which it is
// known whether they were in time, and how many were.
func shares(t testing.TB, lines []line, when, layout string, timely func(line) (known, in bool)) map[int][2]int {
	t.Helper()
	out := map[int][2]int{}
	for _, l := range lines {
		known, in := timely(l)
		if !known {
			continue
		}
		at, err := time.Parse(layout, l[when])
		if err != nil {
			t.Fatal(err)
		}
		of := out[at.Year()]
		if of[0]++; in {
			of[1]++
		}
		out[at.Year()] = of
	}
	return out
}

// saidTimely goes by what the file says itself.
func saidTimely(l line) (known, in bool) {
	return l["Timely response?"] == "Yes" || l["Timely response?"] == "No", l["Timely response?"] == "Yes"
}

// closedTimely goes by the two dates of the file.
func closedTimely(l line) (known, in bool) {
	const layout = "01/02/2006 03:04:05 PM"
	closed, err := time.Parse(layout, l["Closed Date"])
	due, without := time.Parse(layout, l["Due Date"])
	return err == nil && without == nil, !closed.After(due)
}

var complaintFiles = []struct {
	name, format, layout, when, figure string
	tell                               func(line) line
	timely                             func(line) (known, in bool)
}{
	{"complaints-cfpb.csv", "MM/DD/YYYY", "1/2/2006", "Date received", "decided_in_time_of_received", cfpb, saidTimely},
	{"complaints-cfpb-narratives.csv", "MM/DD/YYYY", "01/02/06", "Date received", "decided_in_time_of_received", cfpb, saidTimely},
	{"complaints-nyc311.csv", "MM/DD/YYYY", "01/02/2006 03:04:05 PM", "Closed Date", "decided_in_time", nyc, closedTimely},
}

// Complaints of others come in with their dates and as closed as they are, and the
// report says of how many the answer was in time as their files do.
func TestComplaintsOfOthers(t *testing.T) {
	for _, f := range complaintFiles {
		t.Run(f.name, func(t *testing.T) {
			h := testkit.Open(t)
			h.As("l7").Patch("/settings/time_zone", map[string]any{"value": "America/New_York"}).Want(200)
			lines := readLines(t, f.name)
			query := "collection=complaints&default.anonymous=true&external_system=elsewhere&date_format=" + f.format
			if r := adopt(t, h, query, told(t, lines, f.tell)); r.Created != len(lines) || r.Invalid != 0 {
				t.Fatalf("of %d rows: %+v", len(lines), r)
			}
			want := shares(t, lines, f.when, f.layout, f.timely)
			late := 0
			for year, of := range want {
				if n, in := figure(t, h, fmt.Sprintf("/reports/complaints?period=%d", year), f.figure); n != of[0] || in != of[1] {
					t.Errorf("%d: the report says %d of %d, the file %d of %d", year, in, n, of[1], of[0])
				}
				late += of[0] - of[1]
			}
			if late == 0 {
				t.Error("the excerpt has none that was late")
			}
		})
	}
}

// figure is a share of a report: on how many it rests, and how many it counts.
func figure(t testing.TB, h *testkit.House, path, name string) (n, counted int) {
	t.Helper()
	r := h.As("l4").Get(path).Want(200)
	for i := range r.Len("figures") {
		if at := fmt.Sprintf("figures.%d.", i); r.Text(at+"name") == name {
			return int(r.Value(at + "n").(float64)), int(r.Value(at + "counted").(float64))
		}
	}
	t.Fatalf("no %s in %s", name, r.Body)
	return 0, 0
}
