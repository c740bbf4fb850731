package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"rapport/internal/fault"
	"rapport/internal/register"
)

// Files are the contents of attachments in the data folder, each under its digest:
// the same bytes lie there once, and nothing there is ever written again.
type Files struct {
	db  *DB
	dir string
	mu  sync.RWMutex // held for reading from where a content is put until its row is committed
}

// filesFolder is where the contents lie in a data folder.
const filesFolder = "files"

// Files are the contents of the register's attachments.
func (db *DB) Files() *Files { return db.files }

// Taken is a content that was received whole and has no place yet.
type Taken struct {
	SHA256 string
	Size   int64
	Head   []byte // the first bytes, by which its type is told
	files  *Files
	path   string
}

// headSize is how many bytes tell a content's type.
const headSize = 512

// Take receives a content of up to limit bytes. Whoever takes it drops it; one
// that is too large leaves nothing behind.
func (f *Files) Take(r io.Reader, limit int64) (t *Taken, err error) {
	t = &Taken{files: f, path: filepath.Join(f.dir, "incoming", rand.Text())}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o700); err != nil {
		return nil, Full(fmt.Errorf("the folder of files: %w", err))
	}
	file, err := os.OpenFile(t.path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return nil, Full(fmt.Errorf("keep a file: %w", err))
	}
	sum, head := sha256.New(), &start{}
	t.Size, err = io.Copy(io.MultiWriter(file, sum, head), io.LimitReader(r, limit+1))
	if err == nil && t.Size > limit {
		err = fault.New(fault.PayloadTooLarge, "A file may have at most %d bytes.", limit).With("max_bytes", limit)
	}
	if err == nil {
		err = file.Sync()
	}
	t.SHA256, t.Head = hex.EncodeToString(sum.Sum(nil)), head.bytes
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(Full(err), t.Drop())
	}
	return t, nil
}

// start keeps the first bytes that are written to it.
type start struct{ bytes []byte }

func (s *start) Write(p []byte) (int, error) {
	s.bytes = append(s.bytes, p[:min(len(p), headSize-len(s.bytes))]...)
	return len(p), nil
}

// Full tells a disk that is full from other failures of writing a file.
func Full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.StorageFull, "The disk is full; the file was not kept.").Because(err)
	}
	return err
}

// Drop removes what was taken and not placed; otherwise it does nothing.
func (t *Taken) Drop() error { return ignoreMissing(os.Remove(t.path)) }

// Placed puts the content into its place and has commit write the row that needs
// it. Both are on the disk when it returns, the content first; should commit fail,
// the sweep finds what no row needs.
func (t *Taken) Placed(commit func() error) error {
	t.files.mu.RLock()
	defer t.files.mu.RUnlock()
	place := t.files.place(t.SHA256)
	if info, err := os.Stat(place); err == nil && info.Size() == t.Size {
		now := time.Now()
		if err := errors.Join(os.Chtimes(place, now, now), t.Drop()); err != nil {
			return fmt.Errorf("keep a file: %w", err)
		}
		return commit()
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
		return Full(fmt.Errorf("the folder of files: %w", err))
	}
	if err := errors.Join(os.Rename(t.path, place), syncPath(filepath.Dir(place)), syncPath(t.files.dir)); err != nil {
		return Full(fmt.Errorf("keep a file: %w", err))
	}
	return commit()
}

// place is where a content lies: in one of 256 folders.
func (f *Files) place(sha256 string) string { return filepath.Join(f.dir, sha256[:2], sha256) }

// Open opens a content for reading.
func (f *Files) Open(sha256 string) (*os.File, error) {
	file, err := os.Open(f.place(sha256))
	if err != nil {
		return nil, fmt.Errorf("the content of an attachment: %w", err)
	}
	return file, nil
}

// Grace is how long a content stays that no attachment needs: one may just be on
// its way, or a backup may be under way.
const Grace = time.Hour

// aDigest is what the name of a content looks like.
var aDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Sweep removes the contents that no attachment has needed for a while, and what
// uploads that broke off left behind.
func (f *Files) Sweep(ctx context.Context, grace time.Duration) (removed int, err error) {
	err = filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || ctx.Err() != nil {
			return errors.Join(ignoreMissing(err), ctx.Err())
		}
		info, err := d.Info()
		if err != nil || time.Since(info.ModTime()) < grace {
			return ignoreMissing(err)
		}
		gone, err := f.sweep(ctx, path, d.Name(), grace)
		if gone {
			removed++
		}
		return err
	})
	return removed, ignoreMissing(err)
}

func (f *Files) sweep(ctx context.Context, path, name string, grace time.Duration) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if info, err := os.Stat(path); err != nil || time.Since(info.ModTime()) < grace {
		return false, ignoreMissing(err) // it was needed again just now
	}
	if aDigest.MatchString(name) {
		needed, err := f.db.Look().needed(ctx, name, register.At(f.db.config.Now().Add(-grace)))
		if err != nil || needed {
			return false, err
		}
	}
	err := os.Remove(path)
	return err == nil, ignoreMissing(err)
}
