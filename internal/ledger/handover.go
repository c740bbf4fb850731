package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Handover moves what one person answers for to another.
type Handover struct {
	FromID   string `json:"from_id"`
	ToID     string `json:"to_id"`
	SpocToID string `json:"spoc_to_id"` // who takes the contacts over; "" = ToID
	Reason   string `json:"reason"`
	Cause    string `json:"cause"` // the entry that tells of the wish
	Wrong    error  `json:"-"`     // what is wrong with it as it was sent
}

// Skipped is a record that could not be handed over, and the rule that kept it.
type Skipped struct {
	// Collection is where the record stands.
	Collection string `json:"collection"`
	// Field is through which it names the person.
	Field string `json:"field"`
	// Ref is the record's short name.
	Ref string `json:"ref"`
	// Reason is the rule that kept it.
	Reason string `json:"reason"`
}

// Step notes, in the transaction of the work itself, how much is done.
type Step func(ctx context.Context, tx *store.Tx, done, total int64, message string) error

// handedAtOnce is how many records one transaction moves.
const handedAtOnce = 50

// mostHanded is how many records of one sort one handover looks at.
const mostHanded = 100_000

// AskHandover checks a handover and enters that it was asked for; queue has it done
// in the same transaction, and says whether it was asked for before.
func (l *Ledger) AskHandover(ctx context.Context, name string, h Handover, queue func(context.Context, *store.Tx, Handover) (again bool, err error)) error {
	if err := mayAsk(authority.From(ctx), register.Users, authority.Act); err != nil {
		return err
	}
	return l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := &change{Ledger: l, tx: tx, noun: register.Users, actor: authority.From(ctx), at: l.at()}
		h := h
		if err := c.mayHandOver(ctx, name, &h); err != nil {
			return err
		}
		c.reason, h.Cause = h.Reason, register.NewID(c.at.Time())
		if again, err := queue(ctx, tx, h); err != nil || again {
			return err
		}
		to, _ := json.Marshal(map[string]any{"to_id": h.ToID, "spoc_to_id": orNil(h.SpocToID)})
		return c.note(ctx, h.Cause, "handover_asked", map[string]store.Delta{"handover": {To: to}}, nil)
	})
}

// mayHandOver asks whether the actor may have a person's place given to those named.
func (c *change) mayHandOver(ctx context.Context, name string, h *Handover) error {
	if err := c.get(ctx, register.Users, name); err != nil {
		return err
	}
	if err := c.governs(ctx); err != nil {
		return err
	}
	if h.Wrong != nil {
		return h.Wrong
	}
	h.FromID = c.rec.Meta().ID
	return c.successors(ctx, h)
}

// note writes an entry of the record that changes no version.
func (c *change) note(ctx context.Context, id, action string, changes, private map[string]store.Delta) error {
	open, closed, err := c.halves(changes, private)
	if err != nil {
		return err
	}
	return c.tx.Enter(ctx, &store.Entry{
		ID: id, Kind: c.noun.Name, RecordID: c.rec.Meta().ID, Action: action,
		ActorType: string(c.actor.Type), ActorID: c.actor.ID, KeyID: c.actor.Principal(), At: c.at, Changes: open, Personal: closed,
		RequestID: c.asked.RequestID, CauseID: c.cause,
	})
}

// duty is one record that somebody answers for through one field.
type duty struct {
	register.Reference
	id, ref string
}

// HandOver carries a handover out, some records at a time, and enters what came of
// it. What a rule keeps is listed and left where it is. done is what an earlier
// attempt has moved already.
func (l *Ledger) HandOver(ctx context.Context, h Handover, done int64, step Step) error {
	duties, err := l.duties(ctx, h.FromID)
	if err != nil {
		return err
	}
	total, skipped := done+int64(len(duties)), []Skipped{}
	for some := range slices.Chunk(duties, handedAtOnce) {
		moved, kept, err := l.handSome(ctx, h, some, done, total, step)
		if err != nil && !ruled(err) {
			return err
		}
		if err != nil { // one of them failed half-way and took the others back with it
			if moved, kept, err = l.handEach(ctx, h, some, done, total, step); err != nil {
				return err
			}
		}
		done, skipped = done+moved, append(skipped, kept...)
	}
	return l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := &change{Ledger: l, tx: tx, noun: register.Users, actor: authority.From(ctx), at: l.at(), cause: h.Cause}
		if err := c.get(ctx, register.Users, h.FromID); err != nil {
			return err
		}
		what, _ := json.Marshal(map[string]any{"to_id": h.ToID, "spoc_to_id": orNil(h.SpocToID), "moved": done})
		kept, _ := json.Marshal(skipped)
		err := c.note(ctx, register.NewID(c.at.Time()), "handed_over", map[string]store.Delta{"handover": {To: what}}, map[string]store.Delta{"skipped": {To: kept}})
		if err != nil {
			return err
		}
		return step(ctx, tx, done, done, "Handed over")
	})
}

// duties lists everything that somebody answers for.
func (l *Ledger) duties(ctx context.Context, userID string) (all []duty, err error) {
	for _, r := range register.Responsibilities() {
		rows, err := l.DB.Look().Match(ctx, r.Noun, r.Standing(userID), mostHanded)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			all = append(all, duty{r, string(row[r.Noun.Field("id").Column]), r.Noun.Ref(row[r.Noun.Field("num").Column])})
		}
	}
	return all, nil
}

// handSome moves some records in one transaction.
func (l *Ledger) handSome(ctx context.Context, h Handover, some []duty, done, total int64, step Step) (moved int64, kept []Skipped, err error) {
	err = l.DB.WriteAlone(ctx, func(ctx context.Context, tx *store.Tx) error {
		moved, kept = 0, nil
		c := &change{Ledger: l, tx: tx, noun: register.Users, actor: authority.From(ctx), at: l.at(), entry: h.Cause, touched: map[string]bool{}}
		if err := c.governs(ctx); err != nil {
			return err
		}
		for _, d := range some {
			did, err := (&doing{looking: looking{c}}).hand(ctx, h, d)
			var skip *skip
			switch {
			case errors.As(err, &skip):
				kept = append(kept, Skipped{d.Noun.Path, d.Field.Name, d.ref, skip.why})
			case err != nil:
				return err
			case did:
				moved++
			}
		}
		return step(ctx, tx, done+moved, total, "Handing over")
	})
	return moved, kept, err
}

// handEach moves records one by one, so that a rule that is only met half-way
// keeps its own record and no other.
func (l *Ledger) handEach(ctx context.Context, h Handover, some []duty, done, total int64, step Step) (moved int64, kept []Skipped, err error) {
	for _, d := range some {
		did, more, err := l.handSome(ctx, h, []duty{d}, done+moved, total, step)
		switch {
		case err != nil && ruled(err):
			kept = append(kept, Skipped{d.Noun.Path, d.Field.Name, d.ref, told(err)})
		case err != nil:
			return moved, kept, err
		}
		moved, kept = moved+did, append(kept, more...)
	}
	return moved, kept, nil
}

// skip says that a rule keeps a record where it is; nothing was written.
type skip struct{ why string }

func (s *skip) Error() string { return s.why }

// hand gives the place of one person on one record to another.
func (d *doing) hand(ctx context.Context, h Handover, what duty) (bool, error) {
	c, err := d.bring(ctx, what.Noun.Name, what.id)
	if err != nil {
		return false, err
	}
	s := register.Succession{From: h.FromID, To: h.ToID, Field: what.Field.Name, Reason: h.Reason}
	if what.Noun.Name == "spoc_assignment" && h.SpocToID != "" {
		s.To = h.SpocToID
	}
	old, err := what.Noun.Load(c.before)
	if err != nil || !stillNamed(what, old, s.From) {
		return false, err
	}
	if what.Noun.HandOver != nil {
		saved, err := what.Noun.HandOver(ctx, c.rec, s, d)
		if err != nil || saved {
			return saved, err
		}
	}
	succeed(what, c.rec, s)
	return true, c.handed(ctx, h, old, d.c.actor)
}

// handed saves a record with another person on it, by the noun's own rules.
func (c *change) handed(ctx context.Context, h Handover, old register.Record, actor authority.Actor) error {
	c.action, c.reason, c.entry = "updated", h.Reason, ""
	var faults fault.Fields
	if err := c.settle(ctx, &faults); err != nil {
		return kept(err)
	}
	if err := faults.Err(); err != nil {
		return &skip{faults[0].Detail}
	}
	if c.noun.May != nil {
		if err := c.noun.May(actor, old, c.rec); err != nil {
			return kept(err)
		}
	}
	return c.carryChanged(ctx, old)
}

// kept turns a rule's refusal into a reason to leave the record alone.
func kept(err error) error {
	if ruled(err) {
		return &skip{told(err)}
	}
	return err
}

// ruled reports whether a rule refused, and not the machine.
func ruled(err error) bool {
	for _, code := range []fault.Code{
		fault.ValidationFailed, fault.InsufficientLevel, fault.TransitionBlocked, fault.InvalidTransition,
		fault.Duplicate, fault.LastEscalationPoint, fault.SamePerson, fault.StillResponsible,
	} {
		if fault.Is(err, code) {
			return true
		}
	}
	return false
}

// told is what a refusal says, in one sentence.
func told(err error) string {
	f := fault.Of(err)
	if len(f.Fields) > 0 {
		return f.Fields[0].Detail
	}
	return f.Detail
}

// stillNamed reports whether a record stands, goes on, and names the person.
func stillNamed(d duty, rec register.Record, who string) (named bool) {
	m := rec.Meta()
	if m.DeletedAt != "" || d.Noun.Flow.Ended(m.State) && m.State != d.Noun.Flow.Start {
		return false
	}
	if d.Noun.Private != nil && d.Noun.Private(rec) {
		return false // it became their own meanwhile
	}
	if d.Field.Holds != "" {
		return slices.Contains(d.Noun.Terms(rec, d.Field), who)
	}
	d.Noun.Refs(rec, func(f *register.Field, _ int, id *string) { named = named || f == d.Field && *id == who })
	return named
}

// succeed writes the successor into a field, once in a list.
func succeed(d duty, rec register.Record, s register.Succession) {
	d.Noun.Refs(rec, func(f *register.Field, _ int, id *string) {
		if f == d.Field && *id == s.From {
			*id = s.To
		}
	})
}

// HandoverLine is a handover that was carried out.
type HandoverLine struct {
	// At is when it ended.
	At string `json:"at" format:"date-time"`
	// ToID is who took over.
	ToID string `json:"to_id"`
	// SpocToID is who took the contacts over, null for the same.
	SpocToID *string `json:"spoc_to_id" extensions:"x-nullable"`
	// Moved is how many places on records changed hands; null for who is not cleared for every record.
	Moved *int64 `json:"moved" extensions:"x-nullable"`
	// Skipped are the records that a rule kept.
	Skipped []Skipped `json:"skipped"`
}

// Handovers reads the last handovers of a person, newest first.
func (l *Ledger) Handovers(ctx context.Context, name string) ([]HandoverLine, error) {
	actor := authority.From(ctx)
	if err := mayAsk(actor, register.Users, authority.Read); err != nil {
		return nil, err
	}
	if !actor.Governs() {
		return nil, governors(actor)
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	row, err := l.find(ctx, tx, register.Users, name)
	if err != nil {
		return nil, err
	}
	entries, err := tx.Entries(ctx, store.EntryQuery{Kind: "user", RecordID: string(row[register.Users.Field("id").Column]), Actions: []string{"handed_over"}, Limit: 50})
	if err != nil {
		return nil, err
	}
	lines := make([]HandoverLine, 0, len(entries))
	for i := range entries {
		line := HandoverLine{At: string(entries[i].At), Skipped: []Skipped{}}
		all := deltas(&entries[i])
		_ = json.Unmarshal(all["handover"].To, &line) // our own JSON
		_ = json.Unmarshal(all["skipped"].To, &line.Skipped)
		lines = append(lines, line)
	}
	return lines, l.unseen(ctx, tx, actor, lines)
}

// unseen leaves out what the reader may not see: the names of records, and the count
// of records of which some may be hidden.
func (l *Ledger) unseen(ctx context.Context, tx *store.Tx, actor authority.Actor, lines []HandoverLine) error {
	for at, line := range lines {
		if actor.Clearance() < authority.Restricted {
			lines[at].Moved = nil
		}
		for i := range line.Skipped {
			s := &line.Skipped[i]
			n := register.ByPath(s.Collection)
			if n == nil {
				continue
			}
			parsed, err := store.ParseName(n, s.Ref)
			if err == nil {
				_, err = tx.Get(ctx, n, parsed, store.SightOf(actor))
			}
			switch {
			case errors.Is(err, store.ErrNone):
				s.Ref, s.Reason = "", ""
			case err != nil:
				return err
			}
		}
	}
	return nil
}
