package api_test

import (
	"net/http"
	"strings"
	"testing"

	"rapport/api"
	"rapport/internal/testkit"
)

// A path beside the records takes its own methods alone: it is not taken for a record
// that is not there.
func TestPathsBesideRecordsTakeTheirMethods(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for path, allow := range map[string]string{
		"/stakeholders/search": "OPTIONS, POST", "/complaints/batch": "OPTIONS, POST", "/stakeholders/duplicates": "OPTIONS, GET, HEAD", "/issues/board": "OPTIONS, GET, HEAD",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
			if method == http.MethodGet && allow != "OPTIONS, POST" {
				continue
			}
			r := l4.Do(method, path, nil).Code(405, "method-not-allowed")
			if got := r.Header.Get("Allow"); got != allow {
				t.Errorf("%s %s: Allow is %q, want %q", method, path, got, allow)
			}
		}
	}
	l4.Get("/stakeholders/STK-99").Code(404, "not-found")
}

// DELETE takes a custom field out of use, and restore takes it into use again.
func TestRestoreTakesAFieldIntoUseAgain(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	path := declare(h, "region", "text", nil)
	l7.Post(path+"/restore", nil).Want(200)
	l7.Delete(path).Want(204)
	h.As("l4").Post(path+"/restore", nil).Code(403, "insufficient-scope")
	if got := l7.With("If-Match", `"2"`).Post(path+"/restore", nil).Want(200); got.Text("state") != "active" || got.Text("version") != "3" {
		t.Errorf("restored, it is %s", got.Body)
	}
	h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation","custom_fields":{"region":"north"}}`).Want(201)
}

// A custom field leads to no records that only some may know of by their kind.
func TestCustomFieldsLeadToWhatAllMayRead(t *testing.T) {
	h := testkit.Open(t)
	for _, target := range []string{"api-keys", "identities"} {
		h.As("l7").Post("/custom-fields", `{"collection":"stakeholders","key":"k","type":"reference","target":"`+target+`"}`).
			Code(422, "validation-failed").Fault("#/target", "not_in_enum")
	}
	h.As("l7").Post("/custom-fields", `{"collection":"stakeholders","key":"k","type":"reference","target":"users"}`).Want(201)
}

// What is about a restricted stakeholder is as restricted: that somebody lowers it is
// refused, and no silent nothing.
func TestSensitivityThatCannotBeLowered(t *testing.T) {
	h := testkit.Open(t)
	l6 := h.As("l6")
	board := l6.Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation","sensitivity":"restricted"}`).Want(201).ID()
	made := l6.Post("/issues", `{"title":"Noise at night","description":"Lorries.","channel":"call","stakeholder_id":"`+board+`"}`).Want(201)
	path := "/issues/" + made.ID()
	for _, lower := range []string{"internal", "confidential"} {
		l6.Patch(path, `{"sensitivity":"`+lower+`"}`).Code(422, "validation-failed").Fault("#/sensitivity", "conflicts_with")
	}
	l6.Post("/issues/batch", `{"operations":[{"op":"update","id":"`+made.ID()+`","body":{"sensitivity":"public"}}]}`).
		Code(422, "validation-failed").Fault("#/operations/0/body/sensitivity", "conflicts_with")
	l6.Patch(path, `{"sensitivity":"restricted","title":"Noise"}`).Want(200)
	own := keep(t, l6, `{"slug":"mine","name":"Mine","collection":"groups","shared_with":"me"}`)
	l6.Patch(own, `{"sensitivity":"internal"}`).Code(422, "validation-failed").Fault("#/sensitivity", "conflicts_with")
}

// A view that its owner shares later is found by the others, as one that was shared
// from the first.
func TestViewSharedLater(t *testing.T) {
	h := testkit.Open(t)
	l4, l4b := h.As("l4"), h.As("l4b")
	own := keep(t, l4, `{"slug":"mine","name":"Mine","collection":"groups","shared_with":"me"}`)
	l4b.Get("/groups?view=mine").Code(400, "invalid-parameter")
	if got := l4.Patch(own, `{"shared_with":"team"}`).Want(200); got.Text("sensitivity") != "internal" {
		t.Errorf("shared, it is %s", got.Text("sensitivity"))
	}
	l4b.Get("/groups?view=mine").Want(200)
	l4.Patch(own, `{"shared_with":"me"}`).Want(200)
	l4b.Get(own).Code(404, "not-found")
	l4.Patch(own, `{"shared_with":"all","sensitivity":"confidential"}`).Want(200)
	l4b.Get(own).Code(404, "not-found")
	h.As("l5").Get(own).Want(200)
}

// Scripts of the origins that are let in may send every header that the register reads,
// and read every one that it sends, of refusals too; others get nothing.
func TestScriptsOfOtherOrigins(t *testing.T) {
	h := testkit.Open(t)
	h.Configure(func(c *api.Config) { c.CORSOrigins = []string{"https://app.example.org"} })
	app := h.As("").With("Origin", "https://app.example.org")
	names := func(r *testkit.Reply, header string, want ...string) {
		t.Helper()
		listed := "," + strings.ToLower(strings.ReplaceAll(r.Header.Get(header), " ", "")) + ","
		for _, w := range want {
			if !strings.Contains(listed, ","+strings.ToLower(w)+",") {
				t.Errorf("%s does not name %s: %s", header, w, listed)
			}
		}
	}
	asks := app.With("Access-Control-Request-Method", "POST").Do(http.MethodOptions, "/stakeholders", nil).Want(204)
	names(asks, "Access-Control-Allow-Headers", "Authorization", "X-API-Key", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID", "Prefer", "Traceparent", "X-Request-Id")
	names(asks, "Access-Control-Allow-Methods", "GET", "POST", "PATCH", "DELETE")
	for _, r := range []*testkit.Reply{app.Get("/stakeholders").Want(401), h.As("l4").With("Origin", "https://app.example.org").Get("/stakeholders").Want(200)} {
		names(r, "Access-Control-Allow-Origin", "https://app.example.org")
		names(r, "Access-Control-Expose-Headers", "X-Request-Id", "ETag", "Location", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "Idempotent-Replayed", "Preference-Applied", "Deprecation", "Sunset")
	}
	other := h.As("l4").With("Origin", "https://evil.example.org")
	for _, r := range []*testkit.Reply{other.Get("/stakeholders"), other.With("Access-Control-Request-Method", "POST").Do(http.MethodOptions, "/stakeholders", nil)} {
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("another origin is let in as %s", got)
		}
	}
}
