package api

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
	"rapport/internal/register"
)

// members answers who belonged to a group on a day.
//
//	@ID			listGroupMembers
//	@Summary	List who belonged to a group on a day
//	@Description	The stakeholders who were members on the day, of the group and of its subgroups unless nested is false. Filters, sort, include and pages are those of the list of stakeholders. In the past the days of the memberships decide, their last day included; today their state does. Members of a group that the caller may not see are left out. The members of a group of kind rule are the stakeholders who meet its rule now: as_of answers 422 not_historical.
//	@Tags		Groups
//	@Param		id		path	string	true	"the group's id or ref"
//	@Param		as_of	query	string	false	"the day, such as 2026-11-22 or today-30d; today if left out"
//	@Param		nested	query	bool	false	"whether members of subgroups count; true if left out"
//	@Param		limit	query	int		false	"records in a page, at most"	minimum(1)	maximum(200)
//	@Param		cursor	query	string	false	"the page, as the last answer named it"
//	@Param		fields	query	[]string	false	"the members to send, with one level into references as in owner.name; id and version always come"	collectionFormat(csv)
//	@Success	200	{object}	StakeholderPage
//	@Router		/groups/{id}/members [get]
func (s *server) members(c echo.Context) error {
	values, err := query(c)
	if err != nil {
		return err
	}
	on, err := s.asOf(c, values)
	if err != nil {
		return err
	}
	nested := values.Get("nested")
	if nested != "" && nested != "true" && nested != "false" {
		return invalid("nested", "nested is true or false.")
	}
	r := resource{server: s, noun: register.Stakeholders}
	rest := maps.Clone(values)
	rest.Del("as_of")
	rest.Del("nested")
	ask, err := r.readListing(c.Request().Context(), r.noun, rest)
	if err != nil {
		return err
	}
	page, err := s.ledger.Members(c.Request().Context(), c.Param("id"), on, values.Has("as_of"), nested != "false", ask.query, ask.only, ask.total)
	if err != nil {
		return err
	}
	return r.sendPage(c, ask, page, values)
}

// asOf is the day that a request asks about, today if it names none.
func (s *server) asOf(c echo.Context, values url.Values) (register.Date, error) {
	ctx := c.Request().Context()
	given := values.Get("as_of")
	if given == "" {
		return s.ledger.Today(ctx), nil
	}
	on, ok := register.ParseDate(given, s.ledger.Now().In(s.zone(ctx)))
	if !ok {
		return "", invalid("as_of", "as_of takes a date such as 2026-11-22, today or today-30d.")
	}
	return on, nil
}

// network answers to whom a stakeholder is related.
//
//	@ID			getStakeholderNetwork
//	@Summary	Show a stakeholder's network
//	@Description	The stakeholder, those to whom it is related, at depth 2 and 3 those to whom these are related, and the relationships among all of them, with plain counts: degree, related senior stakeholders whom nobody facilitates, isolated definitive stakeholders. Relationships that have ended are shown only for days in the past on which they held. Stakeholders and relationships that the caller may not see are left out, and nothing is reached through them. truncated says that there are more than 2,000 stakeholders, or more relationships than are read at once.
//	@Tags		Stakeholders
//	@Param		id		path	string	true	"the stakeholder's id or ref"
//	@Param		depth	query	int		false	"relationships from the middle to the margin"	minimum(1)	maximum(3)	default(1)
//	@Param		as_of	query	string	false	"the day, such as 2026-11-22 or today-30d; today if left out"
//	@Success	200	{object}	ledger.Network
//	@Router		/stakeholders/{id}/network [get]
func (s *server) network(c echo.Context) error {
	values, err := params(c, "depth", "as_of")
	if err != nil {
		return err
	}
	depth := 1
	if given := values.Get("depth"); given != "" {
		if depth, err = strconv.Atoi(given); err != nil || depth < 1 || depth > ledger.DeepestNetwork {
			bad := invalid("depth", "depth takes 1 to %d.", ledger.DeepestNetwork)
			bad.Fields[0].Code, bad.Fields[0].Params = "out_of_range", map[string]any{"min": 1, "max": ledger.DeepestNetwork}
			return bad
		}
	}
	on, err := s.asOf(c, values)
	if err != nil {
		return err
	}
	network, err := s.ledger.Network(c.Request().Context(), c.Param("id"), on, depth)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, network)
}
