package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

const maxDimensions = 3

// Aggregate is the answer to a question for figures.
type Aggregate struct {
	// Data has a line per group: a member per dimension and per metric, named as they were asked for. A reference comes with the record that it names, as in lists.
	Data []map[string]any `json:"data"`
	// TimeZone is the IANA zone in which moments were put into parts of time.
	TimeZone string `json:"time_zone" example:"Europe/Bucharest"`
}

// aggregate answers figures over the records that match the filters.
func (r resource) aggregate(c echo.Context) error {
	values, err := query(c)
	if err != nil {
		return err
	}
	if err := forbid(values, "limit", "cursor", "sort", "include", "include_total", "fields"); err != nil {
		return err
	}
	ctx := c.Request().Context()
	ask, err := r.readListing(ctx, r.noun, without(values, "group_by", "metrics"))
	if err != nil {
		return err
	}
	var faults fault.Fields
	customs, err := r.ledger.Customs(ctx)
	if err != nil {
		return err
	}
	a := ledger.Aggregation{By: r.dimensions(c, values, customs, &faults), Metrics: r.measured(c, values, &faults), Zone: ask.zone, Query: ask.query}
	if len(faults) > 0 {
		return &fault.Error{Code: fault.InvalidParameter, Detail: "Fix the parameters listed in errors.", Fields: faults}
	}
	lines, err := r.ledger.Aggregate(ctx, a)
	if err != nil {
		return err
	}
	return r.send(c, http.StatusOK, Aggregate{Data: lines, TimeZone: a.Zone.String()})
}

// forbid refuses parameters of lists that mean nothing here.
func forbid(values url.Values, names ...string) error {
	f := fault.New(fault.UnknownParameter, "Parameters that are not known here are refused.")
	for _, name := range names {
		if values.Has(name) {
			f.Fields = append(f.Fields, fault.Field{Parameter: name, Code: "unknown_field", Detail: "There is no parameter " + name + " here."})
		}
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

func without(values url.Values, names ...string) url.Values {
	rest := url.Values{}
	for name, v := range values {
		if !slices.Contains(names, name) {
			rest[name] = v
		}
	}
	return rest
}

// dimensions reads group_by.
func (r resource) dimensions(c echo.Context, values url.Values, customs *register.Customs, faults *fault.Fields) (by []ledger.Grouping) {
	given := names(values, "group_by")
	if len(given) == 0 || len(given) > maxDimensions {
		*faults = append(*faults, fault.Field{Parameter: "group_by", Code: "out_of_range", Detail: "group_by takes one to three dimensions, parted by commas."})
		return nil
	}
	groupable := r.groupable(c, customs)
	allowed := make([]string, len(groupable))
	for i, g := range groupable {
		allowed[i] = g.Name
	}
	for _, name := range given {
		i := slices.Index(allowed, name)
		if i < 0 {
			*faults = append(*faults, notAmong("group_by", name, allowed))
			continue
		}
		by = append(by, groupable[i])
	}
	return by
}

// groupable are the dimensions of the noun, as far as the caller sees their fields.
func (r resource) groupable(c echo.Context, customs *register.Customs) (allowed []ledger.Grouping) {
	for _, f := range r.noun.Fields {
		if !f.Filter || f.Secret || f.Personal || f.Name == "id" || f.Name == "num" || f.Name == "version" || f.Seen > levelSeen(c.Request().Context()) {
			continue
		}
		switch f.Shape {
		case register.Moment, register.Day:
			allowed = append(allowed, parts(f)...)
		case register.Choice, register.Truth, register.Whole, register.Rank, register.Text, register.Ref:
			allowed = append(allowed, ledger.Grouping{Name: f.Name, Field: f})
		case register.JSON: // a record would count under each of its values
		}
	}
	for _, name := range customs.Filters(r.noun) {
		switch f := customs.Filter(r.noun, name); f.Shape {
		case register.Day:
			allowed = append(allowed, parts(f)...)
		case register.Choice, register.Truth: // of words and of truths there are few
			allowed = append(allowed, ledger.Grouping{Name: f.Name, Field: f})
		default:
		}
	}
	return allowed
}

// parts are the parts of time by which a field is grouped.
func parts(f *register.Field) (by []ledger.Grouping) {
	for _, part := range ledger.Parts {
		by = append(by, ledger.Grouping{Name: f.Name + "." + part, Field: f, Part: part})
	}
	return by
}

// measured reads metrics.
func (r resource) measured(c echo.Context, values url.Values, faults *fault.Fields) (metrics []ledger.Metric) {
	given := names(values, "metrics")
	if len(given) == 0 {
		given = []string{"count"}
	}
	allowed := []string{"count"}
	for _, f := range r.noun.Fields {
		if f.Shape == register.Whole && f.Filter && f.Circle != register.OfHead && !f.Secret && !f.Personal && f.Seen <= levelSeen(c.Request().Context()) {
			allowed = append(allowed, "sum("+f.Name+")", "avg("+f.Name+")")
		}
	}
	for _, name := range given {
		if !slices.Contains(allowed, name) {
			*faults = append(*faults, notAmong("metrics", name, allowed))
			continue
		}
		of, field, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
		metrics = append(metrics, ledger.Metric{Name: name, Of: of, Field: r.noun.Field(field)})
	}
	return metrics
}

// names reads a list of names, each once.
func names(values url.Values, parameter string) (list []string) {
	for _, v := range values[parameter] {
		for name := range strings.SplitSeq(v, ",") {
			if name != "" && !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	return list
}

func notAmong(parameter, given string, allowed []string) fault.Field {
	return fault.Field{
		Parameter: parameter, Code: "not_in_enum", Detail: parameter + " does not take " + strconv.Quote(given) + ".",
		Suggestion: fault.Nearest(given, allowed), Params: map[string]any{"allowed": allowed},
	}
}
