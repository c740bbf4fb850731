package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"rapport/internal/testkit"
)

func get(h *testkit.House, path string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, "/api/v1"+path, nil)
	req.Header.Set("Authorization", "Bearer "+testkit.Key("l6"))
	rec := httptest.NewRecorder()
	h.Handler.ServeHTTP(rec, req)
	return rec
}

// BenchmarkRead reads one record and a page of fifty through the whole house.
func BenchmarkRead(b *testing.B) {
	h := testkit.Open(b)
	h.Quick = true
	last := ""
	for i := range 1000 {
		last = h.As("l4").Post("/stakeholders", fmt.Sprintf(`{"name":"Reader %d","kind":"organisation","tags":["a","b"],"description":%q,"owner_id":"me"}`, i, lorem)).Want(201).ID()
	}
	for name, path := range map[string]string{"get": "/stakeholders/" + last, "list": "/stakeholders?state=prospect&sort=name"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rec := get(h, path); rec.Code != http.StatusOK {
					b.Fatal(rec.Body)
				}
			}
		})
	}
}
