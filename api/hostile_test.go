package api_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// hostile are values that would do harm where SQL is put together of texts.
var hostile = []string{
	`'`, `"`, "`", `;`, `--`, `/*`, `\`, `%`, `_`, `?`, `$1`, `:x`, `(`, `NULL`,
	`' OR '1'='1`, `1; DROP TABLE stakeholders; --`, `name) FROM users; --`, `id, (SELECT hash FROM api_keys)`,
	"`; DELETE FROM entries", `"; VACUUM; "`, `x' UNION SELECT hash FROM api_keys --`, `CASE WHEN 1=1 THEN name ELSE id END`,
	`name COLLATE NOCASE`, `-name,(SELECT 1)`, `*`, `a* OR b*`, `NEAR/2`, `"a" & !b`, `a:*`, `\x00`, "\x00", "\xff\xfe", "’", "％27", "a\r\nb",
	strings.Repeat("'", 3000), strings.Repeat("a OR ", 500),
}

// operators are those of filters, and some that are none.
var operators = []string{"", ".eq", ".ne", ".in", ".nin", ".gt", ".gte", ".lt", ".lte", ".contains", ".starts", ".null", ".any", ".all", ".none", ".'", ".;"}

// asking sends a GET and returns the status, past what other stories check.
func asking(h *testkit.House, path string) (int, string) {
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Authorization", "Bearer "+testkit.Key("l7"))
	rec := httptest.NewRecorder()
	h.Handler.ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}

// innocent holds an answer against what no caller should ever bring about, and
// what no answer should ever say.
func innocent(t *testing.T, query string, status int, body string) {
	t.Helper()
	if status >= 500 {
		t.Errorf("%s: %d\n%.300s", query, status, body)
	}
	for _, inside := range []string{"SELECT ", "sqlite", "SQLSTATE", "syntax error", "no such column", "goroutine"} {
		if strings.Contains(body, inside) && !strings.Contains(query, url.QueryEscape(inside)) {
			t.Errorf("%s: the answer says %q\n%.300s", query, inside, body)
		}
	}
}

// No value of any parameter of any list reaches SQL as text: none is an error of
// ours, and nothing has changed after all of them.
func TestHostileListParameters(t *testing.T) {
	h := testkit.Open(t)
	before, err := h.DB.Look().Picture(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	turn := 0
	try := func(n *register.Noun, name string, values ...string) {
		for _, v := range values {
			query := "/api/v1/" + n.Path + "?" + url.QueryEscape(name) + "=" + url.QueryEscape(v)
			status, body := asking(h, query)
			innocent(t, query, status, body)
		}
	}
	next := func() string { turn++; return hostile[turn%len(hostile)] }
	for _, n := range register.All() {
		for _, name := range []string{"q", "sort", "limit", "cursor", "include", "fields", "tz", "include_total", "deleted", "view", "after", "version", "group_by", "as_of"} {
			try(n, name, next(), next(), next(), next())
		}
		for _, f := range n.Fields {
			for _, op := range operators {
				try(n, f.Name+op, next())
			}
			try(n, "sort", f.Name+next(), "-"+f.Name+" "+next())
			try(n, "owner."+f.Name, next())
		}
		for range hostile {
			try(n, next(), "1")
			try(n, "name"+next(), "1")
		}
		for _, v := range hostile {
			status, body := asking(h, "/api/v1/"+n.Path+"/"+url.PathEscape(v))
			innocent(t, n.Path+"/"+v, status, body)
		}
	}
	for _, v := range hostile {
		for _, name := range []string{"types", "after", "limit"} {
			status, body := asking(h, "/api/v1/events?"+name+"="+url.QueryEscape(v))
			innocent(t, name+"="+v, status, body)
		}
		try(register.Stakeholders, "q", v)
		try(register.Stakeholders, "sort", v)
	}
	after, err := h.DB.Look().Picture(context.Background())
	if err != nil || !maps.Equal(after.Tables, before.Tables) {
		t.Errorf("reading changed the database: %v", err)
	}
}

// FuzzListParameters looks further: go test -fuzz FuzzListParameters ./api
func FuzzListParameters(f *testing.F) {
	h := testkit.Open(f)
	for _, v := range hostile {
		f.Add("q", v)
		f.Add("sort", v)
		f.Add("name.contains", v)
	}
	nouns := register.All()
	f.Fuzz(func(t *testing.T, name, value string) {
		n := nouns[(len(name)+len(value))%len(nouns)]
		query := "/api/v1/" + n.Path + "?" + url.QueryEscape(name) + "=" + url.QueryEscape(value)
		status, body := asking(h, query)
		innocent(t, query, status, body)
	})
}
