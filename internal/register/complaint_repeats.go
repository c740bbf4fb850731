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
	same := c.likenesses()
	for _, where := range same {
		where["received_at >="], where["received_at <="], where["sensitivity <="] = from, c.ReceivedAt, int(c.Sensitivity)
	}
	var err error
	c.RepeatCount, c.RepeatOfID, err = look.Earlier(ctx, "complaint", same, "received_at", [2]string{string(c.ReceivedAt), c.ID}, mostRepeats)
	return err
}

// mostRecounted bounds how many later complaints are looked at of those whose sensitivity
// changed.
const mostRecounted = 1000

// recountRepeats reckons anew the complaints that may count one of those whose
// sensitivity changed: the later ones of their complainants and subjects that are less
// sensitive than these are now or were.
func recountRepeats(ctx context.Context, changed []*Complaint, do flow.Do) error {
	who, from, to, top := map[string][]string{}, At(do.Now()), Instant(""), changed[0].Sensitivity
	for _, c := range changed {
		from, to, top = min(from, c.ReceivedAt), max(to, c.ReceivedAt), max(top, c.Sensitivity)
		for _, same := range c.complainants() {
			for name, value := range same {
				who[name] = append(who[name], value.(string))
			}
		}
	}
	to = At(to.Time().AddDate(0, 0, days(ctx, do, "complaint_repeat_days")))
	done := map[string]bool{}
	for name, values := range who {
		where := flow.Where{name: distinct(values), "received_at >=": from, "received_at <=": to, "sensitivity <": int(top)}
		later, err := do.Newest(ctx, "complaint", where, "received_at", mostRecounted)
		if err != nil {
			return err
		}
		for _, rec := range later {
			id := rec.(*Complaint).ID
			if done[id] {
				continue
			}
			done[id] = true
			if err := do.Derive(ctx, "complaint", id); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeatsAfter are the complaints received shortly after one that are about the same, and
// repeat it: those that it is not more sensitive than.
func repeatsAfter(ctx context.Context, recs []*Complaint, look flow.Look, limit int) (ids []string, err error) {
	var like []flow.Where
	for _, c := range recs {
		if c.ReceivedAt >= At(look.Now()) {
			continue // nothing was received since
		}
		to := At(c.ReceivedAt.Time().AddDate(0, 0, days(ctx, look, "complaint_repeat_days")))
		for _, same := range c.likenesses() {
			same["received_at >="], same["received_at <="], same["sensitivity >="] = c.ReceivedAt, to, int(c.Sensitivity)
			like = append(like, same)
		}
	}
	ids, err = look.AnyOf(ctx, "complaint", like, "received_at", limit+1) // itself among them
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == recs[0].ID })
	return ids[:min(limit, len(ids))], err
}

// complainants are what complaints share that come from the same complainant or are of
// the same subject.
func (c *Complaint) complainants() (all []flow.Where) {
	for _, who := range [][2]string{{"stakeholder_id", c.StakeholderID}, {"complainant_key", c.ComplainantKey}, {"subject", c.Subject}} {
		if who[1] != "" {
			all = append(all, flow.Where{who[0]: who[1]})
		}
	}
	return all
}

// likenesses are what complaints about the same share: the cause or the category,
// and who complains or of what.
func (c *Complaint) likenesses() (all []flow.Where) {
	for _, about := range [][2]string{{"category", c.Category}, {"cause_category", c.CauseCategory}} {
		if about[1] == "unknown" {
			continue
		}
		for _, same := range c.complainants() {
			same[about[0]] = about[1]
			all = append(all, same)
		}
	}
	return all
}
