package ledger

import (
	"context"
	"slices"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Analysis is what the assessments of a stakeholder say together: where it stands
// now, and how the engagement moved over a window. Each part says by what formula
// and from which assessments. It rests on the assessments that the reader may see.
type Analysis struct {
	// Stakeholder is whom the analysis is about.
	Stakeholder RecordLabel `json:"stakeholder"`
	// AsOf is the day of the analysis.
	AsOf string `json:"as_of" format:"date"`
	// N is how many assessments there are.
	N int `json:"n"`
	// Inputs are the ids of the assessments that the latest scores come from.
	Inputs []string `json:"inputs"`
	// Scores are the latest scores, each with its assessment.
	Scores []Score `json:"scores"`
	// Quadrant is the place in the grid of power and interest.
	Quadrant measure.QuadrantResult `json:"quadrant"`
	// Salience is the class by power, legitimacy and urgency.
	Salience measure.SalienceResult `json:"salience"`
	// Gap is the distance from the current to the desired engagement.
	Gap measure.GapResult `json:"gap"`
	// Series is the engagement gap over the window.
	Series measure.GapSeriesResult `json:"series"`
	// Points are the assessments, oldest first, at most the newest 500.
	Points []AnalysisPoint `json:"points"`
}

// RecordLabel names a record.
type RecordLabel struct {
	ID   string `json:"id"`
	Ref  string `json:"ref"`
	Name string `json:"name"`
}

// Score is the latest value of one scale.
type Score struct {
	// Name is the scale.
	Name string `json:"name" example:"power"`
	// Value is the latest value, null if it was never assessed.
	Value *int `json:"value"`
	// AssessmentID is where it comes from.
	AssessmentID *string `json:"assessment_id"`
}

// AnalysisPoint is one assessment as it is drawn.
type AnalysisPoint struct {
	ID                string `json:"id"`
	Ref               string `json:"ref"`
	AssessedOn        string `json:"assessed_on" format:"date"`
	Power             *int   `json:"power"`
	Interest          *int   `json:"interest"`
	Influence         *int   `json:"influence"`
	Impact            *int   `json:"impact"`
	Legitimacy        *int   `json:"legitimacy"`
	Urgency           *int   `json:"urgency"`
	Attitude          *int   `json:"attitude"`
	CurrentEngagement string `json:"current_engagement"`
	DesiredEngagement string `json:"desired_engagement"`
	Gap               *int   `json:"gap"`
	Support           *int   `json:"support"`
}

// mostPoints is how many assessments an analysis reads.
const mostPoints = 500

// scales are the scores in the order in which they are shown.
var scales = []string{"power", "interest", "influence", "impact", "legitimacy", "urgency", "attitude"}

// Analyse reads the assessments of a stakeholder together, and the engagement
// over the days from the first of the window up to and without its end. Empty
// days stand for the last 365, today included; nobody looks ahead of today.
func (l *Ledger) Analyse(ctx context.Context, name string, from, to register.Date) (Analysis, error) {
	shown, err := l.Get(ctx, register.Stakeholders, name, nil)
	if err != nil {
		return Analysis{}, err
	}
	read, err := l.assessments(ctx, shown.ID)
	if err != nil {
		return Analysis{}, err
	}
	window, err := l.window(ctx, from, to)
	if err != nil {
		return Analysis{}, err
	}
	rec, err := register.Stakeholders.Load(shown.Row)
	if err != nil {
		return Analysis{}, err
	}
	s := rec.(*register.Stakeholder)
	a := Analysis{Stakeholder: RecordLabel{s.ID, register.Pointer(s).Ref, s.Name}, AsOf: string(l.Today(ctx)), N: len(read), Scores: []Score{}}
	a.stand(register.StandingOf(read), register.ScalesOf(ctx, l))
	slices.Reverse(read)
	a.draw(read, window)
	return a, nil
}

// assessments are those of a stakeholder that the reader sees, latest first.
func (l *Ledger) assessments(ctx context.Context, stakeholder string) ([]*register.Assessment, error) {
	actor, n := authority.From(ctx), register.Assessments
	if err := mayAsk(actor, n, authority.Read); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	rows, _, err := l.DB.Look().List(ctx, store.Query{
		Noun: n, Sort: n.Field("assessed_on"), Desc: true, Limit: mostPoints, Sight: store.SightOf(actor),
		Where: []store.Cond{{Field: n.UnderA(register.Stakeholders), Op: "eq", Values: []any{stakeholder}}},
	})
	if err != nil {
		return nil, tooBroad(n, err)
	}
	out := make([]*register.Assessment, 0, len(rows))
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		out = append(out, rec.(*register.Assessment))
	}
	return out, nil
}

// window is the span of days that is measured.
func (l *Ledger) window(ctx context.Context, from, to register.Date) (measure.Window, error) {
	tomorrow := l.Today(ctx).Days(1)
	if to == "" || to > tomorrow {
		to = tomorrow
	}
	if from == "" {
		from = to.Days(-365)
	}
	if from >= to {
		return measure.Window{}, &fault.Error{
			Code: fault.InvalidParameter, Detail: "The window holds no day.",
			Fields: []fault.Field{{Parameter: "from", Code: "out_of_range", Detail: "from must lie before to, and not after today."}},
		}
	}
	return measure.Window{From: from.Time(), To: to.Time()}, nil
}

// stand says where the stakeholder stands now.
func (a *Analysis) stand(s *register.Standing, by register.Scales) {
	values := map[string]*int{
		"power": s.Power, "interest": s.Interest, "influence": s.Influence, "impact": s.Impact,
		"legitimacy": s.Legitimacy, "urgency": s.Urgency, "attitude": s.Attitude,
	}
	for _, name := range scales {
		score := Score{Name: name, Value: values[name]}
		if id := s.Sources[name]; id != "" {
			score.AssessmentID = &id
		}
		a.Scores = append(a.Scores, score)
	}
	a.Inputs = append([]string{}, s.From(append([]string{"current_engagement", "desired_engagement"}, scales...)...)...)
	slices.Sort(a.Inputs)
	a.Quadrant = measure.AssessQuadrant(s.Power, s.Interest, by.High, by.PowerWeight, 1-by.PowerWeight, s.From("power", "interest")...)
	a.Salience = measure.AssessSalience(s.Power, s.Legitimacy, s.Urgency, by.High, s.From("power", "legitimacy", "urgency")...)
	a.Gap = measure.AssessGap(engagement(s.CurrentEngagement), engagement(s.DesiredEngagement), s.From("current_engagement", "desired_engagement")...)
}

// engagement is a word as the measures know it: they take "" for not assessed.
func engagement(word string) string {
	if word == "none" {
		return ""
	}
	return word
}

// draw lists the assessments, oldest first, and measures the gap between them. A
// mark that an assessment leaves out stands as it was.
func (a *Analysis) draw(assessments []*register.Assessment, w measure.Window) {
	a.Points = make([]AnalysisPoint, 0, len(assessments))
	var points []measure.GapPoint
	var current, desired string
	for _, x := range assessments {
		if word := engagement(x.CurrentEngagement); word != "" {
			current = word
		}
		if word := engagement(x.DesiredEngagement); word != "" {
			desired = word
		}
		points = append(points, measure.GapPoint{ID: x.ID, Date: x.AssessedOn.Time(), Current: current, Desired: desired})
		a.Points = append(a.Points, AnalysisPoint{
			ID: x.ID, Ref: register.Pointer(x).Ref, AssessedOn: string(x.AssessedOn), Power: x.Power, Interest: x.Interest,
			Influence: x.Influence, Impact: x.Impact, Legitimacy: x.Legitimacy, Urgency: x.Urgency, Attitude: x.Attitude,
			CurrentEngagement: x.CurrentEngagement, DesiredEngagement: x.DesiredEngagement,
			Gap: measure.Gap(current, desired), Support: measure.Support(current),
		})
	}
	a.Series = measure.GapSeries(points, w)
}

// daysBetween counts the days from one to the other.
func daysBetween(from, to register.Date) int {
	return int(to.Time().Sub(from.Time()) / (24 * time.Hour))
}
