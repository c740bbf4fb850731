package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// filesOf is where the contents of a backup's attachments lie: in a folder beside
// it, each under its digest.
func filesOf(path string) string { return path + ".files" }

// copyFiles puts the contents that a copy of the database needs beside it. Where
// both lie on one disk they are the same files under another name: nobody ever
// writes into them.
func (db *DB) copyFiles(ctx context.Context, path string) error {
	pool, err := openCopy(path)
	if err != nil {
		return err
	}
	copied := &DB{dialect: sqliteDialect{}, read: pool}
	all, err := copied.Look().contents(ctx)
	if err = errors.Join(err, pool.Close()); err != nil {
		return fmt.Errorf("copy the files: %w", err)
	}
	into := &Files{dir: filesOf(path)}
	for _, c := range all {
		if err := errors.Join(ctx.Err(), linkOrCopy(db.files.place(c.sha256), into.place(c.sha256))); err != nil {
			return fmt.Errorf("copy the files: %w", err)
		}
	}
	return nil
}

func linkOrCopy(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Link(from, to); err == nil || errors.Is(err, fs.ErrExist) {
		return syncPath(filepath.Dir(to))
	}
	return errors.Join(copyFile(from, to), syncPath(filepath.Dir(to)))
}

// checkFiles holds the contents beside a copy against what it needs, byte by byte.
func (db *DB) checkFiles(ctx context.Context, path string, m *Manifest) error {
	var there bool
	if _, err := db.Look().one(ctx, []any{&there}, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'attachments'"); err != nil || !there {
		return err // a copy of an older schema
	}
	var err error
	m.Files, m.FileBytes, err = (&Files{db: db, dir: filesOf(path)}).check(ctx)
	return err
}

// Check reads every content that an attachment needs and holds it against its
// digest; it returns how many there are.
func (f *Files) Check(ctx context.Context) (files int64, err error) {
	files, _, err = f.check(ctx)
	return files, err
}

func (f *Files) check(ctx context.Context) (files, bytes int64, err error) {
	all, err := f.db.Look().contents(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, c := range all {
		size, sum, err := sumFile(f.place(c.sha256))
		if err != nil {
			return files, bytes, fmt.Errorf("the content of an attachment is missing: %w", err)
		}
		if size != c.size || sum != c.sha256 {
			return files, bytes, fmt.Errorf("the content %s of an attachment is damaged", c.sha256)
		}
		files, bytes = files+1, bytes+size
	}
	return files, bytes, ctx.Err()
}

// restoreFiles brings the contents beside a backup into a data folder. What lies
// there stays: a content is never another one.
func restoreFiles(from, dir string) error {
	source := filesOf(from)
	err := filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		into := (&Files{dir: filepath.Join(dir, filesFolder)}).place(d.Name())
		if _, err := os.Stat(into); err == nil {
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(into), 0o700); err != nil {
			return err
		}
		return errors.Join(copyFile(path, into), syncPath(filepath.Dir(into)))
	})
	return ignoreMissing(err)
}
