package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// worklist answers what somebody has to do now.
//
//	@ID			getWorklist
//	@Summary	Read what is to be done now
//	@Description	What a person owns, works on or has to decide: overdue, due today, due within seven days, waiting for the person, and stakeholders that stand further off than they should. Each item says why it is there and which requests take it further. Shows what you may see; of each sort the first 50.
//	@Tags		Worklist
//	@Param		owner	query	string	false	"whose work: me, or a person's id or ref; me if left out"	maxLength(64)
//	@Param		tz		query	string	false	"the zone in which days are read, such as Europe/Bucharest; the organisation's if left out"
//	@Success	200	{object}	ledger.Worklist
//	@Router		/worklist [get]
func (s *server) worklist(c echo.Context) error {
	values, err := params(c, "owner", "tz")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	zone, err := s.zoneOf(ctx, values)
	if err != nil {
		return err
	}
	person := authority.From(ctx).Person()
	if given := values.Get("owner"); given != "" && given != "me" {
		if person, err = s.ledger.IDOf(ctx, register.Users, given); err != nil || person == "" {
			return invalid("owner", "owner is me, or the id or the ref of a person.")
		}
	}
	if person == "" {
		return invalid("owner", "A machine has no work of its own: say whose is asked for.")
	}
	list, err := s.ledger.Worklist(ctx, person, zone)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, list)
}

// named is the id of the record that a parameter names by its id or ref, "" where
// the parameter is not sent.
func (s *server) named(ctx context.Context, n *register.Noun, values url.Values, name string) (string, error) {
	given := values.Get(name)
	if given == "" {
		return "", nil
	}
	id, err := s.ledger.IDOf(ctx, n, given)
	if errors.Is(err, store.ErrNone) || err == nil && id == "" {
		f := invalid(name, "%s names no %s: send an id or a ref.", name, register.Wording(n.Name))
		f.Fields[0].Code = "reference_not_found"
		return "", f
	}
	return id, err
}

// zoneOf is the zone in which a request's days are read.
func (s *server) zoneOf(ctx context.Context, values url.Values) (*time.Location, error) {
	given := values.Get("tz")
	if given == "" {
		return s.zone(ctx), nil
	}
	zone, err := time.LoadLocation(given)
	if err != nil || given == "Local" { // ours is nobody else's business
		return nil, invalid("tz", "tz is the IANA name of a zone, such as Europe/Berlin.")
	}
	return zone, nil
}
