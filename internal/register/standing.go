package register

import (
	"context"
	"maps"
	"math"
	"strconv"
	"time"

	"rapport/internal/calendar"
	"rapport/internal/flow"
	"rapport/internal/measure"
)

// StakeholderDerived are what is computed of a stakeholder from its assessments
// and contacts. Each score is that of the latest assessment which gave it.
type StakeholderDerived struct {
	// Power is the latest score of power, 1 to 5; null = never assessed.
	Power *int `json:"power" list:"filter,sort"`
	// Interest is the latest score of interest, 1 to 5.
	Interest *int `json:"interest"`
	// Influence is the latest score of influence, 1 to 5.
	Influence *int `json:"influence"`
	// Impact is the latest score of impact, 1 to 5.
	Impact *int `json:"impact"`
	// Legitimacy is the latest score of legitimacy, 1 to 5.
	Legitimacy *int `json:"legitimacy"`
	// Urgency is the latest score of urgency, 1 to 5.
	Urgency *int `json:"urgency"`
	// Attitude is the latest attitude, -2 to 2.
	Attitude *int `json:"attitude"`
	// CurrentEngagement is where the stakeholder stands by the latest assessment.
	CurrentEngagement string `json:"current_engagement" enum:"engagement" default:"none"`
	// DesiredEngagement is where it should stand by the latest assessment.
	DesiredEngagement string `json:"desired_engagement" enum:"engagement" default:"none"`
	// AssessedOn is the day of the latest assessment.
	AssessedOn Date `json:"assessed_on"`
	// Quadrant is the place in the grid of power and interest.
	Quadrant string `json:"quadrant" enum:"quadrant" default:"unknown" class:"yes"`
	// SalienceClass is the class by power, legitimacy and urgency.
	SalienceClass string `json:"salience_class" enum:"salience_class" default:"unknown" class:"yes"`
	// SalienceRank is how many of power, legitimacy and urgency are high; null where the class is unknown.
	SalienceRank *int `json:"salience_rank"`
	// Priority is the weighted sum of power and interest in hundredths, 100 to 500; a number to sort by.
	Priority *int `json:"priority" list:"filter,sort"`
	// Gap is the distance from the current to the desired engagement, -4 to 4; positive is work to do.
	Gap *int `json:"gap" list:"filter,sort"`
	// GapOpen says whether the gap is positive.
	GapOpen bool `json:"gap_open" class:"gap_opened,gap_closed"`
	// LastContactAt is when the newest logged interaction took place.
	LastContactAt Instant `json:"last_contact_at"`
	// VerifyDueOn is the day by which the details should be verified again; null once the stakeholder is archived.
	VerifyDueOn Date `json:"verify_due_on"`
	// SpocID is the single point of contact; null while there is none.
	SpocID string `json:"spoc_id" ref:"user"`
}

// Standing is what all assessments of a stakeholder say together: of each score
// the latest, and which assessment gave it. A later one that leaves a score out
// does not make it unknown.
type Standing struct {
	AssessmentFields
	Sources map[string]string // member → id of the assessment
}

// take fills what the standing lacks from an assessment, which is no later than
// those taken before.
func (s *Standing) take(a *Assessment) {
	if s.Sources == nil {
		s.Sources = map[string]string{}
	}
	s.AssessedOn = max(s.AssessedOn, a.AssessedOn)
	for name, score := range s.scores() {
		if given := a.scores()[name]; *score == nil && *given != nil {
			*score, s.Sources[name] = *given, a.ID
		}
	}
	for name, word := range s.words() {
		if given := *a.words()[name]; (*word == "" || *word == "none") && given != "" && given != "none" {
			*word, s.Sources[name] = given, a.ID
		}
	}
}

func (a *AssessmentFields) scores() map[string]**int {
	return map[string]**int{
		"power": &a.Power, "interest": &a.Interest, "influence": &a.Influence, "impact": &a.Impact,
		"legitimacy": &a.Legitimacy, "urgency": &a.Urgency, "attitude": &a.Attitude,
	}
}

func (a *AssessmentFields) words() map[string]*string {
	return map[string]*string{"current_engagement": &a.CurrentEngagement, "desired_engagement": &a.DesiredEngagement}
}

// From lists the assessments that gave the named members, each once.
func (s *Standing) From(members ...string) (ids []string) {
	seen := map[string]bool{}
	for _, m := range members {
		if id := s.Sources[m]; id != "" && !seen[id] {
			seen[id], ids = true, append(ids, id)
		}
	}
	return ids
}

// StandingOf adds up assessments, which come latest first.
func StandingOf(assessments []*Assessment) *Standing {
	s := &Standing{}
	s.CurrentEngagement, s.DesiredEngagement = "none", "none"
	for _, a := range assessments {
		s.take(a)
	}
	return s
}

// fewAssessments is how many assessments usually give all there is.
const fewAssessments = 5

// standing reads the latest assessments of a stakeholder, and for what they leave
// out the latest one that does not.
func standing(ctx context.Context, look flow.Look, of *Stakeholder) (*Standing, error) {
	those := flow.Where{"stakeholder_id": of.ID, "sensitivity <=": int(of.Sensitivity)}
	latest, err := look.Newest(ctx, "assessment", those, "assessed_on", fewAssessments)
	if err != nil {
		return nil, err
	}
	var read []*Assessment
	for _, a := range latest {
		read = append(read, a.(*Assessment))
	}
	s := StandingOf(read)
	if len(latest) < fewAssessments {
		return s, nil
	}
	for name := range s.scores() {
		if err := s.search(ctx, look, with(those, name+" <>", nil), name); err != nil {
			return nil, err
		}
	}
	for name := range s.words() {
		if err := s.search(ctx, look, with(those, name+" <>", "none"), name); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func with(where flow.Where, name string, value any) flow.Where {
	where = maps.Clone(where)
	where[name] = value
	return where
}

// search takes one member from the latest assessment that gives it, if it is lacking.
func (s *Standing) search(ctx context.Context, look flow.Look, where flow.Where, name string) error {
	if s.Sources[name] != "" {
		return nil
	}
	a, err := Newest[Assessment](ctx, look, where, "assessed_on")
	if err != nil || a == nil {
		return err
	}
	one := Standing{}
	one.take(a)
	if score := s.scores()[name]; score != nil {
		*score = *one.scores()[name]
	} else {
		*s.words()[name] = *one.words()[name]
	}
	s.Sources[name] = a.ID
	return nil
}

// Scales are the settings by which standings are read.
type Scales struct {
	High        int     // the score from which one counts as high
	PowerWeight float64 // of the priority; interest has the rest
}

// ScalesOf reads the scales off the settings.
func ScalesOf(ctx context.Context, look interface {
	Setting(ctx context.Context, key string) string
},
) Scales {
	high, _ := strconv.Atoi(look.Setting(ctx, "high_threshold"))
	weight, _ := strconv.ParseFloat(look.Setting(ctx, "priority_power_weight"), 64)
	return Scales{high, weight}
}

// deriveStakeholder computes what the stakeholder shows of its assessments and contacts.
func deriveStakeholder(ctx context.Context, s *Stakeholder, look flow.Look) error {
	// What is more sensitive than the stakeholder does not count: whoever sees the
	// stakeholder must not learn of it.
	st, err := standing(ctx, look, s)
	if err != nil {
		return err
	}
	last, err := lastContact(ctx, look, flow.Where{"sensitivity <=": int(s.Sensitivity)}, s.ID)
	if err != nil {
		return err
	}
	d := StakeholderDerived{
		Power: st.Power, Interest: st.Interest, Influence: st.Influence, Impact: st.Impact, Legitimacy: st.Legitimacy, Urgency: st.Urgency,
		Attitude: st.Attitude, CurrentEngagement: st.CurrentEngagement, DesiredEngagement: st.DesiredEngagement, AssessedOn: st.AssessedOn,
		LastContactAt: last, VerifyDueOn: verifyDue(ctx, s, look),
	}
	contacts, err := s.contacts(ctx, look)
	if err != nil {
		return err
	}
	if len(contacts) > 0 {
		d.SpocID = contacts[0].person
	}
	d.read(st, ScalesOf(ctx, look))
	s.StakeholderDerived = d
	return nil
}

// read draws the classes from the scores.
func (d *StakeholderDerived) read(st *Standing, scales Scales) {
	d.Quadrant = measure.Quadrant(st.Power, st.Interest, scales.High)
	class, _, rank := measure.Salience(st.Power, st.Legitimacy, st.Urgency, scales.High)
	if d.SalienceClass = class; class != measure.Unknown {
		d.SalienceRank = &rank
	}
	if p := measure.Priority(st.Power, st.Interest, scales.PowerWeight, 1-scales.PowerWeight); p != nil {
		hundredths := int(math.Round(*p * 100))
		d.Priority = &hundredths
	}
	d.Gap = measure.Gap(st.CurrentEngagement, st.DesiredEngagement)
	d.GapOpen = d.Gap != nil && *d.Gap > 0
}

// verifyDue is the day by which the details should be verified again, counted
// from the last time, or from their entry.
func verifyDue(ctx context.Context, s *Stakeholder, look flow.Look) Date {
	if s.State == "archived" {
		return ""
	}
	days, _ := strconv.Atoi(look.Setting(ctx, "verification_cadence_days"))
	if s.VerifyEveryDays != nil {
		days = *s.VerifyEveryDays
	}
	from := s.VerifiedOn
	if from == "" {
		from = dayOf(ctx, look, s.CreatedAt.Time())
	}
	return from.Days(days)
}

// dayOf is the day of t in the organisation's zone.
func dayOf(ctx context.Context, look flow.Look, t time.Time) Date {
	return On(t.In(calendar.Zone(look.Setting(ctx, "time_zone"))))
}

// Rederives reports whether derived values rest on a setting.
func Rederives(key string) bool {
	return key == "high_threshold" || key == "priority_power_weight" || key == "verification_cadence_days" || key == "time_zone"
}
