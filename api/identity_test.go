package api_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/api"
	"rapport/internal/testkit"
)

// trusting is a register that takes the tokens of one issuer, in which "ana" is the
// person of a handle.
func trusting(t *testing.T, handle string) (*testkit.House, *testkit.Issuer) {
	h := testkit.Open(t)
	i := h.NewIssuer()
	h.Trust(i)
	h.Bind(i, "ana", handle)
	return h, i
}

// A person signs in by a token of an issuer once somebody has bound both, and may
// then what that person may, whatever the token says.
func TestTokenOpensWhatItsPersonMay(t *testing.T) {
	h := testkit.Open(t)
	i := h.NewIssuer()
	h.Trust(i)
	if i.Asked.Load() != 0 {
		t.Error("the issuer was asked before there was a token")
	}
	token := i.Token("ana", func(_, claims map[string]any) {
		claims["email"], claims["email_verified"], claims["roles"], claims["scope"] = "l7@example.org", true, []string{"admin"}, "*:*"
	})
	h.Bearer(token).Get("/me").Code(401, "unauthenticated") // nobody is entered by coming in
	bound := h.Bind(i, "ana", "l5")
	ana := h.Bearer(token)
	me := ana.Get("/me").Want(200)
	for path, want := range map[string]string{
		"id": h.People["l5"], "level": "5", "clearance": "confidential", "type": "user", "signed_in.by": "token", "signed_in.issuer": i.URL,
		"signed_in.identity_id": bound.ID(), "signed_in.key_id": "", "signed_in.until": "2026-11-22T09:06:00.000Z", "scopes.0": "*:*",
	} {
		if got := me.Text(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	made := ana.Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	if made.Text("created_by.id") != h.People["l5"] {
		t.Errorf("it was made by %s", made.Body)
	}
	ana.Get("/users").Want(200)
	ana.Get("/api-keys").Code(403, "insufficient-level")
	ana.Delete("/stakeholders/" + made.ID()).Want(204)
	if key := h.As("l5").Get("/me").Want(200); key.Text("signed_in.by") != "api_key" || key.Text("signed_in.key_id") == "" || key.Value("signed_in.until") != nil {
		t.Errorf("a key signs in as %s", key.Body)
	}
	if err := h.Ledger.NoteUse(context.Background()); err != nil {
		t.Fatal(err)
	}
	if used := h.As("l7").Get("/identities/" + bound.ID()).Want(200); used.Text("last_used_at") != "2026-11-22T09:00:00.000Z" || used.Text("last_used_ip") != "192.0.2.1" || used.Text("version") != "1" {
		t.Errorf("its use is noted as %s", used.Body)
	}
	if i.Asked.Load() != 1 {
		t.Errorf("the issuer was asked %d times", i.Asked.Load())
	}
}

// Whoever ends a binding, or a person's access, ends it for the next request; a
// lowered level holds for the next too.
func TestTokenFallsWithItsPerson(t *testing.T) {
	h, i := trusting(t, "l6")
	token := i.Token("ana", nil)
	ana := h.Bearer(token)
	ana.Get("/me").Want(200)
	h.As("l7").Patch(person(h, "l6"), map[string]any{"rlmt_level": 4}).Want(200)
	if ana.Get("/me").Want(200).Text("clearance") != "internal" {
		t.Error("the token keeps what its person lost")
	}
	h.As("l7").Move(person(h, "l6"), "disable", nil).Want(200)
	ana.Get("/me").Code(401, "unauthenticated")
	h.Bearer(i.Token("ana", nil)).Get("/me").Code(401, "unauthenticated") // signing in again opens nothing
	h.As("l7").Move(person(h, "l6"), "enable", nil).Want(200)
	ana.Get("/me").Want(200)
	binding := h.As("l7").Get("/identities").Want(200).Text("data.0.id")
	h.As("l7").Move("/identities/"+binding, "withdraw", nil).Want(200)
	ana.Get("/me").Code(401, "unauthenticated")
	again := h.Bind(i, "ana", "l5")
	if ana.Get("/me").Want(200).Text("id") != h.People["l5"] {
		t.Error("the token is still the other person's")
	}
	h.As("l7").Delete("/identities/" + again.ID()).Want(204)
	ana.Get("/me").Code(401, "unauthenticated")
	h.As("l7").Post("/identities/"+again.ID()+"/restore", nil).Want(200)
	ana.Get("/me").Want(200)
}

// To bind somebody is to be able to act as them: nobody does so for a person of a
// higher level, nor through a key that opens less than a token does.
func TestBindingTakesWhatItOpens(t *testing.T) {
	h := testkit.Open(t)
	body := func(handle, subject string) map[string]any {
		return map[string]any{"user_id": h.People[handle], "issuer": "https://id.example.org", "subject": subject}
	}
	h.As("l6").Post("/identities", body("l6", "six")).Code(403, "insufficient-scope")
	h.Enlist("wide", "l6", "restricted", "*:*").Post("/identities", body("l6", "six")).Code(403, "insufficient-level")
	h.As("admin").Post("/identities", body("l7", "seven")).Code(403, "insufficient-level")
	h.As("admin").Post("/identities", body("none", "nobody")).Want(201)
	h.Enlist("narrow", "l7", "restricted", "admin:write", "stakeholders:read").Post("/identities", body("l4", "four")).Code(403, "insufficient-scope")
	h.Enlist("blind", "l7", "internal", "*:*").Post("/identities", body("l4", "four")).Code(403, "insufficient-scope")
	l7 := h.As("l7")
	four := l7.Post("/identities", body("l4", "four")).Want(201)
	l7.Post("/identities", body("l5", "four")).Code(409, "duplicate")
	l7.Post("/identities", body("l5", "FOUR")).Want(201) // another subject, to the letter
	l7.Patch("/identities/"+four.ID(), map[string]any{"user_id": h.People["l5"]}).Code(422, "validation-failed").Fault("#/user_id", "immutable")
	l7.Patch("/identities/"+four.ID(), map[string]any{"subject": "five"}).Code(422, "validation-failed").Fault("#/subject", "immutable")
	h.As("admin").Patch("/identities/"+four.ID(), map[string]any{"note": "mine"}).Code(403, "insufficient-level")
	h.Enlist("tidy", "admin", "restricted", "admin:act").Move("/identities/"+four.ID(), "withdraw", nil).Want(200)
	l7.Post("/identities", body("l5", "four")).Want(201)
	l7.Move("/identities/"+four.ID(), "withdraw", nil).Code(409, "invalid-transition")
	with := body("l4", "x")
	with["user_id"], with["subject"] = nil, "a\x00b"
	l7.Post("/identities", with).Code(422, "validation-failed").Fault("#/user_id", "required").Fault("#/subject", "invalid_format")
	h.As("l4").Get("/identities").Code(403, "insufficient-scope")
}

// What a token must say: each flaw is a 401 that tells its one cause only once the
// signature holds.
func TestTokenIsCheckedWhole(t *testing.T) {
	h, i := trusting(t, "l5")
	now := h.Clock.Now().Unix()
	claim := func(name string, value any) func(_, claims map[string]any) {
		return func(_, claims map[string]any) { claims[name] = value }
	}
	head := func(name string, value any) func(header, _ map[string]any) {
		return func(header, _ map[string]any) { header[name] = value }
	}
	plain := func(name string, value any) func(header, claims map[string]any) {
		return func(header, claims map[string]any) { header["typ"], claims[name] = "JWT", value }
	}
	type flaw struct {
		change func(header, claims map[string]any)
		said   string // "" = taken
	}
	const unknown = "none that this register takes"
	for name, f := range map[string]flaw{
		"as it is":                  {nil, ""},
		"two audiences":             {claim("aud", []string{"another", testkit.Audience}), ""},
		"typ of RFC 9068":           {head("typ", "application/AT+JWT"), ""},
		"plain typ":                 {head("typ", "JWT"), "does not show"},
		"plain typ with a scope":    {plain("scope", "openid"), ""},
		"plain typ with scopes":     {plain("scp", []string{"stakeholders"}), ""},
		"plain typ with a client":   {plain("client_id", "front"), ""},
		"plain typ with a party":    {plain("azp", "front"), ""},
		"plain typ of a bearer":     {plain("typ", "Bearer"), ""},
		"plain typ for its client":  {plain("azp", testkit.Audience), "does not show"},
		"plain typ, when asked":     {plain("auth_time", now), "does not show"},
		"plain typ, empty scope":    {plain("scope", nil), "does not show"},
		"no key named":              {head("kid", nil), ""},
		"within the skew":           {claim("exp", now-59), ""},
		"not yet within the skew":   {claim("nbf", now+59), ""},
		"fractions":                 {claim("exp", float64(now)+30.5), ""},
		"a bearer's":                {claim("typ", "Bearer"), ""},
		"ended":                     {claim("exp", now-61), "has ended"},
		"no end":                    {claim("exp", nil), "has no end"},
		"end as text":               {claim("exp", "9999999999"), unknown},
		"end beyond imagination":    {claim("exp", 1e18), unknown},
		"end before time":           {claim("exp", -1), unknown},
		"not yet":                   {claim("nbf", now+600), "not hold yet"},
		"made tomorrow":             {claim("iat", now+86400), "not hold yet"},
		"another's":                 {claim("aud", "another"), "somebody else"},
		"others'":                   {claim("aud", []string{"another", "Rapport", " rapport"}), "somebody else"},
		"nobody's":                  {claim("aud", nil), "somebody else"},
		"no audience":               {claim("aud", []string{}), "somebody else"},
		"audience of a number":      {claim("aud", 1), unknown},
		"audience of numbers":       {claim("aud", []any{testkit.Audience, 1}), unknown},
		"no subject":                {claim("sub", nil), "names nobody"},
		"empty subject":             {claim("sub", ""), "names nobody"},
		"subject of a number":       {claim("sub", 7), unknown},
		"subject on two lines":      {claim("sub", "ana\n"), "names nobody"},
		"endless subject":           {claim("sub", strings.Repeat("a", 256)), "names nobody"},
		"unknown subject":           {claim("sub", "Ana"), "nobody whom this register knows"},
		"another issuer":            {claim("iss", i.URL+"/"), unknown},
		"no issuer":                 {claim("iss", nil), unknown},
		"issuers":                   {claim("iss", []string{i.URL}), unknown},
		"an ID token":               {claim("nonce", "n"), "no access token"},
		"an ID token with a hash":   {claim("at_hash", "n"), "no access token"},
		"an ID token by its typ":    {claim("typ", "ID"), "no access token"},
		"an ID token by its use":    {claim("token_use", "id"), "no access token"},
		"a refresh token":           {claim("typ", "Refresh"), "no access token"},
		"a logout token":            {claim("events", map[string]any{}), "no access token"},
		"typ of a logout token":     {head("typ", "logout+jwt"), "no access token"},
		"no typ":                    {head("typ", nil), "no access token"},
		"bound to a key":            {claim("cnf", map[string]any{"jkt": "x"}), "bound to a key"},
		"none":                      {head("alg", "none"), unknown},
		"None":                      {head("alg", "nOnE"), unknown},
		"no algorithm":              {head("alg", nil), unknown},
		"an algorithm not allowed":  {head("alg", "RS512"), unknown},
		"another algorithm":         {head("alg", "PS256"), unknown},
		"an algorithm of curves":    {head("alg", "ES256"), unknown},
		"a path as key":             {head("kid", "../../etc/passwd"), unknown},
		"a statement as key":        {head("kid", "' OR 1=1--"), unknown},
		"a long key":                {head("kid", strings.Repeat("a", 60000)), unknown},
		"a number as key":           {head("kid", 1), unknown},
		"its own key":               {head("jwk", map[string]any{"kty": "RSA"}), unknown},
		"a key elsewhere":           {head("jku", "http://127.0.0.1:1/keys"), unknown},
		"a certificate elsewhere":   {head("x5u", "http://127.0.0.1:1/cert"), unknown},
		"something critical":        {head("crit", []string{"exp"}), unknown},
		"not encoded":               {head("b64", false), unknown},
		"packed":                    {head("zip", "DEF"), unknown},
		"a crowd of claims in bulk": {claim("groups", strings.Repeat("g", 20000)), unknown},
	} {
		got := h.Bearer(i.Token("ana", f.change)).Get("/me")
		switch {
		case f.said == "" && got.Status != 200, f.said != "" && got.Status != 401, !strings.Contains(got.Text("detail"), f.said):
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		case got.Status == 401 && got.Header.Get("WWW-Authenticate") == "":
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	if i.Asked.Load() > 2 { // at the first token, and for the first unknown key at most
		t.Errorf("the issuer was asked %d times in one minute", i.Asked.Load())
	}
}

// Tokens that are put together by hand: other signatures, members twice, other
// forms.
func TestForgedTokens(t *testing.T) {
	h, i := trusting(t, "l5")
	good := i.Token("ana", nil)
	h.Bearer(good).Get("/me").Want(200)
	parts := strings.Split(good, ".")
	encode := base64.RawURLEncoding.EncodeToString
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	claims := string(raw)
	der, err := x509.MarshalPKIXPublicKey(i.Key("one"))
	if err != nil {
		t.Fatal(err)
	}
	body := encode([]byte(`{"alg":"HS256","kid":"one","typ":"at+jwt"}`)) + "." + parts[1]
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write([]byte(body))
	signed := func(header, claims string) string { return testkit.Sign(i.Signer("one"), header, claims) }
	const header = `{"alg":"RS256","kid":"one","typ":"at+jwt"}`
	other := h.NewIssuer() // its key is called "one" too, and it is trusted by nobody
	other.Turn("one")
	for name, token := range map[string]string{
		"signed with the public key": body + "." + encode(mac.Sum(nil)),
		"no signature":               parts[0] + "." + parts[1] + ".",
		"none without signature":     encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"another's key":              testkit.Sign(other.Signer("one"), header, claims),
		"a claim twice":              signed(header, strings.Replace(claims, `{`, `{"sub":"l7",`, 1)),
		"a claim nobody reads twice": signed(header, strings.Replace(claims, `{`, `{"x":1,"x":2,`, 1)),
		"a member of the head twice": signed(`{"alg":"none",`+header[1:], claims),
		"text after the claims":      signed(header, claims+"{}"),
		"claims that are a list":     signed(header, "["+claims+"]"),
		"claims that are nothing":    signed(header, "null"),
		"not UTF-8":                  signed(header, strings.Replace(claims, "of a test", "\xff", 1)),
		"four parts":                 good + ".",
		"five parts":                 "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJlbmMiOiJBMTI4R0NNIiwicDJjIjoyMTQ3NDgzNjQ3LCJ6aXAiOiJERUYifQ.a.b.c.d",
		"JSON instead":               `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"padded":                     parts[0] + "=." + parts[1] + "." + parts[2],
		"of another alphabet":        strings.Replace(good, ".", "+/.", 1),
		"a space":                    strings.Replace(good, ".", ". ", 1),
		"a byte more":                good + "A",
		"two dots":                   "..",
		"a crowd of dots":            strings.Repeat(".", 1<<20),
		"another claim":              parts[0] + "." + encode([]byte(strings.Replace(claims, `"ana"`, `"bob"`, 1))) + "." + parts[2],
		"other bits at the end":      good[:len(good)-1] + string(good[len(good)-1]^1),
	} {
		began := time.Now()
		got := h.Bearer(token).Get("/me").Code(401, "unauthenticated")
		if !strings.Contains(got.Text("detail"), "none that this register takes") && !strings.Contains(got.Text("detail"), "not known") {
			t.Errorf("%s: it is told %s", name, got.Text("detail"))
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
	h.Bearer(good).Get("/me").Want(200)
	h.As("").With("X-API-Key", good).Get("/me").Code(401, "unauthenticated")
	h.Bearer(good).With("X-API-Key", testkit.Key("l7")).Get("/me").Code(400, "invalid-parameter")
	h.As("l5").Get("/stakeholders?access_token="+good).Code(400, "unknown-parameter")
	h.Ledger.Tokens = nil
	h.Bearer(good).Get("/me").Code(401, "unauthenticated")
}

// Two issuers with a key of one name are two: neither signs for the other, and one
// subject of both is two people.
func TestIssuersAreKeptApart(t *testing.T) {
	h := testkit.Open(t)
	a, b := h.NewIssuer(), h.NewIssuer()
	b.Turn("one")
	h.Trust(a, b)
	h.Bind(a, "ana", "l4")
	h.Bind(b, "ana", "l7")
	for i, want := range map[*testkit.Issuer]string{a: "l4", b: "l7"} {
		if got := h.Bearer(i.Token("ana", nil)).Get("/me").Want(200); got.Text("id") != h.People[want] {
			t.Errorf("want %s: %s", want, got.Body)
		}
	}
	forged := a.Token("ana", func(_, claims map[string]any) { claims["iss"] = b.URL })
	h.Bearer(forged).Get("/me").Code(401, "unauthenticated")
}

// New keys are found when a token names one, at most every minute however many
// tokens make keys up; a key that was taken back ends within the hour.
func TestKeysOfAnIssuerTurn(t *testing.T) {
	h, i := trusting(t, "l5")
	old := i.Token("ana", func(_, claims map[string]any) { claims["exp"] = h.Clock.Now().Add(24 * time.Hour).Unix() })
	h.Bearer(old).Get("/me").Want(200)
	for n := range 50 {
		h.Bearer(i.Token("ana", func(header, _ map[string]any) { header["kid"] = fmt.Sprint("made up ", n) })).Get("/me").Code(401, "unauthenticated")
	}
	i.Turn("ec")
	turned := i.Token("ana", nil)
	h.Bearer(turned).Get("/me").Code(401, "unauthenticated")
	if n := i.Asked.Load(); n != 1 {
		t.Errorf("the issuer was asked %d times in the first minute", n)
	}
	h.Clock.Forward(time.Minute)
	h.Bearer(turned).Get("/me").Want(200)
	h.Bearer(old).Get("/me").Code(401, "unauthenticated")
	i.Turn("one")
	h.Clock.Forward(time.Minute)
	fresh := i.Token("ana", nil)
	var all sync.WaitGroup
	h.Quick = true
	for range 20 {
		all.Go(func() { h.Bearer(fresh).Get("/me").Want(200) })
	}
	all.Wait()
	if n := i.Asked.Load(); n != 3 {
		t.Errorf("the issuer was asked %d times", n)
	}
	lasting := i.Token("ana", func(_, claims map[string]any) { claims["exp"] = h.Clock.Now().Add(24 * time.Hour).Unix() })
	i.Turn("ec")
	h.Clock.Forward(59 * time.Minute)
	h.Bearer(lasting).Get("/me").Want(200)
	h.Clock.Forward(time.Minute)
	h.Bearer(lasting).Get("/me").Code(401, "unauthenticated")
}

// An issuer that does not answer, or not as it should, stops nobody whose key is
// known, for two days; others are told to come back. Readiness does not hang on it.
func TestAnIssuerThatDoesNotAnswer(t *testing.T) {
	h := testkit.Open(t)
	i := h.NewIssuer()
	h.Trust(i)
	h.Bind(i, "ana", "l5")
	answer := func(f http.HandlerFunc) { i.Answer.Store(&f) }
	inner := h.NewIssuer()
	for name, f := range map[string]http.HandlerFunc{
		"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, inner.URL+r.URL.Path, http.StatusFound)
		},
		"too much": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat(" ", 1<<20))) },
		"no JSON":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"another issuer": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, inner.URL, inner.URL+"/keys")
		},
		"keys of clouds": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"https://169.254.169.254/keys"}`, i.URL)
		},
		"keys without TLS": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"http://192.0.2.7/keys"}`, i.URL)
		},
		"keys of a file": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"file:///etc/passwd"}`, i.URL)
		},
		"no keys": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q,"keys":[]}`, i.URL, i.URL+"/keys")
		},
	} {
		answer(f)
		got := h.Bearer(i.Token("ana", nil)).Get("/me").Code(503, "dependency-unavailable")
		if got.Header.Get("Retry-After") == "" || strings.Contains(string(got.Body), i.URL) {
			t.Errorf("%s: %v %s", name, got.Header, got.Body)
		}
		h.Clock.Forward(time.Minute)
	}
	if inner.Asked.Load() != 0 {
		t.Error("a redirect was followed")
	}
	h.As("").Get("/readyz").Want(200)
	h.As("l4").Get("/me").Want(200)
	i.Answer.Store(nil)
	h.Bearer(i.Token("ana", nil)).Get("/me").Want(200)
	answer(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	for range 47 {
		h.Clock.Forward(time.Hour)
		h.Bearer(i.Token("ana", nil)).Get("/me").Want(200)
	}
	h.Bearer(i.Token("ana", func(header, _ map[string]any) { header["kid"] = "new" })).Get("/me").Code(503, "dependency-unavailable")
	h.Clock.Forward(2 * time.Hour)
	h.Bearer(i.Token("ana", nil)).Get("/me").Code(503, "dependency-unavailable")
	i.Answer.Store(nil)
	h.Clock.Forward(time.Minute)
	h.Bearer(i.Token("ana", nil)).Get("/me").Want(200)
	figures := h.As("l7").Get("/metrics").Want(200)
	for _, line := range []string{`rapport_tokens_total{result="taken"} 49`, `rapport_tokens_total{result="unchecked"} 11`, "rapport_issuer_failures_total"} {
		if !strings.Contains(string(figures.Body), line) {
			t.Errorf("the figures lack %s", line)
		}
	}
}

// An idempotency key, a quota and the security log go by the identity: those of two
// never meet, and a new token of the same person is the same caller.
func TestTokensAreTheirPrincipals(t *testing.T) {
	h, i := trusting(t, "l5")
	h.Bind(i, "bob", "l5")
	enter := func(token string) *testkit.Reply {
		return h.Bearer(token).With("Idempotency-Key", "one").Post("/stakeholders?allow_duplicate=true", `{"name":"Harbour Board","kind":"organisation","duplicate_reason":"a test"}`).Want(201)
	}
	first := enter(i.Token("ana", nil))
	h.Clock.Forward(time.Second)
	if again := enter(i.Token("ana", nil)); again.ID() != first.ID() || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Error("another token of the same person is another caller")
	}
	if bob := enter(i.Token("bob", nil)); bob.ID() == first.ID() {
		t.Error("two identities share an idempotency key")
	}
	key := h.As("l5").With("Idempotency-Key", "one").Post("/stakeholders?allow_duplicate=true", `{"name":"Harbour Board","kind":"organisation","duplicate_reason":"a test"}`).Want(201)
	if key.ID() == first.ID() {
		t.Error("a key and an identity share an idempotency key")
	}

	h.Configure(func(c *api.Config) { c.Limits = api.Limits{Requests: 3, SignIns: 10} })
	for n := range 4 {
		want := map[bool]int{true: 200, false: 429}[n < 3]
		h.Bearer(i.Token("ana", nil)).Get("/me").Want(want)
	}
	h.Bearer(i.Token("bob", nil)).Get("/me").Want(200)
	h.As("l5").Get("/me").Want(200)
	h.Bearer(i.Token("bob", nil)).Get("/api-keys").Code(403, "insufficient-level")
	for n := range 12 {
		want := map[bool]int{true: 401, false: 429}[n < 10]
		h.Bearer(i.Token("stranger", nil)).Get("/me").Want(want)
	}
	h.Clock.Forward(time.Minute)
	h.Bearer(i.Token("ana", nil)).Get("/me").Want(200) // who is known comes in all the same
	bob := h.As("l7").Get("/identities?subject=bob").Want(200).Text("data.0.id")
	log := h.As("admin").Get("/audit/security?identity_id=" + bob).Want(200)
	if log.Len("data") != 1 || log.Text("data.0.kind") != "refused" || log.Text("data.0.identity.name") != i.URL || log.Value("data.0.key_id") != nil {
		t.Errorf("the log says %s", log.Body)
	}
	failed := h.As("admin").Get("/audit/security?kind=sign_in_failed").Want(200)
	if failed.Len("data") == 0 || strings.Contains(string(failed.Body), "stranger") {
		t.Errorf("the log says %s", failed.Body)
	}
}

// A stream ends with the token, with the binding and with the person's access; a
// ticket opens what the token opens, for as long as that.
func TestStreamEndsWithTheToken(t *testing.T) {
	h, i := trusting(t, "l5")
	server := h.Serve()
	h.Quick = true
	follow := func() *testkit.Stream {
		s := h.Bearer(i.Token("ana", nil)).Follow(server, "/events/stream")
		following(h, 1)
		return s
	}
	s := follow()
	h.Clock.Forward(5*time.Minute + 59*time.Second)
	h.As("l4").Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	s.Next()
	h.Clock.Forward(2 * time.Second)
	s.Ends()

	ticket := h.Bearer(i.Token("ana", nil)).Post("/events/tickets", nil).Want(201).Text("ticket")
	s = h.As("").Follow(server, "/events/stream?ticket="+ticket)
	following(h, 1)
	h.Clock.Forward(6*time.Minute + time.Second)
	s.Ends()

	dying := i.Token("ana", func(_, claims map[string]any) { claims["exp"] = h.Clock.Now().Unix() - 50 })
	late := h.Bearer(dying).Post("/events/tickets", nil).Want(201).Text("ticket")
	h.Clock.Forward(20 * time.Second)
	h.As("").Get("/events/stream?ticket="+late).Code(401, "unauthenticated")

	s = follow()
	binding := h.As("l7").Get("/identities").Want(200).Text("data.0.id")
	h.As("l7").Move("/identities/"+binding, "withdraw", nil).Want(200)
	s.Ends()
	h.Bind(i, "ana", "l5b")
	s = follow()
	h.As("l7").Move(person(h, "l5b"), "disable", nil).Want(200)
	s.Ends()
}

// What somebody asked for by a token is done after the token has ended, and not
// once its binding is withdrawn.
func TestJobsOfATokenOutliveIt(t *testing.T) {
	h, i := trusting(t, "l5")
	actor, err := h.Ledger.Identify(context.Background(), i.Token("ana", nil), "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	actor.Until, actor.Address = time.Time{}, "" // as it is kept with the job
	h.Clock.Forward(time.Hour)
	if now, err := h.Ledger.Renew(context.Background(), actor); err != nil || now.Level != 5 || now.IdentityID != actor.IdentityID {
		t.Errorf("renewed as %+v, %v", now, err)
	}
	h.As("l7").Move("/identities/"+actor.IdentityID, "withdraw", nil).Want(200)
	if _, err := h.Ledger.Renew(context.Background(), actor); err == nil {
		t.Error("the job goes on without its binding")
	}
}
