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
	post := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/demo/clock", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+testkit.Key("none"))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.Handler.ServeHTTP(w, r)
		return w
	}
	for _, body := range []string{`{"forward": "-P3D"}`, `{"forward": "P"}`, `{"forward": 3}`, `{"back": "P3D"}`, `{}`} {
		if w := post(body); w.Code != 422 {
			t.Errorf("%s: want 422, got %d", body, w.Code)
		}
	}
	w := post(`{"forward": "P3DT2H"}`)
	if w.Code != 200 || !bytes.Contains(w.Body.Bytes(), []byte(`"time_offset": "PT74H0M0S"`)) || !bytes.Contains(w.Body.Bytes(), []byte(`"clocks_acted_on": 1`)) {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
	due(h.As("l4").Get(path).Want(200), "2026-11-23", "triage", true)
	version := httptest.NewRecorder()
	h.Handler.ServeHTTP(version, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/version", nil))
	if !bytes.Contains(version.Body.Bytes(), []byte(`"time_offset": "PT74H0M0S"`)) {
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
