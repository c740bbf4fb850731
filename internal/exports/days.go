package exports

import (
	"strings"

	"rapport/internal/authority"
	"rapport/internal/register"
)

// frame writes what stands around the days of a calendar (RFC 5545).
func (w *Writer) frame(side string) error {
	w.line = w.line[:0]
	w.property(side, "VCALENDAR")
	if side == "BEGIN" {
		w.property("VERSION", "2.0")
		w.property("PRODID", "-//Rapport//Export//EN")
	}
	return w.flushLine("")
}

// day writes a record as the day on which it is due, under the same name as in the
// feed that people subscribe to; nothing if it has none.
func (w *Writer) day(row register.Row, level authority.Level) error {
	get := w.cells(row, level)
	due := get("due_on")
	if due == "" {
		return nil
	}
	title := w.noun.Ref(row[w.noun.Field("num").Column])
	if f := w.noun.TitleField; f != nil {
		title += " " + get(f.Name)
	}
	w.property("BEGIN", "VEVENT")
	w.property("UID", "due-"+get("id")+"@rapport")
	w.property("DTSTAMP", stamp(get("updated_at")))
	w.property("SEQUENCE", get("version"))
	w.property("DTSTART;VALUE=DATE", strings.ReplaceAll(due, "-", ""))
	w.property("SUMMARY", escaped(title))
	w.property("DESCRIPTION", "State: "+strings.ReplaceAll(get("state"), "_", " ")+".")
	w.property("CLASS", "PRIVATE")
	w.property("TRANSP", "TRANSPARENT")
	w.property("END", "VEVENT")
	return w.flushLine("")
}
