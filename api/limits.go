package api

import (
	"context"
	"hash/maphash"
	"net/http"
	"net/netip"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
)

// Limits are how often callers may ask in a minute; 0 = as often as they like.
type Limits struct {
	Requests int // of one key; and of one address, of what needs no key
	Writes   int // of one key, counted as requests too: all that is not GET
	SignIns  int // of one address, with keys that are not taken; and with tokens of each public route
}

// The names of the quotas, as the headers have them. They are all there are.
const (
	quotaRequests = "default"
	quotaWrites   = "write"
	quotaSignIns  = "sign-in"
	quotaPublic   = "public"
	quotaTokens   = "token"
)

// quotaType is the IANA's name for a quota that is used up; all other problems
// have a type of our own.
const quotaType = "https://iana.org/assignments/http-problem-types#quota-exceeded"

// gate is where callers are let in or told to come back later.
type gate struct {
	calls   *allowance // by key
	signIns *allowance // by address
	public  *allowance // by address, of what needs no key
	tokens  *allowance // by address and route, of what a token opens
	known   knownKeys
	policy  string
}

func newGate(l Limits) *gate {
	g := &gate{
		calls:   newAllowance(quota{quotaRequests, l.Requests}, quota{quotaWrites, l.Writes}),
		signIns: newAllowance(quota{quotaSignIns, l.SignIns}),
		public:  newAllowance(quota{quotaPublic, l.Requests}),
		tokens:  newAllowance(quota{quotaTokens, l.SignIns}),
	}
	g.policy = g.calls.policy()
	return g
}

// signIn tells who stands behind a key or a token.
func (s *server) signIn(c echo.Context, token string) (authority.Actor, error) {
	if s.ledger.TakesToken(token) {
		return s.signInByToken(c, token)
	}
	return s.tried(c, token, func(ctx context.Context, token string) (authority.Actor, error) {
		return s.ledger.Identify(ctx, token, c.RealIP())
	})
}

// tried tells who stands behind a key or a ticket. Who tries keys that are not taken is soon
// refused before any more are looked at, so that nothing can be guessed and the
// database is spared; a key that was taken from that address before goes on, so
// that nobody behind the same proxy is shut out.
func (s *server) tried(c echo.Context, token string, identify func(ctx context.Context, token string) (authority.Actor, error)) (authority.Actor, error) {
	g, from := s.gate, network(c.RealIP())
	if !g.known.has(from, token) {
		if err := s.guessed(c, from); err != nil {
			return authority.Actor{}, err
		}
	}
	actor, err := identify(c.Request().Context(), token)
	switch {
	case err == nil:
		g.known.add(from, token)
	case kinds[fault.Of(err).Code].status == http.StatusUnauthorized:
		g.known.remove(from, token)
		s.noteFailure(actor, err, from)
	}
	return actor, err
}

// signInByToken tells who stands behind a token. It is looked at however many were
// not taken: nobody guesses a signature, tokens change every few minutes, and one
// that does not hold never reaches the database.
func (s *server) signInByToken(c echo.Context, token string) (authority.Actor, error) {
	from := network(c.RealIP())
	actor, err := s.ledger.Identify(c.Request().Context(), token, c.RealIP())
	switch {
	case err == nil:
		s.metrics.tokens.WithLabelValues("taken").Inc()
	case kinds[fault.Of(err).Code].status == http.StatusUnauthorized:
		s.metrics.tokens.WithLabelValues("refused").Inc()
		if limit := s.guessed(c, from); limit != nil {
			return authority.Actor{}, limit
		}
		s.noteFailure(actor, err, from)
	default:
		s.metrics.tokens.WithLabelValues("unchecked").Inc()
	}
	return actor, err
}

// guessed refuses an address from which too much was tried that was not taken.
func (s *server) guessed(c echo.Context, from string) error {
	g, now := s.gate, s.ledger.Now()
	wait, empty := g.signIns.spent(from, now, quotaSignIns)
	if len(empty) == 0 {
		return nil
	}
	c.Response().Header().Set("RateLimit-Policy", g.signIns.policy())
	c.Response().Header().Set("RateLimit", g.signIns.state(from, now, empty...))
	s.ledger.Notice(ledger.Noticed{Kind: ledger.SignInFailed, Code: string(fault.QuotaExceeded), Address: from})
	return s.tooMany(c, wait, empty, "Too many keys from your address were not taken.")
}

// noteFailure counts what was not taken against its address.
func (s *server) noteFailure(actor authority.Actor, err error, from string) {
	s.gate.signIns.take(from, s.ledger.Now(), quotaSignIns)
	s.ledger.Notice(ledger.Noticed{Kind: ledger.SignInFailed, Code: string(fault.Of(err).Code), KeyID: actor.KeyID, IdentityID: actor.IdentityID, Address: from})
}

// metered takes what a request costs from its key's quotas. The headers say what
// is left; an answer of 304 costs nothing.
func (s *server) metered(c echo.Context, actor authority.Actor) error {
	g := s.gate
	if g.policy == "" {
		return nil
	}
	names := []string{quotaRequests}
	if c.Request().Method != http.MethodGet {
		names = append(names, quotaWrites)
	}
	wait, empty := g.calls.take(actor.Principal(), s.ledger.Now(), names...)
	c.Response().Before(func() {
		now, h := s.ledger.Now(), c.Response().Header()
		if c.Response().Status == http.StatusNotModified {
			g.calls.giveBack(actor.Principal(), now, names...)
		}
		h.Set("RateLimit-Policy", g.policy)
		h.Set("RateLimit", g.calls.state(actor.Principal(), now, names...))
	})
	if len(empty) > 0 {
		return s.tooMany(c, wait, empty, "You ask more often than your key may.")
	}
	return nil
}

func (s *server) tooMany(c echo.Context, wait int, empty []string, detail string) error {
	for _, name := range empty {
		s.metrics.limited.WithLabelValues(name).Inc()
	}
	c.Response().Header().Set("Retry-After", strconv.Itoa(wait))
	return fault.New(fault.QuotaExceeded, "%s Try again in %d second%s.", detail, wait, plural(wait)).With("violated-policies", empty)
}

// network is what of an address counts as one caller: whoever has an IPv6 address
// has all of its /64.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	p, _ := addr.Prefix(64) // 64 is never too long for it
	return p.String()
}

// knownKeys are the keys that were taken of late, each with the address that it
// came from. Only a number is kept of them, from which no key can be read.
type knownKeys struct {
	mu   sync.RWMutex
	held map[uint64]struct{}
}

var knownSeed = maphash.MakeSeed()

func knownAs(from, token string) uint64 { return maphash.String(knownSeed, from+" "+token) }

func (k *knownKeys) has(from, token string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, there := k.held[knownAs(from, token)]
	return there
}

func (k *knownKeys) add(from, token string) {
	if k.has(from, token) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.held == nil {
		k.held = map[uint64]struct{}{}
	}
	for other := range k.held {
		if len(k.held) < mostPurses {
			break
		}
		delete(k.held, other) // any of them
	}
	k.held[knownAs(from, token)] = struct{}{}
}

func (k *knownKeys) remove(from, token string) {
	k.mu.Lock()
	delete(k.held, knownAs(from, token))
	k.mu.Unlock()
}
