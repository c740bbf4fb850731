package api

import (
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/register"
)

// getExternal answers the record that another system calls so.
func (r resource) getExternal(c echo.Context) error {
	id := "" // which names nothing: the parameters are read before that is told
	if x, wrong := readExternal(c); wrong == nil {
		found, err := r.ledger.Called(c.Request().Context(), r.noun, x)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		id = found
	}
	c.SetParamNames("id")
	c.SetParamValues(id)
	return r.get(c)
}

// upsert changes the record that another system calls so, or enters it.
func (r resource) upsert(c echo.Context) error {
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	if _, err := params(c, "validate_only", "allow_duplicate"); err != nil {
		return err
	}
	ask, err := asked(c, raw)
	if err != nil {
		return err
	}
	if ask.CreateOnly, err = createOnly(c); err != nil {
		return err
	}
	x, wrong := readExternal(c)
	if wrong != nil {
		return wrong
	}
	a, err := r.ledger.Upsert(c.Request().Context(), r.noun, x, body, ask)
	if err != nil {
		return err
	}
	return r.sendEntered(c, a, ask.ValidateOnly)
}

// readExternal reads system and key off the path.
func readExternal(c echo.Context) (x register.ExternalID, wrong error) {
	f := fault.New(fault.InvalidParameter, "The path names no external id.")
	read := func(name string, most int) string {
		text, ok := register.Cleaned(c.Param(name))
		if !ok || text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > most {
			f.Fields = append(f.Fields, fault.Field{Parameter: name, Code: "invalid_format", Detail: name + " is a text without control characters, not too long."})
		}
		return text
	}
	x = register.ExternalID{System: read("system", 60), Key: read("key", 200)}
	if len(f.Fields) > 0 {
		return x, f
	}
	return x, nil
}

// createOnly reads If-None-Match of an upsert, which asks for no record at all.
func createOnly(c echo.Context) (bool, error) {
	values := c.Request().Header.Values("If-None-Match")
	if len(values) == 0 {
		return false, nil
	}
	if strings.TrimSpace(strings.Join(values, ",")) != "*" {
		f := fault.New(fault.InvalidParameter, "If-None-Match takes * here: enter the record only if there is none.")
		f.Fields = []fault.Field{{Header: "If-None-Match", Code: "invalid_format", Detail: f.Detail}}
		return false, f
	}
	if c.Request().Header.Get("If-Match") != "" {
		f := fault.New(fault.InvalidParameter, "If-Match asks for a record and If-None-Match for none: send one of them.")
		f.Fields = []fault.Field{{Header: "If-None-Match", Code: "conflicts_with", Detail: f.Detail}}
		return false, f
	}
	return true, nil
}
