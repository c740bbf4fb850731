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

// explain words one broken rule for the caller.
func explain(b validator.FieldError, pointer string) fault.Field {
	f := fault.Field{Pointer: pointer, Code: "invalid_format"}
	name, many := last(pointer), b.Kind() == reflect.Slice
	number := b.Kind() >= reflect.Int && b.Kind() <= reflect.Float64
	limit, _ := strconv.Atoi(b.Param())
	switch tag := b.Tag(); {
	case tag == "required" || strings.HasPrefix(tag, "required_"):
		f.Code, f.Detail = "required", name+" is required."
	case tag == "max" && many:
		f.Code, f.Detail = "too_many_items", name+" takes at most "+b.Param()+" items."
	case tag == "min" && many:
		f.Code, f.Detail = "required", name+" takes at least "+b.Param()+" items."
	case (tag == "max" || tag == "min" || tag == "gte" || tag == "lte") && number:
		f.Code, f.Detail = "out_of_range", name+" is out of its range: "+tag+" "+b.Param()+"."
	case tag == "max":
		f.Code, f.Detail = "too_long", name+" has at most "+b.Param()+" characters."
		f.Params = map[string]any{"max": limit, "length": utf8.RuneCountInString(b.Value().(string))}
	case tag == "min":
		f.Code, f.Detail = "too_short", name+" has at least "+b.Param()+" characters."
	case tag == "unique":
		f.Code, f.Detail = "duplicate", name+" names something twice."
	case tag == "oneof":
		allowed := strings.Fields(b.Param())
		f.Code, f.Detail, f.Params = "not_in_enum", name+" must be one of "+strings.Join(allowed, ", ")+".", map[string]any{"allowed": allowed}
	default:
		f.Detail = name + " is no valid " + strings.ReplaceAll(tag, "_", " ") + "."
	}
	return f
}
