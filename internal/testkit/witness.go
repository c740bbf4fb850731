package testkit

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"

	"rapport/internal/flow"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// witnesses are what the stories of this process have shown: the rows that
// somebody went through, the guards that blocked, the raises that refused, and
// the second looks that were asked for. A rule that nobody has seen at work is
// no rule.
var witnesses = struct {
	sync.Mutex
	seen map[string]bool
}{seen: map[string]bool{}}

func witness(what ...string) {
	witnesses.Lock()
	defer witnesses.Unlock()
	witnesses.seen[strings.Join(what, " ")] = true
}

// Contract says that this house is no story: what happens in it bears no witness.
func (h *House) Contract() *House {
	h.contract = true
	return h
}

// attest notes what a story's answer shows. It is called for every request.
func (h *House) attest(req *http.Request, r *Reply, body any) {
	if h.contract || r.Status != http.StatusForbidden && r.Status != http.StatusConflict || req.Method != http.MethodPost {
		return
	}
	n, action := meant(req.URL.Path, body)
	if n == nil {
		return
	}
	var p struct {
		Code     string
		Because  []string
		Blockers []flow.Blocker
	}
	_ = json.Unmarshal(r.Body, &p)
	switch p.Code {
	case "same-person", "still-responsible", "last-escalation-point":
		witness(n.Name, action, "four eyes")
		witness(n.Name, action, "guard", strings.ReplaceAll(p.Code, "-", "_"))
	case "insufficient-level":
		for _, why := range p.Because {
			witness(n.Name, action, "raise", why)
		}
	case "transition-blocked":
		for _, b := range p.Blockers {
			witness(n.Name, action, "guard", b.Code)
		}
	}
}

// meant reads off a path and a body which noun is asked for what.
func meant(path string, body any) (*register.Noun, string) {
	parts := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")
	switch {
	case len(parts) == 3 && parts[2] == "transitions":
		raw, _ := json.Marshal(body)
		if text, plain := body.(string); plain {
			raw = []byte(text)
		}
		var move struct{ Transition string }
		_ = json.Unmarshal(raw, &move)
		return register.ByPath(parts[0]), move.Transition
	case len(parts) == 1:
		return register.ByPath(parts[0]), "create"
	case len(parts) == 3:
		return register.ByPath(parts[2]), "create"
	}
	return nil, ""
}

// attestRows notes, when a story ends, every row that led a record on in it,
// whoever took it there.
func (h *House) attestRows() {
	if h.contract {
		return
	}
	for _, n := range register.All() {
		entries, err := h.DB.Look().Transitions(context.Background(), n.Name)
		if err != nil {
			return // the story closed its register itself
		}
		state := map[string]string{} // record → where it stands
		for _, e := range entries {
			from := state[e.RecordID]
			if from == "" {
				from = string(n.Flow.Start)
			}
			var changes map[string]store.Delta
			_ = json.Unmarshal([]byte(e.Changes), &changes)
			if d, moved := changes["state"]; moved {
				_ = json.Unmarshal(d.From, &from)
				var to string
				_ = json.Unmarshal(d.To, &to)
				state[e.RecordID] = to
			}
			if e.Transition != "" {
				witness(n.Name, e.Transition, "from", from)
			}
		}
	}
}

// attestEvents holds what a story has told against the list of types: an action
// that the list lacks would be an event that nobody can ask for.
func (h *House) attestEvents() {
	known := map[string]bool{}
	for _, t := range ledger.EventTypes() {
		known[t.Type] = true
	}
	entries, err := h.DB.Look().Sealed(context.Background(), 0, math.MaxInt64, nil, nil, 10_000)
	if err != nil {
		return // the story closed its register itself
	}
	for i := range entries {
		if typ := ledger.TypeOf(&entries[i]); !known[typ] {
			h.T.Errorf("an entry tells of %s, which is no type of events: add it to actionWords or furtherActions of package ledger", typ)
			known[typ] = true
		}
	}
}

// Unwitnessed names every row, guard, raise and second look that no story has shown.
func Unwitnessed() (missing []string) {
	witnesses.Lock()
	defer witnesses.Unlock()
	need := func(what ...string) {
		if line := strings.Join(what, " "); !witnesses.seen[line] && !slices.Contains(missing, line) {
			missing = append(missing, line)
		}
	}
	for _, n := range register.All() {
		for _, r := range n.Raise {
			need(n.Name, "create", "raise", r.Why)
		}
		for _, row := range n.Flow.Rows {
			if !slices.ContainsFunc(row.From, func(s flow.State) bool { return witnesses.seen[n.Name+" "+row.Name+" from "+string(s)] }) {
				missing = append(missing, n.Name+" "+row.Name+" from "+join(row.From))
			}
			for _, g := range row.Guards {
				need(n.Name, row.Name, "guard", g.Code)
			}
			for _, r := range row.Raise {
				need(n.Name, row.Name, "raise", r.Why)
			}
			if row.FourEyes != "" {
				need(n.Name, row.Name, "four eyes")
			}
		}
	}
	return missing
}

func join(states []flow.State) string {
	out := make([]string, len(states))
	for i, s := range states {
		out[i] = string(s)
	}
	return strings.Join(out, " or ")
}
