package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// mayAsk holds a key's scopes against what is asked of a noun.
func mayAsk(a authority.Actor, n *register.Noun, verb authority.Verb) error {
	if a.Type == "" {
		return fault.New(fault.Unauthenticated, "Say who you are: send an API key.")
	}
	area := n.Area()
	if verb == authority.Read && n.ReadByAll {
		area = n.Path
	}
	if a.Scopes.Allow(area, verb) {
		if verb == authority.Read && !n.ReadByAll && !a.Governs() {
			return governors(a)
		}
		return nil
	}
	return OutOfScope(a, area, verb)
}

// may reports whether a key's scopes let its holder ask that of a noun.
func may(a authority.Actor, n *register.Noun, verb authority.Verb) bool {
	return mayAsk(a, n, verb) == nil
}

// OutOfScope is the refusal of a key that does not open an area for a verb.
func OutOfScope(a authority.Actor, area string, verb authority.Verb) error {
	return fault.New(fault.InsufficientScope, "Your key does not open %s:%s.", area, verb).
		With("required_scopes", []string{area + ":" + string(verb)}).With("granted_scopes", a.Scopes)
}

// governors is the refusal of who does not look after the platform.
func governors(a authority.Actor) error {
	return fault.New(fault.InsufficientLevel, "This takes the role admin, or level 7.").
		With("required_level", int(authority.L7)).With("your_level", a.Level.Wire()).
		With("because", []string{"it belongs to the platform"}).With("escalate_to", nil)
}

// need is the level that something takes here and now, and why it is raised.
type need struct {
	Level   authority.Level
	Because []string
}

// need reckons the level under a key of the authority table with its raises.
func (c *change) need(ctx context.Context, key string, base authority.Level, raises []flow.Raise[register.Record]) (need, error) {
	rules := c.Rules(ctx)
	out := need{Level: rules.Level(key, base), Because: []string{}}
	for _, r := range raises {
		applies, err := r.When(ctx, c.rec, c.look())
		if errors.Is(err, store.ErrNone) {
			continue // a record it asks about is not there; the field's own fault says so
		}
		if err != nil {
			return out, err
		}
		if level := rules.Level(key+"@"+r.Name, r.Level); applies && level > out.Level {
			out.Level, out.Because = level, append(out.Because, r.Why)
		}
	}
	return out, nil
}

// mayChange asks whether the actor may create, update, remove or restore.
func (c *change) mayChange(ctx context.Context, verb string, base authority.Level, raises []flow.Raise[register.Record]) error {
	if c.actor.Type == authority.System {
		return nil
	}
	if c.noun.Platform {
		return c.governs(ctx)
	}
	if err := c.barred(ctx); err != nil {
		return err
	}
	n, err := c.need(ctx, c.noun.Name+"."+verb, base, raises)
	if err != nil {
		return err
	}
	return c.reaches(ctx, n)
}

// barred refuses whoever must not touch the record as it stood before the change, nor
// what is there on its account.
func (c *change) barred(ctx context.Context) error {
	if c.noun.BarredBy != nil {
		return c.barredBy(ctx)
	}
	if c.noun.Barred == nil || c.before == nil {
		return nil
	}
	return c.noun.Barred(c.actor, c.rec)
}

// barredBy asks the record on whose account this one is there.
func (c *change) barredBy(ctx context.Context) error {
	noun, id := c.noun.BarredBy(c.rec)
	n := register.ByName(noun)
	if id == "" || n.Barred == nil {
		return nil
	}
	rec, err := c.record(ctx, n, id)
	if errors.Is(err, store.ErrNone) {
		return nil // the field's own fault says so
	}
	if err != nil {
		return err
	}
	return n.Barred(c.actor, rec)
}

// governs asks whether the actor looks after the platform, as that person stands in
// this very transaction: of two who take each other's access at once one comes
// second, and comes without it.
func (c *change) governs(ctx context.Context) error {
	if c.actor.Type == authority.User && c.actor.ID != "" {
		rec, err := c.record(ctx, register.ByName("user"), c.actor.ID)
		if err != nil {
			return err
		}
		u := rec.(*register.User)
		if u.State != "active" || u.DeletedAt != "" {
			return fault.New(fault.Unauthenticated, "The person behind this key has no access any more.")
		}
		c.actor.Level, c.actor.Roles = u.Level(), u.Roles
	}
	if !c.actor.Governs() {
		return governors(c.actor)
	}
	return nil
}

// mayUpdate lets a machine write only what it entered itself, while that is in
// its first state, and what a record is called in other systems, at any time.
func (c *change) mayUpdate(ctx context.Context, body register.Body) error {
	m := c.rec.Meta()
	if c.actor.Type == authority.Service && !c.noun.Platform {
		own := m.CreatedBy.ID == c.actor.ID && m.State == c.noun.Flow.Start
		if own || len(body) == 1 && body[0].Name == "external_ids" {
			return nil
		}
	}
	return c.mayChange(ctx, "update", c.noun.Levels.Update, nil)
}

// holds reports whether the actor has the level needed.
func (c *change) holds(n need) bool {
	return c.actor.Type == authority.System || c.actor.Level >= n.Level && (c.actor.Type == authority.User || n.Level == authority.None)
}

// reaches refuses an actor below the level needed, and says who could.
func (c *change) reaches(ctx context.Context, n need) error {
	if c.holds(n) {
		return nil
	}
	return fault.New(fault.InsufficientLevel, "This takes level %d.", n.Level).
		With("required_level", int(n.Level)).With("your_level", c.actor.Level.Wire()).
		With("because", n.Because).With("escalate_to", c.above(ctx, n.Level))
}

// Superior is somebody who holds a level that is asked for.
type Superior struct {
	Level  int    `json:"level"`
	UserID string `json:"user_id"`
	Name   string `json:"name"`
}

// above finds the person of the least sufficient level who sees the record and may touch
// it; nil if there is none.
func (c *change) above(ctx context.Context, level authority.Level) *Superior {
	if c.rec != nil {
		level = max(level, authority.Clears(sensitivityOf(c.rec)))
	}
	users := register.ByName("user")
	rows, err := c.tx.Match(ctx, users, flow.Where{"state": "active", "rlmt_level >=": int(level)}, 200)
	if err != nil {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b register.Row) int {
		return slices.Compare(a[users.Field("rlmt_level").Column], b[users.Field("rlmt_level").Column])
	})
	for _, row := range rows {
		if id := string(row[users.Field("id").Column]); id != c.actor.Person() && !c.bars(ctx, id) {
			return &Superior{int(row[users.Field("rlmt_level").Column][0] - '0'), id, string(row[users.Field("name").Column])}
		}
	}
	return nil
}

// bars reports whether somebody must not touch the record, whatever their level.
func (c *change) bars(ctx context.Context, userID string) bool {
	if c.noun == nil || c.rec == nil {
		return false
	}
	other := *c
	other.actor = authority.Actor{Type: authority.User, ID: userID}
	return other.barred(ctx) != nil
}

// SayWho completes a refusal by level that was made before anything was looked at, and so
// does not know who could instead.
func (l *Ledger) SayWho(ctx context.Context, refusal *fault.Error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTime) // the request's own time ended with its handler
	defer cancel()
	c := &change{Ledger: l, tx: l.DB.Look(), actor: authority.From(ctx), at: l.at()}
	_ = c.saysWho(ctx, refusal) // it is the same one
}

// saysWho completes a refusal by level that does not know who could instead. That nobody
// could is known too, a nil Superior: without the record somebody barred would be named.
func (c *change) saysWho(ctx context.Context, err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != fault.InsufficientLevel || refusal.Facts["escalate_to"] != nil {
		return err
	}
	if level, known := refusal.Facts["required_level"].(int); known {
		_ = refusal.With("escalate_to", c.above(ctx, authority.Level(level)))
	}
	return err
}

// mayMove asks whether the actor may make a transition: level, then four eyes.
// Where no row leaves the present state, the least level of any row of that name
// is asked for, so that a refusal by level comes before one by state.
func (c *change) mayMove(ctx context.Context, name string) error {
	if c.actor.Type == authority.System {
		return nil
	}
	if c.noun.Platform {
		return c.governs(ctx)
	}
	if err := c.barred(ctx); err != nil {
		return err
	}
	row, leaves := c.noun.Flow.Find(c.state(), name)
	if !leaves {
		rows := c.noun.Flow.Named(name)
		row = slices.MinFunc(rows, func(a, b *flow.Transition[register.Record]) int { return int(a.Level - b.Level) })
	}
	n, err := c.needMove(ctx, row)
	if err != nil {
		return err
	}
	if err := c.reaches(ctx, n); err != nil || !leaves {
		return err
	}
	return c.otherEyes(ctx, row)
}

// mayWrite asks of a transition whose fields are written by now what they take:
// what is written may ask for a higher level than what stood there.
func (c *change) mayWrite(ctx context.Context, row *flow.Transition[register.Record]) error {
	raises := raisesOf(row, true)
	if len(raises) == 0 || c.actor.Type == authority.System {
		return nil
	}
	n, err := c.need(ctx, c.noun.Name+"."+row.Name, row.Level, raises)
	if err != nil {
		return err
	}
	return c.reaches(ctx, n)
}

// raisesOf are a row's raises that look at what is written, or those that do not.
func raisesOf(row *flow.Transition[register.Record], written bool) (raises []flow.Raise[register.Record]) {
	for _, r := range row.Raise {
		if r.Written == written {
			raises = append(raises, r)
		}
	}
	return raises
}

// needMove is the level that a transition takes of this actor: who is not among
// the people it is meant for needs one level more.
func (c *change) needMove(ctx context.Context, row *flow.Transition[register.Record]) (need, error) {
	n, err := c.need(ctx, c.noun.Name+"."+row.Name, row.Level, raisesOf(row, false))
	if err != nil || row.Party == nil || slices.Contains(row.Party(c.rec), c.actor.Person()) && c.actor.Person() != "" {
		return n, err
	}
	n.Level = min(max(n.Level, authority.L4-1)+1, authority.L7)
	n.Because = append(n.Because, "it is meant for "+row.PartyName+"; anybody else needs a level more")
	return n, nil
}

// otherEyes refuses the person who made the transition that a second person is
// to look at. It compares people, not keys.
func (c *change) otherEyes(ctx context.Context, row *flow.Transition[register.Record]) error {
	if row.FourEyes == "" || row.FourEyesIf != nil && !row.FourEyesIf(c.rec) {
		return nil
	}
	for step := range strings.SplitSeq(row.FourEyes, ",") {
		act, err := c.lastAct(ctx, step)
		if err != nil {
			return err
		}
		if act.ActorID != "" && act.ActorID == c.actor.ID {
			return fault.New(fault.SamePerson, "Somebody else must look at this: %s was yours.", step).
				With("acted_as", step).With("at", act.At)
		}
	}
	return nil
}
