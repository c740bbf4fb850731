// Package fold makes texts comparable: what a person would call the same word
// folds to the same text, on every database. It knows nothing else.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// special are letters that Unicode does not decompose but people write plainly.
var special = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ß", "ss", "æ", "ae", "œ", "oe", "þ", "th", "ð", "d", "ı", "i")

// Fold lower-cases s, drops its marks and what nobody sees, decomposes what is
// compatible, and writes every run of white space as one space: "École  ŁÓDŹ" becomes
// "ecole lodz".
func Fold(s string) string {
	if plain(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(strings.Map(seen, letters(s)), unicode.IsSpace), " ")
}

// letters lower-cases s, drops its marks and decomposes what is compatible.
func letters(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return special.Replace(b.String())
}

// plain spares the common case: lower-case ASCII with single spaces between its words
// folds to itself.
func plain(s string) bool {
	space := true // as before the beginning
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 || c >= 'A' && c <= 'Z' || c < ' ' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space || s == ""
}

// seen is r, or -1 where nobody sees it: joiners and other marks of format, fillers,
// the empty pattern of Braille.
func seen(r rune) rune {
	if unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == '\u2800' {
		return -1
	}
	return r
}

// Blank reports whether there is nothing to be seen in s.
func Blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) && seen(r) >= 0 {
			return false
		}
	}
	return true
}

// Words are the folded words of s: runs of letters and digits. What nobody sees stands
// between words here, as it does in scripts that write no spaces.
func Words(s string) []string {
	if !plain(s) {
		s = letters(s)
	}
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}
