package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// ticketTime is how long a ticket for the stream may wait to be used.
const ticketTime = 60 * time.Second

const ticketPurpose = "event_stream"

// IssueTicket makes a ticket that opens the stream of events once, with what the
// caller's key opens by then.
func (l *Ledger) IssueTicket(ctx context.Context) (ticket string, until register.Instant, err error) {
	actor := authority.From(ctx)
	if err := mayFollow(actor); err != nil {
		return "", "", err
	}
	ticket, until = newToken(), register.At(l.Now().Add(ticketTime))
	token := store.Token{ID: register.NewID(l.Now()), Hash: hashToken(ticket), Purpose: ticketPurpose, KeyID: actor.KeyID, IdentityID: actor.IdentityID, UserID: actor.Person(), CreatedAt: l.at(), ExpiresAt: until, UsesLeft: 1}
	if !actor.Until.IsZero() {
		token.SignedInUntil = register.At(actor.Until)
	}
	err = l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.EnterToken(ctx, token) })
	return ticket, until, err
}

// Admit tells who stands behind a ticket that came from an address, and uses it up.
// It opens no more than the key that it was made with, from nowhere else. Whatever
// is wrong with the ticket is answered alike.
func (l *Ledger) Admit(ctx context.Context, ticket, ip string) (authority.Actor, error) {
	unknown := fault.New(fault.Unauthenticated, "The ticket is not known, was used, or has ended: ask for another one.")
	if len(ticket) > 100 {
		return authority.Actor{}, unknown
	}
	var spent store.Token
	err := l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		spent, err = tx.SpendToken(ctx, hashToken(ticket), ticketPurpose, l.at())
		return err
	})
	if errors.Is(err, store.ErrNone) {
		return authority.Actor{}, unknown
	}
	if err != nil {
		return authority.Actor{}, err
	}
	then := authority.Actor{Type: authority.Service, KeyID: spent.KeyID, IdentityID: spent.IdentityID, Address: ip}
	if spent.SignedInUntil != "" {
		then.Until = spent.SignedInUntil.Time()
	}
	actor, _, err := l.Recheck(ctx, then)
	return actor, err
}

// newToken is a token of 128 random bits.
func newToken() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails: crypto/rand stops the program instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
