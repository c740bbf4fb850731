package register

import (
	"context"
	"slices"

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
	seen, last := map[string]bool{c.ID: true}, []string{"", ""}
	for _, same := range c.likenesses() {
		same["received_at >="], same["received_at <="], same["sensitivity <="] = from, c.ReceivedAt, int(c.Sensitivity)
		found, err := look.NewestCells(ctx, "complaint", []string{"received_at", "id"}, same, "received_at", mostRepeats)
		if err != nil {
			return err
		}
		for _, before := range found {
			if id := before[1]; seen[id] || slices.Compare(before, []string{string(c.ReceivedAt), c.ID}) > 0 {
				continue
			}
			seen[before[1]] = true
			if slices.Compare(before, last) > 0 {
				last = before
			}
		}
	}
	c.RepeatCount, c.RepeatOfID = len(seen)-1, last[1]
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
