package register

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// source is the record that is escalated: its kind and its id.
func (e *Escalation) source() (noun, id string) {
	if e.ComplaintID != "" {
		return "complaint", e.ComplaintID
	}
	return "issue", e.IssueID
}

// about names the record that is escalated.
func (e *Escalation) about(rec Record) {
	if id := rec.Meta().ID; Of(rec).Name == "complaint" {
		e.ComplaintID = id
	} else {
		e.IssueID = id
	}
}

// matter is the record that an escalation is about, with its noun.
func (e *Escalation) matter(ctx context.Context, look flow.Look) (*Noun, Record, error) {
	noun, id := e.source()
	rec, err := look.Get(ctx, noun, id)
	if err != nil {
		return nil, nil, err
	}
	return ByName(noun), rec.(Record), nil
}

// checkEscalation completes a new escalation with what its ladder says, and refuses
// one that leads nowhere.
func checkEscalation(ctx context.Context, e *Escalation, look flow.Look) (faults fault.Fields, err error) {
	if e.Version > 0 {
		e.checkCarriedOut(ctx, look, &faults)
		if err := e.checkPlaces(ctx, look, &faults); err != nil || len(faults) > 0 {
			return faults, err
		}
		return e.checkRestored(ctx, look)
	}
	if e.CreatedBy.Type != authority.System && !e.asks() {
		faults.At("#/cause", "not_allowed", "cause: breach and review are given by the register alone, when a time limit is missed or a decision is reviewed.")
	}
	source, id := e.source()
	if oneSource(&faults, "what is escalated", named{"issue_id", e.IssueID}, named{"complaint_id", e.ComplaintID}); len(faults) > 0 || id == "" {
		return faults, nil
	}
	n, rec, err := e.matter(ctx, look)
	if err != nil {
		return nil, err
	}
	m := rec.Meta()
	e.SubjectType, e.SubjectID, e.FromLevel = n.Name, m.ID, escalatedOf(rec).EscalationLevel
	e.StakeholderID = rec.(escalating).party()
	e.placeOwner(rec, &faults)
	if n.Flow.Ended(m.State) {
		faults.At("#/"+source+"_id", "conflicts_with", "It is %s: there is nothing to escalate any more.", m.State)
		return faults, nil
	}
	open, err := openEscalationsOf(ctx, look, n.Name, m.ID)
	if err != nil {
		return nil, err
	}
	if len(open) > 0 {
		e.PreviousID = open[0].ID
		if binding(open) {
			faults.At("#/"+source+"_id", "conflicts_with", "What was decided above is to be carried out first: close that escalation, then escalate anew.")
			return faults, nil
		}
	}
	ladder, err := ladderOf(ctx, rec, look)
	if err != nil || len(faults) > 0 {
		return faults, err
	}
	return e.place(ctx, ladder, look)
}

// openEscalationsOf are the open escalations of a record; there is one at most.
func openEscalationsOf(ctx context.Context, look flow.Look, noun, id string) ([]*Escalation, error) {
	return FindAll[Escalation](ctx, look, flow.Where{noun + "_id": id, "state": openEscalation}, 2)
}

// ladderFor is the ladder named after a noun, else the default one.
func ladderFor(ctx context.Context, noun string, look flow.Look) (*EscalationLadder, error) {
	ladder := &EscalationLadder{}
	found, err := FindAll[EscalationLadder](ctx, look, flow.Where{"key": []string{noun, DefaultLadder}}, 2)
	for _, l := range found {
		if l.Key == noun || ladder.Key == "" {
			ladder = l
		}
	}
	return ladder, err
}

// ladderOf is the ladder on which a record climbs, without those who are barred from it:
// the deputy stands in for the holder, and a rung on which nobody is left is passed over,
// unless it is the top one.
func ladderOf(ctx context.Context, rec Record, look flow.Look) (*EscalationLadder, error) {
	ladder, err := ladderFor(ctx, Of(rec).Name, look)
	if err != nil {
		return nil, err
	}
	rungs := ladder.Rungs
	ladder.Rungs = nil
	for i, r := range rungs {
		stood := len(r.Terms())
		r = r.without(rec)
		if stood == 0 || len(r.Terms()) > 0 || i == len(rungs)-1 {
			ladder.Rungs = append(ladder.Rungs, r)
		}
	}
	return ladder, nil
}

// without is the rung without those who are barred from a record.
func (r Rung) without(rec Record) Rung {
	if barredFrom(rec, r.DeputyID) {
		r.DeputyID = ""
	}
	if barredFrom(rec, r.HolderID) {
		r.HolderID, r.DeputyID = r.DeputyID, ""
	}
	return r
}

// barredFrom reports whether somebody must not touch a record, whatever their level.
func barredFrom(rec Record, userID string) bool {
	n := Of(rec)
	return userID != "" && n.Barred != nil && n.Barred(authority.Actor{Type: authority.User, ID: userID}, rec) != nil
}

// placeOwner gives an escalation the owner of its matter, and to nobody who is barred from that.
func (e *Escalation) placeOwner(rec Record, faults *fault.Fields) {
	named := e.OwnerID != "" && e.CreatedBy.Type != authority.System
	e.OwnerID = or(e.OwnerID, rec.Common().OwnerID)
	switch {
	case !barredFrom(rec, e.OwnerID):
	case named:
		faults.At("#/owner_id", "conflicts_with", "owner_id: what is escalated is about this person; name somebody else.")
	default:
		e.OwnerID = ""
	}
}

// checkPlaces keeps those who are barred from a matter from being given its escalation.
func (e *Escalation) checkPlaces(ctx context.Context, look flow.Look, faults *fault.Fields) error {
	was, err := Find[Escalation](ctx, look, e.ID)
	if err != nil || e.OwnerID == was.OwnerID && e.HolderID == was.HolderID && e.DeputyID == was.DeputyID {
		return err
	}
	_, rec, err := e.matter(ctx, look)
	if err != nil {
		return err
	}
	for _, place := range []struct{ name, is, was string }{{"owner_id", e.OwnerID, was.OwnerID}, {"holder_id", e.HolderID, was.HolderID}, {"deputy_id", e.DeputyID, was.DeputyID}} {
		if place.is != place.was && barredFrom(rec, place.is) {
			faults.At("#/"+place.name, "conflicts_with", "%s: what is escalated is about this person; name somebody else.", place.name)
		}
	}
	return nil
}

// place puts the escalation on its rung.
func (e *Escalation) place(ctx context.Context, ladder *EscalationLadder, look flow.Look) (faults fault.Fields, err error) {
	next := e.ToLevel == 0 // the rungs without anybody on them are passed over
	if next {
		if e.ToLevel, err = ladder.above(ctx, e.FromLevel, look); err != nil {
			return nil, err
		}
	}
	rung := ladder.at(e.ToLevel)
	switch {
	case e.FromLevel >= int(authority.L7):
		faults.At("#/to_level", "out_of_range", "The matter stands before level 7 already, beyond which nobody is asked: it is decided there, or referred outside.")
	case e.ToLevel <= e.FromLevel:
		faults.At("#/to_level", "out_of_range", "to_level lies above %d, before which the matter stands.", e.FromLevel)
	case rung == nil:
		faults.At("#/to_level", "not_in_enum", "to_level: the ladder %s has no rung of level %d.", ladder.Key, e.ToLevel)
	case !next && !e.Override && ladder.skipped(e.FromLevel, e.ToLevel):
		faults.At("#/override", "required", "There are rungs between level %d and %d: to leave them out, say override and why.", e.FromLevel, e.ToLevel)
	default:
		e.LadderID, e.Rung, e.HolderID, e.DeputyID = ladder.ID, rung.Name, rung.HolderID, rung.DeputyID
		e.RespondWithin, e.Calendar = rung.RespondWithin, rung.Calendar
	}
	return faults, nil
}

// at is the ladder's rung of a level, nil if there is none.
func (l *EscalationLadder) at(level int) *Rung {
	for i := range l.Rungs {
		if l.Rungs[i].Level == level {
			return &l.Rungs[i]
		}
	}
	return nil
}

// skipped reports whether rungs on which somebody is named lie between two levels.
func (l *EscalationLadder) skipped(from, to int) bool {
	return slices.ContainsFunc(l.Rungs, func(r Rung) bool { return r.Level > from && r.Level < to })
}

// above is the next level up on whose rung somebody stands who has access; if there
// is none, the next one at all. 0 stands for none.
func (l *EscalationLadder) above(ctx context.Context, from int, look flow.Look) (next int, err error) {
	for _, r := range l.Rungs {
		if r.Level <= from {
			continue
		}
		if next == 0 {
			next = r.Level
		}
		there, err := Count[User](ctx, look, flow.Where{"id": r.Terms(), "state": "active"})
		if err != nil || there > 0 {
			return r.Level, err
		}
	}
	return next, nil
}

// skips reports whether the escalation leaves rungs out.
func (e *Escalation) skips(ctx context.Context, look flow.Look) (bool, error) {
	if !e.Override || e.LadderID == "" {
		return false, nil
	}
	ladder, err := Find[EscalationLadder](ctx, look, e.LadderID)
	return err == nil && ladder.skipped(e.FromLevel, e.ToLevel), err
}
