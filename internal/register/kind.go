package register

import (
	"context"
	"slices"
	"sync"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// Kind is what there is to say about a noun beyond its struct. Define turns it
// into the Noun that the spine handles.
type Kind[T any] struct {
	Name   string // the one name, snake case and singular: "corrective_action"
	Plural string // its plural, "corrective_actions"; kebab case in paths
	Prefix string // of refs: "CAP"
	Doc    string // what it is, one sentence
	Group  string // the part of the documentation it stands in; default Register

	Flow   flow.Table[*T]
	Open   []flow.State // states in which PATCH is allowed; default: all but the ends
	Levels Levels       // least levels of create, update, remove and restore
	Raise  []flow.Raise[*T]
	// Alters are fields on which the levels of steps depend; to alter one takes what
	// these ask for of the record as it stood.
	Alters map[string][]flow.Raise[*T]
	Given  bool // its records come with the program: nobody enters or removes one
	Intake bool // people without a level and service keys may enter one

	Platform bool   // users, keys, rules and their like: an admin or level 7 changes them
	Reads    string // for the platform: "all" lets everyone read; default those who govern

	Retire string   // what DELETE does in place of removing a record: this transition
	Key    string   // a field by which paths name a record beside id and ref
	Under  string   // the field that names the parent, for a child noun; several where one of them is filled
	Paths  []string // access paths, "state -> -updated_at"
	Sort   string   // the list's own order; default -updated_at
	Unique []string // sets of fields that no two standing records share, "key"

	Clocks []Clock[*T] // the time limits that run in some of its states

	// Escalates says that its records can be escalated, which blocks these transitions
	// meanwhile; what only a missed time limit raised ends with them.
	Escalates []string

	// Begins is the state in which a new record begins, where it is not always the
	// table's Start.
	Begins func(rec *T) flow.State
	// Prepare completes what a client wrote before it is checked, such as a text
	// that is made of others.
	Prepare func(rec *T, now Instant)
	// First fills what follows for a new record from others, before it is saved.
	First func(ctx context.Context, rec *T, look flow.Look) error
	// Keep fills what the register keeps of a new record from others, of one that is
	// adopted too, once it is known how sensitive it is.
	Keep func(ctx context.Context, rec *T, look flow.Look) error
	// Check refuses what no single field shows to be wrong.
	Check func(ctx context.Context, rec *T, look flow.Look) (fault.Fields, error)
	// May refuses a change of fields by who makes it; before is nil for a new one.
	May func(actor authority.Actor, before, rec *T) error
	// Barred refuses whoever must not touch a record as it stands, whatever their
	// level: its changes, transitions, removal and restoration.
	Barred func(actor authority.Actor, rec *T) error
	// BarredBy names the record on whose account a record is there: whoever is barred
	// from that is barred from this, and does not enter it either.
	BarredBy func(rec *T) (noun, id string)
	// Awaits are the states in which a record waits for somebody to decide, and Deciders
	// those who are asked: it stands in their worklists.
	Awaits   []flow.State
	Deciders func(ctx context.Context, rec *T, look flow.Look) ([]string, error)
	// Born carries out what follows from entering a record.
	Born func(ctx context.Context, rec *T, do flow.Do) error
	// Changed carries out what follows from a change of fields, and from removal
	// and restoration, which DeletedAt tells.
	Changed func(ctx context.Context, before, rec *T, do flow.Do) error
	// Veiled carries out what follows where the sensitivity of records changed, on whatever
	// account: others may not tell of them any more, or tell of them again. recs are the
	// one that changed, as it was and as it is, or the many that were lifted with another.
	Veiled func(ctx context.Context, recs []*T, do flow.Do) error
	// Derive computes the derived values from other records, and from those fields of
	// its own that DerivedFrom names: a change of other fields leaves them as they are.
	Derive      func(ctx context.Context, rec *T, look flow.Look) error
	DerivedFrom []string
	// Dependents are other records of the noun, by their ids and limit of them at most, whose
	// derived values rest on a record: as it is, and as it was before a change. They are
	// computed anew where one is entered, removed or restored, or a field of DependedOn changes.
	Dependents func(ctx context.Context, recs []*T, look flow.Look, limit int) ([]string, error)
	DependedOn []string
	// HandOver gives somebody's place on a record to another, where that is more
	// than writing another name into the field. saved says that all is done;
	// otherwise the record is saved as it was altered.
	HandOver func(ctx context.Context, rec *T, s Succession, do flow.Do) (saved bool, err error)
	// Alike names what makes a record a candidate for being one with another, beside
	// the likeness of their names.
	Alike func(rec *T) []Likeness
	// Private says that a record is seen by nobody but those named on it, whatever
	// their level. It has to be restricted too.
	Private func(rec *T) bool
	// Duties narrows the records for which the people named on them answer; nil for
	// all. What is left out stays with its person when the others are handed over.
	Duties flow.Where
	// Concerned lists the people whom a record is about, where none of them is to see it
	// for standing on it: only by level, or by having been let in by name.
	Concerned func(rec *T) []string
	// Named lists further people who see the record whatever their level.
	Named func(ctx context.Context, rec *T, look flow.Look) ([]string, error)
}

// Levels are the least levels of the changes that are no transitions. A zero
// Levels stands for the defaults, 4, 4, 5 and 5.
type Levels struct{ Create, Update, Remove, Restore authority.Level }

// Same is the record that stands in the way of another, as a rule names it in the
// candidates of its refusal, and by which field; the ledger tells of it who sees it.
type Same struct{ Noun, ID, On string }

// Likeness is a value that makes two records candidates for being one.
type Likeness struct {
	On     string // what the answer calls it: "email", "name"
	Field  string // a field of text, compared folded, or one with terms; "" = it only adds to a likeness of names
	Value  string
	Weight float64 // how surely two that share it are one, from 0 to 1
	Shared bool    // several may well have it: it is told, and keeps nothing from being entered
}

// Exclusive reports whether a record must not share the value without a reason.
func (l Likeness) Exclusive() bool { return l.Field != "" && !l.Shared }

// Noun is a Kind with its type left out, together with what its struct says.
type Noun struct {
	Name, Plural, Prefix, Doc, Group string
	Type                             string // the Go name, and the schema's
	Path                             string // kebab-case plural, in URLs and scopes
	Table                            string
	Fields                           []*Field
	Said                             []*Field // members that are said with a change and not kept
	Flow                             flow.Table[Record]
	Open                             []flow.State
	Retire                           string
	Levels                           Levels
	Raise                            []flow.Raise[Record]
	Alters                           map[string][]flow.Raise[Record]
	Given                            bool
	Intake, Platform, ReadByAll      bool
	Under                            []*Field
	Escalates                        []string
	Duties                           flow.Where
	Key                              *Field // paths may name a record by it
	Paths                            []Path
	Sort                             string
	Unique                           []string
	Clocks                           []Clock[Record]
	Reckoned                         []*Field // members that are reckoned when a record is shown
	Made                             []*Field // members that say who made a record and who changed it last
	TitleField                       *Field   // the record's name, nil if it has none

	New         func() Record
	Begins      func(rec Record) flow.State
	Prepare     func(rec Record, now Instant)
	First       func(ctx context.Context, rec Record, look flow.Look) error
	Keep        func(ctx context.Context, rec Record, look flow.Look) error
	Check       func(ctx context.Context, rec Record, look flow.Look) (fault.Fields, error)
	May         func(actor authority.Actor, before, rec Record) error
	Barred      func(actor authority.Actor, rec Record) error
	BarredBy    func(rec Record) (noun, id string)
	Awaits      []flow.State
	Deciders    func(ctx context.Context, rec Record, look flow.Look) ([]string, error)
	Born        func(ctx context.Context, rec Record, do flow.Do) error
	Changed     func(ctx context.Context, before, rec Record, do flow.Do) error
	Veiled      func(ctx context.Context, recs []Record, do flow.Do) error
	Derive      func(ctx context.Context, rec Record, look flow.Look) error
	DerivedFrom []string // own fields that Derive reads; none = any
	Dependents  func(ctx context.Context, recs []Record, look flow.Look, limit int) ([]string, error)
	DependedOn  []string // own fields on which Dependents rest
	HandOver    func(ctx context.Context, rec Record, s Succession, do flow.Do) (saved bool, err error)
	Alike       func(rec Record) []Likeness
	Private     func(rec Record) bool
	Concerned   func(rec Record) []string
	Named       func(ctx context.Context, rec Record, look flow.Look) ([]string, error)

	linkPaths []LinkPath
	byName    map[string]*Field
	wireOnce  sync.Once
	members   []member
	refsOnce  sync.Once
	refs      []*Field
}

// Field is the field called name, nil if there is none.
func (n *Noun) Field(name string) *Field { return n.byName[name] }

// Inputs are all that clients may send, if only at times: the fields, and the
// members that are only said.
func (n *Noun) Inputs() []*Field { return slices.Concat(n.Fields, n.Said) }

// Input is what clients send under a name: a field, or a member that is only said;
// nil if there is none.
func (n *Noun) Input(name string) *Field {
	for _, f := range n.Said {
		if f.Name == name {
			return f
		}
	}
	return n.byName[name]
}

// Moves reports whether records of the noun ever make a transition.
func (n *Noun) Moves() bool { return len(n.Flow.Rows) > 0 }

// Guarded reports whether a record's own sensitivity says who sees it.
func (n *Noun) Guarded() bool {
	f := n.Field("sensitivity")
	return f != nil && f.Shape == Rank
}

// Area is the area of scopes that the noun belongs to.
func (n *Noun) Area() string {
	if n.Platform {
		return "admin"
	}
	return n.Path
}

// PatchIn reports whether PATCH is allowed in state s.
func (n *Noun) PatchIn(s flow.State) bool {
	for _, open := range n.Open {
		if open == s {
			return true
		}
	}
	return false
}

// UnderA is the field by which records name a parent that is a record of another
// noun, nil if they never do.
func (n *Noun) UnderA(parent *Noun) *Field {
	for _, f := range n.Under {
		if f.Target == parent.Name {
			return f
		}
	}
	return nil
}

// Ref is the short name of the record with number num.
func (n *Noun) Ref(num []byte) string { return n.Prefix + "-" + string(num) }

// Path is an access path: a list that stays fast however many records there are.
type Path struct {
	Equal []string // these fields held against a value
	Sort  string   // in this order
}

// LinkPath is an access path that leads from a term of a list field, such as a record
// that it names, to the records in the order of another field.
type LinkPath struct{ By, Sort *Field }

// LinkPaths are the noun's access paths that lead from a term of a list field.
func (n *Noun) LinkPaths() []LinkPath { return n.linkPaths }

func (p Path) String() string {
	out := ""
	for i, f := range p.Equal {
		if i > 0 {
			out += ", "
		}
		out += f
	}
	if out != "" {
		out += " -> "
	}
	return out + p.Sort
}
