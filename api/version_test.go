package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Every version that a record had can be read again just as it was answered then.
func TestOldVersionsReadAsTheyWere(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	owner := h.People["l4"]
	first := l7.Post("/stakeholders", map[string]any{
		"name": "Riverside Residents", "kind": "group", "description": "Neighbours \"of\" the quay", "owner_id": owner,
		"tags": []string{"noise"}, "basis": []any{map[string]any{"basis": "affected", "subject_type": "activity", "subject": "Night work"}},
	}).Want(201)
	path := "/stakeholders/" + first.ID()
	was := []*testkit.Reply{first}
	was = append(was,
		l7.Patch(path, `{"name":"Riverside Residents' Association","tags":["noise","night"],"seniority":"senior"}`).Want(200),
		l7.Patch(path, `{"description":"","tags":[],"sensitivity":"public","owner_id":"`+h.People["l5"]+`"}`).Want(200),
		l7.Move(path, "reject", map[string]any{"reason": "No stakeholder"}).Want(200))
	l7.Delete(path).Want(204)
	l7.Get(path+"?version=1").Code(410, "gone")
	was = append(was, nil, l7.Post(path+"/restore", nil).Want(200))
	for i, then := range was {
		if then == nil {
			continue
		}
		got := l7.Get(fmt.Sprintf("%s?version=%d", path, i+1)).Want(200)
		if want := fmt.Sprintf(`"%d"`, i+1); got.Header.Get("ETag") != want {
			t.Errorf("version %d has the tag %s", i+1, got.Header.Get("ETag"))
		}
		compareVersions(t, then, got)
	}
	if got := l7.Get(path + "?version=5").Want(200); got.Value("deleted_at") == nil {
		t.Errorf("version 5 was removed: %s", got.Body)
	}
	l7.Get(path+"?version=7").Code(404, "not-found")
	l7.Get(path+"?version=0").Code(400, "invalid-parameter").Fault("version", "invalid_format")
	l7.Get(path+"?version=").Code(400, "invalid-parameter")
	l7.With("If-None-Match", `"2"`).Get(path + "?version=2").Want(304)
	if got := l7.Get(path + "?version=1&include=owner").Want(200); got.Text("included.users.0.id") != owner || got.Header.Get("ETag")[:2] != "W/" {
		t.Errorf("the owner of then is included: %s", got.Body)
	}
}

// compareVersions holds an old version against what was answered then, member by
// member, but for what is reckoned from other records.
func compareVersions(t *testing.T, then, now *testkit.Reply) {
	t.Helper()
	var a, b map[string]any
	if json.Unmarshal(then.Body, &a) != nil || json.Unmarshal(now.Body, &b) != nil {
		t.Fatal("no JSON")
	}
	maps.DeleteFunc(a, func(name string, _ any) bool {
		f := register.Stakeholders.Field(name)
		return f != nil && f.Circle == register.Derived
	})
	for name := range a {
		x, _ := json.Marshal(a[name])
		y, _ := json.Marshal(b[name])
		if string(x) != string(y) {
			t.Errorf("version %s: %s was %s and reads %s", then.Text("version"), name, x, y)
		}
	}
}

// The sensitivity of now decides who reads an old version, and what was erased
// stays so.
func TestOldVersionsTellNoMoreThanNow(t *testing.T) {
	h := testkit.Open(t)
	l6, l4 := h.As("l6"), h.As("l4")
	id := l6.Post("/stakeholders", `{"name":"Quiet Partners","kind":"organisation","description":"Met at the harbour"}`).Want(201).ID()
	l4.Get("/stakeholders/" + id + "?version=1").Want(200)
	l6.Patch("/stakeholders/"+id, `{"sensitivity":"confidential","description":"Met twice","seniority":"senior"}`).Want(200)
	l4.Get("/stakeholders/"+id+"?version=1").Code(404, "not-found")
	h.Raw("UPDATE entries SET personal = NULL WHERE record_id = ?", []any{id})
	got := l6.Get("/stakeholders/" + id + "?version=1").Want(200)
	if got.Text("description") != "" || got.Text("name") != "" || got.Text("seniority") != "operational" {
		t.Errorf("what was erased is told again: %s", got.Body)
	}
}
