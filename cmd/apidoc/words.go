package main

import (
	"strings"

	"rapport/internal/register"
)

// pascal is a snake- or kebab-case name as Go and clients write types.
func pascal(name string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' || r == '.' || r == ' ' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// plural is the noun's collection as operation ids name it.
func plural(n *register.Noun) string {
	if rest, found := strings.CutPrefix(n.Plural, n.Name); found {
		return n.Type + rest
	}
	return pascal(n.Plural)
}

// spoken is a name as sentences have it: "corrective action".
func spoken(name string) string { return strings.ReplaceAll(name, "_", " ") }

// article is the name with a or an before it.
func article(name string) string {
	if strings.ContainsRune("aeio", rune(name[0])) {
		return "an " + spoken(name)
	}
	return "a " + spoken(name)
}

// tagOf is the noun's chapter in the document. A chapter must not be called as a
// schema is, which the plural of feedback would be.
func tagOf(n *register.Noun) string {
	tag := register.Wording(n.Plural)
	if tag == n.Type {
		return tag + " records"
	}
	return tag
}

// lower makes a sentence's first letter small, so that it can follow a colon.
func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
