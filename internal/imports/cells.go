package imports

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/fault"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/tabular"
)

// cellFault is what is wrong with one cell.
type cellFault struct{ Code, Detail, Suggestion string }

// isOption reports whether an error is about a choice of how to read the file.
func isOption(err error) bool {
	var e *tabular.Error
	return errors.As(err, &e) && e.Code == tabular.BadOption
}

// value writes a cell as the JSON that the field of t takes. References and what
// goes into lists of the record are not its business.
func (p *plan) value(t target, cell string) (jsontext.Value, *cellFault) {
	f := t.field
	switch t.kind {
	case listCell, tagsCell:
		return p.words(f, cell), nil
	case customCell:
		if f.Terms {
			return p.words(f, cell), nil
		}
	}
	switch f.Shape {
	case register.Choice, register.Rank:
		return quoted(nearChoice(f, cell)), nil
	case register.Whole:
		number, err := tabular.ParseNumber(cell, p.decimal)
		return jsontext.Value(number), misread(f, err)
	case register.Truth:
		yes, err := tabular.ParseBool(cell)
		return jsontext.Value(fmt.Sprint(yes)), misread(f, err)
	case register.Day:
		day, err := tabular.ParseDate(cell, p.dates)
		return quoted(day), misread(f, err)
	case register.Moment:
		moment, err := tabular.ParseInstant(cell, p.dates, p.zone)
		return quoted(moment), misread(f, err)
	case register.JSON:
		return p.structured(f, cell)
	}
	if f.Name == "website" {
		cell = withScheme(cell)
	}
	return quoted(cell), nil
}

func quoted(s string) jsontext.Value {
	out, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "�"))
	return out
}

// misread turns the reader's error about a value into the cell's fault.
func misread(f *register.Field, err error) *cellFault {
	if err == nil {
		return nil
	}
	code := "invalid_format"
	var e *tabular.Error
	if errors.As(err, &e) && (e.Code == tabular.AmbiguousDate || e.Code == tabular.AmbiguousNumber) {
		code = string(e.Code)
	}
	return &cellFault{Code: code, Detail: f.Name + ": " + strings.TrimSuffix(err.Error(), ".") + "."}
}

// words are the parts of a list. A JSON array, as NDJSON has them, is one too.
func (p *plan) words(f *register.Field, cell string) jsontext.Value {
	words := split(cell)
	if f.Values() != nil {
		for i := range words {
			words[i] = nearChoice(f, words[i])
		}
	}
	raw, err := json.Marshal(words)
	if err != nil {
		return jsontext.Value("[]")
	}
	return raw
}

// split parts a cell at commas and semicolons.
func split(cell string) []string { return parts(cell, ",;|\n") }

// parts are what stands between any of the marks, each once. A JSON array, as
// NDJSON has them, has its parts already.
func parts(cell, marks string) []string {
	list := []string{}
	if strings.HasPrefix(cell, "[") && json.Unmarshal([]byte(cell), &list) == nil {
		return list
	}
	list = list[:0]
	for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(marks, r) }) {
		if part = trimmed(part); part != "" && !slices.Contains(list, part) {
			list = append(list, part)
		}
	}
	return list
}

// structured takes a value that is JSON already.
func (p *plan) structured(f *register.Field, cell string) (jsontext.Value, *cellFault) {
	raw := jsontext.Value(cell)
	if k := raw.Kind(); (k == '[' || k == '{') && raw.IsValid() {
		return raw, nil
	}
	return nil, &cellFault{Code: "invalid_type", Detail: f.Name + " takes JSON."}
}

// nearChoice finds the word of an enumeration that a cell means: case, accents,
// spaces and American endings do not matter. What means none of them stays as it is.
func nearChoice(f *register.Field, cell string) string {
	words := f.Values()
	folded := plainWord(cell)
	for _, word := range words {
		if folded == plainWord(word) {
			return word
		}
	}
	return strings.TrimSpace(cell)
}

var separators = strings.NewReplacer(" ", "_", "-", "_", "/", "_", "ization", "isation")

func plainWord(s string) string { return separators.Replace(fold.Fold(strings.TrimSpace(s))) }

// withScheme completes a web address that people write without its beginning.
func withScheme(cell string) string {
	if strings.Contains(cell, "://") || !strings.Contains(cell, ".") || strings.ContainsAny(cell, " @") {
		return cell
	}
	return "http://" + cell
}

// faultsOf turns what the ledger refused into faults of the row's cells.
func (it *item) faultsOf(n *register.Noun, refused *fault.Error) {
	if len(refused.Fields) == 0 {
		it.fault(nil, strings.ReplaceAll(string(refused.Code), "-", "_"), refused.Detail)
		return
	}
	for _, f := range refused.Fields {
		detail := f.Detail
		if f.Suggestion != "" && !strings.Contains(detail, f.Suggestion) {
			detail += " Did you mean " + f.Suggestion + "?"
		}
		path := strings.TrimPrefix(f.Pointer, "#/")
		c := it.columnOf(path)
		if c != nil { // an item's number, or a part of it, says nothing to who sent a table
			if rest, found := strings.CutPrefix(detail, register.Spoken(f.Pointer)); found {
				detail = c.name + rest
			}
		}
		if f.Code == "read_only" && c != nil && howKept(n, c.field) != "" {
			detail = howKept(n, c.field)
		}
		it.fault(c, f.Code, detail)
		switch told := &it.faults[len(it.faults)-1]; {
		case c == nil:
			told.Field = strings.ReplaceAll(path, "/", ".")
		case it.word(path) != "":
			told.Value = short(it.word(path))
		}
	}
}

// word is the one of a cell's words that stands at a path; "" if the path names none.
func (it *item) word(path string) string {
	name, at, _ := strings.Cut(path, "/")
	var words []string
	i, err := strconv.Atoi(at)
	if err != nil || json.Unmarshal(it.sent.Get(name), &words) != nil || i < 0 || i >= len(words) {
		return ""
	}
	return words[i]
}

// columnOf is the column from which the value at a path came, nil if from none.
func (it *item) columnOf(path string) *column {
	for path != "" {
		if c := it.from[path]; c != nil {
			return c
		}
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return nil
		}
		path = path[:i]
	}
	return nil
}

// fault notes what is wrong with the row, or with its cell in column c.
func (it *item) fault(c *column, code, detail string) {
	f := Fault{Row: it.number, Code: code, Detail: detail}
	if c != nil {
		f.Column, f.Field, f.Value = c.heading, c.name, short(it.cell(c))
	}
	it.faults = append(it.faults, f)
}

// short bounds what is kept of a value.
func short(s string) string {
	const most = 200
	if len(s) <= most {
		return strings.ToValidUTF8(s, "�")
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
