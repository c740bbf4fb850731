package tabular

import (
	"slices"
	"strings"
)

// Auto is the value of an option that leaves the choice to Detect. The empty
// string means the same.
const Auto = "auto"

// Options fix what Detect would otherwise find out.
type Options struct {
	Format    string // auto, csv, ndjson
	Encoding  string // auto, utf-8, windows-1252, …
	Delimiter string // auto, comma, semicolon, tab, pipe or the character itself
	Header    string // auto, yes, no
	LineEnd   string // auto, lf, crlf, cr
	Formulas  string // auto, neutralised, plain
}

// choice is one option's allowed values; aliases lead to one of them.
type choice struct {
	option  string
	allowed []string
	aliases map[string]string
}

var (
	formatChoice = choice{
		option: "format", allowed: []string{string(CSV), string(NDJSON)},
		aliases: map[string]string{"jsonl": string(NDJSON)},
	}
	encodingChoice = choice{
		option: "encoding", allowed: encodingNames(),
		aliases: map[string]string{
			"utf8": utf8Name, "utf-8-bom": utf8Name, "utf-8-sig": utf8Name,
			"latin-1": latin1Name, "latin1": latin1Name, "cp1252": cp1252Name, "windows1252": cp1252Name, "ansi": cp1252Name,
		},
	}
	delimiterChoice = choice{
		option: "delimiter", allowed: []string{"comma", "semicolon", "tab", "pipe"},
		aliases: map[string]string{",": "comma", ";": "semicolon", "\t": "tab", `\t`: "tab", "|": "pipe"},
	}
	headerChoice = choice{
		option: "header", allowed: []string{"yes", "no"},
		aliases: map[string]string{"true": "yes", "false": "no"},
	}
	lineEndChoice  = choice{option: "line_end", allowed: []string{string(LF), string(CRLF), string(CR)}}
	formulasChoice = choice{option: "formulas", allowed: []string{"neutralised", "plain"}}
)

// pick returns the allowed value that is meant, or "" for auto.
func (c choice) pick(value string) (string, error) {
	folded := strings.ToLower(value)
	if folded == "" || folded == Auto {
		return "", nil
	}
	if alias, ok := c.aliases[folded]; ok {
		return alias, nil
	}
	if slices.Contains(c.allowed, folded) {
		return folded, nil
	}
	return "", problem(BadOption, "%s is %q; allowed are auto, %s", c.option, shown(value), strings.Join(c.allowed, ", "))
}

// settled returns the options with every value picked, or says which is wrong.
func (o Options) settled() (Options, error) {
	fields := []struct {
		value *string
		choice
	}{
		{&o.Format, formatChoice},
		{&o.Encoding, encodingChoice},
		{&o.Delimiter, delimiterChoice},
		{&o.Header, headerChoice},
		{&o.LineEnd, lineEndChoice},
		{&o.Formulas, formulasChoice},
	}
	for _, f := range fields {
		picked, err := f.pick(*f.value)
		if err != nil {
			return o, err
		}
		*f.value = picked
	}
	return o, nil
}
