package flow

import (
	"context"
	"time"
)

// Erase turns a table about records of type R into one about records of type S,
// given how to see an S as an R. The spine handles all nouns by one such S.
func Erase[R, S any](t Table[R], as func(S) R) Table[S] {
	out := Table[S]{Start: t.Start, Ends: t.Ends}
	for _, row := range t.Rows {
		out.Rows = append(out.Rows, eraseRow(row, as))
	}
	return out
}

func eraseRow[R, S any](t Transition[R], as func(S) R) Transition[S] {
	row := Transition[S]{
		Name: t.Name, Doc: t.Doc, From: t.From, To: t.To, Or: t.Or, Level: t.Level,
		FourEyes: t.FourEyes, FourEyesWhen: t.FourEyesWhen, PartyName: t.PartyName, Needs: t.Needs, Takes: t.Takes, Anew: t.Anew, AnewFrom: t.AnewFrom, Reason: t.Reason,
		Raise: EraseRaises(t.Raise, as),
	}
	if t.Pick != nil {
		row.Pick = func(s S) State { return t.Pick(as(s)) }
	}
	if t.FourEyesIf != nil {
		row.FourEyesIf = func(s S) bool { return t.FourEyesIf(as(s)) }
	}
	if t.Party != nil {
		row.Party = func(s S) []string { return t.Party(as(s)) }
	}
	if t.Keep != nil {
		row.Keep = func(s S, by string, at time.Time) { t.Keep(as(s), by, at) }
	}
	if t.First != nil {
		row.First = func(ctx context.Context, s S, do Do) error { return t.First(ctx, as(s), do) }
	}
	if t.Then != nil {
		row.Then = func(ctx context.Context, s S, do Do) error { return t.Then(ctx, as(s), do) }
	}
	for _, g := range t.Guards {
		row.Guards = append(row.Guards, Guard[S]{Code: g.Code, Asks: g.Asks, Check: func(ctx context.Context, s S, look Look) ([]Blocker, error) {
			return g.Check(ctx, as(s), look)
		}})
	}
	return row
}

// EraseRaises does for raises what Erase does for tables.
func EraseRaises[R, S any](raises []Raise[R], as func(S) R) (out []Raise[S]) {
	for _, r := range raises {
		out = append(out, Raise[S]{Name: r.Name, Level: r.Level, Why: r.Why, Written: r.Written, When: func(ctx context.Context, s S, look Look) (bool, error) {
			return r.When(ctx, as(s), look)
		}})
	}
	return out
}
