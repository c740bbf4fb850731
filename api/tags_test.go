package api_test

import (
	"fmt"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Tags are written in many ways and are one; everybody counts what they see.
func TestTagsAreCountedByWhoSeesThem(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	l4.Post("/issues", `{"title":"Noise at night","tags":["Noise","École"]}`).Want(201)
	id := l4.Post("/issues", `{"title":"Dust","tags":["ecole"]}`).Want(201).ID()
	l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group","tags":["noise"]}`).Want(201)
	l6.Post("/issues", `{"title":"Buyer","sensitivity":"restricted","tags":["noise","takeover"]}`).Want(201)

	seen := l4.Get("/tags").Want(200)
	if seen.Len("data") != 2 || seen.Text("data.0.tag") != "ecole" || seen.Text("data.0.count") != "2" || seen.Text("data.1.tag") != "noise" || seen.Text("data.1.count") != "2" {
		t.Errorf("level 4 sees %s", seen.Body)
	}
	if seen.Text("data.1.collections.0.collection") == "" || seen.Len("data.1.collections") != 2 {
		t.Errorf("not by collection: %s", seen.Body)
	}
	if all := l6.Get("/tags?collection=issues").Want(200); all.Len("data") != 3 || all.Text("data.1.count") != "2" || all.Text("data.2.tag") != "takeover" {
		t.Errorf("level 6 sees %s", all.Body)
	}
	page := l6.Get("/tags?limit=2").Want(200)
	if next := l6.Get(strings.TrimPrefix(page.Text("page.next"), "/api/v1")).Want(200); next.Len("data") != 1 || next.Text("data.0.tag") != "takeover" {
		t.Errorf("the second page: %s", next.Body)
	}
	gone := l6.Post("/issues", `{"title":"Gone","tags":["NOISE","noisé","passing"]}`).Want(201).ID()
	l6.Delete("/issues/" + gone).Want(204)
	if all := l6.Get("/tags?collection=issues").Want(200); all.Len("data") != 3 || all.Text("data.1.tag") != "noise" || all.Text("data.1.count") != "2" {
		t.Errorf("a removed record counts: %s", all.Body)
	}
	l6.Post("/issues/"+gone+"/restore", nil).Want(200)
	if all := l6.Get("/tags?collection=issues").Want(200); all.Len("data") != 4 || all.Text("data.1.count") != "3" {
		t.Errorf("a restored record does not count: %s", all.Body)
	}
	l6.Delete("/issues/" + gone).Want(204)
	if named := h.As("l5").Get("/tags?collection=issues").Want(200); named.Len("data") != 2 || named.Text("data.1.count") != "1" {
		t.Errorf("level 5 sees %s", named.Body)
	}
	l4.Get("/tags?collection=isues").Code(400, "invalid-parameter").Fault("collection", "not_in_enum")
	h.Enlist("only", "l4", "none", "stakeholders:read").Get("/tags?collection=issues").Code(403, "insufficient-scope")
	if n := h.As("only").Get("/tags").Want(200).Len("data"); n != 1 {
		t.Errorf("a key for stakeholders reads %d tags", n)
	}

	l4.Patch("/issues/"+id, `{"tags_add":["Wet"],"tags_remove":["ÉCOLE"]}`).Want(200)
	if got := l4.Get("/issues/" + id).Want(200); got.Len("tags") != 1 || got.Text("tags.0") != "wet" {
		t.Errorf("tagged %v", got.Value("tags"))
	}
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprintf(`"t%d"`, i))
	}
	l4.Patch("/issues/"+id, `{"tags_add":[`+strings.Join(many, ",")+`]}`).Code(422, "validation-failed").Fault("#/tags", "too_many_items")
	l4.Patch("/issues/"+id, `{"tags_add":["`+strings.Repeat("x", 65)+`"]}`).Code(422, "validation-failed")
}

// A tag is renamed on every record that the caller sees, each with its entry; a
// tag that is used already is merged.
func TestATagIsRenamedAndMerged(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	issue := l4.Post("/issues", `{"title":"Noise at night","tags":["noise/night","other"]}`).Want(201)
	holder := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group","tags":["Noise/Night","noise"]}`).Want(201)
	hidden := l6.Post("/issues", `{"title":"Buyer","sensitivity":"restricted","tags":["noise/night"]}`).Want(201)
	tag := "/tags/noise%2Fnight"

	l4.Post(tag+"/rename", `{"to":"racket"}`).Code(403, "insufficient-level")
	l5.Post("/tags/nothing/rename", `{"to":"racket"}`).Code(404, "not-found")
	l5.Post(tag+"/rename", `{"to":"Noise"}`).Code(409, "duplicate")
	l5.Post(tag+"/rename", `{"to":" ","as":"x"}`).Code(422, "validation-failed").Fault("#/to", "required").Fault("#/as", "unknown_field")
	l5.Post(tag+"/rename", `{"to":"racket","collection":"isues"}`).Code(422, "validation-failed").Fault("#/collection", "not_in_enum")
	l5.Post(tag+"/merge", `{"into":"racket"}`).Code(422, "validation-failed").Fault("#/into", "reference_not_found")
	l5.Post(tag+"/merge", `{"into":"NOISE/night"}`).Code(422, "validation-failed").Fault("#/into", "conflicts_with")
	h.Enlist("viewer", "l5", "none", "viewer").Post(tag+"/rename", `{"to":"racket"}`).Code(403, "insufficient-scope")

	once := l5.With("Idempotency-Key", "t-1")
	j := once.Post(tag+"/rename", `{"to":"Racket"}`).Want(202)
	if again := once.Post(tag+"/rename", `{"to":"Racket"}`).Want(202); again.ID() != j.ID() {
		t.Error("asked twice")
	}
	once.Post(tag+"/rename", `{"to":"Racket","collection":"issues"}`).Code(422, "idempotency-key-reused")
	h.RunJobs()
	if done := l5.Get("/jobs/" + j.ID()).Want(200); done.Text("state") != "succeeded" || done.Text("progress.message") != "2 changed, 0 left as they are" {
		t.Errorf("the job: %s", done.Body)
	}
	if got := l4.Get("/issues/" + issue.ID()).Want(200); got.Text("tags.0") != "other" || got.Text("tags.1") != "racket" || got.Text("version") != "2" {
		t.Errorf("the issue: %s", got.Body)
	}
	if h.Told(register.Stakeholders, holder.ID(), "updated") != 1 {
		t.Error("no entry tells of it")
	}
	if got := l6.Get("/issues/" + hidden.ID()).Want(200); got.Text("tags.0") != "noise/night" || got.Text("version") != "1" {
		t.Errorf("what the caller does not see was changed: %s", got.Body)
	}

	l4.Post("/issues", `{"title":"Signs","tags":["50%/x%41","50%41"]}`).Want(201)
	l5.Post("/tags/50%25%2Fx%2541/rename", `{"to":"signs"}`).Want(202)
	l5.Post("/tags/50%2541/rename", `{"to":"half"}`).Want(202)
	l5.Post("/tags/racket/merge", `{"into":"noise","collection":"stakeholders"}`).Want(202)
	h.RunJobs()
	if got := l4.Get("/stakeholders/" + holder.ID()).Want(200); got.Len("tags") != 1 || got.Text("tags.0") != "noise" {
		t.Errorf("not merged: %s", got.Body)
	}
	if got := l4.Get("/issues/" + issue.ID()).Want(200); got.Text("tags.1") != "racket" {
		t.Error("merged in another collection too")
	}
}
