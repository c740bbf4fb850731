package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/exports"
	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// Bounds of exports: how long one may take as a whole, how long its reader may take
// for what is sent at once, and how many are sent at a time, to all and to one.
const (
	exportTime  = 15 * time.Minute
	readingTime = 30 * time.Second
	mostExports = 16
	ownExports  = 4
)

// outgoing counts the files that are being sent, by key.
type outgoing struct {
	mu  sync.Mutex
	all int
	of  map[string]int
}

// begin counts one more; whoever has too many already comes again later.
func (o *outgoing) begin(key string) (end func(), err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all >= mostExports || o.of[key] >= ownExports {
		return nil, fault.New(fault.Busy, "Too many files are being sent at once. Try again when one has ended.")
	}
	if o.of == nil {
		o.of = map[string]int{}
	}
	o.all++
	o.of[key]++
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.all--
		if o.of[key]--; o.of[key] == 0 {
			delete(o.of, key)
		}
	}, nil
}

// unpaged are the parameters of lists that a file has no use for.
var unpaged = []string{"limit", "cursor", "include", "include_total"}

// export sends all records that match as one file.
func (r resource) export(c echo.Context) error {
	values, err := query(c)
	if err != nil {
		return err
	}
	e, format, columns, err := r.readExport(c, values)
	if err != nil {
		return err
	}
	if err := r.ledger.MayExport(c.Request().Context(), r.noun); err != nil {
		return err
	}
	if _, head := c.Response().Writer.(bodiless); head {
		r.announce(c, format)
		return nil
	}
	end, err := r.outgoing.begin(authority.From(c.Request().Context()).Principal())
	if err != nil {
		return err
	}
	defer end()
	// What a request may take is bounded; a file takes as long as its reader does.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), exportTime)
	defer cancel()
	file := exports.NewWriter(paced{r.server, c.Response(), http.NewResponseController(c.Response())}, format, r.noun, columns)
	err = r.ledger.Export(ctx, e, func(part ledger.Exported) error {
		if !c.Response().Committed {
			r.announce(c, format)
			if err := file.Begin(); err != nil {
				return err
			}
		}
		for _, row := range part.Rows {
			if err := file.Record(row, part.Labels, part.Level); err != nil {
				return err
			}
		}
		return file.Flush()
	})
	if err == nil {
		err = file.End()
	}
	if err != nil && c.Response().Committed {
		slog.WarnContext(ctx, "an export ended early", "request_id", requestID(c), "route", c.Path(), "err", err)
		panic(http.ErrAbortHandler) // or half a file would look like a whole one
	}
	return err
}

// announce sends the head of the answer.
func (r resource) announce(c echo.Context, f exports.Format) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, f.Media)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+r.noun.Path+"-"+string(r.ledger.Today(c.Request().Context()))+"."+f.Suffix+`"`)
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
}

// paced gives the reader of a file a time for each part of it, so that one who does
// not read holds nothing for long, and stands aside for others meanwhile.
type paced struct {
	s    *server
	out  http.ResponseWriter
	rule *http.ResponseController
}

func (p paced) Write(b []byte) (int, error) {
	defer p.s.aside()()
	_ = p.rule.SetWriteDeadline(time.Now().Add(cmp.Or(p.s.config.ReadingTime, readingTime))) // recorders of tests have none
	return p.out.Write(b)
}

// readExport reads the parameters of an export.
func (r resource) readExport(c echo.Context, values url.Values) (e ledger.Export, format exports.Format, columns []exports.Column, err error) {
	format, known := exports.FormatNamed(r.noun, values.Get("format"))
	if !known && values.Has("format") || len(values["format"]) > 1 {
		return e, format, nil, notInEnum("format", values.Get("format"), exports.FormatNames(r.noun))
	}
	if !known {
		format = exports.Formats[0]
	}
	customs, err := r.ledger.Customs(c.Request().Context())
	if err != nil {
		return e, format, nil, err
	}
	names := splitNames(strings.Join(values["fields"], ","))
	if len(names) > 0 && format.Whole() {
		f := fault.New(fault.InvalidParameter, "What stands in a card or a calendar is fixed; format=%s takes no fields.", format.Name)
		f.Fields = []fault.Field{{Parameter: "fields", Code: "conflicts_with", Detail: f.Detail}}
		return e, format, nil, f
	}
	if columns, err = exports.Choose(r.noun, customs, names); err != nil {
		return e, format, nil, err
	}
	filters := url.Values{}
	for name, v := range values {
		switch {
		case slices.Contains(unpaged, name):
			return e, format, nil, unpagedFault(name)
		case name != "format" && name != "fields":
			filters[name] = v
		}
	}
	ask, err := r.readListing(c.Request().Context(), r.noun, filters)
	if err != nil {
		return e, format, nil, err
	}
	if !values.Has("sort") { // the one order that no change upsets
		ask.query.Sort, ask.query.Desc = r.noun.Field("created_at"), false
	}
	e = ledger.Export{Query: ask.query, Format: format.Name, RequestID: requestID(c), Fields: fieldsOf(columns), Filters: filterNames(filters)}
	if len(names) > 0 {
		for _, column := range columns {
			e.Columns = append(e.Columns, column.Name)
		}
	}
	return e, format, columns, nil
}

func fieldsOf(columns []exports.Column) (fields []*register.Field) {
	for _, c := range columns {
		fields = append(fields, c.Field)
	}
	return fields
}

// filterNames are the parameters that narrow an export.
func filterNames(values url.Values) (names []string) {
	for name := range values {
		if name != "sort" && name != "tz" && name != "pretty" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func notInEnum(parameter, given string, allowed []string) error {
	f := fault.New(fault.InvalidParameter, "%s is one of %s.", parameter, strings.Join(allowed, ", "))
	f.Fields = []fault.Field{{Parameter: parameter, Code: "not_in_enum", Detail: f.Detail, Suggestion: fault.Nearest(given, allowed), Params: map[string]any{"allowed": allowed}}}
	return f
}

func unpagedFault(name string) error {
	f := fault.New(fault.UnknownParameter, "A file holds all records that match; it takes no %s.", name)
	f.Fields = []fault.Field{{Parameter: name, Code: "unknown_field", Detail: f.Detail}}
	return f
}
