package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"math/big"
	"strings"
	"sync"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// keyRing keeps who stands behind the keys that were lately used, at most a
// second old, and when each was used.
type keyRing struct {
	mu    sync.Mutex
	held  map[string]heldKey
	used  map[string]use
	drops int // how often the ring was emptied
}

type heldKey struct {
	actor  authority.Actor
	key    *register.APIKey
	until  time.Time
	ends   register.Instant // of a secret from before a rotation
	refuse error
}

type use struct {
	of *register.Noun // keys or identities
	at register.Instant
	ip string
}

// mostHeld bounds the ring against a flood of made-up keys.
const mostHeld = 10_000

// HashKey is what is kept of a key.
func HashKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Identify tells who stands behind a key, or a token, that came from an address.
func (l *Ledger) Identify(ctx context.Context, token, ip string) (authority.Actor, error) {
	if l.TakesToken(token) {
		return l.identifyToken(ctx, token, ip)
	}
	if !strings.HasPrefix(token, "rapport_") || len(token) > 100 {
		return authority.Actor{}, unknownKey()
	}
	hash := HashKey(token)
	held, fresh, drops := l.keys.get(hash)
	if !fresh {
		var err error
		if held, err = l.lookUp(ctx, hash); err != nil {
			return authority.Actor{}, err
		}
		l.keys.put(hash, held, drops)
	}
	if held.refuse != nil {
		return authority.Actor{KeyID: held.keyID()}, held.refuse
	}
	for _, end := range []register.Instant{held.key.ExpiresAt, held.ends} {
		if end != "" && end <= l.at() {
			return authority.Actor{KeyID: held.key.ID}, fault.New(fault.KeyExpired, "This key ended at %s.", end)
		}
	}
	if !held.key.Admits(ip) {
		return authority.Actor{KeyID: held.key.ID}, unknownKey()
	}
	if last := l.keys.note(held.key.ID, use{register.APIKeys, register.At(l.Now().Truncate(time.Minute)), ip}); last != ip && held.key.LastUsedIP != ip {
		l.Notice(Noticed{Kind: KeyFirstUsed, KeyID: held.key.ID, Address: ip})
	}
	actor := held.actor
	actor.Address = ip
	return actor, nil
}

// keyID is the key's id, "" for one that is none of ours.
func (h *heldKey) keyID() string {
	if h.key == nil {
		return ""
	}
	return h.key.ID
}

func unknownKey() error {
	return fault.New(fault.Unauthenticated, "The key is not known.")
}

func (r *keyRing) get(hash string) (h heldKey, fresh bool, drops int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h, there := r.held[hash]
	return h, there && time.Now().Before(h.until), r.drops
}

// put keeps what was read, unless the ring was emptied since: it may have been
// read just before a key was revoked.
func (r *keyRing) put(hash string, h heldKey, drops int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.drops != drops {
		return
	}
	if r.held == nil || len(r.held) > mostHeld {
		r.held = map[string]heldKey{}
	}
	h.until = time.Now().Add(stale)
	r.held[hash] = h
}

func (r *keyRing) drop() {
	r.mu.Lock()
	r.held = nil
	r.drops++
	r.mu.Unlock()
}

// note keeps when a key was used, and returns from where it was before; "" if it
// was not since that was last written down.
func (r *keyRing) note(id string, u use) (last string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used == nil {
		r.used = map[string]use{}
	}
	last = r.used[id].ip
	r.used[id] = u
	return last
}

// lookUp reads a key and its person. A refusal is held like a key, so that a
// wrong one does not reach the database at every try.
func (l *Ledger) lookUp(ctx context.Context, hash string) (heldKey, error) {
	tx := l.DB.Look()
	rows, err := tx.MatchColumn(ctx, register.APIKeys, "hash", hash)
	former := err == nil && len(rows) == 0
	if former {
		rows, err = tx.MatchColumn(ctx, register.APIKeys, "previous_hash", hash)
	}
	if err != nil {
		return heldKey{}, err
	}
	if len(rows) == 0 {
		return heldKey{refuse: unknownKey()}, nil
	}
	rec, err := register.APIKeys.Load(rows[0])
	if err != nil {
		return heldKey{}, err
	}
	key := rec.(*register.APIKey)
	if key.State != "active" || key.DeletedAt != "" {
		return heldKey{key: key, refuse: fault.New(fault.KeyRevoked, "This key was revoked.")}, nil
	}
	actor, err := l.behind(ctx, tx, key)
	if errors.Is(err, store.ErrNone) {
		return heldKey{key: key, refuse: fault.New(fault.Unauthenticated, "The person behind this key has no access any more.")}, nil
	}
	held := heldKey{actor: actor, key: key}
	if former {
		held.ends = key.PreviousUntil
	}
	return held, err
}

// behind is who acts through a key: its person as the person stands now, or the
// machine itself.
func (l *Ledger) behind(ctx context.Context, tx *store.Tx, key *register.APIKey) (authority.Actor, error) {
	actor := authority.Actor{Type: authority.Service, ID: key.ID, Name: key.Name, KeyID: key.ID, Scopes: authority.Scopes(key.Scopes), Cap: key.Cap()}
	if key.UserID == "" {
		return actor, nil
	}
	return l.person(ctx, tx, key.UserID, actor)
}

// person is an actor who is a person as that stands now; ErrNone for one without
// access.
func (l *Ledger) person(ctx context.Context, tx *store.Tx, userID string, actor authority.Actor) (authority.Actor, error) {
	row, err := tx.Get(ctx, register.Users, store.Name{ID: userID}, nil)
	if err != nil {
		return actor, err
	}
	rec, err := register.Users.Load(row)
	if err != nil {
		return actor, err
	}
	u := rec.(*register.User)
	if u.State != "active" || u.DeletedAt != "" {
		return actor, store.ErrNone
	}
	actor.Type, actor.ID, actor.Name, actor.Level, actor.Roles = authority.User, u.ID, u.Name, u.Level(), u.Roles
	return actor, nil
}

// alphabet is what the secret part of a key is written in.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// NewKey makes a key: rapport_<8 characters>_<43 characters>_<6 of a checksum>,
// so that a scanner recognises one that leaked.
func NewKey() (token, prefix string) {
	id, secret := random(8), random(43)
	prefix = "rapport_" + id
	body := prefix + "_" + secret
	sum := crc32.ChecksumIEEE([]byte(body))
	check := make([]byte, 6)
	for i := range check {
		check[i] = alphabet[sum%62]
		sum /= 62
	}
	return body + "_" + string(check), prefix
}

func random(n int) string {
	out := make([]byte, n)
	for i := range out {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		out[i] = alphabet[k.Int64()]
	}
	return string(out)
}

// IssueKey makes a key and enters it; the answer's token is shown this once.
func (l *Ledger) IssueKey(ctx context.Context, body register.Body, asked Asked) (Answer, string, error) {
	token, prefix := NewKey()
	asked.Prime = func(rec register.Record) {
		key := rec.(*register.APIKey)
		key.Prefix, key.Hash = prefix, HashKey(token)
	}
	answer, err := l.Create(ctx, register.APIKeys, body, asked)
	return answer, token, err
}
