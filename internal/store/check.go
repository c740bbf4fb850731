package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Unclean reports that the register was not closed in order the last time: its
// process was killed, or the machine stopped.
func (db *DB) Unclean() bool { return db.unclean }

// QuickCheck has SQLite look through its whole file. A register in which it finds
// something takes no more writes.
func (db *DB) QuickCheck(ctx context.Context) error {
	if db.config.URL != "" {
		return nil // PostgreSQL checks its own pages
	}
	flaws, err := quickCheck(ctx, db.read)
	if err != nil {
		return db.understand(err)
	}
	if len(flaws) > 0 {
		err = fmt.Errorf("the database is damaged: %s", strings.Join(flaws, "; "))
		db.fail(err)
	}
	return err
}

// Pragmas reads back what durability hangs on, on both handles.
func (db *DB) Pragmas(ctx context.Context) error {
	if db.config.URL != "" {
		return nil
	}
	for _, pool := range []*sql.DB{db.read} { // the writer's connection is its own and was checked when it was opened
		if err := checkPragmas(ctx, pool); err != nil {
			return err
		}
	}
	return nil
}

// quickCheck lists what SQLite finds wrong, nothing if all is well.
func quickCheck(ctx context.Context, pool *sql.DB) (flaws []string, err error) {
	rows, err := pool.QueryContext(ctx, "PRAGMA quick_check(20)")
	if err != nil {
		return nil, fmt.Errorf("quick_check: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, fmt.Errorf("quick_check: %w", err)
		}
		if line != "ok" {
			flaws = append(flaws, line)
		}
	}
	return flaws, rows.Err()
}

// quickCheckFile is quickCheck for a file that nobody has open.
func quickCheckFile(ctx context.Context, path string) ([]string, error) {
	pool, err := openCopy(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = pool.Close() }() // it only read
	return quickCheck(ctx, pool)
}

// openCopy opens a file that nobody writes, without leaving anything beside it.
func openCopy(path string) (*sql.DB, error) {
	pool, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&immutable=1&_query_only=1")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	pool.SetMaxOpenConns(2)
	return pool, nil
}
