package register

import (
	"strings"

	"rapport/internal/fault"
)

// Spoken is a pointer as a sentence names the place: channels[0].lawful_basis for
// #/channels/0/lawful_basis. The fields of a transition, and of an operation of many,
// go by their own names.
func Spoken(pointer string) string {
	path := strings.TrimPrefix(strings.TrimPrefix(pointer, "#"), "/")
	if rest, batch := strings.CutPrefix(path, "operations/"); batch { // of many changes, each speaks for itself
		_, path, _ = strings.Cut(rest, "/")
		path = strings.TrimPrefix(path, "body/")
	}
	path = strings.TrimPrefix(path, "fields/")
	if path == "" {
		return "the body"
	}
	var b strings.Builder
	for i, part := range strings.Split(path, "/") {
		switch {
		case i == 0:
		case strings.Trim(part, "0123456789") == "":
			b.WriteString("[" + part + "]")
			continue
		default:
			b.WriteByte('.')
		}
		b.WriteString(pointerUnescaper.Replace(part))
	}
	return b.String()
}

// pointerOf turns Issue.IssueFields.channels[0].kind into /channels/0/kind. The
// embedded structs' names are the parts that both namespaces share.
func pointerOf(names, goNames string) string {
	plain, typed := strings.Split(names, "."), strings.Split(goNames, ".")
	var b strings.Builder
	for i, part := range plain {
		if i == 0 || part == typed[i] && part != "" && part[0] < 'a' {
			continue
		}
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("[", "/", "]", "").Replace(part))
	}
	return b.String()
}

// escape writes a name as a JSON pointer in a URI fragment writes it.
func escape(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return shorten(name)
	}
	return pointerEscaper.Replace(shorten(name))
}

func shorten(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// Unknown keeps the fault of a member called name that the object at pointer does
// not have; valid are the names of those that it has.
func Unknown(faults *fault.Fields, pointer, name string, valid func() []string) {
	at := pointer + "/" + escape(name)
	faults.Guess(fault.Field{Pointer: at, Code: "unknown_field", Detail: "Unknown field " + Spoken(at) + "."}, name, valid)
}
