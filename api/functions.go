package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/ledger"
)

// Signpost leads to the document.
type Signpost struct {
	// Name is Rapport.
	Name string `json:"name" example:"Rapport"`
	// OpenAPI leads to this document.
	OpenAPI string `json:"openapi" example:"/openapi.json"`
	// Docs leads to this document as pages.
	Docs string `json:"docs" example:"/docs"`
	// Version is the program's version.
	Version string `json:"version" example:"1.0.0"`
}

// discover leads clients to the document.
//
//	@ID				getSignpost
//	@Summary		Find the document from the root
//	@Description	Leads to this document; the header Link says the same. Needs no key.
//	@Tags			Service
//	@Success		200	{object}	Signpost
//	@Router			/ [get]
func (s *server) discover(c echo.Context) error {
	c.Response().Header().Set("Link", `</openapi.json>; rel="service-desc", </docs>; rel="service-doc"`)
	return s.send(c, http.StatusOK, Signpost{"Rapport", "/openapi.json", "/docs", s.config.Build.Version})
}

// Me is who asks, and what they may do: a client hides buttons by it.
type Me struct {
	// Type is user or service.
	Type string `json:"type" enums:"user,service"`
	// ID is the person's id, or the key's.
	ID string `json:"id"`
	// Name is what the person, or the key, is called.
	Name string `json:"name"`
	// Level is the level of relationship management, null for none.
	Level *int `json:"level"`
	// Roles are the roles beside the level.
	Roles []string `json:"roles"`
	// Scopes are what the key opens.
	Scopes []string `json:"scopes"`
	// Clearance is the highest sensitivity seen without being named.
	Clearance string `json:"clearance"`
	// TimeZone is the zone in which dates are read.
	TimeZone string `json:"time_zone"`
}

// me answers who asks.
//
//	@ID			getMe
//	@Summary	Tell who is asking
//	@Description	Level, roles, scopes and clearance of the caller, so that a client can hide what is not permitted. Any key may ask.
//	@Tags		Account
//	@Success	200	{object}	Me
//	@Router		/me [get]
func (s *server) me(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	a := authority.From(c.Request().Context())
	m := Me{
		Type: string(a.Type), ID: a.ID, Name: a.Name, Roles: append([]string{}, a.Roles...), Scopes: append([]string{}, a.Scopes...),
		Clearance: a.Clearance().String(), TimeZone: s.ledger.Setting(c.Request().Context(), "time_zone"),
	}
	if a.Level != authority.None {
		level := int(a.Level)
		m.Level = &level
	}
	return s.send(c, http.StatusOK, m)
}

// FeedPage is a stretch of the change feed.
type FeedPage struct {
	// Data are the events, oldest first.
	Data []ledger.Event `json:"data"`
	// Page says where to go on.
	Page FeedPosition `json:"page"`
	// OldestAvailableSeq is always 1: entries are never deleted.
	OldestAvailableSeq int64 `json:"oldest_available_seq"`
	// LatestSeq is the number of the last event.
	LatestSeq int64 `json:"latest_seq"`
}

// FeedPosition says where a feed goes on.
type FeedPosition struct {
	// NextAfter is the number to ask after next.
	NextAfter int64 `json:"next_after"`
	// HasMore says whether more events wait already.
	HasMore bool `json:"has_more"`
}

// longestWait is how long a feed is held open for something to happen.
const longestWait = 30 * time.Second

// events answers the change feed.
//
//	@ID			listEvents
//	@Summary	Read the change feed
//	@Description	Sealed entries in the order of their numbers, none twice and none left out. What the caller may not see is left out, so seq may skip. Prefer: wait=n holds the answer until something happens. Needs the scope events:read.
//	@Tags		Events
//	@Param		after	query	string	false	"the number after which to read, or latest"
//	@Param		types	query	[]string	false	"event types, with * as a wildcard"	collectionFormat(csv)
//	@Param		limit	query	int		false	"events at most"	minimum(1)	maximum(200)
//	@Param		Prefer	header	string	false	"wait=n, in seconds"
//	@Success	200	{object}	FeedPage
//	@Router		/events [get]
func (s *server) events(c echo.Context) error {
	values, err := params(c, "after", "types", "limit")
	if err != nil {
		return err
	}
	limit, err := readLimit(values)
	if err != nil {
		return err
	}
	after := int64(0)
	switch given := values.Get("after"); given {
	case "":
	case "latest":
		after = ledger.Latest
	default:
		if after, err = strconv.ParseInt(given, 10, 64); err != nil || after < 0 {
			return invalid("after", "after is a number of the feed, or latest.")
		}
	}
	feed, err := s.await(c, after, splitNames(strings.Join(values["types"], ",")), limit)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, FeedPage{Data: feed.Events, Page: FeedPosition{feed.NextAfter, feed.More}, OldestAvailableSeq: 1, LatestSeq: feed.Latest})
}

// await reads the feed, and waits for something to happen if the caller wants that.
func (s *server) await(c echo.Context, after int64, types []string, limit int) (ledger.Feed, error) {
	ctx := c.Request().Context()
	deadline := time.After(preferredWait(c, longestWait-time.Second))
	for {
		sealed := s.ledger.DB.Sealings()
		feed, err := s.ledger.Events(ctx, after, types, limit)
		if err != nil || len(feed.Events) > 0 || feed.More || preferredWait(c, longestWait-time.Second) == 0 {
			return feed, err
		}
		after = feed.NextAfter
		select {
		case <-sealed:
		case <-deadline:
			return feed, nil
		case <-ctx.Done():
			return feed, nil
		}
	}
}

// preferredWait is how long the caller wants to wait, up to a most.
func preferredWait(c echo.Context, most time.Duration) time.Duration {
	for part := range strings.SplitSeq(c.Request().Header.Get("Prefer"), ",") {
		if n, found := strings.CutPrefix(strings.TrimSpace(part), "wait="); found {
			if seconds, err := strconv.Atoi(n); err == nil && seconds > 0 {
				seconds = min(seconds, int(most/time.Second))
				c.Response().Header().Set("Preference-Applied", "wait="+strconv.Itoa(seconds))
				return time.Duration(seconds) * time.Second
			}
		}
	}
	return 0
}

// verify checks the chain of entries.
//
//	@ID			verifyAudit
//	@Summary	Verify the chain of entries
//	@Description	Checks every link between two numbers, at most 100,000 in one call. Takes the role admin or level 7.
//	@Tags		Audit
//	@Param		from	query	int	false	"the first number; 1 if left out"	minimum(1)
//	@Param		to		query	int	false	"the last number; the newest if left out"
//	@Success	200	{object}	store.Verdict
//	@Router		/audit/verify [get]
func (s *server) verify(c echo.Context) error {
	values, err := params(c, "from", "to")
	if err != nil {
		return err
	}
	bounds := map[string]int64{"from": 1, "to": 0}
	for name := range bounds {
		if given := values.Get(name); given != "" {
			n, err := strconv.ParseInt(given, 10, 64)
			if err != nil || n < 1 {
				return invalid(name, "%s is a number of the chain, from 1.", name)
			}
			bounds[name] = n
		}
	}
	verdict, err := s.ledger.Verify(c.Request().Context(), bounds["from"], bounds["to"])
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, verdict)
}
