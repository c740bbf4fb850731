package store

import (
	"context"
	"database/sql"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"

	"rapport/internal/register"
)

// Picture is what the database holds, digested, so that two pictures tell what
// happened between them. It reads every row; it is for tests and doctors.
type Picture struct {
	Tables  map[string]uint64 // every table, by its name
	Records map[string]Stand  // every record, by its noun and its id
	Told    map[string]int    // the entries that tell of a version of it
	Aside   map[string]uint64 // what stands beside it: links and external ids
	All     int64             // all entries
}

// Stand is how a record stands in a picture.
type Stand struct {
	Version int
	Digest  uint64 // without what is derived from other records
}

// spine are the tables that are no nouns', without what sealing adds later.
var spine = map[string]string{
	"entries": strings.Replace(entryColumns, "seq, hash, ", "", 1), "links": "kind, record_id, field, target", "sorted_links": "kind, record_id, field, target, sort", "external_ids": "kind, record_id, system, key",
	"custom_values": "kind, record_id, field, value",
	"guarded":       "*", "named": "*", "removed": "*", "idempotency": "key, fingerprint, status, body, created_at",
	"tokens": "*", "security_log": "*",
	"comments": "*", "notifications": "*", "attachments": "*", "veiled": "*", "clocks": "*", "clock_offset": "*",
	// what is done beside the requests
	"jobs": "*", "imports": "*", "import_faults": "*", "import_links": "*",
}

var pictureSeed = maphash.MakeSeed()

// Picture takes one.
func (tx *Tx) Picture(ctx context.Context) (p Picture, err error) {
	p = Picture{Tables: map[string]uint64{}, Records: map[string]Stand{}, Told: map[string]int{}, Aside: map[string]uint64{}}
	filled, err := tx.filled(ctx)
	if err != nil {
		return p, err
	}
	for _, n := range register.All() {
		if !filled[n.Table] {
			continue
		}
		if err := tx.pictureNoun(ctx, n, p); err != nil {
			return p, err
		}
	}
	for table, columns := range spine {
		if !filled[table] {
			continue
		}
		if err := tx.eachRaw(ctx, "SELECT "+columns+" FROM "+table, func(_ []string, cells []sql.RawBytes) {
			digest := digestRow(cells, nil)
			p.Tables[table] += digest
			switch table {
			case "entries":
				p.All++
				if cells[3] != nil { // a version
					p.Told[string(cells[1])+" "+string(cells[2])]++
				}
			case "links", "sorted_links", "external_ids", "custom_values":
				p.Aside[string(cells[0])+" "+string(cells[1])] += digest
			}
		}); err != nil {
			return p, err
		}
	}
	return p, nil
}

// filled are the tables that hold rows: most of a test's are empty, and asking for
// each of them is what a picture would take longest over.
func (tx *Tx) filled(ctx context.Context) (map[string]bool, error) {
	filled := map[string]bool{}
	err := tx.eachRaw(ctx, anyRows(), func(names []string, cells []sql.RawBytes) {
		for i, cell := range cells {
			filled[names[i]] = string(cell) == "1"
		}
	})
	return filled, err
}

// anyRows is the statement that says of every table whether it holds a row.
var anyRows = sync.OnceValue(func() string {
	tables := slices.Collect(maps.Keys(spine))
	for _, n := range register.All() {
		tables = append(tables, n.Table)
	}
	slices.Sort(tables)
	for i, table := range tables {
		tables[i] = "(SELECT 1 FROM " + table + " LIMIT 1) AS " + table
	}
	return "SELECT " + strings.Join(tables, ", ")
})

func (tx *Tx) pictureNoun(ctx context.Context, n *register.Noun, p Picture) error {
	var derived []bool
	var id, version int
	return tx.eachRaw(ctx, "SELECT * FROM "+n.Table, func(names []string, cells []sql.RawBytes) {
		if derived == nil {
			derived = make([]bool, len(names))
			for i, name := range names {
				f := n.Field(strings.TrimSuffix(name, "_folded"))
				derived[i] = f != nil && f.Circle == register.Derived
				switch name {
				case "id":
					id = i
				case "version":
					version = i
				}
			}
		}
		p.Tables[n.Table] += digestRow(cells, nil)
		count := 0
		for _, digit := range cells[version] {
			count = count*10 + int(digit-'0')
		}
		p.Records[n.Name+" "+string(cells[id])] = Stand{count, digestRow(cells, derived)}
	})
}

// digestRow digests a row's cells but those left out. The digests of a table's
// rows are added up, so that their order does not matter.
func digestRow(cells []sql.RawBytes, without []bool) uint64 {
	var h maphash.Hash
	h.SetSeed(pictureSeed)
	for i, cell := range cells {
		if without != nil && without[i] {
			continue
		}
		if cell == nil {
			_ = h.WriteByte(0)
			continue
		}
		_, _ = h.Write(cell)
		_ = h.WriteByte(1)
	}
	return h.Sum64()
}

// eachRaw calls fn for every row of a query, with cells that are fn's until it returns.
func (tx *Tx) eachRaw(ctx context.Context, query string, fn func(names []string, cells []sql.RawBytes)) error {
	rows, err := tx.query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	cells, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		fn(names, cells)
	}
	return rows.Err()
}
