package api_test

import (
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// A ticketing system knows nothing of our ids: it writes and reads by its own.
func TestRecordsByTheIDsOfOthers(t *testing.T) {
	h := testkit.Open(t)
	l4, path := h.As("l4"), "/stakeholders/by-external-id/zendesk/88%2F123%20a"
	l4.Get(path).Code(404, "not-found")
	l4.With("If-Match", `"1"`).Patch(path, `{"name":"Riverside Residents","kind":"group"}`).Code(412, "precondition-failed")
	l4.Patch(path, `{"name":"Riverside Residents"}`).Code(422, "validation-failed").Fault("#/kind", "required")
	l4.Patch(path+"?validate_only=true", `{"name":"Riverside Residents","kind":"group"}`).Want(200)
	made := l4.Patch(path, `{"name":"Riverside Residents","kind":"group","external_ids":[{"system":"crm","key":"7"}]}`).Want(201)
	if made.Header.Get("Location") == "" || made.Header.Get("ETag") != `"1"` || made.Len("external_ids") != 2 || made.Text("external_ids.1.key") != "88/123 a" {
		t.Errorf("entered as %s", made.Body)
	}
	read := l4.Get(path).Want(200)
	if read.ID() != made.ID() || read.Header.Get("ETag") != `"1"` {
		t.Errorf("read as %s", read.Body)
	}
	l4.With("If-None-Match", `"1"`).Get(path).Want(304)
	l4.With("If-None-Match", "*").Patch(path, `{"description":"late"}`).Code(412, "precondition-failed")
	l4.With("If-None-Match", `"1"`).Patch(path, `{}`).Code(400, "invalid-parameter")
	l4.With("If-Match", `"1"`).With("If-None-Match", "*").Patch(path, `{}`).Code(400, "invalid-parameter")
	if changed := l4.With("If-Match", `"1"`).Patch(path, `{"tags_add":["noise"]}`).Want(200); changed.ID() != made.ID() || changed.Header.Get("ETag") != `"2"` {
		t.Errorf("changed as %s", changed.Body)
	}
	l4.With("If-Match", `"1"`).Patch(path, `{"description":"late"}`).Code(412, "precondition-failed")
	if kept := l4.Patch(path, `{"external_ids":[{"system":"crm","key":"8"}]}`).Want(200); kept.Len("external_ids") != 2 || kept.Text("external_ids.1.system") != "zendesk" {
		t.Errorf("the path's own id is gone: %s", kept.Body)
	}
	l4.With("Idempotency-Key", "k").Patch("/stakeholders/by-external-id/zendesk/2", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	if again := l4.With("Idempotency-Key", "k").Patch("/stakeholders/by-external-id/zendesk/2", `{"name":"Harbour Board","kind":"organisation"}`).Want(201); again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("made twice: %s", again.Body)
	}
	h.As("l5").Delete("/stakeholders/" + made.ID()).Want(204)
	l4.Get(path).Code(410, "gone")
	l4.Patch(path, `{"description":"late"}`).Code(410, "gone")
	l4.Get("/stakeholders/by-external-id/zendesk/a%00b").Code(404, "not-found")
	l4.Patch("/stakeholders/by-external-id/zendesk/a%00b", `{}`).Code(400, "invalid-parameter").Fault("key", "invalid_format")
	l4.Patch("/stakeholders/by-external-id/"+strings.Repeat("z", 61)+"/1", `{}`).Code(400, "invalid-parameter").Fault("system", "invalid_format")
	h.Enlist("reader", "l4", "none", "stakeholders:read").Patch(path, `{}`).Code(403, "insufficient-scope")
}

// Whose record is hidden answers as one that is not there, and where that cannot be
// kept up, as any other that has the external id already.
func TestHiddenRecordsByTheIDsOfOthers(t *testing.T) {
	for _, n := range register.All() {
		if sample, _, _ := seeds.SampleOf(n.Name); sample.Create == nil || n.Field("external_ids") == nil {
			continue
		}
		t.Run(n.Name, func(t *testing.T) {
			t.Parallel()
			h := testkit.Open(t).Contract()
			hidden := h.Make(n, map[string]any{"sensitivity": "restricted", "external_ids": []fields{{"system": "crm", "key": "B-1"}}, "owner_id": h.People["l7b"]})
			c := h.Enlist("reader4", "l4", "internal", "*:read", "*:write")
			answer := func(method, key string, body any) (int, string) {
				r := c.Do(method, "/"+n.Path+"/by-external-id/crm/"+key+"?allow_duplicate=true", body)
				if strings.Contains(string(r.Body), hidden.ID()) {
					t.Errorf("%s tells of what is hidden: %s", method, r.Body)
				}
				return r.Status, r.Text("code")
			}
			if status := c.Get("/" + n.Path + "/by-external-id/crm/B-1").Status; status != 404 {
				t.Errorf("reading the hidden one answers %d", status)
			}
			status, code := answer("PATCH", "B-1", `{"no_such":1}`)
			if never, nothing := answer("PATCH", "B-2", `{"no_such":1}`); status != never || code != nothing {
				t.Errorf("of the hidden one %d %s, of none %d %s", status, code, never, nothing)
			}
			body := h.Body(n)
			if n.Alike == nil {
				delete(body, "duplicate_reason")
			}
			if status, code := answer("PATCH", "B-1", body); status != 409 && status != 403 || status == 409 && code != "duplicate" {
				t.Errorf("entering it again answers %d %s", status, code)
			}
		})
	}
}
