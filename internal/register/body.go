package register

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/fault"
)

// Member is one member of a JSON object as it was sent.
type Member struct {
	Name string
	Raw  jsontext.Value
}

// Body is a JSON object as it was sent: its members in their order.
type Body []Member

// Get is the value of the member called name, nil if it was not sent.
func (b Body) Get(name string) jsontext.Value {
	for _, m := range b {
		if m.Name == name {
			return m.Raw
		}
	}
	return nil
}

// Without is b without the members called so.
func (b Body) Without(names ...string) Body {
	out := make(Body, 0, len(b))
next:
	for _, m := range b {
		for _, n := range names {
			if m.Name == n {
				continue next
			}
		}
		out = append(out, m)
	}
	return out
}

// Refused is the refusal of b by faults found under prefix, in the order in which b
// names the members at fault; those that it leaves out come last.
func (b Body) Refused(faults fault.Fields, prefix string) error {
	place := func(f fault.Field) int {
		name, within := strings.CutPrefix(f.Pointer, prefix+"/")
		name, _, _ = strings.Cut(name, "/")
		at := slices.IndexFunc(b, func(m Member) bool { return within && escape(m.Name) == name })
		if at < 0 {
			return len(b)
		}
		return at
	}
	slices.SortStableFunc(faults, func(x, y fault.Field) int { return cmp.Compare(place(x), place(y)) })
	return faults.Err()
}

// With is b with a member called so, in place of what it says there, or as the last.
func (b Body) With(name string, raw jsontext.Value) Body {
	out := slices.Clone(b)
	for i := range out {
		if out[i].Name == name {
			out[i].Raw = raw
			return out
		}
	}
	return append(out, Member{Name: name, Raw: raw})
}

// object writes the members as JSON.
func (b Body) object() []byte {
	out := []byte{'{'}
	for i, m := range b {
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, m.Name)
		out = append(append(out, ':'), m.Raw...)
	}
	return append(out, '}')
}

// deepest is how far JSON in a request may nest.
const deepest = 32

// ParseBody reads a request's body strictly: one JSON object, no duplicate
// names, valid UTF-8, nothing behind it, no number beyond 64 bits, nested at
// most 32 deep. Its errors are malformed-json with the offset of the flaw, or
// validation-failed where the JSON is sound but no object.
func ParseBody(raw []byte) (Body, error) {
	if bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")) {
		return nil, malformed(0, "a byte-order mark does not belong in JSON")
	}
	if err := scan(raw); err != nil {
		return nil, err
	}
	return members(raw)
}

// members reads an object that scan has looked through.
func members(raw []byte) (Body, error) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	open, err := d.ReadToken()
	if err != nil || open.Kind() != '{' {
		return nil, fault.Fields{{Pointer: "#", Code: "invalid_type", Detail: "The body must be a JSON object."}}.Err()
	}
	var body Body
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, malformed(d.InputOffset(), "%v", err)
		}
		member := Member{Name: name.String()}
		value, err := d.ReadValue()
		if err != nil {
			return nil, malformed(d.InputOffset(), "%v", err)
		}
		member.Raw = bytes.Clone(value)
		body = append(body, member)
	}
	return body, nil
}

// scan goes over all tokens once and refuses what no JSON of ours may hold.
func scan(raw []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	for top := 0; ; {
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			if top == 0 {
				return malformed(0, "the body is empty")
			}
			return nil
		}
		if err != nil {
			return malformed(d.InputOffset(), "%s", plainly(err))
		}
		if d.StackDepth() > deepest {
			return malformed(d.InputOffset(), "nested deeper than %d", deepest)
		}
		if token.Kind() == '0' && !fits(token.String()) {
			return malformed(d.InputOffset(), "the number %.40s is beyond 64 bits", token.String())
		}
		if d.StackDepth() == 0 {
			if top++; top > 1 {
				return malformed(d.InputOffset(), "there is something behind the JSON value")
			}
		}
	}
}

func fits(number string) bool {
	if !strings.ContainsAny(number, ".eE") {
		_, err := strconv.ParseInt(number, 10, 64)
		return err == nil
	}
	f, err := strconv.ParseFloat(number, 64)
	return err == nil && f >= -1<<63 && f < 1<<63
}

func malformed(offset int64, format string, args ...any) error {
	return fault.New(fault.MalformedJSON, "The body is not the JSON we read: "+format+".", args...).With("offset", offset)
}

// plainly is what is wrong with the syntax, without the library's own prefix.
func plainly(err error) string {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && syntax.Err != nil {
		if errors.Is(syntax.Err, jsontext.ErrDuplicateName) {
			return "a member name occurs twice"
		}
		return syntax.Err.Error()
	}
	return err.Error()
}
