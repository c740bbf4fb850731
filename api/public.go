package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// publicRoutes are all that lies below the API's base and is opened by a token in
// the path, without a key.
var publicRoutes = []string{trackingRoute}

const trackingRoute = Base + "/public/complaints/:token"

// opened bounds how often an address asks what needs no key, and how often with
// tokens that are not taken, so that nothing can be guessed. These are counted for each
// route and apart from keys: a calendar that ended, and is asked for on, keeps nobody
// behind the same address from following a complaint or from signing in.
func (s *server) opened(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		g, now, from := s.gate, s.ledger.Now(), network(c.RealIP())
		if wait, empty := g.public.take(from, now, quotaPublic); len(empty) > 0 {
			return s.tooMany(c, wait, empty, "Your address asks more often than it may.")
		}
		here := from + " " + c.Path()
		if wait, empty := g.tokens.spent(here, now, quotaTokens); len(empty) > 0 {
			s.ledger.Notice(ledger.Noticed{Kind: ledger.Untracked, Code: string(fault.QuotaExceeded), Address: from})
			return s.tooMany(c, wait, empty, "Too many tokens from your address were not taken.")
		}
		err := next(c)
		if err != nil && fault.Of(err).Code == fault.NotFound {
			g.tokens.take(here, now, quotaTokens)
			s.ledger.Notice(ledger.Noticed{Kind: ledger.Untracked, Code: string(fault.NotFound), Address: from})
		}
		return err
	}
}

func isPublic(c echo.Context) bool { return slices.Contains(publicRoutes, c.Path()) }

// trackAnew gives a complainant a fresh token.
//
//	@ID			rotateTrackingToken
//	@Summary	Give a complainant a fresh token
//	@Description	For a complaint that came in by a file, or whose token was lost, also because the answer that showed it was not received and is repeated without it: the answer shows a fresh token this once, by which GET /public/complaints/{token} tells how far the complaint is. Those issued before end. Takes what changing the complaint takes; the key needs the scope complaints:write.
//	@Tags		Complaints
//	@Param		id				path	string	true	"the complaint's id or ref"
//	@Param		If-Match		header	string	false	"the version that was seen"
//	@Param		Idempotency-Key	header	string	false	"makes repeating safe; the token is not shown again"
//	@Param		validate_only	query	bool	false	"only try it"
//	@Success	200	{object}	ComplaintCreated
//	@Router		/complaints/{id}/tracking-token [post]
func (s *server) trackAnew(c echo.Context) error {
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	if err := noBody(c); err != nil {
		return err
	}
	ask, err := asked(c, nil)
	if err != nil {
		return err
	}
	a, err := s.ledger.TrackAnew(c.Request().Context(), c.Param("id"), ask)
	if err != nil {
		return err
	}
	return s.sendTracked(c, a, ask.ValidateOnly)
}

// sendEntered answers a change that may have entered a record: a complaint's answer shows
// the token by which its complainant follows it.
func (s *server) sendEntered(c echo.Context, a ledger.Answer, validateOnly bool) error {
	if a.Noun == register.Complaints && a.Created {
		return s.sendTracked(c, a, validateOnly)
	}
	return s.sendAnswer(c, a, validateOnly)
}

// sendTracked answers a complaint with the token that opens it, which is shown this once,
// and with where to get a fresh one.
func (s *server) sendTracked(c echo.Context, a ledger.Answer, validateOnly bool) error {
	if validateOnly {
		return s.sendAnswer(c, a, validateOnly)
	}
	body := a.Body[: len(a.Body)-1 : len(a.Body)-1]
	if a.Token != "" {
		body = append(body, `,"tracking_token":"`+a.Token+`","tracking_url":"`+s.trackingURL(a.Token)+`"`...)
		c.Response().Header().Set("Cache-Control", "no-store")
	}
	body = append(body, `,"tracking_renew_url":"`+a.Noun.URL(s.ledger.Base, a.ID)+`/tracking-token"}`...)
	a.Body = body
	return s.sendAnswer(c, a, validateOnly)
}

// trackingURL leads to what a token shows.
func (s *server) trackingURL(token string) string {
	return s.ledger.Base + "/public/complaints/" + token
}

// ComplaintStatus is how far a complaint is: nothing of what it says, and nobody's name.
type ComplaintStatus struct {
	// Ref is the complaint's short name, to be quoted in letters and calls.
	Ref string `json:"ref" example:"CMP-42"`
	// State is the stage that it is in.
	State string `json:"state" extensions:"x-enum=complaint_state" example:"investigating"`
	// HandledBy is the role of who handles it, null while nobody does.
	HandledBy *string `json:"handled_by" extensions:"x-nullable" example:"Relationship manager"`
	// ReceivedAt is when it reached us.
	ReceivedAt string `json:"received_at" format:"date-time"`
	// AcknowledgedAt is when that was acknowledged, null before.
	AcknowledgedAt *string `json:"acknowledged_at" extensions:"x-nullable" format:"date-time"`
	// DueOn is the day by which the next step is due, null where none is.
	DueOn *string `json:"due_on" extensions:"x-nullable" format:"date"`
	// ToldAt is when the decision was told, null before.
	ToldAt *string `json:"told_at" extensions:"x-nullable" format:"date-time"`
	// ClosedAt is when it came to its end, null before.
	ClosedAt *string `json:"closed_at" extensions:"x-nullable" format:"date-time"`
}

// trackComplaint answers how far a complaint is.
//
//	@ID			getComplaintStatus
//	@Summary	Follow a complaint by its token
//	@Description	How far a complaint is, for whoever has the token that was shown when it was entered: its stage, its dates and the role of who handles it. Nothing else is told. A token that is unknown, has ended or belongs to a complaint that was removed is answered alike. Needs no key; an address may ask so often a minute, and fewer times with tokens that are not taken.
//	@Tags		Complaints
//	@Param		token	path	string	true	"the token"	maxLength(100)
//	@Success	200	{object}	ComplaintStatus
//	@Router		/public/complaints/{token} [get]
func (s *server) trackComplaint(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	t, err := s.ledger.Track(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.send(c, http.StatusOK, ComplaintStatus{
		Ref: t.Ref, State: string(t.State), HandledBy: orNull(t.HandledBy), ReceivedAt: string(t.ReceivedAt), AcknowledgedAt: orNull(string(t.AcknowledgedAt)),
		DueOn: orNull(string(t.DueOn)), ToldAt: orNull(string(t.ToldAt)), ClosedAt: orNull(string(t.ClosedAt)),
	})
}
