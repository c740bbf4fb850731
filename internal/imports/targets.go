package imports

import (
	"reflect"
	"slices"
	"strings"

	"rapport/internal/register"
	"rapport/internal/tabular"
)

// cellKind is how the cells of a column become part of a record.
type cellKind int

const (
	fieldCell    cellKind = iota // the value of a field
	listCell                     // words of a list, parted by commas or semicolons
	tagsCell                     // the same, added to the record's tags
	externalCell                 // the record's key in another system
	channelCell                  // an address, added to the record's channels
	refCell                      // names a record of another noun
	customCell                   // a member of the custom fields
	groupCell                    // names groups that the record is to belong to
	parentCell                   // names a record above it
	numberCell                   // the record's ref
	idCell                       // the record's id
)

// target is something that a column can be meant for.
type target struct {
	name  string
	kind  cellKind
	field *register.Field
	word  string // of a channel: which; of an external id: the system; of a reference: by what
}

// list reports whether several columns may be meant for the target.
func (t target) list() bool {
	switch t.kind {
	case listCell, tagsCell, externalCell, channelCell, groupCell:
		return true
	}
	return false
}

// valued reports whether a cell is one value, of the field's own shape.
func (t target) valued() bool { return t.kind == fieldCell || t.kind == customCell }

// channelsOf are the columns that are ways to reach somebody: the target's name,
// the channel's word and the concept whose synonyms head such columns.
var channelsOf = []struct{ target, word, concept string }{
	{"email", "email", "email"}, {"phone", "phone", "phone"}, {"postal_address", "post", "address"}, {"web_address", "web", "website"},
}

// concepts are the synonyms by which fields are known, where the name alone is not
// what people write.
var concepts = map[string]string{
	"name": "name", "title": "name", "description": "notes", "notes": "notes", "job_title": "job_title", "website": "website", "country": "country",
	"language": "language", "state": "state", "created_at": "created", "summary": "notes",
}

// targetsOf are all that a noun's columns can be meant for, the surest first.
func targetsOf(n *register.Noun, o Options) (all []target) {
	for _, f := range n.Fields {
		all = append(all, fieldTargets(f, o)...)
	}
	if n.Field("external_ids") != nil {
		all = append(all, target{name: "external_id", kind: externalCell, field: n.Field("external_ids"), word: o.ExternalSystem})
	}
	if f := n.Field("channels"); f != nil && isChannels(f) {
		for _, c := range channelsOf {
			all = append(all, target{name: c.target, kind: channelCell, field: f, word: c.word})
		}
	}
	all = append(all, target{name: "ref", kind: numberCell, field: n.Field("num")})
	for _, f := range o.Customs.Known(n) {
		if f.Active() {
			all = append(all, customTarget(f))
		}
	}
	if n.Name == "stakeholder" {
		if register.ByName("relationship") != nil {
			all = append(all, target{name: "parent", kind: parentCell})
		}
		if register.ByName("membership") != nil {
			all = append(all, target{name: "group.name", kind: groupCell})
		}
	}
	return all
}

func customTarget(f *register.CustomField) target {
	return target{name: f.Path(), kind: customCell, field: f.Field()}
}

// fieldTargets are the targets that one field makes.
func fieldTargets(f *register.Field, o Options) []target {
	kept := o.Adopt && !f.Secret && (f.Name == "state" || f.Name == "created_at" || f.Circle == register.Kept && f.Shape != register.JSON)
	switch {
	case f.Secret || !f.Writable() && !kept:
		return nil
	case f.Name == "tags":
		return []target{{name: f.Name, kind: tagsCell, field: f}}
	case f.Many:
		return []target{{name: f.Name, kind: listCell, field: f}}
	case f.Shape == register.Ref:
		return []target{{name: f.Relation(), kind: refCell, field: f}, {name: f.Name, kind: refCell, field: f}}
	case f.Shape == register.JSON && f.Type == reflect.TypeFor[register.List[string]]():
		return []target{{name: f.Name, kind: listCell, field: f}}
	case f.Shape == register.JSON && f.Name == "external_ids":
		return nil
	default:
		return []target{{name: f.Name, kind: fieldCell, field: f}}
	}
}

// structured are the fields that lines of JSON bring as they are. Custom fields come
// one by one, each a column.
func structured(n *register.Noun) (names []string) {
	if n == nil { // its collection is served no more
		return nil
	}
	for _, f := range n.Fields {
		if f.Shape == register.JSON && f.Name != "custom_fields" {
			names = append(names, f.Name)
		}
	}
	return names
}

// isChannels reports whether a field's items are a channel and an address.
func isChannels(f *register.Field) bool {
	t := f.Type
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Struct {
		return false
	}
	names := map[string]bool{}
	for _, member := range reflect.VisibleFields(t.Elem()) {
		name, _, _ := strings.Cut(member.Tag.Get("json"), ",")
		names[name] = true
	}
	return names["channel"] && names["address"]
}

// targetNamed finds what a mapping names: owner, owner.email, external_id.crm,
// custom_fields.area. Without adopt, state and dates of the register can be named
// too: their cells are faults, row by row.
func targetNamed(n *register.Noun, o Options, name string) (target, bool) {
	all := targetsOf(n, o)
	if i := slices.IndexFunc(all, func(t target) bool { return t.name == name }); i >= 0 {
		return all[i], true
	}
	switch {
	case name == "group":
		return targetNamed(n, o, "group.name")
	case name == "id":
		return target{name: name, kind: idCell, field: n.Field(name)}, true
	case name == "external_ids" && n.Field(name) != nil:
		return target{name: name, kind: fieldCell, field: n.Field(name)}, true
	}
	base, by, dotted := strings.Cut(name, ".")
	i := slices.IndexFunc(all, func(t target) bool { return t.name == base })
	switch {
	case dotted && base == "custom_fields":
		return archivedTarget(n, o, name)
	case dotted && i >= 0 && all[i].kind == externalCell && by != "" && len(by) <= 60:
		t := all[i]
		t.name, t.word = name, by
		return t, true
	case dotted && i >= 0 && (all[i].kind == refCell || all[i].kind == parentCell) && slices.Contains(waysToName, by):
		t := all[i]
		t.name, t.word = name, by
		return t, true
	}
	if f := n.Field(name); f != nil && !f.Secret && !o.Adopt && f.Name != "id" && f.Name != "version" {
		return target{name: name, kind: fieldCell, field: f}, true
	}
	return target{}, false
}

// archivedTarget finds a custom field that is not written any more: what its cells
// say may stand there already.
func archivedTarget(n *register.Noun, o Options, name string) (target, bool) {
	for _, f := range o.Customs.Known(n) {
		if f.Path() == name {
			return customTarget(f), true
		}
	}
	return target{}, false
}

// waysToName are how a cell may name another record.
var waysToName = []string{"id", "ref", "external_id", "email", "name"}

func targetNames(n *register.Noun, o Options) (names []string) {
	for _, t := range targetsOf(n, o) {
		names = append(names, t.name)
	}
	return names
}

// guess finds out what the columns of a file are meant for. Some words mean
// something else in other people's files: a column State holds a part of a
// country more often than a stage of a workflow, so it is taken for that only
// where records are adopted.
func guess(n *register.Noun, o Options, headings []string) []Column {
	if isOwn(headings) {
		return own(n, o, headings)
	}
	var targets []tabular.Target
	known := map[string]bool{}
	for _, t := range targetsOf(n, o) {
		if t.kind == refCell && t.name == t.field.Name || t.name == "custom_fields" || known[t.name] {
			continue // its relation stands for it, or its members do
		}
		known[t.name] = true
		targets = append(targets, tabular.Target{Name: t.name, Label: register.Wording(strings.TrimPrefix(strings.ReplaceAll(t.name, ".name", ""), "custom_fields.")), Synonyms: t.synonyms(n, o)})
	}
	columns := make([]Column, len(headings))
	for i, m := range tabular.Guess(headings, targets) {
		columns[i] = Column{m.Header, m.Target, m.Confidence}
		if m.Target != "" {
			continue
		}
		t, ok := targetNamed(n, o, m.Header) // owner_id, too, is not like enough to owner, and OWNERID is another system's
		if ok && (strings.Contains(m.Header, ".") || t.kind == refCell && !slices.Contains(headings, t.field.Relation())) {
			columns[i].Target, columns[i].Confidence = t.name, 1
		}
	}
	return nameless(n, o, columns)
}

// nameless finds the names where no column is called so: in the column that is headed
// by the organisation, the agency, the company, else by the person to be called.
func nameless(n *register.Noun, o Options, columns []Column) []Column {
	name := n.TitleField
	if n.Name != "stakeholder" || o.Defaults[name.Name] != "" || slices.ContainsFunc(columns, func(c Column) bool { return c.Target == name.Name }) {
		return columns
	}
	for _, concept := range []string{"organisation", "contact_person"} {
		words := []tabular.Target{{Name: name.Name, Synonyms: tabular.Synonyms(concept)}}
		for i, m := range tabular.Guess(headings(columns), words) {
			if m.Target != "" && (columns[i].Target == "" || columns[i].Target == "group.name") {
				columns[i].Target, columns[i].Confidence = m.Target, m.Confidence
				return columns
			}
		}
	}
	return columns
}

// synonyms are the words by which people head a column that is meant for t.
func (t target) synonyms(n *register.Noun, o Options) []string {
	switch t.kind {
	case customCell:
		return []string{t.field.Custom.Label, t.field.Custom.Key}
	case tagsCell:
		return tabular.Synonyms("tags")
	case externalCell:
		return tabular.Synonyms("external_id")
	case parentCell:
		return tabular.Synonyms("parent")
	case channelCell:
		for _, c := range channelsOf {
			if c.target == t.name && (c.concept != "website" || n.Field("website") == nil) {
				return tabular.Synonyms(c.concept)
			}
		}
	case groupCell:
		words := []string{"group", "groups", "Gruppe", "Gruppen", "groupe", "grupo"}
		if slices.Contains(o.CreateMissing, "groups") {
			words = append(words, tabular.Synonyms("organisation")...)
		}
		return words
	case fieldCell:
		if t.name == "kind" {
			return []string{"Art", "Stakeholder type", "Stakeholder kind", "Stakeholderart", "Art des Stakeholders", "type de partie prenante", "tipo de interesado"}
		}
		if concept := concepts[t.name]; concept != "" && (t.name != "notes" || n.Field("description") == nil) {
			return tabular.Synonyms(concept)
		}
	}
	return nil
}
