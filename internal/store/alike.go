package store

import (
	"context"
	"strings"

	"rapport/internal/fold"
	"rapport/internal/measure"
	"rapport/internal/register"
)

// Claims are what a record wants for itself: the names that other systems have for
// it, each of which is one record's only, and values that few share.
type Claims struct {
	External []register.ExternalID
	Values   []register.Likeness
}

// Kin says among which records those like another are looked for.
type Kin struct {
	Noun   *register.Noun
	Sight  *Sight
	Before int64 // only records entered before the one with this number; 0 = all
	Limit  int   // of each value, and of names
}

// Claimed finds who has what is claimed: the records that other systems call so,
// whoever sees them, and the standing ones that share a value as far as sight shows
// them, the oldest first. It is one statement, each part of which an index serves,
// and none at all where nothing is claimed.
func (tx *Tx) Claimed(ctx context.Context, k Kin, claims Claims) (owners, sharers []string, err error) {
	query, args := k.claimedSQL(claims)
	if query == "" {
		return nil, nil, nil
	}
	err = tx.each(ctx, 2, func(r register.Row) error {
		if string(r[0]) == "0" {
			owners = append(owners, string(r[1]))
		} else {
			sharers = append(sharers, string(r[1]))
		}
		return nil
	}, query, args...)
	return owners, sharers, err
}

func (k Kin) claimedSQL(claims Claims) (string, []any) {
	parts, args := make([]string, 0, 4), make([]any, 0, 12)
	for _, x := range claims.External {
		parts = append(parts, "SELECT 0, record_id FROM external_ids WHERE kind = ? AND system = ? AND key = ?")
		args = append(args, k.Noun.Name, x.System, x.Key)
	}
	for _, l := range claims.Values {
		part, values := k.sharersSQL(k.Noun.Field(l.Field), l.Value)
		parts, args = append(parts, part), append(args, values...)
	}
	if len(parts) > 1 {
		for i, part := range parts {
			parts[i] = "SELECT * FROM (" + part + ") s" // each with its own end
		}
	}
	return strings.Join(parts, " UNION ALL "), args
}

// sharersSQL finds those that have a value in a field.
func (k Kin) sharersSQL(f *register.Field, value string) (string, []any) {
	from, by, b := k.Noun.Table+" t", "t.id", &builder{}
	if f.Many || f.Terms {
		from, by = "links l JOIN "+k.Noun.Table+" t ON t.id = l.record_id", "l.record_id"
		b.and("l.kind = ? AND l.field = ? AND l.target = ?", k.Noun.Name, f.Name, f.Term(value))
	} else {
		b.and("t."+f.SQLColumn()+" = ?", f.Term(value))
	}
	k.narrow(b)
	return "SELECT 1, t.id FROM " + from + b.sql() + " ORDER BY " + by + upTo(k.Limit), b.args
}

func (k Kin) narrow(b *builder) {
	b.and("t.deleted_at IS NULL")
	if k.Before > 0 {
		b.and("t.num < ?", k.Before)
	}
	cond, args := k.Sight.records(k.Noun, "t")
	b.and(cond, args...)
}

// Namesake is a record with its name.
type Namesake struct{ ID, Name string }

// Namesakes finds standing records whose names share a key with a name, the latest
// first: of those may be such as are near. The index of words holds the keys.
func (tx *Tx) Namesakes(ctx context.Context, k Kin, name string) (found []Namesake, err error) {
	keys := nameKeys(k.Noun, strings.Join(fold.Words(name), " "))
	if len(keys) == 0 {
		return nil, nil
	}
	query, args := tx.namesakesSQL(k, keys)
	err = tx.each(ctx, 2, func(r register.Row) error {
		found = append(found, Namesake{string(r[0]), string(r[1])})
		return nil
	}, query, args...)
	return found, err
}

func (tx *Tx) namesakesSQL(k Kin, keys []string) (string, []any) {
	b, args := &builder{}, []any{tx.db.dialect.any(keys)}
	if k.Before > 0 {
		args = append(args, k.Before) // for the index of words, beside that for the records
	}
	k.narrow(b)
	columns, conds := "t.id, t."+k.Noun.TitleField.Name, strings.Join(b.where, " AND ")
	return tx.db.dialect.namesakesSQL(k.Noun.Table, columns, conds, k.Before > 0, upTo(k.Limit)), append(args, b.args...)
}

// nameKeys are the words by which the index finds names near to one, of those nouns
// whose records are held against each other. They begin with a letter that nobody
// looks for, and are short enough to be a word on both databases.
func nameKeys(n *register.Noun, folded string) []string {
	if n.Alike == nil || n.TitleField == nil || !searched(n) {
		return nil
	}
	keys := measure.NameKeys(measure.NameWords(strings.Fields(folded)))
	for i, key := range keys {
		if runes := []rune(key); len(runes) > longestKey {
			key = string(runes[:longestKey])
		}
		keys[i] = keyMark + key
	}
	return keys
}

const (
	keyMark    = "ꟼ"
	longestKey = 80
)

func (sqliteDialect) namesakesSQL(table, columns, conds string, before bool, limit string) string {
	index := table + "_fts"
	if before {
		conds = index + ".docid < ? AND " + conds
	}
	return "SELECT " + columns + " FROM " + index + " CROSS JOIN " + table + " t ON t.num = " + index + ".docid WHERE " +
		index + " MATCH ? AND " + conds + " ORDER BY " + index + ".docid DESC" + limit
}

func (sqliteDialect) any(words []string) string { return `"` + strings.Join(words, `" OR "`) + `"` }

func (postgresDialect) namesakesSQL(table, columns, conds string, before bool, limit string) string {
	if before {
		conds = "s.num < ? AND " + conds
	}
	return "SELECT " + columns + " FROM search_texts s JOIN " + table + " t ON t.num = s.num WHERE s.kind = '" + table + "' AND s.words @@ to_tsquery('simple', ?) AND " +
		conds + " ORDER BY s.num DESC" + limit
}

func (postgresDialect) any(words []string) string { return strings.Join(words, " | ") }
