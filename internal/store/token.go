package store

import (
	"context"
	"fmt"

	"rapport/internal/register"
)

// Token lets somebody in for one purpose, so many times, until it ends. Of the
// token itself only the hash is kept.
type Token struct {
	Hash      string
	Purpose   string
	UserID    string
	Kind      string // of the record that it opens, "" for none
	RecordID  string
	CreatedAt register.Instant
	ExpiresAt register.Instant
	UsesLeft  int

	// By what it was asked for: an API key, or a token of an identity, which ends.
	KeyID         string
	IdentityID    string
	SignedInUntil register.Instant
}

// EnterToken keeps a token.
func (tx *Tx) EnterToken(ctx context.Context, t Token) error {
	_, err := tx.exec(ctx, "INSERT INTO tokens (hash, purpose, kind, record_id, key_id, identity_id, signed_in_until, user_id, created_at, expires_at, uses_left) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		t.Hash, t.Purpose, null(t.Kind), null(t.RecordID), null(t.KeyID), null(t.IdentityID), null(string(t.SignedInUntil)), null(t.UserID),
		string(t.CreatedAt), string(t.ExpiresAt), t.UsesLeft)
	if err != nil {
		return fmt.Errorf("keep a token: %w", err)
	}
	return nil
}

// SpendToken uses a token once; ErrNone if there is none of that hash and purpose
// that may still be used.
func (tx *Tx) SpendToken(ctx context.Context, hash, purpose string, now register.Instant) (t Token, err error) {
	spent, err := tx.exec(ctx, "UPDATE tokens SET uses_left = uses_left - 1 WHERE hash = ? AND purpose = ? AND expires_at > ? AND uses_left > 0", hash, purpose, string(now))
	if err != nil {
		return t, err
	}
	if spent == 0 {
		return t, ErrNone
	}
	_, err = tx.one(ctx, []any{&t.Hash, &t.Purpose, &t.KeyID, &t.IdentityID, &t.SignedInUntil, &t.UserID},
		"SELECT hash, purpose, coalesce(key_id, ''), coalesce(identity_id, ''), coalesce(signed_in_until, ''), coalesce(user_id, '') FROM tokens WHERE hash = ?", hash)
	return t, err
}

// OpenedBy is the id of the record that a token opens for a purpose, without using
// it up; ErrNone if there is none of that hash that is still good.
func (tx *Tx) OpenedBy(ctx context.Context, hash, purpose string, now register.Instant) (id string, err error) {
	found, err := tx.one(ctx, []any{&id}, "SELECT record_id FROM tokens WHERE hash = ? AND purpose = ? AND expires_at > ? AND record_id IS NOT NULL", hash, purpose, string(now))
	if err == nil && !found {
		err = ErrNone
	}
	return id, err
}

// ForgetTokens removes some of the tokens that have ended; it returns how many.
func (db *DB) ForgetTokens(ctx context.Context, now register.Instant) (gone int64, err error) {
	err = db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		gone, err = tx.exec(ctx, "DELETE FROM tokens WHERE hash IN (SELECT hash FROM tokens WHERE expires_at <= ? ORDER BY expires_at LIMIT 500)", string(now))
		return err
	})
	return gone, err
}
