// Package secret derives the sub-keys of the one secret of an installation.
// It knows what they are for, and not where the secret came from.
package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Purpose names a sub-key; two purposes never share one.
type Purpose string

// What sub-keys are for.
const (
	Cursors Purpose = "cursors"
	Chain   Purpose = "chain"
	Links   Purpose = "links"
)

// Secret is the installation's own; everything signed hangs on it.
type Secret struct{ raw []byte }

// ErrWeak refuses a secret that can be guessed.
var ErrWeak = errors.New("RAPPORT_SECRET must have at least 32 bytes and not be a placeholder")

// Parse takes the secret as an administrator set it.
func Parse(s string) (Secret, error) {
	s = strings.TrimSpace(s)
	distinct := map[rune]bool{}
	for _, r := range s {
		distinct[r] = true
	}
	if len(s) < 32 || len(distinct) < 8 {
		return Secret{}, ErrWeak
	}
	return Secret{raw: []byte(s)}, nil
}

// FromFile reads the secret from path, and makes it at the first start. Only the
// owner may read the file.
func FromFile(path string) (Secret, error) {
	s, err := ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails: crypto/rand stops the program instead
	text := hex.EncodeToString(fresh)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Secret{}, fmt.Errorf("keep the secret: %w", err)
	}
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		return Secret{}, fmt.Errorf("keep the secret: %w", err)
	}
	return Parse(text)
}

// ReadFile reads the secret from path and makes none.
func ReadFile(path string) (Secret, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, fmt.Errorf("read the secret: %w", err)
	}
	s, err := Parse(string(raw))
	if err != nil {
		return s, fmt.Errorf("the file %s: %w", path, err)
	}
	return s, nil
}

// Key is the 32-byte sub-key for a purpose.
func (s Secret) Key(p Purpose) []byte {
	key, err := hkdf.Key(sha256.New, s.raw, nil, "rapport/"+string(p), 32)
	if err != nil {
		panic(fmt.Sprintf("secret: derive %s: %v", p, err)) // only for absurd lengths
	}
	return key
}
