package api_test

import (
	"slices"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// What could only refuse is not served: nobody enters or removes what comes with the
// program, and what has no workflow makes no transition. What is told of a noun says
// the same.
func TestNothingIsServedThatCanOnlyRefuse(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7 := h.As("l7")
	given, still := 0, 0
	for _, n := range register.All() {
		path := "/" + n.Path
		one := path + "/" + h.Make(n, nil).ID()
		allow := func(path string) []string {
			return strings.Split(l7.Do("OPTIONS", path, nil).Header.Get("Allow"), ", ")
		}
		if n.Given {
			given++
			l7.Post(path, `{}`).Code(405, "method-not-allowed")
			l7.Delete(one).Code(405, "method-not-allowed")
			l7.Post(one+"/restore", nil).Code(404, "not-found")
		}
		if slices.Contains(allow(path), "POST") == n.Given || slices.Contains(allow(one), "DELETE") == n.Given {
			t.Errorf("%s: %v and %v are allowed", n.Name, allow(path), allow(one))
		}
		workflow := l7.Get("/meta/workflows/" + n.Name).Want(200)
		if (workflow.Len("transitions") > 0) != n.Moves() {
			t.Errorf("%s: its workflow tells of %d transitions", n.Name, workflow.Len("transitions"))
		}
		if !n.Moves() {
			still++
			l7.Get(one+"/transitions").Code(404, "not-found")
			l7.Post(one+"/transitions", `{"transition":"any"}`).Code(404, "not-found")
		}
		if about := l7.Get("/meta/fields/" + n.Path).Want(200); n.Given && strings.Contains(string(about.Body), `"create"`) {
			t.Errorf("%s: fields are told to be written on create: %s", n.Name, about.Body)
		}
	}
	if given == 0 || still == 0 {
		t.Errorf("%d nouns come with the program, %d have no transitions", given, still)
	}
}
