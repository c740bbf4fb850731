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
	}
	return rows
}

// instructed keeps a record from ending while a matter that was escalated is open,
// and tells what was decided. The text is told where everybody who sees the record
// may read it.
func instructed(ctx context.Context, id string, rec Record, look flow.Look) (blockers []flow.Blocker, err error) {
	open, err := openEscalationsOf(ctx, look, Of(rec).Name, id)
	for _, e := range open {
		b := flow.Blocker{Detail: "The matter stands before level " + string('0'+rune(e.ToLevel)) + " and is not decided yet.", Resource: Pointer(e)}
		switch {
		case e.State != "decided":
		case e.Instructions != "" && e.Sensitivity <= rec.Common().Sensitivity:
			b.Detail = "Carry out what was decided by " + string(e.InstructionsDueOn) + ", and close the escalation: " + e.Instructions
		default:
			b.Detail = "Carry out what was decided, and close the escalation."
		}
		blockers = append(blockers, b)
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
