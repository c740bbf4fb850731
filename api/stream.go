package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
)

// Bounds of a stream.
const (
	streamPath   = Base + "/events/stream"
	heartbeat    = 15 * time.Second
	writeTime    = 10 * time.Second // for one write to a reader, who is slow after that
	retryAfter   = 3000             // milliseconds after which a reader comes back
	mostCatchUps = 4                // streams that read the past from the database at once
	catchUpPage  = 200
)

// streams reports whether a request is one that is held open.
func streams(c echo.Context) bool { return c.Path() == streamPath }

// stream tells events as they are sealed (server-sent events).
//
//	@ID			streamEvents
//	@Summary	Follow the change feed as a stream
//	@Description	Server-sent events: id is the event's seq, event its type, data the event itself. Begins now, after the number in after, or where Last-Event-ID says; what the caller may not see is left out. A comment every 15 seconds shows that the stream is alive. It ends when the key is revoked, when the reader is too slow, and when the server stops: come back with Last-Event-ID. Needs the scope events:read, or a ticket.
//	@Tags		Events
//	@Produce	text/event-stream
//	@Param		after			query	string		false	"the number after which to begin, or latest"	default(latest)
//	@Param		types			query	[]string	false	"event types, with * as a wildcard, such as complaint.*"	collectionFormat(csv)
//	@Param		ticket			query	string		false	"a ticket of /events/tickets, instead of a key"	maxLength(100)
//	@Param		Last-Event-ID	header	string		false	"the id of the last event that was received"
//	@Success	200	{string}	string
//	@Router		/events/stream [get]
func (s *server) stream(c echo.Context) error {
	values, err := params(c, "after", "types", "ticket")
	if err != nil {
		return err
	}
	after, err := readAfter(values.Get("after"), ledger.Latest)
	if last := c.Request().Header.Get("Last-Event-ID"); last != "" {
		if after, err = readAfter(last, ledger.Latest); err != nil {
			f := fault.New(fault.InvalidParameter, "Last-Event-ID is the id of an event of this feed.")
			f.Fields = []fault.Field{{Header: "Last-Event-ID", Code: "invalid_format", Detail: f.Detail}}
			return f
		}
	}
	if err != nil {
		return err
	}
	types, err := readTypes(values)
	if err != nil {
		return err
	}
	b := &broadcast{server: s, ctx: c.Request().Context(), types: types, after: after, w: http.NewResponseController(c.Response().Writer), c: c}
	return b.run()
}

// broadcast is one open stream.
type broadcast struct {
	*server
	ctx   context.Context
	c     echo.Context
	w     *http.ResponseController
	types []string
	after int64 // all up to this number was sent
}

// run sends what the reader has missed, then what happens. Once the stream has
// begun there is nobody to tell an error to: it ends, and the reader comes back.
func (b *broadcast) run() error {
	missed, err := b.missed()
	if err != nil {
		return err
	}
	if !b.open() {
		return nil
	}
	defer b.aside()()
	if b.catchUp(missed) != nil {
		return nil
	}
	f, at, err := b.ledger.Follow(b.ctx, b.types)
	if err != nil {
		return nil
	}
	defer f.Leave()
	for b.after < at { // what was sealed since the past was read
		if missed, err = b.missed(); err != nil || b.catchUp(missed) != nil {
			return nil
		}
	}
	b.follow(f)
	return nil
}

// missed reads a stretch of the past. Few do so at once: when a server comes back
// all its readers do.
func (b *broadcast) missed() (ledger.Feed, error) {
	select {
	case b.catchUps <- struct{}{}:
		defer func() { <-b.catchUps }()
	case <-b.ctx.Done():
		return ledger.Feed{}, b.ctx.Err()
	case <-b.config.Stopping:
		return ledger.Feed{}, fault.New(fault.Maintenance, "The register is shutting down.")
	}
	actor, _, err := b.ledger.Recheck(b.ctx, authority.From(b.ctx))
	if err != nil {
		return ledger.Feed{}, err
	}
	return b.ledger.Events(authority.With(b.ctx, actor), b.after, b.types, catchUpPage)
}

// open sends the headers, and lifts the limits of time that other answers have.
func (b *broadcast) open() bool {
	h := b.c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	_ = b.w.SetReadDeadline(time.Time{}) // or the server ends it with the time for reading a request
	b.c.Response().WriteHeader(http.StatusOK)
	return b.write("retry: "+strconv.Itoa(retryAfter)+"\n\n") == nil && b.w.Flush() == nil
}

// catchUp sends a stretch of the past, and reads on until there is no more.
func (b *broadcast) catchUp(feed ledger.Feed) error {
	for {
		for i := range feed.Events {
			told, err := ledger.Tell(&feed.Events[i])
			if err == nil {
				err = b.send(told)
			}
			if err != nil {
				return err
			}
		}
		b.after = max(b.after, feed.NextAfter)
		if err := b.w.Flush(); err != nil || !feed.More {
			return err
		}
		var err error
		if feed, err = b.missed(); err != nil {
			return err
		}
	}
}

// follow sends what is told until the reader has gone, or may not be told more.
func (b *broadcast) follow(f *ledger.Follower) {
	every := b.config.Heartbeat
	if every == 0 {
		every = heartbeat
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-f.Gone:
			return
		case <-b.ctx.Done():
			return
		case <-b.config.Stopping:
			return
		case told := <-f.Events:
			err = b.sendAll(f, told)
		case <-tick.C:
			err = b.beat(f)
		}
		if err != nil {
			return
		}
	}
}

// sendAll sends an event with those that wait behind it, so that they share a packet.
func (b *broadcast) sendAll(f *ledger.Follower, told ledger.Told) error {
	for {
		select {
		case <-f.Gone:
			return errGone
		default:
		}
		if err := b.send(told); err != nil {
			return err
		}
		select {
		case told = <-f.Events:
		default:
			return b.w.Flush()
		}
	}
}

// beat shows that the stream is alive, and moves the reader's place on past what
// was not for them.
func (b *broadcast) beat(f *ledger.Follower) error {
	if f.Ended() {
		return errGone
	}
	sign := ": heartbeat\n"
	if at, all := f.Position(); all {
		sign += "id: " + strconv.FormatInt(max(at, b.after), 10) + "\n"
	}
	if err := b.write(sign + "\n"); err != nil {
		return err
	}
	return b.w.Flush()
}

// errGone ends a stream.
var errGone = errors.New("the reader is told nothing more")

func (b *broadcast) send(t ledger.Told) error {
	if t.Seq <= b.after {
		return nil // it was sent with the past
	}
	b.after = t.Seq
	return b.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", t.Seq, t.Type, t.Body))
}

func (b *broadcast) write(text string) error {
	_ = b.w.SetWriteDeadline(time.Now().Add(writeTime)) // recorders of tests have none
	_, err := b.c.Response().Write([]byte(text))
	return err
}

// EventTicket opens the stream of events once.
type EventTicket struct {
	// Ticket goes into the parameter ticket of the stream, shown this once.
	Ticket string `json:"ticket" example:"mT9c2vYb0H1kq8sXw4dZ5Q"`
	// ExpiresAt is when it ends if it was not used.
	ExpiresAt string `json:"expires_at" format:"date-time"`
	// URL is the stream with the ticket in it, for EventSource.
	URL string `json:"url" example:"/api/v1/events/stream?ticket=mT9c2vYb0H1kq8sXw4dZ5Q"`
}

// issueTicket makes a ticket, for browsers whose EventSource can send no header.
//
//	@ID			createEventTicket
//	@Summary	Get a ticket for the stream of events
//	@Description	A ticket stands in for the key in the URL of the stream, once and within 60 seconds; the stream then sees what the key opens. Needs the scope events:read. Takes no body and writes no event.
//	@Tags		Events
//	@Success	201	{object}	EventTicket
//	@Router		/events/tickets [post]
func (s *server) issueTicket(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	if err := noBody(c); err != nil {
		return err
	}
	ticket, until, err := s.ledger.IssueTicket(c.Request().Context())
	if err != nil {
		return err
	}
	at := s.ledger.Base + "/events/stream"
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Location", at)
	return s.send(c, http.StatusCreated, EventTicket{ticket, string(until), at + "?ticket=" + ticket})
}

// admitted lets a ticket stand in for a key.
func (s *server) admitted(c echo.Context, ticket string, next echo.HandlerFunc) error {
	r := c.Request()
	if r.Header.Get("Authorization") != "" || r.Header.Get("X-API-Key") != "" {
		f := invalid("ticket", "Send a ticket or a key, not both.")
		f.Fields[0].Code = "conflicts_with"
		return f
	}
	actor, err := s.tried(c, ticket, func(ctx context.Context, ticket string) (authority.Actor, error) {
		return s.ledger.Admit(ctx, ticket, c.RealIP())
	})
	if err != nil {
		return err
	}
	c.SetRequest(r.WithContext(authority.With(r.Context(), actor)))
	if err := s.metered(c, actor); err != nil {
		return err
	}
	err = next(c)
	s.noteRefusal(c, err)
	return err
}
