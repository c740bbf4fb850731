package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Ana's house talks about an issue: somebody is asked by name, answers, and the
// history tells of it without a new version of the issue.
func TestPeopleTalkAboutAnIssue(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	issue := l4.Post("/issues", `{"title":"Noise at night"}`).Want(201)
	at := "/issues/" + issue.Text("ref")

	said := l4.Post(at+"/comments", `{"body":"  @L5 please call, and @nobody at ana@l6.org too. "}`).Want(201)
	if said.Text("body") != "@L5 please call, and @nobody at ana@l6.org too." || said.Text("visibility") != "internal" || said.Text("created_by.name") != "Person l4" {
		t.Errorf("not as said: %s", said.Body)
	}
	if said.Len("mentions") != 1 || said.Text("mentions.0.id") != h.People["l5"] || said.Text("mentions.0.handle") != "L5" {
		t.Errorf("not the one who was named: %s", said.Body)
	}
	if said.Header.Get("Location") != said.Text("url") || said.Header.Get("ETag") != `"1"` || said.Text("subject.ref") != issue.Text("ref") {
		t.Errorf("not where it lies: %v %s", said.Header, said.Body)
	}
	reply := l5.Post(at+"/comments", `{"body":"Done.","visibility":"shared","reply_to_id":"`+said.ID()+`"}`).Want(201)
	if list := l4.Get(at + "/comments").Want(200); list.Len("data") != 2 || list.Text("data.0.id") != said.ID() || list.Text("data.1.reply_to_id") != said.ID() {
		t.Errorf("not in the order of the talk: %s", list.Body)
	}
	l4.Get("/comments/" + reply.ID()).Want(200)

	if got := l4.Get(at).Want(200).Text("version"); got != "1" {
		t.Errorf("the issue went to version %s by talk", got)
	}
	line := l4.Get(at + "/changes").Want(200)
	if line.Len("data") != 3 || line.Text("data.1.action") != "commented" || line.Value("data.1.version") != nil || line.Text("data.1.diff.0.to") != said.ID() {
		t.Errorf("the history says %s", line.Body)
	}
	items := l4.Get(at + "/timeline?kinds=comment").Want(200)
	if items.Len("data") != 2 || items.Text("data.1.comment.body") != said.Text("body") || items.Text("data.0.summary") != "Person l5 commented" {
		t.Errorf("the timeline says %s", items.Body)
	}
}

// Who is named is told, once; they see it among their own and acknowledge it.
func TestAMentionIsToldAndAcknowledged(t *testing.T) {
	h := testkit.Open(t)
	l4, l5, l6 := h.As("l4"), h.As("l5"), h.As("l6")
	id := l4.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	said := l4.Post("/issues/"+id+"/comments", `{"body":"@l5 and @l4 and once more @l5"}`).Want(201)
	told := l5.Get("/notifications?read=false").Want(200)
	if told.Len("data") != 1 || told.Text("data.0.type") != "mentioned" || told.Text("data.0.comment_id") != said.ID() || told.Text("data.0.subject.name") != "Noise at night" {
		t.Fatalf("l5 is told %s", told.Body)
	}
	if n := l4.Get("/notifications").Want(200).Len("data"); n != 0 {
		t.Error("l4 is told of what l4 said")
	}
	if n := h.As("service").Get("/notifications").Want(200).Len("data"); n != 0 {
		t.Error("a machine is told something")
	}
	l4.With("If-Match", `"1"`).Patch("/comments/"+said.ID(), `{"body":"@l5 and @l6"}`).Want(200)
	if l5.Get("/notifications").Want(200).Len("data") != 1 || l6.Get("/notifications").Want(200).Len("data") != 1 {
		t.Error("an edited comment tells those whom it names anew, and them alone")
	}
	one := "/notifications/" + told.Text("data.0.id") + "/acknowledge"
	l6.Post(one, nil).Code(404, "not-found")
	if r := l5.Post(one, nil).Want(200); r.Text("read") != "true" || r.Value("read_at") == nil {
		t.Errorf("not acknowledged: %s", r.Body)
	}
	first := l5.Get("/notifications?read=true").Want(200).Text("data.0.read_at")
	h.Clock.Forward(time.Hour)
	if again := l5.Post(one, nil).Want(200).Text("read_at"); again != first {
		t.Errorf("read at %s, and then at %s", first, again)
	}
	if n := l5.Get("/notifications?read=false").Want(200).Len("data"); n != 0 {
		t.Error("an acknowledged notification waits")
	}
	h.Enlist("blind", "l5", "none", "issues:read").Get("/notifications").Code(403, "insufficient-scope")
	h.Enlist("viewing", "l5", "none", "viewer").Post(one, nil).Code(403, "insufficient-scope")
}

// A mention gives nobody sight of a record, and what is made restricted later is
// told no more.
func TestAMentionGivesNoSight(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	id := l6.Post("/issues", `{"title":"Prospective buyer","sensitivity":"restricted","owner_id":"`+h.People["l4b"]+`"}`).Want(201).ID()
	l6.Post("/issues/"+id+"/comments", `{"body":"@l4 look"}`).Code(422, "validation-failed").Fault("#/body", "conflicts_with")
	l6.Post("/issues/"+id+"/comments", `{"body":"@l4b look"}`).Want(201) // named on it
	l4.Get("/issues/"+id+"/comments").Code(404, "not-found")
	if n := h.As("l4b").Get("/notifications").Want(200).Len("data"); n != 1 {
		t.Error("who is named on a record is not told")
	}

	id = l6.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	said := l6.Post("/issues/"+id+"/comments", `{"body":"@l4 look"}`).Want(201)
	told := l4.Get("/notifications").Want(200).Text("data.0.id")
	l6.Patch("/issues/"+id, `{"sensitivity":"restricted"}`).Want(200)
	if n := l4.Get("/notifications").Want(200).Len("data"); n != 0 {
		t.Error("l4 is told of a restricted record")
	}
	l4.Post("/notifications/"+told+"/acknowledge", nil).Code(404, "not-found")
	l4.Get("/comments/"+said.ID()).Code(404, "not-found")
	l4.Patch("/comments/"+said.ID(), `{"body":"x"}`).Code(404, "not-found")
	l4.Delete("/comments/"+said.ID()).Code(404, "not-found")
	h.Enlist("capped", "l6", "internal", "manager").Get("/comments/"+said.ID()).Code(404, "not-found")
	l7 := h.As("l7")
	key := l7.Get("/api-keys?limit=1").Want(200).Text("data.0.id")
	l7.Post("/api-keys/"+key+"/comments", `{"body":"@l4 see"}`).Code(422, "validation-failed").Fault("#/body", "conflicts_with")
	l7.Post("/api-keys/"+key+"/comments", `{"body":"@admin see"}`).Want(201)
	h.Enlist("wide", "l4", "none", "manager", "admin").Post("/users/"+h.People["l5"]+"/comments", `{"body":"late again"}`).Code(403, "insufficient-level")
	l7.Move("/users/"+h.People["l5b"], "disable", nil).Want(200)
	l7.Post("/api-keys/"+key+"/comments", `{"body":"@l5b has left"}`).Code(422, "validation-failed").Fault("#/body", "conflicts_with")
}

// An author changes a comment for a quarter of an hour, and later only takes it
// back, which leaves a stub.
func TestACommentIsChangedForAWhile(t *testing.T) {
	h := testkit.Open(t)
	l4, l5 := h.As("l4"), h.As("l5")
	id := l4.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	at := "/issues/" + id + "/comments"
	first, second := l4.Post(at, `{"body":"one"}`).Want(201), l4.Post(at, `{"body":"two"}`).Want(201)

	l5.Patch("/comments/"+first.ID(), `{"body":"not mine"}`).Code(403, "insufficient-level")
	l5.Delete("/comments/"+first.ID()).Code(403, "insufficient-level")
	h.As("l7").Delete("/comments/"+first.ID()).Code(403, "insufficient-level")
	edited := l4.With("If-Match", `"1"`).Patch("/comments/"+first.ID(), `{"body":"uno"}`).Want(200)
	if edited.Text("version") != "2" || edited.Value("edited_at") == nil || edited.Text("body") != "uno" {
		t.Errorf("not edited: %s", edited.Body)
	}
	entries := h.Entries()
	l4.Patch("/comments/"+first.ID(), `{"body":"uno"}`).Want(200)
	l4.Patch("/comments/"+first.ID()+"?validate_only=true", `{"body":"due"}`).Want(200)
	if h.Entries() != entries {
		t.Error("an entry tells of nothing")
	}
	l4.With("If-Match", `"1"`).Patch("/comments/"+first.ID(), `{"body":"late"}`).Code(412, "precondition-failed")
	l4.Patch("/comments/"+first.ID(), `{"body":" "}`).Code(422, "validation-failed").Fault("#/body", "required")
	l4.Patch("/comments/"+first.ID(), `{"reply_to_id":null}`).Code(422, "validation-failed").Fault("#/reply_to_id", "unknown_field")

	l4.Delete("/comments/" + second.ID()).Want(204)
	l4.Get("/comments/"+second.ID()).Code(404, "not-found")
	if n := l4.Get(at).Want(200).Len("data"); n != 1 {
		t.Errorf("%d comments, want the one that was not taken back", n)
	}
	h.Clock.Forward(15*time.Minute + time.Second)
	l4.Patch("/comments/"+first.ID(), `{"body":"too late"}`).Code(422, "validation-failed").Fault("#", "not_allowed_in_state")
	l4.With("If-Match", `"1"`).Delete("/comments/"+first.ID()).Code(412, "precondition-failed")
	l4.Delete("/comments/" + first.ID()).Want(204)
	l4.Delete("/comments/" + first.ID()).Want(204)
	stub := l4.Get("/comments/" + first.ID()).Want(200)
	if stub.Value("body") != nil || stub.Value("deleted_at") == nil || strings.Contains(string(l4.Get(at).Want(200).Body), "uno") {
		t.Errorf("no stub: %s", stub.Body)
	}
	if items := l4.Get("/issues/" + id + "/timeline").Want(200); strings.Contains(string(items.Body), "uno") {
		t.Errorf("the timeline shows what was taken back: %s", items.Body)
	}
	if h.Told(register.Issues, id, "comment_deleted") != 2 || h.Told(register.Issues, id, "comment_edited") != 1 {
		t.Error("the history does not tell of it")
	}

	answered := l4.Post(at, `{"body":"three"}`).Want(201)
	l5.Post(at, `{"body":"so?","reply_to_id":"`+answered.ID()+`"}`).Want(201)
	l4.Delete("/comments/" + answered.ID()).Want(204)
	l4.Get("/comments/" + answered.ID()).Want(200) // a stub: others answered it
}

// Whoever sees a record may speak: without a level, as a machine, on a closed
// record; not on a removed one, nor with a key that only reads.
func TestWhoMayComment(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	made := h.Make(register.Stakeholders, nil)
	at := "/stakeholders/" + made.ID() + "/comments"
	h.As("none").Post(at, `{"body":"from reception"}`).Want(201)
	if by := h.As("service").Post(at, `{"body":"from the ticket"}`).Want(201).Text("created_by.type"); by != "service" {
		t.Errorf("said by a %s", by)
	}
	h.Enlist("viewer", "l5", "none", "viewer").Post(at, `{"body":"x"}`).Code(403, "insufficient-scope")
	h.As("").Post(at, `{"body":"x"}`).Code(401, "unauthenticated")

	other := l5.Post("/issues", `{"title":"Dust"}`).Want(201)
	foreign := l5.Post("/issues/"+other.ID()+"/comments", `{"body":"there"}`).Want(201).ID()
	l5.Post(at, `{"body":"x","reply_to_id":"`+foreign+`"}`).Code(422, "validation-failed").Fault("#/reply_to_id", "reference_not_found")
	l5.Post(at, `{"body":"x","reply_to_id":"nonsense"}`).Code(422, "validation-failed").Fault("#/reply_to_id", "reference_not_found")
	l5.Post(at, `{"visibility":"secret","text":1}`).Code(422, "validation-failed").Fault("#/text", "unknown_field").Fault("#/body", "required").Fault("#/visibility", "not_in_enum")
	l5.Post(at, `{"body":"`+strings.Repeat("x", 10001)+`"}`).Code(422, "validation-failed").Fault("#/body", "too_long")
	l5.Post(at, `{"body":"a\u0000b"}`).Code(422, "validation-failed").Fault("#/body", "invalid_format")

	h.As("l4").Move("/issues/"+other.ID(), "cancel", map[string]any{"reason": "entered twice"})
	l5.Post("/issues/"+other.ID()+"/comments", `{"body":"still of interest"}`).Want(201)
	l5.Delete("/issues/" + other.ID()).Want(204)
	l5.Post("/issues/"+other.ID()+"/comments", `{"body":"too late"}`).Code(410, "gone")
	l5.Get("/issues/"+other.ID()+"/comments").Code(410, "gone")
	l5.Get("/comments/"+foreign).Code(410, "gone")
}

// A comment sent twice under one key is said once, and a talk of many pages is
// read to its end.
func TestCommentsOnceAndByPages(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	id := l4.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	at := "/issues/" + id + "/comments"
	first := l4.With("Idempotency-Key", "c-1").Post(at, `{"body":"1"}`).Want(201)
	again := l4.With("Idempotency-Key", "c-1").Post(at, `{"body":"1"}`).Want(201)
	if again.ID() != first.ID() || again.Header.Get("Idempotent-Replayed") != "true" || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("said twice: %s", again.Body)
	}
	l4.With("Idempotency-Key", "c-1").Post(at, `{"body":"2"}`).Code(422, "idempotency-key-reused")
	if r := l4.Post(at+"?validate_only=true", `{"body":"@l5 only tried"}`).Want(200); r.Len("mentions") != 1 {
		t.Errorf("not tried: %s", r.Body)
	}
	for i := 2; i <= 5; i++ {
		l4.Post(at, fmt.Sprintf(`{"body":"%d"}`, i)).Want(201)
	}
	var read string
	for next := at + "?limit=2"; next != ""; {
		page := l4.Get(next).Want(200)
		for i := range page.Len("data") {
			read += page.Text(fmt.Sprintf("data.%d.body", i))
		}
		next = strings.TrimPrefix(page.Text("page.next"), "/api/v1")
	}
	if read != "12345" {
		t.Errorf("read %s", read)
	}
	l4.Get(at+"?cursor=abc").Code(400, "invalid-cursor")
}

// The feed tells of a comment and of those it names, to those who may see.
func TestTheFeedTellsOfComments(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	id := l4.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	said := l4.Post("/issues/"+id+"/comments", `{"body":"@l5 call"}`).Want(201)
	reader := h.Enlist("feed", "l4", "none", "manager", "events:read")
	feed := reader.With("Prefer", "wait=5").Get("/events?after=100&types=issue.commented").Want(200)
	if feed.Len("data") != 1 || feed.Text("data.0.data.changes.comment_id.to") != said.ID() || feed.Text("data.0.data.changes.mention_ids.to.0") != h.People["l5"] || feed.Value("data.0.subject.version") != nil {
		t.Errorf("the feed says %s", feed.Body)
	}
	if strings.Contains(string(feed.Body), "call") {
		t.Errorf("the feed tells the text: %s", feed.Body)
	}
}
