package fold

import (
	"slices"
	"testing"
)

// What a person would call the same folds to the same text; words are what a search
// has always found.
func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"École ŁÓDŹ": "ecole lodz", "Dup  Space\tCo ": "dup space co", "dup space co": "dup space co", "dup\u00a0space\u2003co": "dup space co",
		"D\u200bup Space\u00ad Co": "dup space co", "\u200b": "", "": "", " ": "", "a ": "a", "می\u200cخواهم": "میخواهم", "👩\u200d💻": "👩💻",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
	if got := Words("Dup\u200bspace  Co"); !slices.Equal(got, []string{"dup", "space", "co"}) {
		t.Errorf("words are %q", got)
	}
}

// Texts in which there is nothing to be seen are blank, however long they are.
func TestBlank(t *testing.T) {
	for _, s := range []string{"", " \n", "\u200b", "\u200d\u200c \ufeff", "\u3164", "\u2800", "\ufe0f", "\u0301", "\U000e0041"} {
		if !Blank(s) {
			t.Errorf("%q is blank", s)
		}
	}
	for _, s := range []string{"a", "\u200ba", "ক্ষ", "👩‍💻", "."} {
		if Blank(s) {
			t.Errorf("%q is not blank", s)
		}
	}
}
