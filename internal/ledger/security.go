package ledger

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// The kinds of what the security log notices.
const (
	KeyFirstUsed = "key_first_used" // a key was taken from an address for the first time since its use from another
	SignInFailed = "sign_in_failed" // a key was not taken
	Untracked    = "token_failed"   // a token of somebody without an account was not taken
	Refused      = "refused"        // a known caller was refused for want of scope, level or another person
)

// SecurityKinds are all of them.
var SecurityKinds = []string{KeyFirstUsed, Refused, SignInFailed, Untracked}

// Noticed is something for the security log: no name, no path, nothing of what
// was asked.
type Noticed struct{ Kind, Code, KeyID, IdentityID, Address string }

// noticing is what was noticed and not written down yet.
type noticing struct {
	mu   sync.Mutex
	held map[noticedIn]*store.SecurityLine
}

type noticedIn struct {
	Noticed
	hour register.Instant
}

// mostNoticed bounds what waits to be written down. Beyond it addresses are
// counted together: a flood is one line, not a table full.
const mostNoticed = 1000

// keptSecurity is how long the security log is kept.
const keptSecurity = 90 * 24 * time.Hour

// Notice counts something for the security log, to be written down in a while.
func (l *Ledger) Notice(n Noticed) {
	now := l.Now()
	key := noticedIn{n, register.At(now.UTC().Truncate(time.Hour))}
	s := &l.noticed
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = map[noticedIn]*store.SecurityLine{}
	}
	line := s.held[key]
	if line == nil && len(s.held) >= mostNoticed {
		key.Address, key.KeyID, key.IdentityID = "", "", ""
		line = s.held[key]
	}
	if line == nil {
		line = &store.SecurityLine{ID: register.NewID(now), Hour: key.hour, Kind: key.Kind, Code: key.Code, KeyID: key.KeyID, IdentityID: key.IdentityID, Address: key.Address, First: register.At(now)}
		s.held[key] = line
	}
	line.Times++
	line.Last = register.At(now)
}

// NoteSecurity writes down what was noticed.
func (l *Ledger) NoteSecurity(ctx context.Context) error {
	s := &l.noticed
	s.mu.Lock()
	held := s.held
	s.held = nil
	s.mu.Unlock()
	if len(held) == 0 {
		return nil
	}
	lines := make([]store.SecurityLine, 0, len(held))
	for _, line := range held {
		lines = append(lines, *line)
	}
	slices.SortFunc(lines, func(a, b store.SecurityLine) int { return strings.Compare(a.ID, b.ID) }) // two processes lock rows in one order
	return l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.PutSecurity(ctx, lines) })
}

// forgetSecurity prunes the security log.
func (l *Ledger) forgetSecurity(ctx context.Context) (int64, error) {
	return l.DB.ForgetSecurity(ctx, register.At(l.Now().Add(-keptSecurity)), store.MostSecurityLines)
}

// MayLookAfter lets in who looks after the installation, through a key that opens
// that.
func (l *Ledger) MayLookAfter(a authority.Actor, verb authority.Verb) error {
	if !a.Governs() {
		return governors(a)
	}
	if !a.Scopes.Allow("admin", verb) {
		return OutOfScope(a, "admin", verb)
	}
	return nil
}

// Security reads the security log, with how the keys and identities are called. It
// takes the role admin or level 7.
func (l *Ledger) Security(ctx context.Context, q store.SecurityQuery) ([]store.SecurityLine, register.Labels, error) {
	actor := authority.From(ctx)
	if err := l.MayLookAfter(actor, authority.Read); err != nil {
		return nil, nil, err
	}
	if err := l.NoteSecurity(ctx); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	lines, err := tx.Security(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	keys, identities := map[string]bool{}, map[string]bool{}
	for _, line := range lines {
		if line.KeyID != "" {
			keys[line.KeyID] = true
		}
		if line.IdentityID != "" {
			identities[line.IdentityID] = true
		}
	}
	labels, err := tx.Labels(ctx, map[string]map[string]bool{"api_key": keys, "identity": identities}, store.SightOf(actor))
	return lines, labels, err
}
