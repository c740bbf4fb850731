package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/testkit"
)

// typesIn are the types of the events of a page of the feed.
func typesIn(r *testkit.Reply) (types []string) {
	var page struct{ Data []struct{ Type string } }
	_ = json.Unmarshal(r.Body, &page)
	for _, e := range page.Data {
		types = append(types, e.Type)
	}
	return types
}

// latest is the number after which nothing has happened yet.
func latest(h *testkit.House) string {
	settled(h)
	return h.As("l7").Get("/events?after=latest").Want(200).Text("page.next_after")
}

// settled waits until everything is sealed, which PostgreSQL does behind the commit.
func settled(h *testkit.House) {
	h.T.Helper()
	for range 200 {
		var open int
		h.Raw("SELECT count(*) FROM entries WHERE seq IS NULL", nil, &open)
		if open == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	h.T.Fatal("nothing seals the entries")
}

// The feed is read on from where it was left, by types, in pages.
func TestFeedIsReadOn(t *testing.T) {
	h := testkit.Open(t)
	l4, after := h.As("l4"), latest(h)
	id := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	l4.Patch("/stakeholders/"+id, `{"description":"Neighbours of the quay"}`).Want(200)
	group := l4.Post("/groups", `{"name":"Neighbours"}`).Want(201).ID()
	settled(h)

	page := l4.Get("/events?after=" + after + "&types=stakeholder.*&limit=1").Want(200)
	if got := typesIn(page); len(got) != 1 || got[0] != "stakeholder.created" || page.Value("page.has_more") != true {
		t.Fatalf("want one event and more to come: %s", page.Body)
	}
	next := page.Text("page.next_after")
	page = l4.Get("/events?types=stakeholder.*&after=" + next).Want(200)
	if got := typesIn(page); len(got) != 1 || got[0] != "stakeholder.updated" || page.Value("page.has_more") != false {
		t.Fatalf("want the update alone: %s", page.Body)
	}
	if page.Text("page.next_after") != page.Text("latest_seq") {
		t.Errorf("the place moves on past what was not asked for: %s", page.Body)
	}
	all := l4.Get("/events?after=" + after + "&types=group.created,stakeholder.updated").Want(200)
	if all.Len("data") != 2 || all.Text("data.1.subject.id") != group || all.Text("data.1.subject.ref") == "" {
		t.Errorf("want both types in the order of their numbers: %s", all.Body)
	}
	l4.Get("/events?after=999999999").Code(400, "invalid-parameter") // of another register, or of one that was restored
	l4.With("Last-Event-ID", "999999999").Get("/events/stream").Code(400, "invalid-parameter")
	l4.With("Last-Event-ID", "yesterday").Get("/events/stream").Code(400, "invalid-parameter")
	l4.Get("/events?types=stakeholder.creatd").Code(400, "invalid-parameter").Fault("types", "not_in_enum")
	l4.Get("/events?types=[").Code(400, "invalid-parameter").Fault("types", "invalid_format")
	l4.Get("/events?types=stakeholder.merged").Want(200)
	l4.Get("/events?after=-1").Code(400, "invalid-parameter")
	l4.Get("/events?limit=0").Code(400, "invalid-parameter")
}

// Events of a rare type stand far behind many others: each page looks through so
// many entries and no more, says that there is more, and leads on to them.
func TestFeedReachesTheRareBehindTheMany(t *testing.T) {
	h := testkit.Open(t)
	h.Ledger.Stretch = 2
	l4, after := h.As("l4"), latest(h)
	for i := range 30 {
		l4.Post("/groups", fields{"name": "Neighbours " + strconv.Itoa(i)}).Want(201)
	}
	id := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	settled(h)
	empty := l4.Get("/events?after=" + after + "&types=stakeholder.*").Want(200)
	if empty.Len("data") != 0 || empty.Value("page.has_more") != true || empty.Text("page.next_after") == after {
		t.Fatalf("want nothing yet, and a way on: %s", empty.Body)
	}
	found := l4.Get("/events?after=" + empty.Text("page.next_after") + "&types=stakeholder.*").Want(200)
	if found.Len("data") != 1 || found.Text("data.0.subject.id") != id || found.Value("page.has_more") != false {
		t.Errorf("want the one event, and no more: %s", found.Body)
	}
	if rest := l4.Get("/events?limit=7&after=" + after).Want(200); rest.Len("data") != 7 || rest.Value("page.has_more") != true {
		t.Errorf("want a page out of several stretches: %s", rest.Body)
	}
}

// However many entries there are, the feed reads them by their numbers.
func TestFeedSortsNothing(t *testing.T) {
	h := testkit.Open(t)
	settled(h)
	_, statements := h.As("l7").Statements("GET", "/events?types=user.*", nil)
	at := slices.IndexFunc(statements, func(s string) bool { return strings.Contains(s, "FROM entries WHERE seq > ") })
	if at < 0 {
		t.Fatalf("the feed reads no entries: %v", statements)
	}
	plan := h.Explain(statements[at], []any{0, 1000, "view", 3, "x", "user"}) // private views are left out
	if !strings.Contains(plan, "INTEGER PRIMARY KEY") && !strings.Contains(plan, "entries_seq_key") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort") {
		t.Errorf("%s\n%s", statements[at], plan)
	}
}

// A key that opens the feed and no noun is told nothing, and one for public
// records nothing of others.
func TestFeedKeepsToTheKey(t *testing.T) {
	h := testkit.Open(t)
	l5 := h.As("l5")
	l5.Post("/stakeholders", `{"name":"Open House","kind":"group","sensitivity":"public"}`).Want(201)
	l5.Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	h.Enlist("deaf", "l7", "restricted", "events:read")
	h.Enlist("public", "l7", "public", "events:read", "stakeholders:read")
	settled(h)
	if got := h.As("deaf").Get("/events").Want(200); got.Len("data") != 0 {
		t.Errorf("a key for no noun reads %s", got.Body)
	}
	got := h.As("public").Get("/events?types=stakeholder.*").Want(200)
	if got.Len("data") != 1 {
		t.Errorf("a key for public records reads %s", got.Body)
	}
	h.Enlist("blind", "l7", "restricted", "stakeholders:read")
	h.As("blind").Get("/events").Code(403, "insufficient-scope")
	h.As("blind").Get("/events/stream").Code(403, "insufficient-scope")
	h.As("blind").Post("/events/tickets", nil).Code(403, "insufficient-scope")
}

// Who waits is told as soon as something happens that they may see and want, and
// not for anything else.
func TestFeedWaits(t *testing.T) {
	h := testkit.Open(t)
	after, l4, l6 := latest(h), h.As("l4"), h.As("l6")
	var waiting sync.WaitGroup
	waiting.Go(func() {
		got := l4.With("Prefer", "respond-async, wait=20").Get("/events?types=stakeholder.*&after=" + after).Want(200)
		if got.Len("data") != 1 || got.Text("data.0.data.changes.name.to") != "Riverside Residents" || got.Header.Get("Preference-Applied") != "wait=20" {
			t.Errorf("want the one event that l4 sees: %s", got.Body)
		}
	})
	time.Sleep(100 * time.Millisecond)
	h.Quick = true
	l6.Post("/groups", `{"name":"Neighbours"}`).Want(201)
	l6.Post("/stakeholders", `{"name":"Quiet Partners","kind":"organisation","sensitivity":"confidential"}`).Want(201)
	l6.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201)
	waiting.Wait()

	got := l4.With("Prefer", "wait=1").Get("/events?after=latest").Want(200)
	if got.Len("data") != 0 || got.Header.Get("Preference-Applied") != "wait=1" {
		t.Errorf("nothing happened: %s", got.Body)
	}
}

// What another process writes, such as a command beside the server, is told too.
func TestFeedHearsOtherProcesses(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	server, after := h.Serve(), latest(h)
	s := h.As("l7").Follow(server, "/events/stream?types=user.created")
	following(h, 1)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if got := h.As("l7").With("Prefer", "wait=20").Get("/events?types=user.created&after=" + after).Want(200); got.Len("data") != 1 {
			t.Errorf("want the event of the other process: %s", got.Body)
		}
	})
	beside := h.Beside()
	ctx := authority.With(context.Background(), authority.Register())
	if _, err := beside.Create(ctx, register.Users, nil, ledger.Asked{Prime: func(rec register.Record) {
		u := rec.(*register.User)
		u.Name, u.Handle = "Ben Okafor", "ben"
	}}); err != nil {
		t.Fatal(err)
	}
	s.Next()
	waiting.Wait()
}

// Who waited is looked at anew: a key that was revoked meanwhile is told nothing.
func TestFeedLooksAtTheKeyAgain(t *testing.T) {
	h := testkit.Open(t)
	made, ana := issue(h, map[string]any{"name": "Ana's laptop", "user_id": h.People["l4"], "scopes": []string{"manager"}})
	h.Quick = true
	after := latest(h)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		ana.With("Prefer", "wait=20").Get("/events?types=stakeholder.*&after="+after).Code(401, "key-revoked")
	})
	time.Sleep(100 * time.Millisecond)
	h.As("l7").Move("/api-keys/"+made.ID(), "revoke", nil).Want(200)
	waiting.Wait()
}

// A stream tells what happens as it happens, to each what they may see, and goes
// on where its reader was.
func TestStreamTellsWhatHappens(t *testing.T) {
	h := testkit.Open(t)
	server := h.Serve()
	settled(h)
	l4, l6 := h.As("l4").Follow(server, "/events/stream?types=stakeholder.*"), h.As("l6").Follow(server, "/events/stream")
	for _, s := range []*testkit.Stream{l4, l6} {
		if s.Status != 200 || s.Header.Get("Content-Type") != "text/event-stream" || s.Header.Get("Cache-Control") != "no-store" || s.Header.Get("X-Accel-Buffering") != "no" {
			t.Fatalf("the stream answers %d %v", s.Status, s.Header)
		}
		if e, _ := s.Any(); e.Retry != "3000" {
			t.Errorf("the stream begins with %+v", e)
		}
	}
	following(h, 2)
	l6c := h.As("l6")
	hidden := l6c.Post("/stakeholders", `{"name":"Quiet Partners","kind":"organisation","sensitivity":"confidential"}`).Want(201).ID()
	l6c.Post("/groups", `{"name":"Neighbours"}`).Want(201)
	seen := l6c.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()

	first := l4.Next()
	if first.Type != "stakeholder.created" || first.Data["subject"].(map[string]any)["id"] != seen || first.ID != strconv.Itoa(int(first.Data["seq"].(float64))) {
		t.Errorf("l4 is told %+v", first)
	}
	if e := l6.Next(); e.Data["subject"].(map[string]any)["id"] != hidden {
		t.Errorf("l6 is told %+v", e)
	}
	same := l6c.Get("/events?after=" + strconv.Itoa(int(first.Data["seq"].(float64))-1)).Want(200)
	told, _ := json.Marshal(first.Data)
	read, _ := json.Marshal(same.Value("data.0"))
	if string(told) != string(read) {
		t.Errorf("the stream says %s, the feed %s", told, read)
	}

	l4.Close()
	l6c.Patch("/stakeholders/"+seen, `{"description":"Neighbours"}`).Want(200)
	settled(h)
	back := h.As("l4").With("Last-Event-ID", first.ID).Follow(server, "/events/stream?types=stakeholder.*&after=0")
	if e := back.Next(); e.Type != "stakeholder.updated" {
		t.Errorf("after coming back l4 is told %+v", e)
	}
	past := h.As("l4").Follow(server, "/events/stream?types=stakeholder.*&after=0")
	if e := past.Next(); e.ID != first.ID {
		t.Errorf("from the beginning l4 is told %+v", e)
	}
	h.As("l4").With("Last-Event-ID", "x").Get("/events/stream").Code(400, "invalid-parameter")
	h.As("").Get("/events/stream").Code(401, "unauthenticated")
}

// following waits until so many follow the feed.
func following(h *testkit.House, n int) {
	h.T.Helper()
	for range 500 {
		if h.Ledger.Followers() == n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.T.Fatalf("want %d followers, there are %d", n, h.Ledger.Followers())
}

// A stream ends with the key that opened it, before anything more is told; a
// change of its person's level holds for what comes after.
func TestStreamEndsWithTheKey(t *testing.T) {
	h := testkit.Open(t)
	server := h.Serve()
	h.Quick = true
	_, ben := issue(h, map[string]any{"name": "Ben's laptop", "user_id": h.People["l4b"], "scopes": []string{"manager"}})
	made, ana := issue(h, map[string]any{"name": "Ana's laptop", "user_id": h.People["l4"], "scopes": []string{"manager"}})
	anas, bens, others := ana.Follow(server, "/events/stream?types=stakeholder.*"), ben.Follow(server, "/events/stream?types=stakeholder.*"), h.As("l7").Follow(server, "/events/stream?types=stakeholder.*")
	following(h, 3)
	l7 := h.As("l7")
	l7.Move("/api-keys/"+made.ID(), "revoke", nil).Want(200)
	following(h, 2)
	l7.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201)
	if last := anas.Ends(); len(last) != 0 {
		t.Errorf("the revoked key was told %+v", last)
	}
	bens.Next()
	others.Next()
	l7.Move("/users/"+h.People["l4b"], "disable", nil).Want(200)
	bens.Ends()
	l7.Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	others.Next()
	others.Close()
	following(h, 0)
}

// What is capped to public records is told of those alone, and a key's end by the
// clock ends its stream at the next sign of life.
func TestStreamKeepsToTheKey(t *testing.T) {
	h := testkit.Open(t)
	server := h.Serve()
	h.Quick = true
	h.Enlist("public", "l7", "public", "events:read", "stakeholders:read")
	s := h.As("public").Follow(server, "/events/stream")
	following(h, 1)
	l5 := h.As("l5")
	l5.Post("/stakeholders", `{"name":"Harbour Board","kind":"organisation"}`).Want(201)
	open := l5.Post("/stakeholders", `{"name":"Open House","kind":"group","sensitivity":"public"}`).Want(201).ID()
	if e := s.Next(); e.Data["subject"].(map[string]any)["id"] != open {
		t.Errorf("a key for public records is told %+v", e)
	}
	sign, _ := s.Any()
	if sign.Comment != "heartbeat" || sign.ID == "" {
		t.Errorf("the sign of life is %+v", sign)
	}
	s.Close()
	_, ana := issue(h, map[string]any{"name": "For an hour", "user_id": h.People["l4"], "scopes": []string{"manager"}, "expires_at": testkit.Start.Add(time.Hour).Format(time.RFC3339)})
	hour := ana.Follow(server, "/events/stream")
	h.Clock.Forward(2 * time.Hour)
	hour.Ends()
}

// A ticket opens the stream once, within its minute, and nothing else.
func TestTicketOpensTheStreamOnce(t *testing.T) {
	h := testkit.Open(t)
	server, l4, nobody := h.Serve(), h.As("l4"), h.As("")
	ticket := func() string {
		made := l4.Post("/events/tickets", nil).Want(201)
		if made.Text("url") != made.Header.Get("Location")+"?ticket="+made.Text("ticket") || len(made.Text("ticket")) < 22 {
			t.Errorf("the ticket is %s", made.Body)
		}
		return made.Text("ticket")
	}
	one := ticket()
	var kept int
	h.Raw("SELECT count(*) FROM tokens WHERE hash = ?", []any{one}, &kept)
	if kept != 0 {
		t.Error("the ticket itself is kept")
	}
	nobody.Get("/events?ticket="+one).Code(401, "unauthenticated")
	l4.Get("/events/stream?ticket="+one).Code(400, "invalid-parameter").Fault("ticket", "conflicts_with")
	s := nobody.Follow(server, "/events/stream?types=stakeholder.*&ticket="+one)
	following(h, 1)
	l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201)
	s.Next()
	nobody.Get("/events/stream?ticket="+one).Code(401, "unauthenticated")
	nobody.Get("/events/stream?ticket=made-up").Code(401, "unauthenticated")
	late := ticket()
	h.Clock.Forward(61 * time.Second)
	nobody.Get("/events/stream?ticket="+late).Code(401, "unauthenticated")
	if err := h.Ledger.Forget(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.Raw("SELECT count(*) FROM tokens", nil, &kept)
	if kept != 0 {
		t.Errorf("%d tickets are kept beyond their end", kept)
	}
	l4.Post("/events/tickets", `{"a":1}`).Code(422, "validation-failed")
}

// Many follow at the cost of one: what is sealed is read once for all of them. Who
// does not keep up is dropped, and holds nobody up.
func TestStreamDropsTheSlow(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	ctx := authority.With(context.Background(), actorOf(t, h, "l7"))
	slow, _, err := h.Ledger.Follow(ctx, []string{"stakeholder.*"})
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Leave()
	fast, _, err := h.Ledger.Follow(ctx, []string{"stakeholder.*"})
	if err != nil {
		t.Fatal(err)
	}
	defer fast.Leave()
	got := make(chan int64, 1000)
	go func() {
		for {
			select {
			case e := <-fast.Events:
				got <- e.Seq
			case <-fast.Gone:
				return
			}
		}
	}()
	id := h.As("l5").Post("/stakeholders", `{"name":"Riverside Residents","kind":"group"}`).Want(201).ID()
	for i := range 300 {
		h.As("l5").Patch("/stakeholders/"+id, `{"description":"`+strconv.Itoa(i)+`"}`).Want(200)
	}
	last := int64(0)
	for range 301 {
		select {
		case seq := <-got:
			if seq <= last {
				t.Fatalf("%d is told after %d", seq, last)
			}
			last = seq
		case <-time.After(10 * time.Second):
			t.Fatal("the fast one is not told everything")
		}
	}
	select {
	case <-slow.Gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the slow one is not dropped")
	}
	if why := slow.Why(); !fault.Is(why, fault.Busy) {
		t.Errorf("the slow one is told %v", why)
	}
}

// actorOf is who stands behind a member of the cast.
func actorOf(t *testing.T, h *testkit.House, handle string) authority.Actor {
	t.Helper()
	a, err := h.Ledger.Identify(context.Background(), testkit.Key(handle), "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// HEAD asks what a stream would answer and is not held open.
func TestStreamAnswersHead(t *testing.T) {
	h := testkit.Open(t)
	if got := h.As("l4").Do(http.MethodHead, "/events/stream", nil); got.Status != 200 || len(got.Body) != 0 {
		t.Errorf("HEAD answers %d", got.Status)
	}
}
