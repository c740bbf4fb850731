package main

import (
	"slices"
	"strings"

	"rapport/internal/flow"
	"rapport/internal/register"
)

// typedTransitions makes the body of a noun's transitions one of several, told
// apart by the transition's name, each with the fields that it takes. It works on
// the finished schema of all fields.
func (d *doc) typedTransitions() {
	for _, n := range register.All() {
		whole, fields := asObj(d.schemas()[n.Type+"Transition"]), asObj(d.schemas()[n.Type+"TransitionFields"])
		if whole == nil || len(n.Flow.Rows) == 0 {
			continue
		}
		known, _ := fields["properties"].(obj)
		comment := asObj(whole["properties"])["comment"]
		mapping, one := obj{}, []any{}
		for _, name := range sortedNames(n) {
			schema := n.Type + "Transition" + pascal(name)
			d.schemas()[schema] = transitionBody(n, name, known, comment)
			mapping[name], one = schemaRef+schema, append(one, obj{"$ref": schemaRef + schema})
		}
		d.schemas()[n.Type+"Transition"] = obj{
			"description": "A transition of " + article(n.Name) + ", by its name; each takes fields of its own.", "oneOf": one,
			"discriminator": obj{"propertyName": "transition", "mapping": mapping},
		}
	}
}

func sortedNames(n *register.Noun) []string {
	names := slices.Clone(n.Flow.Names(""))
	slices.Sort(names)
	return slices.Compact(names)
}

// transitionBody is the body of one transition: its name, and the fields that its
// rows take. What must be filled may stand on the record already, so that only a
// reason is always asked for.
func transitionBody(n *register.Noun, name string, known obj, comment any) obj {
	properties, reason, about := obj{}, false, ""
	var asked []string
	for i := range n.Flow.Rows {
		if row := &n.Flow.Rows[i]; row.Name == name {
			asked = append(asked, takenBy(n, row, known, properties)...)
			reason, about = reason || row.Reason, row.Doc
		}
	}
	body := obj{"transition": obj{"type": "string", "enum": []any{name}, "description": "The transition's name."}, "comment": clone(comment)}
	required := []any{"transition"}
	if reason && known["reason"] != nil {
		properties["reason"] = clone(known["reason"])
	}
	if len(properties) > 0 {
		fields := obj{"type": []any{"object", "null"}, "properties": properties, "description": "The fields that the transition fills." + asking(asked)}
		if reason && properties["reason"] != nil {
			fields["type"], fields["required"], required = "object", []any{"reason"}, append(required, "fields")
		}
		body["fields"] = fields
	}
	if about == "" {
		about = register.Wording(name) + "."
	}
	return obj{"type": "object", "description": about, "properties": body, "required": required}
}

// takenBy adds the fields that a row takes, and names those that it asks for.
func takenBy(n *register.Noun, row *flow.Transition[register.Record], known, into obj) (asked []string) {
	for _, t := range n.FieldsOf(row) {
		s := known[t.Field.Name]
		if s == nil {
			continue
		}
		into[t.Field.Name] = clone(s)
		if t.Required {
			asked = append(asked, t.Field.Name)
		}
	}
	return asked
}

// asking names fields that may be left out only where the record has them, or where what
// asks for them does not apply.
func asking(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	slices.Sort(fields)
	return " May ask for " + strings.Join(slices.Compact(fields), ", ") + "; the list of transitions says it for a record."
}
