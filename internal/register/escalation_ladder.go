package register

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// An EscalationLadder says to whom a matter goes that is beyond somebody's scope:
// a rung for each level, with who stands on it. The holder of the top rung is the
// ultimate escalation point.
type EscalationLadder struct {
	Head
	EscalationLadderFields
}

// EscalationLadderFields are what is written of a ladder.
type EscalationLadderFields struct {
	// Key names the ladder; the one called default always exists.
	Key string `json:"key" validate:"required,max=40,alphanum" set:"create" list:"filter,sort" example:"works"`
	// Name says what the ladder is for.
	Name string `json:"name" validate:"required,max=200" list:"filter,sort,title" example:"Works on the quay"`
	// Rungs are the steps from the lowest level up; the last one is of level 7.
	Rungs List[Rung] `json:"rungs" validate:"required,min=1,max=4,dive" terms:"yes" holds:"user" list:"search"`
}

// Rung is one step of a ladder.
type Rung struct {
	// Level is the level of those who decide here, 4 to 7.
	Level int `json:"level" validate:"min=4,max=7" example:"5"`
	// Name is what the rung is called.
	Name string `json:"name" validate:"required,max=100" example:"Head of relationships"`
	// HolderID is who decides here: a person of at least the rung's level.
	HolderID string `json:"holder_id"`
	// DeputyID is who stands in for the holder: another person of at least the rung's level.
	DeputyID string `json:"deputy_id"`
	// RespondWithin is how soon an answer is due in the business calendar, an ISO 8601 duration.
	RespondWithin string `json:"respond_within" example:"P2D"`
	// Calendar is the key of the calendar by which that runs; null = the organisation's.
	Calendar string `json:"calendar"`
}

// Terms are the people on the rung.
func (r Rung) Terms() (people []string) {
	for _, id := range []string{r.HolderID, r.DeputyID} {
		if id != "" {
			people = append(people, id)
		}
	}
	return people
}

// MarshalJSON shows what is not said as null.
func (r Rung) MarshalJSON() ([]byte, error) {
	said := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	return json.Marshal(map[string]any{"level": r.Level, "name": r.Name, "holder_id": said(r.HolderID), "deputy_id": said(r.DeputyID), "respond_within": said(r.RespondWithin), "calendar": said(r.Calendar)})
}

// Texts are the words that find the ladder.
func (r Rung) Texts() []string { return []string{r.Name} }

// Top is the highest rung, nil if there is none.
func (l *EscalationLadder) Top() *Rung {
	if len(l.Rungs) == 0 {
		return nil
	}
	return &l.Rungs[len(l.Rungs)-1]
}

// DefaultLadder is the key of the ladder that always exists.
const DefaultLadder = "default"

// EscalationLadders say to whom matters go.
var EscalationLadders = Define(Kind[EscalationLadder]{
	Name: "escalation_ladder", Plural: "escalation_ladders", Prefix: "LAD", Group: "Platform",
	Doc:      "To whom a matter goes that is beyond somebody's scope, a rung for each level; the top rung is the ultimate escalation point.",
	Platform: true, Reads: "all", Key: "key", Sort: "key",
	Flow:     flow.Table[*EscalationLadder]{Start: "active", Ends: flow.From("active")},
	Open:     flow.From("active"),
	Unique:   []string{"key"},
	Check:    checkLadder,
	May:      mayPlaceRungs,
	Changed:  ladderStays,
	HandOver: succeedOnRungs,
})

// DefaultLadders are the ladders that a register begins with. Who holds the rungs
// is for the organisation to say; until then governance shows a red flag.
func DefaultLadders() []EscalationLadder {
	return []EscalationLadder{{EscalationLadderFields: EscalationLadderFields{Key: DefaultLadder, Name: "Everything without a ladder of its own", Rungs: List[Rung]{
		{Level: 4, Name: "Relationship owner", RespondWithin: "P1D"},
		{Level: 5, Name: "Relationship lead", RespondWithin: "P1D"},
		{Level: 6, Name: "Head of relationships", RespondWithin: "P2D"},
		{Level: 7, Name: "Ultimate escalation point", RespondWithin: "P2D"},
	}}}}
}

// mayPlaceRungs keeps the ladders in the hands of level 7.
func mayPlaceRungs(actor authority.Actor, _, _ *EscalationLadder) error {
	if actor.Type == authority.System || actor.Level >= authority.L7 {
		return nil
	}
	return fault.New(fault.InsufficientLevel, "The escalation ladders are changed by level 7.").
		With("required_level", 7).With("your_level", actor.Level.Wire()).With("because", []string{"they decide where a matter ends"}).With("escalate_to", nil)
}

// checkLadder holds the rungs against each other and against the people on them.
func checkLadder(ctx context.Context, l *EscalationLadder, look flow.Look) (faults fault.Fields, err error) {
	for i := range l.Rungs {
		at := "#/rungs/" + strconv.Itoa(i)
		if r := &l.Rungs[i]; i > 0 && r.Level <= l.Rungs[i-1].Level {
			faults.At(at+"/level", "out_of_range", "%s: the levels of the rungs ascend.", Spoken(at+"/level"))
		}
		if err := checkRung(ctx, &l.Rungs[i], at, look, &faults); err != nil {
			return faults, err
		}
	}
	if top := l.Top(); top.Level != int(authority.L7) {
		faults.At("#/rungs/"+strconv.Itoa(len(l.Rungs)-1)+"/level", "out_of_range", "rungs[%d].level: the last rung is of level 7, beyond which nobody is asked.", len(l.Rungs)-1)
	}
	if len(faults) > 0 || l.Version == 0 || l.Key != DefaultLadder || l.Top().HolderID != "" {
		return faults, nil
	}
	was, err := Find[EscalationLadder](ctx, look, l.ID)
	if err != nil || was.Top().HolderID == "" {
		return faults, err
	}
	return faults, fault.New(fault.LastEscalationPoint, "Somebody must hold the top rung: name the successor in the same change.")
}

func checkRung(ctx context.Context, r *Rung, at string, look flow.Look, faults *fault.Fields) error {
	if p, fine := ParsePeriod(r.RespondWithin); r.RespondWithin != "" && (!fine || p.Lasts() == 0) {
		faults.At(at+"/respond_within", "invalid_format", "%s takes an ISO 8601 duration such as P2D or PT4H, of more than nothing.", Spoken(at+"/respond_within"))
	}
	if r.Calendar != "" {
		there, err := Count[Calendar](ctx, look, flow.Where{"key": r.Calendar})
		if err != nil {
			return err
		}
		if there == 0 {
			faults.At(at+"/calendar", "reference_not_found", "%s: there is no calendar with this key.", Spoken(at+"/calendar"))
		}
	}
	if err := onRung(ctx, &r.HolderID, r.Level, at+"/holder_id", look, faults); err != nil {
		return err
	}
	if err := onRung(ctx, &r.DeputyID, r.Level, at+"/deputy_id", look, faults); err != nil {
		return err
	}
	if r.DeputyID != "" && r.DeputyID == r.HolderID {
		faults.At(at+"/deputy_id", "conflicts_with", "%s: the deputy must be somebody else than the holder.", Spoken(at+"/deputy_id"))
	}
	return nil
}

// onRung finds the person that a rung names by id, by ref or as me, writes the id
// there, and holds the person's level against the rung's.
func onRung(ctx context.Context, named *string, level int, at string, look flow.Look, faults *fault.Fields) error {
	if *named == "" {
		return nil
	}
	u, err := person(ctx, look, *named)
	if err != nil {
		return err
	}
	switch {
	case u == nil || u.DeletedAt != "":
		faults.At(at, "reference_not_found", "%s: there is no such user.", Spoken(at))
	case u.State != "active":
		faults.At(at, "conflicts_with", "%s: %s has no access any more.", Spoken(at), u.Name)
	case int(u.Level()) < level:
		faults.At(at, "out_of_range", "%s: %s does not have level %d, which this rung takes.", Spoken(at), u.Name, level)
	default:
		*named = u.ID
	}
	return nil
}

// person finds somebody by id, by ref or as me; nil if there is nobody.
func person(ctx context.Context, look flow.Look, named string) (*User, error) {
	where := flow.Where{"id": named}
	prefix, number, _ := strings.Cut(strings.ToUpper(named), "-")
	if num, err := strconv.ParseInt(number, 10, 64); err == nil && prefix == "USR" {
		where = flow.Where{"num": num}
	}
	if named == "me" {
		where = flow.Where{"id": authority.From(ctx).Person()}
	}
	found, err := FindAll[User](ctx, look, where, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// ladderStays keeps the default ladder from being removed.
func ladderStays(_ context.Context, _, l *EscalationLadder, _ flow.Do) error {
	if l.Key == DefaultLadder && l.DeletedAt != "" {
		return fault.New(fault.LastEscalationPoint, "The default ladder stays: it holds the ultimate escalation point.")
	}
	return nil
}

// succeedOnRungs puts a successor on the rungs that somebody leaves. A successor
// who was the deputy there leaves the deputy's place empty.
func succeedOnRungs(_ context.Context, l *EscalationLadder, s Succession, _ flow.Do) (saved bool, err error) {
	for i := range l.Rungs {
		r := &l.Rungs[i]
		if r.HolderID == s.From {
			r.HolderID = s.To
		}
		if r.DeputyID == s.From || r.DeputyID == r.HolderID {
			r.DeputyID = ""
			if r.HolderID != s.To {
				r.DeputyID = s.To
			}
		}
	}
	return false, nil
}

// ultimatePoint is the top rung of the default ladder, nil if there is none.
func ultimatePoint(ctx context.Context, look flow.Look) (*Rung, error) {
	found, err := FindAll[EscalationLadder](ctx, look, flow.Where{"key": DefaultLadder}, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	top := found[0].Top()
	if top == nil {
		return nil, errors.New("the default ladder has no rung")
	}
	return top, nil
}
