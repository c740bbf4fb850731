package api_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rapport/api"
	"rapport/internal/ledger"
	"rapport/internal/testkit"
)

// Whoever looks at a demonstration puts its time forward and sees what that brings;
// the time stays there. Elsewhere nobody moves time.
func TestDemonstrationsTimeIsPutForward(t *testing.T) {
	h := testkit.Open(t)
	h.As("l7").Post("/demo/clock", fields{"forward": "P3D"}).Want(404)
	ahead := &ledger.Ahead{Clock: h.Clock.Now}
	h.Ledger.Now = ahead.Now
	h.Configure(func(c *api.Config) { c.Demo, c.Ahead = true, ahead })
	path := raised(h, nil)
	query := ""
	post := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/demo/clock"+query, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+testkit.Key("none"))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.Handler.ServeHTTP(w, r)
		return w
	}
	for _, body := range []string{`{"forward": "-P3D"}`, `{"forward": "P"}`, `{"forward": "PT"}`, `{"forward": "P1YT"}`, `{"forward": "P1Y2"}`, `{"forward": "P99Y"}`, `{"forward": 3}`, `{"back": "P3D"}`, `{}`} {
		if w := post(body); w.Code != 422 {
			t.Errorf("%s: want 422, got %d", body, w.Code)
		}
	}
	query = "?validate_only=true" // a year of the calendar, which is not put forward
	if w := post(`{"forward": "P1Y1M"}`); w.Code != 200 || !bytes.Contains(w.Body.Bytes(), []byte(`"time_offset": "P395D"`)) || ahead.By() != 0 {
		t.Errorf("tried, got %d: %s", w.Code, w.Body)
	}
	query = ""
	w := post(`{"forward": "P3DT2H"}`)
	if w.Code != 200 || !bytes.Contains(w.Body.Bytes(), []byte(`"time_offset": "P3DT2H"`)) || !bytes.Contains(w.Body.Bytes(), []byte(`"clocks_acted_on": 1`)) {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
	due(h.As("l4").Get(path).Want(200), "2026-11-23", "triage", true)
	version := httptest.NewRecorder()
	h.Handler.ServeHTTP(version, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/version", nil))
	if !bytes.Contains(version.Body.Bytes(), []byte(`"time_offset": "P3DT2H"`)) {
		t.Errorf("the version does not tell: %s", version.Body)
	}
	for range 20 { // a few years each
		w = post(`{"forward": "P99W"}`)
	}
	if w.Code != 422 {
		t.Errorf("want an end of time, got %d", w.Code)
	}
	by := ahead.By()
	again := &ledger.Ahead{Clock: h.Clock.Now}
	if err := h.Ledger.TakeUp(context.Background(), again); err != nil || again.By() != by || by < 15*365*day {
		t.Errorf("taken up at %s: %v", again.By(), err)
	}
}
