package store

import (
	"context"
	"slices"
	"strings"

	"rapport/internal/fold"
	"rapport/internal/register"
)

// Query is a page of a noun's records asked for. Its fields come from the noun,
// so they are safe to stand in SQL; its values never do.
type Query struct {
	Noun    *register.Noun
	Where   []Cond
	Among   *Among // only the records that others name; may be nil
	Words   string // full text
	Sort    *register.Field
	Desc    bool
	Limit   int
	After   *Position
	Deleted Deleted
	Sight   *Sight

	lead *Cond // of Where: the records are found by it
	few  bool  // and it leads to few
}

// Among narrows a list to the records that stand in a reference of another noun,
// in those of its records that meet all of Where and that sight shows.
type Among struct {
	Noun  *register.Noun
	Field *register.Field
	Where []Cond
	Or    []Cond // on the records themselves: those that meet one of these are in it too
}

// Cond is one condition, or several under and, or, not.
type Cond = register.Cond

// Position is a place in a sorted list: the sort value (nil for none) and the id
// of the row that was last seen. Back means the page before it.
type Position struct {
	Value any
	ID    string
	Back  bool
}

// Deleted says whether removed records are meant.
type Deleted int

// Which records a list shows.
const (
	Standing Deleted = iota
	All
	Removed
)

// builder collects conditions and their values.
type builder struct {
	where []string
	args  []any
}

func (b *builder) and(cond string, args ...any) {
	if cond != "" {
		b.where, b.args = append(b.where, cond), append(b.args, args...)
	}
}

func (b *builder) sql() string {
	if len(b.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(b.where, " AND ")
}

// List reads a page of rows; more reports whether others follow.
func (tx *Tx) List(ctx context.Context, q Query) (rows []register.Row, more bool, err error) {
	if q.lead, err = tx.leading(ctx, q); err != nil {
		return nil, false, err
	}
	q.few = q.lead != nil
	segments := q.segments()
	for i, s := range segments {
		page, err := tx.segment(ctx, q, s, q.Limit+1-len(rows))
		if err != nil {
			return nil, false, err
		}
		rows = append(rows, page...)
		if len(rows) > q.Limit || i == len(segments)-1 {
			break
		}
	}
	if more = len(rows) > q.Limit; more {
		rows = rows[:q.Limit]
	}
	if q.After != nil && q.After.Back {
		slices.Reverse(rows)
	}
	return rows, more, nil
}

// segment is a part of a sorted list in which one comparison holds: the rows
// that have a sort value, or those that have none, which come last.
type segment struct {
	valueless bool
	after     *Position // nil = from the segment's start
}

// segments are the parts that a page may touch, in the order in which it does. A
// column that is never null has one; the border between two costs a second query,
// and no comparison that an index cannot serve.
func (q Query) segments() []segment {
	all := q.bothSegments()
	if q.Sort.Nullable && slices.ContainsFunc(together(q.Where), q.demands) {
		return slices.DeleteFunc(all, func(s segment) bool { return s.valueless })
	}
	return all
}

// demands reports whether a condition is met by no record without a sort value.
func (q Query) demands(c Cond) bool {
	if c.Field != q.Sort || c.Via != nil {
		return false
	}
	switch c.Op {
	case "eq", "in", "gt", "gte", "lt", "lte", "starts", "contains":
		return true
	}
	return c.Op == "null" && c.Values[0] != true
}

func (q Query) bothSegments() []segment {
	back := q.After != nil && q.After.Back
	if !q.Sort.Nullable {
		return []segment{{after: q.After}}
	}
	valued, valueless := segment{}, segment{valueless: true}
	switch {
	case q.After == nil:
		return []segment{valued, valueless}
	case q.After.Value == nil && back:
		valueless.after = q.After
		return []segment{valueless, valued}
	case q.After.Value == nil:
		valueless.after = q.After
		return []segment{valueless}
	case back:
		valued.after = q.After
		return []segment{valued}
	default:
		valued.after = q.After
		return []segment{valued, valueless}
	}
}

func (tx *Tx) segment(ctx context.Context, q Query, s segment, limit int) (rows []register.Row, err error) {
	query, args := tx.segmentSQL(q, s, limit)
	if glances, err := tx.glances(ctx, q); err != nil {
		return nil, err
	} else if glances {
		if rows, err = tx.glance(ctx, q, s, limit); err != nil || len(rows) == limit {
			return rows, err
		}
		rows = nil
	}
	err = tx.each(ctx, q.Noun.Width(), func(r register.Row) error {
		rows = append(rows, r)
		return nil
	}, query, args...)
	return rows, err
}

func (tx *Tx) segmentSQL(q Query, s segment, limit int) (string, []any) {
	if lead, rest, found := q.byLink(); found && !s.valueless {
		q.Where = rest
		return tx.linkedSQL(q, lead, s, limit)
	}
	b := tx.where(q)
	order := s.within(b, q)
	return "SELECT " + sqlOf(q.Noun).columns + " FROM " + q.Noun.Table + " t" + b.sql() + " ORDER BY " + order + upTo(limit), b.args
}

// within adds what keeps a list to the segment, and returns the order of its rows.
func (s segment) within(b *builder, q Query) (order string) {
	col := "t." + q.Sort.SortColumn()
	op, dir := q.direction()
	if q.Sort.Nullable && !s.valueless {
		b.and(col + " IS NOT NULL")
	}
	switch {
	case col == "t.id":
		if s.after != nil {
			b.and("t.id "+op+" ?", s.after.ID)
		}
		return "t.id" + dir
	case s.valueless:
		// The order names the column, all null here, so that both databases see their index in it.
		b.and(col + " IS NULL")
		if s.after != nil {
			b.and("t.id "+op+" ?", s.after.ID)
		}
	case s.after != nil:
		b.and("("+col+", t.id) "+op+" (?, ?)", s.after.Value, s.after.ID)
	}
	return col + dir + ", t.id" + dir
}

// Total counts all records that match.
func (tx *Tx) Total(ctx context.Context, q Query) (n int64, err error) {
	q.lead = led(q) // all are counted, by what leads to the fewest if there is something
	b := tx.where(q)
	_, err = tx.one(ctx, []any{&n}, "SELECT count(*) FROM "+q.Noun.Table+" t"+b.sql(), b.args...)
	return n, err
}

func (tx *Tx) where(q Query) *builder {
	b := &builder{}
	for _, c := range q.Where {
		tx.cond(b, q, c)
	}
	switch {
	case q.few:
		b.and(tx.db.dialect.among("t.id", recordsOf(*q.lead)), customSetArgs(q.Noun, *q.lead)...)
	case q.lead != nil:
		b.and(customSet("t", *q.lead), customSetArgs(q.Noun, *q.lead)...)
	}
	tx.among(b, q)
	switch q.Deleted {
	case Standing:
		b.and("t.deleted_at IS NULL")
	case Removed:
		b.and("t.deleted_at IS NOT NULL")
	case All:
	}
	cond, args := q.Sight.records(q.Noun, "t")
	b.and(cond, args...)
	if words := fold.Words(q.Words); len(words) > 0 {
		b.and(tx.db.dialect.match(q.Noun.Table), tx.db.dialect.terms(words))
	}
	return b
}

func (tx *Tx) among(b *builder, q Query) {
	if q.Among == nil {
		return
	}
	inner := &builder{}
	inner.and("x.deleted_at IS NULL")
	for _, c := range q.Among.Where {
		inner.and(fieldCond(q.Among.Noun, "x", c), condArgs(c)...)
	}
	cond, args := q.Sight.records(q.Among.Noun, "x")
	inner.and(cond, args...)
	among := "t.id IN (SELECT x." + q.Among.Field.Name + " FROM " + q.Among.Noun.Table + " x" + inner.sql() + ")"
	for _, c := range q.Among.Or {
		cond, args := q.expression(c, false)
		among, inner.args = among+" OR "+cond, append(inner.args, args...)
	}
	b.and("("+among+")", inner.args...)
}

// cond adds a condition. It and those of an and stand by themselves, so that an
// index serves them as if they had been asked for one by one.
func (tx *Tx) cond(b *builder, q Query, c Cond) {
	if c.Op == "and" {
		for _, of := range c.Of {
			tx.cond(b, q, of)
		}
		return
	}
	if sameLead(q.lead, c) {
		return
	}
	cond, args := q.expression(c, false)
	b.and(cond, args...)
}

// expression is a condition as SQL or, with not, its complement. A not is handed
// down to the comparisons, most of which have one that an index serves.
func (q Query) expression(c Cond, not bool) (string, []any) {
	switch c.Op {
	case "not":
		return q.expression(c.Of[0], !not)
	case "and", "or":
		joint := " AND "
		if (c.Op == "or") != not {
			joint = " OR "
		}
		var args []any
		parts := make([]string, len(c.Of))
		for i, of := range c.Of {
			cond, values := q.expression(of, not)
			parts[i], args = cond, append(args, values...)
		}
		return "(" + strings.Join(parts, joint) + ")", args
	case "nobody":
		return nobody(c.Of, not), nil
	}
	if c.Via == nil && not {
		c, not = complement(c)
	}
	cond, args := q.comparison(c)
	if not { // what is unknown for want of a value counts as not so
		cond = "(" + cond + ") IS NOT TRUE"
	}
	return cond, args
}

// nobody is the condition that none of the fields has a value, of all of them at once:
// of one each, the database may take an index that leads to all who lack that one.
func nobody(of []Cond, not bool) string {
	columns := make([]string, len(of))
	for i, c := range of {
		columns[i] = "t." + c.Field.SQLColumn()
	}
	one := strings.Join(columns, ", ")
	if len(of) > 1 {
		one = "coalesce(" + one + ")"
	}
	if not {
		return one + " IS NOT NULL"
	}
	return one + " IS NULL"
}

// opposites are the operators of which exactly one holds for every record.
var opposites = map[string]string{"eq": "ne", "ne": "eq", "in": "nin", "nin": "in", "any": "none", "none": "any"}

// complement is the comparison that holds where c does not; still says that there
// is none, and that c is to be negated as it is.
func complement(c Cond) (other Cond, still bool) {
	if c.Op == "null" {
		c.Values = []any{c.Values[0] != true}
		return c, false
	}
	op, known := opposites[c.Op]
	if !known {
		return c, true
	}
	c.Op = op
	return c, false
}

// comparison is a condition on a field of the noun, or of one that it refers to. A
// record that sight does not show meets none, whatever is asked of it: so nothing
// is learnt of its values, under not either.
func (q Query) comparison(c Cond) (string, []any) {
	if c.Via == nil {
		return fieldCond(q.Noun, "t", c), condArgs(c)
	}
	inner := &builder{}
	if custom(c) && positive(c) {
		inner.and(customSet("x", c), customSetArgs(c.Noun, c)...)
	}
	inner.and(fieldCond(c.Noun, "x", c), condArgs(c)...)
	cond, args := q.Sight.records(c.Noun, "x")
	inner.and(cond, args...)
	return "t." + c.Via.Name + " IN (SELECT x.id FROM " + c.Noun.Table + " x" + inner.sql() + ")", inner.args
}

// comparisons are the operators that compare a column with one value.
var comparisons = map[string]string{"gt": " > ?", "gte": " >= ?", "lt": " < ?", "lte": " <= ?"}

// fieldCond is the condition of c on a table's alias; its values are condArgs.
func fieldCond(n *register.Noun, alias string, c Cond) string {
	if custom(c) {
		return customCond(alias, c)
	}
	col := alias + "." + c.Field.SQLColumn()
	if c.Field.Many || c.Field.Terms {
		return linkCond(n, alias, c)
	}
	list := len(c.Values)
	switch c.Op {
	case "eq", "in":
		if list == 1 {
			return col + " = ?"
		}
		return col + " IN (" + marks(list) + ")"
	case "ne", "nin":
		if !c.Field.Nullable {
			return col + " NOT IN (" + marks(list) + ")"
		}
		return "(" + col + " NOT IN (" + marks(list) + ") OR " + col + " IS NULL)"
	case "contains", "starts":
		return col + like
	case "null":
		if c.Values[0] == true {
			return col + " IS NULL"
		}
		return col + " IS NOT NULL"
	case "is":
		return "NOT (" + col + " <> ?)" // no index serves that
	case "since":
		return "(" + col + " IS NULL OR " + col + " <= ?)"
	case "until":
		return "(" + col + " IS NULL OR " + col + " >= ?)"
	default:
		return col + comparisons[c.Op]
	}
}

// linkCond is a condition on a list field, asked of its links.
func linkCond(n *register.Noun, alias string, c Cond) string {
	link := "SELECT record_id FROM links WHERE links.kind = '" + n.Name + "' AND links.field = '" + c.Field.Name + "'"
	switch c.Op {
	case "none", "ne", "nin":
		return alias + ".id NOT IN (" + link + " AND links.target IN (" + marks(len(c.Values)) + "))"
	case "all":
		one := alias + ".id IN (" + link + " AND links.target = ?)"
		return one + strings.Repeat(" AND "+one, len(c.Values)-1)
	case "null":
		if c.Values[0] == true {
			return alias + ".id NOT IN (" + link + ")"
		}
		return alias + ".id IN (" + link + ")"
	default: // any, eq, in
		return alias + ".id IN (" + link + " AND links.target IN (" + marks(len(c.Values)) + "))"
	}
}

const like = ` LIKE ? ESCAPE '\'`

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

func condArgs(c Cond) []any {
	if custom(c) {
		return customArgs(c)
	}
	switch c.Op {
	case "null":
		return nil
	case "contains", "starts":
		return condPattern(c)
	}
	return c.Values
}

// condPattern is the pattern of a condition on a part of a text.
func condPattern(c Cond) []any {
	pattern := likeEscaper.Replace(c.Values[0].(string)) + "%"
	if c.Op == "contains" {
		pattern = "%" + pattern
	}
	return []any{pattern}
}
