package ledger

import (
	"context"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// EngagementRow is a stakeholder's line in the matrix of engagement.
type EngagementRow struct {
	// Stakeholder is whom the line is about.
	Stakeholder RecordLabel `json:"stakeholder"`
	// URL leads to the stakeholder.
	URL string `json:"url"`
	// State is the stage of the relation.
	State string `json:"state"`
	// OwnerID is who answers for the relation, null for nobody.
	OwnerID *string `json:"owner_id"`
	// Owner names the owner, null for nobody.
	Owner *OwnerLabel `json:"owner"`
	// Current is where the stakeholder stands; none = not assessed.
	Current string `json:"current" enums:"none,unaware,resistant,neutral,supportive,leading"`
	// Desired is where it should stand; none = not assessed.
	Desired string `json:"desired" enums:"none,unaware,resistant,neutral,supportive,leading"`
	// Gap is the distance between the two, -4 to 4; null where one is not assessed.
	Gap *int `json:"gap"`
	// Support is what the current mark means for us, -1 to 2.
	Support *int `json:"support"`
	// AssessedOn is the day of the latest assessment.
	AssessedOn *string `json:"assessed_on" format:"date"`
	// SalienceClass is the class by power, legitimacy and urgency.
	SalienceClass string `json:"salience_class"`
	// Priority is the weighted sum of power and interest in hundredths.
	Priority *int `json:"priority"`
	// LastContactAt is when the newest logged interaction took place.
	LastContactAt *string `json:"last_contact_at" format:"date-time"`
	// DaysSinceContact are the days since, null for never.
	DaysSinceContact *int `json:"days_since_contact"`
	// CadenceDays is how many days may pass between two contacts, by the client tier.
	CadenceDays int `json:"cadence_days"`
	// ContactOverdue says whether more days have passed; a stakeholder never contacted is overdue once that many days after its entry.
	ContactOverdue bool `json:"contact_overdue"`
}

// OwnerLabel names the owner; ref and name are null where the reader may not see.
type OwnerLabel struct {
	ID   string  `json:"id"`
	Ref  *string `json:"ref"`
	Name *string `json:"name"`
}

// Matrix is a page of the matrix of engagement.
type Matrix struct {
	Page Listed
	Rows []EngagementRow
}

// EngagementMatrix reads a page of stakeholders as lines of the matrix.
func (l *Ledger) EngagementMatrix(ctx context.Context, q store.Query, total bool) (Matrix, error) {
	page, err := l.List(ctx, q, map[string]bool{}, total)
	if err != nil {
		return Matrix{}, err
	}
	wanted := map[string]map[string]bool{}
	for _, row := range page.Rows {
		register.Stakeholders.Mentions(row, wanted, nil)
	}
	labels, err := l.DB.Look().Labels(ctx, wanted, store.SightOf(authority.From(ctx)))
	if err != nil {
		return Matrix{}, err
	}
	m := Matrix{Page: page, Rows: make([]EngagementRow, 0, len(page.Rows))}
	for _, row := range page.Rows {
		rec, err := register.Stakeholders.Load(row)
		if err != nil {
			return Matrix{}, err
		}
		m.Rows = append(m.Rows, l.engagementRow(ctx, rec.(*register.Stakeholder), labels))
	}
	return m, nil
}

func (l *Ledger) engagementRow(ctx context.Context, s *register.Stakeholder, labels register.Labels) EngagementRow {
	r := EngagementRow{
		Stakeholder: RecordLabel{s.ID, register.Pointer(s).Ref, s.Name}, URL: register.Stakeholders.URL(l.Base, s.ID), State: string(s.State),
		Current: s.CurrentEngagement, Desired: s.DesiredEngagement, Gap: s.Gap, Support: measure.Support(s.CurrentEngagement),
		AssessedOn: ptr(string(s.AssessedOn)), SalienceClass: s.SalienceClass, Priority: s.Priority, LastContactAt: ptr(string(s.LastContactAt)),
	}
	if s.OwnerID != "" {
		r.OwnerID, r.Owner = &s.OwnerID, &OwnerLabel{ID: s.OwnerID}
		if label, seen := labels["user"][s.OwnerID]; seen {
			r.Owner.Ref, r.Owner.Name = &label.Ref, &label.Name
		}
	}
	r.contact(s, l.Cadence(ctx, s.ClientTier), l.local(ctx))
	return r
}

// Cadence is how many days may pass between two contacts with a client of a tier.
func (l *Ledger) Cadence(ctx context.Context, tier string) int {
	days, _ := strconv.Atoi(l.Setting(ctx, register.CadenceSetting(tier)))
	return days
}

// contact reckons how long ago the last contact was, in days of the organisation.
func (r *EngagementRow) contact(s *register.Stakeholder, cadence int, now time.Time) {
	r.CadenceDays = cadence
	since := s.CreatedAt
	if s.LastContactAt != "" {
		since = s.LastContactAt
	}
	days := daysBetween(register.On(since.Time().In(now.Location())), register.On(now))
	r.ContactOverdue = cadence > 0 && days > cadence
	if s.LastContactAt != "" {
		r.DaysSinceContact = &days
	}
}
