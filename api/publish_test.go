package api_test

import (
	"strings"
	"testing"

	"rapport/api"
	"rapport/internal/testkit"
)

// Who finds a weakness is told whom to write to, where somebody is named.
func TestSecurityTxtNamesAContact(t *testing.T) {
	h := testkit.Open(t)
	h.As("").Get("/.well-known/security.txt").Code(404, "not-found")
	h.Configure(func(c *api.Config) { c.SecurityContact = "mailto:security@example.org" })
	got := h.As("").Get("/.well-known/security.txt").Want(200)
	want := "Contact: mailto:security@example.org\nExpires: 2027-05-21T00:00:00Z\nPreferred-Languages: en\n"
	if string(got.Body) != want || got.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("it says %s, as %s", got.Body, got.Header.Get("Content-Type"))
	}
}

// What changed is read version by version.
func TestChangelogIsTold(t *testing.T) {
	h := testkit.Open(t)
	h.As("").Get("/api/v1/changelog").Code(401, "unauthenticated")
	got := h.As("none").Get("/changelog").Want(200)
	if got.Text("data.0.version") != "Unreleased" || got.Value("data.0.released_on") != nil || !strings.Contains(got.Text("data.0.text"), "### Added") {
		t.Errorf("it says %.300s", got.Body)
	}
}
