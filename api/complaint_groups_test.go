package api_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// keeps stops the test unless a complaint keeps these groups.
func keeps(r *testkit.Reply, groups ...string) {
	r.T.Helper()
	slices.Sort(groups)
	if got := texts(r.Value("group_ids")); !slices.Equal(got, groups) {
		r.T.Fatalf("it keeps %v, want %v: %s", got, groups, r.Body)
	}
}

// lineOf is the line of a group in a report, nil for none.
func lineOf(report *testkit.Reply, group string) map[string]any {
	report.T.Helper()
	for i := range report.Len("breakdowns") {
		at := fmt.Sprintf("breakdowns.%d.", i)
		for j := range report.Len(at + "lines") {
			if line := report.Value(fmt.Sprintf("%slines.%d", at, j)).(map[string]any); report.Text(at+"by") == "group_ids" && line["value"] == group {
				return line
			}
		}
	}
	return nil
}

// wasMember enters a membership that ended on a day.
func wasMember(t *testing.T, c *testkit.Client, group, stakeholder, from, to string) {
	t.Helper()
	c.Move(join(t, c, group, stakeholder, from), "end", fields{"to_on": to}).Want(200)
}

// A complaint keeps the groups to which its complainant belonged on the day of receipt,
// as it was in the organisation's zone, whatever becomes of the memberships; who is
// named later brings the groups of that day.
func TestComplaintKeepsTheGroupsOfItsDay(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	h.As("l7").Patch("/settings/time_zone", fields{"value": "Europe/Bucharest"}).Want(200)
	since, until, before, after := group(t, l4, "Neighbours", ""), group(t, l4, "Liaison committee", ""), group(t, l4, "Anglers", ""), group(t, l4, "Customers", "")
	l4.Post("/groups", fields{"name": "All groups", "kind": "rule", "rule": fields{"field": "kind", "op": "eq", "value": "group"}}).Want(201)
	party, other := stakeholder(t, l4, "Riverside Residents", "group"), stakeholder(t, l4, "Harbour Board", "organisation")
	stays := join(t, l4, since, party, "2026-11-06")
	wasMember(t, l4, until, party, "2026-03-01", "2026-11-06")
	wasMember(t, l4, until, party, "2026-05-01", "2026-11-07")
	wasMember(t, l4, before, party, "2026-03-01", "2026-11-05")
	join(t, l4, after, party, "2026-11-07")
	join(t, l4, before, other, "2026-01-01")

	evening := fields{"received_at": "2026-11-05T22:30:00Z"} // past midnight there
	path := complained(h, merged(evening, fields{"stakeholder_id": party}))
	keeps(l4.Get(path).Want(200), since, until)
	l4.Move(stays, "end", fields{"to_on": "2026-11-10"}).Want(200)
	l4.Patch(path, fields{"unit": "Terminal"}).Want(200)
	keeps(l4.Move(path, "acknowledge", received()).Want(200), since, until)
	l4.Patch(path, fields{"group_ids": []string{after}}).Want(422).Fault("#/group_ids", "read_only")
	h.As("none").Post("/complaints", fields{"title": "?", "description": "?", "channel": "email", "anonymous": true, "group_ids": []string{after}}).Want(422).Fault("#/group_ids", "read_only")

	named := complained(h, evening)
	keeps(l4.Get(named).Want(200))
	keeps(l4.Move(named, "identify", fields{"stakeholder_id": party}).Want(200), since, until)
	keeps(l4.Move(named, "identify", fields{"stakeholder_id": other}).Want(200), before)
	keeps(l4.Move(named, "identify", fields{"stakeholder_id": stakeholder(t, l4, "Ana Pop", "individual")}).Want(200))

	listed := func(query string, want int) {
		t.Helper()
		shows(l4.Get("/complaints?include_total=true&"+query).Want(200), "page.total", want)
	}
	listed("group_ids="+since, 1)
	listed("group_ids.any=GRP-1,GRP-4", 1)
	listed("group_ids.all=GRP-1,GRP-2", 1)
	listed("group_ids.all=GRP-1,GRP-4", 0)
	listed("group_ids.none=GRP-1", 1)
	listed("group_ids.null=true", 1)
	if file := l4.Get("/complaints/export?format=csv").Want(200); !strings.Contains(string(file.Body), "GRP-1") || !strings.Contains(string(file.Body), "group_ids") {
		t.Errorf("not in the export: %s", file.Body)
	}
	h.As("l5").Delete(stays).Want(204)
	shows(h.As("l5").Delete("/groups/"+since).Code(409, "still-referenced"), "references.0.collection", "complaints")
}

// What is adopted from elsewhere keeps its groups too.
func TestAdoptedComplaintKeepsItsGroups(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	neighbours, party := group(t, l4, "Neighbours", ""), stakeholder(t, l4, "Riverside Residents", "group")
	wasMember(t, l4, neighbours, party, "2025-01-01", "2025-12-31")
	row := fields{"title": "Noise", "description": "At night.", "channel": "call", "stakeholder_id": party, "state": "closed_accepted"}
	adopted(h, "complaints", []fields{merged(row, fields{"received_at": "2025-12-31T20:00:00Z"}), merged(row, fields{"received_at": "2026-01-01T08:00:00Z"})})
	list := l4.Get("/complaints?sort=received_at").Want(200)
	if first, second := texts(list.Value("data.0.group_ids")), texts(list.Value("data.1.group_ids")); !slices.Equal(first, []string{neighbours}) || len(second) > 0 {
		t.Errorf("adopted with %v and %v", first, second)
	}
}

// The report of complaints parts what came in by the groups of who complained, those that
// the reader sees, and each line leads to the complaints that it counts.
func TestReportPartsComplaintsByGroup(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	neighbours, anglers := group(t, l4, "=Neighbours", ""), group(t, l4, "Anglers", "")
	party, other := stakeholder(t, l4, "Riverside Residents", "group"), stakeholder(t, l4, "Harbour Board", "organisation")
	join(t, l4, neighbours, party, "2026-01-01")
	join(t, l4, anglers, party, "2026-01-01")
	join(t, l4, anglers, other, "2026-11-10")
	for day, who := range map[string]string{"2026-10-20": party, "2026-11-04": other, "2026-11-05": party, "2026-11-12": other} {
		complained(h, fields{"received_at": day + "T10:00:00Z", "stakeholder_id": who})
	}
	complained(h, fields{"received_at": "2026-11-06T10:00:00Z", "anonymous": true})
	l6.Post("/complaints", fields{"title": "Quiet word", "description": "Not for all.", "channel": "call", "stakeholder_id": party, "received_at": "2026-11-07T10:00:00Z", "sensitivity": "confidential"}).Want(201)

	const path = "/reports/complaints?from=2026-11-01&to=2026-11-23&tz=UTC"
	for handle, want := range map[string][3]float64{"l4": {2, 1, 4}, "l6": {3, 2, 5}} {
		report := h.As(handle).Get(path).Want(200)
		for i, name := range []string{"Anglers", "=Neighbours"} {
			line := lineOf(report, []string{anglers, neighbours}[i])
			if line["count"] != want[i] || line["label"] != name || line["previous"] != 1.0 || !near(line["share"], want[i]/want[2]) {
				t.Errorf("%s as %s: %v", name, handle, line)
			}
			leadsTo(t, h, handle, name, line["drill_url"], line["count"])
		}
		shows(report, "breakdowns.0.lines.0.label", nil)
		shows(report, "breakdowns.3.lines.0.value", anglers)
	}
	if alone := lineOf(l4.Get(path+"&compare=none").Want(200), anglers); alone["previous"] != nil {
		t.Errorf("it is compared with nothing: %v", alone)
	}
	lines, err := csv.NewReader(strings.NewReader(string(l4.Get(path + "&format=csv").Want(200).Body))).ReadAll()
	at := slices.IndexFunc(lines, func(line []string) bool { return line[4] == "group_ids" && line[5] == neighbours })
	if err != nil || at < 0 || lines[at][6] != "'=Neighbours" || lines[at][8] != "1" || lines[at][14] != "1" || !strings.Contains(lines[at][20], "group_ids="+neighbours) {
		t.Errorf("not in the file: %v, %q", err, lines)
	}
	narrow := h.Enlist("narrow", "l6", "none", "reports:read", "complaints:read").Get(path).Want(200)
	shows(narrow, "breakdowns.3.reason", "your key does not open groups")
	shows(narrow, "breakdowns.3.lines", "[]")
	if strings.Contains(string(narrow.Body), "Anglers") {
		t.Errorf("it names groups: %s", narrow.Body)
	}
}

// Nobody learns of a group that is hidden from them: neither from complaints that are
// less sensitive than it, nor from the report, nor where it became so later.
func TestHiddenGroupsAreNotToldByComplaints(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	secret := idOf(enter(t, l6, "/groups", fields{"name": "Secret talks", "sensitivity": "restricted"}))
	open, later := group(t, l4, "Neighbours", ""), group(t, l4, "Buyers of the quay", "")
	party := stakeholder(t, l4, "Riverside Residents", "group")
	for _, g := range []string{secret, open, later} {
		join(t, l6, g, party, "2026-01-01")
	}
	discreet := group(t, l4, "Witnesses", "")
	l6.Patch(join(t, l6, discreet, party, "2026-01-01"), fields{"sensitivity": "restricted"}).Want(200)
	keeps(l6.Get(complained(h, fields{"stakeholder_id": party})).Want(200), open, later)
	guarded := fields{"title": "Quiet word", "description": "Not for all.", "channel": "call", "received_at": "2026-11-20T10:00:00Z"}
	keeps(l6.Post("/complaints", merged(guarded, fields{"stakeholder_id": party, "sensitivity": "restricted"})).Want(201), open, later, secret, discreet)
	source := hiddenPerson(t, l6, "Source")
	join(t, l6, secret, source, "2026-01-01")
	keeps(l6.Post("/complaints", merged(guarded, fields{"stakeholder_id": source})).Want(201), secret)
	unnamed := "/complaints/" + l6.Post("/complaints", merged(guarded, fields{"complainant": fields{"name": "A voice"}})).Want(201).ID()
	keeps(l6.Move(unnamed, "identify", fields{"stakeholder_id": source}).Want(200), secret)

	l6.Patch("/groups/"+later, fields{"sensitivity": "restricted"}).Want(200)
	report := l4.Get("/reports/complaints?period=2026").Want(200)
	for _, word := range []string{"Secret", "Buyers", "Witnesses", secret, later, discreet} {
		if strings.Contains(string(report.Body), word) {
			t.Errorf("level 4 reads %s: %s", word, report.Body)
		}
	}
	if line := lineOf(report, open); line["count"] != 1.0 || line["share"] != 1.0 {
		t.Errorf("of the open group: %v", line)
	}
	for id, want := range map[string]float64{secret: 3, later: 2, open: 2, discreet: 1} {
		line := lineOf(l6.Get("/reports/complaints?period=2026").Want(200), id)
		if line["count"] != want {
			t.Errorf("%s as level 6: %v, want %v", id, line, want)
		}
		leadsTo(t, h, "l6", "a hidden group", line["drill_url"], line["count"])
	}
}
