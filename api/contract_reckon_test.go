package api_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fold"
	"rapport/internal/register"
)

// condition is one filter: as a list is asked for it, and as a plain reading of
// a record decides it.
type condition struct {
	param, value string
	node         map[string]any // the same as a node of a filter, nil for words
	holds        func(rec register.Record, row register.Row) bool
}

// condition makes up a filter of a random field, by a value that some record has.
func (s *listSuite) condition() (c condition, ok bool) {
	var fields []*register.Field
	for _, f := range s.n.Fields {
		if f.Filter && !f.Secret && f.Name != "id" {
			fields = append(fields, f)
		}
	}
	if s.r.IntN(8) == 0 {
		return s.words()
	}
	f := fields[s.r.IntN(len(fields))]
	if s.within[:2] == "ta" && f.Name == "tags" {
		return c, false // the list is narrowed by them already
	}
	ops := append([]string{""}, f.Ops()...)
	op := ops[s.r.IntN(len(ops))]
	c.param = f.Name
	if op != "" {
		c.param += "." + op
	}
	if op == "null" {
		yes := s.r.IntN(2) == 0
		c.value = strconv.FormatBool(yes)
		c.node = node(f, op, yes)
		c.holds = func(rec register.Record, row register.Row) bool { return s.none(rec, row, f) == yes }
		return c, true
	}
	values := s.some(f, 1+s.r.IntN(2))
	if len(values) == 0 {
		return c, false
	}
	if f.Many || f.Terms {
		c.value, c.holds = commas(values), s.terms(f, op, values)
		c.node = node(f, or(op, "any"), wired(f, values))
		return c, true
	}
	return s.plain(c, f, op, values)
}

// none reports that a record has no value of a field.
func (s *listSuite) none(rec register.Record, row register.Row, f *register.Field) bool {
	if f.Many || f.Terms {
		return len(s.n.Terms(rec, f)) == 0
	}
	return row[f.Column] == nil
}

// some are values that records have, as a filter is written.
func (s *listSuite) some(f *register.Field, n int) (values []string) {
	for range n {
		rec := s.watched[s.r.IntN(len(s.watched))]
		if f.Many || f.Terms {
			if terms := s.n.Terms(rec, f); len(terms) > 0 {
				values = append(values, terms[0])
			}
			continue
		}
		cell := s.rows[rec.Meta().ID][f.Column]
		if cell == nil {
			continue
		}
		value := string(cell)
		if f.Shape == register.Rank {
			i, _ := strconv.Atoi(value)
			value = authority.Sensitivity(i).String()
		}
		values = append(values, value)
	}
	return values
}

func commas(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.ReplaceAll(v, ",", `\,`)
	}
	return strings.Join(out, ",")
}

func (s *listSuite) terms(f *register.Field, op string, values []string) func(register.Record, register.Row) bool {
	return func(rec register.Record, _ register.Row) bool {
		have, hits := s.n.Terms(rec, f), 0
		for _, v := range values {
			if slices.Contains(have, v) {
				hits++
			}
		}
		switch op {
		case "all":
			return hits == len(values)
		case "none":
			return hits == 0
		}
		return hits > 0
	}
}

// plain is a filter of a field that holds one value.
func (s *listSuite) plain(c condition, f *register.Field, op string, values []string) (condition, bool) {
	list := op == "in" || op == "nin" || (op == "" || op == "ne") && f.Shape != register.Text
	if !list {
		values = values[:1]
	}
	switch op {
	case "contains", "starts":
		piece := []rune(fold.Fold(values[0]))
		if len(piece) < 2 {
			return c, false
		}
		from := 0
		if op == "contains" {
			from = s.r.IntN(len(piece) - 1)
		}
		text := string(piece[from:min(from+3, len(piece))])
		if len([]rune(fold.Fold(text))) < 2 {
			return c, false
		}
		c.value = strings.ToUpper(text)
		c.node = node(f, op, c.value)
		text = fold.Fold(c.value)
		c.holds = func(_ register.Record, row register.Row) bool {
			have := fold.Fold(string(row[f.Column]))
			return row[f.Column] != nil && (op == "starts" && strings.HasPrefix(have, text) || op == "contains" && strings.Contains(have, text))
		}
		return c, true
	}
	c.value, c.node = values[0], node(f, or(op, "eq"), wired(f, values)[0])
	if list {
		many := map[string]string{"": "in", "ne": "nin"}[op]
		c.value, c.node = commas(values), node(f, or(many, op), wired(f, values))
	}
	c.holds = func(_ register.Record, row register.Row) bool {
		cell := row[f.Column]
		hit := cell != nil && slices.ContainsFunc(values, func(v string) bool { return compare(f, string(cell), rank(f, v)) == 0 })
		switch op {
		case "", "in":
			return hit
		case "ne", "nin":
			return !hit
		}
		order := 0
		if cell != nil {
			order = compare(f, string(cell), rank(f, values[0]))
		}
		return cell != nil && (op == "gt" && order > 0 || op == "gte" && order >= 0 || op == "lt" && order < 0 || op == "lte" && order <= 0)
	}
	return c, true
}

// rank is a filter's value as rows hold it.
func rank(f *register.Field, v string) string {
	if f.Shape == register.Rank {
		r, _ := authority.ParseSensitivity(v)
		return fmt.Sprint(int(r))
	}
	return v
}

// compare orders two cells of a field.
func compare(f *register.Field, a, b string) int {
	switch f.Shape {
	case register.Whole, register.Rank:
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return cmp.Compare(x, y)
	case register.Text:
		return strings.Compare(fold.Fold(a), fold.Fold(b))
	}
	return strings.Compare(a, b)
}

// words is a filter by words of some record, the last one cut short.
func (s *listSuite) words() (c condition, ok bool) {
	title, body := s.n.Words(s.rows[s.watched[s.r.IntN(len(s.watched))].Meta().ID])
	all := strings.Fields(title + " " + body)
	if len(all) == 0 {
		return c, false
	}
	last := []rune(all[s.r.IntN(len(all))])
	asked := []string{all[0], string(last[:1+len(last)/2])}
	c.param, c.value = "q", strings.Join(asked, " ")
	c.holds = func(_ register.Record, row register.Row) bool {
		title, body := s.n.Words(row)
		have := strings.Fields(title + " " + body)
		return slices.Contains(have, asked[0]) && slices.ContainsFunc(have, func(w string) bool { return strings.HasPrefix(w, asked[1]) })
	}
	return c, true
}

// reckon is what a list holds, in its order: records without a value come last
// whichever way it runs, and the id settles ties.
func (s *listSuite) reckon(conds []condition, by *register.Field, desc bool) []string {
	type line struct {
		id   string
		cell []byte
	}
	var lines []line
next:
	for _, rec := range s.watched {
		row := s.rows[rec.Meta().ID]
		for _, c := range conds {
			if !c.holds(rec, row) {
				continue next
			}
		}
		lines = append(lines, line{rec.Meta().ID, row[by.Column]})
	}
	turn := 1
	if desc {
		turn = -1
	}
	slices.SortFunc(lines, func(a, b line) int {
		switch {
		case a.cell == nil && b.cell != nil:
			return 1
		case a.cell != nil && b.cell == nil:
			return -1
		case a.cell != nil:
			if order := compare(by, string(a.cell), string(b.cell)); order != 0 {
				return turn * order
			}
		}
		return turn * strings.Compare(a.id, b.id)
	})
	ids := []string{}
	for _, l := range lines {
		ids = append(ids, l.id)
	}
	return ids
}
