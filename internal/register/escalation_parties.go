package register

import (
	"context"
	"slices"
	"strconv"

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
