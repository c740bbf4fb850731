package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// learned captures a lesson from an issue, by level 4, and answers its path.
func learned(h *testkit.House, issue string, more fields) string {
	h.T.Helper()
	body := fields{
		"title": "Ask neighbours before a night shift begins", "kind": "negative", "what_happened": "340 households learned of the nights from the lorries.",
		"recommendation": "Visit the first row of houses a month before.", "applies_to_tags": []string{"Noise"}, "category": "environment",
		"issue_ids": []string{strings.TrimPrefix(issue, "/issues/")},
	}
	for name, value := range more {
		body[name] = value
	}
	return "/lessons/" + h.As("l4").Post("/lessons", body).Want(201).Text("ref")
}

// sound is what whoever validates a lesson says.
func sound() fields {
	return fields{"significant": true, "valid": true, "applicable": true, "expertise": "Ten years of night shifts"}
}

// published takes a lesson as far as that.
func published(h *testkit.House, path string) {
	h.T.Helper()
	h.As("l4").Move(path, "submit", nil).Want(200)
	h.As("l5").Move(path, "validate", sound()).Want(200)
	h.As("l5").Move(path, "publish", fields{"audience": "organisation", "personal_data_removed": true}).Want(200)
}

// A lesson is captured with what it was learned from, validated by somebody else who
// knows the matter, published without people in it, applied where something changed,
// looked at again a year later, and retired.
func TestLessonFromCaptureToRetirement(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	l4.Post("/lessons", fields{"title": "Ask first"}).Want(422).
		Fault("#/kind", "required").Fault("#/what_happened", "required").Fault("#/recommendation", "required").Fault("#/applies_to_tags", "required")
	path := learned(h, raised(h, nil), nil)
	due(l4.Get(path).Want(200), "2026-12-04", "validate", false)
	l4.Move(path, "submit", nil).Want(200)

	l4.Move(path, "validate", sound()).Code(403, "insufficient-level")
	l5.Move(path, "validate", fields{"significant": true}).Want(422).Fault("#/fields/expertise", "required")
	if got := blocked(l5.Move(path, "validate", with(sound(), "valid", false)), "not_confirmed"); got.Len("blockers") != 1 {
		t.Errorf("one of three is missing: %s", got.Body)
	}
	due(l5.Move(path, "validate", sound()).Want(200), "2026-11-27", "publish", false)
	l4.Patch(path, `{"recommendation":"Another"}`).Want(422).Fault("#/recommendation", "not_allowed_in_state")

	l5.Move(path, "publish", fields{"audience": "organisation", "personal_data_removed": true, "what_happened": "All went well."}).Want(422).Fault("#/fields/what_happened", "not_allowed_in_state")
	l4.Move(path, "revise", fields{"reason": "Names are in it."}).Want(200)
	l4.Patch(path, fields{"what_happened": "The households learned of the nights from the lorries."}).Want(200)
	l4.Move(path, "submit", nil).Want(200)
	blocked(l5.Move(path, "validate", fields{"expertise": "Ten years"}), "not_confirmed")
	l5.Move(path, "validate", sound()).Want(200)
	blocked(l5.Move(path, "publish", nil), "no_audience", "personal_data")
	l4.Move(path, "publish", nil).Code(403, "insufficient-level")
	out := l5.Move(path, "publish", fields{"audience": "organisation", "personal_data_removed": true}).Want(200)
	due(out, "2027-11-22", "review", false)
	if out.Text("published_at") == "" || strings.Contains(out.Text("what_happened"), "340") {
		t.Errorf("not as published: %s", out.Body)
	}

	h.Clock.Forward(30 * day)
	l4.Move(path, "apply", nil).Want(422).Fault("#/fields/artefact_url", "required").Fault("#/fields/artefact", "required")
	change := func(kind string) fields {
		return fields{"artefact_kind": kind, "artefact": "Checklist for new shifts", "artefact_url": "https://wiki.example.org/shifts"}
	}
	blocked(l4.Move(path, "apply", change("unknown")), "artefact_unknown")
	l4.Move(path, "apply", with(change("template"), "artefact_url", "javascript:alert(1)")).Want(422).Fault("#/fields/artefact_url", "invalid_format")
	l4.Move(path, "apply", with(change("template"), "applied_on", "2027-11-22")).Want(422).Fault("#/fields/applied_on", "not_historical")
	l4.Move(path, "apply", change("template")).Want(200)
	if got := l5.Move(path, "apply", change("policy")).Code(403, "insufficient-level"); got.Text("required_level") != "6" {
		t.Errorf("a policy takes level 6: %s", got.Body)
	}
	h.Clock.Forward(day)
	again := l6.Move(path, "apply", change("approach")).Want(200)
	if again.Text("applied_count") != "2" || again.Text("first_applied_at") == again.Text("updated_at") {
		t.Errorf("applied twice: %s", again.Body)
	}

	h.Clock.Forward(339 * day)
	h.Tick()
	due(l4.Get(path).Want(200), "2027-11-22", "review", true)
	l4.Move(path, "confirm", fields{"review_note": "It holds."}).Code(403, "insufficient-level")
	due(l5.Move(path, "confirm", fields{"review_note": "It holds."}).Want(200), "2028-11-26", "review", false)
	l5.Move(path, "retire", nil).Want(422).Fault("#/fields/reason", "required")
	due(l5.Move(path, "retire", fields{"reason": "No more nights."}).Want(200), "", "", false)
}

// A lesson is put aside by somebody other than who captured it, or in favour of one
// that says the same and stands itself.
func TestLessonPutAside(t *testing.T) {
	h := testkit.Open(t)
	l5, l5b := h.As("l5"), h.As("l5b")
	issue := raised(h, nil)
	own := "/lessons/" + l5.Post("/lessons", fields{
		"title": "Buy ear plugs", "kind": "positive", "what_happened": "They helped.", "recommendation": "Buy more.", "applies_to_tags": []string{"noise"},
		"issue_ids": []string{strings.TrimPrefix(issue, "/issues/")},
	}).Want(201).Text("ref")
	why := fields{"reason": "That is no lesson."}
	l5.Move(own, "reject", why).Code(403, "same-person")
	l5.Move(own, "submit", nil).Want(200)
	l5.Move(own, "validate", sound()).Code(403, "same-person")
	l5b.Move(own, "reject", nil).Want(422).Fault("#/fields/reason", "required")
	l5b.Move(own, "reject", why).Want(200)

	one, same := learned(h, issue, nil), learned(h, issue, nil)
	is := func(path string) fields {
		return fields{"duplicate_of_id": strings.TrimPrefix(path, "/lessons/"), "reason": "It says the same."}
	}
	blocked(l5.Move(same, "mark_duplicate", is(same)), "no_duplicate")
	if got := blocked(l5.Move(same, "mark_duplicate", is(own)), "no_duplicate"); "/lessons/"+got.Text("blockers.0.resource.ref") != own {
		t.Errorf("it does not say which: %s", got.Body)
	}
	l5.Move(same, "mark_duplicate", is(one)).Want(200)
}

// What is being validated stands still: who wants it worded otherwise returns it, and
// neither who captured nor who submitted it validates it.
func TestLessonIsNotRewrittenByItsValidator(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l5b := h.As("l4"), h.As("l5"), h.As("l5b")
	path := "/lessons/" + l5b.Post("/lessons", fields{
		"title": "Ask first", "kind": "negative", "what_happened": "They were not asked.", "recommendation": "Ask.", "applies_to_tags": []string{"noise"},
		"issue_ids": []string{strings.TrimPrefix(raised(h, nil), "/issues/")},
	}).Want(201).Text("ref")
	l4.Move(path, "submit", nil).Want(200)
	l5.Patch(path, fields{"recommendation": "Do as I say.", "root_cause": "You."}).Want(422).
		Fault("#/recommendation", "not_allowed_in_state").Fault("#/root_cause", "not_allowed_in_state")
	l5.Move(path, "return", nil).Want(422).Fault("#/fields/reason", "required")
	l5.Move(path, "return", fields{"reason": "Say whom to ask."}).Want(200)
	alike(t, told(h, "l5b"), "returned")
	l5.Patch(path, fields{"recommendation": "Ask the first row of houses."}).Want(200)
	l5.Move(path, "submit", nil).Want(200)
	l5.Move(path, "validate", sound()).Code(403, "same-person")
	l5b.Move(path, "validate", sound()).Code(403, "same-person")
	h.As("l6").Move(path, "validate", sound()).Want(200)
}

// Lessons in use are suggested for an issue that shares tags, the category or words
// with them, the best first and with why; what the caller does not see is left out.
func TestLessonsAreSuggestedForSimilarIssues(t *testing.T) {
	h := testkit.Open(t)
	source := raised(h, nil)
	best, word, other, fresh := learned(h, source, nil), learned(h, source, fields{"title": "Lorries need a timetable", "what_happened": "They came at random.", "category": "delivery", "applies_to_tags": []string{"traffic"}, "recommendation": "Book slots for lorries on the quay."}),
		learned(h, source, fields{"title": "Pay bills", "what_happened": "One was late.", "recommendation": "Pay.", "category": "billing", "applies_to_tags": []string{"money"}}), learned(h, source, nil)
	for _, path := range []string{best, word, other} {
		published(h, path)
	}
	asks := h.As("none").Post("/issues", fields{"title": "Lorries under the window again", "description": "The timetable of the quay is not kept.", "category": "environment", "tags": []string{"NOISE"}}).Want(201)
	ask := "/lessons/suggestions?for=" + asks.Text("ref")

	got := h.As("l4").Get(ask).Want(200)
	if got.Len("data") != 2 || "/lessons/"+got.Text("data.0.ref") != best || "/lessons/"+got.Text("data.1.ref") != word || got.Text("considered") != "3" {
		t.Fatalf("want %s and %s, not %s nor %s: %s", best, word, other, fresh, got.Body)
	}
	if got.Text("data.0.because.0") != "tagged noise" || got.Text("data.0.because.1") != "of the category environment" || got.Text("data.1.because.0") != "in the words lorries, timetable" || got.Text("data.1.score") != "2" {
		t.Errorf("it does not say why: %s", got.Body)
	}
	if n := h.As("l4").Get(ask + "&limit=1").Want(200).Len("data"); n != 1 {
		t.Errorf("want the best alone, got %d", n)
	}

	h.As("l6").Patch(source, `{"sensitivity":"restricted"}`).Want(200)
	if n := h.As("none").Get(ask).Want(200).Len("data"); n != 0 {
		t.Errorf("somebody without a level is suggested %d lessons of a restricted issue", n)
	}
	if n := h.As("l6").Get(ask).Want(200).Len("data"); n != 2 {
		t.Errorf("level 6 is suggested %d, want 2", n)
	}
	h.As("l4").Get("/lessons/suggestions?for="+strings.TrimPrefix(source, "/issues/")).Code(400, "invalid-parameter")
	for _, nothing := range []string{"ISS-999", "STK-1", "XYZ-1", "%00", "ISS-"} {
		h.As("l4").Get("/lessons/suggestions?for="+nothing).Code(400, "invalid-parameter")
	}
	h.As("l4").Get("/lessons/suggestions").Want(400)
	h.As("l4").Get(ask + "&deep=true").Want(400)
}
