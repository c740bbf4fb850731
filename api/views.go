package api

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"time"

	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// viewed reads the parameters of a list that loads a view: what the request says
// itself overrides the view's q, sort and fields, and those comparisons of its
// filter's top that are on the same field.
func (s *server) viewed(ctx context.Context, n *register.Noun, params url.Values) (out url.Values, filter *register.Cond, digest string, err error) {
	v, err := s.ledger.ViewOf(ctx, n, params.Get("view"))
	if err != nil {
		return nil, nil, "", err
	}
	if v == nil {
		return nil, nil, "", invalid("view", "There is no view %s of %s that you may load.", params.Get("view"), n.Path)
	}
	out = maps.Clone(params)
	out.Del("view")
	zone := s.zone(ctx)
	if given, err := time.LoadLocation(params.Get("tz")); err == nil && params.Get("tz") != "" {
		zone = given // one that is none is refused where the list's parameters are read
	}
	asking, err := s.ledger.Asking(ctx, n, s.ledger.Now().In(zone))
	if err != nil {
		return nil, nil, "", err
	}
	filter, wrong := v.Ask(asking)
	if len(wrong) > 0 {
		f := fault.Of(wrong.Err())
		f.Detail = "The view no longer fits its collection: mend it at the places listed in errors."
		return nil, nil, "", f
	}
	for name, value := range map[string]string{"q": v.Q, "sort": v.Sort, "fields": strings.Join(v.Fields, ",")} {
		if value != "" && !out.Has(name) {
			out.Set(name, value)
		}
	}
	raw, err := json.Marshal(v.Filter)
	return out, overridden(filter, params), string(raw), err
}

// overridden is a view's filter without the comparisons at its top that are on a
// field which the request itself filters by.
func overridden(filter *register.Cond, params url.Values) *register.Cond {
	if filter == nil {
		return nil
	}
	asked := map[string]bool{}
	for name := range params {
		path, _ := splitOperator(name)
		asked[path] = true
	}
	named := func(c register.Cond) string {
		switch {
		case c.Field == nil:
			return ""
		case c.Via != nil:
			return c.Via.Relation() + "." + c.Field.Name
		}
		return c.Field.Name
	}
	top := []store.Cond{*filter}
	if filter.Op == "and" {
		top = filter.Of
	}
	kept := register.Cond{Op: "and"}
	for _, c := range top {
		if !asked[named(c)] {
			kept.Of = append(kept.Of, c)
		}
	}
	return &kept
}
