package exports

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"rapport/internal/authority"
	"rapport/internal/register"
)

// card writes a record as a vCard 4.0 (RFC 6350): who it is and how to reach them. What
// is thought of them, the notes and the assessments, stays in the register.
func (w *Writer) card(row register.Row, level authority.Level) error {
	get := w.cells(row, level)
	w.property("BEGIN", "VCARD")
	w.property("VERSION", "4.0")
	w.property("UID", "urn:uuid:"+get("id"))
	name := escaped(get("name"))
	switch get("kind") {
	case "individual":
		w.property("KIND", "individual")
	case "organisation":
		w.property("KIND", "org")
		w.property("ORG", name)
	default:
		w.property("KIND", "group")
	}
	w.property("FN", name)
	w.reached(get("channels"))
	w.property("URL", uri(get("website")))
	w.property("LANG", escaped(get("language")))
	w.property("CATEGORIES", categories(get("tags")))
	w.property("REV", stamp(get("updated_at")))
	w.property("END", "VCARD")
	return w.flushLine("")
}

// cells gives a record's values by the names of their fields; none of what takes a
// higher level than the reader's.
func (w *Writer) cells(row register.Row, level authority.Level) func(name string) string {
	return func(name string) string {
		if f := w.noun.Field(name); f != nil && f.Seen <= level {
			return string(row[f.Column])
		}
		return ""
	}
}

// stamp is a moment in the short form that cards and calendars take.
func stamp(moment string) string {
	day, time, _ := strings.Cut(moment, "T")
	time, _, _ = strings.Cut(time, ".")
	return strings.ReplaceAll(day, "-", "") + "T" + strings.ReplaceAll(time, ":", "") + "Z"
}

// reached writes the ways to reach somebody, the preferred ones as such. Ways that
// address books have no word for are left out.
func (w *Writer) reached(cell string) {
	var channels []register.Channel
	_ = json.Unmarshal([]byte(cell), &channels) // our own JSON
	for _, c := range channels {
		preferred := ""
		if c.Preferred {
			preferred = ";PREF=1"
		}
		switch c.Channel {
		case "email":
			w.property("EMAIL"+preferred, escaped(c.Address))
		case "phone":
			w.property("TEL"+preferred, escaped(c.Address))
		case "message":
			w.property("TEL;TYPE=text"+preferred, escaped(c.Address))
		case "post":
			w.property("ADR"+preferred, ";;"+escaped(c.Address)+";;;;")
		case "web":
			w.property("URL"+preferred, uri(c.Address))
		}
	}
}

// property appends a line of a card, folded after 75 bytes; none for no value.
func (w *Writer) property(name, value string) {
	if value == "" {
		return
	}
	line, most := name+":"+value, 75
	for len(line) > most {
		cut := most
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		w.line = append(append(w.line, line[:cut]...), "\r\n "...)
		line, most = line[cut:], 74 // the space counts
	}
	w.line = append(append(w.line, line...), "\r\n"...)
}

var escapes = strings.NewReplacer("\\", "\\\\", ",", "\\,", ";", "\\;", "\r\n", "\\n", "\n", "\\n", "\r", "\\n", "\t", " ")

// escaped is a text as a card takes it.
func escaped(text string) string { return escapes.Replace(text) }

// uri is an address of a page; anything else is none.
func uri(text string) string {
	if !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") || strings.ContainsAny(text, " \r\n\t") {
		return ""
	}
	return text
}

func categories(cell string) string {
	var tags []string
	_ = json.Unmarshal([]byte(cell), &tags) // our own JSON
	for i, tag := range tags {
		tags[i] = escaped(tag)
	}
	return strings.Join(tags, ",")
}
