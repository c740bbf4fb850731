package issuer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rapport/internal/fault"
)

// hanging is an issuer that answers only while it is told to.
func hanging(t *testing.T) (k *keys, hang *atomic.Bool) {
	t.Helper()
	hang = new(atomic.Bool)
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hang.Load() {
			<-r.Context().Done()
			return
		}
		if r.URL.Path == "/keys" {
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: secret.Public(), KeyID: "one"}, {Key: secret.Public(), KeyID: "for secrets", Use: "enc"}}})
			return
		}
		_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, server.URL, server.URL+"/keys")
	}))
	t.Cleanup(server.Close)
	var clock atomic.Int64
	k = newKeys(server.URL, func() time.Time { return time.Unix(clock.Add(1), 0) }, slog.New(slog.DiscardHandler))
	return k, hang
}

// While an issuer hangs, those whose key is known go on at once, and few wait.
func TestAnIssuerThatHangs(t *testing.T) {
	k, hang := hanging(t)
	if _, err := k.find(t.Context(), "one", "ES256"); err != nil {
		t.Fatal(err)
	}
	hang.Store(true)
	k.within = time.Second
	k.mu.Lock()
	k.tried = k.tried.Add(-time.Hour)
	k.mu.Unlock()
	var waited, turnedAway, other atomic.Int64
	var asking sync.WaitGroup
	for i := range mostWaits + 20 {
		asking.Go(func() {
			_, err := k.find(t.Context(), fmt.Sprint("made up ", i), "ES256")
			switch {
			case !fault.Is(err, fault.DependencyUnavailable):
				other.Add(1)
			case strings.Contains(err.Error(), "too many wait"):
				turnedAway.Add(1)
			default:
				waited.Add(1)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	for range 10 {
		if _, err := k.find(t.Context(), "one", "ES256"); err != nil {
			t.Error(err)
		}
	}
	if waited.Load() > 0 {
		t.Error("those whose key is known waited with the others")
	}
	asking.Wait()
	if other.Load() > 0 || waited.Load() > mostWaits || waited.Load() == 0 {
		t.Errorf("%d waited, %d were turned away, %d were told something else", waited.Load(), turnedAway.Load(), other.Load())
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	k.mu.Lock()
	k.tried = k.tried.Add(-time.Hour)
	k.mu.Unlock()
	if _, err := k.find(gone, "made up", "ES256"); !fault.Is(err, fault.DependencyUnavailable) {
		t.Errorf("who has gone is told %v", err)
	}
}

// No key does more than it was made for.
func TestKeysFitTheirAlgorithms(t *testing.T) {
	k, _ := hanging(t)
	if _, err := k.find(t.Context(), "one", "ES256"); err != nil {
		t.Fatal(err)
	}
	for id, algorithm := range map[string]string{"one": "ES384", "for secrets": "ES256"} {
		if key, err := k.find(t.Context(), id, algorithm); err == nil {
			t.Errorf("%s takes %s: %v", id, algorithm, key)
		}
	}
	if _, err := k.find(t.Context(), "", "ES256"); err != nil {
		t.Errorf("the only key that fits is not found without a name: %v", err)
	}
	symmetric := jose.JSONWebKey{Key: []byte("a secret"), KeyID: "one"}
	weak := jose.JSONWebKey{Key: "none", KeyID: "one"}
	for _, key := range []jose.JSONWebKey{symmetric, weak} {
		if fits(&key, "RS256") || fits(&key, "HS256") || fits(&key, "ES256") {
			t.Errorf("%v fits", key.Key)
		}
	}
}

func TestURLsOfIssuers(t *testing.T) {
	for given, want := range map[string]bool{
		"https://id.example.org": true, "https://id.example.org/realms/town/": true, "http://127.0.0.1:8081": true, "http://localhost": true, "http://[::1]:80/x": true,
		"http://id.example.org": false, "id.example.org": false, "": false, "https://": false, "https://u:p@id.example.org": false, "https://id.example.org/#x": false,
		"file:///etc/passwd": false, "http://127.0.0.1.example.org": false, "https://id.example.org\n": false,
	} {
		if err := CheckURL(given); (err == nil) != want {
			t.Errorf("%q: %v", given, err)
		}
	}
}

// Whatever comes as a token is refused without a panic, and without asking anybody
// unless it names an issuer that is trusted.
func FuzzToken(f *testing.F) {
	part := base64.RawURLEncoding.EncodeToString
	head, claims := `{"alg":"ES256","typ":"at+jwt","kid":"one"}`, `{"iss":"https://id.example.org","sub":"ana","aud":["a","b"],"exp":1795338000.5,"nbf":1,"iat":1}`
	f.Add(head, claims, "c2lnbmF0dXJl")
	f.Add(`{"alg":"none"}`, `{"exp":1e400}`, "")
	f.Add(`{"crit":["exp"]}`, `{"exp":"1","aud":{}}`, "=")
	trusted := New(Config{Issuers: []string{"https://other.example.org"}, Algorithms: Algorithms, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, head, claims, signature string) {
		for _, token := range []string{part([]byte(head)) + "." + part([]byte(claims)) + "." + signature, head + "." + claims + "." + signature, head} {
			if _, _, _, err := trusted.Check(t.Context(), token); !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("%q: %v", token, err)
			}
		}
	})
}
