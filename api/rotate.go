package api

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// Rotation says how a key is to change its secret.
type Rotation struct {
	// Overlap is how long the old secret is taken beside the new, an ISO 8601 duration of at most 90 days; PT0S ends it at once.
	Overlap string `json:"overlap" validate:"required" example:"P7D"`
}

// rotateKey gives a key a new secret.
//
//	@ID			rotateAPIKey
//	@Summary	Give a key a new secret
//	@Description	The answer's token is shown this once. The old secret is taken for the overlap still, then ends; one from an earlier rotation ends at once, and revoking the key ends all. Takes level 7 or the role admin, and a key that opens what this one opens. The key needs the scope admin:write.
//	@Tags		API keys
//	@Param		id				path	string		true	"the key's id or ref"
//	@Param		body			body	Rotation	true	"the overlap"
//	@Param		If-Match		header	string		false	"the version that was seen"
//	@Param		Idempotency-Key	header	string		false	"makes repeating safe; the token is not shown again"
//	@Param		validate_only	query	bool		false	"only try it"
//	@Success	200	{object}	APIKeyCreated
//	@Router		/api-keys/{id}/rotate [post]
func (s *server) rotateKey(c echo.Context) error {
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	ask, err := asked(c, raw)
	if err != nil {
		return err
	}
	overlap, wrong := readOverlap(body)
	a, token, err := s.ledger.RotateKey(c.Request().Context(), c.Param("id"), overlap, wrong, ask)
	if err != nil {
		return err
	}
	return s.sendKey(c, a, token, ask.ValidateOnly)
}

// sendKey answers a key with its token, which is shown this once.
func (s *server) sendKey(c echo.Context, a ledger.Answer, token string, validateOnly bool) error {
	if !a.Replayed && !validateOnly {
		a.Body = append(append(append(a.Body[:len(a.Body)-1:len(a.Body)-1], `,"token":"`...), token...), `"}`...)
		c.Response().Header().Set("Cache-Control", "no-store")
	}
	return s.sendAnswer(c, a, validateOnly)
}

func readOverlap(body register.Body) (time.Duration, error) {
	var faults fault.Fields
	for _, m := range body {
		if m.Name != "overlap" {
			register.Unknown(&faults, "#", m.Name, func() []string { return []string{"overlap"} })
		}
	}
	given, said := body.Get("overlap"), ""
	switch {
	case given == nil || string(given) == "null":
		faults.At("#/overlap", "required", "Say how long the old secret is taken still: overlap is required.")
		return 0, faults.Err()
	case json.Unmarshal(given, &said) != nil:
		faults.At("#/overlap", "invalid_type", "overlap takes text.")
		return 0, faults.Err()
	}
	span, ok := parseSpan(said)
	switch {
	case !ok:
		faults.At("#/overlap", "invalid_format", "overlap takes an ISO 8601 duration such as P7D, PT12H or PT0S.")
	case span > ledger.LongestOverlap:
		faults.At("#/overlap", "out_of_range", "overlap is at most P90D.")
	}
	return span, faults.Err()
}

var spans = regexp.MustCompile(`^P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)$`)

// parseSpan reads an ISO 8601 duration of fixed length: weeks, or days, hours,
// minutes and seconds.
func parseSpan(s string) (span time.Duration, ok bool) {
	m := spans.FindStringSubmatch(s)
	if m == nil || s == "P" || s[len(s)-1] == 'T' {
		return 0, false
	}
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // digits or nothing
		span += time.Duration(n) * unit
	}
	return span, true
}
