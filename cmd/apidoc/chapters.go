package main

import (
	"cmp"
	"slices"

	"rapport/internal/register"
)

// functions says what the chapters are about that are no noun's.
var functions = map[string]string{
	"Account":       "Who is asking, and what they may do.",
	"API keys":      "Secrets of keys, changed without an interruption.",
	"Comments":      "What people say to each other about records.",
	"Tags":          "The words by which records are found, over all collections.",
	"Audit":         "The chain of entries, and whether it holds.",
	"Authority":     "Who may do what, asked before it is tried.",
	"Events":        "What has happened, in order, without a gap.",
	"Imports":       "Files of records: understood, tried, corrected, written.",
	"Jobs":          "What is done beside the requests, and how far it has come.",
	"Measures":      "What assessments and engagement say together, with the formulas.",
	"Meta":          "What there is to know of nouns: words, fields, workflows.",
	"Notifications": "What people are told, until they have read it.",
	"Operations":    "Figures of the process for those who run it.",
	"Reports":       "Figures for who answers for the whole, with what they rest on.",
	"Search":        "Words looked for in all nouns at once.",
	"Worklist":      "What somebody has to do now, with the requests to do it.",
	"Service":       "The process itself: health, version, this document.",
}

// chapters describes the tags and groups them.
func (d *doc) chapters() {
	about, group := map[string]string{}, map[string]string{}
	tags, _ := d.tree["tags"].([]any)
	for _, t := range tags {
		about[t.(obj)["name"].(string)], _ = t.(obj)["description"].(string)
	}
	for _, n := range register.All() {
		about[tagOf(n)], group[tagOf(n)] = n.Doc, n.Group
	}
	var names []string
	for _, item := range d.paths() {
		for _, op := range asObj(item) {
			if o, ok := op.(obj); ok {
				for _, t := range asList(o["tags"]) {
					names = append(names, asText(t))
				}
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	groups, declared := map[string][]any{}, []any{}
	for _, name := range names {
		if about[name] == "" {
			about[name] = cmp.Or(functions[name], "Functions of the chapter "+name+".")
		}
		if group[name] == "" {
			group[name] = "Functions"
		}
		declared = append(declared, obj{"name": name, "description": about[name]})
		groups[group[name]] = append(groups[group[name]], name)
	}
	d.tree["tags"] = declared
	d.tree["x-tagGroups"] = ordered(groups)
}

// groupOrder is the order of the groups that are known; others follow.
var groupOrder = []string{"Register", "Engagement", "Issues and complaints", "Assurance", "Functions", "Platform"}

func ordered(groups map[string][]any) (out []any) {
	names := slices.Clone(groupOrder)
	for _, g := range sortedKeys(groups) {
		if !slices.Contains(names, g) {
			names = append(names, g)
		}
	}
	for _, g := range names {
		if len(groups[g]) > 0 {
			out = append(out, obj{"name": g, "tags": groups[g]})
		}
	}
	return out
}

// asList, asObj and asText read a value of the document; nil and "" for another.
func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func asObj(v any) obj {
	o, _ := v.(obj)
	return o
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}
