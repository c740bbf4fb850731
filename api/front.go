package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// front stands before the router: HEAD is GET without its body, and a path with a
// trailing slash is led to the one without.
type front struct{ echo *echo.Echo }

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p := r.URL.Path; len(p) > 1 && strings.HasSuffix(p, "/") && !strings.HasPrefix(p, "//") {
		bare := *r.URL
		bare.Path, bare.RawPath = strings.TrimRight(p, "/"), ""
		if bare.Path == "" {
			bare.Path = "/"
		}
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

// Routes lists what is served, for tests that hold it against the document.
func (f *front) Routes() []*echo.Route { return f.echo.Routes() }

// bodiless keeps an answer's headers and drops its body.
type bodiless struct{ http.ResponseWriter }

func (b bodiless) Write(p []byte) (int, error) { return len(p), nil }
