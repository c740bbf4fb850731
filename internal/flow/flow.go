// Package flow holds workflows as data: which states there are, which
// transitions lead from one to another, who may make them, what they require
// and what follows. It knows no noun, no database and no request.
package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rapport/internal/authority"
)

// State is a stage in a record's life.
type State string

// Where is what must hold of the records meant: a field's name, with an operator
// behind it where it is not equality ("state <>"; "name folded" for however it is
// written, held against the folded value; "to_on until" for no less or no value), and the
// value. A slice means one of its values; nil means no value.
type Where map[string]any

// Look is what a guard may ask about other records, inside the same transaction.
// Records come as pointers to their structs; register.Find and register.List
// read them by type.
type Look interface {
	Count(ctx context.Context, noun string, where Where) (int64, error)
	Get(ctx context.Context, noun, id string) (any, error)
	List(ctx context.Context, noun string, where Where, limit int) ([]any, error)
	// Newest reads those with the greatest values of the field by, the greatest first.
	Newest(ctx context.Context, noun string, where Where, by string, limit int) ([]any, error)
	// Earlier counts the records that meet any of several conditions and stand before a
	// place, which is a value of the field by and an id; it looks at no more than limit of
	// each condition, the latest. last is the id of the latest of all.
	Earlier(ctx context.Context, noun string, anyOf []Where, by string, place [2]string, limit int) (count int, last string, err error)
	// AnyOf are the ids of records that meet any of several conditions: of each condition no
	// more than limit, those with the greatest values of the field by.
	AnyOf(ctx context.Context, noun string, anyOf []Where, by string, limit int) ([]string, error)
	// Setting is the value of one of the organisation's settings.
	Setting(ctx context.Context, key string) string
	// Level is the least level under a key of the authority table as it is in force.
	Level(ctx context.Context, key string, otherwise authority.Level) authority.Level
	Now() time.Time
}

// Do is what a transition may cause besides: changes of other records, in the
// same transaction, each with an entry of its own. The register acts in them on
// behalf of the actor, whose authority is not asked twice.
type Do interface {
	Look
	// Before is the record as it was before the change, nil if it is a new one.
	Before() (any, error)
	// Enter enters a new record.
	Enter(ctx context.Context, rec any) error
	// Take takes another record through one of its transitions.
	Take(ctx context.Context, noun, id, transition string, fields map[string]any) error
	// Keep changes what the register keeps about another record.
	Keep(ctx context.Context, noun, id string, change func(rec any)) error
	// Mark is Keep, told as an event of that name.
	Mark(ctx context.Context, noun, id, what string, change func(rec any)) error
	// Tell tells people of what happened to the record itself.
	Tell(ctx context.Context, people []string, what string) error
	// Derive computes the derived values of another record anew.
	Derive(ctx context.Context, noun, id string) error
	// Sight works out anew who is named on the guarded records about a stakeholder.
	Sight(ctx context.Context, stakeholderID string) error
}

// Resource is a record that a blocker points at. Guards leave the URL to the
// ledger, which also leaves out what the caller may not see.
type Resource struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Ref  string `json:"ref"`
	URL  string `json:"url"`
}

// Blocker is one thing that stands in the way of a transition, told to the caller.
type Blocker struct {
	Code     string    `json:"code"`
	Detail   string    `json:"detail"`
	Resource *Resource `json:"resource"`
}

// Block is one blocker without a resource; a guard that finds nothing returns nil.
func Block(format string, args ...any) []Blocker {
	return []Blocker{{Detail: fmt.Sprintf(format, args...)}}
}

// Guard keeps a transition from being made while something stands in the way. It
// returns all that does; their code is the guard's. A guard whose refusal has a
// code of its own returns that fault as its error.
type Guard[R any] struct {
	Code  string
	Asks  []string // fields of the transition that have to say something before it lets pass
	Check func(ctx context.Context, rec R, look Look) ([]Blocker, error)
}

// Raise asks for a higher level where its condition holds: for the record as it
// stands, or, with Written, for what the transition would write over it. Look still
// finds the record as it stands then.
type Raise[R any] struct {
	Name    string // the part of the authority key after the "@"
	Level   authority.Level
	Why     string
	When    func(ctx context.Context, rec R, look Look) (bool, error)
	Written bool
}

// Transition is one row of a workflow.
type Transition[R any] struct {
	Name  string
	Doc   string // what it means, in one sentence
	From  []State
	To    State         // "" = the record stays where it is
	Or    []State       // with Pick: the outcome decides among To and these
	Pick  func(R) State // which of them
	Level authority.Level
	Raise []Raise[R]

	// FourEyes names the transition ("created" for the creation) whose last actor must be
	// another person, several with commas between; "updated" bars all who ever changed what
	// the record says. FourEyesIf, where set, says when that is asked, and FourEyesWhen says
	// so in words.
	FourEyes     string
	FourEyesIf   func(R) bool
	FourEyesWhen string

	// Party lists the people for whom the row is meant; anybody else needs one
	// level more. PartyName says who they are. May be nil.
	Party     func(R) []string
	PartyName string

	Needs []string // fields that must be filled
	Takes []string // further fields that it may write
	// Anew are fields of these that are said each time: what an earlier time left there does
	// not count. AnewFrom names the states out of which that holds; nil means all of them.
	Anew     []string
	AnewFrom []State
	Reason   bool // a reason must be given

	Guards []Guard[R]
	// Keep writes what the register keeps about the record, in the same version:
	// who made the transition (a person's id, else "") and when. May be nil.
	Keep func(rec R, by string, at time.Time)
	// First does what must be done before the record itself is saved: it fills
	// what the register keeps, and makes room where there may be only one.
	First func(ctx context.Context, rec R, do Do) error
	// Then carries out what follows.
	Then func(ctx context.Context, rec R, do Do) error
}

// Asks reports whether a field has to be filled: it needs it, or one of its guards asks
// for it. Of these, blocked names those that do; nil for all of them.
func (t Transition[R]) Asks(field string, blocked []Blocker) bool {
	return slices.Contains(t.Needs, field) || slices.ContainsFunc(t.Guards, func(g Guard[R]) bool {
		holds := blocked == nil || slices.ContainsFunc(blocked, func(b Blocker) bool { return b.Code == g.Code })
		return holds && slices.Contains(g.Asks, field)
	})
}

// Leaves reports whether the transition leads out of state s.
func (t Transition[R]) Leaves(s State) bool { return slices.Contains(t.From, s) }

// Targets are the states that the transition may lead to from s.
func (t Transition[R]) Targets(s State) []State {
	if t.To == "" && len(t.Or) == 0 {
		return []State{s}
	}
	out := slices.Clone(t.Or)
	if t.To != "" {
		out = append([]State{t.To}, out...)
	}
	return out
}

// Table is the whole life of one noun: where it starts, where it may rest for
// good, and every transition between.
type Table[R any] struct {
	Start State
	Ends  []State
	Rows  []Transition[R]
}

// From reads well in a table: From: flow.From("open", "reopened").
func From(states ...State) []State { return states }

// Find is the row called name that leads out of from.
func (t Table[R]) Find(from State, name string) (*Transition[R], bool) {
	for i := range t.Rows {
		if t.Rows[i].Name == name && t.Rows[i].Leaves(from) {
			return &t.Rows[i], true
		}
	}
	return nil, false
}

// Named lists the rows called name, from whatever state they lead.
func (t Table[R]) Named(name string) (rows []*Transition[R]) {
	for i := range t.Rows {
		if t.Rows[i].Name == name {
			rows = append(rows, &t.Rows[i])
		}
	}
	return rows
}

// Names lists the transitions out of from, or all of them where from is empty.
func (t Table[R]) Names(from State) []string {
	names := []string{}
	for _, row := range t.Rows {
		if (from == "" || row.Leaves(from)) && !slices.Contains(names, row.Name) {
			names = append(names, row.Name)
		}
	}
	return names
}

// States lists every state, the first one first.
func (t Table[R]) States() []State {
	states := []State{t.Start}
	add := func(s State) {
		if s != "" && !slices.Contains(states, s) {
			states = append(states, s)
		}
	}
	for _, row := range t.Rows {
		for _, s := range row.From {
			add(s)
		}
		add(row.To)
		for _, s := range row.Or {
			add(s)
		}
	}
	for _, s := range t.Ends {
		add(s)
	}
	return states
}

// Ended reports whether s is an end.
func (t Table[R]) Ended(s State) bool { return slices.Contains(t.Ends, s) }
