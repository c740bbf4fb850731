package imports_test

import (
	"fmt"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// plainRows is a file of n stakeholders with a key, a name and a kind; fullRows is
// one as an address book exports them.
func plainRows(n int) string {
	var b strings.Builder
	b.WriteString("id,name,kind\n")
	for i := range n {
		fmt.Fprintf(&b, "S-%d,Stakeholder number %d of many,organisation\n", i, i)
	}
	return b.String()
}

func fullRows(n int) string {
	var b strings.Builder
	b.WriteString("id,name,kind,email,phone,country,notes\n")
	for i := range n {
		fmt.Fprintf(&b, "S-%d,Stakeholder number %d of many,organisation,s%d@example.org,030-%07d,NL,Met at the fair in the year %d\n", i, i, i, i, 1990+i%30)
	}
	return b.String()
}

// busy is the time that this process has had of the processors.
func busy() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Rows that are entered, with their entries and the search index, and rows that
// the register holds already.
func BenchmarkImport(b *testing.B) {
	const n = 10_000
	defer debug.SetGCPercent(debug.SetGCPercent(300)) // as the program has it
	for name, file := range map[string]string{"plain": plainRows(n), "full": fullRows(n), "again": fullRows(n)} {
		second := name == "again"
		b.Run(name, func(b *testing.B) {
			var used time.Duration
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
				began := busy()
				h.RunJobs()
				used += busy() - began
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(n)*float64(b.N)/used.Seconds(), "rows/cpu-s") // of all cores together: what others do beside it does not count
		})
	}
}
