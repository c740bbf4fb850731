package api

import (
	"maps"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// analyseStakeholder answers what the assessments of a stakeholder say together.
//
//	@ID			getStakeholderAnalysis
//	@Summary	Analyse the assessments of a stakeholder
//	@Description	Where the stakeholder stands by the latest score of each scale (quadrant, salience, engagement gap), and how the gap moved over a window, each with its formula and the assessments behind it. The window counts days from the first up to and without the last; without one it is the last 365 days, today included. Rests on the assessments that the caller may see. Needs the scopes stakeholders:read and assessments:read.
//	@Tags		Measures
//	@Param		id		path	string	true	"id or ref of the stakeholder"
//	@Param		from	query	string	false	"first day of the window"	format(date)
//	@Param		to		query	string	false	"day after the last one of the window"	format(date)
//	@Success	200	{object}	ledger.Analysis
//	@Router		/stakeholders/{id}/analysis [get]
func (s *server) analyseStakeholder(c echo.Context) error {
	values, err := params(c, "from", "to")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	days := map[string]register.Date{}
	for _, name := range []string{"from", "to"} {
		given := values.Get(name)
		if given == "" {
			continue
		}
		day, ok := register.ParseDate(given, s.ledger.Now().In(s.zone(ctx)))
		if !ok {
			return invalid(name, "%s takes a date such as 2026-11-22, today or today-30d.", name)
		}
		days[name] = day
	}
	analysis, err := s.ledger.Analyse(ctx, c.Param("id"), days["from"], days["to"])
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, analysis)
}

// EngagementPage is a page of the matrix of engagement.
type EngagementPage struct {
	// Data are the lines, those with the widest gap first unless sort says otherwise.
	Data []ledger.EngagementRow `json:"data"`
	// Page says where the next page is.
	Page pageInfo `json:"page"`
}

// engagementMatrix answers the matrix of engagement.
//
//	@ID			getEngagementMatrix
//	@Summary	Read the matrix of engagement
//	@Description	A line per stakeholder: where it stands, where it should, the gap, the support, and how long ago the last contact was. It is the list of stakeholders with other columns: it takes the same filters, and owner in short for owner_id. Archived stakeholders are left out unless state asks for them.
//	@Tags		Measures
//	@Param		owner			query	string	false	"id or ref of the owner, or me"
//	@Param		state			query	[]string	false	"stages of the relation"	collectionFormat(csv)
//	@Param		gap.gte			query	int		false	"the gap at least"	minimum(-4)	maximum(4)
//	@Param		sort			query	string	false	"as for stakeholders; -gap if left out"
//	@Param		limit			query	int		false	"lines at most"	minimum(1)	maximum(200)
//	@Param		cursor			query	string	false	"where to go on"
//	@Param		include_total	query	bool	false	"whether to count all lines"
//	@Success	200	{object}	EngagementPage
//	@Router		/engagement-matrix [get]
func (s *server) engagementMatrix(c echo.Context) error {
	values, err := query(c)
	if err != nil {
		return err
	}
	ctx, n := c.Request().Context(), register.Stakeholders
	ask, err := s.readListing(ctx, n, asStakeholders(values))
	if err != nil {
		return err
	}
	if len(ask.include) > 0 {
		return invalid("include", "The matrix includes nothing; ask for stakeholders.")
	}
	if ask.only != nil {
		return invalid("fields", "The matrix has its own columns; ask for stakeholders.")
	}
	if !values.Has("state") && !values.Has("state.in") {
		ask.query.Where = append(ask.query.Where, store.Cond{Field: n.Field("state"), Op: "ne", Values: []any{"archived"}})
	}
	m, err := s.ledger.EngagementMatrix(ctx, ask.query, ask.total)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, EngagementPage{Data: m.Rows, Page: resource{s, n}.pageInfo(c, ask, m.Page, values)})
}

// asStakeholders spells the parameters of the matrix as the list of stakeholders
// knows them.
func asStakeholders(values url.Values) url.Values {
	out := maps.Clone(values)
	if owner, given := out["owner"]; given {
		out["owner_id"] = append(owner, out["owner_id"]...)
		delete(out, "owner")
	}
	if !out.Has("sort") {
		out.Set("sort", "-gap")
	}
	return out
}
