package measure_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"rapport/internal/measure"
)

// The published examples of Winkler's measure.
func TestJaroWinklerAsPublished(t *testing.T) {
	for words, want := range map[string]float64{
		"martha marhta": 0.961, "dwayne duane": 0.840, "dixon dicksonx": 0.813, "jones johnson": 0.832, "abroms abrams": 0.922,
		"same same": 1, "abc xyz": 0, "a a": 1, "a b": 0, "олег иван": 0, "иванов ивонав": 0.956,
	} {
		a, b, _ := strings.Cut(words, " ")
		got, back := measure.JaroWinkler(a, b), measure.JaroWinkler(b, a)
		if math.Abs(got-want) > 0.0006 || got != back {
			t.Errorf("%s: %.4f and %.4f, want %.3f", words, got, back, want)
		}
	}
	if got := measure.JaroWinkler("", ""); got != 0 {
		t.Errorf("nothing is like nothing: %v", got)
	}
}

// What people would take for one name, and what they would not.
func TestLikenessOfNames(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		least, most float64
	}{
		{"ada lovelace", "lovelace ada", 1, 1},
		{"harbour board gmbh", "the harbour board ag", 1, 1},
		{"riverside residents e v", "residents of riverside", 1, 1},
		{"banque du port s a", "banque port sa", 1, 1},
		{"jon smith", "john smith", 0.95, 1},
		{"anna meier", "maier anna", 0.9, 1},
		{"riverside residents", "riverside residents association", 0.85, 0.9},
		{"ana pop", "ana maria pop", 0.8, 0.9},
		{"jane smith", "john smith", 0, 0.65},
		{"deutsche bank", "deutsche bahn", 0, 0.75},
		{"northern ireland", "southern ireland", 0, 0.6},
		{"school 12", "school 13", 0, 0},
		{"ag", "gmbh", 0, 0},
		{"", "harbour board", 0, 0},
	} {
		a, b := measure.NameWords(strings.Fields(c.a)), measure.NameWords(strings.Fields(c.b))
		got, back := measure.Names(a, b), measure.Names(b, a)
		if got < c.least-1e-9 || got > c.most+1e-9 || math.Abs(got-back) > 1e-9 {
			t.Errorf("%s and %s: %.3f and %.3f, want %.2f to %.2f", c.a, c.b, got, back, c.least, c.most)
		}
	}
}

// Names that are near share a key, and a key has few names.
func TestKeysBringNearNamesTogether(t *testing.T) {
	keys := func(name string) []string { return measure.NameKeys(measure.NameWords(strings.Fields(name))) }
	shared := func(a, b string) bool {
		return slices.ContainsFunc(keys(a), func(k string) bool { return slices.Contains(keys(b), k) })
	}
	for a, b := range map[string]string{
		"ada lovelace": "lovelace ada", "jon smith": "john smith", "anna meier": "anna maier", "ines muller": "ines mueller",
		"riverside residents": "riverside residents association", "riverside residants association": "riverside residents association",
		"siemens": "simens", "siemens ag": "siemems", "port authority of rotterdam quays": "rotterdam port authority", "иван петров": "иван петрав",
	} {
		if !shared(a, b) {
			t.Errorf("%s and %s share none of %q, %q", a, b, keys(a), keys(b))
		}
	}
	for a, b := range map[string]string{"jane smith": "robert smith", "harbour board": "harbour pilots", "siemens": "bosch"} {
		if shared(a, b) {
			t.Errorf("%s and %s share one of %q, %q", a, b, keys(a), keys(b))
		}
	}
	if got := keys(""); len(got) != 0 {
		t.Errorf("no name has keys %q", got)
	}
}

// Reasons add up and never exceed certainty.
func TestReasonsTogether(t *testing.T) {
	if got := measure.Together(0.5, 0.5); got != 0.75 {
		t.Errorf("two halves are %v", got)
	}
	if got := measure.Together(); got != 0 {
		t.Errorf("no reason is %v", got)
	}
}
