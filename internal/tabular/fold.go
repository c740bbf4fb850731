package tabular

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are those that have no accent to take off.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d")

// umlauts are the way German writes without a German keyboard.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")

// folded is a name without all that people write in different ways: case,
// accents, spaces, punctuation.
func folded(name string) string {
	plain := letters.Replace(strings.ToLower(name))
	var out strings.Builder
	for _, r := range norm.NFKD.String(plain) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// folds are the ways a name may be meant: Straße and Strasse have one, Größe
// has grosse and groesse.
func folds(name string) []string {
	one := folded(name)
	two := folded(umlauts.Replace(norm.NFC.String(strings.ToLower(name))))
	if two == one {
		return []string{one}
	}
	return []string{one, two}
}
