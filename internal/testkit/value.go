package testkit

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/seeds"
)

// Values are values that a field probably takes, by its type and its tags: the
// noun's sample names those that no type tells. References are made.
func (h *House) Values(n *register.Noun, f *register.Field) []any {
	h.T.Helper()
	sample, _, _ := seeds.SampleOf(n.Name)
	if given := sample.Values[f.Name]; len(given) > 0 {
		return given
	}
	if nouns := sample.Needs[f.Name]; strings.Contains(nouns, ",") {
		return []any{h.several(nouns), h.several(nouns)}
	}
	s, _ := reflect.TypeOf(n.New()).Elem().FieldByName(f.Go)
	all := h.values(s.Type, s.Tag)
	for i, v := range all {
		if text, ok := v.(string); ok && f.Shape == register.Text && unique(n, f.Name) {
			h.made++
			all[i] = fmt.Sprintf("%sv%d", text, h.made)
		}
	}
	return all
}

// unique reports whether no two records share the field's value.
func unique(n *register.Noun, field string) bool {
	return slices.ContainsFunc(n.Unique, func(set string) bool {
		return slices.Contains(strings.Split(strings.ReplaceAll(set, " ", ""), ","), field)
	})
}

func (h *House) values(t reflect.Type, tag reflect.StructTag) []any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	enum, target := tag.Get("enum"), tag.Get("ref")
	switch {
	case t == reflect.TypeFor[register.Instant]():
		return []any{"2026-11-20T08:15:04.123Z", "2026-11-21T10:00:00.000Z", "2026-12-04T10:00:00.000Z", "2026-12-11T10:00:00.000Z"}
	case t == reflect.TypeFor[register.Date]():
		return []any{"2026-11-20", "2026-11-21", "2026-12-04", "2026-12-11"}
	case t == reflect.TypeFor[authority.Sensitivity]():
		return []any{"public", "internal"}
	case t.Kind() == reflect.Slice:
		return h.lists(t.Elem(), tag)
	case t.Kind() == reflect.Map:
		return []any{map[string]any{}}
	case t.Kind() == reflect.Struct:
		return []any{h.object(t, 0), h.object(t, 1)}
	case target == "user":
		return []any{h.People["l6b"], h.People["l7b"]}
	case target != "":
		return []any{h.Some(target), h.Some(target)}
	case enum != "":
		return anys(register.Enums[enum])
	case t.Kind() == reflect.Bool:
		return []any{true, false}
	case t.Kind() == reflect.String:
		return words(tag.Get("validate"))
	}
	return numbers(tag.Get("validate"))
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// lists are two lists of one item each, of what an item may be.
func (h *House) lists(item reflect.Type, tag reflect.StructTag) (out []any) {
	_, inner, _ := strings.Cut(tag.Get("validate"), "dive")
	rest := reflect.StructTag(fmt.Sprintf(`enum:"%s" ref:"%s" validate:"%s"`, tag.Get("enum"), tag.Get("ref"), strings.TrimPrefix(inner, ",")))
	for _, v := range h.values(item, rest) {
		if text, ok := v.(string); ok && tag.Get("ref") == "" && tag.Get("enum") == "" {
			v = strings.ToLower(text) // tags are kept so
		}
		out = append(out, []any{v})
	}
	return out
}

// object is a structured value with the i-th value of each of its members.
func (h *House) object(t reflect.Type, i int) map[string]any {
	out := map[string]any{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		all := h.values(f.Type, f.Tag)
		out[name] = all[min(i, len(all)-1)]
	}
	if t == reflect.TypeFor[register.ExternalID]() { // no two records share one
		h.made++
		out["key"] = fmt.Sprintf("key %d", h.made)
	}
	return out
}

// shapes are texts that keep to a rule of validation.
var shapes = map[string][]any{
	"email": {"ana.pop@example.org", "ben.okafor@example.org"}, "url": {"https://example.org/a", "https://example.org/b"},
	"http_url": {"https://example.org/a", "https://example.org/b"}, "uri": {"https://example.org/a", "https://example.org/b"},
	"timezone": {"Europe/Berlin", "Europe/Paris"}, "cidr": {"10.0.0.0/8", "192.168.0.0/16"}, "e164": {"+4930901820", "+33123456789"},
	"iso4217": {"EUR", "USD"}, "iso3166_1_alpha2": {"DE", "FR"}, "bcp47_language_tag": {"de", "fr"}, "alphanum": {"ana7", "ben8"},
	"alphanumunicode|alphanum": {"ana7", "ben8"}, "hexcolor": {"#aa0011", "#00bb22"}, "numeric": {"12", "34"}, "number": {"12", "34"},
	"lowercase": {"noise", "traffic"}, "fqdn": {"example.org", "example.net"}, "hostname": {"one.example", "two.example"}, "bic": {"DEUTDEFF", "DEUTDEFF500"},
}

func words(rules string) []any {
	longest := 1000
	for rule := range strings.SplitSeq(rules, ",") {
		if fit := shapes[rule]; fit != nil {
			return slices.Clone(fit)
		}
		name, param, _ := strings.Cut(rule, "=")
		switch name {
		case "oneof":
			return anys(strings.Fields(param))
		case "max", "len":
			longest, _ = strconv.Atoi(param)
		}
	}
	out := []any{"Quay noise at dawn", "Night shift on the harbour"}
	for i, v := range out {
		out[i] = strings.TrimSpace(v.(string)[:min(len(v.(string)), longest)])
	}
	return out
}

func numbers(rules string) []any {
	low, high := 1, 1000
	for rule := range strings.SplitSeq(rules, ",") {
		name, param, _ := strings.Cut(rule, "=")
		n, _ := strconv.Atoi(param)
		switch name {
		case "oneof":
			var out []any
			for _, word := range strings.Fields(param) {
				n, _ := strconv.Atoi(word)
				out = append(out, n)
			}
			return out
		case "min", "gte":
			low = n
		case "gt":
			low = n + 1
		case "max", "lte":
			high = n
		case "lt":
			high = n - 1
		}
	}
	return slices.Compact([]any{min(low+1, high), min(low+2, high), low})
}
