package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
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

// BenchmarkSearch looks for beginnings among 20,000 records: of a letter that many
// words begin with, of one that few do, and of a word.
func BenchmarkSearch(b *testing.B) {
	h := testkit.Open(b)
	h.Quick = true
	words := strings.Fields(strings.ToLower(lorem))
	for i := range 100 {
		var operations []string
		for k := range 200 {
			operations = append(operations, fmt.Sprintf(`{"op":"create","body":{"name":"%s Reader %d","kind":"organisation","description":"%s %s"}}`,
				strings.Trim(words[(i+k)%len(words)], ".,"), i*200+k, strings.Trim(words[(i*7+k)%len(words)], ".,"), strings.Trim(words[(i*3+k)%len(words)], ".,")))
		}
		h.As("l6").Post("/stakeholders/batch?allow_duplicate=true", `{"atomic":true,"operations":[`+strings.Join(operations, ",")+`]}`).Want(200)
	}
	for _, q := range []string{"r", "a", "q", "reader", "reader+1"} {
		b.Run(q, func(b *testing.B) {
			for b.Loop() {
				if rec := get(h, "/search?q="+q); rec.Code != http.StatusOK {
					b.Fatal(rec.Body)
				}
			}
		})
	}
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
