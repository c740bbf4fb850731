package measure_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rapport/internal/measure"
)

// spoc is an assignment of a user from a day on.
func spoc(user string, level, from int) measure.Assignment {
	return measure.Assignment{ID: fmt.Sprintf("%s@%d", user, from), UserID: user, Level: level, From: on(from)}
}

// until ends an assignment.
func until(a measure.Assignment, to int) measure.Assignment {
	a.To = new(on(to))
	return a
}

func TestSpocCoverage(t *testing.T) {
	deputised := spoc("ana", 6, 0)
	deputised.DeputyID = "ben"
	ownDeputy := spoc("ben", 5, 40)
	ownDeputy.DeputyID = "ben"
	r := measure.SpocCoverage([]measure.Subject{
		{ID: "s1", Seniority: "senior", RequiredLevel: 6, SalienceRank: 3, Assignments: []measure.Assignment{deputised}},
		{ID: "s2", Seniority: "senior", RequiredLevel: 6, SalienceRank: 2, Assignments: []measure.Assignment{ownDeputy}},
		{ID: "s3", Seniority: "operational", RequiredLevel: 5, SalienceRank: 0, Assignments: []measure.Assignment{spoc("ana", 6, 80)}},
		{ID: "s4", Seniority: "most_senior", RequiredLevel: 7, SalienceRank: 3, Assignments: []measure.Assignment{until(spoc("cem", 7, 0), 100)}},
		{ID: "s5", RequiredLevel: 5, SalienceRank: 1, Assignments: []measure.Assignment{spoc("ana", 6, 0), spoc("ben", 5, 0)}},
	}, on(100), span(0, 101))

	wantNear(t, "coverage", r.Coverage, 0.4)
	if r.Active != 5 || r.Covered != 2 || r.AsOf != "2026-04-11" {
		t.Errorf("want 2 of 5 on 2026-04-11, got %d of %d on %s", r.Covered, r.Active, r.AsOf)
	}
	want := []measure.Uncovered{{ID: "s2", Why: "level_below_required"}, {ID: "s4", Why: "no_active_spoc"}, {ID: "s5", Why: "more_than_one_active_spoc"}}
	if !slices.Equal(r.Uncovered, want) {
		t.Errorf("want %v, got %v", want, r.Uncovered)
	}

	var seniorities []string
	for _, s := range r.BySeniority {
		seniorities = append(seniorities, fmt.Sprintf("%s %d/%d", s.Seniority, s.Covered, s.N))
	}
	if want := []string{"most_senior 0/1", "senior 1/2", "operational 1/1", "unknown 0/1"}; !slices.Equal(seniorities, want) {
		t.Errorf("want %v, got %v", want, seniorities)
	}

	var loads []string
	for _, l := range r.Load {
		loads = append(loads, fmt.Sprintf("%s %v of %d", l.UserID, l.Load, l.N))
	}
	if want := []string{"ana 4.5 of 3", "ben 3 of 2"}; !slices.Equal(loads, want) {
		t.Errorf("want %v, got %v", want, loads)
	}

	wantNear(t, "deputy_share", r.Deputies.DeputyShare, 0.2)
	if r.Deputies.N != 5 || r.Deputies.WithDeputy != 1 {
		t.Errorf("want 1 deputy for 5 assignments, got %+v", r.Deputies)
	}
	wantReasonsForNulls(t, r)
	wantReasonsForNulls(t, r.Continuity)
}

func TestSpocCoverageOfNobodyIsNull(t *testing.T) {
	r := measure.SpocCoverage(nil, on(0), span(-30, 0))
	wantValue(t, "coverage", r.Coverage, nil)
	wantValue(t, "deputy_share", r.Deputies.DeputyShare, nil)
	wantValue(t, "median_tenure_days", r.Continuity.MedianTenureDays, nil)
	wantValue(t, "handovers", r.Continuity.Handovers, nil)
	wantReasonsForNulls(t, r)
	wantReasonsForNulls(t, r.Deputies)
	wantReasonsForNulls(t, r.Continuity)
}

func TestSpocCoverageCountsOneOnTheDayOfAHandover(t *testing.T) {
	subjects := []measure.Subject{{ID: "s1", RequiredLevel: 5, Assignments: []measure.Assignment{until(spoc("ana", 5, 0), 50), spoc("ben", 5, 50)}}}
	for _, d := range []int{0, 49, 50, 51} {
		if r := measure.SpocCoverage(subjects, on(d), span(0, 51)); r.Covered != 1 {
			t.Errorf("day %d: want 1 covered, got %v", d, r.Uncovered)
		}
	}
	if r := measure.SpocCoverage(subjects, on(-1), span(-9, 0)); r.Covered != 0 {
		t.Error("want nobody covered before the first assignment")
	}
}

func TestContinuity(t *testing.T) {
	subjects := []measure.Subject{
		{ID: "s1", Assignments: []measure.Assignment{until(spoc("ana", 5, -300), 100), spoc("ben", 5, 100)}},
		{ID: "s2", Assignments: []measure.Assignment{until(spoc("ana", 5, 0), 200), spoc("ana", 5, 210)}},  // the same again
		{ID: "s3", Assignments: []measure.Assignment{until(spoc("ben", 5, 0), 300), spoc("cem", 5, 320)}},  // with a gap
		{ID: "s4", Assignments: []measure.Assignment{until(spoc("ben", 5, -90), -10), spoc("ana", 5, -5)}}, // before the window
		{ID: "s5", Assignments: []measure.Assignment{spoc("ana", 5, 0), spoc("dan", 5, 400)}},              // after the day
	}
	r := measure.SpocCoverage(subjects, on(365), span(0, 1000)).Continuity
	wantValue(t, "handovers", r.Handovers, 2)
	wantNear(t, "handovers_per_year", r.HandoversPerYear, 2/(366/365.25))
	wantNear(t, "handovers_per_stakeholder_year", r.HandoversPerStakeholderYear, 2/(366/365.25)/5)
	wantNear(t, "median_tenure_days", r.MedianTenureDays, 265)            // 45, 155, 265, 365, 370
	wantNear(t, "median_ended_tenure_days", r.MedianEndedTenureDays, 300) // 200, 300, 400
	if r.N != 5 || r.NEnded != 3 || r.To != "2027-01-02" {
		t.Errorf("want 5 running, 3 ended, to the day asked for, got %+v", r)
	}
}

func TestContinuityWithoutDaysHasNoRate(t *testing.T) {
	subjects := []measure.Subject{{ID: "s1", Assignments: []measure.Assignment{spoc("ana", 5, 0), spoc("ben", 5, 10)}}}
	r := measure.SpocCoverage(subjects, on(20), span(30, 60)).Continuity
	wantValue(t, "handovers", r.Handovers, nil)
	wantNear(t, "median_tenure_days", r.MedianTenureDays, 15)
	wantReasonsForNulls(t, r)
}

func TestContinuityLeavesOutAnAssignmentThatEndsBeforeItBegins(t *testing.T) {
	subjects := []measure.Subject{{ID: "s1", Assignments: []measure.Assignment{spoc("ana", 5, 0), until(spoc("ben", 5, 10), 5)}}}
	r := measure.SpocCoverage(subjects, on(20), span(0, 21))
	if r.Covered != 1 || r.Continuity.NEnded != 0 || *r.Continuity.Handovers != 0 {
		t.Errorf("want it left out everywhere, got %+v", r)
	}
}

func someSubjects(t *rapid.T) []measure.Subject {
	out := make([]measure.Subject, rapid.IntRange(0, 6).Draw(t, "n"))
	for i := range out {
		out[i] = measure.Subject{
			ID:            fmt.Sprint("s", i),
			Seniority:     rapid.SampledFrom([]string{"", "operational", "senior", "most_senior"}).Draw(t, "seniority"),
			RequiredLevel: rapid.IntRange(4, 7).Draw(t, "required"),
			SalienceRank:  rapid.IntRange(0, 3).Draw(t, "rank"),
		}
		for j := range rapid.IntRange(0, 3).Draw(t, "assignments") {
			a := spoc(rapid.SampledFrom([]string{"ana", "ben", "cem"}).Draw(t, "user"), rapid.IntRange(4, 7).Draw(t, "level"), rapid.IntRange(-50, 120).Draw(t, "from"))
			a.ID = fmt.Sprint("s", i, "a", j)
			a.DeputyID = rapid.SampledFrom([]string{"", "ana", "dan"}).Draw(t, "deputy")
			if rapid.Bool().Draw(t, "ended") {
				a = until(a, rapid.IntRange(-50, 150).Draw(t, "to"))
			}
			out[i].Assignments = append(out[i].Assignments, a)
		}
	}
	return out
}

func TestSpocCoverageAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subjects := someSubjects(t)
		r := measure.SpocCoverage(subjects, on(100), span(0, 101))
		n, covered := 0, 0
		for _, s := range r.BySeniority {
			n, covered = n+s.N, covered+s.Covered
		}
		if n != r.Active || covered != r.Covered || r.Active-r.Covered != len(r.Uncovered) {
			t.Fatalf("the parts do not make the whole: %+v", r)
		}
		if c := r.Coverage; c != nil && (*c < 0 || *c > 1) {
			t.Fatalf("coverage %v", *c)
		}
	})
}

func TestSpocCoverageIsTheSameInAnyOrder(t *testing.T) {
	compute := func(in []measure.Subject) measure.CoverageResult {
		return measure.SpocCoverage(in, on(100), span(0, 101))
	}
	rapid.Check(t, func(t *rapid.T) {
		subjects := someSubjects(t)
		wantSameInAnyOrder(t, subjects, compute)
		if got, want := compute(reversed(subjects)), compute(subjects); !reflect.DeepEqual(got, want) {
			t.Fatalf("want %+v, got %+v", want, got)
		}
	})
}

// reversed turns the assignments of each subject round.
func reversed(in []measure.Subject) []measure.Subject {
	out := slices.Clone(in)
	for i := range out {
		out[i].Assignments = slices.Clone(out[i].Assignments)
		slices.Reverse(out[i].Assignments)
	}
	return out
}
