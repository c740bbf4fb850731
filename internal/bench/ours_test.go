package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"rapport/internal/testkit"
)

var serial atomic.Int64

// createOurs sends one durable create through the whole house.
func createOurs(h *testkit.House) int {
	n := serial.Add(1)
	body := fmt.Sprintf(`{"name":"Person %d of the harbour","kind":"organisation","tags":["noise","harbour"],"description":%q}`, n, lorem)
	req := httptest.NewRequest(http.MethodPost, "/api/v1/stakeholders", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+testkit.Key("l4"))
	req.Header.Set("Idempotency-Key", fmt.Sprint("bench-", n))
	rec := httptest.NewRecorder()
	h.Handler.ServeHTTP(rec, req)
	return rec.Code
}

const lorem = "They live by the river and hear the deliveries at night; the committee meets on the first Monday of the month, and writes letters in between that want an answer within the week they come in."

func BenchmarkCreate(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			h := testkit.Open(b)
			b.SetParallelism(clients) // times GOMAXPROCS
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if code := createOurs(h); code != http.StatusCreated {
						b.Fatalf("create: %d", code)
					}
				}
			})
			commits, changes := h.DB.Groups()
			b.ReportMetric(float64(changes)/float64(commits), "changes/commit")
		})
	}
}
