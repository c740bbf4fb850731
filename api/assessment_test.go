package api_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// The latest assessment by its day counts, whenever it was entered; what it leaves
// out stands as it was; removing and restoring one moves the stakeholder too.
func TestLatestAssessmentCounts(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	path := "/stakeholders/" + stakeholder(t, l4, "Riverside Residents", "group")
	shows := func(want map[string]string) {
		t.Helper()
		got := l4.Get(path).Want(200)
		for name, value := range want {
			if got.Text(name) != value {
				t.Errorf("%s is %q, want %q", name, got.Text(name), value)
			}
		}
		if got.Text("version") != "1" {
			t.Errorf("what is derived made version %s", got.Text("version"))
		}
	}
	shows(map[string]string{"power": "", "priority": "", "gap": "", "quadrant": "unknown", "salience_class": "unknown", "salience_rank": "", "current_engagement": "none", "gap_open": "false", "assessed_on": ""})

	first := l4.Post(path+"/assessments", `{"assessed_on":"2026-11-01","power":5,"interest":3,"legitimacy":4,"urgency":2,"current_engagement":"neutral","desired_engagement":"leading"}`).Want(201)
	if first.Text("state") != "recorded" || first.Text("assessor.name") != "Person l4" {
		t.Errorf("not as recorded: %s", first.Body)
	}
	shows(map[string]string{"power": "5", "priority": "420", "gap": "2", "gap_open": "true", "quadrant": "keep_satisfied", "salience_class": "dominant", "salience_rank": "2", "assessed_on": "2026-11-01"})

	l4.Post(path+"/assessments", `{"assessed_on":"2026-10-01","power":1,"interest":1,"attitude":-2}`).Want(201) // back-dated
	shows(map[string]string{"power": "5", "interest": "3", "attitude": "-2", "assessed_on": "2026-11-01"})

	last := l4.Post(path+"/assessments", `{"interest":5,"urgency":4,"current_engagement":"leading"}`).Want(201)
	if last.Text("assessed_on") != "2026-11-22" {
		t.Errorf("assessed on %s, want today", last.Text("assessed_on"))
	}
	shows(map[string]string{"power": "5", "interest": "5", "priority": "500", "quadrant": "manage_closely", "salience_class": "definitive", "salience_rank": "3", "gap": "0", "gap_open": "false", "assessed_on": "2026-11-22"})

	one := "/assessments/" + last.Text("ref")
	l4.Delete(one).Code(403, "insufficient-level")
	l5.Delete(one).Want(204)
	shows(map[string]string{"interest": "3", "quadrant": "keep_satisfied", "gap": "2", "gap_open": "true", "assessed_on": "2026-11-01"})
	l5.Post(one+"/restore", nil).Want(200)
	shows(map[string]string{"interest": "5", "quadrant": "manage_closely", "gap": "0", "assessed_on": "2026-11-22"})

	for query, want := range map[string]int{"gap.gte=0&sort=-power": 1, "quadrant=manage_closely": 1, "gap_open=true": 0, "salience_rank.gte=3": 1, "sort=-priority&priority.null=true": 0} {
		if n := l4.Get("/stakeholders?" + query).Want(200).Len("data"); n != want {
			t.Errorf("%s finds %d, want %d", query, n, want)
		}
	}
}

// A change of class is told, once, without a version.
func TestChangeOfClassIsTold(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := "/stakeholders/" + stakeholder(t, l4, "Riverside Residents", "group")
	types := func() map[string]int {
		r, told := h.As("l7").Get("/events?limit=200&types=engagement.*,stakeholder.class_changed").Want(200), map[string]int{}
		for i := range r.Len("data") {
			told[r.Text(fmt.Sprintf("data.%d.type", i))]++
		}
		return told
	}
	await := func(typ string, want int) {
		t.Helper()
		for range 100 { // PostgreSQL seals a moment later
			if types()[typ] == want {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("%s was told %d times, want %d", typ, types()[typ], want)
	}
	l4.Post(path+"/assessments", `{"power":5,"interest":5,"current_engagement":"neutral","desired_engagement":"leading"}`).Want(201)
	await("engagement.gap_opened", 1)
	await("stakeholder.class_changed", 1)
	entries := h.Entries()
	l4.Post(path+"/assessments", `{"power":4,"current_engagement":"resistant"}`).Want(201) // the gap grows, the classes stay
	if got := h.Entries() - entries; got != 1 {
		t.Errorf("an assessment that changes no class made %d entries", got)
	}
	l4.Post(path+"/assessments", `{"current_engagement":"leading"}`).Want(201)
	await("engagement.gap_closed", 1)
	await("engagement.gap_opened", 1)
}

// An assessment is fixed once recorded, says something, and is not of the future.
func TestAssessmentIsHeldAgainstItsRules(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := "/stakeholders/" + stakeholder(t, l4, "Riverside Residents", "group")
	h.As("none").Post(path+"/assessments", `{"power":3}`).Code(403, "insufficient-level")
	l4.Post(path+"/assessments", `{"rationale":"They call often."}`).Code(422, "validation-failed").Fault("#", "required")
	l4.Post(path+"/assessments", `{"power":3,"assessed_on":"2026-11-23"}`).Code(422, "validation-failed").Fault("#/assessed_on", "out_of_range")
	l4.Post(path+"/assessments", `{"power":6,"interest":0,"attitude":-3,"current_engagement":"hostile"}`).Code(422, "validation-failed").
		Fault("#/power", "out_of_range").Fault("#/interest", "out_of_range").Fault("#/attitude", "out_of_range").Fault("#/current_engagement", "not_in_enum")
	made := l4.Post(path+"/assessments", map[string]any{"power": 3, "assessor_id": h.People["l5"]}).Want(201)
	if made.Text("assessor.name") != "Person l5" {
		t.Errorf("the assessor is %s", made.Text("assessor.name"))
	}
	one := "/assessments/" + made.ID()
	l4.Patch(one, `{"power":5}`).Code(422, "validation-failed").Fault("#/power", "immutable")
	l4.Patch(one, `{"power":3}`).Want(200) // sent back unchanged
	l4.Post(path+"/transitions", `{"transition":"record"}`).Code(422, "validation-failed")
	h.As("l5").Delete(path).Code(409, "still-referenced")
}

// The analysis shows where the stakeholder stands, by what formula and from which
// assessments, and how the gap closed over a window.
func TestAnalysisOfAStakeholder(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	id := stakeholder(t, l4, "Riverside Residents", "group")
	path := "/stakeholders/" + id
	empty := l4.Get(path + "/analysis").Want(200)
	if empty.Text("n") != "0" || empty.Text("quadrant.quadrant") != "unknown" || empty.Value("gap.gap") != nil || empty.Text("gap.reasons.gap") == "" || empty.Value("series.gap_days") != nil {
		t.Errorf("nothing was assessed, and the analysis says: %s", empty.Body)
	}
	var last *testkit.Reply
	for day, marks := range map[string][2]string{"2026-01-01": {"resistant", "leading"}, "2026-01-31": {"neutral", "leading"}, "2026-04-01": {"supportive", "leading"}} {
		a := l4.Post(path+"/assessments", map[string]any{"assessed_on": day, "power": 4, "interest": 3, "legitimacy": 4, "urgency": 5, "current_engagement": marks[0], "desired_engagement": marks[1]}).Want(201)
		if day == "2026-04-01" {
			last = a
		}
	}
	got := l4.Get(path + "/analysis?from=2026-01-01&to=2026-05-01").Want(200)
	for at, want := range map[string]string{
		"as_of": "2026-11-22", "n": "3", "inputs.0": last.ID(), "quadrant.quadrant": "keep_satisfied", "quadrant.priority": "3.6", "salience.salience_class": "definitive",
		"salience.n": "3", "gap.gap": "1", "gap.support": "1", "scores.0.name": "power", "scores.0.assessment_id": last.ID(), "stakeholder.name": "Riverside Residents",
		"series.gap_days": "240", "series.mean_gap": "2", "series.days": "120", "series.gap_start": "3", "series.gap_end": "1", "series.closure_speed_per_month": "0.5073",
		"points.0.assessed_on": "2026-01-01", "points.0.gap": "3", "points.2.gap": "1", "points.2.support": "1",
	} {
		if got.Text(at) != want {
			t.Errorf("%s is %q, want %q", at, got.Text(at), want)
		}
	}
	if got.Text("gap.formula") == "" || got.Text("quadrant.formula") == "" || got.Text("salience.formula") == "" || got.Text("series.formula") == "" {
		t.Error("a formula is missing")
	}
	if year := l4.Get(path + "/analysis").Want(200); year.Text("series.from") != "2025-11-23" || year.Text("series.to") != "2026-11-23" {
		t.Errorf("without a window it is %s to %s", year.Text("series.from"), year.Text("series.to"))
	}
	l4.Get(path+"/analysis?from=2026-12-01").Code(400, "invalid-parameter").Fault("from", "out_of_range")
	l4.Get(path+"/analysis?from=yesterday").Code(400, "invalid-parameter")
	l4.Get(path+"/analysis?since=2026-12-01").Code(400, "unknown-parameter")
	l4.Get("/stakeholders/STK-999/analysis").Code(404, "not-found")
}

// What a reader may not see is not in the analysis either.
func TestAnalysisRestsOnWhatTheReaderSees(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	path := "/stakeholders/" + stakeholder(t, l4, "Harbour Board", "organisation")
	l4.Post(path+"/assessments", `{"assessed_on":"2026-11-01","power":2,"interest":2}`).Want(201)
	l6.Post(path+"/assessments", `{"power":5,"interest":5,"sensitivity":"restricted"}`).Want(201)
	if got := l4.Get(path + "/analysis").Want(200); got.Text("n") != "1" || got.Text("quadrant.quadrant") != "monitor" {
		t.Errorf("level 4 sees %s", got.Body)
	}
	if got := l6.Get(path + "/analysis").Want(200); got.Text("n") != "2" || got.Text("quadrant.quadrant") != "manage_closely" {
		t.Errorf("level 6 sees %s", got.Body)
	}
}

// A stakeholder that becomes restricted takes its assessments along, also one that
// was out of the list then and comes back.
func TestAssessmentsBecomeAsSensitiveAsTheirStakeholder(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	path := "/stakeholders/" + stakeholder(t, l4, "Harbour Board", "organisation")
	stays := l4.Post(path+"/assessments", `{"power":2}`).Want(201)
	goes := l4.Post(path+"/assessments", `{"power":3}`).Want(201)
	l6.Delete("/assessments/" + goes.ID()).Want(204)
	entries := h.Entries()
	l6.Patch(path, `{"sensitivity":"restricted"}`).Want(200)
	if got := h.Entries() - entries; got != 2 {
		t.Errorf("%d entries, want that of the stakeholder and that of the assessment", got)
	}
	l4.Get("/assessments/"+stays.ID()).Code(404, "not-found")
	if got := l6.Post("/assessments/"+goes.ID()+"/restore", nil).Want(200).Text("sensitivity"); got != "restricted" {
		t.Errorf("the restored one is %s", got)
	}
	if n := l4.Get("/assessments").Want(200).Len("data"); n != 0 {
		t.Errorf("level 4 sees %d assessments of a restricted stakeholder", n)
	}
	l6.Patch(path, `{"sensitivity":"internal"}`).Want(200)
	if got := l6.Get("/assessments/" + stays.ID()).Want(200).Text("sensitivity"); got != "restricted" {
		t.Errorf("taken down to %s", got)
	}
}

// The matrix of engagement is the list of stakeholders by their gaps, with the
// days since the last contact.
func TestEngagementMatrix(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	for i, name := range []string{"Riverside Residents", "Harbour Board", "Ferry Line", "Fish Market"} {
		made := l4.Post("/stakeholders", map[string]any{"name": name, "kind": "organisation", "owner_id": "me", "client_tier": "largest"}).Want(201)
		if i < 3 {
			l4.Post("/stakeholders/"+made.ID()+"/assessments", map[string]any{
				"power": 4, "interest": 4, "legitimacy": 4, "urgency": 4,
				"current_engagement": []string{"unaware", "neutral", "leading"}[i], "desired_engagement": "supportive",
			}).Want(201)
		}
		if name == "Harbour Board" {
			l4.Post("/interactions", map[string]any{"stakeholder_ids": []any{made.ID()}, "channel": "call", "direction": "inbound", "occurred_at": "2026-11-20T10:00:00Z", "summary": "The hours of the quay."}).Want(201)
		}
	}
	h.As("l5").Post("/stakeholders", `{"name":"Somebody else's","kind":"group","owner_id":"me"}`).Want(201)
	h.Clock.Forward(14 * 24 * time.Hour)

	got := l4.Get("/engagement-matrix?owner=me&include_total=true").Want(200)
	for at, want := range map[string]string{
		"page.total": "4", "data.0.stakeholder.name": "Riverside Residents", "data.0.current": "unaware", "data.0.desired": "supportive", "data.0.gap": "3", "data.0.support": "0",
		"data.0.owner.name": "Person l4", "data.0.days_since_contact": "", "data.0.cadence_days": "14", "data.0.contact_overdue": "false", "data.0.salience_class": "definitive",
		"data.1.stakeholder.name": "Harbour Board", "data.1.gap": "1", "data.1.days_since_contact": "16", "data.1.contact_overdue": "true",
		"data.2.gap": "-1", "data.2.support": "2", "data.3.stakeholder.name": "Fish Market", "data.3.gap": "", "data.3.current": "none",
	} {
		if got.Text(at) != want {
			t.Errorf("%s is %q, want %q", at, got.Text(at), want)
		}
	}
	if got := l4.Get("/engagement-matrix?owner=me&gap.gte=1&sort=name").Want(200); got.Len("data") != 2 || got.Text("data.0.stakeholder.name") != "Harbour Board" {
		t.Errorf("the open gaps by name: %s", got.Body)
	}
	first := l4.Get("/engagement-matrix?owner=" + h.People["l4"] + "&limit=2").Want(200)
	second := l4.Get(first.Text("page.next")[len("/api/v1"):]).Want(200)
	if second.Len("data") != 2 || second.Text("data.0.gap") != "-1" || second.Text("page.has_more") != "false" {
		t.Errorf("the second page: %s", second.Body)
	}
	l4.Move("/stakeholders/"+got.Text("data.3.stakeholder.id"), "reject", map[string]any{"reason": "They closed."}).Want(200)
	if n := l4.Get("/engagement-matrix?owner=me").Want(200).Len("data"); n != 3 {
		t.Errorf("an archived stakeholder is among %d", n)
	}
	if n := l4.Get("/engagement-matrix?state=archived").Want(200).Len("data"); n != 1 {
		t.Errorf("asked for, the archived are %d", n)
	}
	l4.Get("/engagement-matrix?ownr=me").Code(400, "unknown-parameter")
	l4.Get("/engagement-matrix?include=owner").Code(400, "invalid-parameter")
}

// A changed threshold has the classes of all stakeholders drawn anew, and what is
// stored is what a rebuilding finds.
func TestChangedThresholdDrawsTheClassesAnew(t *testing.T) {
	h := testkit.Open(t)
	l4, l7 := h.As("l4"), h.As("l7")
	var paths []string
	for i, score := range []int{3, 4, 5} {
		path := "/stakeholders/" + stakeholder(t, l4, fmt.Sprintf("Stakeholder %d", i), "group")
		l4.Post(path+"/assessments", map[string]any{"power": score, "interest": score, "legitimacy": score, "urgency": score, "current_engagement": "neutral", "desired_engagement": "leading"}).Want(201)
		paths = append(paths, path)
	}
	quadrants := func() (out string) {
		for _, p := range paths {
			out += l4.Get(p).Want(200).Text("quadrant") + " "
		}
		return out
	}
	if got := quadrants(); got != "monitor manage_closely manage_closely " {
		t.Errorf("by the threshold 4: %s", got)
	}
	l7.Patch("/settings/high_threshold", `{"value":"6"}`).Code(422, "validation-failed").Fault("#/value", "out_of_range")
	if n := h.RunJobs(); n != 0 {
		t.Errorf("a refused setting ordered %d jobs", n)
	}
	l7.Patch("/settings/high_threshold", `{"value":"5"}`).Want(200)
	if n := h.RunJobs(); n != 1 {
		t.Errorf("a changed threshold ordered %d jobs, want 1", n)
	}
	if got := quadrants(); got != "monitor monitor manage_closely " {
		t.Errorf("by the threshold 5: %s", got)
	}
	l7.Patch("/settings/priority_power_weight", `{"value":"2"}`).Code(422, "validation-failed").Fault("#/value", "out_of_range")
	l7.Patch("/settings/issue_reopen_days", `{"value":"30"}`).Want(200)
	if n := h.RunJobs(); n != 0 {
		t.Errorf("a setting on which nothing derived rests ordered %d jobs", n)
	}

	stored, entries := h.Picture(), h.Entries()
	if err := h.Ledger.Rederive(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(h.Picture(), stored) || h.Entries() != entries {
		t.Error("what is stored differs from what a rebuilding finds")
	}
	h.Raw("UPDATE stakeholders SET quadrant = 'monitor', power = NULL, gap = NULL", nil)
	if err := h.Ledger.Rederive(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := quadrants(); got != "monitor monitor manage_closely " || l4.Get(paths[0]).Text("gap") != "2" {
		t.Errorf("not healed: %s", got)
	}
}

// What is more sensitive than the stakeholder does not count in what the stakeholder
// shows; it does as soon as the stakeholder is as sensitive itself.
func TestStakeholderGrowsAsSensitiveAsItsAssessment(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	id := l5.Post("/stakeholders", `{"kind":"organisation","name":"Harbour Board"}`).Want(201).Text("id")
	l5.Post("/assessments", `{"stakeholder_id":"`+id+`","power":5,"interest":5,"sensitivity":"confidential"}`).Want(201)
	path := "/stakeholders/" + id
	if got := l5.Get(path).Text("quadrant"); got != "unknown" {
		t.Errorf("an internal stakeholder shows %s, of a confidential assessment", got)
	}
	if got := l5.Patch(path, `{"description":"Runs the port"}`).Want(200).Text("quadrant"); got != "unknown" {
		t.Errorf("after another change it shows %s", got)
	}
	if got := l5.Patch(path, `{"sensitivity":"confidential"}`).Want(200).Text("quadrant"); got != "manage_closely" {
		t.Errorf("a confidential stakeholder shows %s", got)
	}
	if got := l5.Patch(path, `{"sensitivity":"internal"}`).Status; got == 200 && l5.Get(path).Text("quadrant") != "unknown" {
		t.Error("it goes on to show what it showed as a confidential one")
	}
}
