package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// askers are those who try every row: a person of each level, a machine that
// holds every scope but no level, one that may not act at all, and an admin.
var askers = []string{"none", "l4", "l5", "l6", "l7", "service", "machine", "admin"}

// Every row of every workflow is tried by everybody from every state, and the
// answer held against what the table says, reckoned here anew.
func TestContractWorkflows(t *testing.T) {
	for _, n := range register.All() {
		t.Run(n.Name, func(t *testing.T) {
			if len(n.Flow.Rows) == 0 {
				t.Skip("it has no transitions")
			}
			t.Parallel()
			h := testkit.Open(t).Contract()
			h.Quick = true
			h.Enlist("machine", "", "restricted", "manager", "admin")
			for _, s := range n.Flow.States() {
				tryState(t, h, n, s)
			}
		})
	}
}

func tryState(t *testing.T, h *testkit.House, n *register.Noun, s flow.State) {
	t.Helper()
	made := h.Make(n, nil)
	h.Force(n, made.ID(), s)
	path := "/" + n.Path + "/" + made.ID()
	filled := map[string]map[string]any{} // first of all, since records may be made for it
	for _, row := range declared[n.Name].Rows {
		if row.Leaves(s) {
			filled[row.Name] = fieldsFor(h, n, &row)
		}
	}
	before := h.Picture()
	for _, who := range askers {
		if h.As(who).Get(path).Status == 404 {
			h.As(who).Move(path, n.Flow.Rows[0].Name, nil).Code(404, "not-found")
			continue
		}
		offered := offers(h, who, path)
		leaving := declared[n.Name].Names(s)
		if got := keys(offered); !slices.Equal(got, sorted(leaving)) && !n.Platform {
			t.Errorf("%s in %s: GET transitions offers %v, the table %v", n.Name, s, got, leaving)
		}
		for _, name := range declared[n.Name].Names("") {
			v := reckon(h, n, h.Record(n, made.ID()), name, who)
			try(t, h, n, who, path, s, name, v, offered[name], filled[name])
		}
	}
	if !h.SamePicture(before) {
		t.Errorf("%s in %s: what was refused or only tried changed the database", n.Name, s)
	}
}

// verdict is what the table says about somebody's wish to make a transition.
type verdict struct {
	code    string // of the refusal; "" = permitted, as far as guards and fields allow
	level   int
	because []string
	row     *flow.Transition[register.Record] // nil if none leads out of the state
	same    bool                              // whoever asks is whom somebody else must look after
}

// reckon is authority by the declared table alone: scope, level, state, second look.
func reckon(h *testkit.House, n *register.Noun, rec register.Record, name, who string) verdict {
	table := declared[n.Name]
	row, leaves := table.Find(rec.Meta().State, name)
	v := verdict{because: []string{}}
	if leaves {
		v.row = row
	} else {
		row = slices.MinFunc(table.Named(name), func(a, b *flow.Transition[register.Record]) int { return int(a.Level - b.Level) })
	}
	level, machine := testkit.Level(who), who == "service" || who == "machine"
	ctx := authority.With(context.Background(), authority.Actor{Type: authority.User, ID: h.People[who]})
	need := row.Level
	for _, r := range row.Raise {
		applies, err := r.When(ctx, rec, h.Look())
		if err != nil && !errors.Is(err, store.ErrNone) {
			h.T.Fatalf("%s %s: raise %s: %v", n.Name, name, r.Name, err)
		}
		if err == nil && applies && r.Level > need {
			need, v.because = r.Level, append(v.because, r.Why)
		}
	}
	if row.Party != nil && (machine || !slices.Contains(row.Party(rec), h.People[who])) {
		need = min(max(need, 3)+1, 7)
		v.because = append(v.because, "it is meant for "+row.PartyName+"; anybody else needs a level more")
	}
	v.level = int(need)
	governs := who == "admin" || who == "l7"
	if n.Platform {
		v.level, v.because = 7, []string{"it belongs to the platform"}
	}
	v.same = leaves && strings.HasPrefix(row.FourEyes, "created") && rec.Meta().CreatedBy.ID == h.People[who] && (row.FourEyesIf == nil || row.FourEyesIf(rec))
	switch {
	case who == "service", n.Platform && !governs && who != "machine":
		v.code = "insufficient-scope"
	case n.Platform && !governs, !n.Platform && (level < need || machine && need > authority.None):
		v.code = "insufficient-level"
	case !leaves:
		v.code = "invalid-transition"
	case v.same:
		v.code = "same-person"
	}
	return v
}

// offer is a transition as GET explains it.
type offer struct {
	Name      string
	Permitted bool
	Required  int `json:"required_level"`
	Because   []string
	Blockers  []flow.Blocker
}

func offers(h *testkit.House, who, path string) map[string]offer {
	var list struct{ Data []offer }
	r := h.As(who).Get(path + "/transitions")
	_ = json.Unmarshal(r.Body, &list)
	out := map[string]offer{}
	for _, o := range list.Data {
		out[o.Name] = o
	}
	return out
}

// try asks for a transition and holds the answer against the verdict. What the
// table refuses is asked for in earnest; what it permits is only tried.
func try(t *testing.T, h *testkit.House, n *register.Noun, who, path string, s flow.State, name string, v verdict, o offer, fields map[string]any) {
	t.Helper()
	at := fmt.Sprintf("%s: %s from %s by %s", n.Name, name, s, who)
	body := map[string]any{"transition": name}
	if v.row != nil {
		body["fields"] = fields
	}
	query := ""
	if v.code == "" {
		query = "?validate_only=true"
	}
	r := h.As(who).Post(path+"/transitions"+query, body)
	switch v.code {
	case "":
		permitted(t, at, n, s, r, v.row)
	case "invalid-transition":
		r.Code(409, v.code)
		if r.Text("current_state") != string(s) || r.Text("requested") != name || r.Len("allowed_transitions") != len(declared[n.Name].Names(s)) {
			t.Errorf("%s: the refusal does not say where one stands: %s", at, r.Body)
		}
	case "insufficient-level":
		r.Code(403, v.code)
		if got := r.Text("required_level"); got != fmt.Sprint(v.level) {
			t.Errorf("%s: want level %d, got %s", at, v.level, got)
		}
		if got := texts(r.Value("because")); !slices.Equal(got, v.because) {
			t.Errorf("%s: want because %q, got %q", at, v.because, got)
		}
	default:
		if r.Status != 403 || r.Text("code") != v.code {
			t.Errorf("%s: want %s, got %d %s", at, v.code, r.Status, r.Body)
		}
	}
	if v.row == nil || o.Name == "" {
		return
	}
	if o.Required != v.level && !(n.Platform && o.Required == 7) {
		t.Errorf("%s: GET says level %d, the table %d", at, o.Required, v.level)
	}
	want := blocking(t, h, h.Record(n, path[len(path)-36:]), v.row)
	if v.same {
		want = append([]string{"same_person"}, want...)
	}
	if got := blockerCodes(o.Blockers); !slices.Equal(got, want) {
		t.Errorf("%s: GET names the blockers %v, the guards say %v", at, got, want)
	}
	if want := v.code == "" && len(o.Blockers) == 0; o.Permitted != want {
		t.Errorf("%s: GET says permitted %v with %d blockers, the table says %q", at, o.Permitted, len(o.Blockers), v.code)
	}
}

// blocking are the codes of the declared guards that find something in the way.
func blocking(t *testing.T, h *testkit.House, rec register.Record, row *flow.Transition[register.Record]) []string {
	t.Helper()
	var found []flow.Blocker
	register.Of(rec).Forget(rec, row)
	for _, g := range row.Guards {
		blockers, err := g.Check(context.Background(), rec, h.Look())
		if err != nil {
			t.Fatalf("%s: guard %s: %v", row.Name, g.Code, err)
		}
		for range blockers {
			found = append(found, flow.Blocker{Code: g.Code})
		}
	}
	return blockerCodes(found)
}

func blockerCodes(blockers []flow.Blocker) []string {
	out := []string{}
	for _, b := range blockers {
		out = append(out, b.Code)
	}
	return out
}

// permitted holds the answer to somebody whom the table lets through: the record
// moves to a declared target, or declared guards and fields stand in the way.
func permitted(t *testing.T, at string, n *register.Noun, s flow.State, r *testkit.Reply, row *flow.Transition[register.Record]) {
	t.Helper()
	switch r.Status {
	case 200:
		if !slices.Contains(row.Targets(s), flow.State(r.Text("state"))) {
			t.Errorf("%s: leads to %s, the table says %v", at, r.Text("state"), row.Targets(s))
		}
	case 409:
		r.Code(409, "transition-blocked")
		blockers, _ := r.Value("blockers").([]any)
		for _, b := range blockers {
			code := b.(map[string]any)["code"]
			if !slices.ContainsFunc(row.Guards, func(g flow.Guard[register.Record]) bool { return g.Code == code }) {
				t.Errorf("%s: blocked by %v, which is no guard of the row", at, code)
			}
		}
	case 422:
		r.Code(422, "validation-failed")
	default:
		t.Errorf("%s: the table permits it, got %d %s", at, r.Status, r.Body)
	}
}

func keys[V any](m map[string]V) []string {
	out := []string{}
	for k := range m {
		out = append(out, k)
	}
	return sorted(out)
}

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return out
}

func texts(v any) []string {
	out := []string{}
	list, _ := v.([]any)
	for _, item := range list {
		out = append(out, fmt.Sprint(item))
	}
	return out
}
