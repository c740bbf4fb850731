package register

import (
	"context"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// A View is a list that somebody keeps under a name: its filter, its order and the
// members it shows.
type View struct {
	Base
	ViewFields
}

// ViewFields are what a client writes of a view.
type ViewFields struct {
	// Slug is the word by which lists load the view, as in ?view=my-open: the caller's own before those of others, the newest first.
	Slug string `json:"slug" validate:"required,max=60" list:"filter" set:"create" example:"my-open"`
	// Name is what the view is called.
	Name string `json:"name" validate:"required,max=200" list:"filter,sort,title" example:"My open complaints"`
	// Collection is the list that the view is of, by its path.
	Collection string `json:"collection" validate:"required,max=60" list:"filter" set:"create" example:"stakeholders"`
	// Filter is which records are meant, as POST /{collection}/search takes it; {} for all.
	Filter Filter `json:"filter" pii:"yes"`
	// Q are words to look for.
	Q string `json:"q" validate:"max=200" pii:"yes"`
	// Sort is the order; null for the list's own.
	Sort string `json:"sort" validate:"max=60" example:"-updated_at"`
	// Fields are the members to send; empty for all.
	Fields List[string] `json:"fields" validate:"max=100,unique,dive,required,max=100"`
	// SharedWith says who may load the view: me = its owner alone, and who is on access_user_ids, team and all = everybody who sees the record.
	SharedWith string `json:"shared_with" validate:"required" enum:"view_audience"`
}

// Views are the lists that people keep.
var Views = Define(Kind[View]{
	Name: "view", Plural: "views", Prefix: "VIW", Group: "Functions",
	Doc:     "Lists that people keep under a name: a filter, an order and the members to show.",
	Flow:    flow.Table[*View]{Start: "active", Ends: flow.From("active")},
	Open:    flow.From("active"),
	Levels:  Levels{Remove: authority.L4, Restore: authority.L4},
	Paths:   []string{"collection, slug -> -created_at", "owner_id -> -updated_at"},
	Check:   checkView,
	May:     mayView,
	Private: func(v *View) bool { return v.SharedWith == "me" },
	Duties:  flow.Where{"shared_with <>": "me"},
	Prepare: func(v *View, _ Instant) {
		if v.SharedWith == "me" { // what is one's own is shown to nobody else
			v.Sensitivity = max(v.Sensitivity, authority.Restricted)
		}
	},
})

// mayView keeps a view in the hands of its owner, and a shared one in those of
// level 5 too.
func mayView(actor authority.Actor, before, _ *View) error {
	if actor.Type == authority.System || before == nil || before.OwnerID != "" && before.OwnerID == actor.Person() || before.SharedWith != "me" && actor.Level >= authority.L5 {
		return nil
	}
	return fault.New(fault.InsufficientLevel, "A view is changed by its owner; a shared one by level 5 too.").
		With("required_level", 5).With("your_level", actor.Level.Wire()).With("because", []string{"it is another's view"}).With("escalate_to", nil)
}

// checkView holds a view against the collection that it is of.
func checkView(ctx context.Context, v *View, look flow.Look) (faults fault.Fields, err error) {
	if v.Version == 0 && v.OwnerID == "" {
		v.OwnerID = authority.From(ctx).Person() // a view is somebody's
	}
	if strings.ContainsAny(v.Slug, " ,&?/#") {
		faults.At("#/slug", "invalid_format", "slug is one word for URLs, such as my-open.")
	}
	if ByPath(v.Collection) == nil {
		paths := make([]string, 0, len(All()))
		for _, n := range All() {
			paths = append(paths, n.Path)
		}
		faults.Add(fault.Field{Pointer: "#/collection", Code: "not_in_enum", Detail: "There is no collection " + v.Collection + ".", Suggestion: fault.Nearest(v.Collection, paths)})
		return faults, nil
	}
	customs, err := customsOfLook(ctx, look)
	if err != nil {
		return nil, err
	}
	_, wrong := v.Ask(AskingOf(ctx, ByPath(v.Collection), look.Now(), customs))
	faults = append(faults, wrong...)
	return faults, nil
}

// Ask reads the view's filter for a caller, whose asking is of the view's
// collection; wrong says at which member or node the view does not fit it (any
// more).
func (v *View) Ask(asking *Asking) (c *Cond, wrong fault.Fields) {
	n := asking.Noun
	if len(v.Filter) > 0 {
		cond, ok := v.Filter.Ask(asking, Place{Pointer: "#/filter"})
		if ok {
			c = &cond
		}
	}
	if f := n.Field(strings.TrimPrefix(v.Sort, "-")); v.Sort != "" && (f == nil || !f.Sort || f.Secret || f.Seen > asking.Seen) {
		asking.Faults.Add(fault.Field{Pointer: "#/sort", Code: "not_in_enum", Detail: "sort takes one of " + strings.Join(n.Sorts(), ", ") + ".", Suggestion: fault.Nearest(v.Sort, n.Sorts())})
	}
	known := slices.Concat(n.Parts(), asking.Customs.Paths(n))
	for i, name := range v.Fields {
		if !slices.Contains(known, name) {
			asking.Faults.Add(fault.Field{Pointer: Place{Pointer: "#/fields"}.item(i), Code: "not_in_enum", Detail: "There is no member " + name + ".", Suggestion: fault.Nearest(name, known)})
		}
	}
	return c, asking.Faults
}
