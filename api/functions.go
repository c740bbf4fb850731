package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/register"
)

// Signpost leads to the document.
type Signpost struct {
	// Name is Rapport.
	Name string `json:"name" example:"Rapport"`
	// OpenAPI leads to this document.
	OpenAPI string `json:"openapi" example:"/openapi.json"`
	// Docs leads to this document as pages.
	Docs string `json:"docs" example:"/docs"`
	// Version is the program's version.
	Version string `json:"version" example:"1.0.0"`
}

// discover leads clients to the document.
//
//	@ID				getSignpost
//	@Summary		Find the document from the root
//	@Description	Leads to this document; the header Link says the same. Needs no key.
//	@Tags			Service
//	@Success		200	{object}	Signpost
//	@Router			/ [get]
func (s *server) discover(c echo.Context) error {
	return s.send(c, http.StatusOK, Signpost{"Rapport", "/openapi.json", "/docs", s.config.Build.Version})
}

// Me is who asks, and what they may do: a client hides buttons by it.
type Me struct {
	// Type is user or service.
	Type string `json:"type" enums:"user,service"`
	// ID is the person's id, or the key's.
	ID string `json:"id"`
	// Name is what the person, or the key, is called.
	Name string `json:"name"`
	// Level is the level of relationship management, null for none.
	Level *int `json:"level"`
	// Roles are the roles beside the level.
	Roles []string `json:"roles"`
	// Scopes are what the key opens; a token opens all that the person may.
	Scopes []string `json:"scopes"`
	// Clearance is the highest sensitivity seen without being named.
	Clearance string `json:"clearance"`
	// TimeZone is the zone in which dates are read.
	TimeZone string `json:"time_zone"`
	// SignedIn says how.
	SignedIn SignedIn `json:"signed_in"`
}

// SignedIn is how somebody signed in.
type SignedIn struct {
	// By is what was sent: a key, or the token of an issuer.
	By string `json:"by" enums:"api_key,token" example:"api_key"`
	// KeyID is the key, null for a token.
	KeyID *string `json:"key_id" extensions:"x-nullable"`
	// IdentityID is the binding of the token's issuer and subject to the person, null for a key.
	IdentityID *string `json:"identity_id" extensions:"x-nullable"`
	// Issuer is whose token it is, null for a key.
	Issuer *string `json:"issuer" extensions:"x-nullable" example:"https://id.example.org"`
	// Until is when the token is no longer taken, null for a key.
	Until *string `json:"until" extensions:"x-nullable" format:"date-time"`
}

func signedIn(a authority.Actor) SignedIn {
	in := SignedIn{By: "api_key", KeyID: orNull(a.KeyID), IdentityID: orNull(a.IdentityID), Issuer: orNull(a.Issuer)}
	if a.IdentityID != "" {
		in.By = "token"
	}
	if !a.Until.IsZero() {
		until := string(register.At(a.Until))
		in.Until = &until
	}
	return in
}

// me answers who asks.
//
//	@ID			getMe
//	@Summary	Tell who is asking
//	@Description	Level, roles, scopes and clearance of the caller and how they signed in, so that a client can hide what is not permitted. Any key may ask.
//	@Tags		Account
//	@Success	200	{object}	Me
//	@Router		/me [get]
func (s *server) me(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	a := authority.From(c.Request().Context())
	m := Me{
		Type: string(a.Type), ID: a.ID, Name: a.Name, Roles: append([]string{}, a.Roles...), Scopes: append([]string{}, a.Scopes...),
		Clearance: a.Clearance().String(), TimeZone: s.ledger.Setting(c.Request().Context(), "time_zone"), SignedIn: signedIn(a),
	}
	if a.Level != authority.None {
		level := int(a.Level)
		m.Level = &level
	}
	return s.send(c, http.StatusOK, m)
}

// verify checks the chain of entries.
//
//	@ID			verifyAudit
//	@Summary	Verify the chain of entries
//	@Description	Checks every link between two numbers, at most 100,000 in one call. Takes the role admin or level 7.
//	@Tags		Audit
//	@Param		from	query	int	false	"the first number; 1 if left out"	minimum(1)
//	@Param		to		query	int	false	"the last number; the newest if left out"
//	@Success	200	{object}	store.Verdict
//	@Router		/audit/verify [get]
func (s *server) verify(c echo.Context) error {
	values, err := params(c, "from", "to")
	if err != nil {
		return err
	}
	bounds := map[string]int64{"from": 1, "to": 0}
	for name := range bounds {
		if given := values.Get(name); given != "" {
			n, err := strconv.ParseInt(given, 10, 64)
			if err != nil || n < 1 {
				return invalid(name, "%s is a number of the chain, from 1.", name)
			}
			bounds[name] = n
		}
	}
	verdict, err := s.ledger.Verify(c.Request().Context(), bounds["from"], bounds["to"])
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, verdict)
}
