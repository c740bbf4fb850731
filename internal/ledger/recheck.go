package ledger

import (
	"context"
	"errors"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// NoteUse writes down when keys and identities were last used, without a version or
// an entry.
func (l *Ledger) NoteUse(ctx context.Context) error {
	l.keys.mu.Lock()
	used := l.keys.used
	l.keys.used = nil
	l.keys.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	return l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for id, u := range used {
			if err := tx.ORM(ctx).Table(u.of.Table).Where("id = ?", id).
				Updates(map[string]any{"last_used_at": string(u.at), "last_used_ip": u.ip}).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// Renew gives an actor who asked for something earlier as that person or key
// stands now; it is refused where the key was revoked, the identity withdrawn or
// the person has gone.
func (l *Ledger) Renew(ctx context.Context, then authority.Actor) (authority.Actor, error) {
	actor, _, err := l.renew(ctx, then)
	return actor, err
}

// Recheck is Renew for who is being served still: a key or a token that has ended
// since, or a key that is not taken any more from where that is, is refused too.
// until is when it ends, "" for never.
func (l *Ledger) Recheck(ctx context.Context, then authority.Actor) (now authority.Actor, until register.Instant, err error) {
	now, key, err := l.renew(ctx, then)
	if err != nil {
		return now, "", err
	}
	now.Address, now.Until, now.Issuer = then.Address, then.Until, then.Issuer
	if key != nil {
		return now, key.ExpiresAt, l.taken(key, then.Address)
	}
	if !then.Until.IsZero() {
		if until = register.At(then.Until); until <= l.at() {
			return now, "", fault.New(fault.Unauthenticated, "The token has ended.")
		}
	}
	return now, until, nil
}

// taken refuses a key that has ended, or is not taken from where it is used.
func (l *Ledger) taken(key *register.APIKey, ip string) error {
	if key.ExpiresAt != "" && key.ExpiresAt <= l.at() {
		return fault.New(fault.KeyExpired, "This key ended at %s.", key.ExpiresAt)
	}
	if !key.Admits(ip) {
		return unknownKey()
	}
	return nil
}

// renew is an actor as that stands now, with the key by which they signed in; nil
// for a token.
func (l *Ledger) renew(ctx context.Context, then authority.Actor) (authority.Actor, *register.APIKey, error) {
	switch {
	case then.Type == authority.System:
		return then, nil, nil
	case then.IdentityID != "":
		now, err := l.renewIdentity(ctx, then)
		return now, nil, err
	}
	tx := l.DB.Look()
	row, err := tx.Get(ctx, register.APIKeys, store.Name{ID: then.KeyID}, nil)
	if errors.Is(err, store.ErrNone) {
		return then, nil, fault.New(fault.KeyRevoked, "The key that this was asked for with is not there any more.").Because(err)
	}
	if err != nil {
		return then, nil, err
	}
	rec, err := register.APIKeys.Load(row)
	if err != nil {
		return then, nil, err
	}
	key := rec.(*register.APIKey)
	if key.State != "active" || key.DeletedAt != "" {
		return then, nil, fault.New(fault.KeyRevoked, "The key that this was asked for with was revoked.")
	}
	actor, err := l.behind(ctx, tx, key)
	if errors.Is(err, store.ErrNone) {
		return then, nil, fault.New(fault.KeyRevoked, "The person who asked for this has no access any more.")
	}
	return actor, key, err
}
