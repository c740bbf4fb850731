package ledger

import (
	"context"
	"slices"
	"strconv"

	"rapport/internal/authority"
	"rapport/internal/flow"
	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// CoverageQuery says of which day and of which window coverage is asked. Empty
// dates stand for today and for the year up to it.
type CoverageQuery struct {
	AsOf, From, To register.Date
	Groups         bool   // groups in use count like stakeholders
	After          string // the uncovered one behind which to go on naming them
	Limit          int    // how many of them to name
}

// SpocCoverage measures how many of the stakeholders that the reader sees and that
// are active now have one contact of sufficient level. Of those who have none it names
// a page; more says that there are others behind it.
func (l *Ledger) SpocCoverage(ctx context.Context, q CoverageQuery) (result measure.CoverageResult, more bool, err error) {
	actor := authority.From(ctx)
	if !actor.Scopes.Allow("reports", authority.Read) {
		return result, false, OutOfScope(actor, "reports", authority.Read)
	}
	if q.AsOf == "" {
		q.AsOf = l.Today(ctx)
	}
	if q.To == "" {
		q.To = q.AsOf.Days(1)
	}
	if q.From == "" {
		q.From = q.To.Days(-365)
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	subjects, err := l.subjects(ctx, store.SightOf(actor), q.Groups)
	if err != nil {
		return result, false, tooBroad(register.Stakeholders, err)
	}
	result = measure.SpocCoverage(subjects, q.AsOf.Time(), measure.Window{From: q.From.Time(), To: q.To.Time()})
	result.Uncovered = slices.DeleteFunc(result.Uncovered, func(u measure.Uncovered) bool { return u.ID <= q.After })
	if more = len(result.Uncovered) > q.Limit; more {
		result.Uncovered = result.Uncovered[:q.Limit]
	}
	return result, more, nil
}

// subjects are those who should have a contact, with every assignment that was
// ever taken up.
func (l *Ledger) subjects(ctx context.Context, sight *store.Sight, groups bool) (all []measure.Subject, err error) {
	tx, at := l.DB.Look(), map[string]int{}
	err = tx.Visit(ctx, register.Stakeholders, []string{"id", "seniority", "salience_rank"}, flow.Where{"state": "active"}, sight, func(r register.Row) error {
		at[string(r[0])] = len(all)
		all = append(all, measure.Subject{ID: string(r[0]), Seniority: string(r[1]), RequiredLevel: int(register.ContactLevel(string(r[1]))), SalienceRank: number(r[2])})
		return nil
	})
	if err == nil && groups {
		err = tx.Visit(ctx, register.Groups, []string{"id"}, flow.Where{"state": "active"}, sight, func(r register.Row) error {
			at[string(r[0])] = len(all)
			all = append(all, measure.Subject{ID: string(r[0]), RequiredLevel: int(register.GroupContactLevel)})
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	return all, l.assign(ctx, tx, sight, all, at)
}

// assign adds the assignments to their subjects, with the people's levels of now.
func (l *Ledger) assign(ctx context.Context, tx *store.Tx, sight *store.Sight, all []measure.Subject, at map[string]int) error {
	levels := map[string]int{}
	err := tx.Visit(ctx, register.Users, []string{"id", "rlmt_level"}, nil, nil, func(r register.Row) error {
		levels[string(r[0])] = number(r[1])
		return nil
	})
	if err != nil {
		return err
	}
	columns := []string{"id", "stakeholder_id", "group_id", "user_id", "deputy_id", "active_from", "ended_on"}
	return tx.Visit(ctx, register.SpocAssignments, columns, flow.Where{"state": []string{"active", "ended"}}, sight, func(r register.Row) error {
		i, there := at[string(r[1])+string(r[2])]
		if !there {
			return nil
		}
		a := measure.Assignment{ID: string(r[0]), UserID: string(r[3]), DeputyID: string(r[4]), Level: levels[string(r[3])], From: register.Date(r[5]).Time()}
		if r[6] != nil {
			to := register.Date(r[6]).Time()
			a.To = &to
		}
		all[i].Assignments = append(all[i].Assignments, a)
		return nil
	})
}

func number(cell []byte) int {
	n, _ := strconv.Atoi(string(cell)) // null is 0
	return n
}
