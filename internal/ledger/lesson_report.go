package ledger

import (
	"context"

	"rapport/internal/register"
)

// useOfLessons is where the measures of lessons are taken from.
const useOfLessons = "SFIA, stakeholder relationship management: lessons learned and their dissemination"

// openLessons are those that are not put aside.
var openLessons = is("state", "captured", "under_validation", "validated", "published", "applied")

// lessonFigures are the figures of lessons.
var lessonFigures = []figure{
	{
		name: "captured", label: "Captured", on: "created_at", source: useOfLessons,
		formula: "lessons entered in the period",
	},
	{
		name: "published", label: "Published", on: "published_at", source: useOfLessons,
		formula: "lessons published in the period",
	},
	{
		name: "lesson_use", label: "Applied, of those published", on: "published_at", source: useOfLessons,
		hits:    []pick{filled("first_applied_at")},
		formula: "applied by now / lessons published in the period",
	},
	{
		name: "first_applied", label: "Applied for the first time", on: "first_applied_at", source: useOfLessons,
		formula: "lessons that changed something for the first time in the period, whenever they were published",
	},
	{
		name: "days_to_first_application_median", label: "Days to the first application, median", on: "first_applied_at", from: "published_at", quantile: 0.5, source: useOfLessons,
		of:      []pick{filled("published_at")},
		formula: "median of the days from publication to the first application, none where that is said to come before it; lessons first applied in the period",
	},
	{
		name: "days_to_first_application_p90", label: "Days to the first application, nine of ten", on: "first_applied_at", from: "published_at", quantile: 0.9, source: useOfLessons,
		of:      []pick{filled("published_at")},
		formula: "90th percentile of the same",
	},
	{
		name: "in_use", label: "In use now", source: useOfLessons,
		of: []pick{is("state", "published", "applied")}, hits: []pick{is("state", "applied")},
		formula: "applied / published or applied as of now",
	},
	{
		name: "awaiting_validation", label: "Waiting to be validated", source: useOfLessons,
		of: []pick{is("state", "captured", "under_validation")}, hits: []pick{upToNow("due_at")},
		formula: "past the time limit / captured or under validation as of now",
	},
}

// LessonReport measures the use of lessons over a period.
func (l *Ledger) LessonReport(ctx context.Context, q ReportQuery) (Report, error) {
	return l.report(ctx, register.Lessons, q, func(ctx context.Context, r *reckoning, out *Report) (err error) {
		if out.Figures, err = r.reckon(ctx, lessonFigures, openLessons); err != nil {
			return err
		}
		out.Breakdowns, err = r.breakdowns(ctx, "published_at", "category", "kind")
		return err
	})
}
