package register

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/fold"
)

// A CustomField is a field that the organisation declared itself, for the records
// of one collection: they have it under custom_fields.
type CustomField struct {
	Head
	CustomFieldFields
}

// CustomFieldFields are what is written of a custom field.
type CustomFieldFields struct {
	// Collection is where records have the field, by its path.
	Collection string `json:"collection" validate:"required,max=60" list:"filter" set:"create" example:"stakeholders"`
	// Key is what the field is called under custom_fields: a lower-case letter, then up to 39 letters, digits and underscores. No two fields of a collection share it, archived ones included, so whoever declares one learns that a key is taken, though not by what: let it tell nothing that only few may know.
	Key string `json:"key" validate:"required,max=40" list:"filter,sort" set:"create" example:"region"`
	// Label is what people call the field.
	Label string `json:"label" validate:"max=100" list:"filter,title" example:"Region"`
	// Doc says what the field means.
	Doc string `json:"doc" validate:"max=1000" example:"The side of the harbour on which they live."`
	// Type is what values are: text of up to 2,000 characters, a number of up to 15 digits, true or false, a date, a moment, one or several of the options, an http address, or a reference to another record.
	Type string `json:"type" validate:"required" enum:"custom_field_type" set:"create" example:"enum"`
	// Target is the collection to whose records a reference leads; null for every other type.
	Target string `json:"target" validate:"max=60" set:"create" example:"stakeholders"`
	// Options are the words that enum and multi_enum take; a word that is taken off stays where it is written.
	Options List[string] `json:"options" validate:"max=200,unique,dive,required,max=100"`
	// Required says that new records must have a value, as far as who enters them sees the field.
	Required bool `json:"required"`
	// Filterable says that lists can be filtered by the field.
	Filterable bool `json:"filterable"`
	// Sensitivity says who knows of the field: for anybody below it there is no such field, in no record.
	Sensitivity authority.Sensitivity `json:"sensitivity" default:"internal"`
}

// CustomFields are the fields that the organisation declared itself.
var CustomFields = Define(Kind[CustomField]{
	Name: "custom_field", Plural: "custom_fields", Prefix: "FLD", Group: "Platform",
	Doc:      "Fields that the organisation declares itself, at run time, for the records of a collection.",
	Platform: true, Reads: "all", Retire: "archive", Sort: "key",
	Flow: flow.Table[*CustomField]{
		Start: "active",
		Ends:  flow.From("archived"),
		Rows: []flow.Transition[*CustomField]{
			{Name: "archive", Doc: "Take the field out of use: values that are there stay readable, none is written any more.", From: flow.From("active"), To: "archived"},
			{Name: "reopen", Doc: "Take the field into use again.", From: flow.From("archived"), To: "active"},
		},
	},
	Paths:  []string{"collection -> key"},
	Unique: []string{"key, collection"},
	Check:  checkCustomField,
})

// Active reports whether values are written.
func (f *CustomField) Active() bool { return f.State == "active" && f.DeletedAt == "" }

// Path is how the field is named beside the others.
func (f *CustomField) Path() string { return customPrefix + f.Key }

// mostCustomFields is how many fields of a collection may be in use.
const mostCustomFields = 500

var customKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// checkCustomField holds a declaration against its collection and its type.
func checkCustomField(ctx context.Context, f *CustomField, look flow.Look) (faults fault.Fields, err error) {
	switch {
	case !customKey.MatchString(f.Key):
		faults.At("#/key", "invalid_format", "key is a lower-case letter, then up to 39 lower-case letters, digits and underscores.")
	case slices.Contains(Operators, f.Key):
		faults.At("#/key", "invalid_format", "key: %s is an operator of filters; choose another word.", f.Key)
	}
	if n := ByPath(f.Collection); n == nil || n.Field(customFields) == nil {
		faults.Add(noCollection("#/collection", f.Collection, func(n *Noun) bool { return n.Field(customFields) != nil }))
	}
	faults = append(faults, f.checkTarget()...)
	faults = append(faults, f.checkOptions()...)
	if len(faults) > 0 || f.Version > 0 {
		return faults, nil
	}
	inUse, err := Count[CustomField](ctx, look, flow.Where{"collection": f.Collection, "state": "active"})
	if inUse >= mostCustomFields {
		faults.At("#/collection", "too_many_items", "A collection has at most %d fields of its own in use; archive one first.", mostCustomFields)
	}
	return faults, err
}

// noCollection is the fault of a collection that there is not, among those that fit.
func noCollection(pointer, given string, fits func(*Noun) bool) fault.Field {
	var paths []string
	for _, n := range All() {
		if fits(n) {
			paths = append(paths, n.Path)
		}
	}
	return fault.Field{
		Pointer: pointer, Code: "not_in_enum", Detail: Spoken(pointer) + " must be one of " + strings.Join(paths, ", ") + ".",
		Suggestion: fault.Nearest(given, paths), Params: map[string]any{"allowed": paths},
	}
}

// checkTarget asks references, and nothing else, where they lead.
func (f *CustomField) checkTarget() (faults fault.Fields) {
	switch {
	case f.Type == "reference" && f.Target == "":
		faults.At("#/target", "required", "target is required: say to which collection the references lead.")
	case f.Type == "reference" && f.Version == 0 && !leadsTo(ByPath(f.Target)):
		faults.Add(noCollection("#/target", f.Target, leadsTo))
	case f.Type != "reference" && f.Target != "":
		faults.At("#/target", "conflicts_with", "target is for references alone.")
	}
	return faults
}

// leadsTo reports whether references may lead to a noun's records: whoever reads
// the field learns their ids, so they are of a kind that all may read.
func leadsTo(n *Noun) bool { return n != nil && n.ReadByAll }

// checkOptions asks for words where one is chosen, and for none elsewhere. Words
// that fold alike could not be told apart in a filter.
func (f *CustomField) checkOptions() (faults fault.Fields) {
	if !f.chooses() {
		if len(f.Options) > 0 {
			faults.At("#/options", "conflicts_with", "options are for enum and multi_enum alone.")
		}
		return faults
	}
	if len(f.Options) == 0 {
		faults.At("#/options", "required", "options takes at least 1 item.")
	}
	seen := map[string]bool{}
	for i, word := range f.Options {
		at := Place{Pointer: "#/options"}.item(i)
		folded := fold.Fold(word)
		switch {
		case seen[folded]:
			faults.At(at, "duplicate", "%s: there is an option like it, but for case or accents.", Spoken(at))
		case strings.ContainsAny(word, ",;|\n\r\t"):
			faults.At(at, "invalid_format", "%s holds no comma, semicolon, bar or line break: they part words in lists.", Spoken(at))
		}
		seen[folded] = true
	}
	return faults
}

// chooses reports whether values are among the options.
func (f *CustomField) chooses() bool { return f.Type == "enum" || f.Type == "multi_enum" }
