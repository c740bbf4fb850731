package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"rapport/internal/register"
)

// ChainHead is where the chain of entries stood at some time. Kept outside the
// database it shows that entries were cut off, which the chain by itself cannot.
type ChainHead struct {
	Seq  int64            `json:"seq"`
	Hash string           `json:"hash"`
	At   register.Instant `json:"at"`
}

// HeadFile is the name of the exported head in the data folder.
const HeadFile = "chain-head.json"

// ChainHead reads where the chain stands.
func (db *DB) ChainHead(ctx context.Context) (ChainHead, error) {
	seq, hash, err := db.Look().Head(ctx)
	return ChainHead{seq, hash, register.At(db.config.Now())}, err
}

// ExportHead writes the chain's head into a file.
func (db *DB) ExportHead(ctx context.Context, path string) (ChainHead, error) {
	h, err := db.ChainHead(ctx)
	if err != nil {
		return h, err
	}
	raw, err := json.Marshal(h)
	if err != nil {
		return h, err
	}
	if err := replaceFile(path, append(raw, '\n')); err != nil {
		return h, fmt.Errorf("export the chain's head: %w", err)
	}
	return h, nil
}

// ReadHead reads an exported head; a file that is not there is the head of an
// empty chain.
func ReadHead(path string) (h ChainHead, err error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &h)
	}
	if err != nil {
		return h, fmt.Errorf("read the exported head %s: %w", path, err)
	}
	return h, nil
}

// ChainError says that the entries are not what was sealed.
type ChainError struct{ Why string }

func (e *ChainError) Error() string { return e.Why }

// HoldsHead compares an exported head with the database.
func (db *DB) HoldsHead(ctx context.Context, h ChainHead) error {
	if h.Seq == 0 {
		return nil
	}
	tx, hash := db.Look(), ""
	found, err := tx.one(ctx, []any{&hash}, "SELECT hash FROM entries WHERE seq = ?", h.Seq)
	if err != nil {
		return err
	}
	if !found {
		last, _, err := tx.Head(ctx)
		return errors.Join(err, &ChainError{fmt.Sprintf("entries are missing at the end: there was number %d at %s, and the last one now is %d", h.Seq, h.At, last)})
	}
	if hash != h.Hash {
		return &ChainError{fmt.Sprintf("entry %d is not the one that stood there at %s", h.Seq, h.At)}
	}
	return nil
}

// lately is how many links are checked at every start.
const lately = 1000

// VerifyLately checks the newest links of the chain.
func (db *DB) VerifyLately(ctx context.Context) error {
	seq, _, err := db.Look().Head(ctx)
	if err != nil {
		return err
	}
	return db.VerifyChain(ctx, max(1, seq-lately+1), seq)
}

// VerifyChain checks links of the chain, any number of them.
func (db *DB) VerifyChain(ctx context.Context, from, to int64) error {
	v, err := db.Look().Verify(ctx, from, to)
	if err != nil || v.Valid {
		return err
	}
	return &ChainError{fmt.Sprintf("the chain of entries does not hold at number %d: the secret is not the one that it was sealed with, or an entry was changed", *v.BrokenAt)}
}

// KeepHead exports the head now and then every interval until ctx ends, and logs
// each: a log that leaves the machine is a second place.
func (db *DB) KeepHead(ctx context.Context, path string, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if h, err := db.ExportHead(ctx, path); err != nil {
			db.config.Log.Warn("the chain's head was not exported", "err", err)
		} else {
			db.config.Log.Info("chain head", "seq", h.Seq, "hash", h.Hash)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
