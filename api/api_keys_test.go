package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/testkit"
)

// issue makes a key by an admin of level 7 and answers it with a client that uses it.
func issue(h *testkit.House, body map[string]any) (*testkit.Reply, *testkit.Client) {
	h.T.Helper()
	made := h.As("l7").Post("/api-keys", body).Want(201)
	return made, h.As("").With("Authorization", "Bearer "+made.Text("token"))
}

// The secret of a key is shown once; afterwards there are its prefix and its use.
func TestKeyIsShownOnce(t *testing.T) {
	h := testkit.Open(t)
	made, ana := issue(h, map[string]any{"name": "Ana's laptop", "user_id": h.People["l4"], "scopes": []string{"viewer"}})
	token := made.Text("token")
	secret := strings.Split(token, "_")[2]
	ana.Get("/me").Want(200)
	for _, path := range []string{"/api-keys/" + made.ID(), "/api-keys", "/api-keys/" + made.ID() + "/changes", "/api-keys/" + made.ID() + "/timeline"} {
		got := h.As("l7").Get(path).Want(200)
		if strings.Contains(string(got.Body), secret) || strings.Contains(string(got.Body), `"hash"`) {
			t.Errorf("%s shows the secret", path)
		}
	}
	got := h.As("l7").Get("/api-keys/" + made.ID()).Want(200)
	if got.Text("prefix") != token[:len("rapport_")+8] || got.Value("token") != nil {
		t.Errorf("want the prefix alone: %s", got.Body)
	}
	tried := h.As("l7").Post("/api-keys?validate_only=true", map[string]any{"name": "Never", "scopes": []string{"viewer"}}).Want(200)
	if tried.Value("token") != nil {
		t.Error("a key that was only tried is shown")
	}
}

// Disabling the person or revoking the key ends it with the answer, also for
// requests that come in the same moment.
func TestKeyEndsAtOnce(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7 := h.As("l7")
	for _, end := range []string{"revoke", "disable"} {
		made, ana := issue(h, map[string]any{"name": "Ana's laptop", "user_id": h.People["l4b"], "scopes": []string{"viewer"}})
		ana.Get("/me").Want(200)
		var ended atomic.Bool
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				after := ended.Load()
				if got := ana.Get("/me"); after && got.Status != 401 {
					t.Errorf("%s: the key opens after its end: %d", end, got.Status)
				}
			})
		}
		if end == "revoke" {
			l7.Move("/api-keys/"+made.ID(), "revoke", nil).Want(200)
		} else {
			l7.Move(person(h, "l4b"), "disable", nil).Want(200)
		}
		ended.Store(true)
		for range 5 {
			ana.Get("/me").Want(401)
		}
		all.Wait()
		code := map[string]string{"revoke": "key-revoked", "disable": "unauthenticated"}[end]
		ana.Get("/me").Code(401, code)
	}
	made, _ := issue(h, map[string]any{"name": "Another", "scopes": []string{"viewer"}})
	l7.Move("/api-keys/"+made.ID(), "revoke", nil).Want(200)
	l7.Move("/api-keys/"+made.ID(), "revoke", nil).Code(409, "invalid-transition")
}

// A key never does more than its person may now, whatever that person could when
// it was made.
func TestKeyFallsWithItsPerson(t *testing.T) {
	h := testkit.Open(t)
	_, key := issue(h, map[string]any{"name": "Old key", "user_id": h.People["l5"], "scopes": []string{"manager"}})
	stk := spocSubject(h, "")
	key.Delete("/stakeholders/" + stk).Want(204)
	key.Post("/stakeholders/"+stk+"/restore", nil).Want(200)
	h.As("l7").Patch(person(h, "l5"), map[string]any{"rlmt_level": 4}).Want(200)
	key.Delete("/stakeholders/"+stk).Code(403, "insufficient-level")
	if got := key.Get("/me").Want(200); got.Text("level") != "4" || got.Text("clearance") != "internal" {
		t.Errorf("the key keeps what its person lost: %s", got.Body)
	}
	hidden := spocSubject(h, "")
	h.As("l7").Patch("/stakeholders/"+hidden, map[string]any{"sensitivity": "confidential"}).Want(200)
	key.Get("/stakeholders/"+hidden).Code(404, "not-found")
}

// Nobody hands out more than they hold: no level, no wider scope, no further sight.
func TestKeyHandsOutNoMoreThanItHolds(t *testing.T) {
	h := testkit.Open(t)
	h.As("l4").Post("/api-keys", map[string]any{"name": "Mine", "scopes": []string{"viewer"}}).Code(403, "insufficient-scope")
	h.As("l7").Post("/api-keys", map[string]any{"name": "Mine", "scopes": []string{"viewer"}, "level": 7}).Code(422, "validation-failed").Fault("#/level", "unknown_field")

	narrow := h.Enlist("narrow", "l7", "internal", "admin:write", "admin:read", "admin:act", "stakeholders:read")
	me := map[string]any{"name": "Mine", "user_id": h.People["l7"], "sensitivity": "internal"}
	with := func(member string, value any) map[string]any {
		body := map[string]any{"scopes": []string{"stakeholders:read"}}
		for k, v := range me {
			body[k] = v
		}
		body[member] = value
		return body
	}
	narrow.Post("/api-keys", with("scopes", []string{"*:read"})).Code(403, "insufficient-scope")
	narrow.Post("/api-keys", with("scopes", []string{"manager"})).Code(403, "insufficient-scope")
	narrow.Post("/api-keys", with("scopes", []string{"privacy:write"})).Code(403, "insufficient-scope")
	narrow.Post("/api-keys", with("sensitivity", "restricted")).Code(403, "insufficient-scope")
	narrow.Post("/api-keys", with("sensitivity", "none")).Code(403, "insufficient-scope") // a person's key without a cap sees all that the person may
	made := narrow.Post("/api-keys", with("name", "Narrower")).Want(201)
	narrow.Patch("/api-keys/"+made.ID(), map[string]any{"scopes": []string{"manager"}}).Code(403, "insufficient-scope")
	narrow.Patch("/api-keys/"+made.ID(), map[string]any{"user_id": h.People["l6"]}).Code(422, "validation-failed").Fault("#/user_id", "immutable")
	narrow.Post("/api-keys", with("scopes", []string{"everything"})).Code(422, "validation-failed").Fault("#/scopes/0", "invalid_format")
	h.As("l7").Post("/api-keys", with("scopes", []string{"stakeholder:read"})).Code(422, "validation-failed").Fault("#/scopes/0", "invalid_format")
}

// A machine has no level: it takes no step that asks for one, however wide its key.
func TestServiceKeyTakesNoLevelledStep(t *testing.T) {
	h := testkit.Open(t)
	machine := h.Enlist("machine", "", "restricted", "manager")
	stk := spocSubject(h, "")
	got := machine.Move("/stakeholders/"+stk, "reject", map[string]any{"reason": "no"}).Code(403, "insufficient-level")
	if got.Value("your_level") != nil || got.Text("required_level") != "4" {
		t.Errorf("a machine has no level: %s", got.Body)
	}
	machine.Post("/stakeholders", map[string]any{"name": "Harbour Board", "kind": "organisation"}).Code(403, "insufficient-level")
	machine.Delete("/stakeholders/"+stk).Code(403, "insufficient-level")
	if me := machine.Get("/me").Want(200); me.Value("level") != nil || me.Text("type") != "service" {
		t.Errorf("not a machine: %s", me.Body)
	}
}

// A key ends at its time, and is taken from its addresses alone.
func TestKeyHasBounds(t *testing.T) {
	h := testkit.Open(t)
	body := func(member string, value any) map[string]any {
		return map[string]any{"name": "Bounded", "user_id": h.People["l4"], "scopes": []string{"viewer"}, member: value}
	}
	_, short := issue(h, body("expires_at", "now+1h"))
	short.Get("/me").Want(200)
	h.Clock.Forward(time.Hour + time.Second)
	short.Get("/me").Code(401, "key-expired")
	for _, over := range []string{"now-1h", "now", "2026-11-01T00:00:00Z"} {
		h.As("l7").Post("/api-keys", body("expires_at", over)).Code(422, "validation-failed").Fault("#/expires_at", "out_of_range")
	}

	_, elsewhere := issue(h, body("allowed_cidrs", []string{"10.0.0.0/8", "2001:db8::/32"}))
	elsewhere.Get("/me").Code(401, "unauthenticated")
	elsewhere.With("X-Forwarded-For", "10.1.2.3").Get("/me").Code(401, "unauthenticated")
	_, here := issue(h, body("allowed_cidrs", []string{"192.0.2.0/24"}))
	here.Get("/me").Want(200)
	h.As("l7").Post("/api-keys", body("allowed_cidrs", []string{"somewhere"})).Code(422, "validation-failed").Fault("#/allowed_cidrs/0", "invalid_format")
}

// Whatever is nearly a key is no key, and no answer tells how near it was.
func TestNearlyAKeyIsNoKey(t *testing.T) {
	h := testkit.Open(t)
	made, _ := issue(h, map[string]any{"name": "Ana's laptop", "user_id": h.People["l4"], "scopes": []string{"viewer"}})
	token := made.Text("token")
	var first string
	for _, near := range []string{token + "x", token[:len(token)-1], token[:16], strings.ToUpper(token), "rapport_" + token, token + "_", " ", strings.Repeat("rapport_", 1000), made.ID()} {
		got := h.As("").With("Authorization", "Bearer "+near).Get("/me").Code(401, "unauthenticated")
		var members map[string]any
		_ = json.Unmarshal(got.Body, &members)
		delete(members, "instance")
		delete(members, "request_id")
		said := fmt.Sprint(members)
		if first == "" {
			first = said
		}
		if said != first {
			t.Errorf("another answer for another flaw: %s", said)
		}
	}
	h.As("").With("Authorization", "Basic "+token).Get("/me").Code(401, "unauthenticated")
	h.As("").With("Authorization", "bearer "+token).Get("/me").Want(200)
	h.As("").With("X-API-Key", token).Get("/me").Want(200)
	h.As("l4").With("X-API-Key", token).Get("/me").Code(400, "invalid-parameter")
	h.As("l4").Get("/stakeholders?api_key="+token).Code(400, "unknown-parameter")
}

// The feed tells a key that may see public records alone nothing of the others,
// which no table of confidential records names.
func TestAPublicKeyFollowsNoInternalRecord(t *testing.T) {
	h := testkit.Open(t)
	h.As("l4").Post("/stakeholders", map[string]any{"name": "Riverside Residents", "kind": "group"}).Want(201)
	public := h.Enlist("public", "l4", "public", "manager", "events:read")
	if n := public.Get("/stakeholders").Want(200).Len("data"); n != 0 {
		t.Fatalf("a public key lists %d internal records", n)
	}
	r := public.Get("/events?after=0").Want(200)
	for i := range r.Len("data") {
		if r.Text(fmt.Sprintf("data.%d.subject.type", i)) == "stakeholder" {
			t.Fatal("a public key follows an internal record")
		}
	}
	if n := public.Get("/stakeholders/aggregate?group_by=kind").Want(200).Len("data"); n != 0 {
		t.Errorf("a public key counts %d groups of internal records", n)
	}
}

// A key changes its secret without a gap: for the overlap both are taken, then
// the new one alone. The old one's holder is told that the key has ended.
func TestKeyChangesItsSecret(t *testing.T) {
	h := testkit.Open(t)
	made, ana := issue(h, map[string]any{"name": "Ana's laptop", "user_id": h.People["l4"], "scopes": []string{"viewer"}})
	path := "/api-keys/" + made.ID()
	before := h.Entries()
	turned := h.As("l7").Post(path+"/rotate", map[string]any{"overlap": "P7D"}).Want(200)
	token := turned.Text("token")
	anew := h.As("").With("Authorization", "Bearer "+token)
	if token == made.Text("token") || turned.Text("prefix") != token[:16] || turned.Text("previous_until") != "2026-11-29T09:00:00.000Z" {
		t.Errorf("the key turned into %s", turned.Body)
	}
	if h.Entries() != before+1 || h.Told(register.APIKeys, made.ID(), "rotated") != 1 {
		t.Errorf("it is told by %d entries", h.Entries()-before)
	}
	for _, where := range []string{path, path + "/changes", path + "/timeline", "/events"} {
		got := string(h.As("l7").Get(where).Want(200).Body)
		for _, secret := range []string{strings.Split(token, "_")[2], ledger.HashKey(token), ledger.HashKey(made.Text("token"))} {
			if strings.Contains(got, secret) {
				t.Errorf("%s shows a secret", where)
			}
		}
	}
	ana.Get("/me").Want(200)
	anew.Get("/me").Want(200)
	h.Clock.Forward(7*24*time.Hour - time.Second)
	ana.Get("/me").Want(200)
	h.Clock.Forward(time.Second)
	ana.Get("/me").Code(401, "key-expired")
	anew.Get("/me").Want(200)
}

// A second rotation ends the first secret at once, an overlap of nothing the one
// before it, and revoking the key ends all of them.
func TestOldSecretsEnd(t *testing.T) {
	h := testkit.Open(t)
	made, first := issue(h, map[string]any{"name": "Ana's laptop", "user_id": h.People["l4"], "scopes": []string{"viewer"}})
	path := "/api-keys/" + made.ID()
	rotate := func(overlap string) *testkit.Client {
		got := h.As("l7").Post(path+"/rotate", map[string]any{"overlap": overlap}).Want(200)
		return h.As("").With("Authorization", "Bearer "+got.Text("token"))
	}
	first.Get("/me").Want(200)
	second := rotate("PT12H")
	third := rotate("P1W")
	first.Get("/me").Code(401, "unauthenticated")
	second.Get("/me").Want(200)
	fourth := rotate("PT0S")
	third.Get("/me").Code(401, "key-expired")
	fifth := rotate("P90D")
	fourth.Get("/me").Want(200)
	h.As("l7").Move(path, "revoke", nil).Want(200)
	fourth.Get("/me").Code(401, "key-revoked")
	fifth.Get("/me").Code(401, "key-revoked")
	h.As("l7").Post(path+"/rotate", map[string]any{"overlap": "P7D"}).Code(409, "invalid-transition")
}

// Rotating takes what making a key takes: nobody gets a secret of what is more
// than theirs, and a repeated request shows none again.
func TestRotatingTakesWhatMakingTakes(t *testing.T) {
	h := testkit.Open(t)
	made, _ := issue(h, map[string]any{"name": "Of level 6", "user_id": h.People["l6"], "scopes": []string{"manager"}})
	path, body := "/api-keys/"+made.ID()+"/rotate", map[string]any{"overlap": "P7D"}
	h.As("admin").Post(path, body).Code(403, "insufficient-level")
	h.As("l4").Post(path, body).Want(403)
	h.As("service").Post(path, body).Want(403)
	_, narrow := issue(h, map[string]any{"name": "Narrow", "user_id": h.People["l7"], "scopes": []string{"admin:write"}})
	narrow.Post(path, body).Code(403, "insufficient-scope")
	h.As("l7").Post("/api-keys/KEY-99999/rotate", body).Want(404)
	for given, code := range map[string]string{`{}`: "required", `{"overlap":7}`: "invalid_type", `{"overlap":"7 days"}`: "invalid_format", `{"overlap":"P"}`: "invalid_format", `{"overlap":"P1M"}`: "invalid_format", `{"overlap":"P91D"}`: "out_of_range"} {
		h.As("l7").Post(path, given).Code(422, "validation-failed").Fault("#/overlap", code)
	}
	h.As("l7").Post(path, `{"overlap":"P7D","level":7}`).Code(422, "validation-failed").Fault("#/level", "unknown_field")
	h.As("l7").With("If-Match", `"9"`).Post(path, body).Code(412, "precondition-failed")
	if tried := h.As("l7").Post(path+"?validate_only=true", body).Want(200); tried.Value("token") != nil {
		t.Error("a secret that was only tried is shown")
	}
	once := h.As("l7").With("Idempotency-Key", "turn-1")
	first := once.Post(path, body).Want(200)
	again := once.Post(path, body).Want(200)
	if first.Text("token") == "" || again.Value("token") != nil || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("repeated it is answered %s", again.Body)
	}
	h.As("").With("Authorization", "Bearer "+first.Text("token")).Get("/me").Want(200)
}
