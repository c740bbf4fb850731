package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/fault"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// cursor is a place in a list, as clients carry it: opaque, signed, bound to the
// sort and the filters, and to no caller.
type cursor struct {
	V int    `json:"v"`
	D string `json:"d"` // n = the page after, p = the page before
	S string `json:"s"` // the effective sort, "-due_on,-id"
	K []any  `json:"k"` // the sort value of the last row, and its id
	F string `json:"f"` // a digest of the filters
}

var b64 = base64.RawURLEncoding.Strict()

// sign writes a cursor.
func (c cursor) sign(key []byte) string {
	text, _ := json.Marshal(c)
	return b64.EncodeToString(text) + "." + b64.EncodeToString(mac(key, text))
}

func mac(key, text []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(text)
	return m.Sum(nil)[:16]
}

// readCursor reads what sign wrote; anything else is refused, the signature first.
func readCursor(key []byte, s, sort, filters string) (cursor, error) {
	bad := fault.New(fault.InvalidCursor, "This cursor is not one of ours, or belongs to another sort or filter: start from the first page.")
	if len(s) > 4096 || strings.ContainsAny(s, "\r\n") { // which the decoder would skip
		return cursor{}, bad
	}
	head, tail, found := strings.Cut(s, ".")
	text, err1 := b64.DecodeString(head)
	sum, err2 := b64.DecodeString(tail)
	if !found || err1 != nil || err2 != nil || !hmac.Equal(sum, mac(key, text)) {
		return cursor{}, bad
	}
	var c cursor
	if json.Unmarshal(text, &c) != nil || c.V != 1 || c.S != sort || c.F != filters || len(c.K) != 2 {
		return cursor{}, bad
	}
	if _, ok := c.K[1].(string); !ok {
		return cursor{}, bad
	}
	return c, nil
}

func (c cursor) position() *store.Position {
	value := c.K[0]
	if f, ok := value.(float64); ok {
		value = int64(f)
	}
	return &store.Position{Value: value, ID: c.K[1].(string), Back: c.D == "p"}
}

// unfiltered are the parameters that do not change which records a list holds.
var unfiltered = []string{"cursor", "limit", "include_total", "fields", "include", "pretty"}

// filterDigest is what a cursor keeps of the filters.
func filterDigest(params url.Values) string {
	var lines []string
	for name, values := range params {
		if slices.Contains(unfiltered, name) {
			continue
		}
		for _, v := range values {
			lines = append(lines, name+"="+v)
		}
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}

// at is the cursor to the page beside row.
func at(direction, sort, filters string, f *register.Field, row register.Row, id []byte) cursor {
	return cursor{V: 1, D: direction, S: sort, K: []any{sortValue(f, row[f.Column]), string(id)}, F: filters}
}

func sortValue(f *register.Field, cell []byte) any {
	switch {
	case cell == nil:
		return nil
	case f.Folded():
		return fold.Fold(string(cell))
	case f.Shape == register.Whole || f.Shape == register.Rank:
		n, _ := strconv.ParseInt(string(cell), 10, 64)
		return n
	}
	return string(cell)
}
