package main

import (
	"fmt"
	"slices"
	"strings"

	"rapport/internal/register"
)

// parameter is a query parameter of a list.
type parameter struct {
	Name, Type, Doc, Attributes string
}

// filters lists the parameters by which a collection is filtered: each field,
// then each operator that it takes.
func filters(n *register.Noun, docs func(*register.Field) string) (list []parameter) {
	for _, f := range slices.Concat(n.Fields, n.Reckoned, n.Made) {
		if !f.Filter || f.Secret {
			continue
		}
		list = append(list, plain(n, f, docs(f)))
		for _, op := range f.Ops() {
			list = append(list, compared(n, f, op))
		}
	}
	return list
}

// plain is the filter by a field's name alone: equality, or one of a list.
func plain(n *register.Noun, f *register.Field, doc string) parameter {
	p := parameter{Name: f.Name, Doc: "Only these. " + doc}
	switch {
	case f.Shape == register.Truth:
		p.Type = "bool"
	case f.Shape == register.Text && f.Circle != register.OfHead:
		p.Type = "string"
	default:
		p.many(n, f)
	}
	return p
}

// opWords say what the operators ask for.
var opWords = map[string]string{
	"ne": "%s is none of these.", "in": "%s is one of these.", "nin": "%s is none of these.",
	"gt": "%s is above this.", "gte": "%s is this or above.", "lt": "%s is below this.", "lte": "%s is this or below.",
	"contains": "%s holds this, at least 2 characters.", "starts": "%s begins with this.",
	"null": "true: %s is empty; false: it is filled.",
	"any":  "%s holds any of these.", "all": "%s holds all of these.", "none": "%s holds none of these.",
}

func compared(n *register.Noun, f *register.Field, op string) parameter {
	p := parameter{Name: f.Name + "." + op, Doc: fmt.Sprintf(opWords[op], f.Name), Type: "string"}
	switch {
	case op == "null", f.Past != nil:
		p.Type = "bool"
	case slices.Contains([]string{"in", "nin", "any", "all", "none"}, op), op == "ne" && f.Shape != register.Text:
		p.many(n, f)
	case f.Shape == register.Whole:
		p.Type = "int"
	case f.Shape == register.Rank:
		p.Attributes = "extensions(x-enum=" + pascal(f.Enum) + ")"
	}
	return p
}

// many lets the parameter take several values, with commas between.
func (p *parameter) many(n *register.Noun, f *register.Field) {
	p.Type, p.Attributes = "[]string", "collectionFormat(csv)"
	switch {
	case f.Shape == register.Whole:
		p.Type = "[]int"
	case f.Name == "state":
		p.Attributes += " extensions(x-enum=" + n.Type + "State)"
	case f.Enum != "":
		p.Attributes += " extensions(x-enum=" + pascal(f.Enum) + ")"
	}
}

// searched names the fields that q looks into.
func searched(n *register.Noun) string {
	var names []string
	for _, f := range n.Fields {
		if f.Search && !f.Secret {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}
