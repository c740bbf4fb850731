package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// joined are the texts of one member of all items of a list.
func joined(r *testkit.Reply, list, member string) string {
	items, _ := r.Value(list).([]any)
	texts := make([]string, 0, len(items))
	for _, item := range items {
		text, _ := item.(map[string]any)[member].(string)
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// Whom does one call? The primary contact first, none who is no longer one, and
// nobody whom the caller may not see.
func TestWhomToCall(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	board := stakeholder(t, l4, "Harbour Board", "organisation")
	other := stakeholder(t, l4, "Town", "organisation")
	ben, ana, eva, ivo := stakeholder(t, l4, "Ben Okafor", "individual"), stakeholder(t, l4, "Ana Pop", "individual"), stakeholder(t, l4, "Eva Lind", "individual"), stakeholder(t, l4, "Ivo Marin", "individual")
	hidden := hiddenPerson(t, l6, "Whistleblower")
	relate(t, l4, ben, "contact_for", board, map[string]any{"role": "by day"})
	relate(t, l4, ana, "contact_for", board, map[string]any{"role": "at night", "job_title": "Harbour master", "is_primary": true})
	left := relate(t, l4, eva, "contact_for", board, nil)
	l4.Move(left, "confirm", nil).Want(200)
	l4.Move(left, "end", map[string]any{"reason": "She moved."}).Want(200)
	relate(t, l4, ivo, "contact_for", board, map[string]any{"from_on": "2026-12-01"})
	relate(t, l4, ivo, "works_for", board, nil)
	relate(t, l4, ivo, "contact_for", other, nil)
	relate(t, l6, hidden, "contact_for", board, nil)

	got := l4.Get("/stakeholders/" + board + "?include=contacts").Want(200)
	if roles := joined(got, "included.relationships", "role"); roles != "at night, by day" {
		t.Errorf("want the primary contact first and two in all, got %q: %s", roles, got.Body)
	}
	if got.Text("included.relationships.0.from.name") != "Ana Pop" || got.Text("included.relationships.0.job_title") != "Harbour master" {
		t.Errorf("it does not say who: %s", got.Body)
	}
	if who := joined(got, "included.stakeholders", "name"); who != "Ben Okafor, Ana Pop" {
		t.Errorf("want both people, got %s", who)
	}
	if n := l6.Get("/stakeholders/" + board + "?include=contacts").Want(200).Len("included.relationships"); n != 3 {
		t.Errorf("level 6 sees %d contacts, want 3", n)
	}
	if n := l4.Get("/stakeholders?kind=organisation&include=contacts").Want(200).Len("included.relationships"); n != 3 {
		t.Errorf("want the contacts of both organisations, got %d", n)
	}
	l4.Get("/groups?include=contacts").Code(400, "invalid-parameter")
}

// A network shows the stakeholders around one and what holds among them all, with
// counts that say what they rest on.
func TestNetworkOfAStakeholder(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	board, residents, town, ferry := stakeholder(t, l4, "Harbour Board", "organisation"), stakeholder(t, l4, "Riverside Residents", "group"), stakeholder(t, l4, "Town", "organisation"), stakeholder(t, l4, "Ferry Line", "organisation")
	far := stakeholder(t, l4, "Far Away", "organisation")
	relate(t, l4, residents, "opposes", board, map[string]any{"strength": -2, "from_on": "2026-01-01", "facilitated_by_id": "me"})
	relate(t, l4, town, "regulates", board, nil)
	relate(t, l4, residents, "influences", town, nil)
	relate(t, l4, ferry, "supplies", board, map[string]any{"from_on": "2026-06-01"})
	relate(t, l4, ferry, "allied_with", far, nil)

	got := l4.Get("/stakeholders/" + board + "/network").Want(200)
	if nodes := joined(got, "nodes", "name"); nodes != "Harbour Board, Ferry Line, Riverside Residents, Town" {
		t.Errorf("want the middle and those around it, got %s", nodes)
	}
	if edges := joined(got, "edges", "type"); edges != "opposes, regulates, influences, supplies" {
		t.Errorf("want what holds among them, got %s", edges)
	}
	if got.Text("nodes.0.degree") != "3" || got.Text("nodes.2.degree") != "2" || got.Text("as_of") != "2026-11-22" || got.Text("depth") != "1" || got.Value("truncated") != false {
		t.Errorf("not as it stands: %s", got.Body)
	}
	if got.Text("measures.n") != "4" || got.Text("measures.n_edges") != "4" || got.Text("edges.0.facilitated_by_id") != h.People["l4"] || got.Text("edges.0.strength") != "-2" {
		t.Errorf("not what it rests on: %s", got.Body)
	}
	if alone := l4.Get("/stakeholders/" + stakeholder(t, l4, "Hermit", "individual") + "/network").Want(200); alone.Len("nodes") != 1 || alone.Len("edges") != 0 {
		t.Errorf("want one alone: %s", alone.Body)
	}
	path := "/stakeholders/" + board + "/network"
	l4.Get(path + "?depth=1").Want(200)
	deeper := l4.Get(path + "?depth=2").Want(200)
	if nodes := joined(deeper, "nodes", "name"); nodes != "Harbour Board, Far Away, Ferry Line, Riverside Residents, Town" || deeper.Text("nodes.1.distance") != "2" || deeper.Text("nodes.2.distance") != "1" {
		t.Errorf("want those beyond too, with how far they are: %s", deeper.Body)
	}
	l4.Get(path+"?depth=4").Code(400, "invalid-parameter").Fault("depth", "out_of_range")
	l4.Get(path+"?depth=0").Code(400, "invalid-parameter").Fault("depth", "out_of_range")
	l4.Get(path+"?as_of=once").Code(400, "invalid-parameter").Fault("as_of", "invalid_format")
	l4.Get(path+"?deep=1").Code(400, "unknown-parameter").Fault("deep", "unknown_field")
	l4.Get("/stakeholders/STK-99/network").Code(404, "not-found")
}

// What has ended is shown for days in the past on which it held, and never what was
// dismissed.
func TestNetworkOnADay(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	board := stakeholder(t, l4, "Harbour Board", "organisation")
	over := relate(t, l4, stakeholder(t, l4, "Riverside Residents", "group"), "opposes", board, map[string]any{"from_on": "2026-02-01"})
	l4.Move(over, "confirm", nil).Want(200)
	l4.Move(over, "end", map[string]any{"to_on": "2026-11-22", "reason": "They made peace."}).Want(200)
	wrong := relate(t, l4, stakeholder(t, l4, "Town", "organisation"), "funds", board, nil)
	l4.Move(wrong, "dismiss", map[string]any{"reason": "A rumour."}).Want(200)
	relate(t, l4, stakeholder(t, l4, "Ferry Line", "organisation"), "supplies", board, map[string]any{"from_on": "2026-06-01"})
	for day, want := range map[string]string{
		"2026-01-31": "", "2026-02-01": "opposes", "2026-06-01": "opposes, supplies", "2026-11-21": "opposes, supplies",
		"today": "supplies", "2027-01-01": "supplies",
	} {
		got := l4.Get("/stakeholders/" + board + "/network?as_of=" + day).Want(200)
		if edges := joined(got, "edges", "type"); edges != want {
			t.Errorf("%s: want %q, got %q", day, want, edges)
		}
	}
}

// Three relationships out is as far as a network goes, back in time as well; nobody
// is reached through somebody whom the reader may not see.
func TestNetworkGoesThreeOut(t *testing.T) {
	h := testkit.Open(t)
	l6 := h.As("l6")
	chain := []string{stakeholder(t, l6, "Alpha", "organisation"), stakeholder(t, l6, "Beta", "organisation"), stakeholder(t, l6, "Gamma", "organisation"), stakeholder(t, l6, "Delta", "organisation"), stakeholder(t, l6, "Epsilon", "organisation")}
	for i := range chain[1:] {
		relate(t, l6, chain[i+1], "influences", chain[i], map[string]any{"from_on": "2026-03-01"})
	}
	relate(t, l6, chain[3], "funds", chain[0], map[string]any{"from_on": "2026-09-01"})
	path := "/stakeholders/" + chain[0] + "/network?depth=3"
	if got := l6.Get(path + "&as_of=2026-04-01").Want(200); joined(got, "nodes", "name") != "Alpha, Beta, Delta, Gamma" || got.Len("edges") != 3 || got.Text("depth") != "3" {
		t.Errorf("in April: %s", got.Body)
	}
	if got := l6.Get(path).Want(200); joined(got, "nodes", "name") != "Alpha, Beta, Delta, Epsilon, Gamma" || got.Text("nodes.2.distance") != "1" || got.Len("edges") != 5 {
		t.Errorf("now: %s", got.Body)
	}
	l6.Patch("/stakeholders/"+chain[1], `{"sensitivity":"restricted"}`).Want(200)
	if got := h.As("l4").Get(path + "&as_of=2026-04-01").Want(200); joined(got, "nodes", "name") != "Alpha" || got.Text("measures.n") != "1" || got.Len("edges") != 0 {
		t.Errorf("through somebody hidden: %s", got.Body)
	}
}

// Who may not see a stakeholder does not see it in a network, nor what leads to it.
func TestNetworkKeepsHiddenEndsToItself(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	board, town := stakeholder(t, l6, "Harbour Board", "organisation"), stakeholder(t, l6, "Town", "organisation")
	hidden := hiddenPerson(t, l6, "Whistleblower")
	later := stakeholder(t, l6, "Ana Pop", "individual")
	relate(t, l6, hidden, "influences", board, nil)
	relate(t, l6, later, "influences", board, nil)
	relate(t, l6, town, "regulates", board, map[string]any{"sensitivity": "restricted"})
	relate(t, l6, town, "funds", board, nil)
	l6.Patch("/stakeholders/"+later, `{"sensitivity":"restricted"}`).Want(200)

	got := l4.Get("/stakeholders/" + board + "/network").Want(200)
	if joined(got, "nodes", "name") != "Harbour Board, Town" || joined(got, "edges", "type") != "funds" || got.Text("nodes.0.degree") != "1" {
		t.Errorf("it tells of what is hidden: %s", got.Body)
	}
	for _, id := range []string{hidden, later} {
		if strings.Contains(string(got.Body), id) {
			t.Errorf("it names %s: %s", id, got.Body)
		}
	}
	if all := l6.Get("/stakeholders/" + board + "/network").Want(200); all.Len("nodes") != 4 || all.Len("edges") != 4 {
		t.Errorf("level 6 does not see all: %s", all.Body)
	}
	l4.Get("/stakeholders/"+hidden+"/network").Code(404, "not-found")
}

// The counts name the senior stakeholders who are related and whom nobody brings
// together.
func TestNetworkCountsSeniorPairs(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	senior := func(name, seniority string) string {
		return idOf(enter(t, l7, "/stakeholders", map[string]any{"name": name, "kind": "organisation", "seniority": seniority}))
	}
	ministry, board, town := senior("Ministry of Transport", "most_senior"), senior("Harbour Board", "senior"), senior("Town", "operational")
	path := relate(t, l7, ministry, "funds", board, nil)
	relate(t, l7, ministry, "regulates", town, nil)
	ask := func() *testkit.Reply { return l7.Get("/stakeholders/" + ministry + "/network").Want(200) }
	got := ask()
	if got.Text("measures.linked_senior_pairs") != "1" || got.Len("measures.unfacilitated_senior_pairs") != 1 || got.Text("nodes.0.seniority") != "most_senior" {
		t.Errorf("want one pair that nobody brings together: %s", got.Body)
	}
	l7.Patch(path, `{"facilitated_by_id":"me"}`).Want(200)
	if got := ask(); got.Len("measures.unfacilitated_senior_pairs") != 0 || got.Text("measures.facilitated_share") != "1" {
		t.Errorf("want the pair facilitated: %s", got.Body)
	}
}
