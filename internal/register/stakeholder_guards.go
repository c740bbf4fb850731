package register

import (
	"context"

	"rapport/internal/flow"
)

// hasAssessment keeps a prospect from being taken up that nobody has assessed.
var hasAssessment = flow.Guard[*Stakeholder]{Code: "not_assessed", Check: func(ctx context.Context, s *Stakeholder, look flow.Look) ([]flow.Blocker, error) {
	n, err := look.Count(ctx, "assessment", flow.Where{"stakeholder_id": s.ID})
	if err != nil || n > 0 {
		return nil, err
	}
	return flow.Block("Nobody has assessed the stakeholder yet: record an assessment."), nil
}}

// hasContact keeps a prospect from being taken up that has no single point of
// contact, or one below the level that its seniority asks for.
var hasContact = flow.Guard[*Stakeholder]{Code: "no_contact", Check: func(ctx context.Context, s *Stakeholder, look flow.Look) ([]flow.Blocker, error) {
	contacts, err := s.contacts(ctx, look)
	if err != nil || ByName("spoc_assignment") == nil {
		return nil, err
	}
	need := ContactLevel(s.Seniority)
	for _, c := range contacts {
		u, err := Find[User](ctx, look, c.person)
		if err != nil {
			return nil, err
		}
		if u.Level() >= need {
			return nil, nil
		}
	}
	if len(contacts) > 0 {
		blockers := flow.Block("The single point of contact does not have level %d, which the stakeholder's seniority asks for.", need)
		blockers[0].Resource = Pointer(contacts[0].rec)
		return blockers, nil
	}
	return flow.Block("Nobody is the single point of contact yet: propose somebody of level %d or above, who accepts.", need), nil
}}

// runningContact is a person's running assignment as single point of contact.
type runningContact struct {
	rec    any
	person string
}

// contacts are the running assignments, found by the noun's name: a stakeholder
// may not name what names it.
func (s *Stakeholder) contacts(ctx context.Context, look flow.Look) (contacts []runningContact, err error) {
	n := ByName("spoc_assignment")
	if n == nil {
		return nil, nil
	}
	found, err := look.List(ctx, n.Name, flow.Where{"stakeholder_id": s.ID, "state": "active"}, 10)
	for _, rec := range found {
		contacts = append(contacts, runningContact{rec, n.Text(rec, "user_id")})
	}
	return contacts, err
}

// openNouns are what keeps a relation from being ended while it is open.
var openNouns = []string{"commitment", "complaint", "issue", "negotiation"}

// mostOpen is how many open records of a sort a refusal names.
const mostOpen = 20

// nothingOpenWith keeps a relation from being ended while something is open in it.
var nothingOpenWith = flow.Guard[*Stakeholder]{Code: "still_open", Check: func(ctx context.Context, s *Stakeholder, look flow.Look) (blockers []flow.Blocker, err error) {
	for _, name := range openNouns {
		n := ByName(name)
		if n == nil {
			continue
		}
		seen := map[string]bool{}
		for _, f := range n.Fields {
			if f.Target != "stakeholder" {
				continue
			}
			found, err := look.List(ctx, name, flow.Where{f.Name: s.ID, "state <>": n.Flow.Ends}, mostOpen)
			if err != nil {
				return nil, err
			}
			for _, rec := range found {
				if id := rec.(Record).Meta().ID; !seen[id] {
					seen[id] = true
					blockers = append(blockers, flow.Blocker{Detail: "There is " + Article(name) + " that is still open.", Resource: Pointer(rec)})
				}
			}
		}
	}
	return blockers, nil
}}

// newlyMoved keeps a relation from being taken up again for no reason: there was a
// contact since it came to rest, or there is a new ground.
var newlyMoved = flow.Guard[*Stakeholder]{Code: "nothing_new", Check: func(ctx context.Context, s *Stakeholder, look flow.Look) ([]flow.Blocker, error) {
	if s.newGround() || ByName("interaction") == nil {
		return nil, nil
	}
	last, err := lastContact(ctx, look, flow.Where{}, s.ID)
	if err != nil || last > s.RestedAt {
		return nil, err
	}
	return flow.Block("Nothing happened since the relation came to rest: log an interaction, or name a new basis."), nil
}}

// lastContact is when the newest of those logged interactions with a stakeholder
// took place; "" if there is none.
func lastContact(ctx context.Context, look flow.Look, those flow.Where, id string) (last Instant, err error) {
	n := ByName("interaction")
	if n == nil || n.Field("occurred_at") == nil {
		return "", nil
	}
	for _, f := range n.Fields {
		if f.Target != "stakeholder" {
			continue
		}
		where := with(those, f.Name, id)
		where["state <>"], where["occurred_at <="] = "drafted", string(At(look.Now()))
		found, err := look.Newest(ctx, n.Name, where, "occurred_at", 1)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			last = max(last, Instant(n.Text(found[0], "occurred_at")))
		}
	}
	return last, nil
}
