package api

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
	"rapport/internal/register"
)

// spocCoverage answers how well stakeholders are covered by contacts.
//
//	@ID			getSpocCoverage
//	@Summary	Measure the coverage by contacts
//	@Description	Which share of the stakeholders that are active now, and that you may see, has exactly one active single point of contact whose level fits; by seniority, with the load of each contact, deputies and continuity. Every number says on how many it rests, on which, and by what formula. Needs the scope reports:read.
//	@Tags		Reports
//	@Param		as_of			query	string	false	"the day, today if left out"	format(date)
//	@Param		from			query	string	false	"the first day of the window of handovers; a year before to if left out"	format(date)
//	@Param		to				query	string	false	"the day after the window's last; the day after as_of if left out"	format(date)
//	@Param		include_groups	query	bool	false	"groups in use count as well"
//	@Success	200	{object}	measure.CoverageResult
//	@Router		/reports/spoc-coverage [get]
func (s *server) spocCoverage(c echo.Context) error {
	values, err := params(c, "as_of", "from", "to", "include_groups")
	if err != nil {
		return err
	}
	now := s.ledger.Now().In(s.zone(c.Request().Context()))
	var q ledger.CoverageQuery
	for name, into := range map[string]*register.Date{"as_of": &q.AsOf, "from": &q.From, "to": &q.To} {
		if *into, err = readDay(values, name, now); err != nil {
			return err
		}
	}
	if given := values.Get("include_groups"); given != "" {
		if q.Groups, err = strconv.ParseBool(given); err != nil {
			return invalid("include_groups", "include_groups is true or false.")
		}
	}
	if q.AsOf > register.On(now) {
		return invalid("as_of", "as_of is today or earlier.")
	}
	if q.From != "" && q.To != "" && q.To <= q.From {
		return invalid("to", "to comes after from.")
	}
	result, err := s.ledger.SpocCoverage(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, result)
}

func readDay(values url.Values, name string, now time.Time) (register.Date, error) {
	given := values.Get(name)
	if given == "" {
		return "", nil
	}
	day, ok := register.ParseDate(given, now)
	if !ok {
		return "", invalid(name, "%s takes a date such as 2026-11-22, today or today-7d.", name)
	}
	return day, nil
}
