package issuer

import (
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var (
	errShape  = errors.New("it is not three parts of JSON and a signature")
	errHeader = errors.New("its header asks for what no token may ask")
	errClaim  = errors.New("a claim is not of its type")
)

// header is what a token says of how it is signed.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`

	// A token that brings its key, or says where one is to be fetched, is refused, and
	// so is one that wants something understood that is not.
	Key         jsontext.Value `json:"jwk"`
	KeyURL      jsontext.Value `json:"jku"`
	Certificate jsontext.Value `json:"x5u"`
	Critical    jsontext.Value `json:"crit"`
	Unencoded   jsontext.Value `json:"b64"`
	Encryption  jsontext.Value `json:"enc"`
	Compression jsontext.Value `json:"zip"`
}

// longestKeyID is that of a key's id.
const longestKeyID = 255

func (h *header) check() error {
	for _, asked := range []jsontext.Value{h.Key, h.KeyURL, h.Certificate, h.Critical, h.Unencoded, h.Encryption, h.Compression} {
		if asked != nil {
			return errHeader
		}
	}
	if len(h.KeyID) > longestKeyID {
		return errHeader
	}
	return nil
}

// claims are what a token says of whom, for whom and for how long.
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Ends     *instant `json:"exp"`
	Begins   *instant `json:"nbf"`
	IssuedAt *instant `json:"iat"`

	// What tells a token of another kind: ID tokens (OpenID Connect Core 3.1.3.6 and
	// 3.3.2.11), logout tokens and other tidings of security (RFC 8417), and what two
	// widespread issuers say outright.
	Nonce     jsontext.Value `json:"nonce"`
	TokenHash jsontext.Value `json:"at_hash"`
	CodeHash  jsontext.Value `json:"c_hash"`
	StateHash jsontext.Value `json:"s_hash"`
	Events    jsontext.Value `json:"events"`
	Kind      string         `json:"typ"`
	Use       string         `json:"token_use"`
	Binding   jsontext.Value `json:"cnf"` // to a key that its holder would have to show (RFC 7800)

	// What tells an access token: what it opens, and which client asked for it (RFC
	// 9068, 2.2, and as widespread issuers write it). An ID token is meant for the
	// client itself and has no need to say so.
	Scope    jsontext.Value `json:"scope"`
	Scopes   jsontext.Value `json:"scp"`
	Client   jsontext.Value `json:"client_id"`
	ClientID jsontext.Value `json:"cid"`
	App      jsontext.Value `json:"appid"`
	Party    string         `json:"azp"`
}

// access reports whether a token shows that it is an access token, though its header
// names no type that only those have. RFC 8725 (3.11, 3.12) asks that one kind of
// token cannot be taken for another.
func (c *claims) access() bool {
	for _, sign := range []jsontext.Value{c.Scope, c.Scopes, c.Client, c.ClientID, c.App} {
		if sign != nil && sign.Kind() != 'n' {
			return true
		}
	}
	return c.Kind != "" || c.Use != "" || c.Party != "" && !slices.Contains(c.Audience, c.Party)
}

// noAccess reports whether a token says that it is something else than an access
// token.
func (c *claims) noAccess() bool {
	for _, sign := range []jsontext.Value{c.Nonce, c.TokenHash, c.CodeHash, c.StateHash, c.Events} {
		if sign != nil {
			return true
		}
	}
	return c.Kind != "" && !strings.EqualFold(c.Kind, "Bearer") || c.Use != "" && c.Use != "access"
}

var encoding = base64.RawURLEncoding.Strict()

// decode reads one part of a token. A member that stands twice is refused: two
// readers could each believe another one.
func decode(part string, into any) error {
	raw, err := encoding.DecodeString(part)
	if err != nil {
		return errShape
	}
	return json.Unmarshal(raw, into)
}

// longestSubject is that of OpenID Connect.
const longestSubject = 255

// audience is one name or several.
type audience []string

// UnmarshalJSON reads a text or a list of texts.
func (a *audience) UnmarshalJSON(raw []byte) error {
	if jsontext.Value(raw).Kind() == '"' {
		*a = make(audience, 1)
		return json.Unmarshal(raw, &(*a)[0])
	}
	if jsontext.Value(raw).Kind() != '[' {
		return errClaim
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

// instant is a time as tokens have it: seconds since 1970, as a number.
type instant time.Time

// latest is the end of the times that are believed: the year 2200.
const latest = 7_258_118_400

// UnmarshalJSON reads a number; a text is none, and neither is a time beyond
// imagination.
func (i *instant) UnmarshalJSON(raw []byte) error {
	if jsontext.Value(raw).Kind() != '0' {
		return errClaim
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || n < 0 || n > latest {
		return errClaim
	}
	whole, part := math.Modf(n)
	*i = instant(time.Unix(int64(whole), int64(part*1e9)))
	return nil
}

// after reports whether i is set and later than t.
func (i *instant) after(t time.Time) bool { return i != nil && time.Time(*i).After(t) }

// plain reports whether a subject is one that can be kept and shown.
func plain(s string) bool {
	return s != "" && len(s) <= longestSubject && !strings.ContainsFunc(s, unicode.IsControl)
}
