package api

import (
	"encoding/csv"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
	"rapport/internal/measure"
	"rapport/internal/tabular"
)

// reportColumns head the lines of a report. Each line stands by itself.
var reportColumns = []string{
	"report", "from_at", "to_at", "time_zone", "part", "name", "label", "unit", "value", "n", "counted", "low", "high",
	"previous_value", "previous_n", "previous_counted", "change", "reason", "formula", "source", "drill_url", "counted_url",
}

// sendReportFile answers a report as a file: a line for each figure, each word or record
// of a breakdown and each point and limit of a chart.
func sendReportFile(c echo.Context, r ledger.Report) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="report-`+r.Report+"-"+string(r.Period.From)+`.csv"`)
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	out := csv.NewWriter(c.Response())
	out.UseCRLF = true
	_ = out.Write(reportColumns) // errors of writing stay until they are asked for
	for _, line := range reportLines(r) {
		_ = out.Write(append([]string{r.Report, string(r.Period.FromAt), string(r.Period.ToAt), r.TimeZone}, line...))
	}
	out.Flush()
	return out.Error()
}

func reportLines(r ledger.Report) (lines [][]string) {
	for _, f := range r.Figures {
		lines = append(lines, figureLine(f))
	}
	for _, b := range r.Breakdowns {
		for _, l := range b.Lines {
			line := make([]string, len(reportColumns)-4)
			line[0], line[1], line[2], line[3] = b.By, l.Value, l.Value, "count"
			if l.Label != nil {
				line[2] = tabular.NeutraliseFormula(*l.Label) // people gave it
			}
			line[4], line[5], line[10], line[16] = whole(l.Count), whole(l.Count), wholeOr(l.Previous), l.DrillURL
			lines = append(lines, line)
		}
	}
	for _, ch := range r.Charts {
		for _, p := range ch.Points {
			line := make([]string, len(reportColumns)-4)
			line[0], line[1], line[2], line[3] = ch.Name, p.Month, p.Month, "count"
			line[4], line[5], line[7], line[8] = strconv.Itoa(p.Count), strconv.Itoa(p.Count), decimal(ch.Lower), decimal(ch.Upper)
			line[13], line[14], line[16] = textOr(ch.Reason), ch.Formula, p.DrillURL
			lines = append(lines, line)
		}
	}
	return lines
}

func figureLine(f ledger.Figure) []string {
	before, low, high := &ledger.FigureBefore{}, "", ""
	if f.Interval != nil {
		low, high = decimal(&f.Interval.Low), decimal(&f.Interval.High)
	}
	beforeN := ""
	if f.Previous != nil {
		before, beforeN = f.Previous, whole(f.Previous.N)
	}
	return []string{
		"figure", f.Name, f.Label, f.Unit, decimal(f.Value), whole(f.N), wholeOr(f.Counted), low, high,
		decimal(before.Value), beforeN, wholeOr(before.Counted), decimal(f.Change), textOr(f.Reason), f.Formula, f.Source, f.DrillURL, textOr(f.CountedURL),
	}
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func wholeOr(n *int64) string {
	if n == nil {
		return ""
	}
	return whole(*n)
}

// decimal is a number as JSON has it, "" for none.
func decimal(n *measure.Number) string {
	if n == nil {
		return ""
	}
	text, err := n.MarshalJSON()
	if err != nil {
		return ""
	}
	return string(text)
}

func textOr(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
