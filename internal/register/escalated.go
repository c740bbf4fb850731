package register

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// Escalated is what a noun holds whose records can be escalated. Its Kind names in
// Escalates the transitions that an open escalation blocks, and Escalation has a
// field for it.
type Escalated struct {
	// EscalationLevel is the level before which the record stands: 4 while it is escalated to nobody.
	EscalationLevel int `json:"escalation_level" default:"4" list:"filter,sort"`
	// WaitsAbove says that somebody above was asked and has not answered: time limits stand still meanwhile, but for those already missed and for reminders.
	WaitsAbove bool `json:"waits_above"`
}

// noLevel is the level of a record that is escalated to nobody.
const noLevel = int(authority.L4)

func (e *Escalated) escalated() *Escalated { return e }

// escalatedOf is what a record holds of its escalations.
func escalatedOf(rec Record) *Escalated { return rec.(interface{ escalated() *Escalated }).escalated() }

// Waits reports whether a record's time limits stand still because somebody above
// was asked and has not answered.
func Waits(rec Record) bool {
	e, escalates := rec.(interface{ escalated() *Escalated })
	return escalates && e.escalated().WaitsAbove
}

// escalating is a record that can be escalated; party is the stakeholder whom it is about.
type escalating interface {
	Record
	party() string
}

func (i *Issue) party() string     { return i.StakeholderID }
func (c *Complaint) party() string { return c.StakeholderID }

// nowAbout follows a record whose stakeholder may be another now: its escalations name
// the same one, and the problem that it shares is reckoned anew.
func nowAbout[S interface {
	sharer
	escalating
}](ctx context.Context, s S, do flow.Do) error {
	all, err := FindAll[Escalation](ctx, do, flow.Where{Of(s).Name + "_id": s.Meta().ID}, mostEscalations)
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := do.Keep(ctx, "escalation", e.ID, func(rec any) { rec.(*Escalation).StakeholderID = s.party() }); err != nil {
			return err
		}
	}
	return reexposedBy(ctx, s, do)
}

// mostEscalations is how many escalations of one record follow it.
const mostEscalations = 200

// bind lets an open escalation block transitions of a noun: what was decided above
// is carried out before the record ends.
func bind[T any](rows []flow.Transition[*T], names []string, id func(*T) string) []flow.Transition[*T] {
	rows = slices.Clone(rows)
	for i := range rows {
		if !slices.Contains(names, rows[i].Name) {
			continue
		}
		guard := flow.Guard[*T]{Code: "escalation_open", Check: func(ctx context.Context, rec *T, look flow.Look) ([]flow.Blocker, error) {
			return instructed(ctx, id(rec), any(rec).(Record), look)
		}}
		rows[i].Guards = append(slices.Clone(rows[i].Guards), guard)
		rows[i].Then = doneLate(rows[i].Then)
	}
	return rows
}

// doneLate ends with a record what only a missed time limit raised.
func doneLate[T any](then func(ctx context.Context, rec *T, do flow.Do) error) func(ctx context.Context, rec *T, do flow.Do) error {
	return func(ctx context.Context, rec *T, do flow.Do) error {
		of := any(rec).(Record)
		why := "Only a missed time limit raised it, and the " + Of(of).Name + " came to its end: " + string(of.Meta().State) + "."
		if err := endAbove(ctx, Of(of).Name, of.Meta().ID, why, do); err != nil || then == nil {
			return err
		}
		return then(ctx, rec, do)
	}
}

// instructed keeps a record from ending while somebody above was asked about it, or what
// was decided is not carried out, and names the step that ends that. What only a missed
// time limit raised asks for no more than this end, unless level 7 let it lie.
func instructed(ctx context.Context, id string, rec Record, look flow.Look) (blockers []flow.Blocker, err error) {
	open, err := openEscalationsOf(ctx, look, Of(rec).Name, id)
	for _, e := range open {
		late, err := e.onlyLate(ctx, look)
		if err != nil {
			return nil, err
		}
		if !late || e.lies() {
			blockers = append(blockers, flow.Blocker{Detail: e.endsBy(rec), Resource: Pointer(e)})
		}
	}
	return blockers, err
}

// Above are those before whom a record stands: they see it whatever their level.
func Above(ctx context.Context, rec Record, look flow.Look) (people []string, err error) {
	open, err := openEscalationsOf(ctx, look, Of(rec).Name, rec.Meta().ID)
	for _, e := range open {
		people = append(people, onRungAlone(e)...)
	}
	return people, err
}

// rising has records go up whose time limits are missed.
func rising[R Record](clocks []Clock[R]) []Clock[R] {
	for i := range clocks {
		k := &clocks[i]
		if k.Reminds {
			continue
		}
		then := k.Then
		k.Then = func(ctx context.Context, rec R, do flow.Do) error {
			if then != nil {
				if err := then(ctx, rec, do); err != nil {
					return err
				}
			}
			return missed(ctx, rec, k.Doc, do)
		}
	}
	return clocks
}

// missed takes a record up whose time limit passed, unless it stands before somebody
// above already.
func missed(ctx context.Context, rec Record, what string, do flow.Do) error {
	if escalatedOf(rec).EscalationLevel > noLevel {
		return nil
	}
	e := &Escalation{EscalationFields: EscalationFields{Cause: "breach", Reason: "Not done in time: " + what}}
	e.about(rec)
	return do.Enter(ctx, e)
}
