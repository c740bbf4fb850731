package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"

	"rapport/internal/register"
)

// Picture is a digest of what the database holds: two pictures are equal when
// nothing changed between them. It reads every row; it is for tests and doctors.
type Picture struct {
	Hash     string
	Versions int64  // the sum of the versions of all records
	Entries  int64  // the entries that tell of a version
	All      int64  // all entries
	Work     string // of the tables of what is done beside the requests
}

// spine are the tables that are no nouns', without what sealing adds later.
var spine = map[string]string{
	"entries": strings.Replace(entryColumns, "seq, hash, ", "", 1), "links": "*", "external_ids": "*", "guarded": "*", "named": "*", "idempotency": "key, fingerprint, status, body, created_at",
}

// beside are the tables of what is done beside the requests.
var beside = []string{"jobs"}

// Picture takes one.
func (tx *Tx) Picture(ctx context.Context) (p Picture, err error) {
	sum := sha256.New()
	digest := func(table, columns string) error {
		rows, err := tx.query(ctx, "SELECT "+columns+" FROM "+table+" ORDER BY 1, 2")
		if err != nil {
			return err
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		raw, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
		for i := range raw {
			into[i] = &raw[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return err
			}
			for _, cell := range raw {
				fmt.Fprintf(sum, "%d:%s,", len(cell), cell)
			}
		}
		return rows.Err()
	}
	for _, n := range register.All() {
		if err := digest(n.Table, "*"); err != nil {
			return p, err
		}
		var versions int64
		if _, err := tx.one(ctx, []any{&versions}, "SELECT coalesce(sum(version), 0) FROM "+n.Table); err != nil {
			return p, err
		}
		p.Versions += versions
	}
	for _, table := range []string{"entries", "links", "external_ids", "guarded", "named", "idempotency"} {
		if err := digest(table, spine[table]); err != nil {
			return p, err
		}
	}
	p.Hash = hex.EncodeToString(sum.Sum(nil))
	sum.Reset()
	for _, table := range beside {
		if err := digest(table, "*"); err != nil {
			return p, err
		}
	}
	p.Work = hex.EncodeToString(sum.Sum(nil))
	_, err = tx.one(ctx, []any{&p.All, &p.Entries}, "SELECT count(*), count(version) FROM entries")
	return p, err
}
