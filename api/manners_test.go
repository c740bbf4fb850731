package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Who may not do a thing is told so before what was wrong with the asking.
func TestAuthorityIsAskedBeforeTheBody(t *testing.T) {
	h := testkit.Open(t)
	l4, l7 := h.As("l4"), h.As("l7")
	key := "/api-keys/" + l7.Post("/api-keys", fields{"name": "Desk", "scopes": []string{"viewer"}}).Want(201).ID()
	l4.Post(key+"/rotate", `{}`).Code(403, "insufficient-scope")
	h.Enlist("climber", "l4", "none", "admin").Post(key+"/rotate", `{}`).Code(403, "insufficient-level")
	h.Enlist("reader", "l7", "none", "admin:read").Post(key+"/rotate", `{}`).Code(403, "insufficient-scope")
	l7.Post("/api-keys/KEY-9999/rotate", `{}`).Code(404, "not-found")
	l7.With("If-Match", `"7"`).Post(key+"/rotate", `{}`).Code(412, "precondition-failed")
	l7.Post(key+"/rotate", `{}`).Code(422, "validation-failed").Fault("#/overlap", "required")
	person := "/users/" + h.People["l5"] + "/handovers"
	for _, way := range []string{"", "?validate_only=true"} {
		l4.Post(person+way, fields{"to_id": h.People["l4"]}).Code(403, "insufficient-scope")
		h.As("climber").Post(person+way, `{}`).Code(403, "insufficient-level")
		l7.Post("/users/USR-9999/handovers"+way, `{}`).Code(404, "not-found")
		l7.Post(person+way, fields{"to_id": h.People["l4"]}).Code(422, "validation-failed").Fault("#/reason", "required")
	}
}

// JSON comes in UTF-8, whatever is said of it.
func TestOtherCharsetsAreRefused(t *testing.T) {
	h := testkit.Open(t)
	body := `{"name":"Riverside Residents","kind":"group"}`
	for _, set := range []string{"utf-16", "iso-8859-1", "UTF-16LE", "utf8x"} {
		h.As("l4").With("Content-Type", "application/json; charset="+set).Post("/stakeholders", body).Code(415, "unsupported-media-type")
	}
	path := h.As("l4").With("Content-Type", "application/json; charset=UTF-8").Post("/stakeholders", body).Want(201).ID()
	h.As("l4").With("Content-Type", "application/merge-patch+json; charset=iso-8859-1").Patch("/stakeholders/"+path, `{}`).Code(415, "unsupported-media-type")
}

// Times may be written with small letters, as RFC 3339 has it.
func TestTimesWithSmallLetters(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201)
	if n := l4.Get("/stakeholders?created_at.gte=2026-11-22t00:00:00z&created_at.lt=2026-11-23t00:00:00.5%2B01:00").Want(200).Len("data"); n != 1 {
		t.Errorf("found %d", n)
	}
	l4.Get("/stakeholders?created_at.gte=2026-11-22x00:00:00z").Code(400, "invalid-parameter")
	l4.Get("/stakeholders?created_at.gte=2026-11-22%2000:00:00z").Code(400, "invalid-parameter")
}

// A parameter of the list's own that is sent empty, as by an emptied search box, is
// one that is not sent.
func TestEmptyParametersAreNone(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := "/stakeholders/" + l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	for _, name := range []string{"q", "sort", "limit", "cursor", "view", "fields", "include", "deleted", "tz", "include_total", "pretty"} {
		if r := l4.Get("/stakeholders?" + name + "=").Want(200); r.Len("data") != 1 || r.Text("data.0.name") != "Riverside Residents" {
			t.Errorf("%s= answers %s", name, r.Body)
		}
	}
	l4.Get("/stakeholders?q=").Want(200)
	l4.Get("/stakeholders?q=%21").Code(400, "invalid-parameter")
	l4.Get(path + "?fields=").Want(200)
	l4.Get(path + "/timeline?kinds=&limit=&cursor=").Want(200)
	l4.Post("/stakeholders/search", fields{"q": ""}).Want(200)
}

// The way to the document is told to who has no key, too.
func TestDocumentIsFoundWithoutAKey(t *testing.T) {
	h := testkit.Open(t)
	for path, status := range map[string]int{"/": 200, "/api/v1": 401, "/api/v1/": 308} {
		w := httptest.NewRecorder()
		h.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if link := w.Header().Get("Link"); w.Code != status || status != 308 && !strings.Contains(link, `rel="service-desc"`) {
			t.Errorf("%s answers %d with Link %q", path, w.Code, link)
		}
	}
}

// One record has one external id once; that is a fault of the body, not a conflict
// with another record.
func TestExternalIDSaidTwice(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	twice := []fields{{"system": "crm", "key": "A-1"}, {"system": " crm", "key": "A-1"}, {"system": "crm", "key": "A-2"}, {"system": "desk", "key": "A-1"}}
	body := fields{"name": "Riverside Residents", "kind": "group", "external_ids": twice}
	l4.Post("/stakeholders", body).Code(422, "validation-failed").Fault("#/external_ids/1", "duplicate")
	body["external_ids"] = twice[1:]
	path := "/stakeholders/" + l4.Post("/stakeholders", body).Want(201).ID()
	l4.Patch(path, fields{"external_ids": twice}).Code(422, "validation-failed").Fault("#/external_ids/1", "duplicate")
	l4.Post("/stakeholders/batch", batchOf(false, fields{"op": "update", "id": strings.TrimPrefix(path, "/stakeholders/"), "body": fields{"external_ids": twice}})).Want(207)
}

// A comment says why where a reason is asked for, and is kept; nothing that is sent
// is passed over.
func TestACommentIsAReason(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := "/interactions/" + h.Make(register.ByName("interaction"), nil).ID()
	move := func(name string, with fields, comment any) *testkit.Reply {
		return h.As("l5").Post(path+"/transitions", fields{"transition": name, "fields": with, "comment": comment})
	}
	if h.As("l4").Get(path).Want(200).Text("state") == "drafted" {
		move("log", nil, nil).Want(200)
	}
	move("amend", fields{"summary": "They asked for quiet nights."}, nil).Code(422, "validation-failed").Fault("#/fields/reason", "required")
	move("amend", fields{"reason": 7}, "The date was wrong.").Code(422, "validation-failed").Fault("#/fields/reason", "invalid_type")
	move("amend", fields{"summary": "They asked for quiet nights."}, "The summary was too short.").Want(200)
	if why := l4.Get(path + "/changes").Want(200).Text("data.0.reason"); why != "The summary was too short." {
		t.Errorf("the reason kept is %q", why)
	}
	move("amend", fields{"summary": "They asked for quiet nights and days.", "reason": "Days too."}, "So they said.").Want(200)
	if why := l4.Get(path + "/changes").Want(200).Text("data.0.reason"); why != "Days too.\nSo they said." {
		t.Errorf("the reason kept is %q", why)
	}
}

// What a transition is blocked without is told as required.
func TestHowACauseWasFoundIsRequired(t *testing.T) {
	h := testkit.Open(t)
	for noun, transition := range map[string]string{"corrective-actions": "analyse", "problems": "diagnose"} {
		n := register.ByPath(noun)
		list := h.As("l4").Get("/" + noun + "/" + h.Make(n, nil).ID() + "/transitions").Want(200)
		rows, _ := list.Value("data").([]any)
		found := false
		for _, row := range rows {
			if row.(map[string]any)["name"] != transition {
				continue
			}
			for _, f := range row.(map[string]any)["fields"].([]any) {
				if f := f.(map[string]any); f["name"] == "cause_method" {
					found = f["required"] == true
				}
			}
		}
		if !found {
			t.Errorf("%s: %s", transition, list.Body)
		}
	}
}
