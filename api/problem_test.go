package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// shared opens a problem behind issues and answers its path.
func shared(h *testkit.House, issues ...string) string {
	h.T.Helper()
	refs := []string{}
	for _, path := range issues {
		refs = append(refs, strings.TrimPrefix(path, "/issues/"))
	}
	return "/problems/" + h.As("l4").Post("/problems", fields{"title": "Lorries come on quiet nights", "issue_ids": refs, "owner_id": h.People["l5b"]}).Want(201).Text("ref")
}

// A problem is opened behind several issues, or a critical one; its exposure follows
// what is known of them, and one that is linked elsewhere leaves it.
func TestProblemShowsItsExposure(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	party, board := residents(h, "Riverside Residents"), residents(h, "Harbour Board")
	one, two, three := raised(h, fields{"stakeholder_id": party}), raised(h, nil), raised(h, nil)
	l4.Post("/problems", fields{"title": "Alone"}).Want(422).Fault("#/issue_ids", "required")
	l4.Post("/problems", fields{"title": "Alone", "issue_ids": []string{strings.TrimPrefix(one, "/issues/")}}).Want(422).Fault("#/issue_ids", "required")
	shows := func(path, issues, severities, parties, exposure string) {
		t.Helper()
		got := l4.Get(path).Want(200)
		if got.Text("issue_count") != issues || got.Text("severity_sum") != severities || got.Text("stakeholder_count") != parties || got.Text("exposure") != exposure {
			t.Errorf("want %s issues, severity %s, %s stakeholders, exposure %s: %s", issues, severities, parties, exposure, got.Body)
		}
	}
	path := shared(h, one, two)
	shows(path, "2", "0", "1", "0")
	l4.Move(one, "triage", assessment(h, "medium", party)).Want(200)
	l5.Post("/assessments", fields{"stakeholder_id": board, "power": 5, "legitimacy": 5, "urgency": 5, "interest": 5, "rationale": "Holds the permit."}).Want(201)
	l4.Move(two, "triage", assessment(h, "high", party, board)).Want(200)
	shows(path, "2", "5", "2", "14") // 2 · 1 and 3 · (1 + 3)
	l4.Move(three, "link_problem", nil).Want(422).Fault("#/fields/problem_id", "required")
	l4.Move(three, "link_problem", fields{"problem_id": strings.TrimPrefix(path, "/problems/")}).Want(200)
	shows(path, "3", "5", "2", "14")
	l5.Move(two, "reassess", fields{"severity": "low", "reason": "It was one night."}).Want(200)
	shows(path, "3", "3", "2", "6")

	critical := raised(h, fields{"severity": "critical"})
	other := shared(h, critical)
	shows(other, "1", "4", "0", "4")
	l4.Move(two, "link_problem", fields{"problem_id": strings.TrimPrefix(other, "/problems/")}).Want(200)
	shows(path, "2", "2", "1", "2")
	shows(other, "2", "5", "2", "8")
	if got := l4.Get(path).Want(200); got.Len("issue_ids") != 2 {
		t.Errorf("it still names the one that left: %s", got.Body)
	}
	if n := l4.Get("/issues?problem_id=" + strings.TrimPrefix(other, "/problems/")).Want(200).Len("data"); n != 2 {
		t.Errorf("want two issues of the other problem, got %d", n)
	}
}

// A problem is diagnosed with evidence, fixed by an action that proved effective,
// watched, diagnosed anew when it comes back, and closed by a second person.
func TestProblemFromOpenToClosed(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l5b := h.As("l4"), h.As("l5"), h.As("l5b")
	one := raised(h, nil)
	l4.Move(one, "triage", assessment(h, "medium", residents(h, "Riverside Residents"))).Want(200)
	path := shared(h, one, raised(h, nil))
	due(l4.Get(path).Want(200), "2026-12-11", "diagnose", false)

	blocked(l4.Move(path, "diagnose", fields{"root_cause": "Bad luck", "cause_category": "unknown"}), "no_cause")
	l4.Move(path, "diagnose", whys()).Want(200)
	drafted := l4.Get(path + "/corrective-actions").Want(200)
	if drafted.Len("data") != 1 || drafted.Text("data.0.root_cause") != "The berth plan knows no quiet hours." || drafted.Text("data.0.state") != "raised" {
		t.Fatalf("no corrective action was drafted: %s", drafted.Body)
	}
	action := "/corrective-actions/" + drafted.Text("data.0.ref")
	l4.Move(path, "diagnose", whys()).Want(200)
	if n := l4.Get(path + "/corrective-actions").Want(200).Len("data"); n != 1 {
		t.Errorf("%d corrective actions are drafted for one cause", n)
	}
	l4.Move(path, "plan", nil).Code(403, "insufficient-level")
	blocked(l5.Move(path, "plan", nil), "no_approved_action")
	remedyApproved(h, action)
	l5.Move(path, "plan", nil).Want(200)
	l4.Move(path, "fix", nil).Code(403, "insufficient-level")
	blocked(l5.Move(path, "fix", nil), "no_effective_action")
	remedyMeasured(h, action, "3")
	fixed := l5.Move(path, "fix", nil).Want(200)
	if fixed.Text("watch_until") != "2027-01-31" {
		t.Errorf("it is not watched for 60 days: %s", fixed.Body)
	}
	if all := told(h, "l4"); len(all) == 0 || all[len(all)-1] != "fixed" {
		t.Errorf("who works on the issues is not told: %v", all)
	}

	blocked(l5b.Move(path, "close", nil), "watched_still")
	h.Clock.Forward(60 * day)
	h.Tick()
	again := raised(h, nil)
	l4.Move(again, "link_problem", fields{"problem_id": strings.TrimPrefix(path, "/problems/")}).Want(200)
	l5.Move(path, "close", nil).Code(403, "same-person")
	l4.Move(path, "close", nil).Code(403, "insufficient-level")
	if got := blocked(l5b.Move(path, "close", nil), "came_back"); "/issues/"+got.Text("blockers.0.resource.ref") != again {
		t.Errorf("it does not say what came of it: %s", got.Body)
	}
	h.Clock.Forward(day)
	l4.Move(path, "diagnose", whys()).Want(200)
	next := "/corrective-actions/" + l4.Get(path+"/corrective-actions?state=raised").Want(200).Text("data.0.ref")
	l5.Move(path, "plan", nil).Want(200)
	blocked(l5.Move(path, "fix", nil), "no_effective_action")
	remedyApproved(h, next)
	remedyMeasured(h, next, "2")
	l5.Move(path, "fix", nil).Want(200)
	h.Clock.Forward(60 * day)
	if got := l5b.Move(path, "close", nil).Want(200); got.Text("state") != "closed" || got.Text("closed_at") == "" {
		t.Errorf("not closed: %s", got.Body)
	}
}

// A corrective action follows from an issue or from a problem; who answers for the
// problem is told when it fails again or is given up.
func TestProblemHearsOfItsActions(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	one := raised(h, nil)
	path := shared(h, one, raised(h, nil))
	ref := strings.TrimPrefix(path, "/problems/")
	l4.Post("/corrective-actions", fields{"title": "Both", "problem_id": ref, "issue_id": strings.TrimPrefix(one, "/issues/")}).Want(422).Fault("#/problem_id", "conflicts_with")
	action := "/corrective-actions/" + l4.Post(path+"/corrective-actions", fields{"title": "Quiet hours", "owner_id": h.People["l5"]}).Want(201).Text("ref")
	for range 2 {
		remedyApproved(h, action)
		remedyMeasured(h, action, "9")
	}
	h.As("l6").Move(action, "cancel", fields{"reason": "It is of no use."}).Want(200)
	var heard []string
	for _, what := range told(h, "l5b") {
		if what == "failed_again" || what == "cancelled" {
			heard = append(heard, what)
		}
	}
	alike(t, heard, "failed_again", "cancelled")
	hidden := h.As("l6").Post("/issues", fields{"title": "A bribe", "severity": "critical", "sensitivity": "restricted"}).Want(201).Text("ref")
	secret := h.As("l6").Post("/problems", fields{"title": "Orders without a second person", "issue_ids": []string{hidden}}).Want(201)
	if secret.Text("sensitivity") != "restricted" {
		t.Errorf("a problem is less sensitive than its issues: %s", secret.Body)
	}
	h.As("l5").Get("/problems/"+secret.ID()).Code(404, "not-found")
}
