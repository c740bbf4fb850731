package ledger

import (
	"context"
	"errors"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Tokens checks the tokens of the issuers that are trusted.
type Tokens interface {
	// Check tells whose a token is and when it ends; a fault if it is not taken.
	Check(ctx context.Context, token string) (issuer, subject string, until time.Time, err error)
	// Figures are how often issuers were asked for their keys, and how often in vain.
	Figures() (asked, failed int64)
}

// TakesToken reports whether a credential is looked at as a token: issuers are
// trusted, and it has the form of one.
func (l *Ledger) TakesToken(credential string) bool {
	return l.Tokens != nil && !strings.HasPrefix(credential, "rapport_") && strings.Contains(credential, ".")
}

// identifyToken tells who stands behind a token: the person to whom its issuer and
// subject were bound, with what that person may now. The token says nothing of that.
func (l *Ledger) identifyToken(ctx context.Context, token, ip string) (authority.Actor, error) {
	issuer, subject, until, err := l.Tokens.Check(ctx, token)
	if err != nil {
		return authority.Actor{}, err
	}
	name := issuer + "\x00" + subject
	held, fresh, drops := l.keys.get(name)
	if !fresh {
		if held, err = l.bound(ctx, issuer, subject); err != nil {
			return authority.Actor{}, err
		}
		l.keys.put(name, held, drops)
	}
	actor := held.actor
	if held.refuse != nil {
		return actor, held.refuse
	}
	l.keys.note(actor.IdentityID, use{register.Identities, register.At(l.Now().Truncate(time.Minute)), ip})
	actor.Address, actor.Until, actor.Issuer = ip, until, issuer
	return actor, nil
}

// bound reads the person to whom an issuer and a subject are bound. A refusal is
// held as one of a key is.
func (l *Ledger) bound(ctx context.Context, issuer, subject string) (heldKey, error) {
	tx := l.DB.Look()
	row, err := tx.Identity(ctx, issuer, subject)
	if err != nil {
		return heldKey{}, err
	}
	if row == nil {
		return heldKey{refuse: fault.New(fault.Unauthenticated, "The token names nobody whom this register knows.")}, nil
	}
	actor, err := l.identified(ctx, tx, row)
	if errors.Is(err, store.ErrNone) {
		refusal := fault.New(fault.Unauthenticated, "The person whom the token names has no access any more.")
		return heldKey{actor: authority.Actor{IdentityID: actor.IdentityID}, refuse: refusal}, nil
	}
	return heldKey{actor: actor}, err
}

// identified is the person of an identity: with all that the person may, for a token
// narrows nothing.
func (l *Ledger) identified(ctx context.Context, tx *store.Tx, row register.Row) (authority.Actor, error) {
	rec, err := register.Identities.Load(row)
	if err != nil {
		return authority.Actor{}, err
	}
	i := rec.(*register.Identity)
	actor := authority.Actor{Type: authority.User, IdentityID: i.ID, Scopes: authority.Everything(), Cap: authority.Restricted}
	if i.State != "active" || i.DeletedAt != "" {
		return actor, store.ErrNone
	}
	return l.person(ctx, tx, i.UserID, actor)
}

// renewIdentity is who signed in by a token as that person stands now.
func (l *Ledger) renewIdentity(ctx context.Context, then authority.Actor) (authority.Actor, error) {
	tx := l.DB.Look()
	row, err := tx.Get(ctx, register.Identities, store.Name{ID: then.IdentityID}, nil)
	if err == nil {
		now, err := l.identified(ctx, tx, row)
		if !errors.Is(err, store.ErrNone) {
			return now, err
		}
	}
	if err != nil && !errors.Is(err, store.ErrNone) {
		return then, err
	}
	return then, fault.New(fault.Unauthenticated, "Who asked for this has no access by that token any more.")
}
