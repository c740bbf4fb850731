package ledger

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Governance says whether matters end somewhere: who is the ultimate escalation
// point, and what is wrong about it.
type Governance struct {
	// OK is true while there is no red flag.
	OK bool `json:"ok"`
	// UltimateEscalationPoint is who decides last, null while nobody does.
	UltimateEscalationPoint *EscalationPoint `json:"ultimate_escalation_point" extensions:"x-nullable"`
	// RedFlags are what is wrong.
	RedFlags []RedFlag `json:"red_flags"`
}

// EscalationPoint is the holder of the top rung and who stands in.
type EscalationPoint struct {
	// Holder is the person who decides last.
	Holder PersonLabel `json:"holder"`
	// Deputy stands in for the holder, null for nobody.
	Deputy *PersonLabel `json:"deputy" extensions:"x-nullable"`
}

// PersonLabel names a person.
type PersonLabel struct {
	// ID is the person's id.
	ID string `json:"id"`
	// Ref is the person's short name.
	Ref string `json:"ref"`
	// Name is what the person is called.
	Name string `json:"name"`
}

// RedFlag is something that leaves matters without an end.
type RedFlag struct {
	// Code names the flaw.
	Code string `json:"code" enums:"no_ladder,no_holder,holder_disabled,holder_not_level_7,no_deputy,deputy_disabled,deputy_level_too_low,rung_holder_disabled,rung_holder_level_too_low,rung_deputy_disabled,rung_deputy_level_too_low,no_level_7,escalation_unanswered,escalation_unheld"`
	// Detail says what is wrong.
	Detail string `json:"detail"`
	// Remedy names the request that mends it.
	Remedy string `json:"remedy"`
	// Resource is the record to mend, null if there is none.
	Resource *flow.Resource `json:"resource" extensions:"x-nullable"`
}

func (g *Governance) flag(resource *flow.Resource, code, detail string) {
	g.RedFlags = append(g.RedFlags, RedFlag{code, detail, remedy(resource, code), resource})
}

// remedy names the request that mends a flaw; what is wrong with a ladder is mended by
// naming other people on it.
func remedy(at *flow.Resource, code string) string {
	switch code {
	case "no_level_7":
		return `Run on the machine: rapport users add --name "..." --handle ... --level 7`
	case "no_ladder":
		return `As level 7, POST /api/v1/escalation-ladders {"key":"default","name":"...","rungs":[{"level":7,"name":"...","holder_id":"USR-n","deputy_id":"USR-m"}]}`
	case "escalation_unheld":
		return `As somebody of level 7 whom the matter is not about, POST ` + at.URL + `/transitions {"transition":"acknowledge"}, then decide or return.`
	case "escalation_unanswered":
		return `As level 7, POST ` + at.URL + `/transitions {"transition":"acknowledge"}, then decide or return.`
	}
	return "As level 7 and with a key that opens admin, PATCH " + at.URL + ` {"rungs":[...]} with all rungs as GET shows them, and on the one meant holder_id and deputy_id of two people of its level or above.`
}

// Governance looks at the default ladder and the people on it.
func (l *Ledger) Governance(ctx context.Context) (Governance, error) {
	g := Governance{RedFlags: []RedFlag{}}
	actor := authority.From(ctx)
	if err := mayAsk(actor, register.EscalationLadders, authority.Read); err != nil {
		return g, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	look := looking{&change{Ledger: l, tx: l.DB.Look(), actor: authority.Register(), at: l.at()}}
	sevens, err := register.Count[register.User](ctx, look, flow.Where{"state": "active", "rlmt_level": int(authority.L7)})
	if err != nil {
		return g, err
	}
	if sevens == 0 {
		g.flag(nil, "no_level_7", "Nobody of level 7 has access.")
	}
	found, err := register.FindAll[register.EscalationLadder](ctx, look, flow.Where{"key": register.DefaultLadder}, 1)
	if err != nil {
		return g, err
	}
	if len(found) == 0 || found[0].Top() == nil {
		g.flag(nil, "no_ladder", "There is no default ladder.")
		return g, nil
	}
	if err = g.climb(ctx, look, found[0], l.Base); err == nil {
		err = g.atTheTop(ctx, look, l.Base)
	}
	g.OK = len(g.RedFlags) == 0
	return g, err
}

// mostUnanswered is how many matters of a sort are told one by one.
const mostUnanswered = 50

// atTheTop looks for matters before level 7 of which nobody decides: there is nobody
// further up to whom they could go.
func (g *Governance) atTheTop(ctx context.Context, look flow.Look, base string) error {
	err := g.undecided(ctx, look, base, "escalation_unheld", flow.Where{"holder_id": nil, "deputy_id": nil}, func(*register.Escalation) string {
		return " stands before level 7 and nobody is named to decide it: nobody is on the top rung, or the matter is about those who are."
	})
	if err != nil {
		return err
	}
	return g.undecided(ctx, look, base, "escalation_unanswered", flow.Where{"due_at <=": string(register.At(look.Now()))}, func(e *register.Escalation) string {
		return " was due at level 7 by " + string(e.DueOn) + " and is not decided: decide it, or refer the matter outside."
	})
}

// undecided flags the matters before level 7 that wait to be decided and meet where.
func (g *Governance) undecided(ctx context.Context, look flow.Look, base, code string, where flow.Where, says func(*register.Escalation) string) error {
	where["state"], where["to_level"] = register.Undecided(), int(authority.L7)
	found, err := register.FindAll[register.Escalation](ctx, look, where, mostUnanswered)
	for _, e := range found {
		at := register.Pointer(e)
		at.URL = register.Escalations.URL(base, e.ID)
		g.flag(at, code, at.Ref+says(e))
	}
	return err
}

// climb looks at every rung, the top one most closely.
func (g *Governance) climb(ctx context.Context, look flow.Look, ladder *register.EscalationLadder, base string) error {
	at := register.Pointer(ladder)
	at.URL = register.EscalationLadders.URL(base, ladder.ID)
	for i := range ladder.Rungs {
		r := &ladder.Rungs[i]
		holder, err := maybe(ctx, look, r.HolderID)
		if err != nil {
			return err
		}
		deputy, err := maybe(ctx, look, r.DeputyID)
		if err != nil {
			return err
		}
		if r == ladder.Top() {
			g.top(at, holder, deputy)
			continue
		}
		g.rung(at, r, "holder", "holds", holder)
		g.rung(at, r, "deputy", "is the deputy on", deputy)
	}
	return nil
}

// rung flags who stands on a rung and cannot decide there.
func (g *Governance) rung(at *flow.Resource, r *register.Rung, place, does string, u *register.User) {
	switch {
	case u == nil:
	case u.State != "active":
		g.flag(at, "rung_"+place+"_disabled", u.Name+" "+does+" the rung "+r.Name+" and has no access any more.")
	case int(u.Level()) < r.Level:
		g.flag(at, "rung_"+place+"_level_too_low", u.Name+" "+does+" the rung "+r.Name+" and does not have its level.")
	}
}

func (g *Governance) top(at *flow.Resource, holder, deputy *register.User) {
	if holder == nil {
		g.flag(at, "no_holder", "Nobody holds the top rung: there is no ultimate escalation point.")
		return
	}
	g.UltimateEscalationPoint = &EscalationPoint{Holder: *label(holder), Deputy: label(deputy)}
	if holder.State != "active" {
		g.flag(at, "holder_disabled", holder.Name+" is the ultimate escalation point and has no access any more.")
	}
	if holder.Level() < authority.L7 {
		g.flag(at, "holder_not_level_7", holder.Name+" is the ultimate escalation point and does not have level 7.")
	}
	switch {
	case deputy == nil:
		g.flag(at, "no_deputy", "The ultimate escalation point has no deputy.")
	case deputy.State != "active":
		g.flag(at, "deputy_disabled", deputy.Name+" is the deputy of the ultimate escalation point and has no access any more.")
	case deputy.Level() < authority.L7:
		g.flag(at, "deputy_level_too_low", deputy.Name+" is the deputy of the ultimate escalation point and does not have level 7, without which nothing is decided there.")
	}
}

func label(u *register.User) *PersonLabel {
	if u == nil {
		return nil
	}
	return &PersonLabel{u.ID, register.Pointer(u).Ref, u.Name}
}

// maybe finds a person; nil for nobody.
func maybe(ctx context.Context, look flow.Look, id string) (*register.User, error) {
	if id == "" {
		return nil, nil
	}
	u, err := register.Find[register.User](ctx, look, id)
	if err == store.ErrNone { //nolint:errorlint // the store returns it bare
		return nil, nil
	}
	return u, err
}

// WarnOfGovernance writes the red flags to the log; it is called at start.
func (l *Ledger) WarnOfGovernance(ctx context.Context) {
	g, err := l.Governance(authority.With(ctx, authority.Register()))
	if err != nil {
		l.Log.Warn("governance could not be looked at", "err", err)
	}
	for _, f := range g.RedFlags {
		l.Log.Warn("red flag: "+f.Detail, "code", f.Code, "remedy", f.Remedy)
	}
}
