package imports_test

import (
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// asComplaints is how files of complaints are adopted; the form of their dates follows.
const asComplaints = "adopt=true&mode=commit&collection=complaints&default.anonymous=true&external_system=elsewhere&date_format="

// many is a file's lines again and again until there are n, each with a key of its own.
func many(lines []line, n int, key string) []line {
	out := make([]line, n)
	for i := range out {
		l := line{}
		for name, cell := range lines[i%len(lines)] {
			l[name] = cell
		}
		l[key] = "K-" + strconv.Itoa(i)
		out[i] = l
	}
	return out
}

// A row that is adopted costs its record, its key, its entry and what is asked about
// repeats: the rest is asked once for a chunk, and nothing is put that would be put anew.
func TestAdoptingPutsFewStatements(t *testing.T) {
	h := testkit.Open(t)
	const n = 200
	file := told(t, many(readLines(t, "complaints-nyc311.csv"), n, "Unique Key"), nyc)
	h.As("l6").With("Content-Type", "text/csv").Post("/imports?"+asComplaints+"MM/DD/YYYY", file).Want(202)
	asked := h.JobStatements()
	if most := 4*n + 100; len(asked) > most {
		t.Errorf("%d statements for %d rows, want %d at most", len(asked), n, most)
	}
	if at := slices.IndexFunc(asked, func(q string) bool { return strings.Contains(q, "SAVEPOINT") }); at >= 0 {
		t.Errorf("a row of which nothing is wrong can be undone alone: %s", asked[at])
	}
}

// Complaints of others as they were: with their states and dates.
func BenchmarkAdopt(b *testing.B) {
	const n = 10_000
	files := map[string][]byte{
		"cfpb": told(b, many(readLines(b, "complaints-cfpb.csv"), n, "Complaint ID"), cfpb),
		"nyc":  told(b, many(readLines(b, "complaints-nyc311.csv"), n, "Unique Key"), nyc),
	}
	defer debug.SetGCPercent(debug.SetGCPercent(300)) // as the program has it
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			var used time.Duration
			for range b.N {
				b.StopTimer()
				h := testkit.Open(b)
				h.Quick = true
				h.As("l6").With("Content-Type", "text/csv").Post("/imports?"+asComplaints+"MM/DD/YYYY", file).Want(202)
				b.StartTimer()
				began := busy()
				h.RunJobs()
				used += busy() - began
			}
			b.ReportMetric(float64(n)*float64(b.N)/used.Seconds(), "rows/cpu-s")
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
