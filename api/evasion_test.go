package api_test

import (
	"fmt"
	"testing"

	"rapport/internal/testkit"
)

// Nothing that takes a higher level can be had by making a record less first, by
// removing it, or by naming oneself.

func TestStorySeniorityIsNotLoweredToEvadeItsRules(t *testing.T) {
	h := testkit.Open(t)
	who := h.As("l7").Post("/stakeholders", `{"name":"The Minister","kind":"group","seniority":"most_senior","sensitivity":"internal"}`).Want(201)
	path := "/stakeholders/" + who.ID()
	lowered := `{"seniority":"operational"}`
	shows(h.As("l4").Patch(path, lowered).Want(403), "required_level", 7)
	shows(h.As("l6").Patch(path, lowered).Want(403), "because.0", "the stakeholder is among the most senior")
	h.As("l6").Post("/stakeholders/batch", `{"atomic":false,"operations":[{"op":"update","id":"`+who.ID()+`","body":`+lowered+`}]}`).Want(207)
	shows(h.As("l4").Get(path).Want(200), "seniority", "most_senior")
	h.As("l4").Patch(path, `{"description":"Asks for figures."}`).Want(200)
	h.As("l7").Patch(path, lowered).Want(200)
	h.As("l4").Patch(path, `{"seniority":"senior"}`).Want(200)
	shows(h.As("l5").Patch(path, lowered).Want(403), "required_level", 6)
}

func TestStoryRemovalTakesWhatTheEndsTake(t *testing.T) {
	h := testkit.Open(t)
	minister := h.As("l5").Post("/stakeholders", `{"name":"The Minister","kind":"group","seniority":"most_senior"}`).Want(201)
	shows(h.As("l5").Delete("/stakeholders/"+minister.ID()).Want(403), "required_level", 7)
	h.As("l7").Delete("/stakeholders/" + minister.ID()).Want(204)

	who := h.Some("stakeholder")
	issue := h.As("l5").Post("/issues", `{"title":"A chair fell","description":"From a crane.","stakeholder_id":"`+who+`","severity":"critical","category":"safety"}`).Want(201)
	shows(h.As("l5").Delete("/issues/"+issue.ID()).Want(403), "code", "same-person")
	h.As("l6").Delete("/issues/" + issue.ID()).Want(204)
}

func TestStoryOnesClearanceBoundsWhoMaySee(t *testing.T) {
	h := testkit.Open(t)
	who := h.Some("stakeholder")
	issue := h.As("l7").Post("/issues", `{"title":"Quiet word","description":"Not for all.","stakeholder_id":"`+who+`","category":"other","sensitivity":"restricted","access_user_ids":["`+h.People["l4"]+`"]}`).Want(201)
	path := "/issues/" + issue.ID()
	h.As("l4").Get(path).Want(200)
	shows(h.As("l4").Patch(path, `{"sensitivity":"public"}`).Want(403), "required_level", 6)
	h.As("l4").Patch(path, `{"access_user_ids":["`+h.People["l4"]+`","`+h.People["none"]+`"]}`).Want(403)
	h.As("l4").Patch(path, `{"description":"Still not for all."}`).Want(200)
	h.As("none").Get(path).Want(404)
	h.As("l6").Patch(path, `{"sensitivity":"internal"}`).Want(200)
	shows(h.As("l4").Patch(path, `{"sensitivity":"confidential"}`).Want(403), "required_level", 5)
	h.As("l5").Patch(path, `{"sensitivity":"confidential"}`).Want(200)
}

func TestStoryAnAssessmentThatIsHiddenDoesNotShow(t *testing.T) {
	h := testkit.Open(t)
	who := h.Some("stakeholder")
	h.As("l7").Post("/stakeholders/"+who+"/assessments", `{"power":5,"interest":5,"attitude":-2,"current_engagement":"resistant","desired_engagement":"supportive","sensitivity":"restricted"}`).Want(201)
	seen := h.As("none").Get("/stakeholders/" + who).Want(200)
	shows(seen, "power", nil)
	shows(seen, "gap", nil)
	shows(seen, "current_engagement", "none")
	h.As("l5").Post("/stakeholders/"+who+"/assessments", `{"power":2}`).Want(201)
	shows(h.As("none").Get("/stakeholders/"+who).Want(200), "power", 2)
	shows(h.As("none").Get("/stakeholders/"+who).Want(200), "interest", nil)
}

func TestStoryNobodyLetsHimselfInAsContact(t *testing.T) {
	h := testkit.Open(t)
	who := h.Some("stakeholder")
	issue := h.As("l7").Post("/issues", `{"title":"Quiet word","description":"Not for all.","stakeholder_id":"`+who+`","category":"other","sensitivity":"restricted"}`).Want(201)
	propose := func(as string) {
		made := h.As(as).Post("/stakeholders/"+who+"/spoc-assignments", `{"user_id":"`+h.People["l5"]+`"}`).Want(201)
		h.As("l5").Post("/spoc-assignments/"+made.ID()+"/transitions", `{"transition":"accept","fields":{"open_items_acknowledged":true}}`).Want(200)
	}
	propose("l5")
	h.As("l5").Get("/issues/" + issue.ID()).Want(404)
	propose("l6")
	h.As("l5").Get("/issues/" + issue.ID()).Want(200)
}

func TestStoryAMachineSeesWhatItsKeySaysAndItsMakerSees(t *testing.T) {
	h := testkit.Open(t)
	who := h.Some("stakeholder")
	issue := h.As("l7").Post("/issues", `{"title":"Quiet word","description":"Not for all.","stakeholder_id":"`+who+`","category":"other","sensitivity":"restricted"}`).Want(201)
	body := `{"name":"tickets","scopes":["manager"],"sensitivity":"restricted"}`
	shows(h.As("admin").Post("/api-keys", body).Want(403), "required_level", 6)
	key := h.As("l7").Post("/api-keys", body).Want(201)
	h.As("").With("Authorization", "Bearer "+key.Text("token")).Get("/issues/" + issue.ID()).Want(200)
	plain := h.As("l7").Post("/api-keys", `{"name":"others","scopes":["manager"]}`).Want(201)
	h.As("").With("Authorization", "Bearer "+plain.Text("token")).Get("/issues/" + issue.ID()).Want(404)
}

// shows stops the test unless the answer has the value at the path.
func shows(r *testkit.Reply, path string, want any) {
	r.T.Helper()
	if got := r.Value(path); fmt.Sprint(got) != fmt.Sprint(want) {
		r.T.Fatalf("%s is %v, not %v:\n%s", path, got, want, r.Body)
	}
}
