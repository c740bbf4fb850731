package measure

import (
	"cmp"
	"slices"
	"time"
)

// The seniorities of a stakeholder. One without any stands under unknown in the
// breakdown.
const (
	Operational = "operational"
	Senior      = "senior"
	MostSenior  = "most_senior"
)

// Why a stakeholder is not covered.
const (
	NoSpoc      = "no_active_spoc"
	ManySpocs   = "more_than_one_active_spoc"
	LevelTooLow = "level_below_required"
)

const coverageSource = "SFIA, relationship management, single point of contact at levels 5 and 6; IT-CMF, relationship management"

// Assignment is one person's time as single point of contact. It runs from
// the day From up to and without the day To, so on the day of a handover the
// new one counts and the old one does not. A nil To is open.
type Assignment struct {
	ID       string
	UserID   string
	DeputyID string
	Level    int
	From     time.Time
	To       *time.Time
}

// Subject is one active stakeholder or group, once, with all assignments that
// were ever taken up; proposals and refusals are none.
type Subject struct {
	ID            string
	Seniority     string
	RequiredLevel int
	SalienceRank  int
	Assignments   []Assignment
}

// Uncovered names a stakeholder that is not covered, and why.
type Uncovered struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

// SeniorityCoverage is the coverage among stakeholders of one seniority.
type SeniorityCoverage struct {
	Basis
	Seniority string  `json:"seniority"`
	Covered   int     `json:"covered"`
	Coverage  *Number `json:"coverage"`
}

// SpocLoad is what one person carries; Inputs are the stakeholders.
type SpocLoad struct {
	Basis
	UserID string `json:"user_id"`
	Load   Number `json:"load"`
}

// DeputyResult is the share of running assignments with a deputy.
type DeputyResult struct {
	Basis
	WithDeputy  int     `json:"with_deputy"`
	DeputyShare *Number `json:"deputy_share"`
}

// ContinuityResult tells how long contacts stay and how often they change.
// N counts the assignments running on the day, NEnded those ended in the
// window; the former have not run their course yet, so the two medians stand
// apart.
type ContinuityResult struct {
	Basis
	From                        string  `json:"from"`
	To                          string  `json:"to"`
	NEnded                      int     `json:"n_ended"`
	MedianTenureDays            *Number `json:"median_tenure_days"`
	MedianEndedTenureDays       *Number `json:"median_ended_tenure_days"`
	Handovers                   *int    `json:"handovers"`
	HandoversPerYear            *Number `json:"handovers_per_year"`
	HandoversPerStakeholderYear *Number `json:"handovers_per_stakeholder_year"`
}

// CoverageResult is the coverage by single points of contact on a day.
type CoverageResult struct {
	Basis
	AsOf     string  `json:"as_of"`
	Active   int     `json:"active"`
	Covered  int     `json:"covered"`
	Coverage *Number `json:"coverage"`
	// Uncovered are those that are not covered, in the order of their ids.
	Uncovered []Uncovered `json:"uncovered"`
	// UncoveredCount is how many they are.
	UncoveredCount int                 `json:"uncovered_count"`
	BySeniority    []SeniorityCoverage `json:"by_seniority"`
	Load           []SpocLoad          `json:"load"`
	Deputies       DeputyResult        `json:"deputies"`
	Continuity     ContinuityResult    `json:"continuity"`
}

// SpocCoverage measures how many active stakeholders have exactly one running
// contact of sufficient level, together with load, deputies and continuity.
// SFIA asks for the single point of contact; IT-CMF counts the relationships
// that are formally managed and those handed over. Shares are 0 to 1.
// Coverage, load and deputies are of the day asOf; handovers and ended tenures
// are of the window, cut off after asOf.
func SpocCoverage(subjects []Subject, asOf time.Time, w Window) CoverageResult {
	in := slices.Clone(subjects)
	slices.SortFunc(in, func(a, b Subject) int { return cmp.Compare(a.ID, b.ID) })

	total, missing := coverageOf(in, asOf), uncovered(in, asOf)
	return CoverageResult{
		Basis: total.Basis, AsOf: date(asOf),
		Active: total.N, Covered: total.Covered, Coverage: total.Coverage,
		Uncovered: missing, UncoveredCount: len(missing),
		BySeniority: bySeniority(in, asOf),
		Load:        loads(in, asOf),
		Deputies:    deputies(in, asOf),
		Continuity:  continuity(in, asOf, w),
	}
}

func coverageOf(in []Subject, asOf time.Time) SeniorityCoverage {
	r := SeniorityCoverage{Basis: Basis{
		N:       len(in),
		Inputs:  some(ids(in)),
		Formula: "coverage = active stakeholders with exactly one active contact whose level ≥ the required one / active stakeholders",
		Source:  coverageSource,
	}}
	for _, s := range in {
		if s.whyUncovered(asOf) == "" {
			r.Covered++
		}
	}
	r.Coverage = share(r.Covered, r.N)
	if r.Coverage == nil {
		r.because("coverage", "there are no active stakeholders")
	}
	return r
}

func uncovered(in []Subject, asOf time.Time) []Uncovered {
	out := []Uncovered{}
	for _, s := range in {
		if why := s.whyUncovered(asOf); why != "" {
			out = append(out, Uncovered{s.ID, why})
		}
	}
	return out
}

// bySeniority lists the most senior first, then senior and operational, then
// any other word.
func bySeniority(in []Subject, asOf time.Time) []SeniorityCoverage {
	groups := map[string][]Subject{}
	for _, s := range in {
		word := cmp.Or(s.Seniority, Unknown)
		groups[word] = append(groups[word], s)
	}
	out := []SeniorityCoverage{}
	for word, group := range groups {
		c := coverageOf(group, asOf)
		c.Seniority = word
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b SeniorityCoverage) int {
		return cmp.Or(cmp.Compare(seniorityOrder(b.Seniority), seniorityOrder(a.Seniority)),
			cmp.Compare(a.Seniority, b.Seniority))
	})
	return out
}

func seniorityOrder(word string) int {
	return slices.Index([]string{Operational, Senior, MostSenior}, word)
}

// loads lists the heaviest first. A stakeholder counts once per person.
func loads(in []Subject, asOf time.Time) []SpocLoad {
	carried := map[string][]string{}
	weights := map[string]float64{}
	for _, s := range in {
		seen := map[string]bool{}
		for _, a := range s.running(asOf) {
			if seen[a.UserID] {
				continue
			}
			seen[a.UserID] = true
			carried[a.UserID] = append(carried[a.UserID], s.ID)
			weights[a.UserID] += SalienceWeight(s.SalienceRank)
		}
	}
	out := []SpocLoad{}
	for user, stakeholders := range carried {
		out = append(out, SpocLoad{
			Basis: Basis{
				N: len(stakeholders), Inputs: some(stakeholders),
				Formula: "load = Σ weight of the stakeholders, weight = salience rank, rank 0 = 0.5",
			},
			UserID: user, Load: Number(weights[user]),
		})
	}
	slices.SortFunc(out, func(a, b SpocLoad) int {
		return cmp.Or(cmp.Compare(b.Load, a.Load), cmp.Compare(a.UserID, b.UserID))
	})
	return out
}

// deputies counts no one as their own deputy.
func deputies(in []Subject, asOf time.Time) DeputyResult {
	r := DeputyResult{Basis: Basis{
		Inputs:  []string{},
		Formula: "deputy_share = active assignments with a deputy / active assignments",
	}}
	for _, s := range in {
		for _, a := range s.running(asOf) {
			r.N++
			r.Inputs = append(r.Inputs, a.ID)
			if a.DeputyID != "" && a.DeputyID != a.UserID {
				r.WithDeputy++
			}
		}
	}
	slices.Sort(r.Inputs)
	r.Inputs = some(r.Inputs)
	r.DeputyShare = share(r.WithDeputy, r.N)
	if r.DeputyShare == nil {
		r.because("deputy_share", "there are no active assignments")
	}
	return r
}

// MostNamed is how many inputs of a number of coverage are named: n counts them all.
const MostNamed = 20

// some are the first of the ids, which stand in their order. They are copied, so that
// the others need not be kept.
func some(ids []string) []string {
	if len(ids) > MostNamed {
		return slices.Clone(ids[:MostNamed])
	}
	return ids
}

func ids(in []Subject) []string {
	out := []string{}
	for _, s := range in {
		out = append(out, s.ID)
	}
	return out
}

// whyUncovered says what keeps the stakeholder from being covered, or nothing.
func (s Subject) whyUncovered(asOf time.Time) string {
	running := s.running(asOf)
	switch {
	case len(running) == 0:
		return NoSpoc
	case len(running) > 1:
		return ManySpocs
	case running[0].Level < s.RequiredLevel:
		return LevelTooLow
	}
	return ""
}

func (s Subject) running(asOf time.Time) []Assignment {
	var out []Assignment
	for _, a := range s.Assignments {
		if a.runs(asOf) {
			out = append(out, a)
		}
	}
	return out
}

func (a Assignment) runs(asOf time.Time) bool {
	return daysBetween(a.From, asOf) >= 0 && (a.To == nil || daysBetween(asOf, *a.To) > 0)
}
