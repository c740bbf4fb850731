package api

import (
	"context"
	"maps"
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
)

// listing is a list as a request asks for it.
type listing struct {
	query   store.Query
	sort    string // effective, as cursors keep it
	digest  string
	total   bool
	include []string
	zone    *time.Location // in which its dates are read
	only    register.Only  // of a record's members; nil = all
}

// queryReader reads what is asked of a noun's list, from a URL's parameters or
// from the members of a body. Only what the noun's tags allow gets through; all
// faults are told at once.
type queryReader struct {
	noun   *register.Noun
	params url.Values
	out    listing
	asking *register.Asking
	body   bool // what is wrong is told of members, not of parameters
}

// readListing reads the parameters of a list of n.
func (s *server) readListing(ctx context.Context, n *register.Noun, params url.Values) (listing, error) {
	var view *register.Cond
	digested := params
	if params.Get("view") != "" && len(params["view"]) == 1 {
		loaded, filter, said, err := s.viewed(ctx, n, params)
		if err != nil {
			return listing{}, err
		}
		params, view, digested = loaded, filter, maps.Clone(loaded)
		digested.Set("view", said)
	}
	r, err := s.reading(ctx, n, params)
	if err != nil {
		return listing{}, err
	}
	r.own()
	r.filters()
	if view != nil {
		r.out.query.Where = append(r.out.query.Where, *view)
	}
	return s.finish(ctx, r, filterDigest(digested))
}

func (s *server) reading(ctx context.Context, n *register.Noun, params url.Values) (*queryReader, error) {
	asking, err := s.ledger.Asking(ctx, n, s.ledger.Now().In(s.zone(ctx)))
	if err != nil {
		return nil, err
	}
	r := &queryReader{noun: n, params: params, asking: asking}
	r.asking.Beside = own
	r.out.query = store.Query{Noun: n, Limit: defaultLimit, Words: params.Get("q")}
	return r, nil
}

// finish refuses what is wrong, and settles the rest.
func (s *server) finish(ctx context.Context, r *queryReader, digest string) (listing, error) {
	if err := r.err(); err != nil {
		return r.out, err
	}
	r.out.digest, r.out.zone = digest, r.asking.Now.Location()
	if c := r.params.Get("cursor"); c != "" {
		cur, err := readCursor(s.cursorKey, c, r.out.sort, r.out.digest)
		if err != nil {
			return r.out, err
		}
		r.out.query.After = cur.position()
	}
	where, err := s.ledger.Settle(ctx, r.out.query.Where)
	r.out.query.Where = where
	return r.out, err
}

// own reads the list's own parameters.
func (r *queryReader) own() {
	r.once()
	r.zone()
	r.limit()
	r.order()
	r.flags()
}

func (r *queryReader) refuse(parameter, code, detail string) {
	r.add(fault.Field{Parameter: parameter, Code: code, Detail: detail})
}

// add keeps a fault of a parameter or, in a body, of the member called so.
func (r *queryReader) add(f fault.Field) {
	if r.body {
		f.Pointer, f.Parameter = "#/"+f.Parameter, ""
	}
	r.asking.Faults.Add(f)
}

func (r *queryReader) err() error {
	faults := r.asking.Faults
	if r.body || len(faults) == 0 {
		return faults.Err()
	}
	code, detail := fault.InvalidParameter, "Fix the parameters listed in errors."
	if r.asking.Unknown {
		code, detail = fault.UnknownParameter, "Parameters that this list does not know are refused, so that a slip does not widen it."
	}
	return &fault.Error{Code: code, Detail: detail, Fields: faults}
}

// once refuses a parameter of the list's own that was sent twice.
func (r *queryReader) once() {
	for _, name := range own {
		if len(r.params[name]) > 1 {
			r.refuse(name, "too_many_items", name+" is sent once.")
		}
	}
}

// zone takes the zone in which dates are read from tz, if that is given.
func (r *queryReader) zone() {
	given := r.params.Get("tz")
	if given == "" {
		return
	}
	z, err := time.LoadLocation(given)
	if err != nil || given == "Local" { // ours is nobody else's business
		r.refuse("tz", "invalid_format", "tz is the IANA name of a zone, such as Europe/Berlin.")
		return
	}
	r.asking.Now = r.asking.Now.In(z)
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
	if f == nil || !f.Sort || f.Secret || f.Seen > r.asking.Seen {
		sorts := r.noun.Sorts()
		r.add(fault.Field{
			Parameter: "sort", Code: "not_in_enum", Detail: "sort takes one of " + strings.Join(sorts, ", ") + "; - before it turns the order round.",
			Suggestion: fault.Nearest(name, sorts), Params: map[string]any{"allowed": sorts},
		})
		return
	}
	r.out.query.Sort, r.out.query.Desc = f, desc
	r.out.sort = given + ",id"
	if desc {
		r.out.sort = given + ",-id"
	}
}

func (r *queryReader) flags() {
	if given := r.params.Get("pretty"); given != "" && given != "true" && given != "false" {
		r.refuse("pretty", "invalid_type", "pretty is true or false.")
	}
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
	if given := r.params.Get("q"); given != "" && len(fold.Words(given)) == 0 {
		r.refuse("q", "too_short", "q holds no word to look for.")
	}
	for name := range strings.SplitSeq(r.params.Get("include"), ",") {
		if name != "" {
			r.out.include = append(r.out.include, name)
		}
	}
	if err := checkIncludes(r.noun, r.out.include); err != nil {
		for _, f := range err.Fields {
			r.add(f)
		}
	}
	only, wrong := readFields(r.noun, r.asking.Customs, r.params)
	for _, f := range wrong {
		r.add(f)
	}
	r.out.only = only
}

// own are the list's own parameters.
var own = []string{"limit", "cursor", "include_total", "sort", "include", "fields", "view", "q", "deleted", "pretty", "tz"}

func (r *queryReader) filters() {
	names := make([]string, 0, len(r.params))
	for name := range r.params {
		names = append(names, name)
	}
	slices.Sort(names)
	predicates := 0
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
		r.out.query.Where = append(r.out.query.Where, c)
	}
}

// predicate reads one filter: field, relation.field, either with .op behind it.
func (r *queryReader) predicate(param string) (c store.Cond, ok bool) {
	path, op := splitOperator(param)
	at := register.Place{Parameter: param}
	if c, ok = r.asking.On(at, at, path, op); !ok {
		return c, false
	}
	texts, ok := r.texts(param, &c)
	if ok && c.Op != "null" {
		c.Values, ok = r.asking.Values(func(int) register.Place { return at }, c, texts)
	}
	return r.asking.Settled(c), ok
}

// splitOperator parts a parameter into what it is on and how it compares.
func splitOperator(param string) (path, op string) {
	if at := strings.LastIndexByte(param, '.'); at >= 0 && slices.Contains(register.Operators, param[at+1:]) {
		return param[:at], param[at+1:]
	}
	return param, "eq"
}

// texts splits a filter's values; null takes one of its own.
func (r *queryReader) texts(param string, c *store.Cond) (texts []string, ok bool) {
	given := r.params[param]
	if c.Op == "null" {
		if ok = len(given) == 1 && (given[0] == "true" || given[0] == "false"); !ok {
			r.refuse(param, "invalid_type", param+" is true or false.")
			return nil, false
		}
		c.Values = []any{given[0] == "true"}
		return nil, true
	}
	for _, g := range given {
		if lists(c) {
			texts = append(texts, splitList(g)...)
		} else {
			texts = append(texts, g)
		}
	}
	if len(texts) > maxValues || len(texts) > 1 && !lists(c) {
		r.refuse(param, "too_many_items", param+" takes fewer values.")
		return nil, false
	}
	return texts, true
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

// levelSeen is the level by which the caller knows fields.
func levelSeen(ctx context.Context) authority.Level {
	return register.AskingOf(ctx, nil, time.Time{}, nil).Seen
}
