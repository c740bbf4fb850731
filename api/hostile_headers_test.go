package api_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// sendRaw makes a request with headers that may repeat, past what other stories check.
func sendRaw(h *testkit.House, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+testkit.Key("l7"))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.Handler.ServeHTTP(rec, req)
	return rec
}

// What takes nothing that we give is refused; a quality of 0 takes back what a wider
// range allows.
func TestAcceptIsHonoured(t *testing.T) {
	h := testkit.Open(t)
	for accept, want := range map[string]int{
		"": 200, "*/*": 200, "application/json": 200, "application/*;q=0.1": 200, "APPLICATION/JSON": 200, "text/html, */*;q=0.8": 200,
		"application/json;q=0, application/problem+json": 200, "application/json; charset=utf-8; q=0.5": 200,
		"application/json;q=0": 406, "application/json; q=0.000": 406, "*/*;q=0": 406, "application/json;q=0, application/*;q=0": 406,
		"application/json;q=0, application/problem+json;q=0, */*": 406, "audio/ogg": 406, "application/json;q=high": 406, "application/jsonp": 406,
	} {
		if r := h.As("l4").With("Accept", accept).Get("/me"); r.Status != want {
			t.Errorf("Accept: %s is answered %d, not %d", accept, r.Status, want)
		}
	}
	if rec := sendRaw(h, "GET", "/api/v1/me", "", "Accept", "audio/ogg", "Accept", "application/json"); rec.Code != 200 {
		t.Errorf("of two headers Accept one counts: %d", rec.Code)
	}
}

// A tag matches the version whose tag it is, letter by letter, and no other.
func TestIfMatchIsExact(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := "/stakeholders/" + l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	for _, tag := range []string{`"01"`, `"+1"`, `"-1"`, `"1.0"`, `" 1"`, `W/"1"`, `"0"`, `"2"`, `"1","x`, `1`, `"99999999999999999999"`, `"`, `""`, strings.Repeat(`"2",`, 600)} {
		if r := l4.With("If-Match", tag).Patch(path, `{"name":"Harbour Board"}`); r.Status != 400 && r.Status != 412 {
			t.Errorf("If-Match: %s is answered %d", tag, r.Status)
		}
	}
	l4.With("If-Match", `"7", "1"`).Patch(path, `{"name":"Harbour Board"}`).Want(200)
	l4.With("If-Match", `*`).Patch(path, `{"name":"Harbour Board and Quay"}`).Want(200)
}

// Headers that are meant once are not guessed at when they come twice.
func TestRepeatedHeaders(t *testing.T) {
	h := testkit.Open(t)
	create := func(headers ...string) *httptest.ResponseRecorder {
		return sendRaw(h, "POST", "/api/v1/stakeholders", `{"name":"Riverside Residents","kind":"group"}`, headers...)
	}
	for _, c := range []struct {
		status  int
		headers []string
	}{
		{400, []string{"Idempotency-Key", "a", "Idempotency-Key", "b"}},
		{400, []string{"Idempotency-Key", ""}},
		{400, []string{"Idempotency-Key", "a\x00"}},
		{400, []string{"Idempotency-Key", strings.Repeat("k", 256)}},
		{400, []string{"Authorization", "Bearer " + testkit.Key("l4")}},
		{400, []string{"X-API-Key", testkit.Key("l4")}},
		{415, []string{"Content-Type", "text/plain"}},
		{415, []string{"Content-Type", "application/json; charset=utf-8"}},
	} {
		if rec := create(c.headers...); rec.Code != c.status {
			t.Errorf("%q: %d, not %d\n%s", c.headers, rec.Code, c.status, rec.Body)
		}
	}
	if rec := sendRaw(h, "POST", "/api/v1/stakeholders", `{"name":"Harbour Pilots","kind":"group"}`, "Content-Type", "application/json"); rec.Code != http.StatusCreated {
		t.Errorf("the same type twice: %d %s", rec.Code, rec.Body)
	}
	made := create("X-Request-Id", "one", "X-Request-Id", "two")
	if made.Code != http.StatusCreated || strings.Contains(made.Header().Get("X-Request-Id"), "two") {
		t.Errorf("two request ids: %d %v", made.Code, made.Header())
	}
	path := made.Header().Get("Location")
	if path == "" {
		t.Fatal("nothing was entered")
	}
	if rec := sendRaw(h, "PATCH", path, `{"name":"Harbour Board"}`, "If-Match", `"9"`, "If-Match", `"1"`); rec.Code != 200 {
		t.Errorf("If-Match is a list, over several lines too: %d %s", rec.Code, rec.Body)
	}
	if rec := sendRaw(h, "GET", path, "", "If-None-Match", `"9"`, "If-None-Match", `"2"`); rec.Code != 304 {
		t.Errorf("If-None-Match is a list, over several lines too: %d", rec.Code)
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		if rec := sendRaw(h, "POST", path+"/transitions", `{"transition":"no_such"}`, name, "DELETE"); rec.Code != 422 {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
}

// A body that is packed is not unpacked: it is no JSON, and no small file grows large here.
func TestPackedBodies(t *testing.T) {
	h := testkit.Open(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"name":"Riverside Residents","kind":"group"}`))
	_ = w.Close()
	rec := sendRaw(h, "POST", "/api/v1/stakeholders", packed.String(), "Content-Encoding", "gzip")
	if rec.Code != http.StatusUnsupportedMediaType || !strings.Contains(rec.Body.String(), "Content-Encoding") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if rec := sendRaw(h, "POST", "/api/v1/stakeholders", `{"name":"Riverside Residents","kind":"group"}`, "Content-Encoding", "identity"); rec.Code != 201 {
		t.Errorf("identity: %d %s", rec.Code, rec.Body)
	}
	if rec := sendRaw(h, "POST", "/api/v1/imports?collection=stakeholders", packed.String(), "Content-Encoding", "gzip"); rec.Code != http.StatusUnsupportedMediaType {
		t.Errorf("an import: %d %s", rec.Code, rec.Body)
	}
}

// OPTIONS tells every path's methods without a key, and where there is PATCH, the
// form of its bodies; HEAD answers as GET does, without the body.
func TestOptionsAndHeadOnEveryRoute(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	for _, op := range operations(t) {
		o := h.As("").Do("OPTIONS", op.path, nil)
		allow, patch := o.Header.Get("Allow"), o.Header.Get("Accept-Patch")
		if o.Status != 204 || !strings.Contains(allow, op.method) || len(o.Body) > 0 {
			t.Errorf("OPTIONS %s: %d, Allow: %s", op.path, o.Status, allow)
		}
		if strings.Contains(allow, "PATCH") != (patch == "application/merge-patch+json") {
			t.Errorf("OPTIONS %s: Allow: %s, Accept-Patch: %s", op.path, allow, patch)
		}
		if op.method != http.MethodGet || strings.HasSuffix(op.path, "/stream") { // a stream has no end
			continue
		}
		if !strings.Contains(allow, "HEAD") {
			t.Errorf("OPTIONS %s: Allow: %s leaves HEAD out", op.path, allow)
		}
		head, get := h.As("l7").Do("HEAD", op.path, nil), h.As("l7").Get(op.path)
		if head.Status != get.Status || len(head.Body) > 0 || head.Header.Get("ETag") != get.Header.Get("ETag") || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %v, GET: %d %v", op.path, head.Status, head.Header, get.Status, get.Header)
		}
	}
	if rec := sendRaw(h, "PATCH", "/api/v1/stakeholders/STK-1", "name: x", "Content-Type", "text/yaml"); rec.Header().Get("Accept-Patch") == "" || rec.Code != 415 {
		t.Error("415 does not say what PATCH takes")
	}
}
