// Package issuer checks the access tokens of issuers that an installation trusts
// (JWT by RFC 7519 and 9068, keys by OpenID Connect discovery). It knows tokens and
// their issuers' keys, and not whom a token stands for.
package issuer

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rapport/internal/fault"
)

// Config says whose tokens are taken, and which.
type Config struct {
	Issuers    []string // as they name themselves in iss, exactly
	Audiences  []string // of which a token names at least one
	Algorithms []string // by which it may be signed
	Types      []string // that its header may name, and perhaps Unmarked
	Now        func() time.Time
	Log        *slog.Logger
}

// Algorithms are those by which a token may be signed at all: with a key of which
// the issuer alone holds the secret half.
var Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// The type that access tokens alone have (RFC 9068, 2.1), and the word by which an
// installation takes tokens of type JWT that do not show what they are.
const (
	accessType = "at+jwt"
	Unmarked   = "unmarked"
)

// skew is how far an issuer's clock may differ from ours.
const skew = 60 * time.Second

// mostToken bounds what is looked at.
const mostToken = 16 << 10

// Trusted are the issuers whose tokens are taken.
type Trusted struct {
	config Config
	keys   map[string]*keys // by issuer: the same key id of two of them is two keys
}

// New trusts issuers. It asks none of them before there is a token of theirs.
func New(c Config) *Trusted {
	t := &Trusted{config: c, keys: map[string]*keys{}}
	for _, name := range c.Issuers {
		t.keys[name] = newKeys(name, c.Now, c.Log)
	}
	return t
}

// Check tells whose token it is and until when it is taken. A token that is not
// taken is a fault without authentication. Before its signature holds, nothing is
// told of what is wrong; keys that cannot be read are another fault.
func (t *Trusted) Check(ctx context.Context, token string) (issuer, subject string, until time.Time, err error) {
	head, claims, err := read(token)
	if err != nil || !slices.Contains(t.config.Algorithms, head.Algorithm) {
		return "", "", until, notTaken(err)
	}
	keys, trusted := t.keys[claims.Issuer]
	if !trusted {
		return "", "", until, notTaken(nil)
	}
	key, err := keys.find(ctx, head.KeyID, head.Algorithm)
	if err != nil {
		return "", "", until, err
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(head.Algorithm)})
	if err != nil {
		return "", "", until, notTaken(err)
	}
	if _, err := signed.Verify(key.Key); err != nil {
		return "", "", until, notTaken(err)
	}
	if err := t.holds(head, claims); err != nil {
		return "", "", until, err
	}
	return claims.Issuer, claims.Subject, time.Time(*claims.Ends).Add(skew), nil
}

// notTaken is all that is said of a token whose signature does not hold.
func notTaken(cause error) error {
	return fault.New(fault.Unauthenticated, "The token is none that this register takes.").Because(cause)
}

// holds looks at what a token says once it is known who says it.
func (t *Trusted) holds(head header, c claims) error {
	now := t.config.Now()
	switch {
	case !slices.ContainsFunc(t.config.Types, func(taken string) bool { return taken != Unmarked && sameType(taken, head.Type) }) || c.noAccess():
		return fault.New(fault.Unauthenticated, "The token is no access token, and no other is taken.")
	case !sameType(accessType, head.Type) && !c.access() && !slices.Contains(t.config.Types, Unmarked):
		return fault.New(fault.Unauthenticated, "The token does not show that it is an access token: its type is not at+jwt, and it names neither a scope nor the client that asked for it.")
	case c.Binding != nil:
		return fault.New(fault.Unauthenticated, "The token is bound to a key of its holder, and no such token is taken.")
	case !slices.ContainsFunc(c.Audience, func(a string) bool { return slices.Contains(t.config.Audiences, a) }):
		return fault.New(fault.Unauthenticated, "The token is meant for somebody else.")
	case !plain(c.Subject):
		return fault.New(fault.Unauthenticated, "The token names nobody.")
	case c.Ends == nil:
		return fault.New(fault.Unauthenticated, "The token has no end.")
	case now.After(time.Time(*c.Ends).Add(skew)):
		return fault.New(fault.Unauthenticated, "The token has ended.")
	case c.Begins.after(now.Add(skew)) || c.IssuedAt.after(now.Add(skew)):
		return fault.New(fault.Unauthenticated, "The token does not hold yet.")
	}
	return nil
}

// sameType compares types as media types are: without regard to case, and
// application/ may be left out (RFC 7515, 4.1.9).
func sameType(a, b string) bool {
	plain := func(s string) string { return strings.TrimPrefix(strings.ToLower(s), "application/") }
	return plain(a) == plain(b)
}

// read takes a token apart, without believing any of it.
func read(token string) (h header, c claims, err error) {
	if len(token) > mostToken || strings.Count(token, ".") != 2 {
		return h, c, errShape
	}
	first, rest, _ := strings.Cut(token, ".")
	second, third, _ := strings.Cut(rest, ".")
	if _, err := encoding.DecodeString(third); err != nil {
		return h, c, errShape
	}
	if err := decode(first, &h); err != nil {
		return h, c, err
	}
	if err := h.check(); err != nil {
		return h, c, err
	}
	return h, c, decode(second, &c)
}
