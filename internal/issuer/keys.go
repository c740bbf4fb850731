package issuer

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rapport/internal/fault"
)

// How an issuer's keys are kept.
const (
	renewAfter = time.Hour       // keys older than this are read anew, as soon as one is needed
	mostAge    = 48 * time.Hour  // for so long keys are believed while their issuer does not answer
	tryEvery   = time.Minute     // an issuer is asked at most this often, whatever keys tokens name
	fetchTime  = 8 * time.Second // for both questions together
	mostWaits  = 32              // tokens that wait for an answer; any more come back later
)

// keys are the keys of one issuer, read when they are first needed.
type keys struct {
	issuer string
	now    func() time.Time
	log    *slog.Logger
	client *client
	within time.Duration // an answer is waited for

	mu      sync.Mutex
	held    []jose.JSONWebKey
	read    time.Time     // when held was read
	tried   time.Time     // when it was last tried
	failed  error         // of that try
	under   chan struct{} // closed when the try under way has ended; nil = there is none
	waiting int

	fetched, failures atomic.Int64
}

func newKeys(issuer string, now func() time.Time, log *slog.Logger) *keys {
	return &keys{issuer: issuer, now: now, log: log, client: newClient(), within: fetchTime}
}

// find is the key of an id that fits an algorithm. A known key goes on for a while
// though the issuer does not answer; for an unknown one the issuer is asked, but
// no more often than every minute: whoever makes up ids makes no traffic by it.
func (k *keys) find(ctx context.Context, id, algorithm string) (*jose.JSONWebKey, error) {
	k.mu.Lock()
	key, age := k.pick(id, algorithm), k.now().Sub(k.read)
	known := key != nil && age < mostAge
	if known && age < renewAfter {
		k.mu.Unlock()
		return key, nil
	}
	starts := k.under == nil && (k.tried.IsZero() || k.now().Sub(k.tried) >= tryEvery || k.now().Before(k.tried))
	if starts {
		k.tried, k.under = k.now(), make(chan struct{})
		go k.fetch(k.under)
	}
	under := k.under
	switch {
	case known && !starts:
		k.mu.Unlock()
		return key, nil
	case under == nil:
		defer k.mu.Unlock()
		return k.verdict(id, algorithm)
	case k.waiting >= mostWaits:
		k.mu.Unlock()
		return nil, unreadable(errors.New("too many wait for the answer already"))
	}
	k.waiting++
	k.mu.Unlock()
	var gone error
	select {
	case <-under:
	case <-ctx.Done():
		gone = ctx.Err()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waiting--
	if gone != nil {
		return nil, unreadable(gone)
	}
	return k.verdict(id, algorithm)
}

// verdict is the key as it stands after the last try; k is locked. That a key is
// unknown can be said only of keys that could be read.
func (k *keys) verdict(id, algorithm string) (*jose.JSONWebKey, error) {
	if key := k.pick(id, algorithm); key != nil && k.now().Sub(k.read) < mostAge {
		return key, nil
	}
	if k.failed != nil {
		return nil, unreadable(k.failed)
	}
	return nil, notTaken(errors.New("its issuer has no such key"))
}

func unreadable(cause error) error {
	return fault.New(fault.DependencyUnavailable, "The keys of the token's issuer cannot be read now; try again in a while.").Because(cause)
}

// fetch reads the keys and ends the try.
func (k *keys) fetch(ends chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), k.within)
	defer cancel()
	held, err := k.client.keysOf(ctx, k.issuer)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed = err; err == nil {
		k.held, k.read = held, k.tried
		k.fetched.Add(1)
	} else {
		k.failures.Add(1)
		k.log.Warn("the keys of an issuer could not be read", "issuer", k.issuer, "err", err)
	}
	k.under = nil
	close(ends)
}

// pick finds a key; k is locked. A token need not name one where only one would do.
func (k *keys) pick(id, algorithm string) (found *jose.JSONWebKey) {
	for i := range k.held {
		key := &k.held[i]
		if id != "" && key.KeyID != id || !fits(key, algorithm) {
			continue
		}
		if id != "" {
			return key
		}
		if found != nil {
			return nil
		}
		found = key
	}
	return found
}

// Bounds of RSA keys: below they can be broken, above they are a burden.
const (
	leastRSA = 2048
	mostRSA  = 8192
)

// curves are those of the algorithms that have one.
var curves = map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

// fits reports whether a key may verify signatures of an algorithm: no key does
// more than it was made for.
func fits(key *jose.JSONWebKey, algorithm string) bool {
	if key.Algorithm != "" && key.Algorithm != algorithm || key.Use != "" && key.Use != "sig" {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		size := public.N.BitLen()
		return (strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")) && size >= leastRSA && size <= mostRSA
	case *ecdsa.PublicKey:
		return curves[algorithm] == public.Curve.Params().Name
	case ed25519.PublicKey:
		return algorithm == "EdDSA"
	}
	return false
}

// Figures are how often issuers were asked for their keys, and how often that failed.
func (t *Trusted) Figures() (asked, failed int64) {
	for _, k := range t.keys {
		failed += k.failures.Load()
		asked += k.fetched.Load() + k.failures.Load()
	}
	return asked, failed
}
