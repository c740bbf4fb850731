package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/flow"
	"rapport/internal/register"
)

// ErrNone says that there is no such record, or none that the caller may see.
var ErrNone = errors.New("no such record")

// Name is how a path or a body names a record.
type Name = register.Name

// ParseName reads an id or a ref of n. Anything else names nothing.
func ParseName(n *register.Noun, s string) (Name, error) {
	name, ok := register.ParseName(n, s)
	if !ok {
		return Name{}, ErrNone
	}
	return name, nil
}

// IDs finds the ids of records that are named by their refs or keys, as far as
// sight shows them, in one query for all.
func (tx *Tx) IDs(ctx context.Context, n *register.Noun, names []Name, sight *Sight) (map[Name]string, error) {
	var nums, keys []any
	for _, name := range names {
		if name.Key != "" {
			keys = append(keys, name.Key)
		} else {
			nums = append(nums, name.Num)
		}
	}
	found := make(map[Name]string, len(names))
	read := func(column string, values []any, name func(cell []byte) Name) error {
		for some := range slices.Chunk(values, chunk) {
			b := &builder{}
			b.and("t."+column+" IN ("+marks(len(some))+")", some...)
			cond, args := sight.records(n, "t")
			b.and(cond, args...)
			err := tx.each(ctx, 2, func(r register.Row) error {
				found[name(r[1])] = string(r[0])
				return nil
			}, "SELECT t.id, t."+column+" FROM "+n.Table+" t"+b.sql(), b.args...)
			if err != nil {
				return err
			}
		}
		return nil
	}
	err := read("num", nums, func(cell []byte) Name {
		num, _ := strconv.ParseInt(string(cell), 10, 64) // our own number
		return Name{Num: num}
	})
	if err == nil && len(keys) > 0 {
		err = read(n.Key.SQLColumn(), keys, func(cell []byte) Name { return Name{Key: string(cell)} })
	}
	return found, err
}

// Get reads the row of one record, removed or not; ErrNone if there is none that
// sight shows.
func (tx *Tx) Get(ctx context.Context, n *register.Noun, name Name, sight *Sight) (row register.Row, err error) {
	if row = tx.holds(n, name, sight); row != nil {
		return slices.Clone(row), nil
	}
	b := &builder{}
	switch {
	case name.ID != "":
		b.and("t.id = ?", name.ID)
	case name.Key != "":
		b.and("t."+n.Key.SQLColumn()+" = ?", name.Key)
	default:
		b.and("t.num = ?", name.Num)
	}
	cond, args := sight.records(n, "t")
	b.and(cond, args...)
	row, err = tx.row(ctx, n.Width(), "SELECT "+sqlOf(n).columns+" FROM "+n.Table+" t"+b.sql(), b.args...)
	if err == nil && row == nil {
		err = ErrNone
	}
	if err == nil {
		tx.hold(n, name.ID, row)
	}
	return row, err
}

// Rows reads the rows with the given ids that sight shows.
func (tx *Tx) Rows(ctx context.Context, n *register.Noun, ids []string, sight *Sight) (rows []register.Row, err error) {
	for some := range slices.Chunk(ids, chunk) {
		b := &builder{}
		b.and("t.id IN ("+marks(len(some))+")", anys(some)...)
		cond, args := sight.records(n, "t")
		b.and(cond, args...)
		err = tx.each(ctx, n.Width(), func(r register.Row) error {
			rows = append(rows, r)
			return nil
		}, "SELECT "+sqlOf(n).columns+" FROM "+n.Table+" t"+b.sql(), b.args...)
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// Labels reads how the wanted records are named, one query per noun. What sight
// does not show gets no label.
func (tx *Tx) Labels(ctx context.Context, wanted map[string]map[string]bool, sight *Sight) (register.Labels, error) {
	labels := register.Labels{}
	for noun, ids := range wanted {
		n := register.ByName(noun)
		if n == nil {
			continue
		}
		labels[noun] = make(map[string]register.Label, len(ids))
		list := make([]string, 0, len(ids))
		for id := range ids {
			list = append(list, id)
		}
		if err := tx.labels(ctx, n, list, sight, labels[noun]); err != nil {
			return nil, err
		}
	}
	return labels, nil
}

func (tx *Tx) labels(ctx context.Context, n *register.Noun, ids []string, sight *Sight, into map[string]register.Label) error {
	title := "''"
	if n.TitleField != nil {
		title = "t." + n.TitleField.Name
	}
	for some := range slices.Chunk(ids, chunk) {
		b := &builder{}
		b.and("t.id IN ("+marks(len(some))+")", anys(some)...)
		cond, args := sight.records(n, "t")
		b.and(cond, args...)
		err := tx.each(ctx, 3, func(r register.Row) error {
			into[string(r[0])] = register.Label{Ref: n.Ref(r[1]), Name: string(r[2])}
			return nil
		}, "SELECT t.id, t.num, "+title+" FROM "+n.Table+" t"+b.sql(), b.args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Match reads the rows of records that meet all of where, which is written by
// our own guards and never by a request. Removed records do not count.
func (tx *Tx) Match(ctx context.Context, n *register.Noun, where flow.Where, limit int) (rows []register.Row, err error) {
	if ofNone(where) {
		return nil, nil
	}
	return tx.listed(n, fmt.Sprintf("%q %d", where, limit), func() (rows []register.Row, err error) {
		b := whereOf(n, where)
		err = tx.each(ctx, n.Width(), func(r register.Row) error {
			rows = append(rows, r)
			return nil
		}, "SELECT "+sqlOf(n).columns+" FROM "+n.Table+" t"+b.sql()+" ORDER BY t.id"+upTo(limit), b.args...)
		return rows, err
	})
}

// Newest is Match for the records with the greatest values of by, the greatest
// first; those without a value do not count.
func (tx *Tx) Newest(ctx context.Context, n *register.Noun, where flow.Where, by string, limit int) (rows []register.Row, err error) {
	query, args := newestSQL(n, sqlOf(n).columns, where, n.Field(by), limit)
	err = tx.each(ctx, n.Width(), func(r register.Row) error {
		rows = append(rows, r)
		return nil
	}, query, args...)
	return rows, err
}

func newestSQL(n *register.Noun, columns string, where flow.Where, by *register.Field, limit int) (string, []any) {
	b := whereOf(n, where)
	if by.Nullable {
		b.and("t." + by.Name + " IS NOT NULL")
	}
	return "SELECT " + columns + " FROM " + n.Table + " t" + b.sql() + " ORDER BY t." + by.Name + " DESC, t.id DESC" + upTo(limit), b.args
}

// Count counts the records that meet all of where.
func (tx *Tx) Count(ctx context.Context, n *register.Noun, where flow.Where) (count int64, err error) {
	return tx.CountSeen(ctx, n, where, nil)
}

// CountSeen is Count of the records that sight shows.
func (tx *Tx) CountSeen(ctx context.Context, n *register.Noun, where flow.Where, sight *Sight) (count int64, err error) {
	if ofNone(where) {
		return 0, nil
	}
	b := whereOf(n, where)
	cond, args := sight.records(n, "t")
	b.and(cond, args...)
	_, err = tx.one(ctx, []any{&count}, "SELECT count(*) FROM "+n.Table+" t"+b.sql(), b.args...)
	return count, err
}

func whereOf(n *register.Noun, where flow.Where) *builder {
	b := &builder{}
	b.and("t.deleted_at IS NULL")
	for _, key := range slices.Sorted(maps.Keys(where)) { // the same question in the same words: it is prepared once
		value := where[key]
		name, op, _ := strings.Cut(key, " ")
		f := n.Field(name)
		if f == nil {
			panic("store: " + n.Name + " has no field " + name) // a guard of ours is wrong
		}
		b.and(guardCond(n, f, op, value), guardArgs(value)...)
	}
	return b
}

// ofNone reports whether where asks for one of no values: no record meets it, and the
// database need not be asked.
func ofNone(where flow.Where) bool {
	for _, value := range where {
		if value != nil && len(guardArgs(value)) == 0 {
			return true
		}
	}
	return false
}

func guardCond(n *register.Noun, f *register.Field, op string, value any) string {
	many := len(guardArgs(value))
	switch {
	case f.Many || f.Terms:
		return linkCond(n, "t", Cond{Field: f, Op: "any", Values: make([]any, many)})
	case value == nil && op == "<>":
		return "t." + f.Name + " IS NOT NULL"
	case value == nil:
		return "t." + f.Name + " IS NULL"
	case many == 0:
		return "1 = 0" // one of no values
	case op == "<>":
		return "(t." + f.Name + " NOT IN (" + marks(many) + ") OR t." + f.Name + " IS NULL)"
	case op == "":
		return "t." + f.Name + " IN (" + marks(many) + ")"
	case op == "folded":
		return "t." + f.SQLColumn() + " = ?"
	case op == "until":
		return fieldCond(n, "t", Cond{Field: f, Op: op})
	default:
		return "t." + f.Name + " " + op + " ?"
	}
}

func guardArgs(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []string:
		return anys(v)
	case []flow.State:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = string(s)
		}
		return out
	case flow.State:
		return []any{string(v)}
	case register.Date:
		return []any{string(v)}
	case register.Instant:
		return []any{string(v)}
	}
	return []any{value}
}

// ByExternalID finds the record that another system calls so; "" if there is none.
func (tx *Tx) ByExternalID(ctx context.Context, n *register.Noun, system, key string) (id string, err error) {
	_, err = tx.one(ctx, []any{&id}, "SELECT record_id FROM external_ids WHERE kind = ? AND system = ? AND key = ?", n.Name, system, key)
	return id, err
}

// ReferenceCount is how many standing records name a record through one field.
type ReferenceCount struct {
	Noun  *register.Noun
	Field *register.Field
	Count int64
}

// References counts the standing records that name a record and that sight shows,
// by noun and field, customs among them. What is derived does not count: it follows
// from other records.
func (tx *Tx) References(ctx context.Context, target, id string, customs []CustomReference, sight *Sight) (counts []ReferenceCount, err error) {
	counts, err = tx.customReferences(ctx, id, customs, sight)
	if err != nil {
		return nil, err
	}
	for _, r := range register.ReferencesTo(target) {
		if r.Field.Circle == register.Derived {
			continue
		}
		b := whereOf(r.Noun, nil)
		cond, args := sight.records(r.Noun, "t")
		b.and(cond, args...)
		if r.Field.Many || r.Field.Holds != "" {
			b.and(linkCond(r.Noun, "t", Cond{Field: r.Field, Op: "any", Values: []any{id}}), id)
		} else {
			b.and("t."+r.Field.Name+" = ?", id)
		}
		c := ReferenceCount{Noun: r.Noun, Field: r.Field}
		if _, err := tx.one(ctx, []any{&c.Count}, "SELECT count(*) FROM "+r.Noun.Table+" t"+b.sql(), b.args...); err != nil {
			return nil, err
		}
		if c.Count > 0 {
			counts = append(counts, c)
		}
	}
	return counts, nil
}

// MatchColumn reads the rows whose column, one of ours, has a value.
func (tx *Tx) MatchColumn(ctx context.Context, n *register.Noun, column, value string) (rows []register.Row, err error) {
	err = tx.each(ctx, n.Width(), func(r register.Row) error {
		rows = append(rows, r)
		return nil
	}, "SELECT "+sqlOf(n).columns+" FROM "+n.Table+" t WHERE t."+column+" = ? LIMIT 10", value)
	return rows, err
}

// Identity is the standing binding of what an issuer calls somebody, to the letter;
// nil if there is none.
func (tx *Tx) Identity(ctx context.Context, issuer, subject string) (found register.Row, err error) {
	n := register.Identities
	err = tx.each(ctx, n.Width(), func(r register.Row) error {
		found = r
		return nil
	}, "SELECT "+sqlOf(n).columns+" FROM identities t WHERE t.issuer = ? AND t.subject = ? AND t.state = 'active' AND t.deleted_at IS NULL", issuer, subject)
	return found, err
}

// Visit reads some columns of the records that meet all of where and that sight
// shows, for measures that count many of them.
func (tx *Tx) Visit(ctx context.Context, n *register.Noun, columns []string, where flow.Where, sight *Sight, visit func(cells register.Row) error) error {
	b := whereOf(n, where)
	cond, args := sight.records(n, "t")
	b.and(cond, args...)
	return tx.each(ctx, len(columns), visit, "SELECT t."+strings.Join(columns, ", t.")+" FROM "+n.Table+" t"+b.sql(), b.args...)
}
