package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// What came in and was given to nobody is the contact's of the stakeholder, else of those
// who stand by on the lowest rung: they are told, and have it on their worklist.
func TestUnassignedIntakeIsSomebodys(t *testing.T) {
	h := testkit.Open(t)
	h.As("l7").Patch("/escalation-ladders/default", fields{"rungs": []fields{
		{"level": 4, "name": "Owner", "holder_id": h.People["l4"], "deputy_id": h.People["l4b"]},
		{"level": 7, "name": "Top", "holder_id": h.People["l7"]},
	}}).Want(200)
	party := active(h, "Riverside Residents", "operational")
	spoc := h.As("l5").Get(party).Want(200).Text("spoc_id")
	if spoc != h.People["l7b"] {
		t.Fatalf("the contact is %q", spoc)
	}
	service := h.As("service")
	service.Post("/issues", fields{"title": "Lorries at night", "stakeholder_id": strings.TrimPrefix(party, "/stakeholders/")}).Want(201)
	service.Post("/issues", fields{"title": "Dust on the quay"}).Want(201)
	service.Post("/complaints", fields{"title": "Dust", "description": "Dust on my windows.", "remedy_sought": "Clean them.", "channel": "email", "anonymous": true}).Want(201)
	h.As("l7").Post("/issues", fields{"title": "Hush", "sensitivity": "restricted"}).Want(201)
	h.As("l5b").Post("/issues", fields{"title": "Mine", "owner_id": "me"}).Want(201)

	h.Clock.Forward(30 * day)
	h.Tick()
	refs := func(handle string) (all []string) {
		for _, line := range work(h.As(handle).Get("/worklist").Want(200), "overdue") {
			if strings.Contains(line, "Nobody was given it.") {
				all = append(all, strings.Fields(line)[0])
			}
		}
		return all
	}
	alike(t, refs("l7b"), "ISS-1")
	alike(t, refs("l4"), "ISS-2", "CMP-1")
	alike(t, refs("l4b"), "ISS-2", "CMP-1")
	alike(t, refs("l7"), "ISS-3")
	for _, other := range []string{"l5b", "l6", "none"} {
		alike(t, refs(other))
	}
	for handle, want := range map[string]int{"l7b": 1, "l4": 2, "l4b": 2, "l7": 1} {
		if got := overdueOf(h, handle); got != want {
			t.Errorf("%s is told of %d overdue records, want %d", handle, got, want)
		}
	}

	h.As("l4").Patch("/issues/ISS-2", fields{"owner_id": "me"}).Want(200)
	alike(t, refs("l4b"), "CMP-1")
	h.Raw("UPDATE users SET state = 'disabled' WHERE handle IN (?, ?)", []any{"l4", "l4b"})
	alike(t, refs("l7"), "ISS-3", "CMP-1")
}

func overdueOf(h *testkit.House, handle string) (n int) {
	for _, what := range told(h, handle) {
		if what == "overdue" {
			n++
		}
	}
	return n
}

// A request that a worklist offers says whether more than its fields may stand in the
// way, and which fields those are.
func TestWorklistSaysWhetherARequestIsReady(t *testing.T) {
	h := testkit.Open(t)
	h.As("l4").Post("/issues", fields{"title": "Dust", "owner_id": "me"}).Want(201)
	list := h.As("l4").Get("/worklist").Want(200)
	ready := map[string]bool{}
	items, _ := list.Value("due_this_week").([]any)
	for _, a := range items[0].(map[string]any)["actions"].([]any) {
		action := a.(map[string]any)
		name := action["body"].(map[string]any)["transition"].(string)
		ready[name] = action["ready"].(bool)
		if name == "triage" && len(action["fields"].([]any)) < 5 {
			t.Errorf("the fields of triage are not named: %v", action)
		}
		explained := h.As("l4").Get("/issues/ISS-1/transitions").Want(200)
		if !strings.Contains(string(explained.Body), `"`+name+`"`) {
			t.Errorf("%s is offered and not explained", name)
		}
	}
	if len(ready) == 0 {
		t.Fatalf("nothing is offered: %s", list.Body)
	}
	if ready["close"] {
		t.Error("close is offered as ready though rules look at it")
	}
}

// Who logs a contact answers for it and took part, unless others are named; when it was
// can be said as people say it.
func TestContactBelongsToWhoLogsIt(t *testing.T) {
	h := testkit.Open(t)
	party := residents(h, "Riverside Residents")
	log := func(handle string, more fields) *testkit.Reply {
		body := fields{"stakeholder_ids": []string{party}, "channel": "call", "direction": "inbound", "occurred_at": "now-1h", "summary": "They asked about the nights."}
		for name, value := range more {
			body[name] = value
		}
		return h.As(handle).Post("/interactions", body)
	}
	own := log("l4", nil).Want(201)
	if own.Text("owner_id") != h.People["l4"] || own.Text("user_ids.0") != h.People["l4"] {
		t.Errorf("nobody's: %s", own.Body)
	}
	others := log("l4", fields{"owner_id": h.People["l5"], "user_ids": []string{h.People["l5"], h.People["l6"]}}).Want(201)
	if others.Text("owner_id") != h.People["l5"] || others.Len("user_ids") != 2 {
		t.Errorf("not those named: %s", others.Body)
	}
	if machine := log("service", nil).Want(201); machine.Value("owner_id") != nil || machine.Len("user_ids") != 0 {
		t.Errorf("a machine took part: %s", machine.Body)
	}
	for given, want := range map[string]string{"2026-11-20": "2026-11-20T", "today": "2026-11-22T", "today-1d": "2026-11-21T"} {
		at := log("l4", fields{"occurred_at": given}).Want(201).Text("occurred_at")
		if !strings.HasPrefix(at, want) || !strings.HasSuffix(at, ":00:00.000Z") {
			t.Errorf("%s is read as %s", given, at)
		}
	}
	if got := log("l4", fields{"occurred_at": "soon"}).Want(422).Fault("#/occurred_at", "invalid_format"); !strings.Contains(string(got.Body), "now-1h") || !strings.Contains(string(got.Body), "today-1d") {
		t.Errorf("the refusal does not say what works: %s", got.Body)
	}
}
