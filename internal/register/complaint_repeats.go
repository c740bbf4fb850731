package register

import (
	"context"

	"rapport/internal/flow"
)

// mostRepeats bounds what is counted of a complaint that comes again and again.
const mostRepeats = 100

// deriveRepeats finds the complaints shortly before this one that are about the
// same, from the same complainant or of the same subject. Those more sensitive than
// this one do not count: whoever sees it must not learn of them.
func deriveRepeats(ctx context.Context, c *Complaint, look flow.Look) error {
	c.ComplaintDerived = ComplaintDerived{}
	from := At(c.ReceivedAt.Time().AddDate(0, 0, -days(ctx, look, "complaint_repeat_days")))
	seen, last := map[string]bool{c.ID: true}, (*Complaint)(nil)
	for _, same := range c.likenesses() {
		same["received_at >="], same["received_at <="], same["sensitivity <="] = from, c.ReceivedAt, int(c.Sensitivity)
		found, err := look.Newest(ctx, "complaint", same, "received_at", mostRepeats)
		if err != nil {
			return err
		}
		for _, rec := range found {
			before := rec.(*Complaint)
			if seen[before.ID] || before.ReceivedAt == c.ReceivedAt && before.ID > c.ID {
				continue
			}
			seen[before.ID] = true
			if last == nil || before.ReceivedAt > last.ReceivedAt {
				last = before
			}
		}
	}
	if c.RepeatCount = len(seen) - 1; last != nil {
		c.RepeatOfID = last.ID
	}
	return nil
}

// likenesses are what complaints about the same share: the cause or the category,
// and who complains or of what.
func (c *Complaint) likenesses() (all []flow.Where) {
	for name, value := range map[string]string{"category": c.Category, "cause_category": c.CauseCategory} {
		if value == "unknown" {
			continue
		}
		for who, is := range map[string]string{"stakeholder_id": c.StakeholderID, "complainant_key": c.ComplainantKey, "subject": c.Subject} {
			if is != "" {
				all = append(all, flow.Where{name: value, who: is})
			}
		}
	}
	return all
}
