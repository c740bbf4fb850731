package api

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
	"rapport/internal/measure"
	"rapport/internal/register"
)

// CoverageReport is the coverage by contacts, with a page of those who have none.
type CoverageReport struct {
	measure.CoverageResult
	// Page says where the list of the uncovered goes on.
	Page pageInfo `json:"page"`
}

// spocCoverage answers how well stakeholders are covered by contacts.
//
//	@ID			getSpocCoverage
//	@Summary	Measure the coverage by contacts
//	@Description	Which share of the stakeholders that are active now, and that you may see, has exactly one active single point of contact whose level fits; by seniority, with the load of each contact, deputies and continuity. Every number says on how many it rests, names the first 20 of them, and by what formula. Those who are not covered are counted, and named page by page. Needs the scope reports:read.
//	@Tags		Reports
//	@Param		as_of			query	string	false	"the day, today if left out"	format(date)
//	@Param		from			query	string	false	"the first day of the window of handovers; a year before to if left out"	format(date)
//	@Param		to				query	string	false	"the day after the window's last; the day after as_of if left out"	format(date)
//	@Param		include_groups	query	bool	false	"groups in use count as well"
//	@Param		limit			query	int		false	"how many of the uncovered at most"	minimum(1)	maximum(200)
//	@Param		cursor			query	string	false	"where to go on with them, from next_cursor"
//	@Success	200	{object}	CoverageReport
//	@Router		/reports/spoc-coverage [get]
func (s *server) spocCoverage(c echo.Context) error {
	values, err := params(c, "as_of", "from", "to", "include_groups", "limit", "cursor")
	if err != nil {
		return err
	}
	q, err := s.coverageQuery(c, values)
	if err != nil {
		return err
	}
	result, more, err := s.ledger.SpocCoverage(c.Request().Context(), q)
	if err != nil {
		return err
	}
	report := CoverageReport{result, pageInfo{Limit: q.Limit, HasMore: more}}
	if more {
		s.goOn(c, &report.Page, values, "uncovered", result.Uncovered[q.Limit-1].ID)
	}
	return s.send(c, http.StatusOK, report)
}

// coverageQuery reads of which day, window and page the report is to be.
func (s *server) coverageQuery(c echo.Context, values url.Values) (q ledger.CoverageQuery, err error) {
	now := s.ledger.Now().In(s.zone(c.Request().Context()))
	for name, into := range map[string]*register.Date{"as_of": &q.AsOf, "from": &q.From, "to": &q.To} {
		if *into, err = readDay(values, name, now); err != nil {
			return q, err
		}
	}
	if given := values.Get("include_groups"); given != "" {
		if q.Groups, err = strconv.ParseBool(given); err != nil {
			return q, invalid("include_groups", "include_groups is true or false.")
		}
	}
	if q.AsOf > register.On(now) {
		return q, invalid("as_of", "as_of is today or earlier.")
	}
	if q.From != "" && q.To != "" && q.To <= q.From {
		return q, invalid("to", "to comes after from.")
	}
	q.Limit, q.After, err = s.readPage(values, "uncovered")
	return q, err
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
