package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// adopted hands records in as they were elsewhere.
func adopted(h *testkit.House, collection string, rows []fields) {
	h.T.Helper()
	var file strings.Builder
	for _, row := range rows {
		line, err := json.Marshal(row)
		if err != nil {
			h.T.Fatal(err)
		}
		fmt.Fprintf(&file, "%s\n", line)
	}
	im := h.As("l6").With("Content-Type", "application/x-ndjson").Post("/imports?collection="+collection+"&adopt=true&mode=commit&date_format=iso", file.String()).Want(202)
	h.RunJobs()
	im = h.As("l6").Get("/imports/" + im.ID()).Want(200)
	if im.Text("report.created") != fmt.Sprint(len(rows)) {
		h.T.Fatalf("not all came in: %s %s", im.Body, h.As("l6").Get("/imports/"+im.ID()+"/errors").Body)
	}
}

// befell is a moment some hours before or after another, "" one time in so many.
func befell(dice *rand.Rand, from time.Time, hours, never int) (string, time.Time) {
	at := from.Add(time.Duration(dice.IntN(hours*60)) * time.Minute)
	if never > 0 && dice.IntN(never) == 0 {
		return "", at
	}
	return string(register.At(at)), at
}

func oneOf(dice *rand.Rand, words ...string) string { return words[dice.IntN(len(words))] }

// randomComplaint is a complaint of the last two years, as it may have stood elsewhere.
func randomComplaint(dice *rand.Rand, i int) fields {
	received := time.Date(2024, 12, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(dice.IntN(650*24*60)) * time.Minute)
	row := fields{
		"title": fmt.Sprintf("Noise at night, %d", i), "description": "Lorries.", "channel": oneOf(dice, "email", "call", "letter"), "anonymous": true,
		"received_at": string(register.At(received)), "category": oneOf(dice, "environment", "safety", "billing"), "severity": oneOf(dice, "low", "medium", "high"),
		"subject": oneOf(dice, "", "Unloading", "Dust", "Berth 4", "Berth 5"), "sensitivity": oneOf(dice, "internal", "internal", "confidential", "restricted"),
		"state":  oneOf(dice, "received", "investigating", "closed_accepted", "closed_rejected", "closed_unfounded", "referred_external"),
		"upheld": oneOf(dice, "unknown", "upheld", "partly", "not_upheld"), "reprioritised": dice.IntN(5) == 0, "extensions": dice.IntN(3), "reviews": dice.IntN(2),
		"paused_total": dice.IntN(200),
	}
	set := func(name, at string) {
		if at != "" {
			row[name] = at
		}
	}
	at, _ := befell(dice, received, 90, 4)
	set("acknowledged_at", at)
	at, _ = befell(dice, received, 90, 5)
	set("acknowledge_due_at", at)
	at, _ = befell(dice, received, 200, 3)
	set("assessed_at", at)
	at, _ = befell(dice, received, 100, 2)
	set("frontline_at", at)
	at, _ = befell(dice, received, 100, 2)
	set("investigated_at", at)
	at, decided := befell(dice, received, 900, 3)
	set("decided_at", at)
	at, _ = befell(dice, received, 900, 4)
	set("decision_due_at", at)
	at, _ = befell(dice, decided, 300, 3)
	set("closed_at", at)
	if dice.IntN(2) == 0 {
		row["satisfaction"] = 1 + dice.IntN(5)
	}
	return row
}

// all reads every record of a collection that somebody sees.
func all(h *testkit.House, handle, collection string) (records []fields) {
	h.T.Helper()
	for path := "/" + collection + "?limit=200"; path != ""; {
		page := h.As(handle).Get(path).Want(200)
		for i := range page.Len("data") {
			records = append(records, page.Value(fmt.Sprintf("data.%d", i)).(map[string]any))
		}
		path = strings.TrimPrefix(page.Text("page.next"), "/api/v1")
	}
	return records
}

var bucharest = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Bucharest")
	if err != nil {
		panic(err)
	}
	return zone
}()

func near(got, want any) bool {
	g, there := got.(float64)
	w, wanted := want.(float64)
	return there == wanted && math.Abs(g-w) <= 0.0001
}

// holdReport holds every figure of a report against the records one by one, and each
// list that it leads to against what it counts.
func holdReport(t *testing.T, h *testkit.House, handle, path string, records []fields, brute map[string]bruteFigure) *testkit.Reply {
	t.Helper()
	report := h.As(handle).Get(path).Want(200)
	from, to := report.Text("period.from_at"), report.Text("period.to_at")
	met := map[string]bool{}
	for i := range report.Len("figures") {
		f := report.Value(fmt.Sprintf("figures.%d", i)).(map[string]any)
		name := f["name"].(string)
		met[name] = true
		if f["formula"] == "" || f["source"] == "" || (f["value"] == nil) != (f["reason"] != nil) {
			t.Errorf("%s does not say what it is: %v", name, f)
		}
		leadsTo(t, h, handle, name, f["drill_url"], f["n"])
		if f["counted_url"] != nil {
			leadsTo(t, h, handle, name, f["counted_url"], f["counted"])
		}
		b, known := brute[name]
		if !known {
			continue
		}
		n, counted, value := b.reckoned(records, from, to)
		if f["n"] != float64(n) || f["counted"] != nil && f["counted"] != float64(counted) || !near(f["value"], value) {
			t.Errorf("%s as %s: %v of %v = %v, want %d of %d = %v", name, handle, f["counted"], f["n"], f["value"], counted, n, value)
		}
		if before, ok := f["previous"].(map[string]any); ok {
			n, counted, value := b.reckoned(records, report.Text("previous.from_at"), report.Text("previous.to_at"))
			if before["n"] != float64(n) || before["counted"] != nil && before["counted"] != float64(counted) || !near(before["value"], value) {
				t.Errorf("%s before, as %s: %v, want %d of %d = %v", name, handle, before, counted, n, value)
			}
		} else if b.on != "" && report.Value("previous") != nil {
			t.Errorf("%s is not compared: %v", name, f)
		}
	}
	for name := range brute {
		if !met[name] {
			t.Errorf("the report has no %s", name)
		}
	}
	return report
}

// leadsTo holds the total of a list against what was counted.
func leadsTo(t *testing.T, h *testkit.House, handle, what string, url, count any) {
	t.Helper()
	got := h.As(handle).Get(strings.TrimPrefix(url.(string), "/api/v1") + "&include_total=true&limit=1").Want(200)
	if got.Value("page.total") != count {
		t.Errorf("%s as %s: %v leads to %v records, %v were counted", what, handle, url, got.Value("page.total"), count)
	}
}

// Every figure of complaints says what a count of the records one by one says, to who
// sees them all and to who does not, and leads to the list of these records.
func TestReportOfComplaints(t *testing.T) {
	h := testkit.Open(t)
	h.As("l7").Patch("/settings/time_zone", fields{"value": "Europe/Bucharest"}).Want(200)
	dice := rand.New(rand.NewPCG(14, 5))
	rows := make([]fields, 150)
	for i := range rows {
		rows[i] = randomComplaint(dice, i)
	}
	parties := joiners(h, dice)
	for _, row := range rows[:100] {
		delete(row, "anonymous")
		row["stakeholder_id"] = oneOf(dice, parties...)
	}
	adopted(h, "complaints", rows)
	holdGroups(h)
	h.Force(register.Stakeholders, residents(h, "Riverside Residents"), "active")
	for _, handle := range []string{"l6", "l4"} {
		records := all(h, handle, "complaints")
		for _, path := range []string{"/reports/complaints?period=2026-Q1", "/reports/complaints?from=2026-01-10&to=2026-10-01&tz=America/New_York"} {
			report := holdReport(t, h, handle, path, records, bruteComplaints())
			holdParts(t, h, handle, report, records)
		}
	}
	if seen, hidden := len(all(h, "l6", "complaints")), len(all(h, "l4", "complaints")); seen != 150 || hidden >= seen {
		t.Errorf("level 6 sees %d and level 4 %d", seen, hidden)
	}
}

// holdParts holds breakdowns and charts against the records one by one.
func holdParts(t *testing.T, h *testkit.House, handle string, report *testkit.Reply, records []fields) {
	t.Helper()
	groups := map[string]bool{}
	for _, g := range all(h, handle, "groups") {
		groups[g["id"].(string)] = true
	}
	for i := range report.Len("breakdowns") {
		by := report.Text(fmt.Sprintf("breakdowns.%d.by", i))
		want, total := partedBy(records, by, report.Text("period.from_at"), report.Text("period.to_at"), groups)
		before, _ := partedBy(records, by, report.Text("previous.from_at"), report.Text("previous.to_at"), groups)
		for j := range report.Len(fmt.Sprintf("breakdowns.%d.lines", i)) {
			line := report.Value(fmt.Sprintf("breakdowns.%d.lines.%d", i, j)).(map[string]any)
			value := line["value"].(string)
			if line["count"] != want[value] || line["previous"] != before[value] || !near(line["share"], want[value]/total) {
				t.Errorf("%s as %s: %v, want %v of %v, before %v", by, handle, line, want, total, before)
			}
			leadsTo(t, h, handle, by, line["drill_url"], line["count"])
			delete(want, value)
		}
		if len(want) > 0 {
			t.Errorf("%s: not told: %v", by, want)
		}
	}
	sum, points := 0.0, report.Len("charts.0.points")
	for i := range points {
		p := report.Value(fmt.Sprintf("charts.0.points.%d", i)).(map[string]any)
		leadsTo(t, h, handle, "a month", p["drill_url"], p["count"])
		sum += p["count"].(float64)
	}
	centre := sum / float64(points)
	if points < 12 || !near(report.Value("charts.0.centre"), centre) || !near(report.Value("charts.0.upper"), centre+3*math.Sqrt(centre)) {
		t.Errorf("limits of %d points with the mean %v: %s", points, centre, report.Text("charts.0.upper"))
	}
}

// A report is asked for by a period or by dates, with or without one before, and as
// a file of the same figures.
func TestReportIsAskedFor(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	period := func(query string) string {
		r := l4.Get("/reports/complaints?" + query).Want(200)
		out := r.Text("period.label") + " " + r.Text("period.from_at") + " " + r.Text("period.to_at")
		if r.Value("previous") != nil {
			out += " after " + r.Text("previous.from")
		}
		return out
	}
	for query, want := range map[string]string{
		"period=2026&tz=UTC":                   "2026 2026-01-01T00:00:00.000Z 2027-01-01T00:00:00.000Z after 2025-01-01",
		"period=2026-Q1&tz=UTC&compare=none":   "2026-Q1 2026-01-01T00:00:00.000Z 2026-04-01T00:00:00.000Z",
		"period=2026-Q4&tz=Europe/Bucharest":   "2026-Q4 2026-09-30T21:00:00.000Z 2026-12-31T22:00:00.000Z after 2026-07-01",
		"period=2026-03&tz=Asia/Kathmandu":     "2026-03 2026-02-28T18:15:00.000Z 2026-03-31T18:15:00.000Z after 2026-02-01",
		"from=2026-11-01&to=2026-11-11&tz=UTC": " 2026-11-01T00:00:00.000Z 2026-11-11T00:00:00.000Z after 2026-10-22",
		"from=today-9d&tz=UTC":                 " 2026-11-13T00:00:00.000Z 2026-11-23T00:00:00.000Z after 2026-11-03",
		"tz=UTC":                               " 2025-11-23T00:00:00.000Z 2026-11-23T00:00:00.000Z after 2024-11-23",
	} {
		if got := period(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for _, query := range []string{"period=2026-Q5", "period=2026-13", "period=1899", "period=last", "period=2026&from=2026-01-01", "from=2026-02-01&to=2026-01-01", "compare=next", "tz=Mars/Olympus", "tz=Local", "format=xlsx", "from=soon"} {
		l4.Get("/reports/complaints?"+query).Code(400, "invalid-parameter")
	}
	l4.Get("/reports/complaints?periode=2026").Code(400, "unknown-parameter")
	h.Enlist("narrow", "l6", "none", "complaints:read").Get("/reports/complaints").Code(403, "insufficient-scope")
	h.Enlist("figures", "l6b", "none", "reports:read").Get("/reports/lessons").Code(403, "insufficient-scope")
	both := h.Enlist("both", "l4b", "none", "reports:read", "complaints:read").Get("/reports/complaints").Want(200)
	if !strings.Contains(string(both.Body), "your key does not open stakeholders") || !strings.Contains(both.Text("sight"), "up to ") {
		t.Errorf("what does not count is not told: %s", both.Body)
	}
	complained(h, nil)
	report := l4.Get("/reports/complaints").Want(200)
	file := l4.With("Accept", "text/csv").Get("/reports/complaints").Want(200)
	if same := l4.Get("/reports/complaints?format=csv").Want(200); string(same.Body) != string(file.Body) || !strings.HasPrefix(file.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("two files: %s\n%s", same.Body, file.Body)
	}
	lines, err := csv.NewReader(strings.NewReader(string(file.Body))).ReadAll()
	if err != nil || len(lines) < report.Len("figures") {
		t.Fatalf("%v: %s", err, file.Body)
	}
	for i := range report.Len("figures") {
		f := fmt.Sprintf("figures.%d.", i)
		if line := lines[i+1]; line[5] != report.Text(f+"name") || line[8] != report.Text(f+"value") || line[9] != report.Text(f+"n") || line[20] == "" {
			t.Errorf("%s is %q in the file", report.Text(f+"name"), line)
		}
	}
}

// Lessons are counted by when they were published and first applied.
func TestReportOfLessons(t *testing.T) {
	h := testkit.Open(t)
	issue := h.Some("issue")
	dice := rand.New(rand.NewPCG(7, 7))
	rows := make([]fields, 60)
	for i := range rows {
		at := time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(dice.IntN(500*24*60)) * time.Minute)
		rows[i] = fields{
			"title": fmt.Sprintf("Ask first, %d", i), "kind": oneOf(dice, "positive", "negative"), "what_happened": "?", "recommendation": "Ask.", "issue_ids": []string{issue},
			"applies_to_tags": []string{"noise"}, "category": oneOf(dice, "safety", "quality"), "sensitivity": oneOf(dice, "internal", "confidential"),
			"state": oneOf(dice, "captured", "published", "applied", "retired"), "created_at": string(register.At(at)),
		}
		if published, then := befell(dice, at, 500, 4); published != "" {
			rows[i]["published_at"] = published
			if applied, _ := befell(dice, then, 900, 2); applied != "" {
				rows[i]["first_applied_at"] = applied
			}
		}
	}
	adopted(h, "lessons", rows)
	for _, handle := range []string{"l6", "l4"} {
		records := all(h, handle, "lessons")
		for _, path := range []string{"/reports/lessons?period=2026", "/reports/lessons?period=2026-Q1&compare=none"} {
			holdReport(t, h, handle, path, records, bruteLessons())
		}
	}
}
