package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/api"
	"rapport/internal/testkit"
)

// What admins look for after a bad night is there: which keys were tried and not
// taken, from where and how often, who was refused, and from where a key was used
// for the first time. Nobody else reads it.
func TestSecurityLogCountsByTheHour(t *testing.T) {
	h := testkit.Open(t)
	revoked, gone := issue(h, map[string]any{"name": "Left behind", "user_id": h.People["l4"], "scopes": []string{"viewer"}})
	h.As("l7").Move("/api-keys/"+revoked.ID(), "revoke", nil).Want(200)
	for i := range 5 {
		from(h, "203.0.113.9:5000", made(i))
	}
	from(h, "198.51.100.7:5000", made(9))
	for range 2 {
		gone.Get("/me").Code(401, "key-revoked")
	}
	h.As("l4").Get("/audit/security").Code(403, "insufficient-level")
	h.As("service").Get("/audit/security").Want(403)
	h.As("l4").Delete("/users/" + h.People["l5"]).Want(403)

	line := func(r *testkit.Reply, kind, code, address string) (times string, key any) {
		for i := range r.Len("data") {
			at := fmt.Sprintf("data.%d.", i)
			if r.Text(at+"kind") == kind && r.Text(at+"code") == code && r.Text(at+"address") == address {
				return r.Text(at + "times"), r.Value(at + "key.name")
			}
		}
		return "0", nil
	}
	log := h.As("admin").Get("/audit/security").Want(200)
	for _, want := range []struct {
		kind, code, address, times string
		key                        any
	}{
		{"sign_in_failed", "unauthenticated", "203.0.113.9", "5", nil},
		{"sign_in_failed", "unauthenticated", "198.51.100.7", "1", nil},
		{"sign_in_failed", "key-revoked", "192.0.2.1", "2", "Left behind"},
		{"key_first_used", "", "192.0.2.1", "1", "key of l4"},
	} {
		only := h.As("l7").Get("/audit/security?kind=" + want.kind).Want(200)
		if want.key == "key of l4" {
			only = h.As("l7").Get("/audit/security?key_id=KEY-1&kind=key_first_used").Want(200)
		}
		if times, key := line(only, want.kind, want.code, want.address); times != want.times || key != want.key {
			t.Errorf("%v: %s times by %v\n%s", want, times, key, only.Body)
		}
	}
	if log.Text("data.0.hour") != "2026-11-22T09:00:00.000Z" {
		t.Errorf("the log is %s", log.Body)
	}
	if refused := h.As("admin").Get("/audit/security?kind=refused").Want(200); refused.Len("data") < 2 || strings.Contains(string(refused.Body), h.People["l4"]) {
		t.Errorf("the refusals are %s", refused.Body)
	}
	for _, secret := range []string{made(1), testkit.Key("l4"), strings.Split(revoked.Text("token"), "_")[2]} {
		if strings.Contains(string(log.Body), secret) {
			t.Error("the log shows a key")
		}
	}
	h.As("admin").Get("/audit/security?kind=refusal").Code(400, "invalid-parameter")
	h.As("admin").Get("/audit/security?user=1").Code(400, "unknown-parameter")
	first := h.As("admin").Get("/audit/security?limit=1").Want(200)
	if second := h.As("admin").Get("/audit/security?limit=1&cursor=" + first.Text("page.next_cursor")).Want(200); second.Text("data.0.id") >= first.Text("data.0.id") {
		t.Errorf("the second page is %s", second.Body)
	}
}

// A million tries take no more lines than a crowd, and what is old is forgotten.
func TestSecurityLogIsBounded(t *testing.T) {
	h := testkit.Open(t)
	h.Configure(func(c *api.Config) { c.Limits = api.Limits{SignIns: 10} })
	for i := range 3000 {
		from(h, fmt.Sprintf("10.0.%d.%d:5000", i/250, i%250), made(i))
	}
	lines := func() (n int) {
		for cursor := ""; ; {
			page := h.As("admin").Get("/audit/security?limit=200" + cursor).Want(200)
			n += page.Len("data")
			if page.Value("page.has_more") != true {
				return n
			}
			cursor = "&cursor=" + page.Text("page.next_cursor")
		}
	}
	if n := lines(); n > 1100 {
		t.Errorf("3000 addresses took %d lines", n)
	}
	if gone, err := h.DB.ForgetSecurity(context.Background(), "2020-01-01T00:00:00.000Z", 900); err != nil || gone == 0 {
		t.Errorf("beyond what is kept %d lines were forgotten: %v", gone, err)
	}
	if n := lines(); n > 910 {
		t.Errorf("%d lines are kept", n)
	}
	h.Clock.Forward(91 * 24 * time.Hour)
	if err := h.Ledger.Forget(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := lines(); n > 10 {
		t.Errorf("after 91 days there are %d lines", n)
	}
}
