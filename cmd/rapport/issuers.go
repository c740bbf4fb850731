package main

import (
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"rapport/internal/issuer"
	"rapport/internal/ledger"
)

// tokenTypes are those by which issuers name access tokens. What names another
// type, such as that of a logout, is no sign-in.
var tokenTypes = []string{"at+jwt", "JWT", issuer.Unmarked}

// checkIssuers refuses issuers that cannot be asked, and half a setting: without an
// audience the tokens of every other service of an issuer would open this one.
func (c *config) checkIssuers() error {
	for _, given := range trimmed(c.OIDCIssuer) {
		u, err := url.Parse(given)
		if err == nil {
			err = issuer.CheckURL(given)
		}
		if err != nil || u.RawQuery != "" {
			return &wrongSetting{"RAPPORT_OIDC_ISSUER", fmt.Sprintf("must list URLs such as https://id.example.org, not %q", given)}
		}
	}
	if slices.Contains(trimmed(c.OIDCAudience), "") {
		return &wrongSetting{"RAPPORT_OIDC_AUDIENCE", "must list names, and none of them empty"}
	}
	switch {
	case len(c.OIDCIssuer) > 0 && len(c.OIDCAudience) == 0:
		return &wrongSetting{"RAPPORT_OIDC_AUDIENCE", "is required with RAPPORT_OIDC_ISSUER: a token must say that it is meant for this register"}
	case len(c.OIDCIssuer) == 0 && len(c.OIDCAudience) > 0:
		return &wrongSetting{"RAPPORT_OIDC_ISSUER", "is required with RAPPORT_OIDC_AUDIENCE"}
	}
	if err := amongThe("RAPPORT_OIDC_ALGORITHMS", c.OIDCAlgorithms, issuer.Algorithms); err != nil {
		return err
	}
	return amongThe("RAPPORT_OIDC_TYPES", c.OIDCTypes, tokenTypes)
}

// amongThe refuses values of a setting that are none of those there are.
func amongThe(name string, given, there []string) error {
	for _, one := range trimmed(given) {
		if !slices.Contains(there, one) {
			return &wrongSetting{name, fmt.Sprintf("must list some of %s, not %q", strings.Join(there, ", "), one)}
		}
	}
	return nil
}

// issuers are those whose tokens are taken; nil for none. Nothing is asked of them
// before somebody comes with a token.
func (c *config) issuers() ledger.Tokens {
	if len(c.OIDCIssuer) == 0 {
		return nil
	}
	slog.Info("tokens are taken beside keys", "issuers", trimmed(c.OIDCIssuer), "audiences", trimmed(c.OIDCAudience))
	return issuer.New(issuer.Config{
		Issuers: trimmed(c.OIDCIssuer), Audiences: trimmed(c.OIDCAudience), Algorithms: trimmed(c.OIDCAlgorithms), Types: trimmed(c.OIDCTypes),
		Now: clock, Log: slog.Default(),
	})
}

func trimmed(values []string) (plain []string) {
	for _, v := range values {
		plain = append(plain, strings.TrimSpace(v))
	}
	return plain
}
