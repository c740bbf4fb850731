package api

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rapport/internal/authority"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// parse reads a filter's value as the type of its field; problem says why not.
func (r *queryReader) parse(c *store.Cond, s string) (v any, problem string) {
	f := c.Field
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return nil, "is no text."
	}
	if allowed := choices(r.nounOf(c), f); allowed != nil && !f.Many {
		if !slices.Contains(allowed, s) {
			return nil, "must be one of " + strings.Join(allowed, ", ") + "."
		}
		if f.Shape == register.Rank {
			rank, _ := authority.ParseSensitivity(s)
			return int(rank), ""
		}
		return s, ""
	}
	switch {
	case f.Target != "":
		return r.id(f.Target, s)
	case f.Name == "id":
		return r.id(r.nounOf(c).Name, s)
	case f.Terms:
		return f.Term(s), ""
	}
	switch f.Shape {
	case register.Text:
		folded := fold.Fold(s)
		if c.Op == "contains" && utf8.RuneCountInString(folded) < 2 {
			return nil, "needs at least two characters."
		}
		return folded, ""
	case register.Whole:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, "takes a whole number."
		}
		return n, ""
	case register.Truth:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return nil, "is true or false."
		}
		return b, ""
	case register.Moment:
		return r.moment(s)
	case register.Day:
		day, ok := register.ParseDate(s, r.now)
		if !ok {
			return nil, "takes a date such as 2026-11-22, today or today+7d."
		}
		return string(day), ""
	}
	return s, ""
}

// moment reads an instant; a date means that day's midnight in the zone of tz.
func (r *queryReader) moment(s string) (any, string) {
	if i, ok := register.ParseInstant(s, r.now); ok {
		return string(i), ""
	}
	day, ok := register.ParseDate(s, r.now)
	if !ok {
		return nil, "takes a time such as 2026-11-22T09:15:04Z, a date, now-24h or today."
	}
	t := day.Time()
	return string(register.At(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, r.now.Location()))), ""
}

// id reads an id, a ref or "me". A ref that names nothing matches nothing.
func (r *queryReader) id(noun, s string) (any, string) {
	if noun == "user" && s == "me" {
		return authority.From(r.ctx).ID, ""
	}
	id, err := r.s.ledger.IDOf(r.ctx, register.ByName(noun), s)
	if err != nil {
		return nil, "takes an id such as 0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b, or a ref."
	}
	return id, ""
}
