package api_test

import (
	"fmt"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Who is asked to decide follows the authority table as it is in force: level 7 says
// that approving takes level 6, and that what is no single case takes level 7, and the
// proposed answers move to the worklists of those who may approve them from now on.
func TestDecidersFollowTheAuthorityTable(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	ladder(h)
	single := answeredBy(h, "l4", answer(), nil)
	systemic := complained(h, fields{"title": "Dust"})
	h.As("l4").Move(systemic, "acknowledge", received()).Want(200)
	h.As("l4").Move(systemic, "assess", scored(3, fields{"systemic": true})).Want(200)
	h.As("l5").Move(systemic, "investigate", nil).Want(200)
	h.As("l4").Move(systemic, "propose_response", answer()).Want(200)
	waits := func(who string) (refs []string) {
		for _, line := range work(h.As(who).Get("/worklist").Want(200), "waiting_on_me") {
			refs = append(refs, line[:len("CMP-1")])
		}
		return refs
	}
	alike(t, waits("l5"), "CMP-1")
	alike(t, waits("l6"), "CMP-2")

	l7.Patch("/authority-rules/complaint.approve", fields{"level": 6}).Want(200)
	l7.Patch("/authority-rules/complaint.approve@systemic", fields{"level": 7}).Want(200)
	alike(t, waits("l5"))
	alike(t, waits("l6"), "CMP-1")
	alike(t, waits("l7"), "CMP-2")
	h.As("l5").Move(single, "approve", tell()).Code(403, "insufficient-level")
	h.As("l6").Move(systemic, "approve", tell()).Code(403, "insufficient-level")
	third := answeredBy(h, "l4", answer(), fields{"title": "Light"})
	if got := told(h, "l6"); len(got) == 0 || got[len(got)-1] != "decision_asked" {
		t.Errorf("nobody of level 6 is told of the third: %v", got)
	}
	h.As("l6").Move(third, "approve", tell()).Want(200)
	alike(t, waits("l6"), "CMP-1")

	l7.Patch("/authority-rules/complaint.approve", fields{"level": nil}).Want(200)
	l7.Patch("/authority-rules/complaint.approve@systemic", fields{"level": nil}).Want(200)
	alike(t, waits("l5"), "CMP-1")
	alike(t, waits("l6"), "CMP-2")
}

// A review goes to whoever may decide it by that table, not only one level up.
func TestReviewGoesToWhoMayDecideIt(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	h.As("l7").Patch("/authority-rules/complaint.approve@review_of_5", fields{"level": 7}).Want(200)
	path := answeredBy(h, "l4", answer(), nil)
	h.As("l5").Move(path, "approve", tell()).Want(200)
	h.As("l4").Move(path, "reject", recourse(fields{"reason": "An apology lets nobody sleep."})).Want(200)
	before(h, path, 7)
	h.As("l4").Move(path, "propose_response", answer()).Want(200)
	h.As("l6").Move(path, "approve", tell()).Code(403, "insufficient-level")
	h.As("l7").Move(path, "approve", tell()).Want(200)
}

// A worklist reads what the rules ask about all proposed answers at once, of reviews too,
// and shows the person's own however many others wait; where it cannot show all it says so.
func TestManyProposedAnswers(t *testing.T) {
	h := testkit.Open(t)
	ladder(h)
	first := answeredBy(h, "l4", answer(), nil)
	h.As("l5").Move(first, "approve", tell()).Want(200)
	h.As("l4").Move(first, "reject", recourse(fields{"reason": "An apology lets nobody sleep."})).Want(200)
	h.As("l4").Move(first, "propose_response", answer()).Want(200)
	_, few := h.As("l6").Statements("GET", "/worklist", nil)
	for i := range 3 {
		more := answeredBy(h, "l4", answer(), fields{"title": fmt.Sprint("Dust ", i)})
		h.As("l5").Move(more, "approve", tell()).Want(200)
		h.As("l4").Move(more, "reject", recourse(fields{"reason": "It is dusty still."})).Want(200)
		h.As("l4").Move(more, "propose_response", answer()).Want(200)
	}
	reply, many := h.As("l6").Statements("GET", "/worklist", nil)
	if len(many) > len(few) || reply.Len("waiting_on_me") < 4 {
		t.Errorf("%d statements for one review, %d for four: %s\n%s", len(few), len(many), repeated(many), reply.Body)
	}
	var batch []fields
	for i := range 60 {
		body := fields{"title": fmt.Sprint("Noise ", i), "description": "It is loud.", "channel": "email", "complainant": fields{"name": "Ioana Marin"}}
		batch = append(batch, fields{"op": "create", "body": body})
	}
	made := h.As("l4").Post("/complaints/batch", batchOf(false, batch...)).Want(207)
	for _, id := range (&fieldSuite{}).ids(made) {
		h.Force(register.Complaints, id, "response_proposed")
	}
	if reply := h.As("l6").Get("/worklist").Want(200); reply.Value("complete") != true || reply.Len("waiting_on_me") < 4 {
		t.Errorf("what waits for level 5 stands before what waits for level 6: %s", reply.Body)
	}
	if reply := h.As("l5").Get("/worklist").Want(200); reply.Value("complete") != false || reply.Len("waiting_on_me") != 50 {
		t.Errorf("50 of 60 are shown as if they were all: %d", reply.Len("waiting_on_me"))
	}
}
