package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// calls enters interactions with a party at the given moments.
func calls(h *testkit.House, with string, sensitivity string, moments ...string) {
	h.T.Helper()
	for _, at := range moments {
		h.As("l6").Post("/interactions", fields{
			"channel": "call", "direction": "inbound", "occurred_at": at, "subject": "Unloading at night", "summary": "They called.", "sentiment": "negative",
			"stakeholder_ids": []string{with}, "sensitivity": sensitivity, "duration_minutes": 10,
		}).Want(201)
	}
}

// What happened at half past midnight in Berlin happened in July there, although
// it was June in Greenwich; and in Kathmandu days begin at a quarter to.
func TestAggregatePutsMomentsIntoTheCallersTime(t *testing.T) {
	h := testkit.Open(t)
	party := residents(h, "Riverside Residents")
	calls(h, party, "internal", "2026-06-30T21:50:00Z", "2026-06-30T22:30:00Z", "2026-06-30T18:20:00Z", "2026-01-02T10:00:00Z")
	l4 := h.As("l4")
	month := func(zone string) map[string]any {
		out := map[string]any{}
		r := l4.Get("/interactions/aggregate?group_by=occurred_at.month&tz=" + zone).Want(200)
		if r.Text("time_zone") != zone {
			t.Errorf("the answer speaks of %s, not of %s", r.Text("time_zone"), zone)
		}
		for i := range r.Len("data") {
			line := r.Value(fmt.Sprintf("data.%d", i)).(map[string]any)
			out[line["occurred_at.month"].(string)] = line["count"]
		}
		return out
	}
	for zone, want := range map[string]string{
		"UTC":            "map[2026-01:1 2026-06:3]",
		"Europe/Berlin":  "map[2026-01:1 2026-06:2 2026-07:1]",
		"Asia/Kathmandu": "map[2026-01:1 2026-07:3]",
	} {
		if got := fmt.Sprint(month(zone)); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
	r := l4.Get("/interactions/aggregate?group_by=occurred_at.week,occurred_at.quarter,sentiment&metrics=count,sum(duration_minutes),avg(duration_minutes)").Want(200)
	if got := fmt.Sprint(r.Value("data.0")); got != "map[avg(duration_minutes):10 count:1 occurred_at.quarter:2026-Q1 occurred_at.week:2026-W01 sentiment:negative sum(duration_minutes):10]" {
		t.Error(got)
	}
}

// Every count is the caller's own: what one may not see is in no group, unless one
// is named on it.
func TestAggregateCountsWhatTheCallerSees(t *testing.T) {
	h := testkit.Open(t)
	for i, sensitivity := range []string{"public", "internal", "confidential", "restricted"} {
		for range i + 1 {
			h.As("l6").Post("/stakeholders", fields{"name": fmt.Sprint("Board ", sensitivity, h.Entries()), "kind": "group", "sensitivity": sensitivity, "client_tier": "large"}).Want(201)
		}
	}
	h.As("l6").Post("/stakeholders", fields{"name": "Ana's own", "kind": "group", "sensitivity": "restricted", "client_tier": "large", "owner_id": h.People["l4"]}).Want(201)
	for who, want := range map[string]int{"none": 3, "l4": 4, "l5": 6, "l6": 11} {
		c := h.As(who)
		r := c.Get("/stakeholders/aggregate?group_by=client_tier,owner_id").Want(200)
		sum := 0
		for i := range r.Len("data") {
			sum += int(r.Value(fmt.Sprintf("data.%d.count", i)).(float64))
		}
		total := int(c.Get("/stakeholders?client_tier=large&include_total=true").Want(200).Value("page.total").(float64))
		if sum != want || total != want {
			t.Errorf("%s counts %d in groups and %d in the list, want %d", who, sum, total, want)
		}
		b := c.Get("/stakeholders/board?group_by=client_tier&limit=2&sort=name&kind=group").Want(200)
		for i := range b.Len("columns") {
			if b.Text(fmt.Sprintf("columns.%d.value", i)) == "large" && int(b.Value(fmt.Sprintf("columns.%d.total", i)).(float64)) != want {
				t.Errorf("%s: the board counts %v", who, b.Value(fmt.Sprintf("columns.%d.total", i)))
			}
		}
	}
	owned := h.As("l4").Get("/stakeholders/aggregate?group_by=owner_id&name=Ana%27s%20own").Want(200)
	if owned.Text("data.0.owner.name") == "" {
		t.Error("a group by a reference names no record")
	}
}

// A board is a whole kanban, and each column goes on as a list.
func TestBoardColumnsGoOnAsLists(t *testing.T) {
	h := testkit.Open(t)
	for i := range 5 {
		residents(h, fmt.Sprint("Residents ", i))
	}
	l4 := h.As("l4")
	r := l4.Get("/stakeholders/board?limit=2&sort=name&kind=group&include=transitions").Want(200)
	if r.Text("columns.0.value") != "prospect" || r.Len("columns.0.items") != 2 || r.Value("columns.0.total").(float64) != 5 || r.Len("columns.0.items.0.transitions") == 0 {
		t.Fatalf("%s", r.Body)
	}
	if r.Value("columns.1.total").(float64) != 0 || r.Len("columns.1.items") != 0 || r.Value("columns.1.next_cursor") != nil {
		t.Error("an empty column shows something")
	}
	next := l4.Get("/stakeholders?kind=group&state=prospect&sort=name&limit=2&cursor=" + url.QueryEscape(r.Text("columns.0.next_cursor"))).Want(200)
	if next.Text("data.0.name") != "Residents 2" || next.Len("data") != 2 {
		t.Errorf("the column goes on with %s", next.Text("data.0.name"))
	}
	if one := l4.Get("/stakeholders/board?state=active").Want(200); one.Len("columns") != 1 {
		t.Error("a board of one state has other columns")
	}
}

func TestAggregateAndBoardRefuseWhatTheyDoNotKnow(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for path, fault := range map[string]string{
		"/stakeholders/aggregate":                                            "group_by out_of_range",
		"/stakeholders/aggregate?group_by=kinds":                             "group_by not_in_enum",
		"/stakeholders/aggregate?group_by=created_at":                        "group_by not_in_enum",
		"/stakeholders/aggregate?group_by=created_at.century":                "group_by not_in_enum",
		"/stakeholders/aggregate?group_by=kind,state,side,power":             "group_by out_of_range",
		"/stakeholders/aggregate?group_by=kind&metrics=max(power)":           "metrics not_in_enum",
		"/stakeholders/aggregate?group_by=kind&metrics=sum(name)":            "metrics not_in_enum",
		"/stakeholders/board?group_by=name":                                  "group_by not_in_enum",
		"/stakeholders/board?limit=0":                                        "limit invalid_format",
		"/stakeholders/board?include=owner":                                  "include invalid_format",
		"/stakeholders/aggregate?group_by=kind&power.gte=much":               "power.gte invalid_format",
		"/stakeholders/aggregate?group_by=kind%00&metrics=count":             "group_by not_in_enum",
		"/stakeholders/aggregate?group_by=kind)%3BDROP%20TABLE%20users%3B--": "group_by not_in_enum",
	} {
		parameter, code, _ := strings.Cut(fault, " ")
		l4.Get(path).Code(400, "invalid-parameter").Fault(parameter, code)
	}
	l4.Get("/stakeholders/aggregate?group_by=kind&limit=3").Code(400, "unknown-parameter")
	l4.Get("/stakeholders/board?cursor=x").Code(400, "unknown-parameter")
}
