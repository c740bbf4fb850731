package register

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/authority"
	"rapport/internal/flow"
)

// customFields is the member under which records have the fields that the
// organisation declared; customPrefix begins the name of one of them.
const (
	customFields = "custom_fields"
	customPrefix = customFields + "."
)

// Declared are all custom fields, parted by who knows of them.
type Declared [authority.Restricted + 1]*Customs

// Customs are the custom fields that somebody knows of. What is above their
// clearance is kept as a name alone, so that it can be left out. A nil Customs
// knows of none.
type Customs struct{ of map[string]*customsOf }

// customsOf are the custom fields of one collection.
type customsOf struct {
	known   []*CustomField // in the order of their keys
	byKey   map[string]*CustomField
	filters map[string]*Field
	hidden  map[string]bool
}

// Declare puts declarations in order.
func Declare(all []*CustomField) *Declared {
	slices.SortFunc(all, func(a, b *CustomField) int { return cmp.Compare(a.Key, b.Key) })
	d := &Declared{}
	for clearance := range d {
		d[clearance] = &Customs{of: map[string]*customsOf{}}
		for _, f := range all {
			d[clearance].add(f, authority.Sensitivity(clearance))
		}
	}
	return d
}

// For are the custom fields as who has a clearance knows them.
func (d *Declared) For(clearance authority.Sensitivity) *Customs {
	if d == nil {
		return nil
	}
	return d[clearance]
}

func (c *Customs) add(f *CustomField, clearance authority.Sensitivity) {
	of := c.of[f.Collection]
	if of == nil {
		of = &customsOf{byKey: map[string]*CustomField{}, filters: map[string]*Field{}, hidden: map[string]bool{}}
		c.of[f.Collection] = of
	}
	if f.Sensitivity > clearance {
		of.hidden[f.Key] = true
		return
	}
	of.known, of.byKey[f.Key] = append(of.known, f), f
	if f.Active() && f.Filterable {
		of.filters[f.Key] = f.Field()
	}
}

// none of a collection are declared.
var noCustoms = &customsOf{}

func (c *Customs) at(n *Noun) *customsOf {
	if c == nil || c.of[n.Path] == nil {
		return noCustoms
	}
	return c.of[n.Path]
}

// Known are the custom fields of n's records, archived ones too, by their keys.
func (c *Customs) Known(n *Noun) []*CustomField { return c.at(n).known }

// Demanded reports whether new records of n must have a value of some field.
func (c *Customs) Demanded(n *Noun) bool {
	return slices.ContainsFunc(c.at(n).known, func(f *CustomField) bool { return f.Required && f.Active() })
}

// Filter is the custom field of n's records that lists can be filtered by under a
// name, nil if there is none.
func (c *Customs) Filter(n *Noun, name string) *Field {
	return c.at(n).filters[strings.TrimPrefix(name, customPrefix)]
}

// Filters are the names of those that lists can be filtered by.
func (c *Customs) Filters(n *Noun) (names []string) {
	for _, f := range c.at(n).known {
		if c.at(n).filters[f.Key] != nil {
			names = append(names, f.Path())
		}
	}
	return names
}

// Shown is what is shown of a record's custom fields: all but those above the
// reader's clearance.
func (c *Customs) Shown(n *Noun, cell []byte) []byte {
	hidden := c.at(n).hidden
	if len(hidden) == 0 || len(cell) <= len("{}") {
		return cell
	}
	body, err := members(cell)
	if err != nil {
		return cell // null
	}
	return slices.DeleteFunc(body, func(m Member) bool { return hidden[m.Name] }).object()
}

// Still is what may still be shown of a record of n as somebody was shown it before.
func (c *Customs) Still(n *Noun, shown []byte) []byte {
	if len(c.at(n).hidden) == 0 {
		return shown
	}
	body, err := members(shown)
	if err != nil {
		return shown // no record
	}
	for i, m := range body {
		if m.Name == customFields {
			body[i].Raw = c.Shown(n, m.Raw)
		}
	}
	return body.object()
}

// CustomValue is a record's value of a custom field, nil for none. cell is the
// record's own JSON.
func CustomValue(cell []byte, key string) jsontext.Value {
	if len(cell) <= len("{}") {
		return nil
	}
	body, err := members(cell)
	if err != nil {
		return nil
	}
	return body.Get(key)
}

// Paths are the names of the custom fields of n's records, as fields asks for them.
func (c *Customs) Paths(n *Noun) (names []string) {
	for _, f := range c.at(n).known {
		names = append(names, f.Path())
	}
	return names
}

// Field is the custom field as filters and tables see it: like a field of the noun,
// but with its values beside the records.
func (f *CustomField) Field() *Field {
	out := &Field{Name: f.Path(), Custom: f, Filter: f.Active() && f.Filterable, Nullable: true, Circle: OfShared, Terms: f.Type == "multi_enum"}
	switch f.Type {
	case "number":
		out.Shape = Whole
	case "boolean":
		out.Shape = Truth
	case "date":
		out.Shape = Day
	case "datetime":
		out.Shape = Moment
	case "enum":
		out.Shape = Choice
	case "multi_enum":
		out.Shape = JSON
	case "reference":
		if n := ByPath(f.Target); n != nil {
			out.Shape, out.Target = Ref, n.Name
		}
	}
	return out
}

// customsOfLook are the custom fields as the actor of ctx knows them, for rules
// that read filters.
func customsOfLook(ctx context.Context, look flow.Look) (*Customs, error) {
	all, err := FindAll[CustomField](ctx, look, flow.Where{}, MostDeclared)
	if err != nil {
		return nil, err
	}
	return Declare(all).For(authority.From(ctx).Clearance()), nil
}

// MostDeclared is how many declarations are read at once: more than there can be.
const MostDeclared = 10_000
