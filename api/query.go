package api

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Limits of lists.
const (
	defaultLimit  = 50
	maxLimit      = 200
	maxPredicates = 20
	maxValues     = 200
	maxTexts      = 3
)

// listing is a list as a URL asks for it.
type listing struct {
	query   store.Query
	sort    string // effective, as cursors keep it
	digest  string
	total   bool
	include []string
}

// queryReader reads a URL's parameters against a noun's fields. Only what the
// noun's tags allow gets through; all faults are told at once.
type queryReader struct {
	ctx     context.Context
	s       *server
	noun    *register.Noun
	params  url.Values
	out     listing
	faults  []fault.Field
	unknown bool
	now     time.Time
}

// readListing reads the parameters of a list of n.
func (s *server) readListing(ctx context.Context, n *register.Noun, params url.Values) (listing, error) {
	r := &queryReader{ctx: ctx, s: s, noun: n, params: params, now: s.ledger.Now().In(s.zone(ctx, params.Get("tz")))}
	r.out.query = store.Query{Noun: n, Limit: defaultLimit, Words: params.Get("q")}
	r.out.digest = filterDigest(params)
	r.once()
	r.limit()
	r.order()
	r.flags()
	r.filters()
	if err := r.err(); err != nil {
		return r.out, err
	}
	if c := params.Get("cursor"); c != "" {
		cur, err := readCursor(s.cursorKey, c, r.out.sort, r.out.digest)
		if err != nil {
			return r.out, err
		}
		r.out.query.After = cur.position()
	}
	return r.out, nil
}

func (r *queryReader) refuse(parameter, code, detail string) {
	if len(r.faults) < 100 {
		r.faults = append(r.faults, fault.Field{Parameter: parameter, Code: code, Detail: detail})
	}
}

func (r *queryReader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	code, detail := fault.InvalidParameter, "Fix the parameters listed in errors."
	if r.unknown {
		code, detail = fault.UnknownParameter, "Parameters that this list does not know are refused, so that a slip does not widen it."
	}
	return &fault.Error{Code: code, Detail: detail, Fields: r.faults}
}

// once refuses a parameter of the list's own that was sent twice.
func (r *queryReader) once() {
	for _, name := range own {
		if len(r.params[name]) > 1 {
			r.refuse(name, "too_many_items", name+" is sent once.")
		}
	}
}

func (r *queryReader) limit() {
	given := r.params.Get("limit")
	if given == "" {
		return
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		r.refuse("limit", "out_of_range", "limit is a number from 1 to 200.")
		return
	}
	r.out.query.Limit = min(n, maxLimit)
}

func (r *queryReader) order() {
	given := r.params.Get("sort")
	if given == "" {
		given = r.noun.Sort
	}
	name, desc := strings.CutPrefix(given, "-")
	f := r.noun.Field(name)
	if f == nil || !f.Sort || f.Secret {
		sorts := r.noun.Sorts()
		field := fault.Field{
			Parameter: "sort", Code: "not_in_enum", Detail: "sort takes one of " + strings.Join(sorts, ", ") + "; - before it turns the order round.",
			Suggestion: fault.Nearest(name, sorts), Params: map[string]any{"allowed": sorts},
		}
		r.faults = append(r.faults, field)
		return
	}
	r.out.query.Sort, r.out.query.Desc = f, desc
	r.out.sort = given + ",id"
	if desc {
		r.out.sort = given + ",-id"
	}
}

func (r *queryReader) flags() {
	switch given := r.params.Get("include_total"); given {
	case "", "false":
	case "true":
		r.out.total = true
	default:
		r.refuse("include_total", "invalid_type", "include_total is true or false.")
	}
	switch r.params.Get("deleted") {
	case "", "exclude":
	case "include":
		r.out.query.Deleted = store.All
	case "only":
		r.out.query.Deleted = store.Removed
	default:
		r.refuse("deleted", "not_in_enum", "deleted is exclude, include or only.")
	}
	if r.params.Has("q") && len(fold.Words(r.params.Get("q"))) == 0 {
		r.refuse("q", "too_short", "q holds no word to look for.")
	}
	for name := range strings.SplitSeq(r.params.Get("include"), ",") {
		if name != "" {
			r.out.include = append(r.out.include, name)
		}
	}
	if err := checkIncludes(r.noun, r.out.include); err != nil {
		r.faults = append(r.faults, err.Fields...)
	}
}

// own are the list's own parameters.
var own = []string{"limit", "cursor", "include_total", "sort", "include", "q", "deleted", "pretty", "tz"}

func (r *queryReader) filters() {
	names := make([]string, 0, len(r.params))
	for name := range r.params {
		names = append(names, name)
	}
	slices.Sort(names)
	predicates, texts := 0, 0
	for _, name := range names {
		if slices.Contains(own, name) {
			continue
		}
		c, ok := r.predicate(name)
		if !ok {
			continue
		}
		if predicates++; predicates > maxPredicates {
			r.refuse(name, "too_many_items", "A list takes at most 20 filters.")
			return
		}
		if c.Op == "contains" || c.Op == "starts" {
			if texts++; texts > maxTexts {
				r.refuse(name, "too_many_items", "A list takes at most 3 filters by parts of texts.")
			}
		}
		r.out.query.Where = append(r.out.query.Where, c)
	}
}

// predicate reads one filter: field, relation.field, either with .op behind it.
func (r *queryReader) predicate(param string) (c store.Cond, ok bool) {
	path := strings.Split(param, ".")
	c.Op = "eq"
	if last := path[len(path)-1]; len(path) > 1 && slices.Contains(register.Operators, last) {
		c.Op, path = last, path[:len(path)-1]
	}
	n := r.noun
	if len(path) == 2 {
		if c.Via = n.Field(path[0] + "_id"); c.Via != nil && c.Via.Shape == register.Ref {
			n = register.ByName(c.Via.Target)
			c.Noun = n
		}
	}
	if len(path) > 2 || len(path) == 2 && c.Noun == nil {
		r.notKnown(param, r.noun)
		return c, false
	}
	c.Field = n.Field(path[len(path)-1])
	if c.Field == nil || !c.Field.Filter || c.Field.Secret || c.Field.Seen > levelSeen(r.ctx) {
		r.notKnown(param, n)
		return c, false
	}
	if c.Op != "eq" && !slices.Contains(c.Field.Ops(), c.Op) {
		ops := c.Field.Ops()
		r.faults = append(r.faults, fault.Field{
			Parameter: param, Code: "not_in_enum", Detail: c.Field.Name + " is filtered by " + strings.Join(ops, ", ") + " or by its plain name.",
			Suggestion: fault.Nearest(c.Op, ops), Params: map[string]any{"allowed": ops},
		})
		return c, false
	}
	return c, r.values(param, &c)
}

func levelSeen(ctx context.Context) authority.Level {
	a := authority.From(ctx)
	if a.Governs() {
		return authority.L7
	}
	return a.Level
}

func (r *queryReader) notKnown(param string, n *register.Noun) {
	r.unknown = true
	names := slices.Clone(own)
	for _, f := range n.Fields {
		if f.Filter && !f.Secret && f.Seen <= levelSeen(r.ctx) {
			names = append(names, f.Name)
		}
	}
	f := fault.Field{Parameter: param, Code: "unknown_field", Detail: "There is no parameter " + param + ".", Suggestion: fault.Nearest(param, names)}
	if f.Suggestion != "" {
		f.Detail += " Did you mean " + f.Suggestion + "?"
	}
	r.faults = append(r.faults, f)
}

// values reads a filter's values as the field's type.
func (r *queryReader) values(param string, c *store.Cond) bool {
	given := r.params[param]
	if c.Op == "null" {
		if len(given) != 1 || given[0] != "true" && given[0] != "false" {
			r.refuse(param, "invalid_type", param+" is true or false.")
			return false
		}
		c.Values = []any{given[0] == "true"}
		return true
	}
	var texts []string
	for _, g := range given {
		if lists(c) {
			texts = append(texts, splitList(g)...)
		} else {
			texts = append(texts, g)
		}
	}
	if len(texts) > maxValues || len(texts) > 1 && !lists(c) {
		r.refuse(param, "too_many_items", param+" takes fewer values.")
		return false
	}
	for _, t := range texts {
		v, ok := r.value(param, c, t)
		if !ok {
			return false
		}
		c.Values = append(c.Values, v)
	}
	return true
}

// lists reports whether a comma separates values: not in comparisons and texts.
func lists(c *store.Cond) bool {
	switch c.Op {
	case "gt", "gte", "lt", "lte", "contains", "starts":
		return false
	case "eq", "ne":
		return c.Field.Shape != register.Text || c.Field.Circle == register.OfHead
	}
	return true
}

// splitList splits at commas; "\," is a comma that belongs to a value.
func splitList(s string) (parts []string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == ',':
			b.WriteByte(',')
			i++
		case s[i] == ',':
			parts = append(parts, b.String())
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(parts, b.String())
}

func (r *queryReader) value(param string, c *store.Cond, s string) (any, bool) {
	v, problem := r.parse(c, s)
	if problem != "" {
		f := fault.Field{Parameter: param, Code: "invalid_format", Detail: param + " " + problem}
		if allowed := choices(r.nounOf(c), c.Field); allowed != nil {
			f.Code, f.Suggestion, f.Params = "not_in_enum", fault.Nearest(s, allowed), map[string]any{"allowed": allowed}
		}
		r.faults = append(r.faults, f)
		return nil, false
	}
	return v, true
}

func (r *queryReader) nounOf(c *store.Cond) *register.Noun {
	if c.Noun != nil {
		return c.Noun
	}
	return r.noun
}

// choices are the words that a field takes, nil for any.
func choices(n *register.Noun, f *register.Field) []string {
	if f.Name == "state" {
		var states []string
		for _, s := range n.Flow.States() {
			states = append(states, string(s))
		}
		return states
	}
	return f.Values()
}
