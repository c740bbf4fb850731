package api

import (
	"net/url"
	"strings"
	"testing"
)

// The cursor of the conventions' own example comes out letter by letter, so that
// other servers of the register agree with this one.
func TestCursorVector(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	f := filterDigest(url.Values{"state": {"received,investigating"}, "due_on.lt": {"2026-12-01"}, "limit": {"10"}, "include_total": {"true"}})
	if f != "9ae301484a19ffc3" {
		t.Errorf("the digest of the filters is %s", f)
	}
	c := cursor{V: 1, D: "n", S: "-due_on,-id", K: []any{"2026-11-30", "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b"}, F: f}
	signed := c.sign(key)
	if !strings.HasSuffix(signed, ".U4Yul1TIwUil8f9iFZlZnA") {
		t.Errorf("the cursor is %s", signed)
	}
	if _, err := readCursor(key, signed, "-due_on,-id", f); err != nil {
		t.Errorf("it is not read back: %v", err)
	}
}

// A cursor with any bit of it turned over is refused, and so is one of another
// sort, other filters or another version.
func TestCursorForged(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	c := cursor{V: 1, D: "n", S: "name,id", K: []any{"riverside", "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b"}, F: "9ae301484a19ffc3"}
	good := c.sign(key)
	for i := range len(good) {
		for bit := range 8 {
			forged := []byte(good)
			forged[i] ^= 1 << bit
			if _, err := readCursor(key, string(forged), c.S, c.F); err == nil {
				t.Errorf("bit %d of character %d turned over is taken: %s", bit, i, forged)
			}
		}
	}
	for _, bad := range []string{"", ".", good + "A", good + "\n", "\n" + good, good[:len(good)-1], "." + good, good + "." + good, strings.Repeat("A", 5000)} {
		if _, err := readCursor(key, bad, c.S, c.F); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := readCursor(key, good, "-name,-id", c.F); err == nil {
		t.Error("it is taken for another sort")
	}
	if _, err := readCursor(key, good, c.S, "0000000000000000"); err == nil {
		t.Error("it is taken for other filters")
	}
	c.V = 2
	if _, err := readCursor(key, c.sign(key), c.S, c.F); err == nil {
		t.Error("it is taken from another version")
	}
}
