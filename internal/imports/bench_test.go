package imports_test

import (
	"fmt"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// plainRows is a file of n stakeholders as an address book exports them.
func plainRows(n int) string {
	var b strings.Builder
	b.WriteString("id,name,kind,email,phone,country,notes\n")
	for i := range n {
		fmt.Fprintf(&b, "S-%d,Stakeholder number %d of many,organisation,s%d@example.org,030-%07d,NL,Met at the fair in the year %d\n", i, i, i, i, 1990+i%30)
	}
	return b.String()
}

// Rows that are entered, with their entries and the search index, and rows that
// the register holds already.
func BenchmarkImport(b *testing.B) {
	const n = 10_000
	file := plainRows(n)
	for _, second := range []bool{false, true} {
		b.Run(map[bool]string{false: "new", true: "again"}[second], func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				h := testkit.Open(b)
				h.Quick = true
				hand := func() {
					h.As("l4").With("Content-Type", "text/csv").Post("/imports?collection=stakeholders&mode=commit", file).Want(202)
				}
				hand()
				if second {
					h.RunJobs()
					hand()
				}
				b.StartTimer()
				h.RunJobs()
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
