package api_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// Every noun's records are entered, changed, removed and restored with the eyes
// on the whole database: each change is one version and one line of history, a
// replay and a late If-Match change nothing, and what is removed is not listed.
func TestContractChanges(t *testing.T) {
	for _, n := range register.All() {
		t.Run(n.Name, func(t *testing.T) {
			sample, _, _ := seeds.SampleOf(n.Name)
			if sample.Create == nil || n.Field("tags") == nil {
				t.Skip("clients enter none, or not like others")
			}
			t.Parallel()
			h := testkit.Open(t).Contract()
			tryChanges(t, h, n)
		})
	}
}

func tryChanges(t *testing.T, h *testkit.House, n *register.Noun) {
	l7, all := h.As("l7"), "/"+n.Path
	body := h.Body(n)
	body["tags"] = []string{"first"}
	entries := h.Entries()
	once := l7.With("Idempotency-Key", "key-of-"+n.Name)
	made := once.Post(all+"?allow_duplicate=true", body).Want(201)
	again := once.Post(all+"?allow_duplicate=true", body).Want(201)
	if again.ID() != made.ID() || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s: entered twice under one key", n.Name)
	}
	if told := h.Entries() - entries; told < 1 {
		t.Errorf("%s: entering it told nothing", n.Name)
	}
	path := all + "/" + made.ID()
	version := made.Value("version").(float64)
	l7.With("If-Match", fmt.Sprintf(`"%d"`, int(version)+7)).Patch(path, `{"tags":["late"]}`).Code(412, "precondition-failed")
	l7.With("If-Match", fmt.Sprintf(`"%d"`, int(version))).Patch(path, `{"tags":["second"]}`).Want(200)
	l7.Patch(path, `{"tags":["second"]}`).Want(200) // alters nothing
	read := l7.Get(path).Want(200)
	if got := read.Value("version").(float64); got != version+1 {
		t.Errorf("%s: one change made version %v of %v", n.Name, got, version)
	}
	for _, action := range []string{"created", "updated"} {
		if got := h.Told(n, made.ID(), action); got != 1 {
			t.Errorf("%s: %d entries tell that it was %s", n.Name, got, action)
		}
	}
	if again := l7.Get(all + "?id.in=" + made.ID()).Want(200); again.Len("data") != 1 {
		t.Errorf("%s is not in its list", n.Name)
	}
	tryRemoval(t, h, n, path, made.ID())
}

func tryRemoval(t *testing.T, h *testkit.House, n *register.Noun, path, id string) {
	l7, listed := h.As("l7"), "/"+n.Path+"?id.in="+id
	removed := l7.Delete(path)
	if removed.Status != 204 {
		removed.Code(409, "still-referenced") // its creation brought about records of it
		return
	}
	l7.Delete(path).Want(204)
	l7.Get(path).Code(410, "gone")
	l7.Patch(path, `{"tags":["gone"]}`).Code(410, "gone")
	counts := []int{l7.Get(listed).Len("data"), l7.Get(listed + "&deleted=include").Len("data"), l7.Get(listed + "&deleted=only").Len("data")}
	if !slices.Equal(counts, []int{0, 1, 1}) {
		t.Errorf("%s: once removed it is listed %v times, with removed ones, and among them alone", n.Name, counts)
	}
	l7.Post(path+"/restore", nil).Want(200)
	l7.Post(path+"/restore", nil).Want(200)
	for _, action := range []string{"removed", "restored"} {
		if got := h.Told(n, id, action); got != 1 {
			t.Errorf("%s: %d entries tell that it was %s", n.Name, got, action)
		}
	}
	if l7.Get(listed).Len("data") != 1 {
		t.Errorf("%s: restored, it is not in its list", n.Name)
	}
	tryOrphan(t, h, n, path)
}

// tryOrphan restores a record of each reference whose target is removed meanwhile.
func tryOrphan(t *testing.T, h *testkit.House, n *register.Noun, path string) {
	t.Helper()
	l7 := h.As("l7")
	shown := l7.Get(path).Want(200)
	for _, f := range n.Fields {
		id := shown.Text(f.Name)
		if f.Many {
			id = shown.Text(f.Name + ".0")
		}
		if f.Target == "" || f.Secret || id == "" || f.Target == "user" {
			continue
		}
		l7.Delete(path).Want(204)
		mark := func(at any) {
			h.Raw("UPDATE "+register.ByName(f.Target).Table+" SET deleted_at = ? WHERE id = ?", []any{at, id})
		}
		mark("2026-11-22T09:00:00.000Z")
		if r := l7.Post(path+"/restore", nil).Code(409, "transition-blocked"); r.Text("blockers.0.code") != "reference_removed" || r.Text("blockers.0.resource.id") != id {
			t.Errorf("%s: restored in spite of its %s, or not told why not: %s", n.Name, f.Name, r.Body)
		}
		mark(nil)
		l7.Post(path+"/restore", nil).Want(200)
	}
}

// Every row of every noun is given, for a moment, a raise, a guard and a second
// look of this suite's own, so that each is seen at work whatever the samples are.
func TestContractProbes(t *testing.T) {
	for _, n := range register.All() {
		if n.Platform || len(n.Flow.Rows) == 0 {
			continue
		}
		h := testkit.Open(t).Contract()
		h.Quick = true
		for i := range n.Flow.Rows {
			probe(t, h, n, &n.Flow.Rows[i])
		}
	}
}

func probe(t *testing.T, h *testkit.House, n *register.Noun, row *flow.Transition[register.Record]) {
	was := *row
	defer func() { *row = was }()
	made := h.Make(n, nil)
	h.Force(n, made.ID(), row.From[0])
	path := "/" + n.Path + "/" + made.ID()
	at := n.Name + " " + row.Name
	move := func(who string, fields map[string]any) *testkit.Reply {
		return h.As(who).Post(path+"/transitions?validate_only=true", map[string]any{"transition": row.Name, "fields": fields})
	}
	row.Raise, row.Guards, row.FourEyes, row.FourEyesIf, row.Party = nil, nil, "", nil, nil
	demands(t, n, row, move)

	row.Raise = []flow.Raise[register.Record]{{
		Name: "probe", Level: authority.L7, Why: "it is probed",
		When: func(context.Context, register.Record, flow.Look) (bool, error) { return true, nil },
	}}
	if r := move("l6", nil).Code(403, "insufficient-level"); r.Text("required_level") != "7" || r.Text("because.0") != "it is probed" {
		t.Errorf("%s: the raise does not say why: %s", at, r.Body)
	}
	row.Raise = nil

	row.FourEyes = "created"
	move("l7", nil).Code(403, "same-person")
	if r := move("l7b", nil); r.Status == 403 {
		t.Errorf("%s: a second person is refused: %s", at, r.Body)
	}
	row.FourEyes = ""

	row.Guards = []flow.Guard[register.Record]{{Code: "probed", Check: func(context.Context, register.Record, flow.Look) ([]flow.Blocker, error) {
		return append(flow.Block("First."), flow.Block("Second.")...), nil
	}}}
	if r := move("l7", fieldsFor(h, n, row)); r.Status != 422 {
		if r.Code(409, "transition-blocked"); r.Len("blockers") != 2 || r.Text("blockers.1.code") != "probed" {
			t.Errorf("%s: not all blockers are named: %s", at, r.Body)
		}
	}
}

// demands leaves out what a transition must be given.
func demands(t *testing.T, n *register.Noun, row *flow.Transition[register.Record], move func(string, map[string]any) *testkit.Reply) {
	t.Helper()
	if row.Reason {
		move("l7", map[string]any{}).Want(422).Fault("#/fields/reason", "required")
	}
	r := move("l7", map[string]any{"no_such_field": 1}).Want(422)
	r.Fault("#/fields/no_such_field", "unknown_field")
	for _, f := range n.Fields {
		if f.Writable() && !f.WrittenBy(row) && f.Shape == register.Text && !f.Secret && !(row.Reason && f.Name == "reason") {
			move("l7", map[string]any{f.Name: "something else"}).Want(422).Fault("#/fields/"+f.Name, "not_allowed_in_state")
			return
		}
	}
}
