package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"rapport/internal/fault"
)

// folderLock keeps a second process from serving the same file.
type folderLock struct{ file *os.File }

func lockFolder(dir string) (*folderLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder's lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another rapport already serves the data folder %s: stop it first, or set RAPPORT_DATA to another folder", dir), f.Close())
	}
	return &folderLock{f}, nil
}

func (l *folderLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close() // closing lets go of the lock
}

// running is the file that lies in the folder while its register is open: one
// that is there at the start tells of a stop that was no orderly one.
const running = "running"

func (db *DB) markRunning() error {
	path := filepath.Join(db.config.Dir, running)
	if _, err := os.Stat(path); err == nil {
		db.unclean = true
		return nil
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return fmt.Errorf("the data folder: %w", err)
	}
	return nil
}

// unmarkRunning keeps the mark after a failure, so that the next start checks.
func (db *DB) unmarkRunning() error {
	if db.lock == nil || db.failed.Load() != nil {
		return nil
	}
	return ignoreMissing(os.Remove(filepath.Join(db.config.Dir, running)))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// inodesIn are the files that a register is written to, by their inodes.
func inodesIn(dir string) map[string]uint64 {
	inodes := map[string]uint64{}
	for _, name := range []string{file, file + "-wal"} {
		inodes[name] = inode(filepath.Join(dir, name))
	}
	return inodes
}

// moved tells that one of the database's files was replaced or removed under a
// running register: what is written then is written into nowhere.
func (db *DB) moved() error {
	if db.writer == nil {
		return nil
	}
	for name, was := range db.writer.inodes {
		if was != 0 && inode(filepath.Join(db.config.Dir, name)) != was {
			return fmt.Errorf("the file %s was replaced or removed while the register runs", name)
		}
	}
	return nil
}

// lookEvery is how often the writer looks for its files.
const lookEvery = 100 * time.Millisecond

// inPlace stops all writing once a file has gone.
func (w *writer) inPlace() error {
	if now := time.Now(); now.Sub(w.looked) > lookEvery {
		w.looked = now
		if err := w.db.moved(); err != nil {
			w.db.fail(err)
			return fault.New(fault.DependencyUnavailable, "The database failed; the change was not made.").Because(err)
		}
	}
	return nil
}

func inode(path string) uint64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return sys.Ino
	}
	return 0
}

// FreeDisk is how many bytes the disk under a folder has left for this process.
func FreeDisk(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("read the free disk: %w", err)
	}
	return s.Bavail * uint64(s.Bsize), nil //nolint:gosec // a block's size is positive
}

// spare is what a disk must have left for the register to be ready.
const spare = 16 << 20

// Disk reports that the disk under the register is all but full. Reading goes on
// then, and writing does again once there is space.
func (db *DB) Disk() error {
	if db.config.URL != "" {
		return nil // PostgreSQL's disk is not ours to see
	}
	free, err := FreeDisk(db.config.Dir)
	if err == nil && free < spare {
		err = fmt.Errorf("only %d MiB are left on the disk", free>>20)
	}
	return err
}

// replaceFile writes a file whole or not at all, and has it on the disk.
func replaceFile(path string, content []byte) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// syncPath has a file, or a folder's names, on the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Clear removes the register from a folder that nobody serves. The secret stays.
func Clear(dir string) (err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	for _, name := range []string{file, file + "-wal", file + "-shm", HeadFile, running} {
		if err := ignoreMissing(os.Remove(filepath.Join(dir, name))); err != nil {
			return err
		}
	}
	return os.RemoveAll(filepath.Join(dir, filesFolder))
}
