package tabular

import (
	"bytes"
	"strings"
)

// delimiterBytes are the delimiters by the names that the option has.
var delimiterBytes = map[string]byte{"comma": ',', "semicolon": ';', "tab": '\t', "pipe": '|'}

// guessed is the order in which delimiters win when rows are as regular with
// either: 1,5;2,5 is regular in both, and a comma is the one more often text.
const guessed = "\t;|,"

// guessDelimiter returns the delimiter with which the rows have the most
// regular number of cells.
func guessDelimiter(text []byte, end LineEnd) byte {
	best, most := byte(0), regularity{}
	for _, candidate := range []byte(guessed) {
		rows, faults := sampleRows(text, candidate, end, sampled)
		if r := regular(rows, faults); r.beats(most) {
			best, most = candidate, r
		}
	}
	if best == 0 {
		return unused(text, end)
	}
	return best
}

// regularity is how well a delimiter fits a sample.
type regularity struct {
	score float64 // 1 is perfect, 0 is no table at all
	rows  int
	width int
}

// beats prefers the wider table only when there is but one row to judge by.
func (r regularity) beats(other regularity) bool {
	const margin = 0.02
	if r.rows == 1 && other.score > 0 && r.score > 0 {
		return r.width > other.width
	}
	return r.score > other.score+margin
}

// regular scores the rows that a delimiter gives. The first row counts most:
// it is nearly always the header, and text with commas comes only below it.
func regular(rows [][]string, faults int) regularity {
	if len(rows) == 0 || len(rows[0]) < 2 {
		return regularity{}
	}
	width, share := modal(rows)
	if width != len(rows[0]) {
		share /= 2
	}
	if width < 2 {
		share /= 4
	}
	sound := 1 - float64(faults)/float64(len(rows))
	return regularity{score: share * (0.1 + 0.9*sound), rows: len(rows), width: width}
}

// modal returns the most frequent number of cells and the share of rows that
// have it.
func modal(rows [][]string) (width int, share float64) {
	counts := map[int]int{}
	for _, row := range rows {
		counts[len(row)]++
		if counts[len(row)] > counts[width] {
			width = len(row)
		}
	}
	return width, float64(counts[width]) / float64(len(rows))
}

// unused returns the delimiter that splits the fewest rows of a file with one
// column, so that "Berlin, Germany" stays one cell.
func unused(text []byte, end LineEnd) byte {
	best, fewest := byte(','), -1
	for _, candidate := range []byte(",;\t|") {
		rows, _ := sampleRows(text, candidate, end, sampled)
		split := 0
		for _, row := range rows {
			if len(row) > 1 {
				split++
			}
		}
		if fewest < 0 || split < fewest {
			best, fewest = candidate, split
		}
	}
	return best
}

// sepLine returns the length of a first line like "sep=;", which Excel writes
// and reads, and the delimiter that it names.
func sepLine(text []byte) (int, string) {
	const most = len(`"sep=;"`) + len("\r\n")
	end := bytes.IndexAny(text[:min(len(text), most)], "\r\n")
	if end < 0 {
		return 0, ""
	}
	line := strings.Trim(string(text[:end]), `"`)
	if len(line) != len("sep=;") || !strings.EqualFold(line[:4], "sep=") || !canDelimit(line[4]) {
		return 0, ""
	}
	if bytes.HasPrefix(text[end:], []byte("\r\n")) {
		end++
	}
	return end + 1, line[4:]
}

// canDelimit keeps a delimiter from being a letter, a digit, a quote or a line
// end.
func canDelimit(c byte) bool {
	return c == '\t' || strings.IndexByte("!#$%&*+,-./:;<=>?@^_`|~", c) >= 0
}
