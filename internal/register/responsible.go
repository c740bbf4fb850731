package register

import (
	"context"
	"maps"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// Succession is somebody's place on a record that another takes.
type Succession struct {
	From, To string // people
	Field    string // the field that names From
	Reason   string
}

// Held is how many records somebody answers for through one field.
type Held struct {
	Noun  *Noun
	Field *Field
	Count int64
}

// Responsibilities are the fields through which people answer for records: those
// that name one or more people, other than the lists of who may look.
func Responsibilities() (fields []Reference) {
	for _, r := range ReferencesTo("user") {
		if r.Field.Holds != "" || r.Field.Named && r.Field.Name != "access_user_ids" {
			fields = append(fields, r)
		}
	}
	return fields
}

// Standing is the condition for the records of r in which somebody is named, which
// are not at an end and for which they answer.
func (r Reference) Standing(userID string) flow.Where {
	where := flow.Where{r.Field.Name: userID}
	if ends := r.Noun.Flow.Ends; len(ends) > 0 && !slices.Contains(ends, r.Noun.Flow.Start) {
		where["state <>"] = ends
	}
	maps.Copy(where, r.Noun.Duties)
	return where
}

// held counts what somebody still answers for.
func held(ctx context.Context, look flow.Look, userID string) (all []Held, err error) {
	for _, r := range Responsibilities() {
		n, err := look.Count(ctx, r.Noun.Name, r.Standing(userID))
		if err != nil {
			return nil, err
		}
		if n > 0 {
			all = append(all, Held{r.Noun, r.Field, n})
		}
	}
	return all, nil
}

// stillResponsible keeps somebody from leaving records behind that nobody answers
// for: a handover comes first.
var stillResponsible = flow.Guard[*User]{Code: "still_responsible", Check: func(ctx context.Context, u *User, look flow.Look) ([]flow.Blocker, error) {
	all, err := held(ctx, look, u.ID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return nil, fault.New(fault.StillResponsible, "%s still answers for records: hand them over first.", u.Name).With("references", all)
}}

// lastPoint keeps the organisation from losing the place where matters end.
var lastPoint = flow.Guard[*User]{Code: "last_escalation_point", Check: func(ctx context.Context, u *User, look flow.Look) ([]flow.Blocker, error) {
	return nil, pointStays(ctx, u, u.Level(), look)
}}

// notOneself keeps people from shutting the door behind themselves: somebody else
// sees them out.
var notOneself = flow.Guard[*User]{Code: "same_person", Check: func(ctx context.Context, u *User, _ flow.Look) ([]flow.Blocker, error) {
	if authority.From(ctx).Person() != u.ID {
		return nil, nil
	}
	return nil, fault.New(fault.SamePerson, "Nobody disables themself; ask somebody else who governs.").With("acted_as", "disable").With("at", nil)
}}

// pointStays refuses that somebody of level 7 goes who is the last one, or who
// holds the ultimate escalation point.
func pointStays(ctx context.Context, u *User, was authority.Level, look flow.Look) error {
	top, err := ultimatePoint(ctx, look)
	if err != nil {
		return err
	}
	if top != nil && top.HolderID == u.ID {
		return fault.New(fault.LastEscalationPoint, "%s is the ultimate escalation point: name a successor on the top rung first.", u.Name)
	}
	if was < authority.L7 {
		return nil
	}
	others, err := Count[User](ctx, look, flow.Where{"state": "active", "rlmt_level": int(authority.L7), "id <>": u.ID})
	if err != nil || others > 0 {
		return err
	}
	return fault.New(fault.LastEscalationPoint, "%s is the last person of level 7: record another first.", u.Name)
}

// PointPasses refuses a successor who cannot take the ultimate escalation point over
// from who holds it.
func PointPasses(ctx context.Context, from string, to *User, look flow.Look) error {
	top, err := ultimatePoint(ctx, look)
	if err != nil || top == nil || top.HolderID != from || to.Level() >= authority.L7 {
		return err
	}
	return fault.New(fault.LastEscalationPoint, "%s does not have level 7, which the top rung takes: name a successor on it first.", to.Name)
}

// checkUser keeps the last level 7, and the ultimate escalation point, from being
// lowered.
func checkUser(ctx context.Context, u *User, look flow.Look) (fault.Fields, error) {
	if u.Version == 0 || authority.From(ctx).Person() == u.ID {
		return nil, nil // nobody's own level changes anyway
	}
	was, err := Find[User](ctx, look, u.ID)
	if err != nil || was.State != "active" || was.Level() < authority.L7 || u.Level() >= authority.L7 {
		return nil, err
	}
	return nil, pointStays(ctx, u, was.Level(), look)
}

// userStays keeps the same two from being removed.
func userStays(ctx context.Context, before, u *User, do flow.Do) error {
	if u.DeletedAt == "" || before.DeletedAt != "" || u.State != "active" {
		return nil
	}
	return pointStays(ctx, u, u.Level(), do)
}
