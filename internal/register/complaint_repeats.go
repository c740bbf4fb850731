package register

import (
	"context"

	"rapport/internal/flow"
)

// mostRepeats bounds what is counted of a complaint that comes again and again.
const mostRepeats = 100

// deriveComplaint computes what other records tell of the complaint.
func deriveComplaint(ctx context.Context, c *Complaint, look flow.Look) error {
	if err := deriveRepeats(ctx, c, look); err != nil || c.Upheld == "unknown" {
		return err // without a decision there is no finding to act upon
	}
	n, err := Count[CorrectiveAction](ctx, look, flow.Where{"complaint_id": c.ID, "state": "effective", "sensitivity <=": int(c.Sensitivity)})
	c.EffectiveActions = int(n)
	return err
}

// deriveRepeats finds the complaints shortly before this one that are about the
// same, from the same complainant or of the same subject. Those more sensitive than
// this one do not count: whoever sees it must not learn of them.
func deriveRepeats(ctx context.Context, c *Complaint, look flow.Look) error {
	c.ComplaintDerived = ComplaintDerived{}
	from := At(c.ReceivedAt.Time().AddDate(0, 0, -days(ctx, look, "complaint_repeat_days")))
	same := c.likenesses()
	for _, where := range same {
		where["received_at >="], where["received_at <="], where["sensitivity <="] = from, c.ReceivedAt, int(c.Sensitivity)
	}
	var err error
	c.RepeatCount, c.RepeatOfID, err = look.Earlier(ctx, "complaint", same, "received_at", [2]string{string(c.ReceivedAt), c.ID}, mostRepeats)
	return err
}

// likenesses are what complaints about the same share: the cause or the category,
// and who complains or of what.
func (c *Complaint) likenesses() (all []flow.Where) {
	for _, about := range [][2]string{{"category", c.Category}, {"cause_category", c.CauseCategory}} {
		if about[1] == "unknown" {
			continue
		}
		for _, who := range [][2]string{{"stakeholder_id", c.StakeholderID}, {"complainant_key", c.ComplainantKey}, {"subject", c.Subject}} {
			if who[1] != "" {
				all = append(all, flow.Where{about[0]: about[1], who[0]: who[1]})
			}
		}
	}
	return all
}
