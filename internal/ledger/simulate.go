package ledger

import (
	"context"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
)

// Question asks whether somebody might do something.
type Question struct {
	UserID string // a person; "" = only a level is asked about
	Level  authority.Level
	Action string // "complaint.approve"
	Record string // the record's id or ref; "" = none in particular
}

// Judgement says whether something is permitted, and why not.
type Judgement struct {
	Permitted     bool           `json:"permitted"`
	RequiredLevel int            `json:"required_level"`
	Level         *int           `json:"level"`
	Because       []string       `json:"because"`
	Blockers      []flow.Blocker `json:"blockers"`
	EscalateTo    any            `json:"escalate_to"`
}

// Simulate tells what would come of an action, without doing it.
func (l *Ledger) Simulate(ctx context.Context, q Question) (Judgement, error) {
	noun, verb, _ := strings.Cut(q.Action, ".")
	n := register.ByName(noun)
	if n == nil || !hasAction(n, verb) {
		return Judgement{}, fault.Fields{{Pointer: "#/action", Code: "not_in_enum", Detail: "action names a noun and what is done, such as stakeholder.qualify.", Suggestion: fault.Nearest(q.Action, actions())}}.Err()
	}
	actor := authority.From(ctx)
	if err := mayAsk(actor, n, authority.Read); err != nil {
		return Judgement{}, err
	}
	c := &change{Ledger: l, tx: l.DB.Look(), noun: n, actor: actor, at: l.at(), asking: true}
	if q.Record != "" {
		if err := c.get(ctx, n, q.Record); err != nil {
			return Judgement{}, recordFault(err)
		}
	}
	if err := c.standIn(ctx, q); err != nil {
		return Judgement{}, err
	}
	return c.judge(ctx, verb)
}

func recordFault(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Fields{{Pointer: "#/record", Code: "reference_not_found", Detail: "There is no such record."}}.Err()
	}
	return err
}

// standIn lets the person asked about act in the judgement; what it tells is read by
// who asks, and holds no more than they see.
func (c *change) standIn(ctx context.Context, q Question) error {
	stand := authority.Actor{Type: authority.User, Level: q.Level, Scopes: authority.Everything(), Cap: authority.Restricted}
	if q.UserID == "me" && c.actor.Person() != "" {
		q.UserID = c.actor.Person()
	}
	if q.UserID != "" {
		row, err := c.find(ctx, c.tx, register.Users, q.UserID)
		if err != nil {
			return fault.Fields{{Pointer: "#/user_id", Code: "reference_not_found", Detail: "There is no such user."}}.Err()
		}
		rec, err := register.Users.Load(row)
		if err != nil {
			return err
		}
		u := rec.(*register.User)
		stand.ID, stand.Level, stand.Roles = u.ID, u.Level(), u.Roles
	}
	asker := c.actor
	c.asker, c.actor = &asker, stand
	return nil
}

func (c *change) judge(ctx context.Context, verb string) (j Judgement, err error) {
	j = Judgement{Because: []string{}, Blockers: []flow.Blocker{}}
	if c.actor.Level != authority.None {
		level := int(c.actor.Level)
		j.Level = &level
	}
	n, row, err := c.needFor(ctx, verb)
	if err != nil {
		return j, err
	}
	if j.Permitted = c.holds(n); c.noun.Platform {
		j.Permitted, n.Level = c.actor.Governs(), authority.L7
	}
	j.RequiredLevel, j.Because = int(n.Level), n.Because
	if !j.Permitted {
		j.EscalateTo = c.above(ctx, n.Level)
	}
	if row == nil || c.before == nil {
		return j, nil
	}
	if err := c.otherEyes(ctx, row); err != nil {
		j.Permitted = false
		j.Because = append(j.Because, fault.Of(err).Detail)
	}
	if row.Leaves(c.state()) {
		j.Blockers, err = c.blockers(ctx, row)
	} else {
		j.Blockers = []flow.Blocker{{Code: "invalid_transition", Detail: verb + " does not lead out of " + string(c.state()) + "."}}
	}
	j.Permitted = j.Permitted && len(j.Blockers) == 0
	return j, err
}

// needFor is the level that an action takes; without a record no raise is asked.
func (c *change) needFor(ctx context.Context, verb string) (need, *flow.Transition[register.Record], error) {
	key := c.noun.Name + "." + verb
	levels := map[string]authority.Level{"create": c.noun.Levels.Create, "update": c.noun.Levels.Update, "remove": c.noun.Levels.Remove, "restore": c.noun.Levels.Restore}
	if base, plain := levels[verb]; plain {
		return need{Level: c.Rules(ctx).Level(key, base), Because: []string{}}, nil, nil
	}
	row := c.noun.Flow.Named(verb)[0]
	if c.before == nil {
		return need{Level: c.Rules(ctx).Level(key, row.Level), Because: []string{}}, nil, nil
	}
	if at, leaves := c.noun.Flow.Find(c.state(), verb); leaves {
		row = at
	}
	n, err := c.needMove(ctx, row)
	return n, row, err
}

func hasAction(n *register.Noun, verb string) bool {
	switch verb {
	case "create", "update", "remove", "restore":
		return true
	}
	return len(n.Flow.Named(verb)) > 0
}

func actions() (names []string) {
	for _, r := range register.DefaultRules() {
		if name, _, raise := strings.Cut(r.Key, "@"); !raise {
			names = append(names, name)
		}
	}
	return names
}
