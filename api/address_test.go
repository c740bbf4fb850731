package api_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"rapport/api"
	"rapport/internal/testkit"
)

const (
	proxy    = "10.1.2.3:44000"
	outsider = "203.0.113.9:5000"
)

// behind is a register that believes the proxies of 10.1.2.0/24 and fd00:1::/64,
// with a key that is taken from 198.51.100.0/24 and 2001:db8:5::/48 alone.
func behind(t *testing.T, header string, l api.Limits) (h *testkit.House, key string) {
	h = testkit.Open(t)
	h.Configure(func(c *api.Config) {
		c.Limits = l
		c.Proxies = api.Proxies{Header: header, Trusted: []netip.Prefix{netip.MustParsePrefix("10.1.2.0/24"), netip.MustParsePrefix("fd00:1::/64")}}
	})
	made, _ := issue(h, map[string]any{
		"name": "Of the quay", "user_id": h.People["l4"], "scopes": []string{"viewer"}, "allowed_cidrs": []string{"198.51.100.0/24", "2001:db8:5::/48"},
	})
	return h, made.Text("token")
}

// A trusted proxy's word decides from where a key is taken: the nearest hop that is
// no proxy counts, and who cannot be told is from nowhere.
func TestTrustedProxySaysWhoAsks(t *testing.T) {
	h, key := behind(t, "", api.Limits{})
	for said, want := range map[string]int{
		"198.51.100.7":                     200,
		"198.51.100.7:5123":                200,
		" 198.51.100.7 ":                   200,
		"[2001:db8:5::1]:443":              200,
		"2001:db8:5::1":                    200,
		"::ffff:198.51.100.7":              200,
		"198.51.100.7, 10.1.2.9":           200, // two proxies in a row
		"203.0.113.1, 198.51.100.7":        200,
		"unknown, 198.51.100.7":            200,
		"10.1.2.9":                         401, // somebody at the proxies themselves
		"198.51.100.7, 203.0.113.1":        401, // what the client said of itself
		"198.51.100.7, unknown":            401,
		"198.51.100.7, ":                   401,
		"198.51.100.7, _hidden":            401,
		"198.51.100.7, 10.1.2.9, 10.9.9.9": 401,
		"198.51.100.7, 999.1.1.1":          401,
		"198.51.100.7\x00":                 401,
		"198.51.100.0/24":                  401,
		"":                                 401,
		"198.51.100.7" + strings.Repeat(", 10.1.2.9", 30): 401, // no end of proxies
		strings.Repeat("203.0.113.1, ", 5000):             401,
	} {
		if got := from(h, proxy, key, "X-Forwarded-For", said).Code; got != want {
			t.Errorf("%.60q: want %d, got %d", said, want, got)
		}
	}
	if got := from(h, "[fd00:1::5]:44000", key, "X-Forwarded-For", "198.51.100.7").Code; got != 200 {
		t.Errorf("a proxy by IPv6: %d", got)
	}
	if got := from(h, proxy, key).Code; got != 401 {
		t.Errorf("a proxy that says nothing: %d", got)
	}
	for _, header := range []string{"Forwarded", "X-Real-IP", "X-Forwarded", "True-Client-IP"} {
		if got := from(h, proxy, key, header, "for=198.51.100.7").Code; got != 401 {
			t.Errorf("%s is believed: %d", header, got)
		}
	}
}

// Nobody else is believed, and without a setting nobody is.
func TestOnlyTrustedProxiesAreBelieved(t *testing.T) {
	h, key := behind(t, "", api.Limits{})
	for _, peer := range []string{outsider, "10.1.3.3:44000", "[fd00:2::5]:44000", "nowhere", ""} {
		if got := from(h, peer, key, "X-Forwarded-For", "198.51.100.7").Code; got != 401 {
			t.Errorf("%q is believed: %d", peer, got)
		}
	}
	if got := from(h, "198.51.100.7:1", key, "X-Forwarded-For", "203.0.113.1").Code; got != 200 {
		t.Errorf("a direct caller is taken for what it says: %d", got)
	}
	h.Configure(nil)
	if got := from(h, proxy, key, "X-Forwarded-For", "198.51.100.7").Code; got != 401 {
		t.Errorf("without a setting the header is believed: %d", got)
	}
}

// The header of RFC 7239 is read where that is set, and the other one then is not.
func TestForwardedIsRead(t *testing.T) {
	h, key := behind(t, api.Forwarded, api.Limits{})
	for said, want := range map[string]int{
		`for=198.51.100.7`: 200,
		`For="198.51.100.7:4711";proto=https;by=10.1.2.3`: 200,
		`proto=https; for="[2001:db8:5::1]:4711"`:         200,
		`for=203.0.113.1, for=198.51.100.7`:               200,
		`for="a, b", for=198.51.100.7`:                    200,
		`for=198.51.100.7, for=203.0.113.1`:               401,
		`for=198.51.100.7, for=unknown`:                   401,
		`for=198.51.100.7, proto=https`:                   401,
		`for=198.51.100.7;for=198.51.100.7`:               401,
		`for="198.51.100.7, for=203.0.113.1`:              401, // a quote left open
		`198.51.100.7`:                                    401,
		`by=198.51.100.7`:                                 401,
		`for=`:                                            401,
		`;;,,==""`:                                        401,
	} {
		if got := from(h, proxy, key, "Forwarded", said).Code; got != want {
			t.Errorf("%s: want %d, got %d", said, want, got)
		}
	}
	if got := from(h, proxy, key, "X-Forwarded-For", "198.51.100.7").Code; got != 401 {
		t.Errorf("the other header is believed: %d", got)
	}
}

// Several lines are one list; a quote left open in the client's swallows nothing of
// the proxy's.
func TestLinesOfForwardedAreReadByThemselves(t *testing.T) {
	p := api.Proxies{Header: api.Forwarded, Trusted: []netip.Prefix{netip.MustParsePrefix("10.1.2.0/24")}}
	r := &http.Request{RemoteAddr: proxy, Header: http.Header{"Forwarded": {`for="198.51.100.7`, `for=203.0.113.1`}}}
	if got := p.Address(r); got != "203.0.113.1" {
		t.Errorf("it comes from %q", got)
	}
	r.Header = http.Header{"X-Forwarded-For": {"198.51.100.7", "203.0.113.1, 10.1.2.4"}}
	p.Header = ""
	if got := p.Address(r); got != "203.0.113.1" {
		t.Errorf("it comes from %q", got)
	}
}

// Guesses from behind a proxy count for who makes them, and the security log says
// who; the neighbour behind the same proxy is asked for nothing.
func TestGuessesBehindAProxyAreTheGuessers(t *testing.T) {
	h, _ := behind(t, "", api.Limits{SignIns: 10})
	for i := range 12 {
		want := 401
		if i >= 10 {
			want = 429
		}
		// what the guesser writes itself stands before what the proxy adds
		if got := from(h, proxy, made(i), "X-Forwarded-For", fmt.Sprintf("192.0.2.%d, 203.0.113.77", i)).Code; got != want {
			t.Fatalf("try %d: want %d, got %d", i, want, got)
		}
	}
	if got := from(h, proxy, testkit.Key("l5"), "X-Forwarded-For", "203.0.113.78").Code; got != 200 {
		t.Errorf("the neighbour is shut out: %d", got)
	}
	log := h.As("admin").Get("/audit/security?kind=sign_in_failed").Want(200)
	if log.Text("data.0.address") != "203.0.113.77" && log.Text("data.1.address") != "203.0.113.77" {
		t.Errorf("the log says %s", log.Body)
	}
	if strings.Contains(string(log.Body), "10.1.2.3") || strings.Contains(string(log.Body), "192.0.2.") {
		t.Errorf("the log blames somebody else: %s", log.Body)
	}
}

// A ticket opens the stream from where its key is taken, and from nowhere else; the
// stream ends when the key is no longer taken from there.
func TestTicketKeepsToTheAddressesOfItsKey(t *testing.T) {
	h := testkit.Open(t)
	made, key := issue(h, map[string]any{
		"name": "Of the quay", "user_id": h.People["l4"], "scopes": []string{"viewer", "events:read"}, "allowed_cidrs": []string{"192.0.2.0/24", "127.0.0.0/8"},
	})
	ticket := func() string { return key.Post("/events/tickets", nil).Want(201).Text("ticket") }
	elsewhere := ticket()
	h.Configure(func(c *api.Config) {
		c.Proxies = api.Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}}
	})
	h.As("").With("X-Forwarded-For", "203.0.113.9").Get("/events/stream?ticket="+elsewhere).Code(401, "unauthenticated")
	h.As("").Get("/events/stream?ticket="+elsewhere).Code(401, "unauthenticated") // it was used up

	s := h.As("").Follow(h.Serve(), "/events/stream?ticket="+ticket())
	following(h, 1)
	h.As("l7").Patch("/api-keys/"+made.ID(), map[string]any{"allowed_cidrs": []string{"198.51.100.0/24"}}).Want(200)
	s.Ends()
}
