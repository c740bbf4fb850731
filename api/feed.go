package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/ledger"
)

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
//	@Description	Sealed entries in the order of their numbers, none twice and none left out. What the caller may not see is left out, so seq may skip; go on after next_after. Prefer: wait=n holds the answer until something happens, at most 29 seconds. Needs the scope events:read.
//	@Tags		Events
//	@Param		after	query	string	false	"the number after which to read, or latest"
//	@Param		types	query	[]string	false	"event types, with * as a wildcard, such as complaint.*"	collectionFormat(csv)
//	@Param		limit	query	int		false	"events at most"	minimum(1)	maximum(200)	default(50)
//	@Param		Prefer	header	string	false	"wait=n, in seconds"
//	@Success	200	{object}	FeedPage
//	@Header		200	{string}	Preference-Applied	"The wait that was granted."
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
	after, err := readAfter(values.Get("after"), 0)
	if err != nil {
		return err
	}
	types, err := readTypes(values)
	if err != nil {
		return err
	}
	feed, err := s.await(c, after, types, limit)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, FeedPage{Data: feed.Events, Page: FeedPosition{feed.NextAfter, feed.More}, OldestAvailableSeq: 1, LatestSeq: feed.Latest})
}

// readAfter reads a place in the feed: a number, or latest.
func readAfter(given string, otherwise int64) (int64, error) {
	switch given {
	case "":
		return otherwise, nil
	case "latest":
		return ledger.Latest, nil
	}
	after, err := strconv.ParseInt(given, 10, 64)
	if err != nil || after < 0 {
		return 0, invalid("after", "after is a number of the feed, or latest.")
	}
	return after, nil
}

func readTypes(values url.Values) ([]string, error) {
	types := splitNames(strings.Join(values["types"], ","))
	return types, ledger.CheckTypes(types)
}

// await reads the feed, and waits for something to happen if the caller wants
// that. Who waited is looked at anew before being told.
func (s *server) await(c echo.Context, after int64, types []string, limit int) (ledger.Feed, error) {
	ctx := c.Request().Context()
	wait, done := s.patience(c, longestWait-time.Second)
	defer done()
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	for {
		sealed := s.ledger.DB.Sealings()
		feed, err := s.ledger.Events(ctx, after, types, limit)
		if err != nil || len(feed.Events) > 0 || feed.More || wait == 0 {
			return feed, err
		}
		after = feed.NextAfter
		select {
		case <-sealed:
		case <-deadline.C:
			return feed, nil
		case <-s.config.Stopping:
			return feed, nil
		case <-ctx.Done():
			return feed, nil
		}
		actor, _, err := s.ledger.Recheck(ctx, authority.From(ctx))
		if err != nil {
			return feed, err
		}
		ctx = authority.With(ctx, actor)
	}
}

// preferredWait is how long the caller wants to wait, up to a most.
func preferredWait(c echo.Context, most time.Duration) time.Duration {
	for part := range strings.SplitSeq(strings.Join(c.Request().Header.Values("Prefer"), ","), ",") {
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
