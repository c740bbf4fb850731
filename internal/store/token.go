package store

import (
	"context"
	"fmt"

	"rapport/internal/register"
)

// Token lets somebody in for one purpose, so many times, until it ends. Of the
// token itself only the hash is kept.
type Token struct {
	ID        string // by which its person sees and revokes it; "" for what is nobody's
	Hash      string
	Purpose   string
	UserID    string
	Kind      string // of the record that it opens, "" for none
	RecordID  string
	Kinds     string // of what a feed holds, with commas between them
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
	_, err := tx.exec(ctx, "INSERT INTO tokens (id, hash, purpose, kind, record_id, kinds, key_id, identity_id, signed_in_until, user_id, created_at, expires_at, uses_left) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		null(t.ID), t.Hash, t.Purpose, null(t.Kind), null(t.RecordID), null(t.Kinds), null(t.KeyID), null(t.IdentityID), null(string(t.SignedInUntil)), null(t.UserID),
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

const tokenColumns = "coalesce(id, ''), purpose, coalesce(kinds, ''), coalesce(key_id, ''), coalesce(identity_id, ''), coalesce(user_id, ''), created_at, expires_at"

func (t *Token) into() []any {
	return []any{&t.ID, &t.Purpose, &t.Kinds, &t.KeyID, &t.IdentityID, &t.UserID, &t.CreatedAt, &t.ExpiresAt}
}

// Token is the token of a hash and purpose that is still good, without using it up;
// ErrNone if there is none.
func (tx *Tx) Token(ctx context.Context, hash, purpose string, now register.Instant) (t Token, err error) {
	found, err := tx.one(ctx, t.into(), "SELECT "+tokenColumns+" FROM tokens WHERE hash = ? AND purpose = ? AND expires_at > ?", hash, purpose, string(now))
	if err == nil && !found {
		err = ErrNone
	}
	return t, err
}

// TokensOf are the tokens of a person that are still good, the newest first, from
// after one of them on.
func (tx *Tx) TokensOf(ctx context.Context, user, after string, now register.Instant, limit int) (tokens []Token, err error) {
	if after == "" {
		after = "~" // comes after every id
	}
	err = tx.each(ctx, 8, func(r register.Row) error {
		tokens = append(tokens, Token{
			ID: string(r[0]), Purpose: string(r[1]), Kinds: string(r[2]), KeyID: string(r[3]), IdentityID: string(r[4]), UserID: string(r[5]),
			CreatedAt: register.Instant(r[6]), ExpiresAt: register.Instant(r[7]),
		})
		return nil
	}, "SELECT "+tokenColumns+" FROM tokens WHERE user_id = ? AND id < ? AND expires_at > ? ORDER BY id DESC"+upTo(limit), user, after, string(now))
	return tokens, err
}

// RevokeToken removes a token of a person; ErrNone if there is none of that id.
func (tx *Tx) RevokeToken(ctx context.Context, user, id string) error {
	gone, err := tx.exec(ctx, "DELETE FROM tokens WHERE user_id = ? AND id = ?", user, id)
	if err == nil && gone == 0 {
		err = ErrNone
	}
	return err
}

// RevokeTokens removes the tokens that a person has for a purpose.
func (tx *Tx) RevokeTokens(ctx context.Context, user, purpose string) error {
	_, err := tx.exec(ctx, "DELETE FROM tokens WHERE user_id = ? AND purpose = ?", user, purpose)
	return err
}

// EndTokens ends what opens a record for a purpose.
func (tx *Tx) EndTokens(ctx context.Context, purpose, kind, recordID string, now register.Instant) error {
	_, err := tx.exec(ctx, "UPDATE tokens SET expires_at = ? WHERE record_id = ? AND kind = ? AND purpose = ? AND expires_at > ?", string(now), recordID, kind, purpose, string(now))
	if err != nil {
		return fmt.Errorf("end the tokens of %s %s: %w", kind, recordID, err)
	}
	return nil
}

// ForgetTokens removes some of the tokens that have ended; it returns how many.
func (db *DB) ForgetTokens(ctx context.Context, now register.Instant) (gone int64, err error) {
	err = db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		gone, err = tx.exec(ctx, "DELETE FROM tokens WHERE hash IN (SELECT hash FROM tokens WHERE expires_at <= ? ORDER BY expires_at LIMIT 500)", string(now))
		return err
	})
	return gone, err
}
