package register

import (
	"context"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// linking are the rows by which an issue or a complaint in one of some states joins a
// problem and leaves it.
func linking[T any](noun string, from []flow.State, as func(*T) sharer) []flow.Transition[*T] {
	follow := func(ctx context.Context, rec *T, do flow.Do) error {
		was, err := Before[T](do)
		if err != nil {
			return err
		}
		return problemLinked(ctx, as(rec), *as(was).problem(), do)
	}
	leaving := flow.Raise[*T]{
		Name: "watched", Level: authority.L5, Why: "the problem that it leaves is fixed, or hidden from you",
		When: func(ctx context.Context, rec *T, look flow.Look) (bool, error) {
			return heldBack(ctx, *as(rec).problem(), look)
		},
	}
	return []flow.Transition[*T]{
		{
			Name: "link_problem", Doc: "Say which problem the " + noun + " shares with others; it leaves the one before.",
			From: slices.Clone(from), Level: authority.L4, Needs: []string{"problem_id"}, Raise: []flow.Raise[*T]{leaving}, Then: follow,
		},
		{
			Name: "unlink_problem", Doc: "Take the " + noun + " off its problem: another cause brought it about.",
			From: slices.Clone(from), Level: authority.L4, Reason: true, Raise: []flow.Raise[*T]{leaving},
			Guards: []flow.Guard[*T]{{Code: "not_linked", Check: func(_ context.Context, rec *T, _ flow.Look) ([]flow.Blocker, error) {
				return linkedAtAll(as(rec), noun)
			}}},
			First: func(_ context.Context, rec *T, _ flow.Do) error {
				*as(rec).problem() = ""
				return nil
			},
			Then: follow,
		},
	}
}

// linkedAtAll keeps a case from being taken off a problem that it does not share.
func linkedAtAll(s sharer, noun string) ([]flow.Blocker, error) {
	if *s.problem() == "" {
		return flow.Block("The %s belongs to no problem.", noun), nil
	}
	return nil, nil
}

// heldBack reports whether a problem was fixed, so that its cases show whether it came
// back, or is hidden from who asks: the two are not told apart.
func heldBack(ctx context.Context, id string, look flow.Look) (bool, error) {
	if id == "" {
		return false, nil
	}
	p, err := Find[Problem](ctx, look, id)
	return err == nil && (p.FixedAt != "" || p.Sensitivity > authority.From(ctx).Clearance()), err
}
