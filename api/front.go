package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// front stands before the router: HEAD is GET without its body, and a path with a
// trailing slash is led to the one without.
type front struct{ echo *echo.Echo }

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/favicon.ico" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		// Browsers ask for one by themselves: there is none, and no refusal to log.
		w.Header().Set("Cache-Control", "public, max-age=86400")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	r = plainPath(r)
	if p := r.URL.EscapedPath(); len(p) > 1 && strings.HasSuffix(p, "/") && !strings.HasPrefix(p, "//") {
		bare := *r.URL
		bare.Path, bare.RawPath = strings.TrimRight(r.URL.Path, "/"), strings.TrimRight(r.URL.RawPath, "/")
		w.Header().Set("Location", bare.RequestURI())
		w.WriteHeader(http.StatusPermanentRedirect)
		return
	}
	if r.Method == http.MethodHead {
		asked := *r
		asked.Method = http.MethodGet
		w, r = bodiless{w}, &asked
	}
	f.echo.ServeHTTP(w, r)
}

// plainPath is r with a path in which nothing is encoded that need not be, so that
// STK%2D7 is STK-7. An encoded slash stays: it is no end of a segment.
func plainPath(r *http.Request) *http.Request {
	if r.URL.RawPath == "" || strings.Contains(strings.ToLower(r.URL.RawPath), "%2f") {
		return r
	}
	asked, plain := *r, *r.URL
	plain.RawPath = ""
	asked.URL = &plain
	return &asked
}

// decoded gives handlers the segments of the path as they are meant.
func decoded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().URL.RawPath == "" {
			return next(c)
		}
		values := slices.Clone(c.ParamValues())
		for i, v := range values {
			if plain, err := url.PathUnescape(v); err == nil {
				values[i] = plain
			}
		}
		c.SetParamValues(values...)
		return next(c)
	}
}

// methods completes what answers say of a path's methods: HEAD goes where GET goes,
// and where there is PATCH, who asks is told in which form it takes its body
// (RFC 5789, 3.1).
func methods(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		c.Response().Before(func() {
			allow := withHead(h)
			switch method := c.Request().Method; {
			case method == http.MethodOptions && strings.Contains(allow, http.MethodPatch), method == http.MethodPatch && c.Response().Status == http.StatusUnsupportedMediaType:
				h.Set("Accept-Patch", mergePatch)
			}
		})
		err := next(c)
		withHead(h) // an error is answered later, and tells the methods in its body too
		return err
	}
}

// withHead adds HEAD to the header Allow, and returns it.
func withHead(h http.Header) string {
	allow := h.Get(echo.HeaderAllow)
	if strings.Contains(allow, http.MethodGet) && !strings.Contains(allow, http.MethodHead) {
		allow = strings.Replace(allow, http.MethodGet, http.MethodGet+", "+http.MethodHead, 1)
		h.Set(echo.HeaderAllow, allow)
	}
	return allow
}

// Routes lists what is served, for tests that hold it against the document.
func (f *front) Routes() []*echo.Route { return f.echo.Routes() }

// bodiless keeps an answer's headers and drops its body.
type bodiless struct{ http.ResponseWriter }

func (b bodiless) Write(p []byte) (int, error) { return len(p), nil }
