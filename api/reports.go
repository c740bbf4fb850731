package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
)

// complaintReport answers the figures of complaints.
//
//	@ID			getComplaintReport
//	@Summary	Measure the handling of complaints
//	@Description	The figures that ISO 10002 asks for, over a period and compared with the one before: what came in, what was acknowledged, decided and closed in time, how long it took in working hours and in days, what was upheld, repeated and improved, what is open now; parted by category, severity, channel and the groups of who complained (those that you see, the 50 with the most; a complainant may belong to several), with a control chart of the months. Each says on how many records it rests, by what formula, and where their list is. Without a period it is the last 365 days, today included. A period before of two dates has the same length. Needs the scopes reports:read and complaints:read. With Accept: text/csv or format=csv it is a file of lines.
//	@Tags		Reports
//	@Produce	json,text/csv
//	@Param		period	query	string	false	"a year, a quarter or a month: 2026, 2026-Q3, 2026-07"
//	@Param		from	query	string	false	"first day of the period"	format(date)
//	@Param		to		query	string	false	"day after its last"	format(date)
//	@Param		compare	query	string	false	"what it is compared with; previous if left out"	Enums(previous, none)
//	@Param		tz		query	string	false	"IANA zone in which days begin; the organisation's if left out"
//	@Param		format	query	string	false	"the form of the answer"	Enums(json, csv)
//	@Success	200	{object}	ledger.Report
//	@Router		/reports/complaints [get]
func (s *server) complaintReport(c echo.Context) error { return s.report(c, s.ledger.ComplaintReport) }

// lessonReport answers the figures of lessons.
//
//	@ID			getLessonReport
//	@Summary	Measure the use of lessons
//	@Description	How many lessons were captured, published and applied in a period, which share of the published ones changed something by now, and after how many days, compared with the period before; parted by category and kind. Period, comparison and forms are those of GET /reports/complaints. Needs the scopes reports:read and lessons:read.
//	@Tags		Reports
//	@Produce	json,text/csv
//	@Param		period	query	string	false	"a year, a quarter or a month: 2026, 2026-Q3, 2026-07"
//	@Param		from	query	string	false	"first day of the period"	format(date)
//	@Param		to		query	string	false	"day after its last"	format(date)
//	@Param		compare	query	string	false	"what it is compared with; previous if left out"	Enums(previous, none)
//	@Param		tz		query	string	false	"IANA zone in which days begin; the organisation's if left out"
//	@Param		format	query	string	false	"the form of the answer"	Enums(json, csv)
//	@Success	200	{object}	ledger.Report
//	@Router		/reports/lessons [get]
func (s *server) lessonReport(c echo.Context) error { return s.report(c, s.ledger.LessonReport) }

// report answers a report over the period asked for.
func (s *server) report(c echo.Context, measured func(context.Context, ledger.ReportQuery) (ledger.Report, error)) error {
	values, err := params(c, "period", "from", "to", "compare", "tz", "format")
	if err != nil {
		return err
	}
	q, err := s.readReport(c.Request().Context(), values)
	if err != nil {
		return err
	}
	form, err := choiceOf(values, "format", "json", "csv")
	if err != nil {
		return err
	}
	if !values.Has("format") && strings.HasPrefix(strings.ToLower(c.Request().Header.Get("Accept")), "text/csv") {
		form = "csv"
	}
	report, err := measured(c.Request().Context(), q)
	if err != nil {
		return err
	}
	if form == "csv" {
		return sendReportFile(c, report)
	}
	return s.send(c, http.StatusOK, report)
}

// choiceOf reads a parameter that takes one of some words, the first if left out.
func choiceOf(values url.Values, name string, words ...string) (string, error) {
	given := values.Get(name)
	if given == "" {
		return words[0], nil
	}
	for _, w := range words {
		if w == given {
			return w, nil
		}
	}
	return "", invalid(name, "%s is %s.", name, strings.Join(words, " or "))
}
