package fault

import (
	"strconv"
	"strings"
	"testing"
)

// However many names are wrong, the nearest is looked for a few times only, and an
// answer names a hundred faults at most.
func TestGuessesAreBounded(t *testing.T) {
	var f Fields
	looked := 0
	for i := range 50_000 {
		f.Guess(Field{Code: "unknown_field", Detail: "Unknown field."}, "titl"+strconv.Itoa(i), func() []string { looked++; return []string{"title"} })
	}
	if looked != guesses || len(f) != most {
		t.Errorf("looked for %d names, told of %d faults; want %d and %d", looked, len(f), guesses, most)
	}
	if f[0].Suggestion != "title" || !strings.HasSuffix(f[0].Detail, "Did you mean title?") || f[most-1].Suggestion != "" {
		t.Errorf("the first fault is %+v, the last %+v", f[0], f[most-1])
	}
}

// A name as long as a book is like none of ours, and is not compared with any.
func TestNearestIsNotLookedForLongNames(t *testing.T) {
	if near := Nearest(strings.Repeat("title", 30), []string{strings.Repeat("title", 30)}); near != "" {
		t.Errorf("the nearest is %q", near)
	}
	if near := Nearest("tilte", []string{"severity", "title"}); near != "title" {
		t.Errorf("the nearest is %q", near)
	}
}
