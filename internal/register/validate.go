package register

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"rapport/internal/fault"
)

var rules = func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	v.RegisterStructValidation(checkChannel, Channel{})
	return v
}()

// Validate holds what clients wrote of rec against the rules of its fields.
// Pointers begin with prefix, "#" for a plain body.
func Validate(rec Record, prefix string) (faults fault.Fields) { return broken(rec, prefix) }

// broken are the rules of a struct's tags that its values break.
func broken(v any, prefix string) (faults fault.Fields) {
	err := rules.Struct(v)
	var all validator.ValidationErrors
	if !errors.As(err, &all) {
		return nil
	}
	for _, b := range all {
		faults.Add(explain(b, prefix+pointerOf(b.Namespace(), b.StructNamespace())))
	}
	return faults
}

// explain words one broken rule for the caller.
func explain(b validator.FieldError, pointer string) fault.Field {
	f := fault.Field{Pointer: pointer, Code: "invalid_format"}
	name, many := Spoken(pointer), b.Kind() == reflect.Slice
	number := b.Kind() >= reflect.Int && b.Kind() <= reflect.Float64
	limit, _ := strconv.Atoi(b.Param())
	switch tag := b.Tag(); {
	case tag == "required" || strings.HasPrefix(tag, "required_"):
		f.Code, f.Detail = "required", name+" is required."
	case tag == "max" && many:
		f.Code, f.Detail = "too_many_items", name+" takes at most "+counted(limit, "item")+"."
	case tag == "min" && many:
		f.Code, f.Detail = "required", name+" takes at least "+counted(limit, "item")+"."
	case (tag == "max" || tag == "min" || tag == "gte" || tag == "lte") && number:
		bound := map[string]string{"max": "most", "lte": "most", "min": "least", "gte": "least"}[tag]
		f.Code, f.Detail = "out_of_range", name+" must be at "+bound+" "+b.Param()+"."
	case tag == "max":
		f.Code, f.Detail = "too_long", name+" has at most "+counted(limit, "character")+"."
		f.Params = map[string]any{"max": limit, "length": utf8.RuneCountInString(b.Value().(string))}
	case tag == "min":
		f.Code, f.Detail = "too_short", name+" has at least "+counted(limit, "character")+"."
	case tag == "unique":
		f.Code, f.Detail = "duplicate", name+" names something twice."
	case tag == "oneof":
		allowed := strings.Fields(b.Param())
		f.Code, f.Detail, f.Params = "not_in_enum", name+" must be one of "+strings.Join(allowed, ", ")+".", map[string]any{"allowed": allowed}
	default:
		f.Detail = name + " is no " + meant(tag) + "."
	}
	return f
}

// meant is what a value should be by the rule that it broke.
func meant(rule string) string {
	words, told := map[string]string{
		"email":              "e-mail address such as ana@example.org",
		"http_url":           "address of a page such as https://example.org/about",
		"iso3166_1_alpha2":   "country by its two letters (ISO 3166) such as GB",
		"iso4217":            "currency by its three letters (ISO 4217) such as EUR",
		"bcp47_language_tag": "language by its tag (BCP 47) such as en or pt-BR",
		"timezone":           "IANA name of a zone such as Europe/Berlin",
		"cidr":               "network such as 10.1.2.0/24",
	}[rule]
	if !told {
		return "valid " + strings.ReplaceAll(rule, "_", " ")
	}
	return words
}

// counted is a number with what it counts.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
