package tabular

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// hasHeader weighs whether the first row names the columns. A file without any
// sign has a header, as most have.
func hasHeader(rows [][]string) bool {
	if len(rows) == 0 {
		return true
	}
	weight := 0
	for column, name := range rows[0] {
		weight += headerWeight(name, column, rows[1:])
	}
	return weight >= 0
}

// headerWeight is what one cell of the first row says for a header, or against
// it: a known word speaks for one; an address or a date speaks against, and a
// number does where the whole column is numbers.
func headerWeight(name string, column int, rest [][]string) int {
	kind := kindOf(name)
	switch {
	case knownWord(name):
		return 3
	case kind == kindAddress || kind == kindDate:
		return -3
	}
	below := commonKind(column, rest)
	switch {
	case kind == kindText && below > kindText:
		return 1
	case kind == kindNumber && below == kindNumber:
		return -1
	}
	return 0
}

// kind is what a cell looks like.
type kind int

const (
	kindNone kind = iota
	kindText
	kindNumber
	kindDate
	kindAddress // an e-mail or web address
)

func kindOf(cell string) kind {
	cell = strings.TrimSpace(cell)
	switch {
	case cell == "":
		return kindNone
	case looksAddress(cell):
		return kindAddress
	case isNumber(cell):
		return kindNumber
	case isDate(cell):
		return kindDate
	}
	return kindText
}

func looksAddress(cell string) bool {
	if strings.ContainsAny(cell, " \t\n") {
		return false
	}
	at := strings.IndexByte(cell, '@')
	return at > 0 && strings.Contains(cell[at:], ".") || strings.Contains(cell, "://")
}

// commonKind is the kind of nearly all filled cells of a column.
func commonKind(column int, rows [][]string) kind {
	var counts [kindAddress + 1]int
	filled := 0
	for _, row := range rows {
		if column >= len(row) {
			continue
		}
		if k := kindOf(row[column]); k != kindNone {
			counts[k]++
			filled++
		}
	}
	for k := kindText; k <= kindAddress; k++ {
		if filled > 0 && counts[k]*10 >= filled*9 {
			return k
		}
	}
	return kindNone
}

// columnNames makes names out of a header's cells: tidied, none empty and none
// twice, so that a mapping can speak of each. Doing it to its own result
// changes nothing.
func columnNames(cells []string) ([]string, *Error) {
	if len(cells) > MaxColumns {
		return nil, problem(TooManyColumns, "the file has more than %d columns", MaxColumns)
	}
	names, taken := make([]string, len(cells)), map[string]bool{}
	for i, cell := range cells {
		name := tidied(cell)
		if utf8.RuneCountInString(name) > MaxName {
			return nil, problem(NameTooLong,
				"the name of column %d, %q, is longer than %d characters; does the first line hold the names?", i+1, shown(name), MaxName)
		}
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		names[i] = untaken(name, taken)
	}
	return names, nil
}

func untaken(name string, taken map[string]bool) string {
	free := name
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s (%d)", name, n)
	}
	taken[free] = true
	return free
}

// tidied is a name without the marks and line ends that nobody can see.
func tidied(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = strings.Map(func(r rune) rune {
		if r == '\uFEFF' || r == '\u200B' || r == 0 {
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " ")
}
