package testkit

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Serve puts the house behind a real port until the test ends, for answers that
// are held open.
func (h *House) Serve() *httptest.Server {
	server := httptest.NewServer(h.Handler)
	h.T.Cleanup(server.Close)
	return server
}

// Stream is an open stream of events.
type Stream struct {
	*House
	Status int
	Header http.Header
	end    context.CancelFunc
	events chan StreamEvent
}

// StreamEvent is one event of a stream; one without data only tells the place.
type StreamEvent struct {
	ID, Type, Retry, Comment string
	Data                     map[string]any
}

// Follow opens a stream below the API's base.
func (c *Client) Follow(server *httptest.Server, path string) *Stream {
	c.T.Helper()
	ctx, end := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/v1"+path, nil)
	if err != nil {
		c.T.Fatal(err)
	}
	if c.handle != "" {
		req.Header.Set("Authorization", "Bearer "+Key(c.handle))
	}
	for k, v := range c.headers {
		req.Header.Set(k, v)
	}
	answer, err := server.Client().Do(req) //nolint:bodyclose // closed by who reads it
	if err != nil {
		c.T.Fatal(err)
	}
	s := &Stream{House: c.House, Status: answer.StatusCode, Header: answer.Header, end: end, events: make(chan StreamEvent, 4096)}
	c.T.Cleanup(s.Close)
	go func() {
		defer func() { _ = answer.Body.Close() }()
		defer close(s.events)
		s.read(bufio.NewScanner(answer.Body))
	}()
	return s
}

// Close leaves the stream.
func (s *Stream) Close() { s.end() }

func (s *Stream) read(lines *bufio.Scanner) {
	lines.Buffer(nil, 1<<20)
	e := StreamEvent{}
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "":
			s.events <- e
			e = StreamEvent{}
		case name == "":
			e.Comment = value
		case name == "id":
			e.ID = value
		case name == "event":
			e.Type = value
		case name == "retry":
			e.Retry = value
		case name == "data":
			_ = json.Unmarshal([]byte(value), &e.Data)
		}
	}
}

// patience is how long a stream is waited for.
const patience = 10 * time.Second

// Any is the next thing that the stream says; false once it has ended.
func (s *Stream) Any() (StreamEvent, bool) {
	s.T.Helper()
	select {
	case e, more := <-s.events:
		return e, more
	case <-time.After(patience):
		s.T.Fatal("the stream says nothing and does not end")
	}
	return StreamEvent{}, false
}

// Next is the next event, whatever signs of life come before it.
func (s *Stream) Next() StreamEvent {
	s.T.Helper()
	for {
		e, more := s.Any()
		if !more {
			s.T.Fatal("the stream has ended")
		}
		if e.Data != nil {
			return e
		}
	}
}

// Ends waits for the stream's end and tells the events that came before it.
func (s *Stream) Ends() (last []StreamEvent) {
	s.T.Helper()
	for {
		e, more := s.Any()
		if !more {
			return last
		}
		if e.Data != nil {
			last = append(last, e)
		}
	}
}
