package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rapport/api"
	"rapport/internal/testkit"
)

func limited(t *testing.T, l api.Limits) *testkit.House {
	h := testkit.Open(t)
	h.Configure(func(c *api.Config) { c.Limits = l })
	return h
}

// A key has so many requests in a minute; the headers say how many are left, and
// a refusal when there are more. Another key has its own.
func TestKeyHasItsQuota(t *testing.T) {
	h := limited(t, api.Limits{Requests: 6, Writes: 2})
	first := h.As("l4").Get("/me").Want(200)
	if got := first.Header.Get("RateLimit-Policy"); got != `"default";q=6;w=60, "write";q=2;w=60` {
		t.Errorf("the policy is %s", got)
	}
	if got := first.Header.Get("RateLimit"); got != `"default";r=5;t=10` {
		t.Errorf("what is left is %s", got)
	}
	for range 5 {
		h.As("l4").Get("/me").Want(200)
	}
	refused := h.As("l4").Get("/me").Code(429, "quota-exceeded")
	if refused.Header.Get("Retry-After") != "10" || refused.Header.Get("RateLimit") != `"default";r=0;t=60` {
		t.Errorf("it is refused with %v", refused.Header)
	}
	if refused.Text("type") != "https://iana.org/assignments/http-problem-types#quota-exceeded" || refused.Text("violated-policies.0") != "default" || refused.Len("violated-policies") != 1 {
		t.Errorf("it is refused with %s", refused.Body)
	}
	if said := h.As("").Get("/problems/quota-exceeded").Want(200); said.Text("type") != refused.Text("type") {
		t.Errorf("the problem is explained as %s", said.Body)
	}
	h.As("l5").Get("/me").Want(200)
	h.Clock.Forward(9 * time.Second)
	h.As("l4").Get("/me").Want(429)
	h.Clock.Forward(time.Second)
	h.As("l4").Get("/me").Want(200)
	h.As("l4").Get("/me").Want(429)
	h.Clock.Forward(time.Hour) // a bucket holds no more than its quota
	if got := h.As("l4").Get("/me").Want(200).Header.Get("RateLimit"); got != `"default";r=5;t=10` {
		t.Errorf("after an hour %s is left", got)
	}
	h.Clock.Forward(-24 * time.Hour) // and a clock that is put back fills none
	if got := h.As("l4").Get("/me").Want(200).Header.Get("RateLimit"); got != `"default";r=4;t=20` {
		t.Errorf("on a clock put back %s is left", got)
	}
}

// Changes have a quota of their own, within that of all requests; a refused one
// takes from neither and changes nothing.
func TestWritesHaveTheirOwnQuota(t *testing.T) {
	h := limited(t, api.Limits{Requests: 6, Writes: 2})
	enter := func(name string) *testkit.Reply {
		return h.As("l4").Post("/stakeholders", map[string]any{"name": name, "kind": "group"})
	}
	if got := enter("Riverside Residents").Want(201).Header.Get("RateLimit"); got != `"default";r=5;t=10, "write";r=1;t=30` {
		t.Errorf("what is left is %s", got)
	}
	enter("").Want(422) // it was asked all the same
	refused := enter("Harbour Board").Code(429, "quota-exceeded")
	if refused.Text("violated-policies.0") != "write" || refused.Header.Get("Retry-After") != "30" {
		t.Errorf("it is refused with %s, %v", refused.Body, refused.Header)
	}
	if got := h.As("l4").Get("/me").Want(200).Header.Get("RateLimit"); got != `"default";r=3;t=30` {
		t.Errorf("what is left is %s", got)
	}
}

// An answer that the caller has already costs nothing.
func TestNotModifiedIsFree(t *testing.T) {
	h := limited(t, api.Limits{Requests: 3})
	tag := h.As("l4").Get("/stakeholders").Want(200).Header.Get("ETag")
	for range 20 {
		got := h.As("l4").With("If-None-Match", tag).Get("/stakeholders").Want(304)
		if got.Header.Get("RateLimit") != `"default";r=2;t=20` {
			t.Fatalf("what is left is %s", got.Header.Get("RateLimit"))
		}
	}
	h.As("l4").Get("/me").Want(200)
	h.As("l4").Get("/me").Want(200)
	h.As("l4").With("If-None-Match", tag).Get("/stakeholders").Want(429)
}

// Without limits nothing is said of them, and nothing is limited that needs no key.
func TestWhatIsNotLimited(t *testing.T) {
	h := testkit.Open(t)
	if got := h.As("l4").Get("/me").Want(200); got.Header.Get("RateLimit")+got.Header.Get("RateLimit-Policy") != "" {
		t.Errorf("limits are told: %v", got.Header)
	}
	h = limited(t, api.Limits{Requests: 1, Writes: 1, SignIns: 1})
	for range 5 {
		h.As("").Get("/healthz").Want(200)
		h.As("").Get("/readyz").Want(200)
		h.As("").Get("/version").Want(200)
		h.As("").Get("/me").Code(401, "unauthenticated") // no key is no guess
	}
}

// from asks as somebody at an address, with a key.
func from(h *testkit.House, address, token string, more ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, "/api/v1/me", nil)
	req.RemoteAddr = address
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	rec := httptest.NewRecorder()
	h.Handler.ServeHTTP(rec, req)
	return rec
}

func made(i int) string { return fmt.Sprintf("rapport_%08d_%043d_000000", i, i) }

// Who tries keys is refused after ten, whatever address is pretended; then even
// the right key would not be told from a wrong one. Who was let in before goes on.
func TestGuessedKeysAreRefusedByAddress(t *testing.T) {
	h := limited(t, api.Limits{SignIns: 10})
	const guesser, other = "203.0.113.9:5000", "198.51.100.7:5000"
	if from(h, guesser, testkit.Key("l5")).Code != 200 {
		t.Fatal("a colleague at the same address is not let in")
	}
	for i := range 20 {
		got := from(h, guesser, made(i), "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i))
		want := 401
		if i >= 10 {
			want = 429
		}
		if got.Code != want {
			t.Fatalf("try %d: want %d, got %d", i, want, got.Code)
		}
		if want == 429 && (got.Header().Get("Retry-After") != "6" || !strings.Contains(got.Body.String(), `"violated-policies":["sign-in"]`)) {
			t.Fatalf("try %d: %v %s", i, got.Header(), got.Body)
		}
	}
	for what, want := range map[string]int{
		"the right key is told from a wrong one": from(h, guesser, testkit.Key("l4")).Code - 429 + 200,
		"a colleague is shut out":                from(h, guesser, testkit.Key("l5")).Code,
		"another address is shut out":            from(h, other, testkit.Key("l4")).Code,
	} {
		if want != 200 {
			t.Errorf("%s: %d", what, want)
		}
	}
	version := httptest.NewRequest(http.MethodGet, "/version", nil)
	version.RemoteAddr = guesser
	version.Header.Set("Authorization", "Bearer "+testkit.Key("l4"))
	rec := httptest.NewRecorder()
	h.Handler.ServeHTTP(rec, version)
	if rec.Code != 200 || strings.Contains(rec.Body.String(), "database") || rec.Header().Get("Retry-After") != "" {
		t.Errorf("the right key can be told by /version: %s", rec.Body)
	}
	h.Clock.Forward(time.Minute)
	if got := from(h, guesser, testkit.Key("l4")).Code; got != 200 {
		t.Errorf("a minute later: %d", got)
	}
}

// Whoever has an IPv6 address has all of its network.
func TestAddressesOfANetworkAreOne(t *testing.T) {
	h := limited(t, api.Limits{SignIns: 2})
	for i, want := range []int{401, 401, 429} {
		if got := from(h, fmt.Sprintf("[2001:db8::%d]:5000", i+1), made(i)).Code; got != want {
			t.Errorf("try %d: want %d, got %d", i, want, got)
		}
	}
	if got := from(h, "[2001:db8:0:1::1]:5000", made(9)).Code; got != 401 {
		t.Errorf("the next network: %d", got)
	}
}

// While as many requests as may be are being answered, others wait a moment and are
// refused then; whether the server is well is told all the same. Nobody is refused when
// one of them is done, or is done in a moment.
func TestMoreThanCanBeAnsweredIsShed(t *testing.T) {
	h := testkit.Open(t)
	h.Configure(func(c *api.Config) { c.MaxInFlight = 2 })
	type slow struct {
		body *io.PipeWriter
		rec  *httptest.ResponseRecorder
		done chan struct{}
	}
	begin := func() *slow {
		body, w := io.Pipe()
		req := httptest.NewRequest(http.MethodPost, "/api/v1/stakeholders", body)
		req.Header.Set("Authorization", "Bearer "+testkit.Key("l4"))
		req.Header.Set("Content-Type", "application/json")
		s := &slow{w, httptest.NewRecorder(), make(chan struct{})}
		go func() { defer close(s.done); h.Handler.ServeHTTP(s.rec, req) }()
		if _, err := io.WriteString(w, `{"kind":"group",`); err != nil { // it returns when the server has read it
			t.Fatal(err)
		}
		return s
	}
	finish := func(s *slow, name string) {
		_, _ = fmt.Fprintf(s.body, `"name":%q}`, name)
		_ = s.body.Close()
		<-s.done
		if s.rec.Code != 201 {
			t.Errorf("what was under way ended with %d %s", s.rec.Code, s.rec.Body)
		}
	}
	first, second := begin(), begin()
	shed := h.As("l4").Post("/stakeholders", `{"name":"Too much","kind":"group"}`).Code(503, "busy")
	if shed.Header.Get("Retry-After") != "1" {
		t.Errorf("it is not told when to come back: %v", shed.Header)
	}
	h.As("l4").Get("/me").Code(503, "busy")
	h.As("").Get("/healthz").Want(200)
	h.As("").Get("/readyz").Want(200)
	finish(first, "Riverside Residents")
	h.As("l4").Get("/me").Want(200)
	if got := string(h.As("l7").Get("/metrics").Want(200).Body); !strings.Contains(got, "rapport_shed_total 2") {
		t.Error("what was shed is not counted")
	}
	finish(second, "Harbour Board")

	third, fourth := begin(), begin()
	go func() {
		time.Sleep(20 * time.Millisecond)
		finish(third, "Port Workers")
	}()
	h.As("l4").Get("/me").Want(200)
	finish(fourth, "Harbour School")
	<-third.done
}

// Who waits for something to happen keeps nobody from being answered.
func TestWaitersStandAside(t *testing.T) {
	h := testkit.Open(t)
	h.Configure(func(c *api.Config) { c.MaxInFlight = 2 })
	for range 100 { // on PostgreSQL entries are sealed a moment after their commit, and only sealed ones are told
		if h.As("l7").Get("/events?after=latest").Want(200).Text("next_after") == fmt.Sprint(h.Entries()) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	done := make(chan *httptest.ResponseRecorder, 2)
	for waiting := 1; waiting <= 2; waiting++ {
		go func() {
			req := httptest.NewRequest(http.MethodGet, "/api/v1/events?after=latest", nil)
			req.Header.Set("Authorization", "Bearer "+testkit.Key("l7"))
			req.Header.Set("Prefer", "wait=20")
			rec := httptest.NewRecorder()
			h.Handler.ServeHTTP(rec, req)
			done <- rec
		}()
		for !strings.Contains(string(h.As("l7").Get("/metrics").Want(200).Body), fmt.Sprint("rapport_requests_waiting ", waiting)) {
			if len(done) > 0 {
				t.Fatalf("nobody waits: %s", (<-done).Body)
			}
		}
	}
	h.As("l4").Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201)
	for range 2 {
		if rec := <-done; rec.Code != 200 || !strings.Contains(rec.Body.String(), "stakeholder.created") {
			t.Errorf("who waited is answered %d %s", rec.Code, rec.Body)
		}
	}
}
