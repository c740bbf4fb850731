package imports_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// BenchmarkBesideImport tells how long a single interaction takes while a file is
// written, and how many rows a second are.
func BenchmarkBesideImport(b *testing.B) {
	const n = 6_000
	for range b.N {
		b.StopTimer()
		h := testkit.Open(b)
		h.Quick = true
		party := h.As("l4").Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
		h.As("l4").With("Content-Type", "text/csv").Post("/imports?collection=stakeholders&mode=commit", fullRows(n)).Want(202)
		done := make(chan struct{})
		b.StartTimer()
		began := time.Now()
		go func() { h.RunJobs(); close(done) }()
		var took []time.Duration
		for i := 0; ; i++ {
			at := time.Now()
			h.As("l4").Post("/interactions", fmt.Sprintf(`{"stakeholder_ids":[%q],"channel":"call","direction":"inbound","occurred_at":"2026-11-20T10:00:00Z","summary":"Call %d"}`, party, i)).Want(201)
			took = append(took, time.Since(at))
			select {
			case <-done:
			case <-time.After(20 * time.Millisecond):
				continue
			}
			break
		}
		slices.Sort(took)
		b.ReportMetric(n/time.Since(began).Seconds(), "rows/s")
		b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "median-ms")
		b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
		b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "most-ms")
	}
}
