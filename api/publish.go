package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/openapi"
)

// securityTxtLasts is how long what security.txt says is good for.
const securityTxtLasts = 180 * 24 * time.Hour

// securityTxt tells whom to write to about a weakness (RFC 9116), where the
// installation has named somebody.
//
//	@ID				getSecurityTxt
//	@Summary		Find whom to tell about a weakness
//	@Description	The contact that this installation names, in the form of RFC 9116; a 404 where it names none. Needs no key.
//	@Tags			Service
//	@Produce		plain
//	@Success		200	{string}	string
//	@Failure		404	{object}	ProblemDetails
//	@Router			/security.txt [get]
//	@x-root			"/.well-known"
func (s *server) securityTxt(c echo.Context) error {
	if s.config.SecurityContact == "" {
		return fault.New(fault.NotFound, "This installation names nobody for this; ask those who run it.")
	}
	text := fmt.Sprintf("Contact: %s\nExpires: %s\nPreferred-Languages: en\n", s.config.SecurityContact,
		s.ledger.Now().UTC().Truncate(24*time.Hour).Add(securityTxtLasts).Format(time.RFC3339))
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}

// Changelog is what changed from version to version.
type Changelog struct {
	// Data are the versions, newest first.
	Data []ChangelogVersion `json:"data"`
}

// ChangelogVersion is what changed with one version.
type ChangelogVersion struct {
	// Version is its number, or Unreleased.
	Version string `json:"version" example:"1.0.0"`
	// ReleasedOn is its day, null if it was not released.
	ReleasedOn *string `json:"released_on" format:"date" extensions:"x-nullable" example:"2026-11-22"`
	// Text is what changed, in Markdown.
	Text string `json:"text" example:"### Added\n\n- The register."`
}

// changelog answers what changed from version to version.
//
//	@ID			getChangelog
//	@Summary	Read what changed
//	@Description	What changed for those who run Rapport or build on its API, version by version, newest first. Any key may ask.
//	@Tags		Service
//	@Success	200	{object}	Changelog
//	@Router		/changelog [get]
func (s *server) changelog(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	return s.send(c, http.StatusOK, readChangelog(openapi.Changelog))
}

// readChangelog reads the versions out of the file's headings: ## [1.0.0] - 2026-11-22.
func readChangelog(text string) Changelog {
	out := Changelog{Data: []ChangelogVersion{}}
	_, text, _ = strings.Cut("\n"+text, "\n## [")
	for part := range strings.SplitSeq(text, "\n## [") {
		heading, body, _ := strings.Cut(part, "\n")
		version, rest, _ := strings.Cut(heading, "]")
		v := ChangelogVersion{Version: version, Text: strings.TrimSpace(body)}
		if day := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), "-")); day != "" {
			v.ReleasedOn = &day
		}
		if version != "" {
			out.Data = append(out.Data, v)
		}
	}
	return out
}
