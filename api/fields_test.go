package api_test

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// membersOf are the names of an object's members.
func membersOf(v any) string {
	object, _ := v.(map[string]any)
	var list []string
	for name := range object {
		list = append(list, name)
	}
	sort.Strings(list)
	return strings.Join(list, " ")
}

// A record is shown in part: what was asked for, its id and its version.
func TestFieldsAskForSomeMembers(t *testing.T) {
	h := testkit.Open(t)
	harbour(t, h)
	l4 := h.As("l4")
	page := l4.Get("/stakeholders?sort=name&fields=name,identified_by.name,created_by.type,owner.ref").Want(200)
	if got := membersOf(page.Value("data.0")); got != "created_by id identified_by name owner version" {
		t.Errorf("a list shows %s", got)
	}
	if got := membersOf(page.Value("data.0.identified_by")); got != "name" || page.Text("data.0.identified_by.name") != "Person l4" {
		t.Errorf("of who identified it: %s", page.Body)
	}
	if got := membersOf(page.Value("data.0.created_by")); got != "type" || page.Value("data.0.owner") != nil {
		t.Errorf("of who entered it, and of no owner: %s", page.Body)
	}
	path := "/stakeholders/" + page.Text("data.0.id")
	one := l4.Get(path + "?fields=name").Want(200)
	if got := membersOf(object(one.Body)); got != "id name version" {
		t.Errorf("one record shows %s", got)
	}
	whole, partial := l4.Get(path).Want(200).Header.Get("ETag"), one.Header.Get("ETag")
	if whole != `"1"` || !strings.HasPrefix(partial, `W/"1-`) {
		t.Errorf("the tags are %s and %s", whole, partial)
	}
	l4.With("If-None-Match", partial).Get(path + "?fields=name").Want(304)
	l4.With("If-None-Match", partial).Get(path + "?fields=name,kind").Want(200)
	l4.With("If-Match", partial).Patch(path, `{"side":"internal"}`).Want(412)
	with := l4.Get(path + "?fields=name&include=identified_by").Want(200)
	if with.Len("included.users") != 1 || with.Value("kind") != nil {
		t.Errorf("with what comes along: %s", with.Body)
	}
	found := l4.Post("/stakeholders/search", `{"sort":["name"],"fields":["kind","updated_by.name"]}`).Want(200)
	if got := membersOf(found.Value("data.0")); got != "id kind updated_by version" {
		t.Errorf("a search shows %s", got)
	}
	next := l4.Get("/stakeholders?limit=1&fields=name").Want(200).Text("page.next_cursor")
	l4.Get("/stakeholders?limit=1&fields=kind&cursor=" + next).Want(200)
}

// What there is not is refused by name, with all that there is.
func TestFieldsThatAreNotThere(t *testing.T) {
	l4 := testkit.Open(t).As("l4")
	r := l4.Get("/stakeholders?fields=id,nmbe,owner.email,rested_basis,owner.name.x").Code(400, "invalid-parameter").Fault("fields", "not_in_enum")
	var p struct {
		Errors []struct {
			Suggestion string
			Params     struct{ Allowed []string }
		}
	}
	if err := json.Unmarshal(r.Body, &p); err != nil || len(p.Errors) != 4 || !slices.Contains(p.Errors[0].Params.Allowed, "owner.name") {
		t.Errorf("%v: %s", err, r.Body)
	}
	l4.Get("/stakeholders?fields=naem").Code(400, "invalid-parameter")
	l4.Get("/engagement-matrix?fields=name").Code(400, "invalid-parameter")
	l4.Post("/stakeholders/search", `{"fields":["naem"]}`).Code(422, "validation-failed").Fault("#/fields", "not_in_enum")
	l4.Post("/stakeholders/search", `{"fields":"name"}`).Code(422, "validation-failed").Fault("#/fields", "invalid_type")
}

// Every member of every noun can be asked for by itself, and is what the whole
// record shows.
func TestContractFieldsOneByOne(t *testing.T) {
	h := testkit.Open(t).Contract()
	h.Quick = true
	l7 := h.As("l7")
	for _, n := range register.All() {
		path := "/" + n.Path + "/" + h.Some(n.Name)
		if h.Some(n.Name) == "" {
			continue
		}
		whole := l7.Get(path).Want(200)
		for _, name := range n.Parts() {
			part := l7.Get(path + "?fields=" + name).Want(200)
			got, _ := json.Marshal(part.Value(name))
			want, _ := json.Marshal(whole.Value(name))
			if string(got) != string(want) {
				t.Errorf("%s.%s alone is %s, want %s", n.Name, name, got, want)
			}
			member, _, _ := strings.Cut(name, ".")
			if extra := len(strings.Fields(membersOf(object(part.Body)))); extra > 3 {
				t.Errorf("asked for %s of %s, and was told: %s", member, n.Name, part.Body)
			}
		}
	}
}

func object(raw []byte) (v any) {
	_ = json.Unmarshal(raw, &v)
	return v
}
