package register

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// decides is the least level that approves an answer, unless the authority table says another.
const decides = authority.L5

// mostDeciders bounds how many people of a level are asked where nobody stands on its rung.
const mostDeciders = 20

// complaintDeciders are those who are asked to decide a complaint: the people on the
// rung of the level that the decision takes, or, where there are none, those of that
// level. Nobody is asked about a complaint about themselves.
func complaintDeciders(ctx context.Context, c *Complaint, look flow.Look) (people []string, err error) {
	level, err := c.decisionLevel(ctx, look)
	if err != nil {
		return nil, err
	}
	ladder, err := ladderOf(ctx, c, look)
	if err != nil {
		return nil, err
	}
	people = ladder.peopleAt(level)
	if len(people) == 0 {
		able, err := FindAll[User](ctx, look, flow.Where{"state": "active", "rlmt_level": level}, mostDeciders)
		if err != nil {
			return nil, err
		}
		for _, u := range able {
			people = append(people, u.ID)
		}
	}
	return slices.DeleteFunc(people, func(id string) bool { return slices.Contains(c.SubjectUserIDs, id) }), nil
}

// decisionLevel is the level that a decision of the complaint takes as it stands, by
// the authority table as it is in force.
func (c *Complaint) decisionLevel(ctx context.Context, look flow.Look) (int, error) {
	const key = "complaint.approve"
	level := look.Level(ctx, key, decides)
	for _, r := range decisionRaises {
		applies, err := r.When(ctx, c, look)
		if err != nil {
			return 0, err
		}
		if applies {
			level = max(level, look.Level(ctx, key+"@"+r.Name, r.Level))
		}
	}
	return int(level), nil
}

// peopleAt are the people on the ladder's rung of a level.
func (l *EscalationLadder) peopleAt(level int) []string {
	if rung := l.at(level); rung != nil {
		return rung.Terms()
	}
	return nil
}

// askDeciders tells those who decide that an answer is proposed, or a review asked for.
func askDeciders(ctx context.Context, c *Complaint, do flow.Do) error {
	people, err := complaintDeciders(ctx, c, do)
	if err != nil {
		return err
	}
	return do.Tell(ctx, people, "decision_asked")
}
