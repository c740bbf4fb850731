package register

import (
	"context"
	"slices"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// others asks of those who neither raised the matter nor stand on its rung for the
// level before which it stands: nobody below takes another's matter from there.
var others = []flow.Raise[*Escalation]{
	othersBefore(authority.L5), othersBefore(authority.L6), othersBefore(authority.L7),
}

func othersBefore(level authority.Level) flow.Raise[*Escalation] {
	name := strconv.Itoa(int(level))
	return flow.Raise[*Escalation]{
		Name: "others_" + name, Level: level, Why: "another raised the matter, and it stands before level " + name,
		When: func(ctx context.Context, e *Escalation, _ flow.Look) (bool, error) {
			who := authority.From(ctx).Person() // "" for a machine, which is no party
			return e.ToLevel == int(level) && (who == "" || !slices.Contains(partiesOf(e), who)), nil
		},
	}
}

// partiesOf are who raised the matter, if a person did, and those on its rung.
func partiesOf(e *Escalation) []string {
	return append(raisedBy(e), onRungAlone(e)...)
}

func raisedBy(e *Escalation) []string {
	if e.CreatedBy.Type != authority.User {
		return nil
	}
	return []string{e.CreatedBy.ID}
}

// givenBack ends an escalation that nobody decided, and tells whom it concerns.
func givenBack(ctx context.Context, e *Escalation, do flow.Do) error {
	if err := comesDown(ctx, e, do); err != nil {
		return err
	}
	return do.Tell(ctx, append(partiesOf(e), e.OwnerID), string(e.State))
}

// takeInHand notes that somebody looks after the matter; where the rung is empty, they
// stand on it from then on.
func takeInHand(e *Escalation, by string, at time.Time) {
	e.AcknowledgedAt = At(at)
	if e.HolderID == "" && e.DeputyID == "" {
		e.HolderID = by
	}
}

// askedAbove are those who are told that a matter came to a rung: those on it. If nobody is
// left on the top one, they are the ultimate escalation point and its deputy, and else
// others of level 7, as far as the matter is not about them.
func askedAbove(ctx context.Context, e *Escalation, look flow.Look) ([]string, error) {
	if e.HolderID != "" || e.DeputyID != "" || e.ToLevel < int(authority.L7) {
		return onRungAlone(e), nil
	}
	_, rec, err := e.matter(ctx, look)
	if err != nil {
		return nil, err
	}
	barred := func(id string) bool { return barredFrom(rec, id) }
	top, err := ultimatePoint(ctx, look)
	if err != nil {
		return nil, err
	}
	if top != nil {
		if people := slices.DeleteFunc(top.Terms(), barred); len(people) > 0 {
			return people, nil
		}
	}
	able, err := FindAll[User](ctx, look, flow.Where{"state": "active", "rlmt_level": int(authority.L7)}, mostDeciders)
	people := make([]string, 0, len(able))
	for _, u := range able {
		people = append(people, u.ID)
	}
	return slices.DeleteFunc(people, barred), err
}

// unseat takes those off the rung before which a complaint stands whom it turns out to be
// about; the deputy stands in, and those are told who are asked where nobody is left.
func unseat(ctx context.Context, c *Complaint, do flow.Do) error {
	if len(c.SubjectUserIDs) == 0 {
		return nil
	}
	open, err := openEscalationsOf(ctx, do, "complaint", c.ID)
	for _, e := range open {
		left := Rung{HolderID: e.HolderID, DeputyID: e.DeputyID}.without(c)
		if e.HolderID == left.HolderID && e.DeputyID == left.DeputyID || !slices.Contains(undecided, e.State) {
			continue
		}
		e.HolderID, e.DeputyID = left.HolderID, left.DeputyID
		err := do.Keep(ctx, "escalation", e.ID, func(rec any) { rec.(*Escalation).HolderID, rec.(*Escalation).DeputyID = left.HolderID, left.DeputyID })
		if err != nil {
			return err
		}
		people, err := askedAbove(ctx, e, do)
		if err != nil {
			return err
		}
		if err := do.Tell(ctx, people, "escalated"); err != nil {
			return err
		}
	}
	return err
}
