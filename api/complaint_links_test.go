package api_test

import (
	"testing"

	"rapport/internal/testkit"
)

// decided is a complaint whose decision was told.
func decided(h *testkit.House, more fields) string {
	h.T.Helper()
	path := answeredBy(h, "l4", answer(), more)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	return path
}

// A serious complaint, and one whose cause comes back, is closed once a corrective
// action for it was verified, whether its complainant is content or not.
func TestComplaintIsClosedOnceItsCauseIsRemoved(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	over := recourse(fields{"options_exhausted": "Two reviews."})
	serious := decided(h, fields{"severity": "high"})
	blocked(l4.Move(serious, "accept", agreed()), "no_corrective_action")
	blocked(l6.Move(serious, "close_rejected", over), "no_corrective_action")
	action := l4.Post(serious+"/corrective-actions", fields{"title": "Tell the shift of quiet nights", "owner_id": "me"}).Want(201)
	still := blocked(l4.Move(serious, "accept", agreed()), "open_corrective_action")
	if still.Text("blockers.0.resource.ref") != action.Text("ref") {
		t.Errorf("the blocker names the action: %s", still.Body)
	}
	blocked(l6.Move(serious, "close_rejected", over), "open_corrective_action")
	l6.Move("/corrective-actions/"+action.Text("id"), "cancel", fields{"reason": "Another one does."}).Want(200)
	blocked(l4.Move(serious, "accept", agreed()), "no_corrective_action")

	decided(h, nil)
	grown := assessedAs(h, 2, nil)
	l4.Move(grown, "resolve_frontline", nil).Want(200)
	settled := merged(agreed(), groundsFound(), fields{"remedies": []fields{{"remedy": "explain"}}})
	blocked(l4.Move(grown, "accept_frontline", settled), "no_corrective_action")
	l4.Post(grown+"/corrective-actions", fields{"title": "Tell the shift of quiet nights", "owner_id": "me"}).Want(201)
	blocked(l4.Move(grown, "accept_frontline", settled), "open_corrective_action")
	h.As("l5").Move(grown, "reassess", fields{"severity": "high", "reason": "It was a child."}).Want(200)
	blocked(l4.Move(grown, "accept_frontline", settled), "not_simple", "open_corrective_action")
	again := decided(h, nil)
	blocked(l4.Move(again, "accept", agreed()), "no_corrective_action")
	h.As("l7").Patch("/settings/complaint_cause_repeats", fields{"value": "4"}).Want(200)
	l4.Move(again, "accept", agreed()).Want(200)
	l4.Post("/corrective-actions", fields{"title": "?", "complaint_id": again[len("/complaints/"):], "issue_id": raised(h, nil)[len("/issues/"):]}).Want(422).Fault("#/complaint_id", "conflicts_with")
}

// A complaint that stands before a higher level is not closed until that was decided.
func TestComplaintIsEscalated(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	accept, frontline := decided(h, nil), assessedAs(h, 2, nil)
	l4.Move(frontline, "resolve_frontline", nil).Want(200)
	unfounded := assessedAs(h, 3, nil)
	for _, path := range []string{accept, frontline, unfounded} {
		if got := l4.Get(asked(h, path, "l4", fields{"to_level": 5, "reason": "No reply in 5 days"})).Want(200); got.Text("subject_type") != "complaint" {
			t.Errorf("what is escalated: %s", got.Body)
		}
		before(h, path, 5)
	}
	l4.Post(accept+"/escalations", fields{"to_level": 7, "reason": "Regulator called"}).Code(422, "validation-failed").Fault("#/override", "required")
	blocked(l4.Move(accept, "accept", agreed()), "escalation_open")
	blocked(l6.Move(accept, "close_rejected", recourse(fields{"options_exhausted": "All."})), "escalation_open")
	blocked(l4.Move(frontline, "accept_frontline", merged(agreed(), groundsFound(), fields{"remedies": []fields{{"remedy": "explain"}}})), "escalation_open")
	blocked(l5.Move(unfounded, "close_unfounded", merged(tell(), fields{"reason": "?"})), "escalation_open")
	if found := l4.Get("/complaints?escalation_level.gte=5&state.nin=closed_accepted&sort=-escalation_level").Want(200); found.Len("data") != 3 {
		t.Errorf("want 3: %s", found.Body)
	}
}

// A corrective action that fails twice takes its complaint to the next level.
func TestComplaintClimbsWhenItsActionFailsAgain(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	path := decided(h, fields{"severity": "high"})
	action := remedy(h, path, nil)
	for range 2 {
		remedyApproved(h, action)
		remedyMeasured(h, action, "9")
	}
	before(h, path, 5)
}

// A complaint of medium severity goes from receipt to closure with a captured lesson
// in at most nine requests, and the lesson is suggested for the next one like it.
func TestComplaintToLessonInNineRequests(t *testing.T) {
	h := testkit.Open(t)
	requests := 0
	done := func(*testkit.Reply) { requests++ }
	l4, l5 := h.As("l4"), h.As("l5")
	path := complained(h, fields{"tags": []string{"noise"}})
	requests++
	done(l4.Move(path, "acknowledge", received()).Want(200))
	done(l4.Move(path, "assess", scored(3, nil)).Want(200))
	done(l4.Move(path, "investigate", nil).Want(200))
	done(l4.Move(path, "propose_response", answer()).Want(200))
	done(l5.Move(path, "approve", tell()).Want(200))
	done(l4.Move(path, "accept", agreed()).Want(200))
	lesson := l4.Post("/lessons", fields{
		"title": "Show quiet nights on the rota", "kind": "negative", "what_happened": "The shift was not told.", "recommendation": "Print them on the rota.",
		"applies_to_tags": []string{"noise"}, "category": "environment", "complaint_ids": []string{path[len("/complaints/"):]},
	}).Want(201)
	done(lesson)
	if lesson.Text("state") != "captured" || requests > 9 {
		t.Errorf("captured in %d requests: %s", requests, lesson.Body)
	}
	next := complained(h, fields{"tags": []string{"noise"}, "received_at": "2026-11-21T10:00:00Z"})
	ask := "/lessons/suggestions?for=" + next[len("/complaints/"):]
	if n := l4.Get(ask).Want(200).Len("data"); n != 0 {
		t.Errorf("%d lessons are suggested before they are published", n)
	}
	published(h, "/lessons/"+lesson.Text("ref"))
	if got := l4.Get(ask).Want(200); got.Len("data") != 1 || got.Text("data.0.because.0") != "tagged noise" {
		t.Errorf("not suggested for the next: %s", got.Body)
	}
	h.As("l6").Patch(next, fields{"sensitivity": "restricted"}).Want(200)
	l4.Get(ask).Code(400, "invalid-parameter")
}

// However it ends, who owns a complaint is asked what was learned.
func TestComplaintClosedAsksForALesson(t *testing.T) {
	h := testkit.Open(t)
	frontline := assessedAs(h, 2, nil)
	h.As("l4").Move(frontline, "resolve_frontline", nil).Want(200)
	h.As("l4b").Move(frontline, "accept_frontline", merged(agreed(), groundsFound(), fields{"remedies": []fields{{"remedy": "explain"}}})).Want(200)
	rejected := decided(h, nil)
	h.As("l6").Move(rejected, "close_rejected", recourse(fields{"options_exhausted": "All."})).Want(200)
	unfounded := assessedAs(h, 3, nil)
	h.As("l5").Move(unfounded, "close_unfounded", merged(tell(), fields{"reason": "It was the council."})).Want(200)
	alike(t, told(h, "l4"), "lesson_prompted", "lesson_prompted", "lesson_prompted")
}

// Complaints that come again share a problem with issues: it shows how many there
// are and whom they hit, its corrective action counts for each of them, and it came
// back if one is received after it was fixed.
func TestComplaintsShareAProblem(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	ref := func(path string) string { return path[len("/complaints/"):] }
	party := residents(h, "Riverside Residents")
	one, two, three := decided(h, fields{"stakeholder_id": party}), complained(h, fields{"severity": "high"}), complained(h, nil)
	l4.Post("/problems", fields{"title": "Alone", "complaint_ids": []string{ref(one)}}).Want(422).Fault("#/issue_ids", "required")
	problem := "/problems/" + l4.Post("/problems", fields{"title": "Lorries come on quiet nights", "complaint_ids": []string{ref(one), ref(two)}, "owner_id": "me"}).Want(201).Text("ref")
	shows := func(path, complaints, severities, exposure string) {
		t.Helper()
		got := l4.Get(path).Want(200)
		if got.Text("complaint_count") != complaints || got.Text("issue_count") != "0" || got.Text("severity_sum") != severities || got.Text("exposure") != exposure || got.Text("stakeholder_count") != "1" {
			t.Errorf("want %s complaints, severities %s, exposure %s: %s", complaints, severities, exposure, got.Body)
		}
	}
	shows(problem, "2", "5", "5")
	into := func(problem string) fields { return fields{"problem_id": problem[len("/problems/"):]} }
	l4.Move(three, "link_problem", nil).Want(422).Fault("#/fields/problem_id", "required")
	l4.Move(three, "link_problem", into(problem)).Want(200)
	l4.Move(three, "link_problem", into(problem)).Want(200)
	shows(problem, "3", "7", "7")
	h.As("none").Move(three, "link_problem", into(problem)).Code(403, "insufficient-level")
	l4.Move(two, "acknowledge", received()).Want(200)
	l5.Move(two, "assess", scored(3, fields{"severity": "low"})).Want(200)
	shows(problem, "3", "5", "5")
	apart := fields{"title": "Gate", "complaint_ids": []string{ref(two), ref(three)}}
	l4.Post("/problems", apart).Want(422).Fault("#/complaint_ids/0", "conflicts_with").Fault("#/complaint_ids/1", "conflicts_with")
	for _, path := range []string{two, three} {
		l4.Move(path, "unlink_problem", nil).Want(422).Fault("#/fields/reason", "required")
		h.As("none").Move(path, "unlink_problem", fields{"reason": "It is the gate."}).Code(403, "insufficient-level")
		l4.Move(path, "unlink_problem", fields{"reason": "It is the gate."}).Want(200)
	}
	blocked(l4.Move(two, "unlink_problem", fields{"reason": "It is the gate."}), "not_linked")
	h.As("l6").Patch(problem, fields{"sensitivity": "restricted"}).Want(200)
	hidden := "the problem that it leaves is fixed, or hidden from you"
	if no := l4.Move(one, "unlink_problem", fields{"reason": "It is the gate."}).Code(403, "insufficient-level"); no.Text("because.0") != hidden {
		t.Errorf("taken off a problem that is hidden: %s", no.Body)
	}
	if no := l4.Move(one, "link_problem", into(problem)).Code(403, "insufficient-level"); no.Text("because.0") != hidden {
		t.Errorf("moved away from a problem that is hidden: %s", no.Body)
	}
	h.As("l6").Patch(problem, fields{"sensitivity": "internal"}).Want(200)
	other := "/problems/" + l4.Post("/problems", apart).Want(201).Text("ref")
	shows(problem, "1", "2", "2")
	if got := l4.Get(other).Want(200); got.Text("complaint_count") != "2" || got.Len("complaint_ids") != 2 {
		t.Errorf("they moved: %s", got.Body)
	}
	l4.Move(two, "link_problem", into(problem)).Want(200)

	for range 2 {
		decided(h, nil)
	}
	blocked(l4.Move(one, "accept", agreed()), "no_corrective_action")
	l5.Move(problem, "diagnose", whys()).Want(200)
	l4.Move(one, "accept", agreed()).Want(200)
	h.As("l6").Patch(two, fields{"sensitivity": "restricted"}).Want(200)
	h.As("l4b").Get(problem).Want(404)
}
