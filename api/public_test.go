package api_test

import (
	"strings"
	"testing"
	"time"

	"rapport/api"
	"rapport/internal/testkit"
)

// filed enters a complaint and answers the token that is shown then.
func filed(h *testkit.House) (path, token string) {
	h.T.Helper()
	made := h.As("none").Post("/complaints", fields{"title": "Noise", "description": "At night.", "channel": "email", "complainant": fields{"name": "Ioana Marin"}}).Want(201)
	if made.Header.Get("Cache-Control") != "no-store" || !strings.HasSuffix(made.Text("tracking_url"), "/api/v1/public/complaints/"+made.Text("tracking_token")) {
		h.T.Errorf("the token is shown: %s", made.Body)
	}
	return "/complaints/" + made.Text("id"), made.Text("tracking_token")
}

// Who has the token that is shown at creation follows the complaint: its stage and
// dates, nothing of what it says. Whatever is wrong with a token is answered alike.
func TestComplainantFollowsTheComplaint(t *testing.T) {
	h := testkit.Open(t)
	nobody, l4 := h.As(""), h.As("l4")
	path, token := filed(h)
	at := "/public/complaints/" + token
	if len(token) != 22 || strings.Contains(string(l4.Get(path).Want(200).Body), token) {
		t.Errorf("the token %s is shown once", token)
	}
	h.As("l7").Patch("/users/"+h.People["l4"], fields{"job_title": "Relationship manager"}).Want(200)
	l4.Move(path, "acknowledge", received()).Want(200)
	got := nobody.Get(at).Want(200)
	if got.Text("ref") != "CMP-1" || got.Text("state") != "acknowledged" || got.Text("due_on") != "2026-11-24" || got.Text("handled_by") != "Relationship manager" || strings.Contains(string(got.Body), "Ioana") {
		t.Errorf("the status: %s", got.Body)
	}
	h.As("l7").Patch(path, fields{"sensitivity": "restricted"}).Want(200)
	nobody.Get(at).Want(200)
	nobody.Get(at+"?fields=title").Code(400, "unknown-parameter")
	nobody.Post(at, fields{}).Want(405)
	nobody.Get("/public/complaints").Code(401, "unauthenticated")

	unknown := string(without(nobody.Get("/public/complaints/"+strings.Repeat("A", 22)).Code(404, "not-found").Body))
	same := func(what, path string) {
		t.Helper()
		if got := string(without(nobody.Get(path).Code(404, "not-found").Body)); got != unknown {
			t.Errorf("%s is told from unknown:\n%s\n%s", what, got, unknown)
		}
	}
	same("an overlong one", "/public/complaints/"+strings.Repeat("A", 300))
	same("an id", "/public"+path)
	h.As("l7").Delete(path).Want(204)
	same("a removed complaint", at)
	h.As("l7").Post(path+"/restore", nil).Want(200)
	nobody.Get(at).Want(200)
	h.Clock.Forward(366 * day)
	same("an ended one", at)
	if tried := h.As("l4").Post("/complaints?validate_only=true", fields{"title": "a", "description": "b", "channel": "call", "anonymous": true}).Want(200); tried.Text("tracking_token") != "" {
		t.Errorf("nothing was entered: %s", tried.Body)
	}
	again := h.As("l4").With("Idempotency-Key", "once")
	body := fields{"title": "a", "description": "b", "channel": "call", "anonymous": true}
	first, second := again.Post("/complaints", body).Want(201), again.Post("/complaints", body).Want(201)
	if first.Text("tracking_token") == "" || second.Text("tracking_token") != "" || first.Text("id") != second.Text("id") {
		t.Errorf("the token is shown once: %s", second.Body)
	}
}

// Tokens cannot be guessed: who tries is soon refused, and the security log counts it.
func TestTokensCannotBeGuessed(t *testing.T) {
	h := limited(t, api.Limits{Requests: 8, SignIns: 3})
	_, token := filed(h)
	nobody := h.As("")
	for range 3 {
		nobody.Get("/public/complaints/guess").Code(404, "not-found")
	}
	nobody.Get("/public/complaints/"+token).Code(429, "quota-exceeded")
	h.Clock.Forward(time.Minute)
	for range 8 {
		nobody.Get("/public/complaints/" + token).Want(200)
	}
	nobody.Get("/public/complaints/"+token).Code(429, "quota-exceeded")
	log := h.As("admin").Get("/audit/security?kind=token_failed").Want(200)
	if log.Len("data") != 2 || log.Text("data.0.times")+log.Text("data.1.times") != "13" && log.Text("data.0.times")+log.Text("data.1.times") != "31" {
		t.Errorf("three guesses and a refusal: %s", log.Body)
	}
}

// Wrong keys, wrong tokens of complaints and addresses of calendars that have ended are
// counted apart: none of them locks out who comes by another from the same address.
func TestWrongTokensLockNobodyElseOut(t *testing.T) {
	h := limited(t, api.Limits{SignIns: 3})
	_, token := filed(h)
	feed := subscribed(h, "l4", "due")
	nobody, wrong := h.As(""), h.As("wrong")
	for range 3 {
		nobody.Get("/public/complaints/guess").Code(404, "not-found")
	}
	nobody.Get("/public/complaints/"+token).Code(429, "quota-exceeded")
	nobody.Get(feed).Want(200)
	for range 3 {
		wrong.Get("/me").Code(401, "unauthenticated")
	}
	wrong.Get("/me").Code(429, "quota-exceeded")
	nobody.Get(feed).Want(200)
	for range 3 {
		nobody.Get("/feeds/guess.ics").Code(404, "not-found")
	}
	nobody.Get(feed).Code(429, "quota-exceeded")
	h.Clock.Forward(time.Minute)
	for _, want := range []int{401, 401, 401, 429} {
		wrong.Get("/me").Want(want)
	}
	nobody.Get("/public/complaints/" + token).Want(200)
	h.As("l4").Get("/me").Want(200)
}

// A complaint that came in by a file has no token; a fresh one is issued for it, as
// for one whose token was lost, and those before it end.
func TestComplainantIsGivenAFreshToken(t *testing.T) {
	h := testkit.Open(t)
	nobody, l4 := h.As(""), h.As("l4")
	path, lost := filed(h)
	h.As("none").Post(path+"/tracking-token", nil).Code(403, "insufficient-level")
	if tried := l4.Post(path+"/tracking-token?validate_only=true", nil).Want(200); tried.Text("tracking_token") != "" {
		t.Errorf("nothing was issued: %s", tried.Body)
	}
	nobody.Get("/public/complaints/" + lost).Want(200)
	entries := h.Entries()
	fresh := l4.Post(path+"/tracking-token", nil).Want(200)
	if fresh.Header.Get("Cache-Control") != "no-store" || fresh.Text("version") != "1" || h.Entries() != entries+1 {
		t.Errorf("not issued: %s", fresh.Body)
	}
	nobody.Get("/public/complaints/" + lost).Want(404)
	if got := nobody.Get("/public/complaints/" + fresh.Text("tracking_token")).Want(200); got.Text("ref") != "CMP-1" {
		t.Errorf("it opens another: %s", got.Body)
	}
	h.As("l6").Patch(path, fields{"sensitivity": "restricted"}).Want(200)
	l4.Post(path+"/tracking-token", nil).Code(404, "not-found")
	about := complained(h, fields{"subject_user_ids": []string{h.People["l5"]}})
	h.As("l5").Post(about+"/tracking-token", nil).Code(403, "insufficient-level")
}
