package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
)

// identified puts the caller into the request's context: the key comes in one
// header, never in the URL.
func (s *server) identified(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if ticket := c.QueryParam("ticket"); ticket != "" && streams(c) {
			return s.admitted(c, ticket, next)
		}
		token, err := s.credentials(c)
		if err != nil {
			return err
		}
		actor, err := s.signIn(c, token)
		if err != nil {
			return err
		}
		c.SetRequest(c.Request().WithContext(authority.With(c.Request().Context(), actor)))
		if err := s.metered(c, actor); err != nil {
			return err
		}
		err = next(c)
		s.noteRefusal(c, err)
		return err
	}
}

// guarded asks for a key below the API's base, whether there is such a path or not.
// OPTIONS goes without: a browser asks it before it may send a key.
func (s *server) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	known, open := s.identified(next), s.opened(next)
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodOptions && isPublic(c) {
			return open(c)
		}
		if r.Method != http.MethodOptions && (r.URL.Path == Base || strings.HasPrefix(r.URL.Path, Base+"/")) {
			return known(c)
		}
		return next(c)
	}
}

// credentials finds the one key, or token, of a request. A token comes as a bearer's
// alone, where everybody who handles requests takes care of it.
func (s *server) credentials(c echo.Context) (string, error) {
	bearer, plain := c.Request().Header.Values("Authorization"), c.Request().Header.Values("X-API-Key")
	switch {
	case len(bearer)+len(plain) > 1:
		f := fault.New(fault.InvalidParameter, "Send one key, in one header.")
		f.Fields = []fault.Field{{Header: "Authorization", Code: "conflicts_with", Detail: f.Detail}}
		return "", f
	case len(plain) == 1 && !s.ledger.TakesToken(plain[0]):
		return plain[0], nil
	case len(bearer) == 1:
		scheme, token, found := strings.Cut(bearer[0], " ")
		if found && strings.EqualFold(scheme, "Bearer") {
			return token, nil
		}
	}
	return "", fault.New(fault.Unauthenticated, "Say who you are: send Authorization: Bearer with your API key or token.")
}
