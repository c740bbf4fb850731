package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// head is where the chain of sealed entries stands.
type head struct {
	seq  int64
	hash string
}

// seal gives an entry the next number and the link to the entry before: an HMAC
// over what must not change afterwards. The personal half is linked by its digest,
// so that its erasure leaves the chain valid.
func (db *DB) seal(h *head, e *Entry) {
	h.seq++
	e.Seq, e.Hash = new(int64), db.link(h.seq, h.hash, e)
	*e.Seq, h.hash = h.seq, e.Hash
}

// link is the hash of one entry in the chain.
func (db *DB) link(seq int64, previous string, e *Entry) string {
	version := 0
	if e.Version != nil {
		version = *e.Version
	}
	text, _ := json.Marshal([]any{seq, previous, e.Kind, e.RecordID, version, e.Action, e.Transition, e.ActorID, e.At, digest(e.Changes), e.PersonalDigest})
	mac := hmac.New(sha256.New, db.config.ChainKey)
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil))
}

func readHead(ctx context.Context, q querier, d dialect) (h head, err error) {
	err = q.QueryRowContext(ctx, d.bind("SELECT seq, hash FROM entries WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1")).Scan(&h.seq, &h.hash)
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, nil
	}
	if err != nil {
		return head{}, fmt.Errorf("read the chain's head: %w", err)
	}
	return h, nil
}

// Head is the number and the hash of the last sealed entry: kept elsewhere, it
// shows when entries were cut off.
func (tx *Tx) Head(ctx context.Context) (seq int64, hash string, err error) {
	h, err := readHead(ctx, tx.q, tx.db.dialect)
	return h.seq, h.hash, err
}

// Sealed reads sealed entries after a number and up to another, in their order. It
// leaves out what the caller may not see; kinds are those to read, none for all. They
// are read by their numbers: by their kinds, all of a kind would have to be sorted.
func (tx *Tx) Sealed(ctx context.Context, after, through int64, s *Sight, kinds []string, limit int) ([]Entry, error) {
	where, args := "WHERE seq > ? AND seq <= ?", []any{after, through}
	if cond, more := s.told(); cond != "" {
		where, args = where+" AND "+cond, append(args, more...)
	}
	if len(kinds) > 0 {
		where += " AND kind || '' IN (" + marks(len(kinds)) + ")"
		for _, k := range kinds {
			args = append(args, k)
		}
	}
	return tx.entries(ctx, where+" ORDER BY seq"+upTo(limit), args...)
}

// Verdict is what a check of the chain found.
type Verdict struct {
	Valid         bool   `json:"valid"`
	Checked       int64  `json:"checked"`
	FirstSeq      int64  `json:"first_seq"`
	LastSeq       int64  `json:"last_seq"`
	SealedThrough int64  `json:"sealed_through"`
	Pending       int64  `json:"pending"`
	Erased        int64  `json:"erased"`
	BrokenAt      *int64 `json:"broken_at"`
}

// Verify checks the chain from one number to another: every link, every digest
// and every number in its place.
func (tx *Tx) Verify(ctx context.Context, from, to int64) (v Verdict, err error) {
	v = Verdict{Valid: true, FirstSeq: from, LastSeq: from - 1}
	previous := ""
	if from > 1 {
		if _, err := tx.one(ctx, []any{&previous}, "SELECT hash FROM entries WHERE seq = ?", from-1); err != nil {
			return v, err
		}
	}
	for v.LastSeq < to {
		batch, err := tx.entries(ctx, "WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT 1000", v.LastSeq+1, to)
		if err != nil {
			return v, err
		}
		if len(batch) == 0 {
			break
		}
		for i := range batch {
			if !tx.db.holds(&batch[i], v.LastSeq+1, previous) {
				at := v.LastSeq + 1
				v.Valid, v.BrokenAt = false, &at
				return v, tx.counts(ctx, &v)
			}
			if batch[i].Personal == nil && batch[i].PersonalDigest != "" {
				v.Erased++
			}
			v.Checked++
			v.LastSeq, previous = *batch[i].Seq, batch[i].Hash
		}
	}
	return v, tx.counts(ctx, &v)
}

// holds reports whether an entry is what was sealed, in its place.
func (db *DB) holds(e *Entry, seq int64, previous string) bool {
	if *e.Seq != seq || e.Personal != nil && digest(*e.Personal) != e.PersonalDigest {
		return false
	}
	return hmac.Equal([]byte(e.Hash), []byte(db.link(seq, previous, e)))
}

func (tx *Tx) counts(ctx context.Context, v *Verdict) error {
	if _, err := tx.one(ctx, []any{&v.SealedThrough}, "SELECT coalesce(max(seq), 0) FROM entries"); err != nil {
		return err
	}
	_, err := tx.one(ctx, []any{&v.Pending}, "SELECT count(*) FROM entries WHERE seq IS NULL")
	return err
}

// sealer seals committed entries on PostgreSQL, one at a time per database.
type sealer struct {
	db   *DB
	quit chan struct{}
	done sync.WaitGroup
}

const (
	sealEvery = 50 * time.Millisecond
	sealBatch = 1000
	sealLock  = 7264853 // the advisory lock that makes it the only one
	sealAll   = "UPDATE entries SET seq = s.seq, hash = s.hash FROM unnest($1::bigint[], $2::text[], $3::text[]) s(seq, hash, id) WHERE entries.id = s.id"
)

func startSealer(db *DB) *sealer {
	s := &sealer{db: db, quit: make(chan struct{})}
	s.done.Go(s.loop)
	return s
}

func (s *sealer) stop() {
	close(s.quit)
	s.done.Wait()
}

func (s *sealer) loop() {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-tick.C:
			if err := s.batch(context.Background()); err != nil {
				s.db.config.Log.Error("sealing failed; it will be tried again", "err", err)
			}
		}
	}
}

// batch seals what is committed and not sealed, in the order of ids.
func (s *sealer) batch(ctx context.Context) error {
	pg, err := s.db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = pg.Rollback() }() // nothing to undo after a commit
	var mine bool
	if err := pg.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", sealLock).Scan(&mine); err != nil || !mine {
		return err
	}
	tx := &Tx{db: s.db, q: pg}
	entries, err := tx.entries(ctx, "WHERE seq IS NULL ORDER BY id"+upTo(sealBatch))
	if err != nil || len(entries) == 0 {
		return err
	}
	h, err := readHead(ctx, pg, s.db.dialect)
	if err != nil {
		return err
	}
	seqs, hashes, ids := make([]int64, len(entries)), make([]string, len(entries)), make([]string, len(entries))
	for i := range entries {
		s.db.seal(&h, &entries[i])
		seqs[i], hashes[i], ids[i] = *entries[i].Seq, entries[i].Hash, entries[i].ID
	}
	if _, err := pg.ExecContext(ctx, sealAll, seqs, hashes, ids); err != nil {
		return err
	}
	if err := pg.Commit(); err != nil {
		return err
	}
	s.db.sealed.tell()
	return nil
}

// broadcast wakes all who wait for something to happen.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

func (b *broadcast) tell() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

// Sealings is closed when entries are sealed the next time.
func (db *DB) Sealings() <-chan struct{} {
	db.sealed.mu.Lock()
	defer db.sealed.mu.Unlock()
	if db.sealed.ch == nil {
		db.sealed.ch = make(chan struct{})
	}
	return db.sealed.ch
}
