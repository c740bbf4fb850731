package testkit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rapport/internal/issuer"
)

// Audience is whom the tokens of tests are meant for.
const Audience = "rapport"

// Issuer is an issuer of tokens on loopback, with real keys.
type Issuer struct {
	URL    string
	Asked  atomic.Int64                     // how often it was asked for its keys
	Answer atomic.Pointer[http.HandlerFunc] // what it answers instead; nil = its keys
	clock  *Clock
	mu     sync.Mutex
	keys   map[string]crypto.Signer // by id
}

// rsaKeys are two keys that all tests of a process share: to make one takes long.
var rsaKeys = sync.OnceValue(func() (two [2]*rsa.PrivateKey) {
	for i := range two {
		two[i], _ = rsa.GenerateKey(rand.Reader, 2048) // fails only where there is no randomness
	}
	return two
})

// NewIssuer starts an issuer with the RSA key "one". It ends with the test.
func (h *House) NewIssuer() *Issuer {
	i := &Issuer{clock: h.Clock, keys: map[string]crypto.Signer{"one": rsaKeys()[0]}}
	server := httptest.NewServer(http.HandlerFunc(i.serve))
	h.T.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// Trust has the register take the tokens of issuers.
func (h *House) Trust(issuers ...*Issuer) {
	c := issuer.Config{Audiences: []string{Audience}, Algorithms: []string{"RS256", "PS256", "ES256", "EdDSA"}, Types: []string{"at+jwt", "JWT"}, Now: h.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	for _, i := range issuers {
		c.Issuers = append(c.Issuers, i.URL)
	}
	h.Ledger.Tokens = issuer.New(c)
	h.Configure(nil)
}

// Bind binds a subject of an issuer to one of the cast.
func (h *House) Bind(i *Issuer, subject, handle string) *Reply {
	return h.As("l7").Post("/identities", map[string]any{"user_id": h.People[handle], "issuer": i.URL, "subject": subject}).Want(201)
}

// Bearer is a client that comes with a token.
func (h *House) Bearer(token string) *Client { return h.As("").With("Authorization", "Bearer "+token) }

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	if other := i.Answer.Load(); other != nil {
		i.Asked.Add(1)
		(*other)(w, r)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		i.Asked.Add(1)
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	case "/keys":
		_ = json.NewEncoder(w).Encode(i.set())
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) set() (set jose.JSONWebKeySet) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for id, key := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: id, Use: "sig"})
	}
	return set
}

// Turn gives the issuer other keys: with names, one of RSA for each but "ec".
func (i *Issuer) Turn(names ...string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = map[string]crypto.Signer{}
	for at, name := range names {
		i.keys[name] = rsaKeys()[(at+1)%2]
		if name == "ec" {
			i.keys[name], _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		}
	}
}

// Key is the public half of a key.
func (i *Issuer) Key(id string) crypto.PublicKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[id].Public()
}

// Token is an access token for a subject, with a header and claims as change leaves
// them; a value of nil takes one out. It is signed by the key that kid names at first.
func (i *Issuer) Token(subject string, change func(header, claims map[string]any)) string {
	now := i.clock.Now().Unix()
	header := map[string]any{"alg": "RS256", "kid": "one", "typ": "at+jwt"}
	claims := map[string]any{"iss": i.URL, "sub": subject, "aud": Audience, "iat": now, "exp": now + int64((5 * time.Minute).Seconds()), "jti": "of a test"}
	i.mu.Lock()
	for id, key := range i.keys {
		if _, curve := key.(*ecdsa.PrivateKey); curve {
			header["alg"] = "ES256"
		}
		header["kid"] = id
		break
	}
	key := i.keys[header["kid"].(string)]
	i.mu.Unlock()
	if change != nil {
		change(header, claims)
	}
	return Sign(key, JSON(header), JSON(claims))
}

// JSON is a part of a token without the members that are nil.
func JSON(members map[string]any) string {
	for name, value := range members {
		if value == nil {
			delete(members, name)
		}
	}
	raw, _ := json.Marshal(members)
	return string(raw)
}

// Sign makes a token of two texts, whatever they say.
func Sign(key crypto.Signer, header, claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	body := encode([]byte(header)) + "." + encode([]byte(claims))
	sum := sha256.Sum256([]byte(body))
	var signature []byte
	switch k := key.(type) {
	case *rsa.PrivateKey:
		signature, _ = rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum[:])
	case *ecdsa.PrivateKey:
		r, s, _ := ecdsa.Sign(rand.Reader, k, sum[:])
		signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	return body + "." + encode(signature)
}

// Signer is the secret half of a key, for tokens that are put together by hand.
func (i *Issuer) Signer(id string) crypto.Signer {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[id]
}
