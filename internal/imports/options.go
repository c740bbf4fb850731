package imports

import (
	"net/url"
	"slices"
	"strings"

	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/tabular"
)

// Options are the choices that a file is handed in with.
type Options struct {
	Commit          bool              `json:"commit"`
	Match           []string          `json:"match"`
	OnMatch         string            `json:"on_match"`
	Format          string            `json:"format"`
	Delimiter       string            `json:"delimiter"`
	Encoding        string            `json:"encoding"`
	DateFormat      string            `json:"date_format"`
	Decimal         string            `json:"decimal"`
	Sheet           string            `json:"sheet"`
	CreateMissing   []string          `json:"create_missing"`
	Adopt           bool              `json:"adopt"`
	Parent          string            `json:"parent"`
	ExternalSystem  string            `json:"external_system"`
	AllowDuplicate  bool              `json:"allow_duplicate"`
	DuplicateReason string            `json:"duplicate_reason"`
	Defaults        map[string]string `json:"defaults"`
	RequestID       string            `json:"request_id"`

	Customs *register.Customs `json:"-"` // the custom fields that who hands the file in knows of
}

// Parameters are the names of the choices, in the query of a request. default.x
// is the value of the field x in rows that leave it empty.
var Parameters = []string{
	"collection", "mode", "match", "on_match", "delimiter", "encoding", "date_format", "decimal", "create_missing", "adopt",
	"parent", "external_system", "sheet", "allow_duplicate", "duplicate_reason",
}

// DefaultPrefix begins the names of the parameters that give empty cells a value.
const DefaultPrefix = "default."

// choice is a parameter that takes words of a list.
type choice struct {
	name     string
	words    []string
	standard string
	many     bool
}

var choices = []choice{
	{"mode", []string{"dry_run", "commit"}, "dry_run", false},
	{"match", []string{"id", "external_id", "email", "name", "ref"}, "id,external_id,email", true},
	{"on_match", []string{"update", "skip", "error"}, "update", false},
	{"create_missing", []string{"tags", "groups"}, "", true},
	{"adopt", []string{"true", "false"}, "false", false},
	{"allow_duplicate", []string{"true", "false"}, "false", false},
	{"parent", []string{"auto", "parent_of", "member_of", "works_for", "reports_to"}, "auto", false},
}

// ReadOptions reads the choices from a query, and finds all that is wrong at once.
func ReadOptions(values url.Values, customs *register.Customs) (*register.Noun, Options, error) {
	faults := &fault.Error{Code: fault.InvalidParameter, Detail: "A parameter of the import is not right."}
	n := collection(values.Get("collection"), faults)
	words := map[string][]string{}
	for _, c := range choices {
		words[c.name] = c.read(values, faults)
	}
	o := Options{
		Commit: words["mode"][0] == "commit", Match: words["match"], OnMatch: words["on_match"][0], CreateMissing: words["create_missing"],
		Adopt: words["adopt"][0] == "true", AllowDuplicate: words["allow_duplicate"][0] == "true", Parent: words["parent"][0],
		Delimiter: values.Get("delimiter"), Encoding: values.Get("encoding"), DateFormat: values.Get("date_format"), Decimal: values.Get("decimal"), Sheet: values.Get("sheet"),
		ExternalSystem: values.Get("external_system"), DuplicateReason: values.Get("duplicate_reason"), Defaults: map[string]string{}, Customs: customs,
	}
	if o.ExternalSystem == "" {
		o.ExternalSystem = "import"
	}
	if len(o.ExternalSystem) > 60 {
		wrong(faults, "external_system", "too_long", "external_system has at most 60 characters.", "")
	}
	if o.AllowDuplicate && o.DuplicateReason == "" {
		wrong(faults, "duplicate_reason", "required", "Say why these are no duplicates: duplicate_reason is required with allow_duplicate.", "")
	}
	for name, v := range values {
		if field, found := strings.CutPrefix(name, DefaultPrefix); found {
			o.Defaults[field] = v[0]
		}
	}
	checkReading(o, faults)
	if n != nil {
		checkDefaults(n, o, faults)
		if t := n.TitleField; slices.Contains(o.Match, "name") && (t == nil || !t.Folded()) {
			wrong(faults, "match", "conflicts_with", "match: several "+strings.ReplaceAll(n.Plural, "_", " ")+" may well be called alike, so they are not matched by name.", "")
		}
	}
	if len(faults.Fields) > 0 {
		slices.SortFunc(faults.Fields, func(a, b fault.Field) int { return strings.Compare(a.Parameter, b.Parameter) })
		return nil, o, faults
	}
	return n, o, nil
}

func wrong(f *fault.Error, parameter, code, detail, suggestion string) {
	f.Fields = append(f.Fields, fault.Field{Parameter: parameter, Code: code, Detail: detail, Suggestion: suggestion})
}

// Collections are what files can bring.
func Collections() (paths []string) {
	for _, n := range register.All() {
		if !n.Platform {
			paths = append(paths, n.Path)
		}
	}
	return paths
}

func collection(path string, faults *fault.Error) *register.Noun {
	if n := register.ByPath(path); n != nil && !n.Platform {
		return n
	}
	if path == "" {
		wrong(faults, "collection", "required", "Say what the file brings: collection is required.", "")
		return nil
	}
	wrong(faults, "collection", "not_in_enum", "collection is one of "+strings.Join(Collections(), ", ")+".", fault.Nearest(path, Collections()))
	return nil
}

// read reads the words that were chosen; there is always at least one.
func (c choice) read(values url.Values, faults *fault.Error) []string {
	given := strings.Join(values[c.name], ",")
	if given == "" {
		given = c.standard
	}
	var words []string
	for word := range strings.SplitSeq(given, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		if !slices.Contains(c.words, word) || len(words) > 0 && !c.many {
			wrong(faults, c.name, "not_in_enum", c.name+" is one of "+strings.Join(c.words, ", ")+".", fault.Nearest(word, c.words))
			continue
		}
		words = append(words, word)
	}
	if len(words) == 0 && !c.many {
		return []string{""}
	}
	return words
}

// checkReading holds the choices of how the file is read against the reader's own.
func checkReading(o Options, faults *fault.Error) {
	if _, err := tabular.ParseDateFormat(o.DateFormat); err != nil {
		wrong(faults, "date_format", "invalid_format", err.Error(), "")
	}
	if _, err := tabular.ParseDecimal(o.Decimal); err != nil {
		wrong(faults, "decimal", "invalid_format", err.Error(), "")
	}
	for name, options := range map[string]tabular.Options{"delimiter": {Delimiter: o.Delimiter}, "encoding": {Encoding: o.Encoding}} {
		if _, err := tabular.Detect([]byte("a,b\n1,2\n"), options); isOption(err) {
			wrong(faults, name, "invalid_format", err.Error(), "")
		}
	}
}

// checkDefaults refuses values for what is no field to be written.
func checkDefaults(n *register.Noun, o Options, faults *fault.Error) {
	for name, value := range o.Defaults {
		t, ok := targetNamed(n, o, name)
		if !ok || t.list() && t.kind != listCell && t.kind != tagsCell {
			wrong(faults, DefaultPrefix+name, "unknown_field", "There is no field "+name+" that a value could be given for.", fault.Nearest(name, targetNames(n, o)))
			continue
		}
		p := &plan{noun: n, options: o}
		if _, bad := p.value(t, value); bad != nil {
			wrong(faults, DefaultPrefix+name, bad.Code, bad.Detail, bad.Suggestion)
		}
	}
}

func cutDefault(parameter string) (string, bool) { return strings.CutPrefix(parameter, DefaultPrefix) }
