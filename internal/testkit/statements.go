package testkit

import (
	"context"
	"net/http/httptest"
	"sync"
)

// tally collects the statements that one request puts to the database.
type tally struct {
	mu      sync.Mutex
	queries []string
}

type tallyKey struct{}

// note is told of every statement, and keeps those of requests that are counted:
// what the register does by itself meanwhile is nobody's.
func note(ctx context.Context, query string) {
	if t, counted := ctx.Value(tallyKey{}).(*tally); counted {
		t.mu.Lock()
		t.queries = append(t.queries, query)
		t.mu.Unlock()
	}
}

// Statements sends a request, without any of the checks that Do makes, and returns
// what it put to the database, but for BEGIN and COMMIT. A read is sent twice and the
// fewer count: now and then one also reads anew what is remembered for a second.
func (c *Client) Statements(method, path string, body any) (*Reply, []string) {
	c.T.Helper()
	reply, asked := c.tallied(method, path, body)
	if method != "GET" {
		return reply, asked
	}
	if again, fewer := c.tallied(method, path, body); len(fewer) < len(asked) {
		return again, fewer
	}
	return reply, asked
}

func (c *Client) tallied(method, path string, body any) (*Reply, []string) {
	c.T.Helper()
	t := &tally{}
	req := httptest.NewRequest(method, "/api/v1"+path, reader(body))
	req = req.WithContext(context.WithValue(req.Context(), tallyKey{}, t))
	req.Header.Set("Authorization", "Bearer "+Key(c.handle))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.headers {
		req.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	c.Handler.ServeHTTP(rec, req)
	return &Reply{House: c.House, Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes(), asked: method + " " + path}, t.queries
}
