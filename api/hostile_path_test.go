package api_test

import (
	"net/http"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// A path means what it means however its letters are written: STK%2D7 is STK-7.
func TestEncodedPaths(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201)
	ref := party.Text("ref")
	encoded := strings.ReplaceAll(ref, "-", "%2D")
	for _, path := range []string{"/stakeholders/" + encoded, "/stakeholders/" + strings.ToLower(encoded), "/stakeholders/" + strings.ReplaceAll(party.ID(), "-", "%2d")} {
		if got := l4.Get(path).Want(200).ID(); got != party.ID() {
			t.Errorf("%s leads to %s", path, got)
		}
	}
	if rec := sendRaw(h, "GET", "/api/v1/%73takeholders/"+ref, ""); rec.Code != 200 {
		t.Errorf("an encoded collection is answered %d", rec.Code)
	}
	l4.Get("/stakeholders/" + encoded + "/transitions").Want(200)
	l4.Patch("/stakeholders/"+encoded, `{"name":"Harbour Board"}`).Want(200)
	for _, path := range []string{
		"/stakeholders/%2F", "/stakeholders/" + ref + "%2F", "/stakeholders%2F" + ref, "/stakeholders/" + ref + "%2Ftransitions", "//stakeholders/" + ref, "/./stakeholders/" + ref,
		"/Stakeholders/" + ref, "/stakeholders/" + ref + ";x=1", "/stakeholders/" + ref + "%00", "/stakeholders/%00", "/stakeholders/" + strings.Repeat("a", 65), "/stakeholders/" + strings.Repeat("%41", 65),
		"/stakeholders/" + ref + "%20", "/stakeholders/..%2f..%2fetc", "/stakeholders/%ff%fe", "/stakeholders/STK--1", "/stakeholders/STK-99999999999999999999", "/stakeholders/STK-",
		"/stakeholders/" + party.ID() + "x", "/stakeholders/{" + party.ID() + "}", "/stakeholders/" + strings.ReplaceAll(party.ID(), "-", ""), "/stakeholders/urn:uuid:" + party.ID(),
	} {
		if r := l4.Get(path); r.Status != 404 {
			t.Errorf("%s is answered %d %s", path, r.Status, r.Body)
		}
	}
}

// A browser asks for an icon by itself: there is none, and nothing is refused.
func TestBrowsersAskForAnIcon(t *testing.T) {
	h := testkit.Open(t)
	if rec := sendRaw(h, "GET", "/favicon.ico", ""); rec.Code != http.StatusNoContent || rec.Body.Len() > 0 {
		t.Errorf("an icon is answered with %d %s", rec.Code, rec.Body)
	}
	if rec := sendRaw(h, "POST", "/favicon.ico", "{}"); rec.Code < 400 {
		t.Errorf("an icon is taken: %d", rec.Code)
	}
}

// A slash at the end leads to the path without it, by the same method.
func TestTrailingSlashes(t *testing.T) {
	h := testkit.Open(t)
	for path, want := range map[string]string{
		"/api/v1/stakeholders/": "/api/v1/stakeholders", "/api/v1/stakeholders/STK-1/?include=owner": "/api/v1/stakeholders/STK-1?include=owner",
		"/api/v1/stakeholders///": "/api/v1/stakeholders", "/healthz/": "/healthz", "/api/v1/stakeholders/a%2Fb/": "/api/v1/stakeholders/a%2Fb",
		"/%5Cevil.example/": "/%5Cevil.example",
	} {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE", "HEAD"} {
			rec := sendRaw(h, method, path, "")
			if rec.Code != http.StatusPermanentRedirect || rec.Header().Get("Location") != want {
				t.Errorf("%s %s: %d, Location: %s", method, path, rec.Code, rec.Header().Get("Location"))
			}
		}
	}
	if rec := sendRaw(h, "GET", "//evil.example/", ""); rec.Code == http.StatusPermanentRedirect {
		t.Errorf("a request is led to %s", rec.Header().Get("Location"))
	}
}

// No route takes an id that is none, and none of the attempts is an error of ours.
func TestIDsThatAreNone(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7 := h.As("l7")
	for _, op := range operations(t) {
		if !strings.Contains(op.path, "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b") {
			continue
		}
		for _, id := range []string{"%00", strings.Repeat("9", 65), strings.Repeat("x", 4000), "%F0%9F%92%A9", "STK-0", "*", "null", "%27%20OR%201=1", "-1", "1e9"} {
			path := strings.Replace(op.path, "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b", id, 1)
			var body any
			if op.RequestBody != nil {
				body = "{}"
			}
			if r := l7.Do(op.method, path, body); r.Status != 404 && r.Status != 422 {
				t.Errorf("%s %.100s: %d %.200s", op.method, path, r.Status, r.Body)
			}
		}
	}
}
